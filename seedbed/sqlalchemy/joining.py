"""A session in a transaction of the caller's, who commits it or rolls it back: services do neither.

`Session.commit` and `rollback` end the outermost transaction, so the session holds them for as long as the unit of work
is open: what a service does then is done to a savepoint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy.orm import Session, SessionTransactionOrigin

from seedbed.sqlalchemy.errors import TransactionLostError
from seedbed.sqlalchemy.lanes import begin_sqlite_in
from seedbed.sqlalchemy.reading import lend
from seedbed.sqlalchemy.watching import Watch

if TYPE_CHECKING:
    from types import TracebackType

    from sqlalchemy.orm import SessionTransaction

_HELD = ("begin", "close", "commit", "execute", "get_bind", "rollback")


def is_callers(session: Session) -> bool:
    """Tell whether a transaction was begun on purpose, which is its beginner's to end."""
    transaction = session.get_transaction()
    if transaction is None:
        return False
    return session.in_nested_transaction() or transaction.origin is SessionTransactionOrigin.BEGIN


class CallersSession:
    """One session, which all services share, and two savepoints in it: of all, and of what was written last.

    It stands for the connections of the unit of work too, since they are the transaction's.
    """

    def __init__(self, session: Session, *, is_expiring: bool, is_async: bool) -> None:
        self.owner: object = session
        self._session = session
        self._is_async = is_async
        self._watch = Watch(session, is_expiring=is_expiring, is_async=is_async)
        self._own: dict[str, Any] = {}
        self._root: SessionTransaction | None = None
        self._point: SessionTransaction | None = None
        self.lend = lend(session)

    @property
    def is_lost(self) -> bool:
        """Tell whether the transaction is gone: a service has ended it past the session."""
        return not self._is_open(self._root)

    def _is_open(self, savepoint: SessionTransaction | None) -> bool:
        inner = self._session.get_nested_transaction()
        while inner is not None and inner is not savepoint:
            inner = inner.parent
        return inner is not None

    def attach(self) -> None:
        """Set the savepoints, and hold the session's own ways to end a transaction."""
        session: Any = self._session
        begin_sqlite_in(session)
        self._root = session.begin_nested()
        self._point = session.begin_nested()
        self._own = {name: vars(session)[name] for name in _HELD if name in vars(session)}
        self._watch.attach(lambda bind: bind)
        session.begin = self._beginning(session.begin)
        session.commit, session.rollback, session.close = self.keep, self.undo, self._close

    def _beginning(self, begin: Callable[..., Any]) -> Callable[..., Any]:
        """Return a `begin` whose transaction is the savepoint that is set already."""

        def begin_here(nested: bool = False) -> Any:  # noqa: FBT001, FBT002 - SQLAlchemy's own signature
            return begin(nested=True) if nested else _Block(self.keep, self.undo)

        return begin_here

    def _close(self) -> None:
        self.undo()
        self._session.expunge_all()

    def prepare(self) -> None:
        """Let what hooks have written since the last call stand."""
        session = self._session
        if self._watch.is_used or session.new or session.dirty or session.deleted:
            self.keep()

    def keep(self) -> None:
        """Let what was written so far stand, whatever is refused from here on.

        Raises:
            TransactionLostError: The transaction is gone.
            SQLAlchemyError: The database refused it.
        """
        if self.is_lost:
            raise TransactionLostError
        if self._is_open(self._point):
            self._point.commit()  # type: ignore[union-attr] # what is open is there
        self._point = self._session.begin_nested()
        self._watch.renew()

    def undo(self) -> None:
        """Go back to what was kept last."""
        if self.is_lost:
            return
        if self._is_open(self._point):
            self._point.rollback()  # type: ignore[union-attr] # as above
        self._point = self._session.begin_nested()
        if self._is_async:
            self._watch.load()

    def commit(self) -> None:
        """Leave all to the caller's transaction.

        Raises:
            TransactionLostError: It is gone.
        """
        if self.is_lost:
            raise TransactionLostError
        self._root.commit()  # type: ignore[union-attr] # as above

    def roll_back(self) -> None:
        """Leave nothing in the caller's transaction."""
        if not self.is_lost:
            self._root.rollback()  # type: ignore[union-attr] # as above

    def detach(self) -> None:
        """Leave the session as it was found."""
        for name in _HELD:
            vars(self._session).pop(name, None)
        vars(self._session).update(self._own)

    def settle(self, *, is_stored: bool) -> None:
        """Let the objects show what became of the savepoint; SQLAlchemy sees to it but for those of async sessions."""
        if self._is_async and not is_stored:
            self._watch.load()

    @contextmanager
    def lasting(self) -> Iterator[None]:
        """Let what is written in the block stand in the caller's transaction, where that is not gone."""
        if not is_callers(self._session):
            yield
            return
        self.attach()
        try:
            yield
            self.keep()
        except BaseException:
            self.undo()
            raise
        finally:
            with suppress(TransactionLostError):
                self.commit()
            self.detach()


class _Block:
    """What `begin` returns in a service: a transaction whose ends are given."""

    is_active = True

    def __init__(self, commit: Callable[[], None], rollback: Callable[[], None]) -> None:
        self.commit = commit
        self.rollback = rollback

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.rollback()
            return
        try:
            self.commit()
        except BaseException:
            self.rollback()
            raise
