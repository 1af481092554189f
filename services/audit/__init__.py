"""The audit: recounts the raw table and trusts nothing that the services believe; `repair` mends what it can.

    found = audit(app)
    if not found.is_clean:
        done = repair(app, found)

It reads every row of the base table once, and wants the table at rest: what others write meanwhile may show as a
finding that the next audit does not have. A repair looks at everything a second time before it writes.
"""

from __future__ import annotations

from collections.abc import Callable

from services.audit import checks
from services.audit.counters import count_counters
from services.audit.facts import Facts, collecting
from services.audit.findings import MENDABLE, Audit, Finding, Kind, Mended, Repair
from services.audit.mending import Mender
from services.digest import Digest
from services.scanning import pages
from services.store import Sessions, Store, store_of

__all__ = ["MENDABLE", "Audit", "Facts", "Finding", "Kind", "Mended", "Repair", "audit", "repair"]

PATIENCE = 2
"""Rounds in a row in which nothing is written and nothing changes, before a repair leaves what it found."""
ROUNDS = 20
"""Times that a repair looks again: a deleted row can leave others without their owner, and counters to set."""


def audit(
    place: Store | Sessions,
    *,
    segments: int = 1,
    progress: Callable[[int], None] | None = None,
    onlooker: Callable[[Facts], None] | None = None,
) -> Audit:
    """Recount everything and check every row against the others.

    Args:
        place: the app, or a store. What this thread's unit of work has queued is sent first, where it is an app.
        segments: how many scans read side by side (1 to 64); several pay where the network is what takes the time.
        progress: told the number of rows read so far, after each page.
        onlooker: shown the facts when the checks are done, to draw conclusions of its own from the same pass.

    Raises:
        InvalidSettingError: `segments` is out of bounds.
        UnavailableError: the engine did not answer.

    Cost: 1 Scan per 1 MB. Memory grows by 0.2 KB a user and post; a temporary file takes some 100 bytes a row.
    """
    store, digest = store_of(place), Digest()
    with collecting() as facts:
        for rows in pages(store, segments):
            facts.take(rows)
            digest.take(rows)
            if progress is not None:
                progress(facts.rows)
        facts.close_intake()
        found = [*facts.findings, *checks.findings(facts)]
        findings = tuple(sorted(found, key=lambda one: one.place))
        if onlooker is not None:
            onlooker(facts)
        return Audit(facts.rows, count_counters(facts), findings, str(digest))


def repair(
    place: Store | Sessions, found: Audit, *, segments: int = 1, progress: Callable[[int], None] | None = None
) -> Repair:
    """Mend what an audit found, by conditional writes only, and audit again until nothing mendable is left.

    Rows without their owner are deleted; missing twins, claims, listings and feed items are put; counters are set
    to the recount if two audits in a row say the same and they still hold what was read. What somebody else changed
    meanwhile is left to the next round.
    Stopped half way, an audit and a repair again complete it.

    Args:
        place: the app, or a store, that was audited.
        found: what the audit found.
        segments: as of `audit`.
        progress: as of `audit`.

    Raises:
        InvalidSettingError: `segments` is out of bounds.
        UnavailableError: the engine did not answer.

    Cost: a round is 1 batch read per 100 rows that findings name, 1 transaction per 100 actions, and 1 audit.
    """
    store = store_of(place)
    mender = Mender(store)
    last, idle_rounds = found, 0
    for _ in range(ROUNDS):
        if idle_rounds == PATIENCE or not any(finding.kind in MENDABLE for finding in last.findings):
            break
        has_written, before = mender.mend(last.findings), last
        last = audit(store, segments=segments, progress=progress)
        idle_rounds = idle_rounds + 1 if not has_written and last == before else 0
    return Repair(mender.mended(last.findings), last)
