"""Rows that must match one to one: posts and listings, likes and comments and their index, the two ends of a follow."""

from __future__ import annotations

from services.audit.checking import Check, MakeKey, post_key
from services.audit.findings import Kind, Remedy
from services.rows import keys

POSTS = (
    Check(
        Kind.MISSING_AUTHORED,
        keys.authored_key,
        None,
        "the post {post_id!r} of this author is not listed",
        """
        SELECT id(p.author) AS a, id(p.n) AS b, id(p.n) AS post_id, p.at AS created_at
        FROM post AS p JOIN user AS u ON u.n = p.author
            LEFT JOIN authored AS l ON l.post = p.n AND l.author = p.author
        WHERE l.post IS NULL
        """,
        ("post_id", "created_at"),
        Remedy.PUT,
    ),
    Check(
        Kind.STALE_AUTHORED,
        keys.authored_key,
        "post_id",
        "post_id is {stored!r}, the author of that post is {author!r}",
        """
        SELECT id(l.author) AS a, id(l.post) AS b, id(l.post) AS stored, NULL AS expected,
            id(p.author) AS author
        FROM authored AS l LEFT JOIN user AS u ON u.n = l.author LEFT JOIN lost_user AS g ON g.n = l.author
            LEFT JOIN post AS p ON p.n = l.post LEFT JOIN lost_post AS x ON x.n = l.post
        WHERE (u.n IS NOT NULL OR g.n IS NOT NULL)
            AND (p.author <> l.author OR (p.n IS NULL AND x.n IS NULL AND g.n IS NULL))
        """,
        remedy=Remedy.DELETE,
    ),
    Check(
        Kind.TIME,
        keys.authored_key,
        "created_at",
        "created_at is {stored}, the post's is {expected}",
        """
        SELECT id(l.author) AS a, id(l.post) AS b, l.at AS stored, p.at AS expected
        FROM authored AS l JOIN post AS p ON p.n = l.post AND p.author = l.author
        WHERE l.at IS NOT p.at AND p.at IS NOT NULL
        """,
        remedy=Remedy.SET,
    ),
    Check(
        Kind.CONTRADICTION,
        post_key,
        "author_id",
        "author_id is {stored!r}; its listing, or the feeds that hold it, are of {expected!r}",
        """
        SELECT id(post) AS a, '' AS b, id(stored) AS stored, id(proven) AS expected FROM misattributed
        WHERE proven IS NOT NULL
        """,
        remedy=Remedy.SET,
    ),
    Check(
        Kind.CONTRADICTION,
        post_key,
        "is_public",
        "is_public is {found}; by the feeds of the author's followers it is {is_expected}",
        """
        SELECT id(post) AS a, '' AS b, CASE stored WHEN 0 THEN 'False' ELSE 'no truth value' END AS found,
            NULL AS stored, proven AS is_expected
        FROM misjudged WHERE proven IS NOT NULL
        """,
        remedy=Remedy.SET,
    ),
)

INDEXED = (
    Check(
        Kind.CONTRADICTION,
        keys.comment_key,
        "user_id",
        "user_id is {stored!r}, by the index key it is {indexed!r}",
        """
        SELECT id(post) AS a, id AS b, id(stored) AS stored, id(indexed) AS indexed,
            CASE WHEN is_indexed > is_stored THEN id(indexed) END AS expected
        FROM mistaken WHERE is_indexed >= is_stored
        """,
        remedy=Remedy.SET,
    ),
    Check(
        Kind.INDEX,
        keys.comment_key,
        "GSI1PK",
        "GSI1PK is {stored!r}, must be {expected!r}",
        """
        SELECT id(post) AS a, id AS b, partition_of(id(indexed)) AS stored, partition_of(id(stored)) AS expected
        FROM mistaken WHERE is_indexed < is_stored
        """,
        remedy=Remedy.SET,
    ),
    # A like is not older than its post or its user: where one of its two times is, the other one is right.
    Check(
        Kind.CONTRADICTION,
        keys.like_key,
        "created_at",
        "created_at is {stored}, by the index key it is {indexed}",
        """
        SELECT id(c.post) AS a, id(c.user) AS b, c.at AS stored, c.index_at AS indexed,
            CASE WHEN c.at < MAX(p.at, u.at) AND c.index_at >= MAX(p.at, u.at) THEN c.index_at END AS expected
        FROM liking AS c LEFT JOIN post AS p ON p.n = c.post LEFT JOIN user AS u ON u.n = c.user
        WHERE c.at <> c.index_at AND NOT COALESCE(c.index_at < MAX(p.at, u.at) AND c.at >= MAX(p.at, u.at), 0)
        """,
        remedy=Remedy.SET,
    ),
    Check(
        Kind.INDEX,
        keys.like_key,
        "GSI1SK",
        "GSI1SK says {indexed}, before post and user were there; created_at is {at}",
        """
        SELECT id(c.post) AS a, id(c.user) AS b, c.at, c.index_at AS indexed, sort_of(c.index_at, id(c.post)) AS stored,
            sort_of(c.at, id(c.post)) AS expected
        FROM liking AS c JOIN post AS p ON p.n = c.post JOIN user AS u ON u.n = c.user
        WHERE c.index_at < MAX(p.at, u.at) AND c.at >= MAX(p.at, u.at)
        """,
        remedy=Remedy.SET,
    ),
)


def _twin(table: str, key: MakeKey) -> Check:
    ends = ("follower", "followee") if table == "follow" else ("followee", "follower")
    side, other_at = (1, "follower_at") if table == "follow" else (2, "follow_at")
    query = f"""
        SELECT id(e.{ends[0]}) AS a, id(e.{ends[1]}) AS b,
            id(e.follower) AS follower_id, id(e.followee) AS followee_id, e.{other_at} AS created_at
        FROM pair AS e JOIN user AS x ON x.n = e.follower JOIN user AS y ON y.n = e.followee
        WHERE NOT e.sides & {side} AND e.follower <> e.followee
    """  # noqa: S608 - our own names
    message = "{follower_id!r} follows {followee_id!r}, and only the other row of the two says so"
    named = ("follower_id", "followee_id", "created_at")
    return Check(Kind.MISSING_TWIN, key, None, message, query, named, Remedy.PUT)


def _self_follow(table: str, key: MakeKey) -> Check:
    query = f"""
        SELECT id(follower) AS a, id(followee) AS b, id(follower) AS stored, NULL AS expected
        FROM {table} WHERE follower = followee
    """  # noqa: S608 - our own names
    return Check(Kind.SELF_FOLLOW, key, "followee_id", "{stored!r} follows oneself", query, remedy=Remedy.DELETE)


def _end_name(name: str) -> str:
    """Write how much speaks for the time at one end of a follow: no user is younger, and items tell it."""
    return f"""
        CASE WHEN e.{name} IS NULL THEN 0 ELSE 1 + 1000 * COALESCE(e.{name} >= MAX(x.at, y.at), 1) + (
            SELECT COUNT(*) FROM feed AS f JOIN post AS p ON p.n = f.post
            WHERE f.reader = e.follower AND f.at = e.{name} AND p.author = e.followee AND p.at < f.at
        ) END
    """  # noqa: S608 - our own names


UNEVEN = f"""
CREATE TABLE uneven AS
    SELECT e.follower, e.followee, e.follow_at, e.follower_at,
        {_end_name("follow_at")} AS for_follow, {_end_name("follower_at")} AS for_follower
    FROM pair AS e JOIN user AS x ON x.n = e.follower JOIN user AS y ON y.n = e.followee
    WHERE e.sides = 3 AND e.follow_at IS NOT e.follower_at;
UPDATE pair SET (follow_at, follower_at) = (
    SELECT right, right FROM (
        SELECT CASE
            WHEN for_follow > for_follower THEN u.follow_at WHEN for_follow < for_follower THEN u.follower_at
        END AS right FROM uneven AS u WHERE u.follower = pair.follower AND u.followee = pair.followee
    )
) WHERE (follower, followee) IN (SELECT follower, followee FROM uneven);
"""  # noqa: S608 - our own names


def _times(table: str, key: MakeKey) -> Check:
    """Compare the times of a follow's two ends: what speaks for one of them makes it right."""
    ends = ("follower", "followee") if table == "follow" else ("followee", "follower")
    other = "follower" if table == "follow" else "follow"
    worse = f"e.for_{table} < e.for_{other}"
    wrong = worse if table == "follow" else f"e.for_{table} <= e.for_{other}"
    query = f"""
        SELECT id(e.{ends[0]}) AS a, id(e.{ends[1]}) AS b, e.{table}_at AS stored, e.{other}_at AS other,
            CASE WHEN {worse} THEN e.{other}_at END AS expected
        FROM uneven AS e WHERE {wrong}
    """  # noqa: S608 - our own names
    message = "created_at is {stored}, at the other end of the same follow {other}"
    return Check(Kind.TIME, key, "created_at", message, query, remedy=Remedy.SET)


FOLLOWS = (
    _twin("follow", keys.follow_key),
    _twin("follower", keys.follower_key),
    _self_follow("follow", keys.follow_key),
    _self_follow("follower", keys.follower_key),
    _times("follow", keys.follow_key),
    _times("follower", keys.follower_key),
)
