"""The connections of a unit of work: a transaction in each database, and the savepoint to which a refused call returns.

The savepoint moves. After each call that went through it is released and set again under the same name, by two plain
statements; a `begin_nested()` for each call costs five times as much (docs/design.md).
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.exc import OperationalError, UnboundExecutionError
from sqlalchemy.sql.elements import ReleaseSavepointClause, SavepointClause

from seedbed.sqlalchemy.errors import ConnectionInUseError

if TYPE_CHECKING:
    from sqlalchemy.engine import NestedTransaction, Transaction
    from sqlalchemy.engine.interfaces import DBAPICursor
    from sqlalchemy.orm import Session


_IN_USE: dict[int, Lane] = {}
"""Which lane holds a driver's connection that an engine gave, by its identity."""


class Lane:
    """One database of a unit of work."""

    def __init__(self, bind: Engine | Connection) -> None:
        self._is_ours = isinstance(bind, Engine)
        self.connection = bind.connect() if isinstance(bind, Engine) else bind
        self._is_begun = False
        self._cursor: DBAPICursor | None = None
        self._taken: object = None
        self.strays: list[Connection] = []
        self._take(bind)
        try:
            self._root = self._begin()
            self._savepoint, self._move = self._set_savepoint()
            self._cursor = self.connection.connection.cursor()  # the driver's: SQLAlchemy's costs ten times as much
        except BaseException:
            self._close()
            raise

    def _take(self, bind: Engine | Connection) -> None:
        """Hold the driver's connection, where an engine gives it: a pool of one gives the same to all who ask.

        Raises:
            ConnectionInUseError: Another unit of work holds it.
        """
        if not self._is_ours:
            return
        found = self.connection.connection.dbapi_connection
        holder = _IN_USE.setdefault(id(found), self)
        if holder is not self:
            holder.strays.append(self.connection)  # closed here, it would roll back what its holder has written
            raise ConnectionInUseError(bind)
        self._taken = found

    def _begin(self) -> Transaction:
        connection = self.connection
        if connection.in_transaction():  # the caller's, such as a test's that is rolled back in the end
            _begin_sqlite(connection)
            return connection.begin_nested()
        root = connection.begin()
        self._is_begun = _begin_sqlite(connection)
        return root

    def _set_savepoint(self) -> tuple[NestedTransaction, tuple[str, ...]]:
        savepoint = self.connection.begin_nested()
        return savepoint, _moves(self.connection, savepoint._savepoint)  # noqa: SLF001 - its name, which no public attribute tells

    def ready(self) -> Connection:
        """Return the connection, with a savepoint set."""
        if not self._savepoint.is_active:
            self._savepoint, self._move = self._set_savepoint()
        return self.connection

    def keep(self) -> None:
        """Let what was written so far stand, whatever is refused from here on."""
        if self.connection.get_nested_transaction() is self._savepoint:  # else an outer session of the service is open
            for statement in self._move:
                self._cursor.execute(statement)  # type: ignore[union-attr] # it is there once this is made

    def undo(self) -> None:
        """Go back to what was kept last."""
        if self._savepoint.is_active:
            self._savepoint.rollback()

    def commit(self) -> None:
        """Commit all that was kept.

        Raises:
            SQLAlchemyError: The database refused it: nothing is stored.
        """
        try:
            if self._savepoint.is_active:
                self._savepoint.commit()
            if self._is_begun:
                self.connection.exec_driver_sql("COMMIT")
            self._root.commit()
        except BaseException:
            self.roll_back()
            raise
        self._close()

    def roll_back(self) -> None:
        """Undo all of this unit of work."""
        try:
            if self._is_begun and not self.connection.invalidated:
                self.connection.exec_driver_sql("ROLLBACK")
            self._root.rollback()
        finally:
            self._close()

    def _close(self) -> None:
        if self._cursor is not None:
            self._cursor.close()
        if self._is_ours:
            _IN_USE.pop(id(self._taken), None)
            for connection in (self.connection, *self.strays):
                connection.close()


class Lanes:
    """The connections of one unit of work, each begun when it is first needed."""

    def __init__(self) -> None:
        self._lanes: dict[Engine | Connection, Lane] = {}

    @property
    def is_lost(self) -> bool:
        """Tell whether a connection is gone."""
        return any(lane.connection.invalidated for lane in self._lanes.values())

    def connection(self, bind: Engine | Connection) -> Connection:
        """Return the connection that stands for what a session is bound to."""
        lane = self._lanes.get(bind)
        if lane is None:
            lane = self._lanes[bind] = Lane(bind)
        return lane.ready()

    def keep(self) -> None:
        """Let what was written so far stand, whatever is refused from here on."""
        for lane in self._lanes.values():
            lane.keep()

    def undo(self) -> None:
        """Go back to what was kept last."""
        for lane in self._lanes.values():
            lane.undo()

    def commit(self) -> None:
        """Commit in each database, one after another.

        Raises:
            SQLAlchemyError: A database refused it: in that one, and in those after it, nothing is stored.
        """
        lanes = list(self._lanes.values())
        while lanes:
            lane = lanes.pop(0)
            try:
                lane.commit()
            except BaseException:
                for rest in lanes:
                    rest.roll_back()
                raise

    def roll_back(self) -> None:
        """Undo all of this unit of work."""
        for lane in self._lanes.values():
            lane.roll_back()


def _begin_sqlite(connection: Connection) -> bool:
    """Begin for SQLite, whose driver begins only before the first write: without, a savepoint's end would commit.

    Tell whether it was begun here. It is begun already where an event of the app sees to it, or where the driver has
    `autocommit=False`, which Python 3.12 brought.

    Raises:
        OperationalError: The database cannot be used.
    """
    if connection.dialect.name != "sqlite":
        return False
    try:
        connection.exec_driver_sql("BEGIN")
    except OperationalError as error:
        if "within a transaction" in str(error):
            return False
        raise
    return True


def begin_sqlite_in(session: Session) -> None:
    """Begin for SQLite in a session whose transaction is begun, and whose driver may have begun none."""
    with suppress(UnboundExecutionError):  # it chooses a connection by the model
        _begin_sqlite(session.connection())


def _moves(connection: Connection, name: str) -> tuple[str, ...]:
    """Return the statements that move a savepoint, as the dialect writes them."""
    dialect = connection.dialect
    here = str(SavepointClause(name).compile(dialect=dialect))
    if type(dialect).do_release_savepoint is not DefaultDialect.do_release_savepoint:
        return (here,)  # Oracle and SQL Server release nothing, and set it anew under the same name
    return str(ReleaseSavepointClause(name).compile(dialect=dialect)), here
