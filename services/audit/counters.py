"""Counters: each is recounted from the rows that it counts."""

from __future__ import annotations

from services.audit.checking import Check, MakeKey, post_key, user_key
from services.audit.facts import Facts
from services.audit.findings import Kind, Remedy
from services.rows import keys

_OWNERS: dict[str, tuple[MakeKey, str, str]] = {
    "user": (user_key, "id(o.n)", "''"),
    "post": (post_key, "id(o.n)", "''"),
    "comment": (keys.comment_key, "id(o.post)", "o.id"),
}


def _counter(owner: str, name: str, counted: str, lost: str = "") -> Check:
    """Compare a counter with `counted`, a query for the rows by owner.

    `lost` asks for rows that are proven and gone: a counter that still counts them is their witness, and no finding.
    """
    key, a, b = _OWNERS[owner]
    same = "c.post = o.post AND c.parent = o.id" if owner == "comment" else "c.n = o.n"
    join = f"LEFT JOIN ({lost}) AS g ON g.n = o.n" if lost else ""
    but = f"AND o.{name} IS NOT COALESCE(c.total, 0) + COALESCE(g.total, 0)" if lost else ""
    query = f"""
        SELECT {a} AS a, {b} AS b, o.{name} AS stored, COALESCE(c.total, 0) AS expected
        FROM {owner} AS o LEFT JOIN ({counted}) AS c ON {same} {join}
        WHERE o.{name} IS NOT COALESCE(c.total, 0) {but}
    """  # noqa: S608 - our own names
    message = name + " is {stored}, must be {expected}"
    return Check(Kind.COUNTER, key, name, message, query, remedy=Remedy.SET)


# A follow counts when either of its two rows is there: that the other is missing is a finding of its own.
COUNTERS = (
    _counter(
        "user",
        "posts_count",
        "SELECT author AS n, COUNT(*) AS total FROM post GROUP BY author",
        "SELECT author AS n, COUNT(*) AS total FROM lost_post GROUP BY author",
    ),
    _counter("user", "followers_count", "SELECT followee AS n, COUNT(*) AS total FROM pair GROUP BY followee"),
    _counter("user", "following_count", "SELECT follower AS n, COUNT(*) AS total FROM pair GROUP BY follower"),
    _counter("post", "likes_count", "SELECT post AS n, COUNT(*) AS total FROM liking GROUP BY post"),
    _counter(
        "post",
        "comments_count",
        "SELECT post AS n, COUNT(*) AS total FROM comment GROUP BY post",
        "SELECT post AS n, COUNT(*) AS total FROM lost_comment GROUP BY post",
    ),
    _counter(
        "comment",
        "replies_count",
        "SELECT post, parent, COUNT(*) AS total FROM comment WHERE parent IS NOT NULL GROUP BY post, parent",
    ),
)


def count_counters(facts: Facts) -> int:
    """Count the counters that are recounted."""
    users, posts, comments = (facts.count(table) for table in ("user", "post", "comment"))
    return 3 * users + 2 * posts + comments
