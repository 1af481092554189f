"""What units of work in transactions of databases share: objects are read back in place, and all can be undone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Reader(Protocol):
    """Reads objects anew, in place."""

    def ahead(self, values: Iterable[object]) -> None:
        """Read many values at once; the next `stored` of each reads nothing."""

    def stored(self, value: object) -> object:
        """Read one."""


class DatabaseUnit:
    """A unit of work in a transaction. It has a failure once that could not be committed."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._is_dry = False
        self._failure: BaseException | None = None

    def read_ahead(self, values: Iterable[object]) -> None:
        """Read many values at once; the next `stored` of each reads nothing."""
        if self._failure is None and not self._is_dry:
            self._reader.ahead(values)

    def stored(self, value: T) -> T:
        """Return what a call returned as it is stored now: the same object.

        After a dry run it is as it was.

        Raises:
            GoneError: It was deleted since.
            Exception: The transaction could not be committed; this is why.

        Cost: 1 query, or none after `read_ahead`.
        """
        if self._failure is not None:
            raise self._failure
        if not self._is_dry:
            self._reader.stored(value)
        return value

    def roll_back(self) -> None:
        """Commit nothing: all is undone when the unit of work ends, and no error tells it."""
        self._is_dry = True
