"""When people are awake, and how soon they react: maps from a draw to a moment.

Time is counted in *active seconds*: as many a week as others, but few of them at night and many at noon and in the
evening. What is drawn evenly in active time has a daily and a weekly rhythm; and as the map keeps the order, what was
after its cause stays so. Cost: some 2 microseconds a moment.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from itertools import accumulate, pairwise
from math import exp, floor, log1p

_fromtimestamp = datetime.fromtimestamp

HOUR = 3_600.0
DAY = 24 * HOUR
_WEEK = 7 * DAY
_MONDAY = 4 * DAY  # the first Monday since 1970

_HOURLY = (34, 24, 18, 15, 15, 18, 28, 44, 54, 56, 58, 66, 78, 72, 62, 60, 62, 70, 80, 92, 98, 90, 72, 50)
_DAILY = (96, 96, 98, 100, 102, 108, 112)
"""How lively an hour of the day (UTC) and a day of the week are. Our choice: quiet nights, peaks at noon and at 20."""

_LIVELY = (0.0, *accumulate(day * hour for day in _DAILY for hour in _HOURLY))  # at each full hour of the week
_BIN = 300.0  # active seconds; so many of them are a bin, in which time runs evenly
_BINS = int(_WEEK / _BIN)


def _hour_of(lively: float) -> float:
    hour = min(bisect_right(_LIVELY, lively), len(_LIVELY) - 1) - 1
    return hour + (lively - _LIVELY[hour]) / (_LIVELY[hour + 1] - _LIVELY[hour])


_EDGES = tuple(HOUR * _hour_of(_LIVELY[-1] * place / _BINS) for place in range(_BINS + 1))  # of the bins, in seconds
_SPANS = tuple(after - before for before, after in pairwise(_EDGES))

SHAPE = 0.6
"""Of the Weibull distribution of reactions: highest at once, then a fast decay (Informatics 12(3):59, 2025)."""
_INVERSE = 1 / SHAPE
LIKED_WITHIN = DAY
COMMENTED_WITHIN = DAY / 2
REPLIED_WITHIN = DAY / 6
"""The scale: within so long come 63 % of what comes. Our choice."""
_AT_MOST = 7 * DAY
"""Nobody reacts later (LDBC SNB's generator)."""
_AT_ONCE = 5.0
"""Nobody reacts sooner."""


def active(moment: datetime) -> float:
    """Return the active seconds from 1970 to a moment."""
    week, rest = divmod(moment.timestamp() - _MONDAY, _WEEK)
    place = bisect_right(_EDGES, rest) - 1
    return week * _WEEK + _MONDAY + _BIN * (place + (rest - _EDGES[place]) / _SPANS[place])


def moment_of_active(seconds: float) -> datetime:
    """Return the moment so many active seconds after 1970, in whole milliseconds."""
    bins = (seconds - _MONDAY) / _BIN
    whole = floor(bins)
    week, place = divmod(whole, _BINS)
    real = week * _WEEK + _MONDAY + _EDGES[place] + (bins - whole) * _SPANS[place]
    return _fromtimestamp(int(real * 1000) / 1000, UTC)


def awake(earliest: datetime, latest: datetime, part: float) -> datetime:
    """Return the moment a part of the way along, in active time; `earliest`, where that is not before `latest`."""
    if earliest >= latest:
        return earliest
    start = active(earliest)
    return max(earliest, moment_of_active(start + (active(latest) - start) * part))


def while_awake(since: datetime, until: datetime) -> Callable[[float], datetime]:
    """Spread moments between two as people are awake."""
    return partial(awake, since, until)


def within(seconds: float) -> Callable[[datetime, datetime], Callable[[float], datetime]]:
    """Let most reactions come in so many seconds after their cause."""
    return lambda cause, latest: Reactions(cause, latest, seconds).at


class Reactions:
    """When people react to something: mostly soon, all within a week and before `latest`."""

    __slots__ = ("_scale", "_share", "_start", "cause")

    def __init__(self, cause: datetime, latest: datetime, within: float = LIKED_WITHIN) -> None:
        self.cause = cause
        self._start = active(cause) + _AT_ONCE
        self._scale = within
        room = min(active(latest) - self._start, _AT_MOST)
        self._share = 1 - exp(-((room / within) ** SHAPE)) if room > 0 else 0.0

    def at(self, part: float) -> datetime:
        """Turn a number in [0, 1) into a moment; that of the cause, where there is no time left."""
        if not self._share:
            return self.cause
        # The inverse of Weibull's distribution, cut off where the time ends.
        return moment_of_active(self._start + self._scale * (-log1p(-part * self._share)) ** _INVERSE)
