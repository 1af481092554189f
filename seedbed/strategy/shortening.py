"""What a call was given, as an error tells it: in one line, of which each value has its share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from reprlib import Repr
from typing import Any

from seedbed.plain import show

_VALUE_CHARACTERS = 40
_VALUES_CHARACTERS = 160


class _Short(Repr):
    """Shows the start of a value; of what has no repr, or holds such a thing, what it is."""

    def repr1(self, x: Any, level: int) -> str:
        """Show a value, or a part of one."""
        try:
            return super().repr1(x, level)
        except Exception:  # noqa: BLE001 - as `show`
            return show(x)

    def repr_int(self, x: int, level: int) -> str:
        """Show a whole number; one that has no repr raises on every Python: since 3.14 `Repr` tells its address."""
        repr(x)
        return super().repr_int(x, level)


def shorten(value: object) -> str:
    """Show the start of a value."""
    return _Short().repr(value)


def show_actors(acting: Mapping[str, Any]) -> str:
    """Say who acts, and in what else; "" where nobody does."""
    if not acting:
        return ""
    short = _Short()
    short.maxother = _VALUE_CHARACTERS
    told = [short.repr(one) if name == "actor" else f"{name}={short.repr(one)}" for name, one in acting.items()]
    return f", acting as {', '.join(told)}"


def show_values(values: Mapping[str, Any], cause: str) -> str:
    """Write keyword arguments in one line: first those that the cause speaks of, as many as there is room for."""
    short = _Short()
    short.maxstring = short.maxother = _VALUE_CHARACTERS
    told = {name: f"{name}={short.repr(value)}" for name, value in values.items()}
    words = set(re.findall(r"\w+", cause))
    meant = [name for name, value in values.items() if name in words or (value and show(value) in cause)]
    text = ""
    for place, name in enumerate(dict.fromkeys((*meant, *told))):
        if place and len(text) + len(told[name]) > _VALUES_CHARACTERS:
            return f"{text} and {len(told) - place} more"
        text += f"{',' if place else ' with'} {told[name]}"
    return text
