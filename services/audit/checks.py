"""All checks over more than one row, in their order: first what is proven, then what is wrong by it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import attrs

from seedbed.dynamo.rows import Key
from services.audit import proofs
from services.audit.causes import CHILDREN
from services.audit.claims import CLAIMS, RIGHTFUL
from services.audit.counters import COUNTERS
from services.audit.facts import Facts
from services.audit.feeds import FEEDS, LACKED, LACKING, MODES, UNKNOWN_MODES
from services.audit.findings import Finding, Kind, Remedy
from services.audit.lost import LOST
from services.audit.notes import NOTED, NOTES
from services.audit.pairs import FOLLOWS, INDEXED, POSTS, UNEVEN
from services.audit.threads import COMMENTS, settle
from services.rows import keys


def findings(facts: Facts, fan_out_limit: int | None = None) -> tuple[list[Finding], list[Finding]]:
    """Return all that is wrong, in rows and between them, and what a run that is not complete has still to bring.

    What one row says and others prove is one finding.
    """
    if fan_out_limit is not None:
        facts.run(proofs.MODES.format(limit=int(fan_out_limit)))
    for script in (proofs.AUTHORS, proofs.COMMENTERS, proofs.PUBLIC):
        facts.run(script)
    misplaced = settle(facts)
    for script in (proofs.LOST, RIGHTFUL, LACKING, UNEVEN, NOTED):
        facts.run(script)
    if facts.count("lacking"):
        facts.run(LACKED)
    modes = UNKNOWN_MODES if fan_out_limit is None else MODES
    groups = (LOST, CHILDREN, COUNTERS, CLAIMS, POSTS, INDEXED, FOLLOWS, COMMENTS, FEEDS, NOTES, modes)
    between = (found for group in groups for check in group for found in check.findings(facts))
    found = sorted(_join([*facts.findings, *misplaced, *between]), key=lambda found: found.place)
    return _split(found, _Pending.of(facts))


_MEMBERS = "SELECT DISTINCT id(u.user) AS user_id FROM run_user AS u JOIN run AS r ON r.name = u.run WHERE "
_ITEMS = """
    SELECT id(reader) AS reader_id, id(post) AS post_id FROM feed
    WHERE author IN (SELECT u.user FROM run_user AS u JOIN run AS r ON r.name = u.run WHERE r.is_resetting)
"""


@attrs.frozen
class _Pending:
    """What runs that are not complete have still to bring, or to take away: whose it is, and which items."""

    under_way: frozenset[str]
    leaving: frozenset[str]
    items: frozenset[Key]

    @classmethod
    def of(cls, facts: Facts) -> _Pending:
        """Ask for it."""
        under_way, leaving = (
            frozenset(row["user_id"] for row in facts.ask(_MEMBERS + those))
            for those in ("NOT r.is_done", "r.is_resetting")
        )
        found = facts.ask(_ITEMS) if leaving else ()
        return cls(under_way, leaving, frozenset(keys.feed_key(row["reader_id"], row["post_id"]) for row in found))

    def has(self, finding: Finding) -> bool:
        """Tell whether a finding is about what a run at work, or stopped, delivers or takes away at its end."""
        if finding.kind is Kind.MISSING_ITEM:
            item: Any = finding.expected
            return item["reader_id"] in self.under_way or item["author_id"] in self.under_way
        if finding.kind is Kind.LEFT_OVER_ITEM:
            return finding.key in self.items
        return finding.kind is Kind.ORPHAN and finding.stored in self.leaving


def _split(found: Sequence[Finding], pending: _Pending) -> tuple[list[Finding], list[Finding]]:
    """Part what is wrong from what is pending."""
    return [one for one in found if not pending.has(one)], [one for one in found if pending.has(one)]


def _join(found: Iterable[Finding]) -> Iterator[Finding]:
    """Make one finding of an attribute that its row reports and other rows prove."""
    places: dict[tuple[Key, str], list[Finding]] = {}
    for finding in found:
        if finding.attribute is None or finding.remedy in {Remedy.DELETE, Remedy.PUT} or finding.kind is Kind.FOREIGN:
            yield finding
        else:
            places.setdefault((finding.key, finding.attribute), []).append(finding)
    for group in places.values():
        proven = next((finding for finding in group if finding.remedy is Remedy.SET), None)
        if proven is None:
            yield from group
        else:
            yield _with_proof(group[0], proven)


def _with_proof(report: Finding, proof: Finding) -> Finding:
    stored = proof.stored if report.stored is None else report.stored
    message = proof.message if proof.stored == stored else report.message
    return Finding(report.kind, proof.key, message, proof.attribute, stored, proof.expected, Remedy.SET)
