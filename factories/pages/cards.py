"""What lists of posts and comments are made of, with those who wrote them: a few batch reads for a whole page."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs

from services import Comment, Post, User
from services.errors import UnreadableRowError

if TYPE_CHECKING:
    from factories.pages.site import Visit
    from services.entities import Page

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
    """A comment in its thread.

    Attributes:
        answered: Who wrote what it answers, where that is shown too.
        parent: What is to be said of what it answers, where that is not above it.
    """

    comment: Comment
    author: User | None
    depth: int
    answered: User | None = None
    parent: str = ""


@attrs.frozen(kw_only=True)
class Damaged:
    """A post or comment whose row cannot be read."""

    id: str
    row: str

    @classmethod
    def of(cls, error: UnreadableRowError) -> Damaged:
        """Show what could not be read."""
        return cls(id=error.entity_id, row=" ".join(error.key))


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


def with_damaged(
    shown: Sequence[Card], page: Page[Any], unreadable: Iterable[UnreadableRowError]
) -> list[Card | Damaged]:
    """Return a page's posts with those that cannot be read at their places: newest first, as their ids are."""
    last = "" if page.cursor is None else min(card.post.id for card in shown)
    damaged = {error.entity_id: Damaged.of(error) for error in unreadable if error.entity_id > last}
    placed: dict[str, Card | Damaged] = {card.post.id: card for card in shown} | damaged
    return [placed[post_id] for post_id in sorted(placed, reverse=True)]


def cards_of_damaged(page: Page[Comment], unreadable: Iterable[UnreadableRowError]) -> list[Damaged]:
    """Return the comments of a page that cannot be read, oldest first."""
    is_last, last = page.cursor is None, max((comment.id for comment in page), default="")
    found = {error.entity_id: Damaged.of(error) for error in unreadable if is_last or error.entity_id < last}
    return [found[comment_id] for comment_id in sorted(found)]


def lines(
    visit: Visit, comments: Sequence[Comment], damaged: Sequence[Damaged] = (), *, is_whole: bool = False
) -> list[Line | Damaged]:
    """Return comments as a thread, each reply below what it answers, where that is among them. Cost: 1 batch read.

    What answers nothing that is shown stands at the top, and so does the oldest of those that answer each other.
    `is_whole` says that these are all comments of their post.
    """
    authors = visit.app.profiles.get_many({comment.user_id for comment in comments})
    by_id = {comment.id: comment for comment in comments}
    known: dict[str, Comment | Damaged] = {**by_id, **{one.id: one for one in damaged}}

    def line(one: Comment | Damaged, depth: int) -> Line | Damaged:
        if isinstance(one, Damaged):
            return one
        parent = by_id.get(one.parent_comment_id or "")
        answered = authors.get(parent.user_id) if parent else None
        said = "" if depth or one.parent_comment_id is None else _parent(one, known, is_whole=is_whole)
        author = authors.get(one.user_id)
        return Line(comment=one, author=author, depth=min(depth, DEPTH_SHOWN), answered=answered, parent=said)

    return [line(one, depth) for one, depth in _walk(known)]


def _parent(comment: Comment, known: Container[str], *, is_whole: bool) -> str:
    """Say what a comment answers that stands at the top and is an answer."""
    if comment.parent_comment_id in known:
        return "answers itself, or a comment that answers it: seed audit names them"
    return f"answers a comment that is not {'there: seed audit names it' if is_whole else 'among these'}"


def _walk(known: Mapping[str, Comment | Damaged]) -> Iterator[tuple[Comment | Damaged, int]]:
    """Yield each comment once, with its depth."""
    below: dict[str | None, list[str]] = {}
    for comment_id in sorted(known):
        below.setdefault(_above(known, comment_id), []).append(comment_id)
    left = {*known}
    # What is left after all that answer nothing stands in circles, each of which is opened at its oldest comment.
    for start in (*below.get(None, []), *sorted(known)):
        waiting = [(start, 0)]
        while waiting:
            comment_id, depth = waiting.pop()
            if comment_id in left:
                left.remove(comment_id)
                yield known[comment_id], depth
                waiting += [(reply, depth + 1) for reply in reversed(below.get(comment_id, []))]


def _above(known: Mapping[str, Comment | Damaged], comment_id: str) -> str | None:
    comment = known[comment_id]
    parent = None if isinstance(comment, Damaged) else comment.parent_comment_id
    return parent if parent in known else None
