"""What lists of posts and comments are made of, with those who wrote them: a few batch reads for a whole page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import attrs

from services import Comment, Post, User

if TYPE_CHECKING:
    from factories.pages.site import Visit

DEPTH_SHOWN: Final = 4
"""Deeper replies are shown as deep as this, so that they have room on a phone."""


@attrs.frozen(kw_only=True)
class Card:
    """A post, who wrote it (None: they left), and whether who looks likes it."""

    post: Post
    author: User | None
    is_liked: bool
    is_new: bool = False


@attrs.frozen(kw_only=True)
class Line:
    """A comment in its thread."""

    comment: Comment
    author: User | None
    depth: int
    answered: User | None = None


def cards(
    visit: Visit, posts: Sequence[Post], authors: Mapping[str, User] | None = None, unread: Iterable[str] = ()
) -> list[Card]:
    """Return posts as they are shown. Cost: 1 batch read for the likes, and 1 for authors who are not known."""
    known = authors or visit.app.profiles.get_many({post.author_id for post in posts})
    liked = {} if visit.me is None else visit.app.likes.statuses(visit.me.id, [post.id for post in posts])
    new = {*unread}
    return [
        Card(
            post=post,
            author=known.get(post.author_id),
            is_liked=liked.get(post.id, False),
            is_new=post.id in new,
        )
        for post in posts
    ]


def lines(visit: Visit, comments: Sequence[Comment]) -> list[Line]:
    """Return comments as a thread, each reply below what it answers, where that is among them. Cost: 1 batch read."""
    authors = visit.app.profiles.get_many({comment.user_id for comment in comments})
    by_id = {comment.id: comment for comment in comments}
    below: dict[str | None, list[Comment]] = {}
    for comment in comments:
        parent = comment.parent_comment_id
        below.setdefault(parent if parent in by_id else None, []).append(comment)

    def line(comment: Comment, depth: int) -> Line:
        parent = by_id.get(comment.parent_comment_id or "")
        answered = authors.get(parent.user_id) if parent else None
        author = authors.get(comment.user_id)
        return Line(comment=comment, author=author, depth=min(depth, DEPTH_SHOWN), answered=answered)

    return [line(comment, depth) for comment, depth in _walked(below)]


def _walked(below: Mapping[str | None, list[Comment]]) -> Iterator[tuple[Comment, int]]:
    waiting = [(comment, 0) for comment in reversed(below.get(None, []))]
    while waiting:
        comment, depth = waiting.pop()
        yield comment, depth
        waiting += [(reply, depth + 1) for reply in reversed(below.get(comment.id, []))]
