"""Who follows whom, as arrays of pairs of indices: deterministic by a key, one strategy a function.

    edges(1_000, "community", key_of("graph"))  # [[0, 17], [0, 312], …]: user 0 follows user 17

Strategies: `random`, `influencer`, `complete`, and `community`, which looks like a real network. All draws are raw bits
of NumPy's Philox (Salmon et al., 2011), whose stream NumPy keeps as it is, mapped by whole numbers alone: the same
key gives the same graph on every machine and with every version. Edges come sorted by follower, then followee.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from factories.errors import UnknownStrategyError
from factories.graphs.bits import Bits, Ints
from factories.graphs.community import community
from factories.graphs.filling import Edges, Filling
from seedbed.strategy.errors import InvalidCountError

__all__ = ["HANDFUL", "STRATEGIES", "Edges", "Ints", "community", "edges", "members"]

HANDFUL = 5
"""How many others a user follows on average, unless told."""
_INFLUENCERS_IN = 10  # one in so many users
_FANS = 10_000_000  # as many follows of influencers there are at most, where more than one is to be followed; or of all
_FEW = 3

_Strategy: TypeAlias = Callable[[int, Bits, int, Sequence[int]], Edges]


def edges(count: int, strategy: str, key: int, *, mean: int = HANDFUL, topics: Sequence[int] = ()) -> Edges:
    """Return the pairs (follower, followee) among `count` users, each once, nobody with oneself; shape (follows, 2).

    Args:
        count: how many users.
        strategy: its name; see `STRATEGIES`.
        key: what it is drawn from: 64 bits, as of `key_of`.
        mean: how many others a user follows on average (`random` and `community`).
        topics: what each user cares for, as a number (`community`); none given, there are no topics.

    Raises:
        UnknownStrategyError: There is no such strategy.
        InvalidCountError: A `complete` one would have more than ten million.

    Cost: 1,000,000 users and 10,000,000 follows take some 10 seconds and 0.6 GB (`python -m benchmarks graphs`);
    `complete` is as large as its answer.
    """
    if strategy not in STRATEGIES:
        raise UnknownStrategyError(strategy, STRATEGIES)
    return STRATEGIES[strategy](count, Bits(key), mean, topics)


def members(topics: Sequence[int], each: int, key: int, *, room: Sequence[int]) -> Edges:
    """Return whom the users of a preset follow: `each` others everybody, where there are so many.

    Args:
        topics: what each user cares for, as a number.
        each: how many others everybody follows.
        key: what it is drawn from.
        room: how many followers the first users, who are the most popular ones, may get from among the users.
    """
    count = len(topics)
    rooms = np.full(count, count)
    rooms[: len(room)] = room
    wanted = np.full(count, min(each, count - 1))
    return community(wanted, Bits(key), topics=topics, room=rooms, first=len(room))


def spread(count: int, bits: Bits, mean: int) -> Ints:
    """Draw how many each of `count` users follows: from 1 to `2 * mean - 1`, evenly; never more than there are."""
    return np.minimum(1 + bits.below(np.full(count, max(1, 2 * mean - 1))), count - 1)


def _random(count: int, bits: Bits, mean: int, _topics: Sequence[int]) -> Edges:
    filling = Filling(count, spread(count, bits, mean), bits)
    filling.fill(lambda followers: bits.below(np.full(len(followers), count)))
    return filling.edges()


def _influencer(count: int, bits: Bits, _mean: int, _topics: Sequence[int]) -> Edges:
    first = np.arange(max(1, min(count // _INFLUENCERS_IN, _FANS // count)))
    filling = Filling(count, np.full(count, count - 1), bits)
    filling.add(np.repeat(np.arange(count), len(first)), np.tile(first, count))
    few = np.repeat(np.arange(count), bits.below(np.full(count, _FEW + 1)))
    filling.add(few, bits.below(np.full(len(few), count)))
    return filling.edges()


def _complete(count: int, _bits: Bits, _mean: int, _topics: Sequence[int]) -> Edges:
    follows, what = count * (count - 1), "the number of follows of a complete graph"
    if follows > _FANS:
        raise InvalidCountError(what, follows, f"at most {_FANS:,}")
    followers = np.repeat(np.arange(count, dtype=np.int32), count - 1)
    followees = np.tile(np.arange(count - 1, dtype=np.int32), count)
    return np.stack([followers, followees + (followees >= followers)], axis=1)


def _community(count: int, bits: Bits, mean: int, topics: Sequence[int]) -> Edges:
    return community(spread(count, bits, mean), bits, topics=topics)


STRATEGIES: Mapping[str, _Strategy] = {
    "random": _random,
    "influencer": _influencer,
    "complete": _complete,
    "community": _community,
}
"""Each strategy by its name."""
