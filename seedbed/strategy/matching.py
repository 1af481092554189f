"""Which recycled objects are what a role's declaration says: `One(AccountFactory, tenant=SelfAttribute("..tenant"))`.

Constants and attributes of what the object is made for are compared with the object's own: `tenant_id` by the key where
it is an object that is said, else the attribute of that name. All else (a trait, a hook, a draw, None) is only made.
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

from seedbed.strategy.keys import key_of
from seedbed.strategy.pool import Shelf

if TYPE_CHECKING:
    from factory.builder import BuildStep

Wanted: TypeAlias = Mapping[tuple[str, bool], Any]
"""By attribute, and whether it is a key."""

_PLAIN = (bool, int, float, Decimal, str, bytes, UUID, date, timedelta, Enum)
_NOTHING = object()


def wanted_by(meta: Any, said: Mapping[str, Any], step: BuildStep) -> Wanted | None:
    """Return what an object must have to be what is said of it; None where that cannot be compared."""
    if any(name in meta.parameters or name not in meta.pre_declarations for name in said):
        return None
    values = {name: _resolve(value, step) for name, value in said.items()}
    found = {(name, not isinstance(one, _PLAIN)): one for name, one in values.items()}
    wanted = {(name, is_key): key_of(one) if is_key else one for (name, is_key), one in found.items()}
    return wanted if all(isinstance(one, _PLAIN) for one in wanted.values()) else None


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


def _read(item: Any, name: str, is_key: bool) -> Any:
    """Return a plain value of an object's, or the key of another object that it has."""
    found = _get(item, f"{name}_id") if is_key else _get(item, name)
    if is_key and found is _NOTHING:
        found = key_of(_get(item, name))
    return found if isinstance(found, _PLAIN) else _NOTHING


def _get(item: Any, name: str) -> Any:
    return item.get(name, _NOTHING) if isinstance(item, Mapping) else getattr(item, name, _NOTHING)
