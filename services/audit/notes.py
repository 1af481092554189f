"""Notes of runs against the marks of the users whom they made: a reset takes away whom both agree about.

A note proves nothing alone, since whoever is noted wrongly would go with the run: a user without a mark is a person's.
"""

from __future__ import annotations

from services.audit.checking import Check, user_key
from services.audit.findings import Kind, Remedy
from services.rows import items, keys


def note_key(user_id: str, run: str) -> tuple[str, str]:
    """Name the note that a run made a user."""
    return keys.run_user_key(run, user_id)


NOTED = """
CREATE INDEX run_user_user ON run_user (user, run);
CREATE INDEX made_user ON made (user);
"""

NOTES = (
    Check(
        Kind.MISSING_TWIN,
        note_key,
        None,
        "the user {user_id!r} bears the mark of this run, and no note of it says so: a reset would leave the user",
        """
        SELECT id(m.user) AS a, m.run AS b, id(m.user) AS user_id, u.at AS created_at
        FROM made AS m JOIN user AS u ON u.n = m.user JOIN run AS r ON r.name = m.run
        WHERE NOT EXISTS (SELECT 1 FROM run_user AS n WHERE n.user = m.user)
        """,
        ("user_id", "created_at"),
        Remedy.PUT,
    ),
    Check(
        Kind.CONTRADICTION,
        user_key,
        items.MADE_BY,
        "run is {stored!r}, by its note it is {noted!r}",
        """
        SELECT id(m.user) AS a, '' AS b, m.run AS stored, MAX(n.run) AS noted,
            CASE WHEN COUNT(*) = 1 AND x.name IS NULL AND MAX(r.is_marking) THEN MAX(n.run) END AS expected
        FROM made AS m JOIN user AS u ON u.n = m.user JOIN run_user AS n ON n.user = m.user
            LEFT JOIN run AS r ON r.name = n.run LEFT JOIN run AS x ON x.name = m.run
        WHERE NOT EXISTS (SELECT 1 FROM run_user AS o WHERE o.user = m.user AND o.run = m.run)
        GROUP BY m.user, m.run
        """,
        remedy=Remedy.SET,
    ),
    Check(
        Kind.CONTRADICTION,
        user_key,
        items.MADE_BY,
        "run is {stored!r}, and there is neither such a run nor a note of it",
        """
        SELECT id(m.user) AS a, '' AS b, m.run AS stored, NULL AS expected
        FROM made AS m JOIN user AS u ON u.n = m.user
        WHERE NOT EXISTS (SELECT 1 FROM run_user AS n WHERE n.user = m.user)
            AND NOT EXISTS (SELECT 1 FROM run AS r WHERE r.name = m.run)
        """,
    ),
    Check(
        Kind.CONTRADICTION,
        user_key,
        items.MADE_BY,
        "run is missing, though a note of the run {noted!r} names this user: a reset would leave the user",
        """
        SELECT id(n.user) AS a, '' AS b, NULL AS stored, n.run AS noted, NULL AS expected
        FROM run_user AS n JOIN run AS r ON r.name = n.run AND r.is_marking JOIN user AS u ON u.n = n.user
        WHERE NOT EXISTS (SELECT 1 FROM made AS m WHERE m.user = n.user)
        """,
    ),
    Check(
        Kind.TIME,
        note_key,
        "created_at",
        "created_at is {stored}, the user's is {expected}",
        """
        SELECT id(n.user) AS a, n.run AS b, n.at AS stored, u.at AS expected
        FROM run_user AS n JOIN user AS u ON u.n = n.user JOIN made AS m ON m.user = n.user AND m.run = n.run
        WHERE n.at IS NOT u.at AND u.at IS NOT NULL
        """,
        remedy=Remedy.SET,
    ),
)
