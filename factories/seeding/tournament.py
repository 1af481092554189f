"""Follows in matches between groups of people, played as a round-robin tournament: nobody stands in two at a time."""

from __future__ import annotations

from itertools import pairwise
from math import ceil, sqrt

import attrs
import numpy as np

from factories.seeding.network import Network, Places

MATCH = 2_500
"""About so many follows are a match."""
GROUPS = 4, 64
"""The fewest and the most groups: half as many matches are played side by side."""


@attrs.frozen
class Tournament:
    """The follows in the order in which they are played, and from where to where the matches of each round go in it."""

    order: Places
    rounds: list[list[tuple[int, int]]]

    @classmethod
    def of(cls, network: Network) -> Tournament:
        """Group people by their places, and play all against all, by the circle method."""
        ones, others = network.followers, network.followees
        groups = min(max(GROUPS[0], 2 * ceil(sqrt(len(ones) / MATCH / 2))), GROUPS[1])
        match = _matches(groups)[ones % groups, others % groups]
        order = np.argsort(match, kind="stable").astype(np.int32)
        return cls(order, _bounds(match[order], groups**2))


def _matches(groups: int) -> Places:
    """Number the match of each two groups, rounds first: the last round is of those within a group."""
    ones, others = np.indices((groups, groups), np.int32)
    low, high = np.minimum(ones, others), np.maximum(ones, others)
    meets = np.where(high == groups - 1, 2 * low, low + high) % (groups - 1)
    rounds = np.where(low == high, groups - 1, meets)
    numbered: Places = (rounds * groups**2 + low * groups + high).astype(np.int32)
    return numbered


def _bounds(matches: Places, each: int) -> list[list[tuple[int, int]]]:
    edges = [0, *(np.flatnonzero(matches[1:] != matches[:-1]) + 1).tolist(), len(matches)]
    rounds: dict[int, list[tuple[int, int]]] = {}
    for start, end in pairwise(edges if len(matches) else ()):
        rounds.setdefault(int(matches[start]) // each, []).append((start, end))
    return list(rounds.values())
