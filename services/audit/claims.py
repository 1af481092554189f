"""Unique values and claims, which must match one to one: the rarest witness of each says which of the two is wrong.

A claim is a row with the value for a key, so a wrong value in a user's row is outweighed by the claim that nobody's
value answers; a claim in a wrong name by the one user who has its value.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

import attrs

from services.audit.checking import Check, claim_key, user_key
from services.audit.facts import Facts
from services.audit.findings import Finding, Kind, Remedy, describe

# Among users with one value, the one who holds the claim is rightful, else the one who signed up first.
RIGHTFUL = """
CREATE TABLE rightful AS
    SELECT v.pk AS pk, COALESCE(MAX(CASE WHEN c.user = v.user THEN id(v.user) END), MIN(id(v.user))) AS user
    FROM value AS v LEFT JOIN claim AS c ON c.pk = v.pk
    WHERE v.pk IN (SELECT pk FROM value GROUP BY pk HAVING COUNT(*) > 1)
    GROUP BY v.pk;
CREATE TABLE unanswered AS
    SELECT c.pk, c.attribute, c.user FROM claim AS c LEFT JOIN value AS v ON v.pk = c.pk
    WHERE v.pk IS NULL AND substr(c.pk, instr(c.pk, '#') + 1) <> '';
CREATE TABLE proven_value AS
    SELECT u.n AS user, k.attribute, v.stored, MAX(k.pk) AS pk, r.user AS holder
    FROM unanswered AS k JOIN user AS u ON u.n = k.user
        LEFT JOIN value AS v ON v.user = k.user AND v.attribute = k.attribute
        LEFT JOIN rightful AS r ON r.pk = v.pk AND r.user <> id(v.user)
    WHERE NOT EXISTS (SELECT 1 FROM claim AS c WHERE c.pk = v.pk AND c.user = k.user)
    GROUP BY u.n, k.attribute HAVING COUNT(*) = 1;
"""


def _restore_case(stored: str | None, claimed: str) -> str:
    """Write a claimed value, which is lower case, with the capitals of the stored one where the two agree."""
    letters = list(claimed)
    for block in SequenceMatcher(None, (stored or "").lower(), claimed, autojunk=False).get_matching_blocks():
        letters[block.b : block.b + block.size] = (stored or "")[block.a : block.a + block.size]
    return "".join(letters)


@attrs.frozen
class _Values:
    """Users' values that their own claims prove to be others."""

    def findings(self, facts: Facts) -> Iterator[Finding]:
        """Say which values are wrong, and what the claims say."""
        query = "SELECT id(user) AS user_id, attribute, stored, pk, holder FROM proven_value"
        for answer in facts.ask(query):
            key, stored, holder = user_key(answer["user_id"], ""), answer["stored"], answer["holder"]
            right = _restore_case(stored, answer["pk"].partition("#")[2])
            kind = Kind.CONTRADICTION if holder is None else Kind.DUPLICATE
            other = "" if holder is None else f", which is that of the user {holder!r}"
            why = f"{answer['attribute']} is {stored!r}{other}; the user's own claim says {right!r}"
            yield Finding(kind, key, describe(key, why), answer["attribute"], stored, right, Remedy.SET)


CLAIMS = (
    _Values(),
    Check(
        Kind.DUPLICATE,
        user_key,
        None,
        "{attribute} is {stored!r}, which is that of the user {holder!r}",
        """
        SELECT id(v.user) AS a, '' AS b, v.attribute, substr(v.pk, instr(v.pk, '#') + 1) AS stored, NULL AS expected,
            r.user AS holder
        FROM rightful AS r JOIN value AS v ON v.pk = r.pk WHERE id(v.user) <> r.user
            AND NOT EXISTS (SELECT 1 FROM proven_value AS p WHERE p.user = v.user AND p.attribute = v.attribute)
        """,
    ),
    Check(
        Kind.SHAPE,
        user_key,
        None,
        "{attribute} is {stored!r}, which the app does not allow",
        """
        SELECT id(v.user) AS a, '' AS b, v.attribute, v.stored AS stored, NULL AS expected
        FROM value AS v WHERE NOT v.is_valid
            AND NOT EXISTS (SELECT 1 FROM proven_value AS p WHERE p.user = v.user AND p.attribute = v.attribute)
        """,
    ),
    Check(
        Kind.STALE_CLAIM,
        claim_key,
        "user_id",
        "user_id is {stored!r}, the one who has this {named} is {expected!r}",
        """
        SELECT c.pk AS a, '' AS b, c.attribute AS named, id(c.user) AS stored, id(MAX(v.user)) AS expected
        FROM claim AS c JOIN value AS v ON v.pk = c.pk
        GROUP BY c.pk HAVING COUNT(*) = 1 AND c.user IS NOT MAX(v.user) AND MAX(v.user) NOT IN (
            SELECT p.user FROM proven_value AS p WHERE p.attribute = c.attribute
        )
        """,
        remedy=Remedy.SET,
    ),
    Check(
        Kind.MISSING_CLAIM,
        claim_key,
        None,
        "the user {user_id!r} has this {named} and does not hold the claim on it",
        """
        SELECT v.pk AS a, '' AS b, v.attribute AS named, id(v.user) AS user_id, u.at AS created_at
        FROM value AS v JOIN user AS u ON u.n = v.user LEFT JOIN rightful AS r ON r.pk = v.pk
        WHERE v.is_valid AND NOT EXISTS (SELECT 1 FROM claim AS c WHERE c.pk = v.pk)
            AND (r.user IS NULL OR r.user = id(v.user))
            AND NOT EXISTS (SELECT 1 FROM proven_value AS p WHERE p.user = v.user AND p.attribute = v.attribute)
        """,
        ("user_id", "created_at"),
        Remedy.PUT,
    ),
    Check(
        Kind.STALE_CLAIM,
        claim_key,
        "user_id",
        "user_id is {stored!r}, whose {named} is {owned!r}",
        """
        SELECT c.pk AS a, '' AS b, c.attribute AS named, id(c.user) AS stored, NULL AS expected,
            v.stored AS owned
        FROM unanswered AS c JOIN value AS v ON v.user = c.user AND v.attribute = c.attribute
        WHERE NOT EXISTS (SELECT 1 FROM proven_value AS p WHERE p.user = c.user AND p.pk = c.pk)
        """,
        remedy=Remedy.DELETE,
    ),
    Check(
        Kind.ORPHAN,
        claim_key,
        "user_id",
        "user_id is {stored!r}, there is no such user",
        """
        SELECT c.pk AS a, '' AS b, id(c.user) AS stored, NULL AS expected
        FROM claim AS c LEFT JOIN user AS u ON u.n = c.user LEFT JOIN lost_user AS l ON l.n = c.user
        WHERE c.user IS NOT NULL AND u.n IS NULL AND l.n IS NULL
            AND NOT EXISTS (SELECT 1 FROM value AS v WHERE v.pk = c.pk)
        """,
        remedy=Remedy.DELETE,
    ),
    # A claim is as old as its user (docs/table.md), also one that came later.
    Check(
        Kind.TIME,
        claim_key,
        "created_at",
        "created_at is {stored}, must be that of the user {user_id!r}, {expected}",
        """
        SELECT c.pk AS a, '' AS b, c.at AS stored, u.at AS expected, id(u.n) AS user_id
        FROM claim AS c JOIN value AS v ON v.pk = c.pk AND v.user = c.user JOIN user AS u ON u.n = c.user
        WHERE c.at IS NOT u.at AND u.at IS NOT NULL
        """,
        remedy=Remedy.SET,
    ),
)
