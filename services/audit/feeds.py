"""The feed law: which posts each reader's feed must and may hold."""

from __future__ import annotations

from services import keys
from services.audit.checking import Check
from services.audit.findings import Kind

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
                WHEN p.author <> f.author THEN 'it is by ' || id(p.author) || ', not ' || id(f.author)
                ELSE 'the reader does not follow ' || id(p.author)
            END AS why
        FROM feed AS f JOIN user AS r ON r.n = f.reader LEFT JOIN post AS p ON p.n = f.post
            LEFT JOIN pair AS e ON e.follower = f.reader AND e.followee = p.author
        WHERE p.n IS NULL OR NOT p.is_public OR p.author <> f.author
            OR (p.author IS NOT NULL AND e.follower IS NULL)
        """,
    ),
    Check(
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
