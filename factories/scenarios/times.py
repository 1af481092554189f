"""When things in scenarios happen, always before the clock's now.

They are moments of ours, moved up to what the object needs (see `seedbed.strategy.moments`): no follow is before its
users.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from seedbed.strategy.moments import Moment, between, now
from seedbed.strategy.randomness import KeyedRandom, key_of
from seedbed.strategy.ranges import Range

A_DAY = timedelta(days=1)
SETTLED = timedelta(days=30)
"""Everybody in a scenario joined at least so long ago."""
_A_YEAR = timedelta(days=365)


def ago(least: timedelta, most: timedelta) -> Moment:
    """Draw a moment that was `least` to `most` ago."""
    return Moment(lambda random, _thing: between(now() - most, now() - least, random.random()))


def joining_time() -> Moment:
    """Draw when somebody signed up: one month to one year ago."""
    return ago(SETTLED, _A_YEAR)


def reactions(size: Range, *path: object) -> list[dict[str, Any]]:
    """Return what `likes=` and `comments=` take: so many, drawn by `path`, mostly soon after the post.

    The share of the time since the post is cubed: half of the reactions come within an eighth of it.
    """
    at = Moment(lambda random, made: between(made.post.created_at, now(), random.random() ** 3))
    return [{"at": at}] * size.random(KeyedRandom(key_of("reactions", *path)))
