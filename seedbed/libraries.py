"""Which versions of the libraries that seedbed reaches into will do.

A resolver keeps to the ranges of pyproject.toml, but not everybody installs by one. So a part that stands on a library
says so first (`need`), and a version that nothing was tested with is an error here, not a wrong row later.
"""

from __future__ import annotations

import importlib
import re
from importlib.util import find_spec
from typing import NamedTuple

from seedbed.errors import LibraryVersionError, MissingLibraryError


class Library(NamedTuple):
    """A distribution, the versions of it that will do, and the extra of seedbed that brings it (None: each does)."""

    distribution: str
    floor: str
    ceiling: str | None
    extra: str | None

    @property
    def range(self) -> str:
        """The versions as pip writes them."""
        return f">={self.floor}" + (f",<{self.ceiling}" if self.ceiling else "")


# By the name that is imported. A test holds them to pyproject.toml, .ci/versions runs the tests on both ends of each.
LIBRARIES = {
    "boto3": Library("boto3", "1.34", "2", "dynamo"),
    "botocore": Library("botocore", "1.34", "2", "dynamo"),
    "django": Library("django", "4.2", None, "django"),
    "factory": Library("factory-boy", "3.3.1", "3.4", None),
    "moto": Library("moto", "5.2", "6", "dynamo"),
    "sqlalchemy": Library("sqlalchemy", "2.0.22", "3", "sqlalchemy"),
}


def need(*names: str) -> None:
    """Import libraries, and check that their versions will do.

    Raises:
        MissingLibraryError: one is not installed.
        LibraryVersionError: one is of a version that seedbed does not work with.
    """
    for name in names:
        _check(name, LIBRARIES[name])


def need_installed(*names: str) -> None:
    """Check that libraries are there, and import none: for a package whose modules import them one by one.

    Raises:
        MissingLibraryError: one is not installed.
    """
    for name in names:
        if find_spec(name) is None:
            raise MissingLibraryError(LIBRARIES[name].distribution, LIBRARIES[name].extra)


def _check(name: str, library: Library) -> None:
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:  # something that the library itself needs
            raise
        raise MissingLibraryError(library.distribution, library.extra) from None
    version = str(module.__version__)
    at = _numbers(version)
    if at < _numbers(library.floor) or (library.ceiling and at >= _numbers(library.ceiling)):
        raise LibraryVersionError(library.distribution, version, library.range)


def _numbers(version: str) -> tuple[int, ...]:
    """Read a version's release: a candidate of 4.0 counts as 4.0, and 5.2 as 5.2.0."""
    release = re.match(r"\d+(\.\d+)*", version)
    numbers = [] if release is None else [int(part) for part in release[0].split(".")]
    return tuple([*numbers, 0, 0, 0][:3])
