"""Giving an object the values of another of its class, whatever the class is."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, MutableMapping
from typing import Any

import attrs


def fill(value: Any, other: Any) -> None:
    """Give `value` all values of `other`, also where it is frozen.

    What keeps an object up to date itself is left alone (a session of SQLAlchemy), and so is what cannot be changed.
    """
    if isinstance(value, MutableMapping):
        value.clear()
        value.update(other)
        return
    for name in _names(other):
        object.__setattr__(value, name, getattr(other, name))


def _names(value: Any) -> Iterable[str]:
    kind = type(value)
    own: dict[str, Any] = getattr(value, "__dict__", {})
    if "_sa_instance_state" in own:
        return ()
    if attrs.has(kind):
        return [field.name for field in attrs.fields(kind)]
    if dataclasses.is_dataclass(kind):
        return [field.name for field in dataclasses.fields(kind)]
    return list(own)
