"""A world in slices: parts of a phase that any process makes without the others, in its own app and unit of work.

What others made is drawn again, never asked for: so all that a slice needs is the preset, the seed and the clock. All
slices of all phases leave the rows that `Seeder` leaves, however they are cut, where every slice of a phase is made
before any of the next one.

Slices that are made side by side share no row that counts: posts are cut by author, likes and comments by post. A
follow counts on two users, so follows are cut as a round-robin tournament is: people are in groups, a slice is all
that two groups have with each other, and in each round every group stands in one slice (`rounds`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from functools import cached_property
from itertools import pairwise
from math import ceil
from typing import Any, Self

import attrs
import numpy as np

from factories.comments import CommentFactory
from factories.errors import FactoryError
from factories.graphs import Ints
from factories.posts import PostFactory
from factories.presets import Preset
from factories.seeding.crowd import Crowd
from factories.seeding.draws import Draws, Published
from factories.seeding.making import Making, Progress, no_progress
from factories.seeding.network import Network, Places
from factories.seeding.phases import MISSED, WORLD_PHASES
from factories.seeding.seeder import World
from factories.seeding.tournament import Tournament
from factories.users import UserFactory
from seedbed.strategy.collecting import rarer_collections
from services import User
from services.errors import ServiceError

ROWS = 10_000
"""So many rows a slice has, about: a second's work, so that little is lost with a worker."""
_NEAR = 5
"""So many slices are named where one is asked for that there is not."""
LEAST = 8
"""So many slices a phase has at least, where it has so many ordinals."""


class NoSliceError(FactoryError):
    """There is no such slice of this world."""

    exit_code = 2

    def __init__(self, text: str, why: str) -> None:
        self.text, self.why = text, why
        super().__init__(f"there is no slice {text!r}: {why}")


@attrs.frozen(order=True)
class Slice:
    """A part of a phase: its ordinals from the first to the last one."""

    phase: str
    first: int
    last: int

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what `str` wrote, such as `likes:100-199`.

        Raises:
            NoSliceError: It is none.
        """
        found = re.fullmatch(r"(\w+):([0-9]{1,15})-([0-9]{1,15})", text)
        phases = ", ".join(WORLD_PHASES)
        if found is None or found[1] not in WORLD_PHASES or int(found[2]) > int(found[3]):
            raise NoSliceError(text, f"write PHASE:FIRST-LAST, such as likes:100-199, of the phases {phases}")
        return cls(found[1], int(found[2]), int(found[3]))

    def __str__(self) -> str:
        """Write it as `read` takes it."""
        return f"{self.phase}:{self.first}-{self.last}"

    def __len__(self) -> int:
        """Count its ordinals."""
        return self.last - self.first + 1

    @property
    def ordinals(self) -> range:
        """Its ordinals: of people, of follows in the order of `rounds`, and of posts (also for what is under them)."""
        return range(self.first, self.last + 1)


class SlicedWorld:
    """One world, as slices: which there are, and the making of each in the app that is bound.

    What is drawn for one slice is kept for the next: memory for the preset's users and their follows, not for the
    audience, posts, likes and comments.
    """

    def __init__(self, app: Any, preset: Preset) -> None:
        self._app = app
        self._preset = preset
        self._draws = Draws(preset, app.clock.now())

    # Which there are

    def rounds(self, phase: str) -> list[list[Slice]]:
        """Return the slices of a phase: those of a round may be made side by side, the rounds one after another.

        They are the same for any number of workers.
        """
        if phase == "follows":
            return [[Slice(phase, a, b - 1) for a, b in turn] for turn in self._tournament.rounds]
        total = self.total(phase)
        slices = self.cut(phase, max(ceil(total * self._rows_of[phase] / ROWS), min(LEAST, total)))
        return [slices] if slices else []

    def cut(self, phase: str, number: int) -> list[Slice]:
        """Cut a phase into so many slices of about one size, to be made one after another; fewer where it is small."""
        total = self.total(phase)
        ends = [total * part // number for part in range(1, number + 1)]
        if phase == "posts":
            ends = [self._author_ends[bisect_left(self._author_ends, end)] for end in ends if self._author_ends]
        edges = sorted({0, *ends})
        return [Slice(phase, first, end - 1) for first, end in pairwise(edges)]

    def total(self, phase: str) -> int:
        """Count a phase's ordinals."""
        if phase == "users":
            return self._preset.users + self._network.audience
        return len(self._network.followers) if phase == "follows" else len(self._authors)

    def check(self, piece: Slice) -> None:
        """Refuse a slice that goes beyond this world.

        Raises:
            NoSliceError: It does.
        """
        total = self.total(piece.phase)
        if piece.last >= total:
            raise NoSliceError(str(piece), f"this world's {piece.phase} end at {total - 1}" if total else "it has none")

    def check_cut(self, piece: Slice) -> None:
        """Refuse a slice that is none of those into which this world is cut: others would note, and wait for, those.

        Raises:
            NoSliceError: It is none.
        """
        self.check(piece)
        cuts = sorted(one for turn in self.rounds(piece.phase) for one in turn)
        if piece not in cuts:
            near = [str(one) for one in cuts if one.first <= piece.last and piece.first <= one.last]
            rest = f" and {len(near) - _NEAR:,} more" if len(near) > _NEAR else ""
            why = (
                f"{piece.phase} are cut into {len(cuts):,} slices, and of these ordinals are {', '.join(near[:_NEAR])}"
            )
            raise NoSliceError(str(piece), why + rest)

    @cached_property
    def _rows_of(self) -> dict[str, float]:
        """About how many rows an ordinal of a phase has."""
        preset = self._preset
        readers = len(self._network.followers) / max(1, preset.users)
        means = {name: span.min + (span.max - span.min) / 4 for name, span in self._under_posts.items()}
        return {"users": 5.0, "posts": 2.0 + readers} | {name: 1.0 + mean for name, mean in means.items()}

    @property
    def _under_posts(self) -> dict[str, Any]:
        return {"likes": self._preset.likes_per_post, "comments": self._preset.comments_per_post}

    # Making one

    def make(self, piece: Slice, progress: Progress = no_progress) -> list[ServiceError]:
        """Make a slice in a unit of work of its own; return what was left out, as a run's phases do (`phases.py`).

        A slice that was made, or begun, may be made again: it leaves the same rows.

        Raises:
            NoSliceError: There is none such in this world.
            RefusedChangesError: the table holds something that contradicts it; all else is written.
            StoppedError: the engine stopped it.
        """
        self.check(piece)
        make: Callable[[Making, range], None] = getattr(self, f"_make_{piece.phase}")
        return self._in_unit(lambda: make(Making(self._draws, progress), piece.ordinals))

    def _in_unit(self, make: Callable[[], None]) -> list[ServiceError]:
        with rarer_collections(), self._app.unit_of_work(skipping=MISSED) as unit:
            unit.is_looking_ahead = True
            make()
        return list(unit.left_out)

    def make_owned(self, phase: str, owners: range) -> list[ServiceError]:
        """Make what some of the preset's users own in a phase, by their places, as `make` does.

        Themselves, with their part of the audience; who follows them; their posts; likes of these and comments on
        these. So of all rows that all phases read, none is another owner's, and all that moves elsewhere is the
        `following_count` of followers.

        Raises:
            RefusedChangesError: as `make`.
            StoppedError: as `make`.
        """
        make: Callable[[Making, range], None] = getattr(self, f"_own_{phase}", self._own_posted(phase))
        return self._in_unit(lambda: make(Making(self._draws), owners))

    def _own_users(self, making: Making, owners: range) -> None:
        users, audience = self._preset.users, self._network.audience
        for places in (owners, range(*(users + audience * place // users for place in (owners.start, owners.stop)))):
            self._make_users(making, places)

    def _own_follows(self, making: Making, owners: range) -> None:
        followees = self._network.followees
        self._follow(making, np.flatnonzero((followees >= owners.start) & (followees < owners.stop)))

    def _own_posted(self, phase: str) -> Callable[[Making, range], None]:
        def own(making: Making, owners: range) -> None:
            ordinals = range(*(bisect_left(self._authors, place) for place in (owners.start, owners.stop)))
            getattr(self, f"_make_{phase}")(making, ordinals)

        return own

    def _make_users(self, making: Making, places: range) -> None:
        users = self._preset.users
        UserFactory.reset_sequence(places.start)
        making.users(range(places.start, min(places.stop, users)))
        making.audience(range(max(places.start, users), places.stop))

    def _make_follows(self, making: Making, places: range) -> None:
        self._follow(making, self._tournament.order[places.start : places.stop])

    def _follow(self, making: Making, chosen: Ints | Places) -> None:
        network = self._network
        pairs = zip(
            chosen.tolist(), network.followers[chosen].tolist(), network.followees[chosen].tolist(), strict=True
        )
        people: dict[int, User] = {}
        follows = ((ordinal, self._person(one, people), self._person(other, people)) for ordinal, one, other in pairs)
        making.follow(follows, len(chosen))

    def _person(self, place: int, known: dict[int, User]) -> User:
        if place < len(self._users):
            return self._users[place]
        if place not in known:
            known[place] = self._draws.person(place)
        return known[place]

    def _make_posts(self, making: Making, ordinals: range) -> None:
        self._posts(making, ordinals)

    def _posts(self, making: Making, ordinals: range) -> list[Published]:
        PostFactory.reset_sequence(ordinals.start)
        return making.posts(self._users, self._authors, ordinals)

    def _make_likes(self, making: Making, ordinals: range) -> None:
        mobs, users, authors = self._draws.mobs(), self._users, self._authors
        places = [(ordinal, authors[ordinal]) for ordinal in ordinals]
        posts = [Published(self._draws.post(ordinal, users[author], mobs), author) for ordinal, author in places]
        making.like(users, self._crowd, posts, ordinals.start)

    def _make_comments(self, making: Making, ordinals: range) -> None:
        with self._app.rehearsal():  # comments answer what posts say
            posts = self._posts(Making(self._draws), ordinals)
        CommentFactory.reset_sequence(self._comments_before[ordinals.start])
        making.comment(self._users, self._crowd, posts, ordinals.start)

    def world(self) -> World:
        """Return what is known of the world without asking the table."""
        users = tuple(self._users)
        return World(users, users[: self._preset.influencers], self._network.audience)

    # What is drawn once

    @cached_property
    def _users(self) -> list[User]:
        return [self._draws.person(place) for place in range(self._preset.users)]

    @cached_property
    def _network(self) -> Network:
        return Network.draw(self._draws, self._users)

    @cached_property
    def _crowd(self) -> Crowd:
        return Crowd(self._users, self._network.followers_of)

    @cached_property
    def _authors(self) -> list[int]:
        return self._draws.authors()

    @cached_property
    def _author_ends(self) -> list[int]:
        """Up to where the posts of each author go."""
        return [end for end, (one, other) in enumerate(pairwise([*self._authors, -1]), 1) if one != other]

    @cached_property
    def _comments_before(self) -> list[int]:
        return self._draws.comments_before(self._authors)

    @cached_property
    def _tournament(self) -> Tournament:
        return Tournament.of(self._network)
