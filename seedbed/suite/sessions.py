"""Finds the SQLAlchemy session, or engine, that an app has."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

_DEPTH = 2


def _kinds() -> tuple[Any, ...]:
    """Return what is looked for, the best first: a session that the services use sees what is not committed yet."""
    orm, engine = importlib.import_module("sqlalchemy.orm"), importlib.import_module("sqlalchemy.engine")
    return orm.Session, orm.scoped_session, orm.sessionmaker, engine.Engine, *_async_kinds()


def _async_kinds() -> tuple[Any, ...]:
    """Return those of SQLAlchemy's asyncio part, where the app has imported it."""
    module = sys.modules.get("sqlalchemy.ext.asyncio")
    names = ("AsyncSession", "async_scoped_session", "async_sessionmaker", "AsyncEngine")
    return () if module is None else tuple(getattr(module, name) for name in names)


@contextmanager
def find_session(app: Any) -> Iterator[Any]:
    """Lend the session of an app: the one that it holds, itself or in a part of it; else a new one; else None.

    Of an async one it is the plain session inside.
    """
    kinds = _kinds()
    found = _find(app, kinds)
    if found is None:
        yield None
    else:
        yield from _lend(found, kinds)


def is_session_async(app: Any, model: Any) -> bool:
    """Tell whether the session of an app asks an async driver for a model."""
    module = sys.modules.get("sqlalchemy.ext.asyncio")
    if module is None:
        return False
    kinds = _kinds()
    found = _find(app, kinds)
    if found is None or isinstance(found, kinds[4:]):
        return found is not None
    with find_session(app) as session, suppress(Exception):  # it has no bind for the model: told when it is asked
        mapper = sys.modules["sqlalchemy"].inspect(model, raiseerr=False)
        is_mapped = getattr(mapper, "is_mapper", False)
        return bool(session.get_bind(**({"mapper": mapper} if is_mapped else {"clause": model})).dialect.is_async)
    return False


def _find(app: Any, kinds: tuple[Any, ...]) -> Any:
    held = list(_parts(app, kinds, _DEPTH))
    for kind in kinds:
        found = next((one for one in held if isinstance(one, kind)), None)
        if found is not None:
            return found
    return None


def _lend(found: Any, kinds: tuple[Any, ...]) -> Iterator[Any]:
    session, scoped, maker, engine = kinds[:4]
    if isinstance(found, (session, scoped)):
        yield found
        return
    if isinstance(found, engine):
        made = session(found)
    elif isinstance(found, maker) or hasattr(found, "kw") or hasattr(found, "registry"):
        made = found()
    else:
        made = found if hasattr(found, "sync_session") else session(found.sync_engine)
    plain = getattr(made, "sync_session", made)
    if made is found or hasattr(found, "registry"):  # the app's own
        yield plain
        return
    with plain:
        yield plain


def _parts(holder: Any, kinds: tuple[Any, ...], depth: int) -> Iterator[Any]:
    yield holder
    if depth == 0 or isinstance(holder, (*kinds, str, bytes, int, float, type)):
        return
    for value in _values(holder):
        yield from _parts(value, kinds, depth - 1)


def _values(holder: Any) -> Iterator[Any]:
    if isinstance(holder, dict):
        yield from list(holder.values())
        return
    slots = [name for base in type(holder).__mro__ for name in getattr(base, "__slots__", ())]
    names = [*getattr(holder, "__dict__", {}), *slots, *_properties(type(holder))]
    for name in names:
        try:
            yield getattr(holder, name)
        except Exception:  # noqa: BLE001, S112 - a property of somebody else's that cannot be read just now
            continue


def _properties(kind: type) -> list[str]:
    """Return properties that may lend a session; others may do anything when they are read."""
    return [name for name in ("session", "db", "engine") if isinstance(getattr(kind, name, None), property)]
