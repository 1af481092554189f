"""Which recycled objects are what a role's declaration says: `One(AccountFactory, tenant=SelfAttribute("..tenant"))`.

Constants and attributes of what the object is made for are compared with the object's own: an object's key with its
`tenant_id`, all else with its attribute of that name. For what cannot be (a trait, a hook, a draw, None) one is made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from factory.declarations import SelfAttribute, deepgetattr

from seedbed.strategy.keys import key_of, mapped_key
from seedbed.strategy.pool import Shelf

if TYPE_CHECKING:
    from factory.builder import BuildStep

Wanted: TypeAlias = Mapping[tuple[str, tuple[str, ...]], Any]
"""By attribute, and what it may be called where it is the key of an object."""

_PLAIN = (bool, int, float, Decimal, str, bytes, UUID, date, timedelta, Enum)
_NOTHING = object()


def wanted_by(meta: Any, said: Mapping[str, Any], step: BuildStep) -> Wanted | None:
    """Return what an object must have to be what is said of it; None where that cannot be compared."""
    if any(name in meta.parameters or name not in meta.pre_declarations for name in said):
        return None
    values = {name: _resolve(value, step) for name, value in said.items()}
    wanted = {(name, _keys(name, one)): one if isinstance(one, _PLAIN) else key_of(one) for name, one in values.items()}
    return wanted if all(isinstance(one, _PLAIN) for one in wanted.values()) else None


def _keys(name: str, value: Any) -> tuple[str, ...]:
    """Return what others may call the key of an object: `tenant_id`, and where that is its key `tenant_code`."""
    return () if isinstance(value, _PLAIN) else (f"{name}_id", f"{name}_{mapped_key(type(value))}")


def _resolve(value: Any, step: BuildStep) -> Any:
    """Compute an attribute of what the object is made for. One of the object itself is not there yet."""
    is_above = type(value) is SelfAttribute and value.depth > 1
    return deepgetattr(step.chain[value.depth - 2], value.attribute_name, value.default) if is_above else value


def find_matching(shelf: Shelf, wanted: Wanted) -> Shelf | None:
    """Return those on a shelf that had what is wanted when it was first asked for such; None: there are none."""
    names = (*wanted,)
    if names not in shelf.parts:
        parts: defaultdict[Any, Shelf] = defaultdict(Shelf)
        for item in shelf.items:
            parts[(*(_read(item, *name) for name in names),)].add(item)
        shelf.parts.setdefault(names, dict(parts))  # of several threads the first one's
    return shelf.parts[names].get((*wanted.values(),))


def is_match(item: Any, wanted: Wanted) -> bool:
    """Tell whether an object has what is wanted now."""
    return all(_read(item, *name) == value for name, value in wanted.items())


def _read(item: Any, name: str, keys: tuple[str, ...]) -> Any:
    """Return a plain value of an object's, or the key of another object that it has."""
    known = (found for found in (_get(item, key) for key in keys) if found is not _NOTHING)
    found = next(known, _NOTHING)
    if found is _NOTHING:  # a relationship, which may have to be loaded
        found = key_of(_get(item, name)) if keys else _get(item, name)
    return found if isinstance(found, _PLAIN) else _NOTHING


def _get(item: Any, name: str) -> Any:
    return item.get(name, _NOTHING) if isinstance(item, Mapping) else getattr(item, name, _NOTHING)
