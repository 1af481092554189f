"""Time and ids: the two things that a service does not decide itself.

`Clock` and `Ids` are passed in. Both can be set for the length of a block in one thread, so that a seeded world
has its own times, and an id does not depend on who else draws ids.
"""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.errors import InvalidSettingError

_MILLISECONDS_48 = (1 << 48) - 1
_RANDOM_BITS = 74
_ORDINAL_MASK = (1 << 32) - 1


def to_milliseconds(moment: datetime) -> datetime:
    """Cut an aware datetime to UTC milliseconds, which is what a row can hold.

    Raises:
        InvalidSettingError: `moment` has no time zone.
    """
    if moment.tzinfo is None:
        raise InvalidSettingError("moment", moment, "a datetime with a time zone")
    if moment.tzinfo is UTC and not moment.microsecond % 1000:
        return moment
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)


class Clock:
    """Tells the time in UTC milliseconds: of `source`, or the moment that `at` set in this thread."""

    def __init__(self, source: Callable[[], datetime] | None = None) -> None:
        self._source = source or (lambda: datetime.now(UTC))
        self._local = threading.local()

    def now(self) -> datetime:
        """Return the present moment."""
        moment: datetime | None = getattr(self._local, "moment", None)
        return to_milliseconds(self._source()) if moment is None else moment

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """Stand still at `moment` for the block, in this thread."""
        before = self.stand(to_milliseconds(moment))
        try:
            yield
        finally:
            self.stand(before)

    def stand(self, moment: datetime | None) -> datetime | None:
        """Stand still at `moment`, or go on (None), in this thread; return where it stood before."""
        before: datetime | None = getattr(self._local, "moment", None)
        self._local.moment = moment
        return before


class Ids:
    """Makes UUIDs of version 7 (RFC 9562), which sort by time, and within a millisecond in the order of making.

    With a seed, the same calls in the same order give the same ids; with `keyed`, an id is a function of seed, key
    and moment alone, and of keys that end in "/number" the numbers sort. Without a seed the randomness is the
    operating system's.
    """

    def __init__(self, seed: int | str | None = None) -> None:
        self._seed = seed
        self._random: random.Random = random.SystemRandom() if seed is None else random.Random(f"{seed}")
        self._local = threading.local()
        self._lock = threading.Lock()
        self._last = (0, 0)

    def new(self, moment: datetime) -> str:
        """Make an id for something that comes to be at `moment`."""
        milliseconds = round(moment.timestamp() * 1000) & _MILLISECONDS_48
        key: str | None = getattr(self._local, "key", None)
        return uuid7_text(milliseconds, self._next_bits(milliseconds) if key is None else self._keyed_bits(key))

    def _next_bits(self, milliseconds: int) -> int:
        # RFC 9562, section 6.2, method 2: within a millisecond, count up by a random step.
        with self._lock:
            if self._last[0] == milliseconds:
                bits = self._last[1] + 1 + self._random.getrandbits(40)
            else:
                bits = self._random.getrandbits(_RANDOM_BITS - 1)
            self._last = milliseconds, bits
            return bits

    def _keyed_bits(self, key: str) -> int:
        self._local.drawn += 1
        path = f"{self._seed}/{key}/{self._local.drawn}".encode()
        bits = int.from_bytes(hashlib.blake2b(path, digest_size=10).digest(), "big")
        number = key[key.rfind("/") + 1 :]
        if not number.isdecimal():
            return bits & ((1 << _RANDOM_BITS) - 1)
        return (int(number) & _ORDINAL_MASK) << (_RANDOM_BITS - 32) | bits & ((1 << (_RANDOM_BITS - 32)) - 1)

    @contextmanager
    def keyed(self, key: str) -> Iterator[None]:
        """Draw ids from a source of `key`'s own for the block, in this thread."""
        before = self.draw_by((key, 0))
        try:
            yield
        finally:
            self.draw_by(before)

    def draw_by(self, source: tuple[str | None, int]) -> tuple[str | None, int]:
        """Draw by a key, so many ids being drawn by it already, in this thread; return what was so before."""
        before = getattr(self._local, "key", None), getattr(self._local, "drawn", 0)
        self._local.key, self._local.drawn = source
        return before


class At:
    """For a block in one thread: a clock stands still at `moment`, and ids are drawn by `key` (None: as they were)."""

    __slots__ = ("_clock", "_ids", "_key", "_moment", "_source", "_stood")

    def __init__(self, clock: Clock, ids: Ids, moment: datetime | None, key: str | None) -> None:
        self._clock, self._ids = clock, ids
        self._moment = None if moment is None else to_milliseconds(moment)
        self._key = key
        self._stood: datetime | None = None
        self._source: tuple[str | None, int] = (None, 0)

    def __enter__(self) -> None:
        """Stand still."""
        if self._moment is not None:
            self._stood = self._clock.stand(self._moment)
        if self._key is not None:
            self._source = self._ids.draw_by((self._key, 0))

    def __exit__(self, *_error: object) -> None:
        """Go on as before."""
        if self._moment is not None:
            self._clock.stand(self._stood)
        if self._key is not None:
            self._ids.draw_by(self._source)


def uuid7_text(milliseconds: int, random_bits: int) -> str:
    """Write a version 7 UUID: 48 bits of time, 74 random bits, version and variant (RFC 9562, section 5.7)."""
    value = milliseconds << 80 | 0x7 << 76 | (random_bits >> 62) << 64 | 0b10 << 62 | random_bits & ((1 << 62) - 1)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def moment_of_id(entity_id: str) -> datetime:
    """Read the moment that an id was made for.

    Raises:
        ValueError: the text is no UUID.
    """
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=UUID(entity_id).int >> 80)
