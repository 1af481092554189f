"""The feed law: which posts each reader's feed must and may hold."""

from __future__ import annotations

from services.audit.checking import Check, user_key
from services.audit.findings import Kind, Remedy
from services.rows import keys

# Items are looked up one by one only for authors who lack some: no more can be right than are required.
LACKING = """
CREATE TABLE lacking AS
    SELECT u.n AS author
    FROM user AS u
        JOIN (
            SELECT author, COUNT(*) AS total FROM post WHERE is_public GROUP BY author
        ) AS p ON p.author = u.n
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
_EXPIRY = "CAST(strftime('%s', {}) AS INTEGER) + 31536000"
"""A year after an instant (docs/table.md), in seconds since 1970."""
_TIMED = """
    SELECT f.reader, f.post, f.at, f.expires, MAX(p.at, COALESCE(e.follower_at, e.follow_at)) AS since
    FROM feed AS f JOIN post AS p ON p.n = f.post JOIN pair AS e ON e.follower = f.reader AND e.followee = p.author
    WHERE p.is_public IS NOT 0 AND MAX(p.at, COALESCE(e.follower_at, e.follow_at)) IS NOT NULL AND f.is_known
"""
LACKED = "CREATE INDEX feed_item ON feed (reader, post); CREATE INDEX pair_followee ON pair (followee);"
FEEDS = (
    Check(
        Kind.MISSING_ITEM,
        keys.feed_key,
        None,
        "the post {post_id!r} of {author_id!r}, whom the reader follows, is not in the feed",
        """
        SELECT id(e.follower) AS a, id(p.n) AS b,
            id(e.follower) AS reader_id, id(p.n) AS post_id, id(p.author) AS author_id,
            MAX(p.at, COALESCE(e.follower_at, e.follow_at)) AS created_at, 0 AS is_read
        FROM lacking AS l CROSS JOIN post AS p ON p.author = l.author AND p.is_public
            CROSS JOIN pair AS e ON e.followee = l.author AND e.follower <> e.followee
            CROSS JOIN user AS r ON r.n = e.follower
        WHERE NOT EXISTS (SELECT 1 FROM feed AS f WHERE f.reader = e.follower AND f.post = p.n)
        """,
        ("reader_id", "post_id", "author_id", "created_at", "is_read"),
        Remedy.PUT,
    ),
    Check(
        Kind.LEFT_OVER_ITEM,
        keys.feed_key,
        "post_id",
        "the post {stored!r} is none for this feed: {why}",
        """
        SELECT id(f.reader) AS a, id(f.post) AS b, id(f.post) AS stored, NULL AS expected,
            CASE
                WHEN p.n IS NULL THEN 'it is gone'
                WHEN NOT p.is_public THEN 'it is not public'
                ELSE 'the reader does not follow ' || id(p.author)
            END AS why
        FROM feed AS f JOIN user AS r ON r.n = f.reader LEFT JOIN post AS p ON p.n = f.post
            LEFT JOIN pair AS e ON e.follower = f.reader AND e.followee = p.author
            LEFT JOIN lost_post AS x ON x.n = f.post
        WHERE f.is_known AND (
            (p.n IS NULL AND x.n IS NULL) OR NOT p.is_public OR (p.author IS NOT NULL AND e.follower IS NULL)
        )
        """,
        remedy=Remedy.DELETE,
    ),
    Check(
        Kind.CONTRADICTION,
        keys.feed_key,
        "author_id",
        "author_id is {stored!r}, the post is by {expected!r}",
        """
        SELECT id(f.reader) AS a, id(f.post) AS b, id(f.author) AS stored, id(p.author) AS expected
        FROM feed AS f JOIN post AS p ON p.n = f.post
            JOIN pair AS e ON e.follower = f.reader AND e.followee = p.author
        WHERE f.author IS NOT p.author AND p.is_public IS NOT 0 AND f.is_known
        """,
        remedy=Remedy.SET,
    ),
    Check(
        Kind.TIME,
        keys.feed_key,
        "created_at",
        "created_at is {stored}, the later of post and follow is {expected}",
        f"""
        SELECT id(f.reader) AS a, id(f.post) AS b, f.at AS stored, f.since AS expected
        FROM ({_TIMED}) AS f
        WHERE f.at IS NOT f.since
        """,  # noqa: S608 - our own names
        remedy=Remedy.SET,
    ),
    Check(
        Kind.TIME,
        keys.feed_key,
        "expires_at",
        "expires_at is {stored}, a year after created_at is {expected}",
        f"""
        SELECT id(f.reader) AS a, id(f.post) AS b, f.expires AS stored, {_EXPIRY.format("f.since")} AS expected
        FROM ({_TIMED}) AS f
        WHERE f.expires IS NOT {_EXPIRY.format("f.since")}
        """,  # noqa: S608 - as above
        remedy=Remedy.SET,
    ),
)
MODES = (
    Check(
        Kind.SHAPE,
        user_key,
        "feed_mode",
        "feed_mode is {stored!r}; with so many followers it must be {right}",
        """
        SELECT id(u.n) AS a, '' AS b, u.mode AS stored, CASE WHEN u.is_pushed THEN NULL ELSE 'pull' END AS expected,
            CASE WHEN u.is_pushed THEN 'absent' ELSE 'pull' END AS right,
            CASE WHEN l.author IS NULL THEN 'set' ELSE 'a person' END AS remedy
        FROM user AS u LEFT JOIN lacking AS l ON l.author = u.n
        WHERE u.mode IS NOT CASE WHEN u.is_pushed THEN NULL ELSE 'pull' END
        """,
    ),
)
"""Where the limit is known: whoever has no more followers than that has no mark, everybody else `pull`."""
UNKNOWN_MODES = (
    Check(
        Kind.SHAPE,
        user_key,
        "feed_mode",
        "feed_mode is {stored!r}, which nobody knows",
        """
        SELECT id(n) AS a, '' AS b, mode AS stored, NULL AS expected FROM user
        WHERE mode NOT IN ('pull', 'clearing', 'filling')
        """,
    ),
)
