"""The write side of feeds: what happens to feed items after posts and follows are written.

A post is delivered to each follower's feed, one row a reader, as long as its author has no more than so many followers
(`fan_out_limit`). Authors above that are marked "pull" on their own row, and readers merge their posts when they read.
The mark alone decides which of the two holds, never a count; so a crash or a race can cost a reader time, not a post:

- crossing the limit upward: mark "clearing"; from then on readers merge, and new posts are not delivered; then clear
  unread items away; then mark "pull".
- crossing it downward: mark "filling"; readers still merge, and new posts are delivered again; then fill in what is
  missing; then take the mark away.

A crossing that was stopped half way is begun anew by whoever follows or unfollows next.

A post's author row is read after the post is committed, and an author's posts after the follow is: of two that race,
one sees the other. At rest the items are a function of follows, posts and read marks, in whatever order those came.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import datetime

import attrs

from seedbed.clock import moment_of_id
from seedbed.dynamo.answers import Done
from seedbed.dynamo.changes import Change, Delete, Effect, Put, Set, already
from seedbed.dynamo.rows import Key, Row, key_of, moment_text
from seedbed.dynamo.session import Session
from seedbed.dynamo.store import READ_CHUNK, Store, chunks, each
from services.delivery.effects import Delivered, FeedEffect, Followed, PostHidden, PostPublished, Unfollowed
from services.entities import FeedItem
from services.rows import items, keys
from services.rows.items import FEED_MODE
from services.rows.ownership import is_ours
from services.rows.reading import count_of, is_true, moment_of, text_of

RETENTION_SECONDS = 365 * 24 * 3_600
"""After this an item may be expired, by a table that is told to; ours is not (see docs/table.md)."""
NEAR = 5_000
"""Items that are sorted by reader before they are written: some ten megabytes."""
PULL = {"S": "pull"}
CLEARING = {"S": "clearing"}
FILLING = {"S": "filling"}


def feed_item(reader_id: str, post_id: str, author_id: str, since: datetime, *, is_read: bool = False) -> FeedItem:
    """Make the item of a post in the feed of somebody who follows its author `since` then.

    It is there from the later of post and follow on; the post's time is told by its id.
    """
    created_at = max(since, moment_of_id(post_id))
    return FeedItem(
        reader_id=reader_id,
        post_id=post_id,
        author_id=author_id,
        created_at=created_at,
        is_read=is_read,
        expires_at=_times(created_at)[1],
    )


@attrs.define
class _Author:
    """What a group of effects means for the feeds of one author's readers."""

    id: str
    published: dict[str, bool] = attrs.Factory(dict)  # post -> whether its delivery may have begun before
    hidden: dict[str, None] = attrs.Factory(dict)
    joined: dict[str, datetime] = attrs.Factory(dict)  # reader -> since when
    rejoined: dict[str, None] = attrs.Factory(dict)  # readers who may have items already
    left: dict[str, None] = attrs.Factory(dict)
    delivered: set[tuple[str, str]] = attrs.Factory(set)  # (reader, post) that are in their feeds by other means

    def note(self, effect: Effect, *, is_again: bool) -> None:
        """Note an effect. What was hidden or left is cleared also when it came back: its read marks are gone then."""
        if isinstance(effect, PostPublished):
            self.published[effect.post_id] = is_again or effect.was_public
        elif isinstance(effect, PostHidden):
            self.published.pop(effect.post_id, None)
            self.hidden[effect.post_id] = None
            self.delivered = {pair for pair in self.delivered if pair[1] != effect.post_id}
        elif isinstance(effect, Delivered):
            self.delivered.add((effect.reader_id, effect.post_id))
        elif isinstance(effect, Followed):
            self._join(effect, is_again=is_again)
        elif isinstance(effect, Unfollowed):
            self.joined.pop(effect.follower_id, None)
            self.rejoined.pop(effect.follower_id, None)
            self.left[effect.follower_id] = None
            self.delivered = {pair for pair in self.delivered if pair[0] != effect.follower_id}

    def _join(self, effect: Followed, *, is_again: bool) -> None:
        if not is_again:
            self.joined[effect.follower_id] = effect.created_at
        elif effect.follower_id not in self.joined:
            self.rejoined[effect.follower_id] = None


class FanOut:
    """Delivers posts, fills feeds of new followers, clears what no longer belongs."""

    def __init__(self, session: Session, fan_out_limit: int) -> None:
        self._session = session
        self._limit = fan_out_limit

    def settle(self, effects: Sequence[Done]) -> None:
        """Carry out a group of effects.

        Cost: 1 batch read per 100 authors; per author with posts and new followers 1 query and 1 batch read per 100
        posts, per author of new posts 1 query per 1,000 followers; 1 batch write per 25 items.
        """
        authors = _group(effects)
        rows = self._session.get_many(keys.user_key(author_id) for author_id in authors)
        known = [(author, rows[key]) for author in authors.values() if (key := keys.user_key(author.id)) in rows]
        self._clear(self._find_unwanted(known))
        for author, row in known:
            if author.joined or author.rejoined or author.left:
                self._set_mode(author, row)
        delivering = [(author, row) for author, row in known if row.get(FEED_MODE) in (None, FILLING)]
        self._session.write_batch(_by_reader(self._deliver_to(delivering)))
        for author, row in delivering:
            self._ensure(self._maybe_delivered(author, row))

    # What no longer belongs

    def _clear(self, unwanted: Iterable[Key]) -> None:
        """Delete the items that are there: a read costs less than a delete of nothing, and the count stays exact."""
        for chunk in chunks(unwanted, READ_CHUNK):
            self._session.write_batch((), self._session.get_many(chunk))

    def _find_unwanted(self, known: Sequence[tuple[_Author, Row]]) -> Iterator[Key]:
        for author, row in known:
            if author.left and count_of(row, "posts_count"):
                for post_id in self._posts(author.id):
                    yield from (keys.feed_key(reader_id, post_id) for reader_id in author.left)
            if author.hidden:
                staying = (reader_id for reader_id, _ in self._readers(author.id) if reader_id not in author.left)
                yield from (keys.feed_key(reader_id, post_id) for reader_id in staying for post_id in author.hidden)

    # What is new

    def _deliver_to(self, known: Sequence[tuple[_Author, Row]]) -> Iterator[Row]:
        for author, row in known:
            fresh = [post_id for post_id, is_again in author.published.items() if not is_again]
            if fresh and count_of(row, "followers_count"):
                yield from _rows(author, self._readers(author.id), fresh)
            if author.joined and count_of(row, "posts_count") > len(fresh):
                for posts in chunks(self._public_posts(author.id), READ_CHUNK):
                    earlier = [post_id for post_id in posts if post_id not in author.published]
                    yield from _rows(author, author.joined.items(), earlier)

    def _maybe_delivered(self, author: _Author, row: Row) -> Iterator[FeedItem]:
        posts = self._still_public(post_id for post_id, is_again in author.published.items() if is_again)
        if posts:
            for reader_id, since in self._readers(author.id):
                yield from (feed_item(reader_id, post_id, author.id, since) for post_id in posts)
        if author.rejoined and count_of(row, "posts_count"):
            readers = self._still_following(author)
            for post_id in self._public_posts(author.id):
                yield from (feed_item(reader_id, post_id, author.id, since) for reader_id, since in readers)

    def _still_public(self, posts: Iterable[str]) -> list[str]:
        rows = self._store.get_many(keys.post_key(post_id) for post_id in posts)
        return [text_of(row, "id") for row in rows.values() if is_true(row, "is_public")]

    def _still_following(self, author: _Author) -> list[tuple[str, datetime]]:
        rows = self._store.get_many(keys.follower_key(author.id, reader_id) for reader_id in author.rejoined)
        return [_reader(row) for row in rows.values()]

    def _ensure(self, wanted: Iterable[FeedItem]) -> None:
        """Put the items that are missing, and leave read marks alone.

        One that is older than the follow is of an earlier follow, whose end was not settled: it is made new.
        """
        for chunk in chunks(wanted, READ_CHUNK):
            by_key = {keys.feed_key(item.reader_id, item.post_id): item for item in chunk}
            standing = self._session.get_many(by_key)
            for key, item in by_key.items():
                row = standing.get(key)
                if row is None:
                    self._session.apply(Change(puts=(Put(key, items.feed_row(item)),)), None)
                elif moment_of(row) < item.created_at:
                    self._session.apply(_renewal(key, row, item), None)

    # Crossing the limit

    def _set_mode(self, author: _Author, row: Row) -> None:
        is_above = count_of(row, "followers_count") > self._limit
        if is_above and row.get(FEED_MODE) != PULL:
            self._mark(author.id, CLEARING)
            if count_of(row, "posts_count"):
                self._clear_unread(author)
            self._mark(author.id, PULL, CLEARING)
            row[FEED_MODE] = PULL
        elif not is_above and FEED_MODE in row:
            self._mark(author.id, FILLING)
            self._ensure(self._whole(author.id, (), ()))
            self._mark(author.id, None, FILLING)
            row.pop(FEED_MODE)

    def _mark(self, author_id: str, mode: Row | None, expected: Row | None = None) -> None:
        expect = {} if expected is None else {FEED_MODE: expected}
        part = Set(keys.user_key(author_id), {FEED_MODE: mode}, already, expect)
        self._session.apply(Change(sets=(part,)), None)
        self._session.send()

    def _clear_unread(self, author: _Author) -> None:
        # What this very group made fresh was never delivered, so only the rest can be there.
        fresh_posts = {post_id for post_id, is_again in author.published.items() if not is_again}
        for chunk in chunks(self._whole(author.id, author.joined, fresh_posts), READ_CHUNK):
            standing = self._session.get_many(keys.feed_key(item.reader_id, item.post_id) for item in chunk)
            for key, row in standing.items():
                if not row["is_read"]["BOOL"]:
                    unread = Delete(key, already, {"is_read": {"BOOL": False}})
                    self._session.apply(Change(deletes=(unread,)), None)

    def _whole(self, author_id: str, but_readers: Container[str], but_posts: Container[str]) -> Iterator[FeedItem]:
        kept = (post_id for post_id in self._public_posts(author_id) if post_id not in but_posts)
        for posts in chunks(kept, READ_CHUNK):
            for reader_id, since in self._readers(author_id):
                if reader_id not in but_readers:
                    yield from (feed_item(reader_id, post_id, author_id, since) for post_id in posts)

    # Reads of rows that nothing here writes: they need not wait for what is on its way

    @property
    def _store(self) -> Store:
        return self._session.unflushed

    def _readers(self, author_id: str) -> Iterator[tuple[str, datetime]]:
        for rows in each(self._store, keys.user_partition(author_id), keys.FOLLOWER_PREFIX):
            yield from map(_reader, filter(is_ours, rows))

    def _posts(self, author_id: str) -> Iterator[str]:
        for rows in each(self._store, keys.user_partition(author_id), keys.POST_PREFIX):
            yield from (text_of(row, "post_id") for row in rows if is_ours(row))

    def _public_posts(self, author_id: str) -> Iterator[str]:
        for chunk in chunks(self._posts(author_id), READ_CHUNK):
            yield from self._still_public(chunk)


def _renewal(key: Key, row: Row, item: FeedItem) -> Change:
    fresh = items.feed_row(item)
    values = {name: fresh[name] for name in ("created_at", "expires_at", "is_read")}
    return Change(sets=(Set(key, values, already, {"created_at": row["created_at"]}),))


def _group(effects: Sequence[Done]) -> dict[str, _Author]:
    authors: dict[str, _Author] = {}
    for effect, is_again in effects:
        if isinstance(effect, FeedEffect):
            authors.setdefault(effect.author_id, _Author(effect.author_id)).note(effect, is_again=is_again)
    return authors


def _by_reader(rows: Iterable[Row]) -> Iterator[Row]:
    """Bring what goes into one feed together, as far as memory allows: neighbours cost an engine less."""
    for part in chunks(rows, NEAR):
        yield from sorted(part, key=key_of)


def _reader(row: Row) -> tuple[str, datetime]:
    return text_of(row, "follower_id"), moment_of(row)


def _rows(author: _Author, readers: Iterable[tuple[str, datetime]], posts: Sequence[str]) -> Iterator[Row]:
    """Make what `feed_item` says of each pair, with the times of readers and posts worked out once."""
    timed = [(post_id, _times(moment_of_id(post_id))) for post_id in posts]
    for reader_id, since in readers:
        times = _times(since)
        for post_id, post_times in timed:
            if (reader_id, post_id) not in author.delivered:
                yield items.unread_row(reader_id, post_id, author.id, max(times, post_times))


def _times(created_at: datetime) -> tuple[str, int]:
    return moment_text(created_at), int(created_at.timestamp()) + RETENTION_SECONDS
