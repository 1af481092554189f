"""The seeder: makes a preset's world through the factories, each thing after its cause and before the clock's now.

Every choice is a keyed draw (seed, what, ordinal), so a world is a function of the binding's seed, the preset and the
clock. Everything is queued in one unit of work; memory holds the users and posts, not the likes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, TypeAlias

import attrs

from factories.collecting import rarer_collections
from factories.comments import CommentFactory
from factories.draws import KeyedRandom, fraction, key_of
from factories.follows import FollowFactory
from factories.graphs import members
from factories.likes import LikeFactory
from factories.moments import between
from factories.posts import PostFactory
from factories.presets import Preset
from factories.topics import TOPICS, topic_of
from factories.users import UserFactory
from services import Comment, Post, User

Progress: TypeAlias = Callable[[str, int, int], None]
"""Told what is being made, how many are done, and how many there will be."""

WINDOW = timedelta(days=365)
"""All of a world happens within so long before the clock's now."""
SETTLED = timedelta(days=7)
"""Everybody joined at least so long before the clock's now."""
BATCH = 1_000
"""So many follows are made in one call, and held meanwhile."""
REPLIES = 0.25
"""The share of comments that answer an earlier one."""


@attrs.frozen
class World:
    """What the seeder made: the preset's users, influencers first, and how many others follow those."""

    users: tuple[User, ...]
    influencers: tuple[User, ...]
    audience: int


def no_progress(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""


class Seeder:
    """Makes one world in the app that is bound."""

    def __init__(self, app: Any, preset: Preset, progress: Progress = no_progress) -> None:
        self._app = app
        self._preset = preset
        self._progress = progress
        self._now: datetime = app.clock.now()

    def run(self) -> World:
        """Make the world.

        Raises:
            RefusedChangesError: the table holds something that contradicts it; all else is written.
            StoppedError: the engine stopped it; the same run again completes it.
        """
        with rarer_collections(), self._app.unit_of_work():
            users = self._users()
            audience = self._follow(users)
            posts = self._posts(users)
            self._like(users, posts)
            self._comment(users, posts)
            self._progress("feeds of posts", 0, len(posts))
        self._progress("feeds of posts", len(posts), len(posts))  # the end of the block delivered them
        return World(tuple(users), tuple(users[: self._preset.influencers]), audience)

    def _random(self, *path: object) -> KeyedRandom:
        return KeyedRandom(key_of("seeder", *path))

    def _moment(self, *path: object, after: datetime) -> datetime:
        return between(after, self._now, fraction(key_of("seeder", *path)))

    def _each(self, what: str, things: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        total = len(things)
        step = max(1, total // 100)
        for ordinal, thing in enumerate(things):
            yield ordinal, thing
            if (ordinal + 1) % step == 0 or ordinal + 1 == total:
                self._progress(what, ordinal + 1, total)

    # Users and follows

    def _users(self) -> list[User]:
        preset = self._preset
        verified = set(self._random("verified").sample(range(preset.users), round(preset.verified * preset.users)))
        return [
            UserFactory(at=self._joined("user", ordinal), email_verified=ordinal in verified)
            for ordinal, _ in self._each("users", range(preset.users))
        ]

    def _joined(self, *path: object) -> datetime:
        return between(self._now - WINDOW, self._now - SETTLED, fraction(key_of("seeder", "joined", *path)))

    def _follow(self, users: Sequence[User]) -> int:
        """Let everybody follow as many as the preset says, and an audience follow the influencers besides."""
        room = {
            place: self._preset.influencer_followers.random(self._random("fans of", place))
            for place in range(self._preset.influencers)
        }
        edges = list(self._edges(users, room))
        audience = [
            UserFactory(at=self._joined("audience", ordinal))
            for ordinal, _ in self._each("audience", range(max(room.values(), default=0)))
        ]
        for place, count in room.items():
            fans = self._random("fans", place).sample(audience, count)
            edges += [(fan, users[place]) for fan in fans]
        moments = (
            {"follower": follower, "followee": followee, "at": self._met(ordinal, follower, followee)}
            for ordinal, (follower, followee) in self._each("follows", edges)
        )
        while batch := list(islice(moments, BATCH)):
            FollowFactory.create_each(batch)
        return len(audience)

    def _met(self, ordinal: int, follower: User, followee: User) -> datetime:
        return self._moment("follow", ordinal, after=max(follower.created_at, followee.created_at))

    def _edges(self, users: Sequence[User], room: dict[int, int]) -> Iterator[tuple[User, User]]:
        """Yield who follows whom among the users, and take from `room`, the followers that influencers still want."""
        topics = [TOPICS.index(topic_of(user.id)) for user in users]
        follows = members(topics, self._preset.follows_per_user, key_of("seeder", "follows"), room=list(room.values()))
        for place, other in follows.tolist():
            if other in room:
                room[other] -= 1
            yield users[place], users[other]

    # Posts, likes and comments

    def _posts(self, users: Sequence[User]) -> list[Post]:
        authors = [
            user
            for place, user in enumerate(users)
            for _ in range(self._preset.posts_per_user.random(self._random("posts", place)))
        ]
        return [
            PostFactory(author=author, at=self._moment("post", ordinal, after=author.created_at))
            for ordinal, author in self._each("posts", authors)
        ]

    def _like(self, users: Sequence[User], posts: Sequence[Post]) -> None:
        for ordinal, post in self._each("likes of posts", posts):
            random = self._random("likes", ordinal)
            count = min(self._preset.likes_per_post.random(random), len(users))
            likers = random.sample(users, count)
            LikeFactory.create_each(
                {
                    "user": user,
                    "post": post,
                    "at": between(max(user.created_at, post.created_at), self._now, random.random()),
                }
                for user in likers
            )

    def _comment(self, users: Sequence[User], posts: Sequence[Post]) -> None:
        for ordinal, post in self._each("comments on posts", posts):
            random = self._random("comments", ordinal)
            made: list[Comment] = []
            for _ in range(self._preset.comments_per_post.random(random)):
                user = random.choice(users)
                parent = random.choice(made) if made and random.random() < REPLIES else None
                after = max(user.created_at, (parent or post).created_at)
                at = between(after, self._now, random.random())
                made.append(CommentFactory(user=user, post=post, parent=parent, at=at))
