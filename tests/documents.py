"""README.md and docs/ as a reader follows them: code to run, files to write, commands to type, in their order.

A Python block whose first line names a file (`# library.py`) is that file, and so is a block of TOML; any other
Python block runs by itself. In a console block a `$` begins a command, and what follows is what it prints, where
`...` stands for anything. `.venv/bin/seed` is the checkout's; `seed` and `pytest` are those of the project that a
document makes.
"""

from __future__ import annotations

import re
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).resolve().parents[1]
FILES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
CHECKOUT = ".venv/bin/seed"

_FENCE = re.compile(r"^```(python|toml|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r"# (\S+\.(?:py|toml))\n")
_COMMAND = re.compile(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


@frozen
class Block:
    """Python that runs by itself."""

    code: str


@frozen
class File:
    """A file of the project that a document makes."""

    name: str
    text: str


@frozen
class Command:
    """A command, and what it is said to print: nothing is said, where that is empty."""

    line: str
    output: str

    @property
    def is_checkouts(self) -> bool:
        return self.line.startswith(CHECKOUT)


def steps(path):
    """Yield what a document has its reader do, in order."""
    for kind, text in _FENCE.findall(path.read_text(encoding="utf-8")):
        named = _NAME.match(text)
        if kind == "console":
            yield from (Command(*found) for found in _COMMAND.findall(text))
        elif named:
            yield File(named[1], text[named.end() :])
        elif kind == "python":
            yield Block(text)


def blocks(path):
    return [step for step in steps(path) if isinstance(step, Block)]


def commands(path):
    """Return the commands that are typed in the checkout."""
    return [step for step in steps(path) if isinstance(step, Command) and step.is_checkouts]


def project(path):
    """Return the files and commands of the project that a document makes."""
    return [step for step in steps(path) if isinstance(step, File) or _is_projects(step)]


def write_files(path, folder):
    """Write the files of the project that a document makes."""
    for step in project(path):
        if isinstance(step, File):
            (folder / step.name).parent.mkdir(parents=True, exist_ok=True)
            (folder / step.name).write_text(step.text, encoding="utf-8")


def _is_projects(step):
    return isinstance(step, Command) and not step.is_checkouts


PROJECTS = [path for path in FILES if any(isinstance(step, File) for step in steps(path))]
