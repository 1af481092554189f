"""Finds the SQLAlchemy session, or engine, that an app has."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_DEPTH = 2


def _kinds() -> tuple[Any, ...]:
    """Return what is looked for, the best first: a session that the services use sees what is not committed yet."""
    orm, engine = importlib.import_module("sqlalchemy.orm"), importlib.import_module("sqlalchemy.engine")
    return orm.Session, orm.scoped_session, orm.sessionmaker, engine.Engine


@contextmanager
def find_session(app: Any) -> Iterator[Any]:
    """Lend the session of an app: the one that it holds, itself or in a part of it; else a new one; else None."""
    kinds = _kinds()
    held = list(_parts(app, kinds, _DEPTH))
    for kind in kinds:
        found = next((one for one in held if isinstance(one, kind)), None)
        if found is not None:
            yield from _lend(found, kinds)
            return
    yield None


def _lend(found: Any, kinds: tuple[Any, ...]) -> Iterator[Any]:
    session, scoped, maker, _ = kinds
    if isinstance(found, (session, scoped)):
        yield found
        return
    with found() if isinstance(found, maker) else session(found) as opened:
        yield opened


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
