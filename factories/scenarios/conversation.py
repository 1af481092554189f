"""The scenario `conversation`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from factories.comments import CommentFactory
from factories.posts import PostFactory
from factories.scenarios.reading import read_all, stored_users
from factories.scenarios.registry import scenario
from factories.scenarios.sizes import at_least
from factories.scenarios.times import A_DAY, ago, joining_time
from factories.users import UserFactory
from seedbed.strategy.randomness import KeyedRandom, key_of
from services.entities import Comment, Post, User


@attrs.frozen(kw_only=True)
class StoredConversation:
    """What `conversation` made, all as stored. Comments are from the oldest on, replies among them."""

    post: Post
    users: tuple[User, ...]
    comments: tuple[Comment, ...]

    @property
    def threads(self) -> tuple[tuple[Comment, ...], ...]:
        """For each comment that nobody answered, the comments from the post down to it."""
        by_id = {comment.id: comment for comment in self.comments}
        return tuple(tuple(_down_to(leaf, by_id)) for leaf in self.comments if leaf.replies_count == 0)

    @property
    def depth(self) -> int:
        """How many comments the longest thread has."""
        return max(map(len, self.threads), default=0)


@scenario("conversation")
@attrs.frozen(kw_only=True)
class Conversation:
    """A discussion under one post: several threads of replies, ten and more deep; nobody answers themselves.

    Within a thread, as many comments in a row as there are users are by different users. Every third comment
    also gets an answer beside the thread.
    """

    users: int = attrs.field(default=8, validator=at_least(2))
    branches: int = attrs.field(default=4, validator=at_least(1))
    depth: int = attrs.field(default=12, validator=at_least(1))

    def run(self, app: Any) -> StoredConversation:
        """Make them and return them as they are stored.

        Raises:
            FactoryError: Something was refused.
        """
        with app.unit_of_work():
            users = UserFactory.create_batch(self.users, at=joining_time())
            post = PostFactory(author=UserFactory(at=joining_time()), at=ago(3 * A_DAY, 6 * A_DAY))
            for branch in range(self.branches):
                source = KeyedRandom(key_of("conversation", branch, post.id))
                moments = _moments(source, (post.created_at, app.clock.now()), 2 * self.depth)
                self._branch(post, source.sample(users, len(users)), moments)
        return StoredConversation(
            post=app.posts.get(post.id),
            users=stored_users(app, users),
            comments=read_all(app.comments.of_post, post.id),
        )

    def _branch(self, post: Post, speakers: Sequence[User], moments: Iterator[datetime]) -> None:
        parent: Comment | None = None
        for place in range(self.depth):
            speaker = speakers[place % len(speakers)]
            parent = CommentFactory(post=post, parent=parent, user=speaker, at=next(moments))
            if place % 3 == 2 and len(speakers) > 2:  # noqa: PLR2004 - every third; neither the speaker nor the next
                listener = speakers[(place + 2) % len(speakers)]
                CommentFactory(post=post, parent=parent, user=listener, at=next(moments))


def _moments(source: KeyedRandom, span: tuple[datetime, datetime], most: int) -> Iterator[datetime]:
    """Yield up to `most` moments of the span, one after another, a part of the span apart."""
    start, end = span
    step = (end - start) / most
    for place in range(most):
        yield start + step * (place + source.uniform(0.1, 0.9))


def _down_to(leaf: Comment, by_id: Mapping[str, Comment]) -> list[Comment]:
    thread = [leaf]
    while thread[-1].parent_comment_id is not None:
        thread.append(by_id[thread[-1].parent_comment_id])
    return thread[::-1]
