"""Names of things that are imported when they are asked for: "package.module:name", or "package.module"."""

from __future__ import annotations

import functools
import importlib
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from seedbed.strategy.errors import near
from seedbed.suite.errors import ProgramExitError, SuiteImportError

_LIBRARY = Path(__file__).parent.parent
_PASSED = tuple({sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")} | {str(_LIBRARY)})
"""Where code is that is not the suite's own: a line there tells nothing about it."""


def load(what: str, path: str) -> Any:
    """Return what a text names, "package.module:name"; `what` is what it is to be, for the error.

    Raises:
        SuiteImportError: It is not written so, its module cannot be imported, or nothing there has the name.
    """
    module_name, colon, name = path.partition(":")
    if not colon or not all(part.isidentifier() for part in (*module_name.split("."), *name.split("."))):
        raise SuiteImportError(what, path, "it must be written module:name")
    try:
        module = load_module(what, module_name)
    except SuiteImportError as error:
        raise SuiteImportError(what, path, error.why) from error.__cause__
    return functools.reduce(lambda holder, part: _attribute(what, path, holder, part), name.split("."), module)


def load_module(what: str, name: str) -> ModuleType:
    """Import a module.

    Raises:
        SuiteImportError: It cannot be imported.
        KeyboardInterrupt: Ctrl-C.
    """
    try:
        return importlib.import_module(name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # what somebody else's module raises, sys.exit() and pytest's skip among it
        raise SuiteImportError(what, name, why(error)) from error


@contextmanager
def without_exit() -> Iterator[None]:
    """Let no sys.exit() of somebody else's code end the program.

    Raises:
        ProgramExitError: The block called it.
    """
    try:
        yield
    except SystemExit as error:
        raise ProgramExitError(why(error)) from error


def why(error: BaseException) -> str:
    """Say in one line what an error of somebody else's code was, and where in that code it was raised."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if not (file.startswith("<") or any(file.startswith(folder) for folder in _PASSED)):
            place = f" ({file}:{trace.tb_lineno})"
        trace = trace.tb_next
    if isinstance(error, SystemExit):
        return f"its code called sys.exit({'' if error.code is None else repr(error.code)}){place}"
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}{place}" if text else f"{type(error).__name__}{place}"


def _attribute(what: str, path: str, holder: Any, name: str) -> Any:
    try:
        return getattr(holder, name)
    except AttributeError as error:
        where = getattr(holder, "__name__", repr(holder))
        known = [known for known in dir(holder) if not known.startswith("_")]
        raise SuiteImportError(what, path, f"{where} has no {name}: {near(name, known)}") from error
