"""The bank test: a counter and all rows that it may count, read at one instant while others write, never differ.

A vault is at most 100 rows, which one TransactGetItems reads: owners of counters, and every row that they may count.
Who writes into it does so by the app's own calls in units of work. The control makes the same calls, with one counter
moved in a call of its own: so it is with each of `COUNTERS`.
"""

from __future__ import annotations

import random
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from typing import Any, Final, TypeAlias
from unittest import mock

from attrs import Factory, define, evolve, frozen
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from seedbed.dynamo.changes import Add, Change, Exists, already, unless
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
COUNTERS: Final[Mapping[str, str]] = {
    "likes_count": "likes",
    "followers_count": "follows",
    "following_count": "follows",
    "comments_count": "comments",
    "replies_count": "comments",
    "posts_count": "posts",
}
"""Every counter that there is, and the kind of vault that holds what it counts."""


@frozen
class Vault:
    """What is read at one instant, and how it is written: by single calls of the app."""

    keys: tuple[Key, ...]
    counters: frozenset[str]
    """The counters whose rows are all here."""
    write: Write


@define
class Findings:
    """What readers have seen so far."""

    snapshots: int = 0
    counts: defaultdict[str, set[tuple[int, ...]]] = Factory(lambda: defaultdict(set))
    """The different counts that each counter had: of a table that nobody writes there is one."""
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
    return Vault((keys.post_key(post.id), *likes), counters_of("likes"), write)


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
    return Vault((keys.user_key(ann.id), *followers, *following), counters_of("follows"), write)


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
    return Vault((keys.post_key(post.id), *comments), counters_of("comments"), write)


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
    return Vault((keys.user_key(author.id), *authored), counters_of("posts"), write)


VAULTS: Final[Mapping[str, Callable[[World], Vault]]] = {
    "likes": of_likes,
    "follows": of_follows,
    "comments": of_comments,
    "posts": of_posts,
}


def counters_of(kind: str) -> frozenset[str]:
    """Return the counters whose rows a kind of vault holds."""
    return frozenset(name for name, vault in COUNTERS.items() if vault == kind)


def foreseen(app: App, name: str) -> str:
    """Return the id that is drawn by a name."""
    with app.at(START, name):
        return app.ids.new(START)


def _people(world: World, count: int) -> tuple[list[User], Post]:
    users = world.users(count)
    return users, world.post(users[0])


# The control


class _ThereAlreadyError(ServiceError):
    """A row that is to be put, or to be deleted, is so already: then nothing is counted."""


@contextmanager
def in_two_calls(app: App, name: str) -> Iterator[None]:
    """Let the app's calls move one counter in a call of its own, which follows that which puts or deletes the row.

    Of one writer there is nothing wrong in the end, or before a call or after it. Where several meet in units of work,
    a row that is refused late has been counted by then.
    """
    apply = app.session.apply

    def apply_apart(change: Change, value: Any) -> Any:
        counting = tuple(Add(part.key, {name: part.amounts[name]}, part.refused) for part in _adds_to(change, name))
        if not counting:
            return apply(change, value)
        try:
            value = apply(_without(change, name), value)
        except _ThereAlreadyError:
            return value
        apply(Change(adds=counting), None)
        return value

    with mock.patch.object(app.session, "apply", apply_apart):
        yield


def _adds_to(change: Change, name: str) -> list[Add]:
    return [part for part in change.adds if name in part.amounts]


def _without(change: Change, name: str) -> Change:
    """Leave a counter out of a Change, which asks for its row all the same."""
    others = (
        evolve(part, amounts={one: part.amounts[one] for one in part.amounts if one != name}) for part in change.adds
    )
    return evolve(
        change,
        puts=tuple(map(_say_again, change.puts)),
        deletes=tuple(map(_say_again, change.deletes)),
        adds=tuple(part for part in others if part.amounts),
        exists=change.exists
        + tuple(Exists(part.key, part.refused) for part in _adds_to(change, name) if len(part.amounts) == 1),
    )


def _say_again(part: Any) -> Any:
    return evolve(part, refused=unless(_ThereAlreadyError)) if part.refused is already else part


# The bank


@define
class Bank:
    """Writers and readers of one vault, until so many snapshots are taken, or one that is wrong."""

    app: App
    client: Any
    """What readers read by."""
    vault: Vault
    wanted: int
    is_control: bool = False
    """Whether one writer makes single calls, rather than several units of work."""
    findings: Findings = Factory(Findings)
    _lock: threading.Lock = Factory(threading.Lock)
    _is_over: threading.Event = Factory(threading.Event)

    def run(self, seed: int) -> Findings:
        """Let them write and read."""
        writers = 1 if self.is_control else WRITERS
        with ThreadPoolExecutor(writers + READERS) as pool:
            tasks = [pool.submit(self._write, random.Random(f"{seed}/{number}")) for number in range(writers)]
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
        block = nullcontext() if self.is_control else self.app.unit_of_work()
        try:
            with block:
                for _ in range(1 if self.is_control else draw.randint(1, CALLS)):
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
            for name in self.vault.counters:
                found.counts[name].add(tuple(int(row[name]["N"]) for row in rows.values() if name in row))
            if found.wrong or found.snapshots >= self.wanted:
                self._is_over.set()
