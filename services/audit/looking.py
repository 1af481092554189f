"""Looking at a table: one pass over all rows, and a second look, near what it found, before anything is called wrong.

Others may write while a pass reads, so that it sees one row before a write and another one behind it. What is wrong
shows in two passes alike; all else is in motion. Feeds are delivered after posts and follows are written: the rows of a
feed that seems wrong are read once more, and for a few seconds where passes show that somebody writes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from seedbed.dynamo.digest import Digest
from seedbed.dynamo.memory import DryTable
from seedbed.dynamo.rows import Key
from seedbed.dynamo.scanning import pages
from seedbed.dynamo.schema import Schema
from seedbed.dynamo.store import Store
from services.audit import checks
from services.audit.counters import count_counters
from services.audit.facts import Facts, collecting
from services.audit.findings import Audit, Finding, Kind
from services.audit.nearby import look_near
from services.audit.shapes import Row, parts_of
from services.rows import keys

LOOKS = 4
"""Looks at most: while every pass takes something away from what all saw, another one follows."""

PAUSES_SECONDS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Between the looks at feeds that seem wrong: all of them while others write, the first two in any case."""
_DELIVERED = {Kind.MISSING_ITEM, Kind.LEFT_OVER_ITEM}

Progress = Callable[[int], None]


def look(
    store: Store,
    segments: int,
    progress: Progress | None = None,
    onlooker: Callable[[Facts], None] | None = None,
) -> Audit:
    """Read everything once, and say what seems wrong."""
    return look_at(pages(store, segments), store.schema, store.fan_out_limit, progress, onlooker)


def look_at(
    read: Iterable[list[dict[str, Any]]],
    schema: Schema,
    fan_out_limit: int | None,
    progress: Progress | None = None,
    onlooker: Callable[[Facts], None] | None = None,
) -> Audit:
    """Say what seems wrong with the rows of all pages, wherever they come from."""
    digest = Digest(schema)
    with collecting() as facts:
        for rows in read:
            facts.take(rows)
            digest.take(rows)
            if progress is not None:
                progress(facts.rows)
        facts.close_intake()
        findings, pending = checks.findings(facts, fan_out_limit)
        if onlooker is not None:
            onlooker(facts)
        return Audit(facts.rows, count_counters(facts), tuple(findings), str(digest), tuple(pending))


def confirm(store: Store, seen: Audit, segments: int) -> Audit:
    """Look again at what a pass saw, and keep what the others see alike."""
    kept = [finding for finding in seen.findings if finding.kind is not Kind.FOREIGN]
    is_still = True
    for _ in range(LOOKS - 1):
        if not kept:
            break
        before, near = len(kept), look_near(store, kept, seen.rows)
        if near is None:
            again = look(store, segments)
            near, is_still = list(again.findings), is_still and again.digest == seen.digest
        kept = _in_both(kept, near)
        is_still = is_still and len(kept) == before
        if len(kept) == before:
            break
    if not isinstance(store, DryTable):  # nobody else writes there
        kept = _not_delivered(store, kept, PAUSES_SECONDS[: 2 if is_still else None])
    sure = set(map(id, kept))
    told = [finding for finding in seen.findings if finding.kind is Kind.FOREIGN or id(finding) in sure]
    moving = [finding for finding in seen.findings if finding.kind is not Kind.FOREIGN and id(finding) not in sure]
    return Audit(seen.rows, seen.counters, tuple(told), seen.digest, (*moving, *seen.in_motion))


def _in_both(kept: Sequence[Finding], again: Sequence[Finding]) -> list[Finding]:
    seen = set(map(repr, again))
    return [finding for finding in kept if repr(finding) in seen]


def _not_delivered(store: Store, kept: Sequence[Finding], pauses_seconds: Sequence[float]) -> list[Finding]:
    """Leave out what deliveries on their way put right meanwhile."""
    waiting = [finding for finding in kept if finding.kind in _DELIVERED]
    for pause_seconds in pauses_seconds:
        if not waiting:
            break
        time.sleep(pause_seconds)
        rows = store.get_many(sorted({key for finding in waiting for key in _item_and_causes(finding)}))
        waiting = [finding for finding in waiting if _is_wrong_still(finding, rows)]
    wrong = set(map(id, waiting))
    return [finding for finding in kept if finding.kind not in _DELIVERED or id(finding) in wrong]


def _item_and_causes(finding: Finding) -> tuple[Key, ...]:
    reader_id, post_id = parts_of(finding.key)
    item: Any = finding.expected or {}
    follow = (keys.follow_key(reader_id, item["author_id"]),) if item else ()
    return finding.key, keys.post_key(post_id), *follow


def _is_wrong_still(finding: Finding, rows: Mapping[Key, Row]) -> bool:
    item_key, *causes = _item_and_causes(finding)
    if finding.kind is Kind.LEFT_OVER_ITEM:
        return item_key in rows
    is_public = rows.get(causes[0], {}).get("is_public", {}).get("BOOL")
    return item_key not in rows and bool(is_public) and causes[1] in rows
