"""Comments: every reply hangs, by parents of the same post, on a comment on the post."""

from __future__ import annotations

from services import keys
from services.audit.checking import Check
from services.audit.findings import Kind

# A post's threads need a closer look where a parent is missing, or a reply is not younger: else there is no circle.
REACHED = """
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
    FROM suspect AS s JOIN comment AS c ON c.post = s.post
        LEFT JOIN reached AS r ON r.post = c.post AND r.id = c.id
        LEFT JOIN comment AS p ON p.post = c.post AND p.id = c.parent
    WHERE r.id IS NULL;
CREATE TABLE elsewhere AS
    SELECT id, MIN(id(post)) AS post FROM comment
    WHERE id IN (SELECT parent FROM unreached WHERE is_orphan) GROUP BY id;
CREATE INDEX elsewhere_id ON elsewhere (id);
"""
COMMENTS = (
    Check(
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
    Check(
        Kind.THREAD,
        keys.comment_key,
        "parent_comment_id",
        "parent_comment_id is {stored!r}; from there no chain of parents leads to a comment on the post",
        """
        SELECT id(post) AS a, id AS b, parent AS stored, NULL AS expected
        FROM unreached WHERE NOT is_orphan
        """,
    ),
    Check(
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
