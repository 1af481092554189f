"""Opens units of work over the session of an app."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias
from weakref import WeakKeyDictionary

from sqlalchemy.orm import Session, scoped_session, sessionmaker

from seedbed.context import Scope
from seedbed.settings import check_flags, check_text
from seedbed.sqlalchemy.errors import NotASessionError, SessionInUseError
from seedbed.sqlalchemy.joining import CallersSession, is_callers
from seedbed.sqlalchemy.kinds import is_async, is_async_maker, is_async_scope
from seedbed.sqlalchemy.lanes import Lanes
from seedbed.sqlalchemy.sessions import SessionMaker, SharedSession
from seedbed.sqlalchemy.unit import Unit
from seedbed.sqlalchemy.waiting import Waiting, WaitingUnit

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

Where: TypeAlias = str | Callable[[Any], Any]
Opened: TypeAlias = AbstractContextManager[Unit] | AbstractAsyncContextManager[WaitingUnit]
_UNITS: Scope[Unit] = Scope("sqlalchemy_unit")
Found: TypeAlias = "Session | sessionmaker[Any] | AsyncSession | async_sessionmaker[Any]"
_HOLDERS: WeakKeyDictionary[Session, object] = WeakKeyDictionary()
_KINDS = (Session, scoped_session, sessionmaker)


def _is_session(value: object) -> bool:
    return isinstance(value, _KINDS) or is_async(value) or is_async_scope(value)


def unit_of_work(where: Where = "session", *, is_expiring: bool = False) -> Callable[[Any], Opened]:
    """Return what opens a unit of work on an app, for `Meta.unit_of_work` or a suite.

    Args:
        where: Where the app has its session: a path of attributes, such as `"db.session"`, or a function that takes the
            app. It leads to a Session, a scoped_session or a sessionmaker, or to one of their async kinds, for
            `create_async`.
        is_expiring: Expire all objects after each call, for tables in which triggers write what services decide by.

    Raises:
        InvalidSettingError: `where` is no such thing, or `is_expiring` no truth value.
    """
    if not callable(where):
        check_text("where", where or 0, 'a path of attributes, such as "session", or a function that takes the app')
    check_flags(is_expiring=is_expiring)

    def open_unit(app: Any) -> Opened:
        found = find(where, app)
        if is_async(found):
            plain = getattr(found, "sync_session", found)
            return _AsyncUnit(_open(app, plain, is_expiring=is_expiring, is_async=True))
        return _open(app, found, is_expiring=is_expiring)

    return open_unit


def find(where: Where, app: Any) -> Found:
    """Return the session, or the sessionmaker, of an app.

    Raises:
        NotASessionError: There is none.
    """
    found = app
    if callable(where):
        found = where(app)
    else:
        for name in where.split("."):
            found = getattr(found, name, None)
    if not _is_session(found) and callable(found):
        found = found()
    if isinstance(found, scoped_session) or is_async_scope(found):
        return found()  # type: ignore[no-any-return]
    if isinstance(found, (Session, sessionmaker)) or is_async(found):
        return found
    known = [name for name, value in getattr(app, "__dict__", {}).items() if _is_session(value)]
    raise NotASessionError(str(where), app, found, known)


class _AsyncUnit(Waiting):
    """A unit of work for `async with`."""

    async def __aenter__(self) -> WaitingUnit:
        """Open it."""
        return WaitingUnit(await super().__aenter__())


@contextmanager
def _open(app: Any, found: Any, **options: bool) -> Iterator[Unit]:
    block = _UNITS.find(found)
    if block is not None and block.is_here:
        yield block.value
        return
    with _alone(found):
        unit = _begin(app, found, **options)
        block = _UNITS.open(unit, found)
        try:
            yield unit
        except BaseException:
            _UNITS.close(block)
            unit.end(is_broken=True)
            raise
        _UNITS.close(block)
        unit.end()


@contextmanager
def _alone(found: Any) -> Iterator[None]:
    """Hold a session, which serves one task or thread at a time; a sessionmaker serves many.

    Raises:
        SessionInUseError: Another one holds it.
    """
    if not isinstance(found, Session):
        yield
        return
    holder = object()
    if _HOLDERS.setdefault(found, holder) is not holder:
        raise SessionInUseError(found)
    try:
        yield
    finally:
        del _HOLDERS[found]


def _begin(app: Any, found: Any, *, is_expiring: bool, is_async: bool = False) -> Unit:
    source: Any
    lanes: Any = Lanes()
    if isinstance(found, sessionmaker) or is_async_maker(found):
        source = SessionMaker(found, lanes, app)
    elif is_callers(found):
        source = lanes = CallersSession(found, is_expiring=is_expiring, is_async=is_async)
    else:
        source = SharedSession(found, lanes, is_expiring=is_expiring, is_async=is_async)
    source.attach()
    return Unit(source, lanes)
