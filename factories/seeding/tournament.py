"""Follows in matches between groups of people, played as a round-robin tournament: nobody stands in two at a time."""

from __future__ import annotations

from math import ceil, sqrt

import attrs
import numpy as np

from factories.graphs import Ints
from factories.seeding.network import Network

MATCH = 2_500
"""About so many follows are a match."""
GROUPS = 4, 64
"""The fewest and the most groups: half as many matches are played side by side."""


@attrs.frozen
class Tournament:
    """The follows in the order in which they are played, and from where to where the matches of each round go in it."""

    order: Ints
    rounds: list[list[tuple[int, int]]]

    @classmethod
    def of(cls, network: Network) -> Tournament:
        """Group people by their places, and play all against all, by the circle method."""
        ones, others = network.followers, network.followees
        groups = min(max(GROUPS[0], 2 * ceil(sqrt(len(ones) / MATCH / 2))), GROUPS[1])
        low, high = np.minimum(ones % groups, others % groups), np.maximum(ones % groups, others % groups)
        meets = np.where(high == groups - 1, 2 * low, low + high) % (groups - 1)
        rounds = np.where(low == high, groups - 1, meets)  # the last one is of those within a group
        matches = rounds * groups**2 + low * groups + high
        order = np.argsort(matches, kind="stable")
        return cls(order, _bounds(matches[order], groups**2))


def _bounds(matches: Ints, each: int) -> list[list[tuple[int, int]]]:
    found, starts = np.unique(matches, return_index=True)
    ends = [*starts.tolist(), len(matches)][1:]
    rounds: dict[int, list[tuple[int, int]]] = {}
    for match, start, end in zip(found.tolist(), starts.tolist(), ends, strict=True):
        rounds.setdefault(match // each, []).append((start, end))
    return list(rounds.values())
