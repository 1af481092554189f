"""What a caller gives, as Python's own plain values: nothing of the caller's types is kept, in a row or in an entity.

A StrEnum's member, a template's markup or NumPy's number is as good as a str or an int; what is stored, and what a real
engine hands back, is that str or int.
"""

from __future__ import annotations

import operator


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
