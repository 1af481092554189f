"""What a page plots: how often each number occurs. Read from an audit's facts where somebody asks for it."""

from __future__ import annotations

from typing import Any, TypeAlias

import attrs

from services.audit.facts import Facts

Counts: TypeAlias = tuple[tuple[int, int], ...]
"""Pairs of a number and how many have it, in the order of the numbers."""


@attrs.frozen
class Distributions:
    """How many people have so many followers, posts so many likes, comments come in an hour (UTC) or stand so deep."""

    followers: Counts = ()
    likes: Counts = ()
    hours: Counts = ()
    depths: Counts = ()

    def as_json(self) -> dict[str, Any]:
        """Return each as a list of pairs."""
        return {name: [list(pair) for pair in counts] for name, counts in attrs.asdict(self).items()}


def distributions_of(facts: Facts) -> Distributions:
    """Count all. Cost: linear in users, follows, posts, likes and comments; a second for each million."""
    return Distributions(*(_counts(facts, query) for query in (_FOLLOWERS, _LIKES, _HOURS, _DEPTHS)))


def _counts(facts: Facts, query: str) -> Counts:
    return tuple((int(row["number"]), int(row["total"])) for row in facts.ask(query))


_FOLLOWERS = """
    SELECT COALESCE(f.total, 0) AS number, COUNT(*) AS total FROM user AS u
    LEFT JOIN (SELECT followee AS n, COUNT(*) AS total FROM follow GROUP BY followee) AS f USING (n)
    GROUP BY number ORDER BY number
"""
_LIKES = """
    SELECT COALESCE(l.total, 0) AS number, COUNT(*) AS total FROM post AS p
    LEFT JOIN (SELECT post AS n, COUNT(*) AS total FROM liking GROUP BY post) AS l USING (n)
    GROUP BY number ORDER BY number
"""
_HOURS = """
    SELECT CAST(substr(at, 12, 2) AS INTEGER) AS number, COUNT(*) AS total FROM (
        SELECT at FROM post UNION ALL SELECT at FROM liking UNION ALL SELECT at FROM comment
    ) WHERE at IS NOT NULL GROUP BY number ORDER BY number
"""
_DEPTHS = """
    WITH RECURSIVE thread (post, id, depth) AS (
        SELECT post, id, 1 FROM comment WHERE parent IS NULL
        UNION ALL
        SELECT c.post, c.id, t.depth + 1 FROM thread AS t JOIN comment AS c ON c.post = t.post AND c.parent = t.id
        WHERE t.depth < 1000
    ) SELECT depth AS number, COUNT(*) AS total FROM thread GROUP BY depth ORDER BY depth
"""
