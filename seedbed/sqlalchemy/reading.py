"""Objects as they are stored: read from the database, many at a time, into the very objects that services returned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.exc import InvalidRequestError, SQLAlchemyError
from sqlalchemy.orm import InstanceState, Mapper, Session, object_session
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.base import DEFAULT_STATE_ATTR

from seedbed.errors import GoneError, UnreadableError

CHUNK = 500
"""Objects in one query: each is a parameter, and SQLite took 999 of them before its version 3.32."""
WIDE_CHUNK = 100
"""The same where the primary key has several columns: SQLite takes an expression 1,000 deep."""

OpenSession: TypeAlias = Callable[[], AbstractContextManager[Session]]
State: TypeAlias = InstanceState[Any]


def state_of(value: object) -> State | None:
    """Return the state of a mapped object that is or was in the database; None of anything else."""
    state = getattr(value, DEFAULT_STATE_ATTR, None)  # where `inspect` finds it too, at ten times the cost
    return state if isinstance(state, InstanceState) and state.key is not None else None


@contextmanager
def reading(session: Session) -> Iterator[Session]:
    """Read in a session; where no transaction was begun, none is left, and what was loaded stays loaded."""
    was_in = session.in_transaction()
    yield session
    if not was_in and session.in_transaction():
        end_softly(session)


def end_softly(session: Session) -> None:
    """Commit a session and expire nothing."""
    before, session.expire_on_commit = session.expire_on_commit, False
    try:
        session.commit()
    finally:
        session.expire_on_commit = before


def lend(session: Session) -> OpenSession:
    """Return what lends this very session, for a block."""

    @contextmanager
    def lend_it() -> Iterator[Session]:
        yield session

    return lend_it


class Reader:
    """Reads objects anew. `open_session` lends a session for those whose own is closed."""

    def __init__(self, open_session: OpenSession) -> None:
        self._open_session = open_session
        self._fresh: dict[int, object] = {}

    def ahead(self, values: Iterable[object]) -> None:
        """Read many objects at once, so that `stored` needs to read none of them, once.

        Cost: a query for each 500 of a class.
        """
        self._fresh = {}
        groups: dict[tuple[type, Session | None], list[State]] = {}
        for state in filter(None, map(state_of, values)):
            groups.setdefault((type(state.obj()), object_session(state.obj())), []).append(state)
        for (_, session), states in groups.items():
            size = CHUNK if len(states[0].mapper.primary_key) == 1 else WIDE_CHUNK
            for first in range(0, len(states), size):
                with suppress(Exception):  # a LookupError of an enum, say: then each is read by itself, which tells why
                    self._read(session, states[first : first + size])

    def _read(self, session: Session | None, states: Sequence[State]) -> None:
        found = self._load_attached(session, states) if session is not None else self._load_detached(states)
        self._fresh.update((id(state.obj()), state.obj()) for state in states if state.key in found)

    def stored(self, value: Any) -> Any:
        """Return an object as it is stored now, the very same; what is no mapped object is returned as it is.

        Raises:
            GoneError: Its row was deleted.
            UnreadableError: A type of its columns refuses what the row has.
            SQLAlchemyError: It could not be read.
        """
        state = state_of(value)
        if state is not None and self._fresh.pop(id(value), None) is not value:
            try:
                self._read_one(value, state)
            except (GoneError, SQLAlchemyError):
                raise
            except Exception as error:
                raise UnreadableError(value, _which(state), error) from error
        return value

    def _read_one(self, value: Any, state: State) -> None:
        session = object_session(value)
        if session is None:
            if not self._load_detached([state]):
                raise GoneError(value, _which(state))
        else:
            _refresh(session, value, state)

    @staticmethod
    def _load_attached(session: Session, states: Sequence[State]) -> set[Any]:
        cls, mapper = type(states[0].obj()), states[0].mapper
        query = select(cls).where(_among(mapper, states)).execution_options(populate_existing=True)
        with reading(session):
            session.flush()  # what a hook has set is to be read, not lost
            return {getattr(one, DEFAULT_STATE_ATTR).key for one in session.scalars(query).unique()}

    def _load_detached(self, states: Sequence[State]) -> set[Any]:
        """Load the columns of objects that are in no session; their relationships stay as they are."""
        cls, mapper = type(states[0].obj()), states[0].mapper
        keys = [prop.key for prop in mapper.column_attrs if not prop.deferred]
        names = [mapper.get_property_by_column(column).key for column in mapper.primary_key]
        with self._open_session() as session, reading(session):
            query = select(*(getattr(cls, key) for key in keys)).where(_among(mapper, states))
            rows = {tuple(getattr(row, name) for name in names): row for row in session.execute(query)}
        found = [(state, rows[state.key[1]]) for state in states if state.key is not None and state.key[1] in rows]
        for state, row in found:
            for key, value in zip(keys, row, strict=True):
                set_committed_value(state.obj(), key, value)
        return {state.key for state, _ in found}


def is_unreadable(value: object) -> bool:
    """Tell whether an object is in no session, and not loaded: reading any of it would be an error."""
    state = state_of(value)
    return state is not None and state.detached and bool(state.expired_attributes)


def _refresh(session: Session, value: object, state: State) -> None:
    """Read an object anew.

    Raises:
        GoneError: Its row was deleted.
    """
    if state.deleted or state.was_deleted:
        raise GoneError(value, _which(state))
    with reading(session):
        session.flush()
        try:
            session.refresh(value)
        except InvalidRequestError as error:
            raise GoneError(value, _which(state)) from error


def _among(mapper: Mapper[Any], states: Sequence[State]) -> ColumnElement[bool]:
    keys = [state.key[1] for state in states if state.key is not None]
    columns = mapper.primary_key
    if len(columns) == 1:
        return columns[0].in_([key[0] for key in keys])
    return or_(*(and_(*(column == part for column, part in zip(columns, key, strict=True))) for key in keys))


def _which(state: State) -> str:
    names = [column.name for column in state.mapper.primary_key]
    key = state.key[1] if state.key is not None else ()
    return ", ".join(f"{name} {part!r}" for name, part in zip(names, key, strict=False))
