"""Recounts: the counters of one user, post or thread, from the rows that they count; the audit does a whole table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from seedbed.dynamo.rows import Row, key_of
from services.entities import Recount
from services.errors import PostNotFoundError, ServiceError, UserNotFoundError
from services.rows import keys
from services.rows.reading import text_of
from services.validation import check_ids

if TYPE_CHECKING:
    from seedbed.dynamo.session import Session

ROWS_MAX = 200_000
"""Of one counter so many rows are counted, which are some 40 queries."""
THREAD_MAX = 5_000
"""Of one thread so many comments are read."""
POSTS_MAX = 1_000
"""Of one author so many posts are looked up: a listing may outlive its post."""
_LOOKS = 3
"""Times that a counter is recounted that others move meanwhile."""

_OF_USER: Mapping[str, str] = {
    "posts_count": keys.POST_PREFIX,
    "followers_count": keys.FOLLOWER_PREFIX,
    "following_count": keys.FOLLOW_PREFIX,
}
_OF_POST: Mapping[str, str] = {"likes_count": keys.LIKE_PREFIX, "comments_count": keys.COMMENT_PREFIX}


class RecountService:
    """Counts rows beside the counter that counts them. Rows are not sent, and at most so many are counted."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of_user(self, user_id: str) -> list[Recount]:
        """Recount posts_count, followers_count and following_count of a user.

        Raises:
            ValidationError: the id is wrong.
            UserNotFoundError: nobody has this id.

        Cost: 2 reads, for each counter 1 query per 1 MB of its rows (some 5,000), at most 200,000 rows, and 1 batch
        read per 100 posts, at most 1,000 posts.
        """
        (user_id,) = check_ids(user_id=user_id)
        return self._recount(keys.user_key(user_id), _OF_USER, lambda: UserNotFoundError(user_id))

    def of_post(self, post_id: str) -> list[Recount]:
        """Recount likes_count and comments_count of a post.

        Raises:
            ValidationError: the id is wrong.
            PostNotFoundError: no post has this id.

        Cost: 2 reads, and for each counter 1 query per 1 MB of its rows (some 5,000), at most 200,000 rows.
        """
        (post_id,) = check_ids(post_id=post_id)
        return self._recount(keys.post_key(post_id), _OF_POST, lambda: PostNotFoundError(post_id))

    def of_thread(self, post_id: str) -> dict[str, Recount] | None:
        """Recount replies_count of each comment of a post, by the comment's id; None of a thread of more than 5,000.

        Raises:
            ValidationError: the id is wrong.

        Cost: the post's comments are read, at most 5,001.
        """
        (post_id,) = check_ids(post_id=post_id)
        rows = self._session.query(keys.post_partition(post_id), keys.COMMENT_PREFIX, limit=THREAD_MAX + 1)
        if len(rows) > THREAD_MAX:
            return None
        replies = Counter(row.get("parent_comment_id", {}).get("S") for row in rows)
        ids = {keys.entity_id(key_of(row)): _counter_of(row, "replies_count") for row in rows}
        return {
            comment_id: Recount(name="replies_count", stored=stored, rows=replies[comment_id])
            for comment_id, stored in ids.items()
        }

    def _recount(
        self, key: tuple[str, str], counters: Mapping[str, str], missing: Callable[[], ServiceError]
    ) -> list[Recount]:
        """Count until the counters stand still meanwhile: what others write in between is no error of a counter."""
        before, recounts = self._owner(key, missing), list[Recount]()
        for _ in range(_LOOKS):
            counted = {name: self._count(key[0], prefix) for name, prefix in counters.items()}
            after = self._owner(key, missing)
            recounts = [
                Recount(name=name, stored=_counter_of(after, name), rows=rows, lost=lost)
                for name, (rows, lost) in counted.items()
            ]
            if all(before.get(name) == after.get(name) for name in counters):
                break
            before = after
        return recounts

    def _count(self, partition: str, prefix: str) -> tuple[int | None, int]:
        """Return how many rows there are, None of too many, and how many entries of a list have lost their row."""
        if prefix == keys.POST_PREFIX:
            return self._count_listed(partition)
        rows = self._session.count(partition, prefix, limit=ROWS_MAX + 1)
        return (rows if rows <= ROWS_MAX else None), 0

    def _count_listed(self, partition: str) -> tuple[int | None, int]:
        listed = self._session.query(partition, keys.POST_PREFIX, limit=POSTS_MAX + 1)
        if len(listed) > POSTS_MAX:
            return None, 0
        posts = self._session.get_many(keys.post_key(keys.suffix(text_of(row, "SK"))) for row in listed)
        return len(posts), len(listed) - len(posts)

    def _owner(self, key: tuple[str, str], missing: Callable[[], ServiceError]) -> Row:
        row = self._session.get(key)
        if row is None:
            raise missing()
        return row


def _counter_of(row: Row, name: str) -> int | None:
    """Return a counter, None where it is missing or no whole number."""
    try:
        return int(row[name]["N"])
    except (KeyError, ValueError):
        return None
