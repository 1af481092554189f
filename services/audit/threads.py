"""Comments: every reply hangs, by parents of the same post, on a comment on the post.

A comment is content. One whose parent cannot be is put where the counters of the post prove that it belongs, or else
left to a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from seedbed.dynamo.rows import Key
from services.audit.checking import Check
from services.audit.facts import Facts
from services.audit.findings import Finding, Kind, Remedy, describe
from services.rows import keys

# A post's threads need a closer look where a parent is missing, or a reply is not younger: else there is no circle.
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
    FROM suspect AS s JOIN comment AS c ON c.post = s.post
        LEFT JOIN reached AS r ON r.post = c.post AND r.id = c.id
        LEFT JOIN comment AS p ON p.post = c.post AND p.id = c.parent
    WHERE r.id IS NULL;
CREATE TABLE elsewhere AS
    SELECT id, MIN(id(post)) AS post FROM comment
    WHERE id IN (SELECT parent FROM unreached WHERE is_orphan) GROUP BY id;
CREATE INDEX elsewhere_id ON elsewhere (id);
CREATE TABLE doubtful AS
    SELECT post FROM unreached
    UNION SELECT c.post FROM comment AS c JOIN comment AS p ON p.post = c.post AND p.id = c.parent
        WHERE c.at < p.at
    UNION SELECT c.post FROM comment AS c
        LEFT JOIN (
            SELECT post, parent, COUNT(*) AS total FROM comment WHERE parent IS NOT NULL GROUP BY post, parent
        ) AS r ON r.post = c.post AND r.parent = c.id
        WHERE c.replies_count IS NOT COALESCE(r.total, 0);
"""
_DOUBTFUL = """
    SELECT id(c.post) AS post_id, c.post, c.id, c.parent, c.at,
        CASE typeof(c.replies_count) WHEN 'integer' THEN c.replies_count - COALESCE(r.total, 0) ELSE 9 END AS missing,
        p.comments_count = (SELECT COUNT(*) FROM comment AS x WHERE x.post = c.post) AS is_whole
    FROM doubtful AS d JOIN comment AS c ON c.post = d.post JOIN post AS p ON p.n = c.post
        LEFT JOIN (
            SELECT post, parent, COUNT(*) AS total FROM comment WHERE parent IS NOT NULL GROUP BY post, parent
        ) AS r ON r.post = c.post AND r.parent = c.id
    ORDER BY c.post, c.id
"""


class _Comment(NamedTuple):
    """A comment of a post in which something is wrong; `missing` is how many replies its counter has too many."""

    id: str
    parent: str | None
    at: str | None
    missing: int


class _Thread:
    """The comments of one post, and what counters and times say about a parent that cannot be."""

    def __init__(self, comments: Sequence[_Comment], *, is_whole: bool) -> None:
        self.comments = {comment.id: comment for comment in comments}
        self._is_whole = is_whole
        self._lacking = [comment for comment in comments if comment.missing > 0]
        self._crowded = [comment for comment in comments if comment.missing < 0]

    def find_misplaced(self) -> tuple[_Comment, str | None] | None:
        """Return the one comment whose parent is wrong, and its parent by the counters; None where they do not tell.

        A parent that is missing, or younger, is none, unless its counter has the reply. Where one comment lacks a
        reply, that is the parent; where none does, and the post counts no comment that is not there, it is no reply.
        """
        wrong = [comment for comment in self.comments.values() if self._is_wrong(comment)] or self._moves()
        if len(wrong) != 1 or not self._is_whole or sum(comment.missing for comment in self._lacking) > 1:
            return None
        (comment,) = wrong
        if [crowded.id for crowded in self._crowded] != [comment.parent] * (comment.parent in self.comments):
            return None
        if not self._lacking:
            return comment, None
        parent = self._lacking[0]
        return (comment, parent.id) if _is_older(parent, comment) else None

    def _is_wrong(self, comment: _Comment) -> bool:
        if comment.parent is None:
            return False
        parent = self.comments.get(comment.parent)
        return parent is None or parent is comment or not _is_older(parent, comment)

    def _moves(self) -> list[_Comment]:
        """Return the replies of a comment that has one too many, where another one lacks one."""
        if len(self._crowded) != 1 or len(self._lacking) != 1 or self._crowded[0].missing != -1:
            return []
        crowded, lacking = self._crowded[0], self._lacking[0]
        replies = (comment for comment in self.comments.values() if comment.parent == crowded.id)
        return [comment for comment in replies if comment is not lacking and _is_older(lacking, comment)]


def _is_older(parent: _Comment, comment: _Comment) -> bool:
    return parent.at is None or comment.at is None or (parent.at, parent.id) < (comment.at, comment.id)


def settle(facts: Facts) -> list[Finding]:
    """Put comments below the parents that the counters of their posts prove, and say so."""
    facts.run(_REACHED)
    found = []
    for post_id, comments in groupby(facts.ask(_DOUBTFUL), key=lambda row: row["post_id"]):
        rows = list(comments)
        thread = _Thread([_Comment(*row[2:6]) for row in rows], is_whole=bool(rows[0]["is_whole"]))
        if (misplaced := thread.find_misplaced()) is not None:
            comment, parent_id = misplaced
            found.append(_misplacement(keys.comment_key(post_id, comment.id), comment.parent, parent_id))
            facts.change(
                "UPDATE comment SET parent = ? WHERE post = ? AND id = ?", (parent_id, rows[0]["post"], comment.id)
            )
    if found:
        facts.run("DROP TABLE suspect; DROP TABLE reached; DROP TABLE unreached; DROP TABLE elsewhere;")
        facts.run("DROP TABLE doubtful;" + _REACHED)
    return found


def _misplacement(key: Key, stored: str | None, parent_id: str | None) -> Finding:
    right = "no reply" if parent_id is None else f"a reply to {parent_id!r}"
    why = describe(key, f"parent_comment_id is {stored!r}; by the counters of the post it is {right}")
    return Finding(Kind.CONTRADICTION, key, why, "parent_comment_id", stored, parent_id, Remedy.SET)


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
