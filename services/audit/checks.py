"""Every check over more than one row: one query each, and what its answers mean.

The causes of a row (whose it is, what it is about) are checked by one query a kind of row, written from `_CHILDREN`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator

import attrs

from services import keys
from services.audit.facts import Facts
from services.audit.findings import Finding, Kind, Plain
from services.keys import Key

MakeKey = Callable[[str, str], Key]


def _user_key(user_id: str, _nothing: str) -> Key:
    return keys.user_key(user_id)


def _post_key(post_id: str, _nothing: str) -> Key:
    return keys.post_key(post_id)


def _claim_key(partition: str, _nothing: str) -> Key:
    return partition, keys.CLAIM


# Causes: rows whose user or post is gone, and rows older than it


@attrs.frozen
class _Child:
    """A kind of row, the two ids of its key, and its causes: attribute, column, table of what it names."""

    table: str
    key: MakeKey
    ids: tuple[str, str]
    causes: tuple[tuple[str, str, str], ...]

    def query(self) -> str:
        """Write the query for rows with a cause that is gone or younger."""
        columns, joins, wrong = [f"{self.ids[0]} AS a", f"{self.ids[1]} AS b", "c.at AS at"], [], []
        for name, column, table in self.causes:
            columns += [
                f"id(c.{column}) AS {name}",
                f"{name}_row.n IS NULL AS {name}_gone",
                f"{name}_row.at AS {name}_at",
            ]
            joins.append(f"LEFT JOIN {table} AS {name}_row ON {name}_row.n = c.{column}")
            wrong.append(f"({name}_row.n IS NULL AND c.{column} IS NOT NULL) OR c.at < {name}_row.at")
        return (
            f"SELECT {', '.join(columns)} FROM {self.table} AS c {' '.join(joins)} WHERE {' OR '.join(wrong)}"  # noqa: S608 - our own names
        )


_CHILDREN = (
    _Child("claim", _claim_key, ("c.pk", "''"), (("user_id", "user", "user"),)),
    _Child("post", _post_key, ("id(c.n)", "''"), (("author_id", "author", "user"),)),
    _Child("authored", keys.authored_key, ("id(c.author)", "id(c.post)"), (("author_id", "author", "user"),)),
    _Child(
        "liking",
        keys.like_key,
        ("id(c.post)", "id(c.user)"),
        (("post_id", "post", "post"), ("user_id", "user", "user")),
    ),
    _Child(
        "comment",
        keys.comment_key,
        ("id(c.post)", "c.id"),
        (("post_id", "post", "post"), ("user_id", "user", "user")),
    ),
    _Child(
        "follow",
        keys.follow_key,
        ("id(c.follower)", "id(c.followee)"),
        (("follower_id", "follower", "user"), ("followee_id", "followee", "user")),
    ),
    _Child(
        "follower",
        keys.follower_key,
        ("id(c.followee)", "id(c.follower)"),
        (("follower_id", "follower", "user"), ("followee_id", "followee", "user")),
    ),
    _Child("feed", keys.feed_key, ("id(c.reader)", "id(c.post)"), (("reader_id", "reader", "user"),)),
)


def _causes(child: _Child, facts: Facts) -> Iterator[Finding]:
    for row in facts.ask(child.query()):
        for name, _, table in child.causes:
            key, named, at, cause_at = child.key(row["a"], row["b"]), row[name], row["at"], row[f"{name}_at"]
            if row[f"{name}_gone"] and named is not None:
                yield Finding(Kind.ORPHAN, key, f"{name} is {named!r}, there is no such {table}", name, named)
            elif at is not None and cause_at is not None and at < cause_at:
                message = f"created_at is {at}, before the {table} {named!r}, which is of {cause_at}"
                yield Finding(Kind.TIME, key, message, "created_at", at, cause_at)


# Everything else: what a query answers is a finding, column by column


@attrs.frozen
class _Check:
    """A query whose columns are a and b (the key's ids), stored, expected, and what the message tells besides.

    `row` names the columns that make up a missing row.
    """

    kind: Kind
    key: MakeKey
    attribute: str | None
    message: str
    query: str
    row: tuple[str, ...] = ()

    def findings(self, facts: Facts) -> Iterator[Finding]:
        """Ask, and say what the answers mean."""
        for answer in facts.ask(self.query):
            yield Finding(
                self.kind,
                self.key(answer["a"], answer["b"]),
                self.message.format_map(dict(answer)),
                self.attribute,
                _plain(answer["stored"]),
                {name: _plain_flag(name, answer) for name in self.row} if self.row else answer["expected"],
            )


def _plain(value: str | int | None) -> Plain:
    # Only a counter that is no number comes as JSON.
    return json.loads(value) if isinstance(value, str) and value.startswith("{") else value


def _plain_flag(name: str, answer: sqlite3.Row) -> Plain:
    return bool(answer[name]) if name.startswith("is_") else answer[name]


_KEYS: dict[str, tuple[MakeKey, str, str]] = {
    "user": (_user_key, "id(o.n)", "''"),
    "post": (_post_key, "id(o.n)", "''"),
    "comment": (keys.comment_key, "id(o.post)", "o.id"),
}


def _counter(owner: str, name: str, counted: str, on: str) -> _Check:
    key, a, b = _KEYS[owner]
    query = f"""
        SELECT {a} AS a, {b} AS b, o.{name} AS stored, COALESCE(c.total, 0) AS expected
        FROM {owner} AS o LEFT JOIN ({counted}) AS c ON {on} WHERE o.{name} IS NOT COALESCE(c.total, 0)
    """  # noqa: S608 - our own names
    message = name + " is {stored}, the rows that it counts are {expected}"
    return _Check(Kind.COUNTER, key, name, message, query)


# An edge counts and delivers when either of its two rows is there: a missing one is a finding of its own.
_COUNTERS = (
    _counter(
        "user", "posts_count", "SELECT author AS k, COUNT(*) AS total FROM post GROUP BY author", "c.k = o.n"
    ),
    _counter(
        "user",
        "followers_count",
        "SELECT followee AS k, COUNT(*) AS total FROM pair GROUP BY followee",
        "c.k = o.n",
    ),
    _counter(
        "user",
        "following_count",
        "SELECT follower AS k, COUNT(*) AS total FROM pair GROUP BY follower",
        "c.k = o.n",
    ),
    _counter(
        "post", "likes_count", "SELECT post AS k, COUNT(*) AS total FROM liking GROUP BY post", "c.k = o.n"
    ),
    _counter(
        "post",
        "comments_count",
        "SELECT post AS k, COUNT(*) AS total FROM comment GROUP BY post",
        "c.k = o.n",
    ),
    _counter(
        "comment",
        "replies_count",
        "SELECT post, parent, COUNT(*) AS total FROM comment WHERE parent IS NOT NULL GROUP BY post, parent",
        "c.post = o.post AND c.parent = o.id",
    ),
)

# Among users with one value, the one who holds the claim is rightful, else the one who signed up first.
_RIGHTFUL = """
CREATE TABLE rightful AS
    SELECT v.pk AS pk, COALESCE(MAX(CASE WHEN c.user = v.user THEN id(v.user) END), MIN(id(v.user))) AS user
    FROM value AS v LEFT JOIN claim AS c ON c.pk = v.pk
    WHERE v.pk IN (SELECT pk FROM value GROUP BY pk HAVING COUNT(*) > 1)
    GROUP BY v.pk;
"""
_VALUES = (
    _Check(
        Kind.DUPLICATE,
        _user_key,
        None,
        "{attribute} is {stored}, which the user {expected!r} has",
        """
        SELECT id(v.user) AS a, '' AS b, v.attribute, v.pk AS stored, r.user AS expected
        FROM rightful AS r JOIN value AS v ON v.pk = r.pk WHERE id(v.user) <> r.user
        """,
    ),
    _Check(
        Kind.MISSING_CLAIM,
        _claim_key,
        None,
        "the user {user_id!r} has this {attribute} and does not hold the claim on it",
        """
        SELECT v.pk AS a, '' AS b, v.attribute, NULL AS stored, id(v.user) AS user_id, u.at AS created_at
        FROM value AS v JOIN user AS u ON u.n = v.user LEFT JOIN rightful AS r ON r.pk = v.pk
        WHERE NOT EXISTS (SELECT 1 FROM claim AS c WHERE c.pk = v.pk AND (c.user = v.user OR c.user IS NULL))
            AND (r.user IS NULL OR r.user = id(v.user))
        """,
        ("user_id", "created_at"),
    ),
    _Check(
        Kind.STALE_CLAIM,
        _claim_key,
        "user_id",
        "user_id is {stored!r}, whose {attribute} is {owned}",
        """
        SELECT c.pk AS a, '' AS b, c.attribute, id(c.user) AS stored, NULL AS expected, v.pk AS owned
        FROM claim AS c JOIN value AS v ON v.user = c.user AND v.attribute = c.attribute WHERE v.pk <> c.pk
        """,
    ),
)

_POSTS = (
    _Check(
        Kind.MISSING_AUTHORED,
        keys.authored_key,
        None,
        "the post {post_id!r} of this author is not listed",
        """
        SELECT id(p.author) AS a, id(p.n) AS b, NULL AS stored, id(p.n) AS post_id, p.at AS created_at
        FROM post AS p JOIN user AS u ON u.n = p.author LEFT JOIN authored AS l ON l.post = p.n AND l.author = p.author
        WHERE l.post IS NULL
        """,
        ("post_id", "created_at"),
    ),
    _Check(
        Kind.STALE_AUTHORED,
        keys.authored_key,
        "post_id",
        "post_id is {stored!r}, whose author is {expected!r}",
        """
        SELECT id(l.author) AS a, id(l.post) AS b, id(l.post) AS stored, id(p.author) AS expected
        FROM authored AS l JOIN user AS u ON u.n = l.author LEFT JOIN post AS p ON p.n = l.post
        WHERE p.n IS NULL OR p.author <> l.author
        """,
    ),
    _Check(
        Kind.TIME,
        keys.authored_key,
        "created_at",
        "created_at is {stored}, the post's is {expected}",
        """
        SELECT id(l.author) AS a, id(l.post) AS b, l.at AS stored, p.at AS expected
        FROM authored AS l JOIN post AS p ON p.n = l.post AND p.author = l.author WHERE l.at <> p.at
        """,
    ),
)


def _twin(table: str, key: MakeKey, near: str, far: str) -> _Check:
    side, other_at = (1, "follower_at") if table == "follow" else (2, "follow_at")
    query = f"""
        SELECT id(e.{near}) AS a, id(e.{far}) AS b, NULL AS stored,
            id(e.follower) AS follower_id, id(e.followee) AS followee_id, e.{other_at} AS created_at
        FROM pair AS e JOIN user AS x ON x.n = e.follower JOIN user AS y ON y.n = e.followee
        WHERE NOT e.sides & {side} AND e.follower <> e.followee
    """  # noqa: S608 - our own names
    message = "{follower_id!r} follows {followee_id!r}, and only the other row of the two says so"
    return _Check(Kind.MISSING_TWIN, key, None, message, query, ("follower_id", "followee_id", "created_at"))


def _self_follow(table: str, key: MakeKey) -> _Check:
    query = f"""
        SELECT id(follower) AS a, id(followee) AS b, id(follower) AS stored, NULL AS expected
        FROM {table} WHERE follower = followee
    """  # noqa: S608 - our own names
    return _Check(Kind.SELF_FOLLOW, key, "followee_id", "{stored!r} follows oneself", query)


_FOLLOWS = (
    _twin("follow", keys.follow_key, "follower", "followee"),
    _twin("follower", keys.follower_key, "followee", "follower"),
    _self_follow("follow", keys.follow_key),
    _self_follow("follower", keys.follower_key),
    _Check(
        Kind.TIME,
        keys.follower_key,
        "created_at",
        "created_at is {stored}, that of the same follow at its other end is {expected}",
        """
        SELECT id(followee) AS a, id(follower) AS b, follower_at AS stored, follow_at AS expected
        FROM pair WHERE follower_at <> follow_at
        """,
    ),
)

# A thread needs a closer look where a parent is missing, or a reply is not younger: without that there is no circle.
_REACHED = """
CREATE TABLE suspect AS
    SELECT DISTINCT c.post FROM comment AS c LEFT JOIN comment AS p ON p.post = c.post AND p.id = c.parent
    WHERE c.parent IS NOT NULL AND (p.id IS NULL OR c.at <= p.at OR c.at IS NULL OR p.at IS NULL);
CREATE TABLE reached AS
    WITH RECURSIVE found (post, id) AS (
        SELECT post, id FROM comment WHERE parent IS NULL AND post IN (SELECT post FROM suspect)
        UNION ALL
        SELECT c.post, c.id FROM found AS f JOIN comment AS c ON c.post = f.post AND c.parent = f.id
    )
    SELECT post, id FROM found;
CREATE INDEX reached_id ON reached (post, id);
CREATE TABLE unreached AS
    SELECT c.post, c.id, c.parent, p.id IS NULL AS is_orphan
    FROM suspect AS s JOIN comment AS c ON c.post = s.post LEFT JOIN reached AS r ON r.post = c.post AND r.id = c.id
        LEFT JOIN comment AS p ON p.post = c.post AND p.id = c.parent
    WHERE r.id IS NULL;
CREATE TABLE elsewhere AS
    SELECT id, MIN(id(post)) AS post FROM comment WHERE id IN (SELECT parent FROM unreached WHERE is_orphan) GROUP BY id;
CREATE INDEX elsewhere_id ON elsewhere (id);
"""
_COMMENTS = (
    _Check(
        Kind.ORPHAN,
        keys.comment_key,
        "parent_comment_id",
        "parent_comment_id is {stored!r}, the post has no such comment{elsewhere}",
        """
        SELECT id(u.post) AS a, u.id AS b, u.parent AS stored, NULL AS expected,
            COALESCE(', the post ' || e.post || ' has', '') AS elsewhere
        FROM unreached AS u LEFT JOIN elsewhere AS e ON e.id = u.parent WHERE u.is_orphan
        """,
    ),
    _Check(
        Kind.THREAD,
        keys.comment_key,
        "parent_comment_id",
        "parent_comment_id is {stored!r}; from there no chain of parents leads to a comment on the post",
        "SELECT id(post) AS a, id AS b, parent AS stored, NULL AS expected FROM unreached WHERE NOT is_orphan",
    ),
    _Check(
        Kind.TIME,
        keys.comment_key,
        "created_at",
        "created_at is {stored}, before that of its parent, {expected}",
        """
        SELECT id(c.post) AS a, c.id AS b, c.at AS stored, p.at AS expected
        FROM comment AS c JOIN comment AS p ON p.post = c.post AND p.id = c.parent WHERE c.at < p.at
        """,
    ),
)

# Items are looked up one by one only for authors who lack some: at most as many valid ones as are required can be there.
_LACKING = """
CREATE TABLE lacking AS
    SELECT u.n AS author
    FROM user AS u
        JOIN (SELECT author, COUNT(*) AS total FROM post WHERE is_public GROUP BY author) AS p ON p.author = u.n
        JOIN (
            SELECT e.followee, COUNT(*) AS total FROM pair AS e JOIN user AS r ON r.n = e.follower
            WHERE e.follower <> e.followee GROUP BY e.followee
        ) AS e ON e.followee = u.n
        LEFT JOIN (
            SELECT p.author, COUNT(*) AS total
            FROM feed AS f JOIN post AS p ON p.n = f.post JOIN user AS r ON r.n = f.reader
                JOIN pair AS e ON e.follower = f.reader AND e.followee = p.author
            WHERE p.is_public AND f.reader <> p.author GROUP BY p.author
        ) AS f ON f.author = u.n
    WHERE u.is_pushed AND p.total * e.total > COALESCE(f.total, 0);
"""
_LACKED = "CREATE INDEX feed_item ON feed (reader, post);"
_FEEDS = (
    _Check(
        Kind.MISSING_ITEM,
        keys.feed_key,
        None,
        "the post {post_id!r} of {author_id!r}, whom the reader follows, is not in the feed",
        """
        SELECT id(e.follower) AS a, id(p.n) AS b, NULL AS stored,
            id(e.follower) AS reader_id, id(p.n) AS post_id, id(p.author) AS author_id,
            MAX(p.at, COALESCE(e.follower_at, e.follow_at)) AS created_at, 0 AS is_read
        FROM lacking AS l JOIN post AS p ON p.author = l.author AND p.is_public
            JOIN pair AS e ON e.followee = l.author AND e.follower <> e.followee JOIN user AS r ON r.n = e.follower
        WHERE NOT EXISTS (SELECT 1 FROM feed AS f WHERE f.reader = e.follower AND f.post = p.n)
        """,
        ("reader_id", "post_id", "author_id", "created_at", "is_read"),
    ),
    _Check(
        Kind.LEFT_OVER_ITEM,
        keys.feed_key,
        "post_id",
        "the post {stored!r} is none for this feed: {why}",
        """
        SELECT id(f.reader) AS a, id(f.post) AS b, id(f.post) AS stored, NULL AS expected,
            CASE WHEN p.n IS NULL THEN 'it is gone' WHEN NOT p.is_public THEN 'it is not public'
            WHEN p.author <> f.author THEN 'author_id is ' || id(f.author) || ', the post is by ' || id(p.author)
            ELSE 'the reader does not follow ' || id(p.author) END AS why
        FROM feed AS f JOIN user AS r ON r.n = f.reader LEFT JOIN post AS p ON p.n = f.post
            LEFT JOIN pair AS e ON e.follower = f.reader AND e.followee = p.author
        WHERE p.n IS NULL OR NOT p.is_public OR p.author <> f.author OR (p.author IS NOT NULL AND e.follower IS NULL)
        """,
    ),
    _Check(
        Kind.TIME,
        keys.feed_key,
        "created_at",
        "created_at is {stored}, before the later of post and follow, {expected}",
        """
        SELECT id(f.reader) AS a, id(f.post) AS b, f.at AS stored,
            MAX(p.at, COALESCE(e.follower_at, e.follow_at)) AS expected
        FROM feed AS f JOIN post AS p ON p.n = f.post
            JOIN pair AS e ON e.follower = f.reader AND e.followee = p.author
        WHERE f.at < MAX(p.at, COALESCE(e.follower_at, e.follow_at))
        """,
    ),
)


def count_counters(facts: Facts) -> int:
    """Count the counters that are recounted."""
    query = "SELECT 3 * (SELECT COUNT(*) FROM user) + 2 * (SELECT COUNT(*) FROM post) + (SELECT COUNT(*) FROM comment) AS n"
    total: int = next(facts.ask(query))["n"]
    return total


def findings(facts: Facts) -> Iterator[Finding]:
    """Yield everything that is wrong between rows."""
    for child in _CHILDREN:
        yield from _causes(child, facts)
    for script in (_RIGHTFUL, _REACHED, _LACKING):
        facts.run(script)
    if any(True for _ in facts.ask("SELECT 1 FROM lacking LIMIT 1")):
        facts.run(_LACKED)
    for check in (*_COUNTERS, *_VALUES, *_POSTS, *_FOLLOWS, *_COMMENTS, *_FEEDS):
        yield from check.findings(facts)
