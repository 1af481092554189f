"""The bank test: a counter and all rows that it may count, read at one instant while others write, never differ.

A vault is at most 100 rows, which one TransactGetItems reads: owners of counters, and every row that they may count.
Who writes into it does so by the app's own calls in units of work; the control puts a row and counts it in two calls.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeAlias

from attrs import Factory, define, frozen
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from seedbed.dynamo.rows import Key, Row, key_of
from seedbed.dynamo.wire import key_json
from services.app import App
from services.entities import Post, User
from services.errors import ServiceError
from services.rows import keys
from tests.contract.world import START, World

Rows: TypeAlias = Mapping[Key, Row]
Write: TypeAlias = Callable[[random.Random], object]
Pairs: TypeAlias = Iterator[tuple[Key, str]]

WRITERS: Final = 3
READERS: Final = 2
CALLS: Final = 6
"""Calls of a unit of work, at most."""


@frozen
class Vault:
    """What is read at one instant, and how it is written: by single calls of the app, or the control's way."""

    keys: tuple[Key, ...]
    counters: frozenset[str]
    """The counters whose rows are all here."""
    write: Write


@define
class Findings:
    """What readers have seen so far."""

    snapshots: int = 0
    counts: set[tuple[int, ...]] = Factory(set)
    """The different counts that there were: of a table that nobody writes there is one."""
    wrong: list[str] = Factory(list)
    refused: Counter[str] = Factory(Counter)


# What is read


def snapshot(client: Any, table: str, wanted: Sequence[Key]) -> Rows:
    """Read rows at one instant. Cost: 1 TransactGetItems."""
    gets = [{"Get": {"TableName": table, "Key": key_json(key)}} for key in wanted]
    answers = client.transact_get_items(TransactItems=gets)["Responses"]
    rows = [answer["Item"] for answer in answers if answer.get("Item")]
    return {key_of(row): row for row in rows}


def differences(vault: Vault, rows: Rows) -> list[str]:
    """Name each counter of a snapshot that is not the number of its rows."""
    counted = Counter(pair for key, row in rows.items() for pair in _counts(key, row) if pair[1] in vault.counters)
    stored = {
        (key, name): int(value["N"])
        for key, row in rows.items()
        for name, value in row.items()
        if name in vault.counters
    }
    return [
        f"{key} {name}: {stored.get((key, name), 'no row')} stored, {counted[key, name]} rows"
        for key, name in sorted({*stored, *counted})
        if stored.get((key, name)) != counted[key, name]
    ]


def _counts(key: Key, row: Row) -> Pairs:
    kind = row["entity_type"]["S"]
    if kind == "LIKE":
        yield (key[0], keys.POST), "likes_count"
    elif kind == "COMMENT":
        yield (key[0], keys.POST), "comments_count"
        if "parent_comment_id" in row:
            yield (key[0], keys.COMMENT_PREFIX + row["parent_comment_id"]["S"]), "replies_count"
    elif kind in _OF_USERS:
        yield (key[0], keys.PROFILE), _OF_USERS[kind]


_OF_USERS = {"FOLLOW": "following_count", "FOLLOWER": "followers_count", "AUTHORED": "posts_count"}


# Vaults


def of_likes(world: World) -> Vault:
    """A post and 99 who may like it."""
    users, post = _people(world, 99)

    def write(draw: random.Random) -> object:
        act = draw.choice((world.app.likes.like_post, world.app.likes.unlike_post))
        return act(draw.choice(users).id, post.id)

    likes = (keys.like_key(post.id, user.id) for user in users)
    return Vault((keys.post_key(post.id), *likes), frozenset({"likes_count"}), write)


def of_follows(world: World) -> Vault:
    """A user, 49 who may follow, and 50 who may be followed."""
    (ann, *others), _ = _people(world, 100)
    fans, idols = others[:49], others[49:]

    def write(draw: random.Random) -> object:
        act = draw.choice((world.app.follows.follow_user, world.app.follows.unfollow_user))
        is_fan = draw.random() < 0.5
        return act(draw.choice(fans).id, ann.id) if is_fan else act(ann.id, draw.choice(idols).id)

    followers = (keys.follower_key(ann.id, fan.id) for fan in fans)
    following = (keys.follow_key(ann.id, idol.id) for idol in idols)
    names = frozenset({"followers_count", "following_count"})
    return Vault((keys.user_key(ann.id), *followers, *following), names, write)


def of_comments(world: World) -> Vault:
    """A post, 9 comments that it may have, and 10 replies that each of these may have."""
    app, (users, post) = world.app, _people(world, 1)
    places = {f"comment/{place}": None for place in range(9)}
    places |= {f"reply/{place}": f"comment/{place % 9}" for place in range(90)}
    ids = {name: foreseen(app, name) for name in places}

    def write(draw: random.Random) -> object:
        name = draw.choice(list(places))
        if draw.random() < (0.5 if places[name] else 0.3):
            return app.comments.delete_comment(post.id, ids[name], user_id=users[0].id)
        with app.at(START, name):
            return app.comments.create_comment(users[0].id, post.id, name, ids.get(places[name] or ""))

    comments = (keys.comment_key(post.id, comment_id) for comment_id in ids.values())
    names = frozenset({"comments_count", "replies_count"})
    return Vault((keys.post_key(post.id), *comments), names, write)


def of_posts(world: World) -> Vault:
    """A user and 99 posts that they may have, by the rows that list them."""
    app, (users, _) = world.app, _people(world, 2)
    author = users[1]
    names = [f"post/{place}" for place in range(99)]
    ids = {name: foreseen(app, name) for name in names}

    def write(draw: random.Random) -> object:
        name = draw.choice(names)
        if draw.random() < 0.4:
            return app.posts.delete_post(ids[name], user_id=author.id)
        with app.at(START, name):
            return app.posts.create_post(author_id=author.id, caption=name)

    authored = (keys.authored_key(author.id, post_id) for post_id in ids.values())
    return Vault((keys.user_key(author.id), *authored), frozenset({"posts_count"}), write)


VAULTS: Final[Mapping[str, Callable[[World], Vault]]] = {
    "likes": of_likes,
    "follows": of_follows,
    "comments": of_comments,
    "posts": of_posts,
}


def foreseen(app: App, name: str) -> str:
    """Return the id that is drawn by a name."""
    with app.at(START, name):
        return app.ids.new(START)


def _people(world: World, count: int) -> tuple[list[User], Post]:
    users = world.users(count)
    return users, world.post(users[0])


def in_two_calls(client: Any, table: str, vault: Vault) -> Vault:
    """The control: put a row, or delete it, and then count it."""
    owner, *others = vault.keys

    def write(draw: random.Random) -> None:
        key = draw.choice(others)
        row = {**key_json(key), "entity_type": {"S": "LIKE"}}
        is_there = "Item" in client.get_item(TableName=table, Key=key_json(key), ConsistentRead=True)
        if is_there:
            client.delete_item(TableName=table, Key=key_json(key))
        else:
            client.put_item(TableName=table, Item=row)
        client.update_item(
            TableName=table,
            Key=key_json(owner),
            UpdateExpression="ADD likes_count :n",
            ExpressionAttributeValues={":n": {"N": "-1" if is_there else "1"}},
        )

    return Vault(vault.keys, vault.counters, write)


# The bank


@define
class Bank:
    """Writers and readers of one vault, until so many snapshots are taken, or one that is wrong."""

    app: App
    client: Any
    """What readers read by."""
    vault: Vault
    wanted: int
    is_packed: bool = True
    """Whether writers write in units of work."""
    findings: Findings = Factory(Findings)
    _lock: threading.Lock = Factory(threading.Lock)
    _is_over: threading.Event = Factory(threading.Event)

    def run(self, seed: int) -> Findings:
        """Let them write and read."""
        with ThreadPoolExecutor(WRITERS + READERS) as pool:
            tasks = [pool.submit(self._write, random.Random(f"{seed}/{number}")) for number in range(WRITERS)]
            tasks += [pool.submit(self._read) for _ in range(READERS)]
        for task in tasks:
            task.result()
        return self.findings

    def _write(self, draw: random.Random) -> None:
        try:
            while not self._is_over.is_set():
                self._write_some(draw)
        finally:
            self._is_over.set()  # a writer that broke down leaves nothing to read

    def _write_some(self, draw: random.Random) -> None:
        if not self.is_packed:
            self.vault.write(draw)
            return
        try:
            with self.app.unit_of_work():
                for _ in range(draw.randint(1, CALLS)):
                    self.vault.write(draw)
        except ServiceError as error:
            self.findings.refused[type(error).__name__] += 1

    def _read(self) -> None:
        try:
            while not self._is_over.is_set():
                self._look()
        finally:
            self._is_over.set()

    def _look(self) -> None:
        try:
            rows = snapshot(self.client, self.app.table.name, self.vault.keys)
        except (BotoCoreError, ClientError, ResponseParserError):
            return  # a fault, or a conflict with a transaction: it is no snapshot
        wrong = differences(self.vault, rows)
        with self._lock:
            found = self.findings
            found.snapshots += 1
            found.wrong += wrong
            found.counts.add(
                tuple(int(row[name]["N"]) for row in rows.values() for name in row if name in self.vault.counters)
            )
            if found.wrong or found.snapshots >= self.wanted:
                self._is_over.set()
