"""Likes: who likes which post."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seedbed.clock import Clock
from seedbed.dynamo.changes import Add, Change, Exists, Put, unless
from seedbed.dynamo.pages import page
from seedbed.dynamo.rows import Row
from seedbed.dynamo.session import Session
from services.deletion.removals import unliking
from services.entities import Like, Page, Post, User
from services.errors import PostNotFoundError, UserNotFoundError
from services.people import users_page
from services.rows import items, keys
from services.rows.reading import read_each, text_of
from services.validation import Fields, check_ids


class LikeService:
    """Likes and unlikes posts, and lists who likes what."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def like_post(self, user_id: str, post_id: str) -> Like:
        """Like a post. Liking again changes nothing and returns the like that is there.

        Raises:
            ValidationError: an id is wrong.
            PostNotFoundError: there is no such post.
            UserNotFoundError: there is no such user.

        Cost: 1 transaction of 3 actions.
        """
        user_id, post_id = _check(user_id, post_id)
        like = Like(user_id=user_id, post_id=post_id, created_at=self._clock.now())
        change = Change(
            puts=(Put(keys.like_key(post_id, user_id), items.like_row(like)),),
            adds=(Add(keys.post_key(post_id), {"likes_count": 1}, unless(PostNotFoundError, post_id)),),
            exists=(Exists(keys.user_key(user_id), unless(UserNotFoundError, user_id), permanent=True),),
        )
        return self._session.apply(change, like)

    def unlike_post(self, user_id: str, post_id: str) -> None:
        """Take a like back. Where there is none, nothing changes.

        Raises:
            ValidationError: an id is wrong.

        Cost: 1 transaction of 2 actions.
        """
        user_id, post_id = _check(user_id, post_id)
        self._session.apply(unliking(user_id, post_id), None)

    def has_liked(self, user_id: str, post_id: str) -> bool:
        """Tell whether a user likes a post.

        Raises:
            ValidationError: an id is wrong.

        Cost: 1 read.
        """
        user_id, post_id = check_ids(user_id=user_id, post_id=post_id)
        return self._session.get(keys.like_key(post_id, user_id)) is not None

    def statuses(self, user_id: str, post_ids: Iterable[str]) -> dict[str, bool]:
        """Tell for each of many posts whether a user likes it.

        Raises:
            ValidationError: an id is wrong, or there are more than a million.

        Cost: 1 batch read per 100 posts.
        """
        fields = Fields("the call")
        user_id, post_ids = fields.key("user_id", user_id), fields.keys("post_ids", post_ids)
        fields.check()
        wanted = {post_id: keys.like_key(post_id, user_id) for post_id in post_ids}
        rows = self._session.get_many(wanted.values())
        return {post_id: key in rows for post_id, key in wanted.items()}

    def likers(self, post_id: str, *, limit: int = 50, cursor: str | None = None) -> Page[User]:
        """Return who likes a post, by the time of their sign-up, at most `limit` (1 to 1,000).

        Raises:
            ValidationError: an id is wrong.
            InvalidLimitError: `limit` is out of bounds.
            InvalidCursorError: `cursor` is not of this list.

        Cost: 1 query, and 1 batch read per 100 users.
        """
        (post_id,) = check_ids(post_id=post_id)
        place = keys.post_partition(post_id), keys.LIKE_PREFIX
        return users_page(self._session, f"likers of {post_id}", place, limit=limit, cursor=cursor)

    def liked_posts(self, user_id: str, *, limit: int = 50, cursor: str | None = None) -> Page[Post]:
        """Return the posts that a user likes, last liked first, at most `limit` (1 to 1,000).

        Read through the index: on AWS a like of the last second may be missing.

        Raises:
            ValidationError: an id is wrong.
            InvalidLimitError: `limit` is out of bounds.
            InvalidCursorError: `cursor` is not of this list.

        Cost: 1 query, and 1 batch read per 100 posts.
        """
        (user_id,) = check_ids(user_id=user_id)
        partition = keys.user_partition(user_id)

        def read(after: str | None, count: int) -> list[Row]:
            place = None if after is None else (after, keys.like_key(keys.suffix(after), user_id))
            return self._session.query_index(partition, keys.LIKE_PREFIX, after=place, is_descending=True, limit=count)

        def fill(rows: Sequence[Row]) -> list[Post | None]:
            wanted = [keys.post_key(keys.suffix(text_of(row, "GSI1SK"))) for row in rows]
            return read_each(self._session, wanted, items.post_of)

        return page(
            f"posts liked by {user_id}",
            limit,
            cursor,
            read=read,
            position=lambda row: text_of(row, "GSI1SK"),
            fill=fill,
        )


def _check(user_id: object, post_id: object) -> tuple[str, str]:
    fields = Fields("the like")
    plain = fields.key("user_id", user_id), fields.key("post_id", post_id)
    fields.check()
    return plain
