"""Help for tests over a whole app: a clock that ticks, people and posts by a word, and a recount of the raw rows."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import attrs

from seedbed.dynamo.actions import Action
from seedbed.dynamo.queries import IndexPosition, Query
from services.app import App
from services.entities import Comment, Page, Post, User

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
Rows = dict[tuple[str, str], dict[str, Any]]


class TickingClock:
    """A millisecond passes whenever somebody looks, so ids sort in the order of the calls."""

    def __init__(self) -> None:
        self.ticks = 0

    def __call__(self) -> datetime:
        self.ticks += 1
        return START + timedelta(milliseconds=self.ticks)


@attrs.define
class World:
    """One app, and the few words that most tests begin with."""

    app: App

    def user(self, name: str = "ann") -> User:
        return self.app.profiles.create_profile(
            email=f"{name}@example.org", username=f"{name}_name", handle=name, full_name=name.title()
        )

    def users(self, count: int, stem: str = "user") -> list[User]:
        with self.app.unit_of_work():
            return [self.user(f"{stem}{number}") for number in range(count)]

    def post(self, author: User, **fields: Any) -> Post:
        return self.app.posts.create_post(author_id=author.id, **{"caption": "hello"} | fields)

    def comment(self, user: User, post: Post, parent: Comment | None = None, content: str = "yes") -> Comment:
        parent_id = None if parent is None else parent.id
        return self.app.comments.create_comment(user.id, post.id, content, parent_id)

    def rows(self) -> Rows:
        """Every stored row by key, through no service."""
        parts = self.app.session.store.scan()
        return {(row["PK"]["S"], row["SK"]["S"]): row for part in parts for row in part}

    def feed(self, reader: User) -> list[str]:
        return [entry.post_id for entry in read_all(lambda **page: self.app.feeds.read(reader.id, **page))]


def read_all(read: Callable[..., Page[Any]], limit: int = 100) -> list[Any]:
    """Read a list to its end."""
    found: list[Any] = []
    page = read(limit=limit)
    found += page.items
    while page.cursor is not None:
        page = read(limit=limit, cursor=page.cursor)
        found += page.items
    return found


def drift(rows: Rows) -> list[str]:
    """Recount every counter from the rows; name each one that is wrong."""
    counted: dict[tuple[tuple[str, str], str], int] = Counter()
    for (partition, _), row in rows.items():
        for key, name in _counts(partition, row):
            counted[key, name] += 1
    stored = {(key, name): int(row[name]["N"]) for key, row in rows.items() for name in row if name.endswith("_count")}
    return [
        f"{key} {name}: stored {stored.get((key, name))}, counted {counted[key, name]}"
        for key, name in sorted({*stored, *counted})
        if stored.get((key, name), 0) != counted[key, name]
    ]


def _counts(partition: str, row: dict[str, Any]) -> Iterator[tuple[tuple[str, str], str]]:
    kind = row["entity_type"]["S"]
    if kind == "POST":
        yield (f"USER#{row['author_id']['S']}", "PROFILE"), "posts_count"
    elif kind == "LIKE":
        yield (partition, "POST"), "likes_count"
    elif kind == "COMMENT":
        yield (partition, "POST"), "comments_count"
        if "parent_comment_id" in row:
            yield (partition, f"COMMENT#{row['parent_comment_id']['S']}"), "replies_count"
    elif kind == "FOLLOW":
        yield (f"USER#{row['follower_id']['S']}", "PROFILE"), "following_count"
        yield (f"USER#{row['followee_id']['S']}", "PROFILE"), "followers_count"


def without_feeds(rows: Rows) -> Rows:
    return {key: row for key, row in rows.items() if row["entity_type"]["S"] != "FEED_ITEM"}


class Stop(BaseException):
    """Stands for kill -9: nobody catches it."""


class Watched:
    """Sees every write of an app's store; may stop the process before the write of a number."""

    def __init__(self, app: App) -> None:
        self._store: Any = app.session.store
        self._transact = self._store.transact
        self._write_batch = self._store.write_batch
        self.sent: list[list[Action]] = []
        self.written = 0
        self.stop_at: int | None = None
        self.before: Callable[[Sequence[Action]], object] = lambda _actions: None
        self.after: Callable[[], object] = lambda: None

    def __enter__(self) -> Self:
        self._store.transact = self._seen_transact
        self._store.write_batch = self._seen_batch
        return self

    def __exit__(self, *exc_info: object) -> None:
        del self._store.transact
        del self._store.write_batch

    def _seen_transact(self, actions: Sequence[Action]) -> None:
        self.sent.append(list(actions))
        self._count()
        self.before(actions)
        self._transact(actions)
        self.after()

    def _seen_batch(self, puts: Any, deletes: Any) -> None:
        for row in puts:
            self._count()
            self._write_batch([row], [])
        for key in deletes:
            self._count()
            self._write_batch([], [key])

    def _count(self) -> None:
        if self.written == self.stop_at:
            raise Stop
        self.written += 1


class LateIndex:
    """Lets an app's index show what stood when the block began, until it catches up, as AWS's may."""

    def __init__(self, app: App) -> None:
        self._store: Any = app.session.store
        self._find_in_index = self._store.find_in_index
        self._places: dict[str, list[tuple[str, tuple[str, str]]]] = {}
        self.is_late = True

    def __enter__(self) -> Self:
        for row in itertools.chain.from_iterable(self._store.scan()):
            if "GSI1PK" in row:
                place = row["GSI1SK"]["S"], (row["PK"]["S"], row["SK"]["S"])
                self._places.setdefault(row["GSI1PK"]["S"], []).append(place)
        self._store.find_in_index = self._shown
        return self

    def __exit__(self, *exc_info: object) -> None:
        del self._store.find_in_index

    def _shown(self, wanted: Query[IndexPosition]) -> list[dict[str, Any]]:
        if not self.is_late:
            found: list[dict[str, Any]] = self._find_in_index(wanted)
            return found
        after = wanted.after or ("", ("", ""))
        places = sorted(place for place in self._places.get(wanted.partition, ()) if place > after)
        return [
            {"PK": {"S": key[0]}, "SK": {"S": key[1]}, "GSI1PK": {"S": wanted.partition}, "GSI1SK": {"S": sort}}
            for sort, key in places
            if sort.startswith(wanted.prefix)
        ][: wanted.limit]
