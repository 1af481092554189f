"""The unit of work: what the factories' strategy sees of a transaction."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol, TypeVar

from seedbed.database_unit import DatabaseUnit
from seedbed.sqlalchemy.reading import Reader, is_unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from seedbed.sqlalchemy.sessions import Source

T = TypeVar("T")


class Transaction(Protocol):
    """What a unit of work commits or undoes as a whole: the connections' transactions, or a savepoint of a caller's."""

    @property
    def is_lost(self) -> bool:
        """Tell whether it is gone."""

    def commit(self) -> None:
        """Commit all that was kept."""

    def roll_back(self) -> None:
        """Undo all of it."""


class Unit(DatabaseUnit):
    """A unit of work in a transaction of its own, or in a savepoint of a transaction of the caller's."""

    def __init__(self, source: Source, transaction: Transaction) -> None:
        super().__init__(Reader(source.lend))
        self._source = source
        self._transaction = transaction

    @property
    def is_stopped(self) -> bool:
        """Whether it takes no more calls: the connection is gone, or the caller's transaction."""
        return self._failure is not None or self._transaction.is_lost

    def call(self, function: Callable[[], T]) -> T:
        """Make one service call, which leaves nothing behind where it is refused.

        Raises:
            Exception: What the service raised, or the database when it was flushed.
        """
        source = self._source
        source.prepare()
        try:
            value = function()
            source.keep()
        except BaseException:
            source.undo()
            raise
        self.load(value)
        return value

    @contextmanager
    def in_savepoint(self) -> Iterator[None]:
        """Let what the block writes stand, or nothing of it: `call`, for who has to wait in it."""
        self._source.prepare()
        try:
            yield
            self._source.keep()
        except BaseException:
            self._source.undo()
            raise

    def add(self, entity: object) -> None:
        """Insert an object that no service makes (`Meta.around`)."""
        with self._source.lend() as session:
            session.add(entity)
            session.commit()

    def load(self, value: object) -> None:
        """Make what a call returned readable: a service may have closed its session."""
        if is_unreadable(value):
            self._reader.stored(value)

    def listening(self) -> AbstractContextManager[None]:
        """Commit what the block writes, for hooks that run after the commit."""
        return self._source.lasting()

    def end(self, *, is_broken: bool = False) -> None:
        """Commit, or undo all.

        Raises:
            Exception: The database refused it; `stored` raises the same.
        """
        refusal = None if is_broken else self._flush()
        try:
            self._end_transaction(is_broken=is_broken)
        finally:
            self._source.detach()
            self._source.settle(is_stored=not (is_broken or self._is_dry or self._failure is not None))
        if refusal is not None:
            raise refusal

    def _flush(self) -> Exception | None:
        """Write what hooks have left in the session; return why that cannot be."""
        try:
            self._source.keep()
        except Exception as error:  # noqa: BLE001 - raised when all else is committed
            self._source.undo()
            return error
        return None

    def _end_transaction(self, *, is_broken: bool) -> None:
        if is_broken or self._is_dry:
            if is_broken:
                self._source.undo()
            self._transaction.roll_back()
            return
        try:
            self._transaction.commit()
        except BaseException as error:
            self._failure = error
            raise
