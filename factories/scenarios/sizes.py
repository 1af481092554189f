"""Checks of a scenario's sizes, for attrs fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from factories.errors import InvalidCountError
from seedbed.strategy.ranges import Range, check_size, find_count


def at_least(minimum: int) -> Callable[[Any, Any, Any], None]:
    """Return a validator: a whole number from `minimum` on."""

    def check(story: Any, field: Any, value: object) -> None:
        count = find_count(value)
        if count is None or count < minimum:
            raise InvalidCountError(_what(story, field), value, f"a whole number from {minimum} on")
        check_size(_what(story, field), count)

    return check


def is_range(story: Any, field: Any, value: object) -> None:
    """Check that a size is a Range.

    Raises:
        InvalidCountError: It is none, or goes beyond a million.
    """
    if not isinstance(value, Range):
        raise InvalidCountError(_what(story, field), value, "a Range")
    check_size(_what(story, field), value.max)


def _what(story: Any, field: Any) -> str:
    return f"{field.name} of {type(story).__name__}"
