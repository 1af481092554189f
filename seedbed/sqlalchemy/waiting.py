"""Units of work over async sessions: the same, each step in SQLAlchemy's own greenlet."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, TypeVar

from sqlalchemy.util import greenlet_spawn

from seedbed.sqlalchemy.unit import Unit

T = TypeVar("T")


class Waiting:
    """A plain block as one for `async with`."""

    def __init__(self, block: AbstractContextManager[Any]) -> None:
        self._block = block

    async def __aenter__(self) -> Any:
        """Enter the block."""
        return await greenlet_spawn(self._block.__enter__)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        """Leave the block."""
        return await greenlet_spawn(self._block.__exit__, kind, error, trace)


class WaitingUnit:
    """A unit of work over async sessions."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    @property
    def is_stopped(self) -> bool:
        """Whether it takes no more calls."""
        return self._unit.is_stopped

    async def call(self, function: Callable[[], Awaitable[T]]) -> T:
        """Make one service call, which leaves nothing behind where it is refused.

        Raises:
            Exception: What the service raised, or the database when it was flushed.
        """
        async with Waiting(self._unit.in_savepoint()):
            value = await function()
        await greenlet_spawn(self._unit.load, value)
        return value

    async def add(self, entity: object) -> None:
        """Insert an object that no service makes (`Meta.around`)."""
        await greenlet_spawn(self._unit.add, entity)

    async def read_ahead(self, values: Iterable[object]) -> None:
        """Read many values at once; the next `stored` of each reads nothing."""
        await greenlet_spawn(self._unit.read_ahead, values)

    async def stored(self, value: T) -> T:
        """Return what a call returned as it is stored now: the same object.

        Raises:
            GoneError: It was deleted since.
            Exception: The transaction could not be committed; this is why.

        Cost: 1 query, or none after `read_ahead`.
        """
        return await greenlet_spawn(self._unit.stored, value)

    def listening(self) -> Waiting:
        """Commit what the block writes, for hooks that run after the commit."""
        return Waiting(self._unit.listening())

    def roll_back(self) -> None:
        """Commit nothing: all is undone when the unit of work ends, and no error tells it."""
        self._unit.roll_back()
