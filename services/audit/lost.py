"""Users and posts whose rows are gone, though others prove that they were there: content, and a person's."""

from __future__ import annotations

from services.audit.checking import Check, post_key, user_key
from services.audit.findings import Kind

LOST = (
    Check(
        Kind.LOST,
        user_key,
        None,
        "there is no such row, though {claims} claims, {posts} posts and {comments} comments say that there was",
        "SELECT id(n) AS a, '' AS b, NULL AS stored, NULL AS expected, claims, posts, comments FROM lost_user",
    ),
    Check(
        Kind.LOST,
        post_key,
        None,
        "there is no such row, though {author}, {comments} comments, {likes} likes, {items} feeds say that there was",
        """
        SELECT id(n) AS a, '' AS b, NULL AS stored, NULL AS expected, comments, likes, items,
            CASE WHEN author IS NULL THEN 'no listing' ELSE 'the listing of ' || id(author) END AS author
        FROM lost_post
        """,
    ),
)
