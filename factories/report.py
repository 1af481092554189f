"""What a run of the command reports: the figures, as one JSON object or as lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from services.audit import Audit
from services.usage import Usage

KINDS = {
    "users": "USER",
    "posts": "POST",
    "likes": "LIKE",
    "comments": "COMMENT",
    "follows": "FOLLOW",
    "feed_items": "FEED_ITEM",
}
"""Entities by the name that reports give them, and their rows' entity type."""
FINDINGS_SHOWN = 20


@attrs.frozen(kw_only=True)
class Report:
    """One run: what was asked for, what is stored for it, what it cost, and whether every number is right."""

    preset: str | None
    scenarios: tuple[str, ...]
    seed: int
    as_of: str
    is_dry_run: bool
    engine: str
    table: str
    audience: int
    usage: Usage
    seconds: float
    audit: Audit
    handles: tuple[str, ...]

    @property
    def created(self) -> dict[str, int]:
        """How many entities of each kind there are more for this run."""
        return {name: self.usage.rows[kind] for name, kind in KINDS.items()}

    @property
    def rows(self) -> int:
        """How many rows there are more for this run."""
        return self.usage.rows_put - self.usage.rows_deleted

    def as_json(self) -> dict[str, Any]:
        """Return what `--json` prints."""
        return {
            "preset": self.preset,
            "scenarios": list(self.scenarios),
            "seed": self.seed,
            "as_of": self.as_of,
            "dry_run": self.is_dry_run,
            "engine": self.engine,
            "table": self.table,
            "created": self.created,
            "audience": self.audience,
            "rows": self.rows,
            "calls": self.usage.total_calls,
            "write_units": self.usage.write_units,
            "usd": round(self.usage.usd, 6),
            "seconds": round(self.seconds, 3),
            "audit": audit_json(self.audit),
            "handles": list(self.handles),
        }

    def lines(self) -> Iterator[str]:
        """Yield the summary for people."""
        verb = "would make" if self.is_dry_run else "made"
        asked = " + ".join(([self.preset] if self.preset else []) + list(self.scenarios))
        yield f"{asked}, seed {self.seed}, as of {self.as_of}: {verb}, at {self.engine}, table {self.table}"
        for name, count in self.created.items():
            note = (
                f"  ({self.audience:,} of them the influencers' audience)" if name == "users" and self.audience else ""
            )
            yield f"  {name.replace('_', ' '):<12}{count:>10,}{note}"
        yield f"  {'rows':<12}{self.rows:>10,}"
        yield f"  {'API calls':<12}{self.usage.total_calls:>10,}  ({self._calls_per_entity():.3f} an entity)"
        yield f"  {'write units':<12}{self.usage.write_units:>10,}  ({self.usage.usd:.4f} USD on AWS, on demand)"
        rate = self._entities() / max(self.seconds, 1e-3)
        yield f"  {'seconds':<12}{self.seconds:>10.2f}  ({rate:,.0f} entities a second)"
        if not self.rows and not self.is_dry_run:
            yield "  everything was there already: nothing was written"
        yield from audit_lines(self.audit)
        if self.handles:
            yield f"look at: {', '.join(self.handles)}"

    def _entities(self) -> int:
        return sum(self.created.values())

    def _calls_per_entity(self) -> float:
        return self.usage.total_calls / max(1, self._entities())


def audit_json(audit: Audit) -> dict[str, Any]:
    """Return an audit as JSON can hold it."""
    findings = [finding.to_json() for finding in audit.findings]
    return {"rows": audit.rows, "counters": audit.counters, "findings": findings}


def audit_lines(audit: Audit) -> Iterator[str]:
    """Yield an audit's verdict, and its first findings, for people."""
    if not audit.findings:
        yield f"audit: {audit.rows:,} rows read, {audit.counters:,} counters recounted, every number is right"
        return
    yield f"audit: {audit.rows:,} rows read, {audit.counters:,} counters recounted, {len(audit.findings):,} findings"
    yield from finding_lines([finding.message for finding in audit.findings])


def finding_lines(messages: Sequence[str]) -> Iterator[str]:
    """Yield the first messages, and how many more there are."""
    yield from (f"  {message}" for message in messages[:FINDINGS_SHOWN])
    if len(messages) > FINDINGS_SHOWN:
        yield f"  … and {len(messages) - FINDINGS_SHOWN:,} more (--json prints all)"
