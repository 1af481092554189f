"""`Range`: how many, when it may be more than one number; and how a hook's argument is read."""

from __future__ import annotations

from random import Random, SystemRandom
from typing import Any, SupportsIndex

import attrs

from seedbed.plain import MOST, whole_number
from seedbed.strategy.errors import InfeasibleTotalError, InvalidCountError, InvalidRangeError
from seedbed.strategy.randomness import KeyedRandom, key_of

COUNT_MAX = MOST


def find_count(value: object) -> int | None:
    """Return a whole number from 0 on, of whatever type, as an int; None for all else, True and False among it."""
    number = whole_number(value)
    return number if number is not None and number >= 0 else None


def _plain(bound: SupportsIndex) -> int:
    number = find_count(bound)
    return bound if number is None else number  # type: ignore[return-value] # refused by Range itself


@attrs.frozen
class Range:
    """From `min` to `max` objects, both included."""

    min: int = attrs.field(converter=_plain)
    max: int = attrs.field(converter=_plain)

    def __attrs_post_init__(self) -> None:
        """Check the bounds.

        Raises:
            InvalidRangeError: A bound is no whole number from 0 on, or `min` is above `max`.
        """
        if None in {find_count(self.min), find_count(self.max)}:
            raise InvalidRangeError(self.min, self.max, "both bounds must be whole numbers from 0 on")
        if self.min > self.max:
            raise InvalidRangeError(self.min, self.max, "the first bound must not be above the second")

    def __contains__(self, value: int) -> bool:
        """Tell whether `value` lies within the bounds."""
        return self.min <= value <= self.max

    def random(self, rng: Random | None = None) -> int:
        """Draw one number. Without `rng`: from the operating system's randomness, so it disturbs no seed."""
        return (rng or SystemRandom()).randint(self.min, self.max)

    def skewed(self, part: float) -> int:
        """Turn a number in [0, 1) into one within the bounds: few are large, half lie in the lowest eighth.

        The cube makes a power law of exponent 2/3 over the whole range; the mean is a quarter of the way up.
        """
        return self.min + int(part**3 * (self.max - self.min + 1))

    def distribute(self, total: int, count: int | None = None, *, rng: Random | None = None) -> list[int]:
        """Split `total` into parts that each lie within the range: `count` of them, or a number that fits.

        Without `rng` the same call always gives the same parts.

        Raises:
            InvalidCountError: `total` or `count` is no whole number from 0 on, or more than a million.
            InfeasibleTotalError: No such parts exist.
        """
        total = count_of("the total", total)
        count = None if count is None else count_of("the number of parts", count)
        source = rng or KeyedRandom(key_of("distribute", self.min, self.max, total, count))
        parts = self._feasible_count(total, source) if count is None else count
        if not parts * self.min <= total <= parts * self.max:
            raise InfeasibleTotalError(total, count, (self.min, self.max))
        return self._parts(total, parts, source)

    def _feasible_count(self, total: int, rng: Random) -> int:
        if total == 0:
            return 0
        if self.max == 0:
            raise InfeasibleTotalError(total, None, (self.min, self.max))
        fewest = -(-total // self.max)
        most = total // self.min if self.min else max(total, fewest)
        if fewest > most:
            raise InfeasibleTotalError(total, None, (self.min, self.max))
        return rng.randint(fewest, most)

    def _parts(self, total: int, count: int, rng: Random) -> list[int]:
        parts = []
        for after in range(count - 1, -1, -1):
            least = max(self.min, total - after * self.max)
            most = min(self.max, total - after * self.min)
            parts.append(rng.randint(least, most))
            total -= parts[-1]
        rng.shuffle(parts)  # else the first parts would vary more than the last
        return parts


def count_of(what: str, value: object) -> int:
    """Return a number of objects as a plain number.

    Raises:
        InvalidCountError: It is no whole number from 0 to a million.
    """
    count = find_count(value)
    if count is None:
        raise InvalidCountError(what, value)
    check_size(what, count)
    return count


def check_size(what: str, count: int) -> None:
    """Refuse more than anybody means, before a list of it is made.

    Raises:
        InvalidCountError: It is more than a million.
    """
    if count > COUNT_MAX:
        raise InvalidCountError(what, count, f"at most {COUNT_MAX:,}")


def how_many(what: str, value: object, rng: Random) -> int | list[Any]:
    """Read a hook's argument: a number, a `Range` (drawn from), or a list or tuple of objects.

    Raises:
        InvalidCountError: It is something else: a bool, a negative number, a float, text; or more than a million.
    """
    if isinstance(value, Range):
        check_size(what, value.max)
        return value.random(rng)
    count = find_count(value)
    if count is not None:
        check_size(what, count)
        return count
    if isinstance(value, (list, tuple)):
        return list(value)
    raise InvalidCountError(what, value, "a whole number from 0 on, a Range or a list")
