"""The seeder: makes a preset's world through the factories, phase by phase, in one process.

Every choice is a keyed draw (seed, what, ordinal), so a world is a function of the binding's seed, the preset and the
clock. Each phase is one unit of work; memory holds the users and posts, not the likes. `slices.py` makes the same
world in parts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import attrs

from factories.presets import Preset
from factories.seeding.crowd import Crowd
from factories.seeding.draws import Draws, Published
from factories.seeding.making import Making, Progress, no_progress
from factories.seeding.network import Network
from factories.seeding.phases import Stages
from seedbed.strategy.collecting import rarer_collections
from services import User


@attrs.frozen
class World:
    """What the seeder made: the preset's users, influencers first, and how many others follow those."""

    users: tuple[User, ...]
    influencers: tuple[User, ...]
    audience: int


class Seeder:
    """Makes one world in the app that is bound."""

    def __init__(
        self, app: Any, preset: Preset, progress: Progress = no_progress, stages: Stages | None = None
    ) -> None:
        self._app = app
        self._preset = preset
        self._progress = progress
        self._stages = stages or Stages()
        self._making = Making(Draws(preset, app.clock.now()), progress)

    def run(self) -> World:
        """Make the world, but for the phases that are in the table already.

        Raises:
            RefusedChangesError: the table holds something that contradicts it; all else is written.
            StoppedError: the engine stopped it; the same run again completes it.
        """
        with rarer_collections():
            with self._stages.making(self._app, "users"):
                users, network, audience = self._people()
            self._make("follows", self._follow, [*users, *audience], network)
            with self._stages.making(self._app, "posts"):
                posts = self._posts(users)
                self._progress("feeds of posts", 0, len(posts))
            self._progress("feeds of posts", len(posts), len(posts))  # the end of the block delivered them
            self._make("likes", self._making.like, users, Crowd(users, network.followers_of), posts)
            self._make("comments", self._making.comment, users, Crowd(users, network.followers_of), posts)
        return World(tuple(users), tuple(users[: self._preset.influencers]), len(audience))

    def _make(self, phase: str, make: Callable[..., None], *of: Any) -> None:
        """Make a phase whose objects no later one needs, unless it is in the table."""
        if not self._stages.is_done(phase):
            with self._stages.making(self._app, phase):
                make(*of)

    def _people(self) -> tuple[list[User], Network, list[User]]:
        count = self._preset.users
        users = self._making.users(range(count))
        network = Network.draw(self._making.draws, users)
        return users, network, self._making.audience(range(count, count + network.audience))

    def _follow(self, people: Sequence[User], network: Network) -> None:
        pairs = zip(network.followers.tolist(), network.followees.tolist(), strict=True)
        follows = ((ordinal, people[one], people[other]) for ordinal, (one, other) in enumerate(pairs))
        self._making.follow(follows, len(network.followers))

    def _posts(self, users: Sequence[User]) -> list[Published]:
        authors = self._making.draws.authors()
        return self._making.posts(users, authors, range(len(authors)))
