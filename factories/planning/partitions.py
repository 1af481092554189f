"""The hottest partition, second by second: what many workers send to one post's rows, and what its partition takes.

A partition takes 1,000 write units a second, and for a while what it had left over in the five minutes before. One that
stays hot is split between its sort keys, as DynamoDB does ("split for heat"); but one row is never split, and each
pack of likes counts on the post's own row.
"""

from __future__ import annotations

from typing import Final

import attrs

from seedbed.dynamo import prices

SPLIT_SECONDS: Final = 600
"""Our assumption: after so long under its limit a partition is split in two. AWS tells no figure."""
LIKE_UNITS: Final = 2.0
"""Of the row of a like in a transaction; its index entry stands in the partition of who likes."""
COUNTER_UNITS: Final = 2.0
"""Of the post's row, once a pack."""
PACK_LIKES: Final = 99
MOST_SAVED: Final = float(prices.PARTITION_UNITS * prices.BURST_SECONDS)
HORIZON_SECONDS: Final = 7 * 24 * 3600


@attrs.frozen
class Course:
    """How it went: seconds until all was written, and how many of them were throttled; parts that it was split into."""

    seconds: int
    throttled_seconds: int
    parts: int
    likes_a_second: float

    @property
    def is_calm(self) -> bool:
        """Tell whether nothing was throttled."""
        return self.throttled_seconds == 0


def simulate(
    likes: int, rate: float, *, pack: int = PACK_LIKES, is_split: bool = True, split_seconds: int = SPLIT_SECONDS
) -> Course:
    """Send so many likes of one post at a rate a second, and see how its partition takes them.

    Args:
        likes: how many there are.
        rate: how many all workers together offer in a second; what is throttled waits for the next one.
        pack: likes in one transaction: more of them count on the post's row less often.
        is_split: whether the partition is split while it is hot.
        split_seconds: after how many hot seconds.
    """
    left, waiting, seconds, throttled, hot, parts = float(likes), 0.0, 0, 0, 0, 1
    saved = MOST_SAVED
    while (left > 0 or waiting >= 1) and seconds < HORIZON_SECONDS:
        offered = min(left, rate)
        left, waiting, seconds = left - offered, waiting + offered, seconds + 1
        taken, saved = _capacity(waiting, pack, parts, saved)
        waiting -= taken
        is_hot = waiting >= 1
        throttled, hot = throttled + is_hot, hot + 1 if is_hot else 0
        if is_split and hot >= split_seconds:
            parts, hot = 2 * parts, 0
    return Course(seconds, throttled, parts, round(likes / max(1, seconds), 1))


def _capacity(waiting: float, pack: int, parts: int, saved: float) -> tuple[float, float]:
    """Return how many likes a second takes, and what is saved for later."""
    units_a_like = LIKE_UNITS + COUNTER_UNITS / pack
    room = prices.PARTITION_UNITS * parts
    by_units = (room + saved) / units_a_like
    by_counter = prices.PARTITION_UNITS / COUNTER_UNITS * pack  # the post's row stays in one partition
    taken = min(waiting, by_units, by_counter)
    return taken, max(
        0.0, min(saved + room - taken * units_a_like, float(prices.PARTITION_UNITS * prices.BURST_SECONDS))
    )
