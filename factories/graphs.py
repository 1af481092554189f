"""Who follows whom, as pairs of indices: deterministic by the random source, one strategy a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factories.errors import UnknownStrategyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from random import Random

_HANDFUL = 5
_INFLUENCERS_IN = 10  # one in so many users
_FEW = 3


def edges(count: int, strategy: str, random: Random) -> Iterable[tuple[int, int]]:
    """Return the pairs (follower, followee) among `count` users, each once, nobody with oneself.

    Raises:
        UnknownStrategyError: There is no such strategy.
    """
    if strategy not in _STRATEGIES:
        raise UnknownStrategyError(strategy, _STRATEGIES)
    return _STRATEGIES[strategy](count, random)


def _random(count: int, random: Random) -> Iterator[tuple[int, int]]:
    for follower in range(count):
        number = min(count - 1, random.randint(1, 2 * _HANDFUL - 1))
        for followee in _others(follower, (count, number), random):
            yield follower, followee


def _influencer(count: int, random: Random) -> Iterator[tuple[int, int]]:
    influencers = max(1, count // _INFLUENCERS_IN)
    for follower in range(count):
        few = _others(follower, (count, min(count - 1, random.randint(0, _FEW))), random)
        followees = dict.fromkeys([*range(influencers), *few])
        followees.pop(follower, None)
        for followee in followees:
            yield follower, followee


def _complete(count: int, random: Random) -> Iterator[tuple[int, int]]:
    del random
    for follower in range(count):
        for followee in range(count):
            if followee != follower:
                yield follower, followee


def _others(one: int, size: tuple[int, int], random: Random) -> list[int]:
    count, number = size
    return [other + (other >= one) for other in random.sample(range(count - 1), number)]


_STRATEGIES = {"random": _random, "influencer": _influencer, "complete": _complete}
