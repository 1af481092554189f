"""Comments on posts, and replies to comments, to any depth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from seedbed.clock import Clock, Ids
from seedbed.dynamo.changes import Add, Change, Exists, Put, Refusal, unless
from seedbed.dynamo.pages import page
from seedbed.dynamo.rows import Row, key_of, row_bytes
from seedbed.dynamo.session import Session
from seedbed.plain import plain_text
from services.deletion import threads
from services.deletion.stopping import WITHDRAWING, completing, deleting
from services.entities import Comment, Page
from services.errors import (
    ChangedMeanwhileError,
    CommentNotFoundError,
    IdTakenError,
    NotAuthorError,
    PostNotFoundError,
    RefusedChangesError,
    ServiceError,
    UnreadableRowError,
    UserNotFoundError,
)
from services.rows import items, keys
from services.rows.reading import text_of
from services.validation import COMMENT_MAX, Fields, check_ids

_Fill: TypeAlias = Callable[[Sequence[Row]], Sequence[Comment | None]]

DELETE_ROUNDS = 20
"""Times that a deletion starts over because others keep replying."""

REPLIES_READ = 5_000
"""Comments of a post that are read for one page of replies; some more where a page is that large."""


class CommentService:
    """Creates, reads and deletes comments."""

    def __init__(self, session: Session, clock: Clock, ids: Ids) -> None:
        self._session = session
        self._clock = clock
        self._ids = ids

    def create_comment(self, user_id: str, post_id: str, content: str, parent_comment_id: str | None = None) -> Comment:
        """Comment on a post, or reply to one of its comments. White space around the content is cut off.

        Raises:
            ValidationError: the content is empty or too long, or an id is wrong.
            UserNotFoundError: there is no such user.
            PostNotFoundError: there is no such post.
            CommentNotFoundError: the post has no such comment to reply to.

        Cost: 1 transaction of 3 actions, 4 for a reply.
        """
        fields = _check(user_id, post_id, content, parent_comment_id)
        now = self._clock.now()
        comment = Comment(id=self._ids.new(now), **fields, created_at=now)
        return self._session.apply(_creation(comment), comment)

    def get(self, post_id: str, comment_id: str) -> Comment:
        """Return a comment of a post.

        Raises:
            ValidationError: an id is wrong.
            CommentNotFoundError: the post has no comment of this id.
            UnreadableRowError: the comment's row cannot be read.

        Cost: 1 read.
        """
        post_id, comment_id = check_ids(post_id=post_id, comment_id=comment_id)
        row = self._session.get(keys.comment_key(post_id, comment_id))
        if row is None:
            raise CommentNotFoundError(post_id, comment_id)
        return items.comment_of(row)

    def of_post(
        self,
        post_id: str,
        *,
        limit: int = 50,
        cursor: str | None = None,
        unreadable: list[UnreadableRowError] | None = None,
    ) -> Page[Comment]:
        """Return all comments of a post, replies among them, oldest first, at most `limit` (1 to 1,000).

        Comments whose rows cannot be read are left out and noted in `unreadable`, where that is given; so may be some
        of the next page.

        Raises:
            ValidationError: an id is wrong.
            UnreadableRowError: a comment's row cannot be read, and no `unreadable` is given.
            InvalidLimitError: `limit` is out of bounds.
            InvalidCursorError: `cursor` is not of this list.

        Cost: 1 query.
        """
        (post_id,) = check_ids(post_id=post_id)

        def fill(rows: Sequence[Row]) -> list[Comment | None]:
            return [items.readable(items.comment_of, row, unreadable) for row in rows]

        return self._page(f"comments of {post_id}", post_id, limit, cursor, fill)

    def replies(self, post_id: str, comment_id: str, *, limit: int = 50, cursor: str | None = None) -> Page[Comment]:
        """Return the direct replies to a comment, oldest first, at most `limit` (1 to 1,000).

        Where thousands of the post's comments lie between them, a page is short, or empty; its cursor goes on.

        Raises:
            ValidationError: an id is wrong.
            InvalidLimitError: `limit` is out of bounds.
            InvalidCursorError: `cursor` is not of this list.

        Cost: the post's comments are read until the page is full, some 5,000 at most.
        """
        post_id, comment_id = check_ids(post_id=post_id, comment_id=comment_id)

        def fill(rows: Sequence[Row]) -> list[Comment | None]:
            return [comment if comment.parent_comment_id == comment_id else None for comment in _all(rows)]

        return self._page(f"replies to {comment_id}", post_id, limit, cursor, fill, rows_most=REPLIES_READ)

    def _page(
        self, name: str, post_id: str, limit: int, cursor: str | None, fill: _Fill, *, rows_most: int | None = None
    ) -> Page[Comment]:
        partition = keys.post_partition(post_id)

        def read(after: str | None, count: int) -> list[Row]:
            return self._session.query(partition, keys.COMMENT_PREFIX, after=after, limit=count)

        return page(
            name, limit, cursor, read=read, position=lambda row: text_of(row, "SK"), fill=fill, rows_most=rows_most
        )

    def delete_comment(self, post_id: str, comment_id: str, *, user_id: str) -> None:
        """Delete a comment with all replies below it.

        Written at once, also in a unit of work; counters are exact at every moment in between; stopped half way, the
        same call again completes it.

        Raises:
            ValidationError: an id is wrong.
            CommentNotFoundError: the post has no comment of this id (any more).
            NotAuthorError: `user_id` did not write it.
            ChangedMeanwhileError: others kept replying.
            DeletionStoppedError: the engine stopped it half way; it tells how far it came.

        Cost: the post's comments are read, and 1 transaction per 99 comments deleted.
        """
        post_id, comment_id, user_id = check_ids(post_id=post_id, comment_id=comment_id, user_id=user_id)
        what = f"the comment {comment_id!r}"
        with completing(self._session, what, user_id):
            if self.get(post_id, comment_id).user_id != user_id:
                raise NotAuthorError(user_id, what)
            with deleting(self._session, what, user_id, WITHDRAWING):
                self._delete(post_id, comment_id, what)

    def _delete(self, post_id: str, comment_id: str, what: str) -> None:
        for _ in range(DELETE_ROUNDS):
            try:
                with self._session.at_once():
                    comments = threads.read(self._session, post_id)
                    threads.delete(self._session, post_id, threads.below(comments, comment_id))
            except RefusedChangesError:
                continue  # Somebody replied meanwhile: their reply is there to be read now.
            return
        raise ChangedMeanwhileError(what)


def _all(rows: Sequence[Row]) -> list[Comment]:
    return [items.comment_of(row) for row in rows]


def _check(user_id: object, post_id: object, content: object, parent_comment_id: object) -> dict[str, Any]:
    fields = Fields("the comment")
    trimmed = plain_text(content).strip() if isinstance(content, str) else content
    plain = {
        "user_id": fields.key("user_id", user_id),
        "post_id": fields.key("post_id", post_id),
        "parent_comment_id": fields.optional_key("parent_comment_id", parent_comment_id),
        "content": fields.text("content", trimmed, COMMENT_MAX, 1),
    }
    fields.check()
    return plain


def _creation(comment: Comment) -> Change:
    row = items.comment_row(comment)
    post_id, parent_id = comment.post_id, comment.parent_comment_id
    adds = [Add(keys.post_key(post_id), {"comments_count": 1}, unless(PostNotFoundError, post_id))]
    if parent_id is not None:
        missing = unless(CommentNotFoundError, post_id, parent_id)
        adds.append(Add(keys.comment_key(post_id, parent_id), {"replies_count": 1}, missing))
    return Change(
        puts=(Put(key_of(row), row, _unless_same(comment, row), row_bytes(row)),),
        adds=tuple(adds),
        exists=(Exists(keys.user_key(comment.user_id), unless(UserNotFoundError, comment.user_id), permanent=True),),
    )


def _unless_same(comment: Comment, wanted: Row) -> Refusal:
    names = ("id", "user_id", "created_at", *items.COMMENT_CONTENT)

    def refuse(row: Row | None) -> ServiceError | None:
        return None if items.is_same(row, wanted, names) else IdTakenError("comment", comment.id)

    return refuse
