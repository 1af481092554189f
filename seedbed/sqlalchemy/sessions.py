"""How sessions are led to the connections of a unit of work, and stay the app's own all the while.

A session is led there by its `get_bind`, which SQLAlchemy asks for each connection: so it serves one bind, binds by
model and an app's own choice alike. Two kinds: one session that the services share, and a sessionmaker from which each
call makes its own.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, cast
from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import event
from sqlalchemy.orm.base import DEFAULT_STATE_ATTR

from seedbed import forks
from seedbed.context import Scope
from seedbed.sqlalchemy.kinds import is_async_maker
from seedbed.sqlalchemy.reading import end_softly, lend
from seedbed.sqlalchemy.watching import Bind, Watch
from seedbed.undoing import find_own, pass_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.ext.asyncio import async_sessionmaker
    from sqlalchemy.orm import Session, SessionTransaction, sessionmaker

    from seedbed.sqlalchemy.lanes import Lanes
    from seedbed.undoing import Whole

Maker: TypeAlias = "sessionmaker[Any] | async_sessionmaker[Any]"
_ROUTED: Scope[Lanes] = Scope("sqlalchemy_sessions")
_HELD = ("execute", "expire_on_commit", "get_bind", "join_transaction_mode", "twophase")


class Source(Protocol):
    """Where the sessions of the services come from."""

    owner: object

    def attach(self) -> None:
        """Lead the sessions to the unit's connections."""

    def prepare(self) -> None:
        """Make ready for a call."""

    def keep(self) -> None:
        """Let what a call has written stand."""

    def undo(self) -> None:
        """Undo what a call has written."""

    def detach(self) -> None:
        """Leave the sessions as they were found."""

    def settle(self, *, is_stored: bool) -> None:
        """Let the objects in the sessions show what became of the transaction."""

    def lasting(self) -> AbstractContextManager[None]:
        """Commit what is written in the block outside of any unit of work."""

    def lend(self) -> Any:
        """Lend a session to read in, for a block."""


class Ends:
    """Moves the savepoint of a unit of work as the transactions of one session end there.

    A transaction that is committed stays, whatever its call does next. One that is rolled back, or closed without a
    commit, is undone back to the last that stayed.
    """

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self._is_ended = False  # whether the transaction was committed or rolled back, and is not only closed
        self._listeners: tuple[tuple[str, Callable[..., None]], ...] = (
            ("after_commit", self._note_commit),
            ("after_rollback", self._note_rollback),
            ("after_transaction_end", self._note_end),
        )

    def listen(self, session: Session) -> None:
        """Follow the session from here on."""
        for name, listener in self._listeners:
            event.listen(session, name, listener)

    def remove(self, session: Session) -> None:
        """Follow it no more."""
        for name, listener in self._listeners:
            event.remove(session, name, listener)

    def _note_commit(self, session: Session) -> None:
        if not session.in_nested_transaction():
            self._is_ended = True
            self._lanes.keep()

    def _note_rollback(self, session: Session) -> None:
        if not session.in_nested_transaction():
            self._is_ended = True

    def _note_end(self, _session: Session, transaction: SessionTransaction) -> None:
        if transaction.parent is None:
            if not self._is_ended:
                self._lanes.undo()
            self._is_ended = False


class SharedSession:
    """One session, which all services share."""

    def __init__(self, session: Session, lanes: Lanes, *, is_expiring: bool, is_async: bool = False) -> None:
        self.owner: object = session
        self._session = session
        self._lanes = lanes
        self._is_expiring = is_expiring
        self._is_async = is_async  # then an object that is expired cannot be read: they stay loaded
        self._new: WeakSet[Any] = WeakSet()
        self._watch = Watch(session, is_expiring=False, is_async=is_async)  # where it is to expire, each commit does
        self._ends = Ends(lanes)
        self._held: dict[str, Any] = {}
        self.lend = lend(session)

    def attach(self) -> None:
        """Commit what came before, and lead the session to the unit's connections."""
        session: Any = self._session
        self._commit()
        self._held = {name: vars(session)[name] for name in _HELD if name in vars(session)}
        self._watch.attach(self._lanes.connection)
        session.join_transaction_mode, session.twophase = "rollback_only", False
        if not self._is_expiring:
            session.expire_on_commit = False
        self._ends.listen(session)
        event.listen(session, "pending_to_persistent", self._note_new)

    def _commit(self) -> None:
        if self._is_async and self._session.in_transaction():
            end_softly(self._session)
        elif self._session.in_transaction():
            self._session.commit()

    def prepare(self) -> None:
        """Let what hooks have written since the last call stand, so that the service finds no transaction begun."""
        if self._session.in_transaction():
            self._session.commit()

    def keep(self) -> None:
        """Let what a call has written stand."""
        if self._session.in_transaction():
            self._session.commit()
        self._watch.renew()

    def undo(self) -> None:
        """Undo what a call has written."""
        self._session.rollback()
        self._lanes.undo()
        if self._is_async:
            self._watch.load()

    def detach(self) -> None:
        """Leave the session as it was found."""
        session = self._session
        self._ends.remove(session)
        event.remove(session, "pending_to_persistent", self._note_new)
        for name in _HELD:
            vars(session).pop(name, None)
        vars(session).update(self._held)

    def settle(self, *, is_stored: bool) -> None:
        """Let the objects show what became of the transaction, as SQLAlchemy does when it ends one."""
        session = self._session
        if not is_stored:
            for state in list(self._new):
                instance = state.obj()
                if instance is not None and instance in session:
                    session.expunge(instance)
        if not self._is_async and (session.expire_on_commit or not is_stored):
            session.expire_all()

    @contextmanager
    def lasting(self) -> Iterator[None]:
        """Commit what is written in the block outside of any unit of work: there, the session is the app's again."""
        session = self._session
        if session.in_transaction():
            yield
            return
        try:
            yield
        except BaseException:
            session.rollback()
            raise
        self._commit()

    def _note_new(self, _session: Session, instance: object) -> None:
        self._new.add(getattr(instance, DEFAULT_STATE_ATTR))


class _Router:
    """The class of a sessionmaker's sessions, and what undoes each unit of work that is open over it."""

    def __init__(self, maker: Maker) -> None:
        self._maker = maker
        self._own = dict(maker.kw)
        self.holders: list[tuple[Whole, ...]] = []
        self._class: Any = maker.class_

    def lead(self) -> None:
        """Let sessions join."""
        maker: Any = self._maker
        if is_async_maker(maker):
            maker.kw["sync_session_class"] = _route(self._sync_class(), maker)
        else:
            maker.class_ = _route(self._class, maker)

    def _sync_class(self) -> type[Session]:
        found: type[Session] = self._own.get("sync_session_class") or self._class.sync_session_class
        return found

    def leave(self) -> None:
        """Leave the sessionmaker as it was found."""
        maker: Any = self._maker
        maker.class_ = self._class
        if is_async_maker(maker):
            maker.kw.pop("sync_session_class", None)
            maker.kw.update({name: self._own[name] for name in ("sync_session_class",) if name in self._own})


_ROUTERS: WeakKeyDictionary[Maker, _Router] = WeakKeyDictionary()
_LOCK = forks.new_lock()


class SessionMaker:
    """A sessionmaker, from which each call makes sessions of its own."""

    def __init__(self, maker: Maker, lanes: Lanes, app: object) -> None:
        self.owner: object = maker
        self._maker = maker
        self._lanes = lanes
        self._wholes = find_own(app)
        self._block: Any = None

    def attach(self) -> None:
        """Lead the sessions that are made here from now on to the unit's connections; elsewhere they stay plain."""
        with _LOCK:
            router = _ROUTERS.setdefault(self._maker, _Router(self._maker))
            if not router.holders:
                router.lead()
            router.holders.append(self._wholes)
        self._block = _ROUTED.open(self._lanes, self._maker)

    def prepare(self) -> None:
        """Let what hooks have written since the last call stand."""
        self._lanes.keep()

    def keep(self) -> None:
        """Let what a call has written stand."""
        self._lanes.keep()

    def undo(self) -> None:
        """Undo what a call has not committed."""
        self._lanes.undo()

    def detach(self) -> None:
        """Leave the sessionmaker as it was found."""
        _ROUTED.close(self._block)
        with _LOCK:
            router = _ROUTERS[self._maker]
            router.holders.remove(self._wholes)
            if not router.holders:
                router.leave()
                del _ROUTERS[self._maker]

    def settle(self, *, is_stored: bool) -> None:
        """Do nothing: the sessions are closed."""

    def lasting(self) -> AbstractContextManager[None]:
        """Do nothing: services commit what they write."""
        return nullcontext()

    def lend(self) -> Session:
        """Make a session."""
        made: Any = self._maker()
        session: Session = getattr(made, "sync_session", made)
        return session


class _Joining:
    """What makes a sessionmaker's session join the unit of work in which it is made."""

    maker: Maker

    def __init__(self, *args: Any, **options: Any) -> None:
        self._lanes: Lanes | None = None
        super().__init__(*args, **options)
        block = _ROUTED.find(self.maker)
        if block is None or not block.is_here:
            _pass_by(self.maker)
        else:
            self._lanes = block.value
            self.join_transaction_mode, self.twophase = "rollback_only", False
            Ends(block.value).listen(cast("Session", self))

    def get_bind(self, *args: Any, **options: Any) -> Bind:
        """Lead to the unit's connections."""
        bind: Bind = super().get_bind(*args, **options)  # type: ignore[misc] # the session's
        return bind if self._lanes is None else self._lanes.connection(bind)


def _pass_by(maker: Maker) -> None:
    """Say that a session is made past the units of work that are open over its maker, by a thread or task of its own.

    Raises:
        DryElsewhereError: One of them is a dry run's.
    """
    with _LOCK:
        holders = list(_ROUTERS[maker].holders) if maker in _ROUTERS else []
    pass_by(chain.from_iterable(holders))


def _route(plain: type[Session], maker: Maker) -> type[Session]:
    return type(plain.__name__, (_Joining, plain), {"maker": maker})
