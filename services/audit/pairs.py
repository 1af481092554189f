"""Rows that must match one to one: unique values and claims, posts and listings, the two ends of a follow."""

from __future__ import annotations

from services import keys
from services.audit.checking import Check, MakeKey, claim_key, user_key
from services.audit.findings import Kind

# Among users with one value, the one who holds the claim is rightful, else the one who signed up first.
RIGHTFUL = """
CREATE TABLE rightful AS
    SELECT v.pk AS pk, COALESCE(MAX(CASE WHEN c.user = v.user THEN id(v.user) END), MIN(id(v.user))) AS user
    FROM value AS v LEFT JOIN claim AS c ON c.pk = v.pk
    WHERE v.pk IN (SELECT pk FROM value GROUP BY pk HAVING COUNT(*) > 1)
    GROUP BY v.pk;
"""
VALUES = (
    Check(
        Kind.DUPLICATE,
        user_key,
        None,
        "{attribute} is {stored!r}, which is that of the user {holder!r}",
        """
        SELECT id(v.user) AS a, '' AS b, v.attribute, substr(v.pk, instr(v.pk, '#') + 1) AS stored, NULL AS expected,
            r.user AS holder
        FROM rightful AS r JOIN value AS v ON v.pk = r.pk WHERE id(v.user) <> r.user
        """,
    ),
    Check(
        Kind.MISSING_CLAIM,
        claim_key,
        None,
        "the user {user_id!r} has this {named} and does not hold the claim on it",
        """
        SELECT v.pk AS a, '' AS b, v.attribute AS named, id(v.user) AS user_id, u.at AS created_at
        FROM value AS v JOIN user AS u ON u.n = v.user LEFT JOIN rightful AS r ON r.pk = v.pk
        WHERE NOT EXISTS (SELECT 1 FROM claim AS c WHERE c.pk = v.pk AND (c.user = v.user OR c.user IS NULL))
            AND (r.user IS NULL OR r.user = id(v.user))
        """,
        ("user_id", "created_at"),
    ),
    Check(
        Kind.STALE_CLAIM,
        claim_key,
        "user_id",
        "user_id is {stored!r}, whose {named} is {owned!r}",
        """
        SELECT c.pk AS a, '' AS b, c.attribute AS named, id(c.user) AS stored, NULL AS expected,
            substr(v.pk, instr(v.pk, '#') + 1) AS owned
        FROM claim AS c JOIN value AS v ON v.user = c.user AND v.attribute = c.attribute WHERE v.pk <> c.pk
        """,
    ),
)

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
    ),
    Check(
        Kind.STALE_AUTHORED,
        keys.authored_key,
        "post_id",
        "post_id is {stored!r}, the author of that post is {author!r}",
        """
        SELECT id(l.author) AS a, id(l.post) AS b, id(l.post) AS stored, NULL AS expected,
            id(p.author) AS author
        FROM authored AS l JOIN user AS u ON u.n = l.author LEFT JOIN post AS p ON p.n = l.post
        WHERE p.n IS NULL OR p.author <> l.author
        """,
    ),
    Check(
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
    return Check(Kind.MISSING_TWIN, key, None, message, query, ("follower_id", "followee_id", "created_at"))


def _self_follow(table: str, key: MakeKey) -> Check:
    query = f"""
        SELECT id(follower) AS a, id(followee) AS b, id(follower) AS stored, NULL AS expected
        FROM {table} WHERE follower = followee
    """  # noqa: S608 - our own names
    return Check(Kind.SELF_FOLLOW, key, "followee_id", "{stored!r} follows oneself", query)


FOLLOWS = (
    _twin("follow", keys.follow_key),
    _twin("follower", keys.follower_key),
    _self_follow("follow", keys.follow_key),
    _self_follow("follower", keys.follower_key),
    Check(
        Kind.TIME,
        keys.follower_key,
        "created_at",
        "created_at is {stored}, at the other end of the same follow {expected}",
        """
        SELECT id(followee) AS a, id(follower) AS b, follower_at AS stored, follow_at AS expected
        FROM pair WHERE follower_at <> follow_at
        """,
    ),
)
