"""Feeds, the read side: the public posts of the people whom a user follows, newest first, to the end.

How the posts get there is told in `delivery/fan_out.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from seedbed.clock import Clock
from seedbed.dynamo.changes import Change, Exists, Put, Refusal, Set, already, unless
from seedbed.dynamo.pages import page
from seedbed.dynamo.rows import Row
from seedbed.dynamo.session import Session
from services.delivery.effects import Delivered
from services.delivery.fan_out import feed_item
from services.entities import FeedEntry, FeedItem, Page
from services.errors import (
    ChangedMeanwhileError,
    NotFollowingError,
    PostNotFoundError,
    PostNotPublicError,
    ServiceError,
    UnreadableRowError,
    UserNotFoundError,
)
from services.rows import items, keys
from services.rows.items import FEED_MODE
from services.rows.ownership import is_ours
from services.rows.reading import moment_of, text_of
from services.validation import Fields, check_ids


class FeedService:
    """Reads feeds and keeps what has been read."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def read(
        self,
        user_id: str,
        *,
        limit: int = 50,
        cursor: str | None = None,
        unreadable: list[UnreadableRowError] | None = None,
    ) -> Page[FeedEntry]:
        """Return the public posts of the people whom a user follows, newest first, at most `limit` (1 to 1,000).

        Posts whose rows cannot be read are left out and noted in `unreadable`, where that is given; so may be some of
        the next page.

        Raises:
            ValidationError: an id is wrong.
            UnreadableRowError: a post's row cannot be read, and no `unreadable` is given.
            UserNotFoundError: there is no such user.
            InvalidLimitError: `limit` is out of bounds.
            InvalidCursorError: `cursor` is not of this list.

        Cost: 1 query per 1,000 people followed, 1 batch read per 100 of them, 1 query for the items and 1 for each
        person followed who has more followers than the fan-out limit, 1 batch read per 100 posts.
        """
        return self._page("feed", user_id, limit, cursor, is_unread_only=False, unreadable=unreadable)

    def unread(self, user_id: str, *, limit: int = 50, cursor: str | None = None) -> Page[FeedEntry]:
        """Return what `read` does, without the posts that the user has marked as read.

        Raises:
            ValidationError: an id is wrong.
            UserNotFoundError: there is no such user.
            InvalidLimitError: `limit` is out of bounds.
            InvalidCursorError: `cursor` is not of this list.

        Cost: that of `read`.
        """
        return self._page("unread feed", user_id, limit, cursor, is_unread_only=True)

    def _page(
        self,
        name: str,
        user_id: str,
        limit: int,
        cursor: str | None,
        *,
        is_unread_only: bool,
        unreadable: list[UnreadableRowError] | None = None,
    ) -> Page[FeedEntry]:
        (user_id,) = check_ids(user_id=user_id)
        followed = self._follows_of(user_id)
        pulled = [author_id for author_id, row in followed.items() if FEED_MODE in row]

        def read(after: str | None, count: int) -> list[Row]:
            return self._merge(user_id, pulled, after, count)

        def belongs(entry: FeedEntry) -> bool:
            is_wanted = not (is_unread_only and entry.is_read)
            return is_wanted and entry.author_id in followed and entry.post.is_public

        def fill(rows: Sequence[Row]) -> list[FeedEntry | None]:
            entries = self._entries(user_id, rows, unreadable)
            return [entry if entry is not None and belongs(entry) else None for entry in entries]

        return page(
            f"{name} of {user_id}",
            limit,
            cursor,
            read=read,
            position=lambda row: text_of(row, "post_id"),
            fill=fill,
        )

    def _follows_of(self, user_id: str) -> dict[str, Row]:
        wanted = [
            text_of(row, "followee_id")
            for rows in self._session.each(keys.user_partition(user_id), keys.FOLLOW_PREFIX)
            for row in rows
            if is_ours(row)
        ]
        rows = self._session.get_many(keys.user_key(other) for other in (user_id, *wanted))
        if keys.user_key(user_id) not in rows:
            raise UserNotFoundError(user_id)
        return {other: rows[key] for other in wanted if (key := keys.user_key(other)) in rows}

    def _merge(self, user_id: str, pulled: Sequence[str], after: str | None, count: int) -> list[Row]:
        # Rows of authors first, so that an item, which knows whether it has been read, replaces them.
        rows: dict[str, Row] = {}
        for partition, prefix in (
            *((keys.user_partition(author_id), keys.POST_PREFIX) for author_id in pulled),
            (keys.user_partition(user_id), keys.FEED_PREFIX),
        ):
            start = None if after is None else prefix + after
            found = self._session.query(partition, prefix, after=start, is_descending=True, limit=count)
            rows.update((text_of(row, "post_id"), row) for row in found)
        newest = sorted(rows, reverse=True)[:count]
        return [rows[post_id] for post_id in newest]

    def _entries(
        self, user_id: str, rows: Sequence[Row], unreadable: list[UnreadableRowError] | None
    ) -> list[FeedEntry | None]:
        posts = self._session.get_many(keys.post_key(text_of(row, "post_id")) for row in rows)
        return [_entry(user_id, row, posts.get(keys.post_key(text_of(row, "post_id"))), unreadable) for row in rows]

    def mark_read(self, user_id: str, post_id: str) -> FeedItem:
        """Mark a post of the feed as read. Again changes nothing.

        Raises:
            ValidationError: an id is wrong.
            PostNotFoundError: there is no such post.
            PostNotPublicError: the post is not public.
            NotFollowingError: the user does not follow the post's author.

        Cost: 1 batch read, 1 read, and 1 transaction of 3 actions.
        """
        user_id, post_id = _check(post_id, user_id=user_id)
        post_key, item_key = keys.post_key(post_id), keys.feed_key(user_id, post_id)
        rows = self._session.get_many([post_key, item_key])
        if post_key not in rows:
            raise PostNotFoundError(post_id)
        item = self._item(user_id, post_id, text_of(rows[post_key], "author_id"), is_read=True)
        belongs = _belongs(item)
        if item_key in rows:
            read = Set(item_key, {"is_read": {"BOOL": True}}, unless(ChangedMeanwhileError, "the feed"))
            standing = attrs.evolve(items.feed_item_of(rows[item_key]), is_read=True)
            return self._session.apply(Change(sets=(read,), exists=belongs), standing)
        put = Put(item_key, items.feed_row(item), _unless_read)
        return self._session.apply(Change(puts=(put,), exists=belongs), item)

    def _item(self, reader_id: str, post_id: str, author_id: str, *, is_read: bool = False) -> FeedItem:
        """Make the item that delivery makes: its times are the post's and the follow's, whenever this is called.

        Raises:
            NotFollowingError: there is no such follow.
        """
        follow = self._session.get(keys.follow_key(reader_id, author_id))
        if follow is None:
            raise NotFollowingError(reader_id, author_id)
        return feed_item(reader_id, post_id, author_id, moment_of(follow), is_read=is_read)

    def deliver(self, reader_id: str, post_id: str, author_id: str) -> FeedItem:
        """Put a post into a follower's feed. Where it is already, nothing changes.

        The app does this by itself after each post and follow; this is for tests and repairs.

        Raises:
            ValidationError: an id is wrong.
            NotFollowingError: the reader does not follow the author.
            PostNotFoundError: the author has no such post.
            PostNotPublicError: the post is not public.

        Cost: 1 read, and 1 transaction of 3 actions.
        """
        reader_id, post_id = _check(post_id, reader_id=reader_id)
        (author_id,) = check_ids(author_id=author_id)
        item = self._item(reader_id, post_id, author_id)
        put = Put(keys.feed_key(reader_id, post_id), items.feed_row(item), already)
        effects = (Delivered(reader_id, post_id, author_id),)
        return self._session.apply(Change(puts=(put,), exists=_belongs(item), effects=effects), item)


def _entry(
    reader_id: str, row: Row, stored: Row | None, unreadable: list[UnreadableRowError] | None
) -> FeedEntry | None:
    if stored is None or stored.get("is_public") == {"BOOL": False}:
        return None
    post = items.readable(items.post_of, stored, unreadable)
    if post is None:
        return None
    is_read = "is_read" in row and row["is_read"]["BOOL"]
    return FeedEntry(reader_id=reader_id, post=post, is_read=is_read)


def _check(post_id: object, **reader: object) -> tuple[str, str]:
    fields = Fields("the feed item")
    ((name, reader_id),) = reader.items()
    plain = fields.key(name, reader_id), fields.uuid("post_id", post_id)
    fields.check()
    return plain


def _unless_read(row: Row | None) -> ServiceError | None:
    if row is not None and row["is_read"]["BOOL"]:
        return None
    return ChangedMeanwhileError("the feed")


def _belongs(item: FeedItem) -> tuple[Exists, Exists]:
    following = unless(NotFollowingError, item.reader_id, item.author_id)
    return (
        Exists(keys.follow_key(item.reader_id, item.author_id), following),
        Exists(
            keys.post_key(item.post_id),
            _unless_public(item),
            {"is_public": {"BOOL": True}, "author_id": {"S": item.author_id}},
        ),
    )


def _unless_public(item: FeedItem) -> Refusal:
    def refuse(row: Row | None) -> ServiceError:
        if row is None or text_of(row, "author_id") != item.author_id:
            return PostNotFoundError(item.post_id)
        return PostNotPublicError(item.post_id)

    return refuse
