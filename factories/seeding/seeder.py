"""The seeder: makes a preset's world through the factories, each thing after its cause and before the clock's now.

Every choice is a keyed draw (seed, what, ordinal), so a world is a function of the binding's seed, the preset and the
clock. Each phase is one unit of work; memory holds the users and posts, not the likes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple, TypeAlias

import attrs

from factories.comments import CommentFactory
from factories.follows import FollowFactory
from factories.graphs import members
from factories.likes import LikeFactory
from factories.posts import PostFactory
from factories.presets import Preset
from factories.rhythm import COMMENTED_WITHIN, REPLIED_WITHIN, Reactions, awake
from factories.seeding.crowd import Circle, Crowd
from factories.seeding.flash_mobs import FlashMobs
from factories.seeding.phases import Stages
from factories.texts.topics import TOPICS, topic_of
from factories.users import UserFactory
from seedbed.strategy.collecting import rarer_collections
from seedbed.strategy.randomness import KeyedRandom, fraction, key_of
from services import Comment, Post, User

Progress: TypeAlias = Callable[[str, int, int], None]
"""Told what is being made, how many are done, and how many there will be."""

WINDOW = timedelta(days=365)
"""All of a world happens within so long before the clock's now."""
SETTLED = timedelta(days=7)
"""Everybody joined at least so long before the clock's now."""
BATCH = 1_000
"""So many follows are made in one call, and held meanwhile."""
FRESH = timedelta(hours=1)
"""The latest post is so long before the clock's now."""
REPLIES = 0.25
"""The share of comments that answer an earlier one."""
AUTHORS_REPLIES = 0.4
"""The share of replies by the post's author."""
TRIES = 8
"""So often somebody else is looked for in a circle, before anybody will do."""
ALIKE = 0.7
"""In this share of the posts the number of comments goes by that of the likes."""


class Published(NamedTuple):
    """A post, and its author's place among the users."""

    post: Post
    author: int


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

    def __init__(
        self, app: Any, preset: Preset, progress: Progress = no_progress, stages: Stages | None = None
    ) -> None:
        self._app = app
        self._preset = preset
        self._progress = progress
        self._stages = stages or Stages()
        self._now: datetime = app.clock.now()
        self._followers: list[list[int]] = [[] for _ in range(preset.users)]  # by place: who follows that user

    def run(self) -> World:
        """Make the world, but for the phases that are in the table already.

        Raises:
            RefusedChangesError: the table holds something that contradicts it; all else is written.
            StoppedError: the engine stopped it; the same run again completes it.
        """
        with rarer_collections():
            with self._stages.making(self._app, "users"):
                users = self._users()
                room = self._room()
                edges = list(self._edges(users, room))
                audience = self._audience(max(room.values(), default=0))
            self._make("follows", self._follow, [*edges, *self._fans(users, audience, room)])
            with self._stages.making(self._app, "posts"):
                posts = self._posts(users)
                self._progress("feeds of posts", 0, len(posts))
            self._progress("feeds of posts", len(posts), len(posts))  # the end of the block delivered them
            self._make("likes", self._like, users, posts)
            self._make("comments", self._comment, users, posts)
        return World(tuple(users), tuple(users[: self._preset.influencers]), len(audience))

    def _make(self, phase: str, make: Callable[..., None], *of: Sequence[Any]) -> None:
        """Make a phase whose objects no later one needs, unless it is in the table."""
        if not self._stages.is_done(phase):
            with self._stages.making(self._app, phase):
                make(*of)

    def _random(self, *path: object) -> KeyedRandom:
        return KeyedRandom(key_of("seeder", *path))

    def _moment(self, *path: object, after: datetime) -> datetime:
        return awake(after, self._now, fraction(key_of("seeder", *path)))

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
        return awake(self._now - WINDOW, self._now - SETTLED, fraction(key_of("seeder", "joined", *path)))

    def _audience(self, count: int) -> list[User]:
        """Make those who only follow influencers: as many as the one who still wants the most of them."""
        return [
            UserFactory(at=self._joined("audience", ordinal)) for ordinal, _ in self._each("audience", range(count))
        ]

    def _room(self) -> dict[int, int]:
        """Draw how many followers each influencer has."""
        return {
            place: self._preset.influencer_followers.skewed(self._random("fans of", place).random())
            for place in range(self._preset.influencers)
        }

    def _fans(
        self, users: Sequence[User], audience: Sequence[User], room: dict[int, int]
    ) -> Iterator[tuple[User, User]]:
        """Yield who of the audience follows which influencer.

        Fan by fan: so all influencers' partitions take a part of it at any time, and packs hold blocks of follows.
        """
        follows = [
            (fan, place)
            for place, count in room.items()
            for fan in self._random("fans", place).sample(range(len(audience)), count)
        ]
        yield from ((audience[fan], users[place]) for fan, place in sorted(follows))

    def _follow(self, edges: Sequence[tuple[User, User]]) -> None:
        moments = (
            {"follower": follower, "followee": followee, "at": self._met(ordinal, follower, followee)}
            for ordinal, (follower, followee) in self._each("follows", edges)
        )
        while batch := list(islice(moments, BATCH)):
            FollowFactory.create_each(batch)

    def _met(self, ordinal: int, follower: User, followee: User) -> datetime:
        return self._moment("follow", ordinal, after=max(follower.created_at, followee.created_at))

    def _edges(self, users: Sequence[User], room: dict[int, int]) -> Iterator[tuple[User, User]]:
        """Yield who follows whom among the users, and take from `room`, the followers that influencers still want."""
        topics = [TOPICS.index(topic_of(user.id)) for user in users]
        follows = members(topics, self._preset.follows_per_user, key_of("seeder", "follows"), room=list(room.values()))
        for place, other in follows.tolist():
            if other in room:
                room[other] -= 1
            self._followers[other].append(place)
            yield users[place], users[other]

    # Posts, likes and comments

    def _posts(self, users: Sequence[User]) -> list[Published]:
        authors = [
            place
            for place in range(len(users))
            for _ in range(self._preset.posts_per_user.random(self._random("posts", place)))
        ]
        mobs = FlashMobs(self._now - WINDOW, self._now - FRESH)
        posts = []
        for ordinal, place in self._each("posts", authors):
            at, topic = mobs.post(users[place], self._random("post", ordinal))
            posts.append(Published(PostFactory(author=users[place], at=at, topic=topic), place))
        return posts

    def _like(self, users: Sequence[User], posts: Sequence[Published]) -> None:
        crowd = Crowd(users, self._followers)
        for ordinal, (post, author) in self._each("likes of posts", posts):
            random = self._random("likes", ordinal)
            count = min(self._preset.likes_per_post.skewed(self._fame(ordinal, author)), len(users))
            reactions = Reactions(post.created_at, self._now)
            LikeFactory.create_each(
                {"user": user, "post": post, "at": self._reaction(reactions, user, random.random())}
                for user in map(users.__getitem__, crowd.around(author, post.created_at).sample(count, random))
            )

    def _reaction(self, reactions: Reactions, user: User, part: float) -> datetime:
        if user.created_at > reactions.cause:  # joined after it was posted
            reactions = Reactions(user.created_at, self._now)
        return reactions.at(part)

    def _fame(self, ordinal: int, author: int) -> float:
        """Draw how much a post is noticed, from 0 to 1: likes and comments go by it, and influencers have more."""
        part, other = (fraction(key_of("seeder", "fame", ordinal, draw)) for draw in range(2))
        return max(part, other) if author < self._preset.influencers else part

    def _comment(self, users: Sequence[User], posts: Sequence[Published]) -> None:
        crowd = Crowd(users, self._followers)
        for ordinal, (post, author) in self._each("comments on posts", posts):
            random = self._random("comments", ordinal)
            fame = self._fame(ordinal, author) if random.random() < ALIKE else random.random()
            circle = crowd.around(author, post.created_at)
            reactions = Reactions(post.created_at, self._now, COMMENTED_WITHIN)
            made: list[Comment] = []
            for _ in range(self._preset.comments_per_post.skewed(fame)):
                if made and random.random() < REPLIES:
                    made.append(self._reply(users, Published(post, author), (random.choice(made), circle), random))
                    continue
                user = _other_than(users[author].id, users, circle, random)
                at = self._reaction(reactions, user, random.random())
                made.append(CommentFactory(user=user, post=post, at=at))

    def _reply(
        self, users: Sequence[User], published: Published, to: tuple[Comment, Circle], random: KeyedRandom
    ) -> Comment:
        """Let the post's author answer, or somebody else."""
        parent, circle = to
        is_authors = random.random() < AUTHORS_REPLIES and parent.user_id != published.post.author_id
        user = users[published.author] if is_authors else _other_than(parent.user_id, users, circle, random)
        after = max(user.created_at, parent.created_at)
        at = Reactions(after, self._now, REPLIED_WITHIN).at(random.random())
        return CommentFactory(user=user, post=published.post, parent=parent, at=at)


def _other_than(user_id: str, users: Sequence[User], circle: Circle, random: KeyedRandom) -> User:
    """Pick somebody of the circle who is not this one, unless there is nobody else."""
    for _ in range(TRIES):
        user = users[circle.one(random)]
        if user.id != user_id:
            return user
    return next((user for user in users if user.id != user_id), users[0])
