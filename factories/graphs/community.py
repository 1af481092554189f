"""`community`: follows as in a real network.

Whom people follow, in shares after LDBC SNB's generator (45 % the same place, 45 % the same interest, 10 % anybody):

- **their circle**: few people of the same topic, nearer ones more likely; most follow back. It makes follows mutual
  (of connected pairs 22.1 % on Twitter: Kwak et al., 2010) and clusters.
- **their topic**: whom those follow whom one follows already (which closes triangles: Holme and Kim, 2002), or who is
  popular.
- **anybody**, the popular ones first; it ties the communities together.

Popularity falls with rank by a power, so that followers have a tail with an exponent near 2.28 (Kwak et al., 2010).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from factories.graphs.bits import Bits, Ints
from factories.graphs.filling import Edges, Filling

EXPONENT = 2.1
"""Of popularity. Followers come out at about 2.3, because circles are more even."""
CIRCLE, TOPIC = 0.45, 0.45
FOLLOW_BACK = 0.53
"""The share of a circle's follows that are answered by another, beside those that are mutual by chance."""
THROUGH_FRIENDS = 0.5
"""The share of follows within a topic that lead to somebody whom a followee follows."""
NEAR = 1.2
"""A circle reaches so many times as far, to each side, as a user has follows in it."""
_SCALE = 2**20


def community(
    wanted: Ints,
    bits: Bits,
    *,
    topics: Sequence[int] = (),
    room: Ints | None = None,
    first: int = 0,
) -> Edges:
    """Return the follows of users of whom each follows `wanted` others.

    Args:
        wanted: how many each follows, below the number of users; fewer where `room` leaves nobody else.
        bits: what it is drawn from.
        topics: what each user cares for, as a number; none given, there are no topics.
        room: how many followers each may get at most; any number unless given.
        first: so many users from the first on are the most popular.
    """
    count = len(wanted)
    people = _People(count, np.asarray(topics if len(topics) else np.zeros(count), np.int64), bits, first)
    filling = Filling(count, wanted, bits, room)
    # In thousandths, as whole numbers.
    circle = wanted * round(1_000 * CIRCLE / (1 + FOLLOW_BACK))
    number = circle // 1_000 + (bits.below(np.full(count, 1_000)) < circle % 1_000)
    filling.fill(lambda followers: people.near(followers, number), upto=number)
    followers, followees = filling.pairs()
    is_answered = bits.are(len(followers), FOLLOW_BACK)
    filling.add(followees[is_answered], followers[is_answered])
    filling.fill(lambda followers: _other(followers, people, filling, bits))
    return filling.edges()


def _other(followers: Ints, people: _People, filling: Filling, bits: Bits) -> Ints:
    """Draw somebody of the topic, or anybody, for each."""
    chosen = people.popular(followers)
    is_through = bits.are(len(followers), THROUGH_FRIENDS)
    through = followers[is_through]
    chosen[is_through] = filling.followees_of(filling.followees_of(through))
    is_anybody = bits.are(len(followers), 1 - TOPIC / (1 - CIRCLE))
    chosen[is_anybody] = people.anybody(int(is_anybody.sum()))
    return chosen


class _People:
    """Users in the order of their topics, each with a place in it and a popularity."""

    def __init__(self, count: int, topics: Ints, bits: Bits, first: int) -> None:
        self._bits = bits
        rank = np.empty(count, np.int64)
        rank[first + bits.order(count - first)] = np.arange(first, count)
        rank[:first] = np.arange(first)
        shuffled = bits.order(count)
        self._order = shuffled[np.argsort(topics[shuffled], kind="stable")]
        self._place = np.empty(count, np.int64)
        self._place[self._order] = np.arange(count)
        ordered = topics[self._order]
        self._start = np.searchsorted(ordered, topics, side="left")
        self._end = np.searchsorted(ordered, topics, side="right")
        weight = np.maximum(1, (_SCALE * (rank + 1.0) ** (-1 / (EXPONENT - 1))).astype(np.int64))
        self._rank = rank
        self._sums = np.concatenate([[0], np.cumsum(weight[self._order])])

    def near(self, followers: Ints, number: Ints) -> Ints:
        """Draw two neighbours in the order of the topic for each, and take the more popular one."""
        one, other = self._neighbour(followers, number), self._neighbour(followers, number)
        is_first = (self._rank[one] < self._rank[other]) & (one != followers)
        return np.where(is_first | (other == followers), one, other)

    def _neighbour(self, followers: Ints, number: Ints) -> Ints:
        """Draw one: the product of two even draws falls with distance."""
        size = self._end[followers] - self._start[followers]
        reach = np.maximum(2, (number[followers] * NEAR).astype(np.int64) + 1)
        step = 1 + self._bits.below(1 + self._bits.below(reach))
        sign = 1 - 2 * self._bits.below(np.full(len(followers), 2))
        place = (self._place[followers] - self._start[followers] + sign * step) % size
        found: Ints = self._order[self._start[followers] + place]
        return found

    def popular(self, followers: Ints) -> Ints:
        """Draw somebody of the same topic for each, by popularity."""
        low, high = self._sums[self._start[followers]], self._sums[self._end[followers]]
        return self._at(low + self._bits.below(high - low))

    def anybody(self, number: int) -> Ints:
        """Draw so many people, by popularity."""
        return self._at(self._bits.below(np.full(number, self._sums[-1])))

    def _at(self, drawn: Ints) -> Ints:
        found: Ints = self._order[np.searchsorted(self._sums, drawn, side="right") - 1]
        return found
