"""The key of an object, which tells it from others, and which services are given for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

NO_KEY = object()
_KEYS = ("id", "pk", "uuid")


def key_of(thing: Any) -> Any:
    """Return an object's `id`, `pk` or `uuid`, else what SQLAlchemy has mapped as its only primary key; or NO_KEY.

    It is None where none of those that it has is set: the object was never stored, or is deleted.
    """
    if is_deleted(thing):
        return None
    mapped = mapped_key(type(thing))
    last = NO_KEY
    for name in _KEYS if mapped is None else (*_KEYS, mapped):
        found = thing.get(name, NO_KEY) if isinstance(thing, Mapping) else getattr(thing, name, NO_KEY)
        if found is not NO_KEY and found is not None:
            return found
        last = last if found is NO_KEY else found
    return last


def are_two(one: Any, other: Any) -> bool:
    """Tell whether two objects are known by their keys not to be the same; what is not set yet tells nothing."""
    read, read_other = _reader_of(type(one)), _reader_of(type(other))  # type: ignore[arg-type]  # a class is hashable
    try:
        for name in _KEYS:
            first, second = read(one, name), read_other(other, name)
            if first and second:
                return type(first) is type(second) and bool(first != second)
    except Exception:  # noqa: BLE001 - a property of somebody's own, which may ask for what is not there
        return False
    return False


@lru_cache(maxsize=256)  # a cache: a class keeps its ways, and this is asked of every object that is made
def _reader_of(kind: type) -> Callable[[Any, str], Any]:
    if hasattr(kind, "_sa_class_manager"):  # SQLAlchemy's: no attribute of theirs is loaded
        return lambda thing, _name: thing._sa_instance_state.identity  # noqa: SLF001 - SQLAlchemy's own word for it
    if issubclass(kind, Mapping):
        return lambda thing, name: thing.get(name)
    return lambda thing, name: getattr(thing, name, None)


def is_deleted(thing: Any) -> bool:
    """Tell whether an object of SQLAlchemy's has no row any more; its key it keeps."""
    state = getattr(thing, "_sa_instance_state", None)
    if state is None:
        return False
    session = state.session
    return bool(state.was_deleted or state.deleted) or (session is not None and thing in session.deleted)


def mapped_key(kind: object) -> str | None:
    """Return the attribute that is a class's only primary key, where SQLAlchemy maps it by now."""
    mapper = getattr(kind, "__mapper__", None)
    return None if mapper is None else _key_in(mapper)


@lru_cache(maxsize=256)  # a cache: what a mapper maps as a key never changes
def _key_in(mapper: Any) -> str | None:
    columns = mapper.primary_key
    return str(mapper.get_property_by_column(columns[0]).key) if len(columns) == 1 else None
