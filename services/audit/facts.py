"""The facts of all rows in a temporary SQLite database: each check is one query, and memory stays bounded.

A row counts by its key: what a malformed row should have said is NULL here, and NULL makes no second finding. Ids of
users and posts are numbers, in the order in which they are met; those of comments, which may be very many, are texts.
The time of a user, post or comment is what its id tells, if it tells one.

Whether a row is ours it says by itself (`shapes.is_ours`): no neighbour makes it so. One whose attributes name another
place than its key waits until all others are in, which say where it belongs (`strays.py`).
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias
from zlib import crc32

from seedbed.dynamo.rows import Key
from services.audit import shapes
from services.audit.faults import Seen, faults, foreign, index_time, indexed_user, time_of
from services.audit.findings import Finding
from services.audit.shapes import CLAIMED, Row
from services.audit.strays import Strays, place_of
from services.entities import DONE, RESETTING
from services.errors import NoRoomError
from services.rows import items, keys

CACHE_KIB = 32_768
"""Pages of the database that are kept in memory; the rest is in a temporary file."""
_WHOLE = re.compile(r"-?\d{1,18}", re.ASCII)
"""What SQLite's integers hold."""
FOLLOW_SIDE, FOLLOWER_SIDE = 1, 2
FOREIGN_NAMED = 1_000
"""Rows of others that are named one by one; the rest is counted."""

# Ids that are numbers are declared as such: SQLite finds no index for a comparison of different affinities.
_TABLES: Mapping[str, str] = {
    "user": "n INTEGER PRIMARY KEY, at TEXT, posts_count, followers_count, following_count, mode TEXT, is_pushed",
    "value": "pk TEXT, attribute TEXT, user INTEGER, stored TEXT, is_valid",
    "claim": "pk TEXT, attribute TEXT, user INTEGER, at TEXT",
    "post": "n INTEGER PRIMARY KEY, author INTEGER, is_public, at TEXT, likes_count, comments_count, wording INTEGER,"
    " is_changed",
    "authored": "author INTEGER, post INTEGER, at TEXT",
    "liking": "post INTEGER, user INTEGER, at TEXT, index_at TEXT",
    "comment": "post INTEGER, id TEXT, user INTEGER, parent TEXT, at TEXT, replies_count, wording INTEGER,"
    " indexed INTEGER",
    "edge": "follower INTEGER, followee INTEGER, side, at TEXT",
    "feed": "reader INTEGER, post INTEGER, author INTEGER, at TEXT, expires INTEGER, is_known",
    "made": "user INTEGER, run TEXT",
    "run": "name TEXT, is_done, is_resetting, is_marking",
    "run_user": "run TEXT, user INTEGER, at TEXT",
}
# Made when all rows are in: sorting once costs less than keeping order.
_DERIVED = """
CREATE TABLE pair (
    follower INTEGER, followee INTEGER, sides, follow_at TEXT, follower_at TEXT, PRIMARY KEY (follower, followee)
) WITHOUT ROWID;
INSERT INTO pair
    SELECT follower, followee, SUM(side), MAX(CASE side WHEN 1 THEN at END), MAX(CASE side WHEN 2 THEN at END)
    FROM edge GROUP BY follower, followee;
DROP TABLE edge;
CREATE VIEW follow AS SELECT follower, followee, follow_at AS at FROM pair WHERE sides & 1;
CREATE VIEW follower AS SELECT follower, followee, follower_at AS at FROM pair WHERE sides & 2;
CREATE INDEX value_pk ON value (pk);
CREATE INDEX value_user ON value (user, attribute);
CREATE INDEX claim_pk ON claim (pk);
CREATE INDEX claim_user ON claim (user, attribute);
CREATE INDEX authored_post ON authored (post, author);
CREATE INDEX comment_id ON comment (post, id);
CREATE INDEX comment_parent ON comment (post, parent) WHERE parent IS NOT NULL;
"""

_Taker: TypeAlias = Callable[["Facts", Seen], None]


class Numbers(dict[str | None, int | None]):
    """Ids by number; a new one gets the next."""

    def __missing__(self, entity_id: str) -> int:
        """Number an id that is met for the first time."""
        number = self[entity_id] = len(self)
        return number


class Facts:
    """Takes rows in, then answers queries. Use it in `collecting`."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.rows = 0
        self.foreign = 0
        self.findings: list[Finding] = []
        self.numbers = Numbers({None: None})
        self.waiting: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _TABLES}
        self._strays: list[Seen] = []
        self._database = database
        self._inserts = {
            name: f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns.split(',')))})"  # noqa: S608 - our own names
            for name, columns in _TABLES.items()
        }

    def take(self, rows: Sequence[Row]) -> None:
        """Judge rows by themselves, and keep what they say."""
        for row in rows:
            self._take(row)
        self.rows += len(rows)
        for name, waiting in self.waiting.items():
            if waiting:
                self._database.executemany(self._inserts[name], waiting)
                waiting.clear()

    def _take(self, row: Row) -> None:
        key = row["PK"]["S"], row["SK"]["S"]
        shape, parts = shapes.shape_of(key), shapes.parts_of(key)
        if shape is not None and parts[0] and shape.agrees(row, parts):
            self._judge(Seen(row, key, shape, parts, agrees=True))
        elif shape is None or not parts[0] or not shapes.is_ours(row, shape, parts):
            self._name_foreign(row, key)
        elif place_of(seen := Seen(row, key, shape, parts)) != parts:
            self._strays.append(seen)
        else:
            self._judge(seen)

    def _judge(self, seen: Seen) -> None:
        self.findings += faults(seen)
        _TAKERS[seen.shape.entity_type](self, seen)

    def _name_foreign(self, row: Row, key: Key) -> None:
        self.foreign += 1
        if self.foreign <= FOREIGN_NAMED:
            self.findings.append(foreign(row, key))

    def _judge_late(self, seen: Seen) -> None:
        self._judge(seen)
        self.take(())

    def close_intake(self) -> None:
        """Bring the facts into order; no more rows are taken."""
        self.findings += Strays(self._database, self.numbers).settle(self._strays, self._judge_late)
        self._database.executescript(_DERIVED)
        ids: list[str | None] = list(self.numbers)
        self.numbers.clear()
        self._database.create_function("id", 1, lambda n: None if n is None else ids[n], deterministic=True)
        self._database.create_function("partition_of", 1, keys.user_partition, deterministic=True)
        self._database.create_function("sort_of", 2, keys.like_index_sort, deterministic=True)

    def ask(self, query: str) -> Iterator[sqlite3.Row]:
        """Yield the rows that answer a query; `id(n)` is the id of a number."""
        yield from self._database.execute(query)

    def count(self, table: str) -> int:
        """Count the facts of a table."""
        total: int = next(self.ask(f"SELECT COUNT(*) AS total FROM {table}"))["total"]  # noqa: S608 - our own names
        return total

    def change(self, statement: str, values: tuple[Any, ...]) -> None:
        """Carry out one statement with values."""
        self._database.execute(statement, values)

    def run(self, script: str) -> None:
        """Carry out statements that return nothing."""
        self._database.executescript(script)


@contextmanager
def collecting() -> Iterator[Facts]:
    """Give an empty collection of facts, and remove its file after the block.

    Raises:
        NoRoomError: the file cannot be written.
    """
    database = sqlite3.connect("", isolation_level=None)
    try:
        database.row_factory = sqlite3.Row
        database.executescript(
            f"PRAGMA journal_mode = OFF; PRAGMA temp_store = FILE; PRAGMA cache_size = -{CACHE_KIB};"
            + "".join(f"CREATE TABLE {name} ({columns});" for name, columns in _TABLES.items())
            + "BEGIN;"
        )
        yield Facts(database)
    except sqlite3.OperationalError as error:  # its file; what the facts are asked for is not at fault
        raise NoRoomError(error) from error
    finally:
        database.close()


def _number(row: Row, name: str) -> int | str | None:
    """Read a counter: the number, None when it is missing, JSON of what stands there when it is no number."""
    value = row.get(name)
    if value is None:
        return None
    digits = value.get("N")
    if digits is not None and _WHOLE.fullmatch(digits):
        return int(digits)
    return json.dumps(value, default=repr)


def _flag(row: Row, name: str) -> bool | None:
    value = row.get(name)
    return None if value is None else value.get("BOOL")


def _unwritten(value: object) -> str:
    """Stand for what JSON has no word for, in a row that is only named."""
    return repr(value)


def _wording(row: Row, name: str) -> int:
    """Return a number for a text: the same text, the same number."""
    return crc32((shapes.text(row, name) or "").encode())


def _mode(row: Row) -> str | None:
    value = row.get("feed_mode")
    return None if value is None else value.get("S", json.dumps(value, default=_unwritten))


_CLAIM_ATTRIBUTES = {key("")[0]: attribute for attribute, key in CLAIMED.items()}


def _user(facts: Facts, seen: Seen) -> None:
    row, user = seen.row, facts.numbers[seen.parts[0]]
    counts = (_number(row, name) for name in ("posts_count", "followers_count", "following_count"))
    at = time_of(seen) or shapes.instant(row)
    facts.waiting["user"].append((user, at, *counts, _mode(row), "feed_mode" not in row))
    if (run := shapes.text(row, items.MADE_BY)) is not None:
        facts.waiting["made"].append((user, run))
    for attribute, key in CLAIMED.items():
        if (value := shapes.text(row, attribute)) is not None:
            is_valid = shapes.is_valid(attribute, value)
            facts.waiting["value"].append((key(value)[0], attribute, user, value, is_valid))


def _claim(facts: Facts, seen: Seen) -> None:
    claimed = seen.key[0]
    attribute = _CLAIM_ATTRIBUTES[claimed[: claimed.find("#") + 1]]
    owner = facts.numbers[shapes.text(seen.row, "user_id")]
    facts.waiting["claim"].append((claimed, attribute, owner, shapes.instant(seen.row)))


def _post(facts: Facts, seen: Seen) -> None:
    row = seen.row
    author, post = facts.numbers[shapes.text(row, "author_id")], facts.numbers[seen.parts[0]]
    counts = (_number(row, name) for name in ("likes_count", "comments_count"))
    at = time_of(seen) or shapes.instant(row)
    is_changed = shapes.instant(row, "updated_at") != at
    facts.waiting["post"].append(
        (post, author, _flag(row, "is_public"), at, *counts, _wording(row, "caption"), is_changed)
    )


def _take_authored(facts: Facts, seen: Seen) -> None:
    author, post = seen.parts
    facts.waiting["authored"].append((facts.numbers[author], facts.numbers[post], shapes.instant(seen.row)))


def _like(facts: Facts, seen: Seen) -> None:
    post, user = seen.parts
    times = shapes.instant(seen.row), index_time(seen.row, seen.parts)
    facts.waiting["liking"].append((facts.numbers[post], facts.numbers[user], *times))


def _comment(facts: Facts, seen: Seen) -> None:
    row, (post, comment) = seen.row, seen.parts
    indexed = facts.numbers[indexed_user(row)]
    user, parent = facts.numbers[shapes.text(row, "user_id")], shapes.text(row, "parent_comment_id")
    about = (
        facts.numbers[post],
        comment,
        indexed if user is None else user,
        parent,
        time_of(seen) or shapes.instant(row),
    )
    facts.waiting["comment"].append((*about, _number(row, "replies_count"), _wording(row, "content"), indexed))


def _follow(facts: Facts, seen: Seen) -> None:
    ends = facts.numbers[seen.parts[0]], facts.numbers[seen.parts[1]]
    facts.waiting["edge"].append((*ends, FOLLOW_SIDE, shapes.instant(seen.row)))


def _follower(facts: Facts, seen: Seen) -> None:
    ends = facts.numbers[seen.parts[1]], facts.numbers[seen.parts[0]]
    facts.waiting["edge"].append((*ends, FOLLOWER_SIDE, shapes.instant(seen.row)))


def _item(facts: Facts, seen: Seen) -> None:
    row, (reader, post) = seen.row, seen.parts
    author, expires = facts.numbers[shapes.text(row, "author_id")], _number(row, "expires_at")
    about = facts.numbers[reader], facts.numbers[post], author, shapes.instant(row)
    is_known = row.keys() <= seen.shape.known
    facts.waiting["feed"].append((*about, expires if isinstance(expires, int) else None, is_known))


def _run(facts: Facts, seen: Seen) -> None:
    phase = shapes.text(seen.row, "phase")
    said = phase == DONE, phase == RESETTING, items.MARKS_USERS in seen.row
    facts.waiting["run"].append((seen.parts[1], *said))


def _run_user(facts: Facts, seen: Seen) -> None:
    # A user whom a run made may have left since: nothing is wrong with a note by itself.
    about = seen.parts[0], facts.numbers[seen.parts[1]], shapes.instant(seen.row)
    facts.waiting["run_user"].append(about)


def _run_slice(_facts: Facts, _seen: Seen) -> None:
    """A note of a run that is not done: nothing counts on it."""


_TAKERS: Mapping[str, _Taker] = {
    "USER": _user,
    "CLAIM": _claim,
    "POST": _post,
    "AUTHORED": _take_authored,
    "LIKE": _like,
    "COMMENT": _comment,
    "FOLLOW": _follow,
    "FOLLOWER": _follower,
    "FEED_ITEM": _item,
    "RUN": _run,
    "RUN_USER": _run_user,
    "RUN_SLICE": _run_slice,
}
