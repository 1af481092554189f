"""Which suite is meant: the one that is named, else that of SEEDBED_SUITE, else that of the program's pyproject.toml.

The directory of that file, and `src` in it, are put first on `sys.path`, as `python -m` puts the working directory: a
program's own `factories` comes before anybody else's.
"""

from __future__ import annotations

import os
import sys
import tomllib
from pathlib import Path
from typing import Any

from seedbed.strategy.errors import near
from seedbed.suite.declaration import Suite
from seedbed.suite.errors import SuiteError, SuiteImportError, SuiteNotFoundError
from seedbed.suite.references import load

VARIABLE = "SEEDBED_SUITE"
PROJECT = "pyproject.toml"


def get_suite(path: str | None = None, *, directory: Path | None = None) -> Suite:
    """Return the suite: of this path, "module:name"; else of SEEDBED_SUITE; else of the nearest pyproject.toml.

    That file is looked for in `directory`, by default the working one, and in those above it.

    Raises:
        SuiteNotFoundError: None is declared.
        SuiteError: The one that is declared cannot be used.
    """
    start = Path.cwd() if directory is None else directory
    named = path or os.environ.get(VARIABLE) or None
    file = _project(start)
    declared = named or (None if file is None else _read_declaration(file))
    if declared is None:
        raise SuiteNotFoundError(f"there is no {PROJECT} in {start} or above" if file is None else f"{file} names none")
    _put_on_path(start if file is None else file.parent, start)
    return load_suite(declared)


def find_suite(directory: Path | None = None) -> Suite | None:
    """Return the suite that is declared, as `get_suite` finds it; None where none is.

    Raises:
        SuiteError: One is declared, and cannot be used.
    """
    try:
        return get_suite(directory=directory)
    except SuiteNotFoundError:
        return None


def load_suite(path: str) -> Suite:
    """Return the suite of this path, "module:name".

    Raises:
        SuiteImportError: There is none.
    """
    found = load("suite", path)
    if not isinstance(found, Suite):
        raise SuiteImportError("suite", path, f"it is no Suite, but {_kind(found)}")
    return found


def _kind(found: object) -> str:
    return f"the class {found.__qualname__}" if isinstance(found, type) else f"of type {type(found).__name__}"


def _project(start: Path) -> Path | None:
    folders = [start.absolute(), *start.absolute().parents]
    return next((folder / PROJECT for folder in folders if (folder / PROJECT).is_file()), None)


def _read_declaration(file: Path) -> str | None:
    """Return what a pyproject.toml says of the suite.

    Raises:
        SuiteError: It cannot be read, or what it says is no name.
    """
    table = _table(file)
    suite = table.get("suite")
    if suite is None and table:
        message = f"{file}: [tool.seedbed] has no suite, but {', '.join(table)}: {near(next(iter(table)), ['suite'])}"
        raise SuiteError(message)
    if suite is not None and not (isinstance(suite, str) and suite.strip()):
        message = f'{file}: [tool.seedbed] suite must be written "module:name", not {suite!r}'
        raise SuiteError(message)
    return suite


def _table(file: Path) -> dict[str, Any]:
    try:
        tool = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {})
    except (OSError, ValueError) as error:
        message = f"{file} cannot be read: {error}"
        raise SuiteError(message) from error
    table = tool.get("seedbed", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        message = f'{file}: tool.seedbed must be a table with suite = "module:name", not {table!r}'
        raise SuiteError(message)
    return table


def _put_on_path(project: Path, start: Path) -> None:
    folders = [str(folder) for folder in (start.absolute(), project, project / "src") if folder.is_dir()]
    sys.path[:] = [*dict.fromkeys(folders), *(folder for folder in sys.path if folder not in folders)]
