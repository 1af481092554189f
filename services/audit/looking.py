"""Looking at a table: one pass over all rows, and a second one before anything is called wrong.

Others may write while a pass reads, so that it sees one row before a write and another one behind it. What is wrong
shows in two passes alike; all else is in motion.
"""

from __future__ import annotations

from collections.abc import Callable

from services.audit import checks
from services.audit.counters import count_counters
from services.audit.facts import Facts, collecting
from services.audit.findings import Audit, Kind
from services.digest import Digest
from services.scanning import pages
from services.store import Store

LOOKS = 4
"""Passes at most: while every pass takes something away from what all saw, another one follows."""

Progress = Callable[[int], None]


def look(
    store: Store,
    segments: int,
    progress: Progress | None = None,
    onlooker: Callable[[Facts], None] | None = None,
) -> Audit:
    """Read everything once, and say what seems wrong."""
    digest = Digest()
    with collecting() as facts:
        for rows in pages(store, segments):
            facts.take(rows)
            digest.take(rows)
            if progress is not None:
                progress(facts.rows)
        facts.close_intake()
        findings, pending = checks.findings(facts, store.fan_out_limit)
        if onlooker is not None:
            onlooker(facts)
        return Audit(facts.rows, count_counters(facts), tuple(findings), str(digest), tuple(pending))


def confirmed(store: Store, seen: Audit, segments: int) -> Audit:
    """Look again at what a pass saw, and keep what the others see alike."""
    kept = [finding for finding in seen.findings if finding.kind is not Kind.FOREIGN]
    for _ in range(LOOKS - 1):
        if not kept:
            break
        before, again = len(kept), set(map(repr, look(store, segments).findings))
        kept = [finding for finding in kept if repr(finding) in again]
        if len(kept) == before:
            break
    sure = set(map(id, kept))
    told = [finding for finding in seen.findings if finding.kind is Kind.FOREIGN or id(finding) in sure]
    moving = [finding for finding in seen.findings if finding.kind is not Kind.FOREIGN and id(finding) not in sure]
    return Audit(seen.rows, seen.counters, tuple(told), seen.digest, (*moving, *seen.in_motion))
