"""Filling a graph up: pairs are offered until everybody follows as many as they should; each pair is taken once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from factories.graphs.bits import Bits, Ints

Edges: TypeAlias = NDArray[np.int32]
"""Pairs (follower, followee) of indices, shape (follows, 2)."""

_ROUNDS = 12
"""Times that a draw is offered again to those who drew somebody they follow already; the rest choose from a list."""


class Filling:
    """A graph on its way to `wanted` followees for each user.

    `room` says how many followers each user may still get (None: any number).
    """

    def __init__(self, count: int, wanted: Ints, bits: Bits, room: Ints | None = None) -> None:
        self._count = count
        self._wanted = wanted.astype(np.int64)
        self._bits = bits
        self._room = None if room is None else room.astype(np.int64)
        self._pairs: Ints = np.empty(0, np.int64)  # sorted; follower * count + followee
        self._following: Ints = np.zeros(count, np.int64)

    def add(self, followers: Ints, followees: Ints) -> None:
        """Take the pairs that may be: each once, nobody with oneself, nobody more than wanted or than there is room."""
        fresh = _each_once((followers * self._count + followees)[followers != followees])
        fresh = fresh[~self._has(fresh)]
        fresh = self._with_room(self._within_wanted(fresh))
        self._following += np.bincount(fresh // self._count, minlength=self._count)
        if self._room is not None:
            self._room -= np.bincount(fresh % self._count, minlength=self._count)
        self._pairs = np.concatenate([self._pairs, fresh])
        self._pairs.sort(kind="stable")

    def fill(self, draw: Callable[[Ints], Ints], upto: Ints | None = None) -> None:
        """Let everybody follow as many as wanted (or `upto`), by a draw of one followee for each of many followers.

        With `upto`, who finds nobody new is left with fewer.
        """
        goal = self._wanted if upto is None else np.minimum(upto, self._wanted)
        everybody = np.arange(self._count)
        for _ in range(_ROUNDS):
            lacking = np.repeat(everybody, np.maximum(goal - self._following, 0))
            if not len(lacking):
                return
            self.add(lacking, draw(lacking))
        if upto is None:
            for follower in np.flatnonzero(self._following < goal):
                self._choose(int(follower))

    def pairs(self) -> tuple[Ints, Ints]:
        """Return followers and followees so far."""
        return self._pairs // self._count, self._pairs % self._count

    def edges(self) -> Edges:
        """Return the graph."""
        return np.stack([half.astype(np.int32) for half in self.pairs()], axis=1)

    def followees_of(self, followers: Ints) -> Ints:
        """Draw one of the followees of each; of somebody who follows nobody, themselves."""
        starts = np.cumsum(self._following) - self._following
        numbers = self._following[followers]
        places = starts[followers] + self._bits.below(np.maximum(numbers, 1))
        if not len(self._pairs):
            return followers
        return np.where(numbers > 0, self._pairs[np.minimum(places, len(self._pairs) - 1)] % self._count, followers)

    def _has(self, fresh: Ints) -> NDArray[np.bool_]:
        places = np.searchsorted(self._pairs, fresh)
        places[places == len(self._pairs)] = 0
        return self._pairs[places] == fresh if len(self._pairs) else np.zeros(len(fresh), np.bool_)

    def _within_wanted(self, fresh: Ints) -> Ints:
        left = self._wanted - self._following
        followers = fresh // self._count
        if not np.any(np.bincount(followers, minlength=self._count) > left):
            return fresh
        return fresh[self._place_among(followers) < left[followers]]

    def _with_room(self, fresh: Ints) -> Ints:
        if self._room is None:
            return fresh
        followees = fresh % self._count
        return fresh[self._place_among(followees) < self._room[followees]]

    def _place_among(self, owners: Ints) -> Ints:
        """Return of each offer which one of its owner's it is, in an order that is drawn."""
        shuffled = self._bits.order(len(owners))
        order = shuffled[np.argsort(owners[shuffled], kind="stable")]
        ordered = owners[order]
        starts = np.searchsorted(ordered, ordered)
        places = np.empty(len(owners), np.int64)
        places[order] = np.arange(len(owners)) - starts
        return places

    def _choose(self, follower: int) -> None:
        """Let one follow whomever of all that are left, as many as are lacking."""
        free = np.setdiff1d(np.arange(self._count), self._followees(follower))
        free = free[free != follower]
        if self._room is not None:
            free = free[self._room[free] > 0]
        number = int(self._wanted[follower] - self._following[follower])
        chosen = free[self._bits.order(len(free))[:number]]
        self.add(np.full(len(chosen), follower), chosen)

    def _followees(self, follower: int) -> Ints:
        """Return whom one follows so far."""
        bounds = np.searchsorted(self._pairs, [follower * self._count, (follower + 1) * self._count])
        return self._pairs[bounds[0] : bounds[1]] % self._count


def _each_once(pairs: Ints) -> Ints:
    """Sort, and leave out what is there again: of millions in a fifth of the time of np.unique, which hashes."""
    pairs = np.sort(pairs)
    return pairs[np.concatenate([[True], pairs[1:] != pairs[:-1]])] if len(pairs) else pairs
