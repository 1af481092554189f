"""What a follow network looks like: figures of the literature, of pairs (follower, followee) as one array.

Whatever would take time with the square of something is sampled, by a key of its own: the same network has the same
figures. Clustering, components and distances are of the connections, whichever way they go.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from factories.graphs import Edges, Ints
from factories.graphs.bits import Bits

_SAMPLE_KEY = 2_026
_PEOPLE, _NEIGHBOURS, _STARTS, _CUTS = 500, 200, 10, 100


class Tail(NamedTuple):
    """A power law that fits the largest numbers: p(x) ~ x**-exponent from `start` on, where `size` of them are."""

    exponent: float
    start: int
    size: int


def tail(numbers: Ints, *, least: int = 50) -> Tail | None:
    """Fit a power law to the upper end of positive whole numbers; None when fewer than `least` differ enough.

    Clauset, Shalizi and Newman, Power-law distributions in empirical data, SIAM Review 51 (2009): maximum likelihood
    (3.7), and the start by the smallest Kolmogorov-Smirnov distance. At most a hundred starts are tried.
    """
    ordered = np.sort(numbers[numbers > 0])
    starts = np.unique(ordered[: max(0, len(ordered) - least + 1)])
    starts = starts[np.unique(np.linspace(0, len(starts) - 1, _CUTS).astype(np.int64))] if len(starts) else starts
    fits = [_fit(ordered[np.searchsorted(ordered, start) :], int(start)) for start in starts]
    return min((fit for fit in fits if fit[1].exponent < np.inf), default=(0.0, None), key=lambda fit: fit[0])[1]


def _fit(ordered: Ints, start: int) -> tuple[float, Tail]:
    spread = float(np.log(ordered / (start - 0.5)).sum())
    exponent = 1 + len(ordered) / spread
    values, numbers = np.unique(ordered, return_counts=True)
    fitted = 1 - ((values + 0.5) / (start - 0.5)) ** (1 - exponent)
    found = np.cumsum(numbers) / len(ordered)
    return float(np.abs(found - fitted).max()), Tail(exponent, start, len(ordered))


def top_share(numbers: Ints, share: float) -> float:
    """Return how much of the sum the largest have: so large a share of the numbers, one at least."""
    ordered = np.sort(numbers)[::-1]
    total = int(ordered.sum())
    return float(ordered[: max(1, round(share * len(ordered)))].sum() / total) if total else 0.0


def reciprocity(pairs: Edges, count: int) -> float:
    """Return the share of connected pairs that follow both ways."""
    one_way = pairs[:, 0].astype(np.int64) * count + pairs[:, 1]
    mutual = int(np.isin(pairs[:, 1].astype(np.int64) * count + pairs[:, 0], one_way).sum()) / 2
    return float(mutual / (len(pairs) - mutual)) if len(pairs) else 0.0


class Connections:
    """Who is connected with whom: the neighbours of each, in one array."""

    def __init__(self, pairs: Edges, count: int) -> None:
        both = np.concatenate([pairs, pairs[:, ::-1]]).astype(np.int64)
        keys = np.sort(both[:, 0] * count + both[:, 1])
        keys = keys[np.concatenate([[True], keys[1:] != keys[:-1]])] if len(keys) else keys
        self._count = count
        self._others = keys % max(1, count)
        self._starts = np.searchsorted(keys, np.arange(count + 1) * count)
        self._bits = Bits(_SAMPLE_KEY)

    def clustering(self) -> float:
        """Return the mean, over people with two neighbours or more, of the share of pairs of these that are connected.

        Watts and Strogatz (1998). 500 people are looked at, and 200 neighbours of each.
        """
        known = np.diff(self._starts)
        people = self._some(np.flatnonzero(known > 1), _PEOPLE)
        return float(np.mean([self._closure(int(one)) for one in people])) if len(people) else 0.0

    def _closure(self, one: int) -> float:
        some = self._some(self._of(one), _NEIGHBOURS)
        is_some = np.zeros(self._count, np.bool_)
        is_some[some] = True
        return float(is_some[self._neighbours(some)].sum()) / (len(some) * (len(some) - 1))

    def giant(self) -> float:
        """Return the share of people in the largest connected component."""
        is_left = np.ones(self._count, np.bool_)
        largest = 0
        while largest < (left := np.flatnonzero(is_left)).size:
            reached = self._distances(int(left[0])) >= 0
            largest = max(largest, int(reached.sum()))
            is_left &= ~reached
        return largest / self._count if self._count else 0.0

    def distance(self) -> float:
        """Return the mean number of steps between people, from ten of them to all whom they reach."""
        totals = [
            (int(steps[steps > 0].sum()), int((steps > 0).sum()))
            for steps in map(self._distances, self._some(np.flatnonzero(np.diff(self._starts)), _STARTS))
        ]
        reached = sum(number for _, number in totals)
        return sum(steps for steps, _ in totals) / reached if reached else 0.0

    def _distances(self, start: int) -> Ints:
        steps = np.full(self._count, -1, np.int64)
        frontier = np.array([start])
        step = 0
        while len(frontier):
            steps[frontier] = step
            step += 1
            near = self._neighbours(frontier)
            frontier = np.unique(near[steps[near] < 0])
        return steps

    def _of(self, one: int) -> Ints:
        return self._others[self._starts[one] : self._starts[one + 1]]

    def _neighbours(self, people: Ints) -> Ints:
        numbers = self._starts[people + 1] - self._starts[people]
        firsts = np.repeat(self._starts[people] - (np.cumsum(numbers) - numbers), numbers)
        return self._others[firsts + np.arange(len(firsts))]

    def _some(self, people: Ints, most: int) -> Ints:
        return people if len(people) <= most else people[self._bits.order(len(people))[:most]]
