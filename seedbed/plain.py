"""What a caller gives, as Python's own plain values: nothing of the caller's types is kept, in a row or in an entity.

A StrEnum's member, a template's markup or NumPy's number is as good as a str or an int; what is stored, and what a real
engine hands back, is that str or int.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

MOST = 1_000_000
"""More of anything is a slip of the finger."""
_SEED_MAX = 10**4_000
"""Python writes no whole number of more than 4,300 digits as text, and a seed is drawn from as text."""


def plain_text(value: str) -> str:
    """Return the text itself, without the subclass that it came in."""
    # Not str(value): of a member of (str, Enum) that is its name.
    return value if type(value) is str else str.__str__(value)


def whole_number(value: object) -> int | None:
    """Return a whole number as an int, of any type that is one (`__index__`); None for all else, bools among it."""
    if type(value) is int:
        return value
    if isinstance(value, bool):
        return None
    try:
        return int(operator.index(value))  # type: ignore[arg-type] # asks it
    except TypeError:
        return None


def read_most(values: Iterable[T], most: int = MOST) -> tuple[list[T], bool]:
    """Read a collection up to a bound; tell whether it has more. Of an endless one, one more than that is read."""
    found = list(islice(values, most + 1))
    return found[:most], len(found) > most


def find_seed(value: object) -> int | str | None:
    """Return a seed as a plain number or text; None for what cannot be drawn from."""
    if not isinstance(value, str):
        number = whole_number(value)
        return number if number is not None and abs(number) < _SEED_MAX else None
    text = plain_text(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        return None
    return text


def show(value: object) -> str:
    """Return the repr of anything, for a message: of what has none, what it is. Never raises.

    A whole number of over 4,300 digits has no repr (CPython issue 95778), nor has a list that holds one, nor what a
    caller's class cannot show.
    """
    try:
        return repr(value)
    except Exception:  # noqa: BLE001 - whatever a stranger's class raises, the message is about something else
        if isinstance(value, int):
            return "a whole number of thousands of digits"
        return f"<{type(value).__name__} that cannot be shown>"


def show_error(error: BaseException) -> str:
    """Return an error's kind and its text in one line, for a message. Never raises."""
    try:
        text = " ".join(str(error).split())
    except Exception:  # noqa: BLE001 - as above
        text = "(its text cannot be shown)"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
