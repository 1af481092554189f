"""Time and ids: the two things that a service does not decide itself.

`Clock` and `Ids` are passed in. Both can be set for the length of a block (who stands in it: `seedbed.context`), so
that a seeded world has its own times, and an id does not depend on who else draws ids.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Self, TypeAlias
from uuid import UUID

from seedbed import forks
from seedbed.context import Block, Scope
from seedbed.errors import InvalidSettingError
from seedbed.plain import find_seed
from seedbed.settings import check_text
from seedbed.unbound import current_source

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
"""Ids count the milliseconds from here on (RFC 9562, section 5.7); what would be before has none."""

_RANDOM_BITS = 74
_STANDS_AT = "the moment that the clock is to stand at"
_MOMENTS: Scope[datetime] = Scope("moment", is_shared=True)
Numbers: TypeAlias = tuple[str, Iterator[int]]
"""A key, and the numbers of the ids that are drawn by it: who shares it draws on, and none twice."""
_KEYS: Scope[Numbers] = Scope("key", is_shared=True)
_ORDINAL_MASK = (1 << 32) - 1


def to_milliseconds(moment: object, what: str = "moment") -> datetime:
    """Cut an aware datetime to UTC milliseconds, which is what a row can hold; `what` is its name in the error.

    Raises:
        InvalidSettingError: it is no datetime, has no time zone, or is not of the years 1970 to 9999 (UTC).
    """
    if type(moment) is datetime and moment.tzinfo is UTC and not moment.microsecond % 1000 and moment >= EARLIEST:
        return moment
    if not isinstance(moment, datetime) or moment.utcoffset() is None:
        raise InvalidSettingError(what, moment, "a datetime with a time zone")
    cut = _utc(moment)
    if cut is None or cut < EARLIEST:
        raise InvalidSettingError(what, moment, "of the years 1970 to 9999 (UTC)")
    return cut


def _utc(moment: datetime) -> datetime | None:
    """Return the same instant as a plain datetime; None where the calendar has none."""
    try:
        there = moment.astimezone(UTC)
    except OverflowError:
        return None
    time = there.hour, there.minute, there.second, there.microsecond // 1000 * 1000
    return datetime(there.year, there.month, there.day, *time, tzinfo=UTC)


def _present() -> datetime:
    return current_source().now()


class Clock:
    """Tells the time in UTC milliseconds: of `source`, or the moment at which `at` lets it stand where this is asked.

    Raises:
        InvalidSettingError: `source` cannot be called.
    """

    def __init__(self, source: Callable[[], datetime] | None = None) -> None:
        if source is not None and not callable(source):
            raise InvalidSettingError("clock", source, "a Clock, or a callable that tells a datetime with a time zone")
        self._source = source or _present

    def now(self) -> datetime:
        """Return the present moment.

        Raises:
            InvalidSettingError: what the source tells is no moment that a row can hold.
        """
        block = _MOMENTS.find(self)
        return to_milliseconds(self._source(), "what the clock tells") if block is None else block.value

    @property
    def is_still(self) -> bool:
        """Tell whether it was made to stand here."""
        return _MOMENTS.find(self) is not None

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """Stand still at `moment` for the block, and for what begins inside it."""
        block = _MOMENTS.open(to_milliseconds(moment, _STANDS_AT), self)
        try:
            yield
        finally:
            _MOMENTS.close(block)


class Ids:
    """Makes UUIDs of version 7 (RFC 9562), which sort by time, and within a millisecond in the order of making.

    With a seed, the same calls in the same order give the same ids; with `keyed`, an id is a function of seed, key
    and moment alone, and of keys that end in "/number" the numbers sort. Without a seed the randomness is the
    operating system's; while pytest collects tests, the run's. A forked child draws from a source of its own.
    """

    def __init__(self, seed: int | str | None = None) -> None:
        self._seed = None if seed is None else check_seed(seed)
        self._random: random.Random = random.SystemRandom() if seed is None else random.Random(f"{self._seed}")
        self._lock = forks.new_lock()
        self._last = (0, 0)
        forks.in_child(self, Ids._draw_apart)

    def _draw_apart(self) -> None:
        self._last = (0, 0)
        if self._seed is not None:
            self._random = random.Random(f"{forks.apart(self._seed)}")

    def new(self, moment: datetime) -> str:
        """Make an id for something that comes to be at `moment`.

        Raises:
            InvalidSettingError: `moment` is none that an id can tell.
        """
        milliseconds = round(to_milliseconds(moment).timestamp() * 1000)
        block = _KEYS.find(self)
        bits = self._next_bits(milliseconds) if block is None else self._bits_for(*block.value)
        return uuid7_text(milliseconds, bits)

    @property
    def is_keyed(self) -> bool:
        """Tell whether ids are drawn by a key here: then the same call at the same moment draws the same one again."""
        return _KEYS.find(self) is not None

    def _next_bits(self, milliseconds: int) -> int:
        # RFC 9562, section 6.2, method 2: within a millisecond, count up by a random step.
        source = self._random if self._seed is not None else current_source().ids or self._random
        with self._lock:
            if self._last[0] == milliseconds:
                bits = self._last[1] + 1 + source.getrandbits(40)
            else:
                bits = source.getrandbits(_RANDOM_BITS - 1)
            self._last = milliseconds, bits
            return bits

    def _bits_for(self, key: str, numbers: Iterator[int]) -> int:
        path = f"{self._seed}/{key}/{next(numbers)}".encode("utf-8", "surrogatepass")
        bits = int.from_bytes(hashlib.blake2b(path, digest_size=10).digest(), "big")
        number = key[key.rfind("/") + 1 :]
        if not number.isdecimal():
            return bits & ((1 << _RANDOM_BITS) - 1)
        return (int(number) & _ORDINAL_MASK) << (_RANDOM_BITS - 32) | bits & ((1 << (_RANDOM_BITS - 32)) - 1)

    @contextmanager
    def keyed(self, key: str) -> Iterator[None]:
        """Draw ids from a source of `key`'s own for the block; what begins inside it draws on from the same one."""
        block = _KEYS.open((key, count(1)), self)
        try:
            yield
        finally:
            _KEYS.close(block)


class At:
    """For a block: a clock stands still at `moment`, and ids are drawn by `key` (None: as they were).

    Raises:
        InvalidSettingError: `moment` is none that an id can tell, or `key` is no text.
    """

    __slots__ = ("_clock", "_ids", "_is_brief", "_key", "_keys", "_moment", "_moments")

    def __init__(self, clock: Clock, ids: Ids, moment: datetime | None, key: str | None) -> None:
        self._clock, self._ids = clock, ids
        self._moment = None if moment is None else to_milliseconds(moment, _STANDS_AT)
        if key is not None and type(key) is not str:
            key = check_text("key", key)
        self._key: Numbers | None = None if key is None else (key, count(1))
        self._moments: Block[datetime] | None = None
        self._keys: Block[Numbers] | None = None
        self._is_brief = False

    def briefly(self) -> Self:
        """Return itself, for a block that holds one call: nobody can join it, and it costs less."""
        self._is_brief = True
        return self

    def __enter__(self) -> None:
        """Stand still."""
        if self._moment is not None:
            opens = _MOMENTS.open_briefly if self._is_brief else _MOMENTS.open
            self._moments = opens(self._moment, self._clock)
        if self._key is not None:
            draws = _KEYS.open_briefly if self._is_brief else _KEYS.open
            self._keys = draws(self._key, self._ids)

    def __exit__(self, *_error: object) -> None:
        """Go on as before."""
        if self._moments is not None:
            _MOMENTS.close(self._moments)
        if self._keys is not None:
            _KEYS.close(self._keys)


def uuid7_text(milliseconds: int, random_bits: int) -> str:
    """Write a version 7 UUID: 48 bits of time, 74 random bits, version and variant (RFC 9562, section 5.7)."""
    value = milliseconds << 80 | 0x7 << 76 | (random_bits >> 62) << 64 | 0b10 << 62 | random_bits & ((1 << 62) - 1)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def moment_of_id(entity_id: str) -> datetime:
    """Read the moment that an id was made for.

    Raises:
        ValueError: the text is no UUID as this app writes them, or tells no moment before the year 10,000.
    """
    number = UUID(entity_id)
    if str(number) != entity_id:
        message = f"{entity_id!r} is not written as ids are"
        raise ValueError(message)
    try:
        return EARLIEST + timedelta(milliseconds=number.int >> 80)
    except OverflowError as error:
        message = f"{entity_id!r} tells no moment"
        raise ValueError(message) from error


def check_seed(seed: object) -> int | str:
    """Return a seed as a plain number or text.

    Raises:
        InvalidSettingError: it is neither, or such that nothing can be drawn from it.
    """
    plain = find_seed(seed)
    if plain is None:
        raise InvalidSettingError("seed", seed, "a whole number of at most 4,000 digits, or a text")
    return plain
