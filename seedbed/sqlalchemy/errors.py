"""What a unit of work over SQLAlchemy refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seedbed.errors import ConflictError, InvalidError, UnavailableError
from seedbed.plain import show

if TYPE_CHECKING:
    from collections.abc import Iterable


class NotASessionError(InvalidError):
    """What was named as the session of an app is none."""

    def __init__(self, where: str, app: object, found: object, known: Iterable[str] = ()) -> None:
        self.where = where
        self.found = found
        self.known = tuple(known)
        has = f"; it has {', '.join(self.known)}" if self.known else ""
        super().__init__(
            f"unit_of_work({show(where)}) leads to no SQLAlchemy session of {type(app).__name__}{has}: it found "
            f"{show(found)}; give a Session, a scoped_session, a sessionmaker, one of their async kinds, or a "
            "function that returns one"
        )


class TransactionLostError(UnavailableError):
    """A service ended the transaction that its caller had begun: what the unit of work had written there is gone."""

    def __init__(self) -> None:
        super().__init__(
            "a service ended the transaction that was begun outside of the factory call, past the session's own commit "
            "and rollback: what was created in it is no longer the unit of work's to keep; begin none there"
        )


class SessionInUseError(ConflictError):
    """Another task or thread has a unit of work open over the same session."""

    def __init__(self, session: object) -> None:
        self.session = type(session).__name__
        super().__init__(
            f"another task or thread creates in this {self.session} now, and a session serves one at a time: give each "
            "a session of its own, or let unit_of_work(...) name a sessionmaker"
        )


class ConnectionInUseError(ConflictError):
    """Another unit of work is open over the same connection, as that of a database in memory."""

    def __init__(self, engine: object) -> None:
        self.engine = str(engine)
        super().__init__(
            f"another unit of work is open over the one connection that {self.engine} has, and a connection serves one "
            "at a time: create one after another, or open the app on a database in a file or on a server"
        )


class NotSqliteError(InvalidError):
    """A world can be kept of SQLite alone."""

    def __init__(self, dialect: str) -> None:
        self.dialect = dialect
        super().__init__(
            f"a world for tests is a copy of an SQLite database, opened by its own driver, not of {dialect}"
        )
