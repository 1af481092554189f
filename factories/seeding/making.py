"""The making of a world's parts through the factories, each thing after its cause and before the clock's now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, TypeAlias, TypeVar

import attrs

from factories.comments import CommentFactory
from factories.follows import FollowFactory
from factories.likes import LikeFactory
from factories.posts import PostFactory
from factories.rhythm import COMMENTED_WITHIN, REPLIED_WITHIN, Reactions
from factories.seeding.crowd import Circle, Crowd
from factories.seeding.draws import Draws, Published, random_of
from factories.users import UserFactory
from seedbed.strategy.randomness import KeyedRandom
from services import Comment, User

T = TypeVar("T")
Progress: TypeAlias = Callable[[str, int, int], None]
"""Told what is being made, how many are done, and how many there will be."""

BATCH = 1_000
"""So many users or follows are made in one call, and held meanwhile."""
REPLIES = 0.25
"""The share of comments that answer an earlier one."""
AUTHORS_REPLIES = 0.4
"""The share of replies by the post's author."""
TRIES = 8
"""So often somebody else is looked for in a circle, before anybody will do."""


def _batches(each: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while batch := list(islice(each, BATCH)):
        yield batch


def no_progress(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""


@attrs.frozen
class Making:
    """Makes parts of one world in the app that is bound: of each phase as many as it is given.

    What draws by its own ordinal (users, posts, comments) goes on from where its factory's sequence stands.
    """

    draws: Draws
    progress: Progress = no_progress

    def _each(self, what: str, things: Iterable[T], total: int) -> Iterator[T]:
        step = max(1, total // 100)
        for number, thing in enumerate(things, 1):
            yield thing
            if number % step == 0 or number == total:
                self.progress(what, number, total)

    # Users and follows

    def users(self, places: range) -> list[User]:
        """Make users."""
        joining_time, verified = self.draws.joining_time, self.draws.draw_verified()
        each = self._each("users", places, len(places))
        people = ({"at": joining_time(place), "email_verified": place in verified} for place in each)
        return [user for batch in _batches(people) for user in UserFactory.create_each(batch)]

    def audience(self, places: range) -> list[User]:
        """Make those who only follow influencers: their places come after the users'."""
        joining_time = self.draws.joining_time
        people = ({"at": joining_time(place)} for place in self._each("audience", places, len(places)))
        return [user for batch in _batches(people) for user in UserFactory.create_each(batch)]

    def follow(self, follows: Iterable[tuple[int, User, User]], total: int) -> None:
        """Make follows, given their ordinals, followers and followees."""
        meeting_time = self.draws.meeting_time
        moments = (
            {"follower": follower, "followee": followee, "at": meeting_time(ordinal, follower, followee)}
            for ordinal, follower, followee in self._each("follows", follows, total)
        )
        for batch in _batches(moments):
            FollowFactory.create_each(batch)

    # Posts, likes and comments

    def posts(self, users: Sequence[User], authors: Sequence[int], ordinals: range) -> list[Published]:
        """Make the posts of these ordinals, of all whose authors are given."""
        mobs = self.draws.mobs()
        posts = []
        for ordinal in self._each("posts", ordinals, len(ordinals)):
            author = authors[ordinal]
            at, topic = mobs.post(users[author], random_of("post", ordinal))
            posts.append(Published(PostFactory(author=users[author], at=at, topic=topic), author))
        return posts

    def like(self, users: Sequence[User], crowd: Crowd, posts: Sequence[Published], first: int = 0) -> None:
        """Make the likes of posts, of which the first has this ordinal."""
        each = self._each("likes of posts", posts, len(posts))
        for ordinal, (post, author) in enumerate(each, first):
            random = random_of("likes", ordinal)
            count = self.draws.likes(ordinal, author)
            reactions = Reactions(post.created_at, self.draws.now)
            LikeFactory.create_each(
                {"user": user, "post": post, "at": self._reaction(reactions, user, random.random())}
                for user in map(users.__getitem__, crowd.around(author, post.created_at).sample(count, random))
            )

    def _reaction(self, reactions: Reactions, user: User, part: float) -> datetime:
        if user.created_at > reactions.cause:  # joined after it was posted
            reactions = Reactions(user.created_at, self.draws.now)
        return reactions.at(part)

    def comment(self, users: Sequence[User], crowd: Crowd, posts: Sequence[Published], first: int = 0) -> None:
        """Make the comments on posts, of which the first has this ordinal."""
        each = self._each("comments on posts", posts, len(posts))
        for ordinal, (post, author) in enumerate(each, first):
            random = random_of("comments", ordinal)
            count = self.draws.comments(ordinal, author, random)
            circle = crowd.around(author, post.created_at)
            reactions = Reactions(post.created_at, self.draws.now, COMMENTED_WITHIN)
            made: list[Comment] = []
            for _ in range(count):
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
        at = Reactions(after, self.draws.now, REPLIED_WITHIN).at(random.random())
        return CommentFactory(user=user, post=published.post, parent=parent, at=at)


def _other_than(user_id: str, users: Sequence[User], circle: Circle, random: KeyedRandom) -> User:
    """Pick somebody of the circle who is not this one, unless there is nobody else."""
    for _ in range(TRIES):
        user = users[circle.one(random)]
        if user.id != user_id:
            return user
    return next((user for user in users if user.id != user_id), users[0])
