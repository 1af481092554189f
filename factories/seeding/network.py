"""Who follows whom in a world: users among each other, then the audience the influencers, by places and as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import attrs
import numpy as np
from numpy.typing import NDArray

from factories.graphs import Ints, members
from factories.seeding.draws import Draws, random_of
from factories.texts.topics import TOPICS, topic_of
from seedbed.strategy.randomness import key_of
from services import User

Places: TypeAlias = NDArray[np.int32]
"""Of people: half as large as NumPy's own whole numbers, since a large world has millions of follows."""


@attrs.frozen
class Network:
    """All follows, by their ordinals: first those among users, then fan by fan those of the audience.

    Fan by fan: so all influencers' partitions take a part of it at any time, and packs hold blocks of follows.
    """

    followers: Places
    followees: Places
    audience: int
    _among_users: Places
    _starts: Ints

    @classmethod
    def draw(cls, draws: Draws, users: Sequence[User]) -> Network:
        """Draw it; the same users give the same one. Cost: see `factories.graphs.edges`."""
        topics = [TOPICS.index(topic_of(user.id)) for user in users]
        room = draws.room()
        edges = members(topics, draws.preset.follows_per_user, key_of("seeder", "follows"), room=room)
        got = np.bincount(edges[:, 1], minlength=len(users))
        wanted = [count - int(got[place]) for place, count in enumerate(room)]
        audience = max(wanted, default=0)
        fans, influencers = _fans(wanted, audience)
        order = np.argsort(edges[:, 1], kind="stable")
        return cls(
            np.concatenate([edges[:, 0], np.int32(len(users)) + fans]),
            np.concatenate([edges[:, 1], influencers]),
            audience,
            edges[order, 0],
            np.searchsorted(edges[order, 1], np.arange(len(users) + 1)),
        )

    def followers_of(self, place: int) -> list[int]:
        """Return which users follow a user, by their places."""
        found: list[int] = self._among_users[self._starts[place] : self._starts[place + 1]].tolist()
        return found


def _fans(wanted: Sequence[int], audience: int) -> tuple[Places, Places]:
    """Draw who of the audience follows which influencer, sorted by fan."""
    drawn = [random_of("fans", place).sample(range(audience), count) for place, count in enumerate(wanted)]
    fans = np.fromiter((fan for chosen in drawn for fan in chosen), np.int32)
    influencers = np.repeat(np.arange(len(wanted), dtype=np.int32), np.array(wanted, np.int64))
    order = np.lexsort((influencers, fans))
    return fans[order], influencers[order]
