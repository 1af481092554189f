"""The unit of work: there is no transaction over HTTP, but what is returned is what is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeAlias, TypeVar

from seedbed.errors import GoneError, NotFoundError
from seedbed.strategy.waiting import is_awaitable

T = TypeVar("T")
Read: TypeAlias = Callable[[Any, Any], Any]
"""Takes the app and what a call returned, and returns the same as it is stored now."""


class Unit:
    """A unit of work over an API: each call takes effect when it is answered."""

    def __init__(self, app: Any, reads: Mapping[type, Read]) -> None:
        self._app = app
        self._reads = reads

    def stored(self, value: T) -> Any:
        """Return what a call returned as it is stored now; of a class that nothing reads, as it was.

        What is read by async code is to be awaited.

        Raises:
            GoneError: It is not there any more.
            ServiceError: It could not be read.

        Cost: 1 call, or none.
        """
        read = next((self._reads[kind] for kind in type(value).__mro__ if kind in self._reads), None)
        if read is None:
            return value
        try:
            stored: Any = read(self._app, value)
        except NotFoundError as error:
            raise GoneError(value) from error
        return _await(stored, value) if is_awaitable(stored) else stored


async def _await(stored: Any, value: object) -> Any:
    """Wait for what is read.

    Raises:
        GoneError: It is not there any more.
    """
    try:
        return await stored
    except NotFoundError as error:
        raise GoneError(value) from error


def unit_of_work(reads: Mapping[type, Read] | None = None) -> Callable[[Any], AbstractContextManager[Unit]]:
    """Return what opens a unit of work on an app, for `Meta.unit_of_work` or a suite.

    `reads` says how what a call returned is read anew, by its class:
    `{Booking: lambda app, booking: app.bookings.get(id=booking.id)}`.
    """

    @contextmanager
    def open_unit(app: Any) -> Iterator[Unit]:
        yield Unit(app, reads or {})

    return open_unit
