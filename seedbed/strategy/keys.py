"""The key of an object, which tells it from others, and which services are given for it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import Any

NO_KEY = object()
_KEYS = ("id", "pk", "uuid")


def key_of(thing: Any) -> Any:
    """Return an object's `id`, `pk` or `uuid`, else what SQLAlchemy has mapped as its only primary key; or NO_KEY."""
    kind: Any = type(thing)
    mapped = mapped_key(kind)
    for name in _KEYS if mapped is None else (*_KEYS, mapped):
        found = thing.get(name, NO_KEY) if isinstance(thing, Mapping) else getattr(thing, name, NO_KEY)
        if found is not NO_KEY:
            return found
    return NO_KEY


@lru_cache(maxsize=256)  # a cache: a class is mapped once
def mapped_key(kind: Hashable) -> str | None:
    """Return the attribute that is a class's only primary key, where SQLAlchemy maps it."""
    mapper = getattr(kind, "__mapper__", None)
    columns: tuple[Any, ...] = getattr(mapper, "primary_key", ())
    return str(mapper.get_property_by_column(columns[0]).key) if mapper is not None and len(columns) == 1 else None
