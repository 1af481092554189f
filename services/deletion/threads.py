"""Threads of comments: reading a post's comments and deleting some of them, replies first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from seedbed.dynamo.changes import Add, Change, Delete, Refusal, unless
from seedbed.dynamo.rows import Row
from seedbed.dynamo.session import Session
from services.errors import ChangedMeanwhileError, CommentNotFoundError, PostNotFoundError, ServiceError
from services.rows import keys
from services.rows.ownership import is_ours
from services.rows.reading import optional_text, text_of

_NO_REPLIES = {"replies_count": {"N": "0"}}


def read(session: Session, post_id: str) -> dict[str, str | None]:
    """Return each comment's id and its parent's. Cost: 1 query per 1,000 comments, and memory for all their ids."""
    return {
        text_of(row, "id"): optional_text(row, "parent_comment_id")
        for rows in session.each(keys.post_partition(post_id), keys.COMMENT_PREFIX)
        for row in rows
        if is_ours(row)
    }


def below(comments: Mapping[str, str | None], root: str) -> dict[str, str | None]:
    """Return a comment and all its replies, replies' replies and so on."""
    children: dict[str | None, list[str]] = {}
    for comment, parent in comments.items():
        children.setdefault(parent, []).append(comment)
    found, todo = {root: comments.get(root)}, [root]
    while todo:
        for child in children.get(todo.pop(), ()):
            found[child] = comments[child]
            todo.append(child)
    return found


def delete(session: Session, post_id: str, comments: Mapping[str, str | None]) -> None:
    """Delete comments, replies before what they reply to, each with its counts. Cost: 1 transaction per 99."""
    for change in deletions(post_id, comments):
        session.apply(change, None)


def deletions(post_id: str, comments: Mapping[str, str | None]) -> Iterator[Change]:
    """Yield what deletes comments, replies before what they reply to, each with its counts."""
    for comment in _replies_first(comments):
        yield _deletion(post_id, comment, comments[comment])


def _replies_first(comments: Mapping[str, str | None]) -> Iterable[str]:
    depths: dict[str, int] = {}
    for comment in comments:
        path = []
        step: str | None = comment
        while step is not None and step in comments and step not in depths:
            path.append(step)
            step = comments[step]
        depth = depths.get(step, 0) if step is not None else 0
        for place, passed in enumerate(reversed(path), 1):
            depths[passed] = depth + place
    return sorted(comments, key=lambda comment: (-depths[comment], comment))


def _deletion(post_id: str, comment: str, parent: str | None) -> Change:
    adds = [Add(keys.post_key(post_id), {"comments_count": -1}, unless(PostNotFoundError, post_id))]
    if parent is not None:
        missing = unless(CommentNotFoundError, post_id, parent)
        adds.append(Add(keys.comment_key(post_id, parent), {"replies_count": -1}, missing))
    deletion = Delete(keys.comment_key(post_id, comment), unless_gone(f"the comment {comment!r}"), _NO_REPLIES)
    return Change(deletes=(deletion,), adds=tuple(adds))


def unless_gone(what: str) -> Refusal:
    """Refuse a deletion of what is there and has changed; where it is gone, it was deleted before."""

    def refuse(row: Row | None) -> ServiceError | None:
        return None if row is None else ChangedMeanwhileError(what)

    return refuse
