"""Changes that take rows away, each with the counts that it moves: what posts, likes, follows and leaving share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from seedbed.dynamo.changes import Add, Change, Delete, Refusal, Set, unless
from seedbed.dynamo.session import Session
from services.deletion import threads
from services.delivery.effects import PostHidden, Unfollowed
from services.entities import Post
from services.errors import (
    HalfStoredError,
    PostNotFoundError,
    RefusedChangesError,
    UserNotFoundError,
)
from services.rows import items, keys
from services.rows.ownership import is_ours
from services.rows.reading import text_of

ROUNDS = 20
"""Times that a deletion starts over because others keep adding to what is deleted."""
_NO_COUNTS = {name: {"N": "0"} for name in items.POST_COUNTERS}


def hiding(post: Post, now: str) -> Change:
    """Hide a post from everybody; it leaves all feeds."""
    values: dict[str, Any] = {"is_public": {"BOOL": False}, "updated_at": {"S": now}}
    change = Set(keys.post_key(post.id), values, unless(PostNotFoundError, post.id))
    return Change(sets=(change,), effects=(PostHidden(post.author_id, post.id),))


def unliking(user_id: str, post_id: str) -> Change:
    """Take a like away."""
    return Change(
        deletes=(Delete(keys.like_key(post_id, user_id)),),
        adds=(Add(keys.post_key(post_id), {"likes_count": -1}, unless(PostNotFoundError, post_id)),),
    )


def unfollowing(follower_id: str, followee_id: str) -> Change:
    """Take a follow away, at both ends."""
    return Change(
        deletes=(
            Delete(keys.follow_key(follower_id, followee_id)),
            Delete(keys.follower_key(followee_id, follower_id), half_following(follower_id, followee_id)),
        ),
        adds=follow_counts(follower_id, followee_id, -1),
        effects=(Unfollowed(follower_id, followee_id),),
    )


def half_following(follower_id: str, followee_id: str) -> Refusal:
    """Refuse what finds the other end of a follow as its own end is not."""
    return lambda _row: HalfStoredError(f"the follow of {followee_id!r} by {follower_id!r}")


def follow_counts(follower_id: str, followee_id: str, amount: int) -> tuple[Add, Add]:
    """Move the counts at both ends of a follow."""
    return (
        Add(keys.user_key(follower_id), {"following_count": amount}, unless(UserNotFoundError, follower_id)),
        Add(keys.user_key(followee_id), {"followers_count": amount}, unless(UserNotFoundError, followee_id)),
    )


def of_post(session: Session, post: Post) -> Iterator[Change]:
    """Yield what deletes a post that is hidden: its likes, its comments, itself. Reads its partition on the way."""
    comments = threads.read(session, post.id)
    for rows in session.each(keys.post_partition(post.id), keys.LIKE_PREFIX):
        yield from (unliking(text_of(row, "user_id"), post.id) for row in rows if is_ours(row))
    yield from threads.deletions(post.id, comments)
    yield _removal(post)


def check_another_round(refused: RefusedChangesError) -> None:
    """Let a deletion start over, unless no round can help.

    Raises:
        HalfStoredError: rows of what is deleted are missing.
    """
    for error in refused.exceptions:
        if isinstance(error, HalfStoredError):
            raise error from refused


def _removal(post: Post) -> Change:
    what = f"the post {post.id!r}"
    return Change(
        deletes=(
            Delete(keys.post_key(post.id), threads.unless_gone(what), _NO_COUNTS),
            Delete(keys.authored_key(post.author_id, post.id), unless(HalfStoredError, what)),
        ),
        adds=(Add(keys.user_key(post.author_id), {"posts_count": -1}, unless(UserNotFoundError, post.author_id)),),
        effects=(PostHidden(post.author_id, post.id),),
    )
