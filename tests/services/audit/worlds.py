"""A small healthy world, made through the services, and raw hands to damage it with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from seedbed.dynamo.rows import Key
from services.audit import Audit, Finding, Repair, audit, repair
from services.rows import keys

START = datetime(2025, 3, 1, tzinfo=UTC)
GHOST = "0195500c-0000-7000-8000-00000000dead"
BEFORE = "2020-01-01T00:00:00.000Z"
LATER = "2025-04-01T00:00:00.000Z"


def ticking(start=START):
    """A clock that goes on by a second each time it is looked at."""
    ticks = count()
    return lambda: start + timedelta(seconds=next(ticks))


def claim_row(partition: str, user_id: str, created_at: str) -> dict[str, Any]:
    return row((partition, keys.CLAIM), "CLAIM", user_id=user_id, created_at=created_at)


def row(key, entity_type: str, **attributes: Any) -> dict[str, Any]:
    named = {"PK": key[0], "SK": key[1], "entity_type": entity_type, "created_at": LATER, **attributes}
    return {name: {"S": value} if isinstance(value, str) else value for name, value in named.items()}


def like_row(post_id: str, user_id: str, created_at: str = LATER) -> dict[str, Any]:
    index = {
        "GSI1PK": keys.user_partition(user_id),
        "GSI1SK": keys.like_index_sort(created_at, post_id),
    }
    ids = {"post_id": post_id, "user_id": user_id}
    return row(keys.like_key(post_id, user_id), "LIKE", created_at=created_at, **ids, **index)


def comment_row(post_id: str, comment_id: str, user_id: str, parent_id: str | None = None, replies=0):
    parent = {} if parent_id is None else {"parent_comment_id": parent_id}
    index = {"GSI1PK": keys.user_partition(user_id), "GSI1SK": keys.comment_index_sort(comment_id)}
    ids = {"post_id": post_id, "id": comment_id, "user_id": user_id}
    counts = {"replies_count": {"N": str(replies)}}
    return row(keys.comment_key(post_id, comment_id), "COMMENT", content="well", **ids, **index, **parent, **counts)


def edge_rows(follower_id: str, followee_id: str) -> list[dict[str, Any]]:
    ends = {"follower_id": follower_id, "followee_id": followee_id}
    return [
        row(keys.follow_key(follower_id, followee_id), "FOLLOW", **ends),
        row(keys.follower_key(followee_id, follower_id), "FOLLOWER", **ends),
    ]


def item_row(reader_id: str, post_id: str, author_id: str) -> dict[str, Any]:
    ids = {"reader_id": reader_id, "post_id": post_id, "author_id": author_id}
    rest = {"is_read": {"BOOL": False}, "expires_at": {"N": "1800000000"}}
    return row(keys.feed_key(reader_id, post_id), "FEED_ITEM", **ids, **rest)


def facts(finding: Finding) -> tuple[Any, ...]:
    return finding.kind, finding.key, finding.attribute, finding.stored, finding.expected


class World:
    """Ann, whom Bob and Cat follow and who follows Bob; a post of hers with a thread; a private one; one of Bob's."""

    def __init__(self, app) -> None:
        self.app = app
        self.store = app.session.store
        self._client = app.table.engine.client
        self.ann, self.bob, self.cat = (self._sign_up(name) for name in ("Ann", "Bob", "Cat"))
        app.follows.follow_user(self.bob, self.ann)
        self.post = app.posts.create_post(author_id=self.ann, caption="hello", tags=("a", "b")).id
        self.private = app.posts.create_post(author_id=self.ann, is_public=False).id
        self.other = app.posts.create_post(author_id=self.bob).id
        app.follows.follow_user(self.cat, self.ann)
        app.follows.follow_user(self.ann, self.bob)
        app.likes.like_post(self.bob, self.post)
        self.top = app.comments.create_comment(self.bob, self.post, "first").id
        self.reply = app.comments.create_comment(self.cat, self.post, "no, second", self.top).id
        self.deep = app.comments.create_comment(self.ann, self.post, "third", self.reply).id
        self.elsewhere = app.comments.create_comment(self.ann, self.other, "nice").id

    def _sign_up(self, name: str) -> str:
        texts = {"email": f"{name}@example.org", "username": f"{name}_1", "handle": f"The{name}"}
        return self.app.profiles.create_profile(full_name=name, **texts).id

    def put(self, *rows: dict[str, Any]) -> None:
        for one in rows:
            self._client.put_item(TableName=self.app.table.name, Item=one)

    def remove(self, *gone: Key) -> None:
        for key in gone:
            self._client.delete_item(TableName=self.app.table.name, Key={"PK": {"S": key[0]}, "SK": {"S": key[1]}})

    def row(self, key: Key) -> dict[str, Any]:
        return self.store.get(key)

    def set(self, key: Key, **attributes: Any) -> None:
        changed = {**self.row(key), **attributes}
        self.put({name: value for name, value in changed.items() if value is not None})

    def add(self, key: Key, name: str, amount: int = 1) -> None:
        self.set(key, **{name: {"N": str(int(self.row(key)[name]["N"]) + amount)}})

    def rows(self) -> dict[Key, dict[str, Any]]:
        return {(one["PK"]["S"], one["SK"]["S"]): one for page in self.store.scan() for one in page}

    def audit(self) -> Audit:
        return audit(self.store)

    def found(self) -> list[tuple[Any, ...]]:
        return [facts(finding) for finding in self.audit().findings]

    def repair(self) -> Repair:
        return repair(self.store, self.audit())

    def mends(self, *expected: Any) -> None:
        """Sees exactly these findings, mends them all, and has a clean table then."""
        assert sorted(self.found(), key=repr) == sorted(expected, key=repr)
        done = self.repair()
        assert done.left == ()
        assert set(map(repr, expected)) <= {repr(facts(mended.finding)) for mended in done.mended}
        assert self.audit().is_clean

    def restores(self, before: dict[Key, dict[str, Any]], *expected: Any) -> None:
        """Sees exactly these findings, and has the table as it was before then."""
        self.mends(*expected)
        assert self.rows() == before

    def leaves(self, *expected: Any) -> None:
        """Sees exactly these findings, and leaves the table as it is."""
        assert sorted(self.found(), key=repr) == sorted(expected, key=repr)
        before = self.rows()
        done = self.repair()
        assert done.mended == ()
        assert [facts(finding) for finding in done.left] == self.found()
        assert self.rows() == before
