"""What a run of the command reports: the figures, as one JSON object or as lines for people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from factories.planning import cheaper, ways_of
from seedbed.dynamo.usage import Usage
from services.audit import Audit
from services.errors import ServiceError
from services.rows.schema import SCHEMA

if TYPE_CHECKING:
    from factories.cluster.spreading import Tally  # noqa: TC004 - as below
    from factories.reporting import Cost
    from factories.statistics import Portrait  # noqa: TC004 - loads NumPy, and attrs needs no more than the name

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


@attrs.frozen
class Face:
    """Somebody whom it is worth looking at."""

    handle: str
    followers: int

    def __str__(self) -> str:
        """Write it as a summary does."""
        return f"@{self.handle} ({self.followers:,} {'follower' if self.followers == 1 else 'followers'})"


@attrs.frozen(kw_only=True)
class Report:
    """One run: what was asked for, what is stored for it, what it cost, and whether every number is right.

    `endpoint` is None for the embedded engine; `audience` is how many of the world's users only follow influencers. One
    that `is_idle` found everything made by an earlier run, read nothing else, and so has an empty audit and no `world`,
    which is what all that the table holds looks like. `crew` is what many processes took, where they made it.
    """

    preset: str | None
    scenarios: tuple[str, ...]
    seed: int
    as_of: str
    is_dry_run: bool
    endpoint: str | None
    table: str
    audience: int
    usage: Usage
    seconds: float
    audit: Audit
    faces: tuple[Face, ...]
    left_out: tuple[ServiceError, ...] = ()
    is_idle: bool = False
    world: Portrait | None = None
    crew: Tally | None = None

    @property
    def created(self) -> dict[str, int]:
        """How many entities of each kind there are more for this run; 0 where it took more away than it made."""
        return {name: max(0, self.usage.rows[kind]) for name, kind in KINDS.items()}

    @property
    def content_rows(self) -> int:
        """How many rows there are more for this run, without its own notes: what a digest takes in."""
        return self.rows - sum(self.usage.rows[kind] for kind in SCHEMA.notes)

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
            "engine": self.endpoint or "embedded",
            "table": self.table,
            "created": self.created,
            "audience": self.audience,
            "rows": self.rows,
            "calls": self.usage.total_calls,
            "write_units": self.usage.write_units,
            "usd": round(self.usage.usd, 6),
            "seconds": round(self.seconds, 3),
            "audit": self.audit.to_json(),
            "digest": self.audit.digest or None,
            "nothing_to_do": self.is_idle,
            "world": {} if self.world is None else self.world.as_json(),
            "handles": [face.handle for face in self.faces],
            "left_out": [str(error) for error in self.left_out],
            **({"ways_in": {way.name: way.as_json() for way in ways_of(self.usage)}} if self.is_dry_run else {}),
            **({} if self.crew is None else {"crew": self.crew.as_json()}),
        }

    @property
    def cost(self) -> Cost:
        """What making it took."""
        from factories.reporting import Cost  # noqa: PLC0415 - loads NumPy

        return Cost.of(self.usage, self.seconds)

    def _repr_html_(self) -> str:
        """Show it in a notebook."""
        from factories.reporting.pages import summary  # noqa: PLC0415 - loads NumPy

        return summary(self._title(), self.created, self.cost, self.audit)

    def short_json(self, characters: int) -> str:
        """Return the same as JSON of so many characters at most: of very many findings the first ones."""
        told = self.as_json()
        findings = told["audit"]["findings"]
        named = len(findings)
        while len(text := json.dumps(told)) > characters and named:
            named //= 2
            told["audit"] |= {"findings": findings[:named], "findings_left_out": len(findings) - named}
            told["audit"].pop("in_motion", None)
        return text

    def lines(self) -> Iterator[str]:
        """Yield the summary for people."""
        yield self._title()
        if self.is_idle:
            calls = _calls(self.usage.total_calls)
            yield f"nothing to do: an earlier run completed it, this one read nothing else ({calls})"
            return
        for name, count in self.created.items():
            note = f"{self.audience:,} of them are the influencers' audience" if name == "users" and count else ""
            yield _line(name.replace("_", " "), f"{count:,}", note if self.audience else "")
        entities = sum(self.created.values())
        usage = self.usage
        yield _line("rows", f"{self.rows:,}")
        yield _line(
            "API calls", f"{usage.total_calls:,}", f"{usage.total_calls / entities:.3f} an entity" if entities else ""
        )
        yield _line("write units", f"{usage.write_units:,}", f"{usage.usd:.4f} USD on AWS, on demand")
        rate = entities / max(self.seconds, 1e-3)
        yield _line("seconds", f"{self.seconds:,.2f}", f"{rate:,.0f} entities a second" if entities else "")
        yield from (*self._crew_line(), *self._ways_in(), *self._omissions(), *audit_lines(self.audit))
        if self.world is not None:
            yield from self.world.lines()
        yield f"digest: {self.audit.digest}"
        if self.faces:
            yield f"look at: {', '.join(map(str, self.faces))}"

    def _ways_in(self) -> Iterator[str]:
        """Say, before anything is written, which way into a table of AWS is cheaper."""
        if self.is_dry_run:
            yield f"on AWS, {cheaper(ways_of(self.usage), 1)} (docs/scale.md)"

    def _crew_line(self) -> Iterator[str]:
        if self.crew is not None:
            yield f"made in {self.crew.line()}"

    def _omissions(self) -> Iterator[str]:
        if self.left_out:
            why = "others took away what it rests on, or took its name"
            yield f"left out: {len(self.left_out):,}, where {why}; a reset and another run would make the world whole"
            yield from few(list(dict.fromkeys(map(str, self.left_out))))

    def _title(self) -> str:
        asked = " + ".join(([self.preset] if self.preset else []) + list(self.scenarios))
        world = f"{asked}, seed {self.seed}, as of {self.as_of}"
        place = f"table {self.table} of {self.endpoint or 'the embedded engine'}"
        if not self.usage.rows_put:
            return f"{world}: was in {place} already, nothing {'would be' if self.is_dry_run else 'was'} written"
        return f"{world}: {'would be' if self.is_dry_run else 'is'} in {place}"


def _line(what: str, figure: str, note: str = "") -> str:
    return f"  {what:<12}{figure:>12}" + (f"  ({note})" if note else "")


def _calls(count: int) -> str:
    return f"{count} API {'call' if count == 1 else 'calls'}"


def audit_lines(audit: Audit) -> Iterator[str]:
    """Yield an audit's verdict, and its first findings, for people."""
    count = len(audit.drift)
    found = f"{count:,} {'finding' if count == 1 else 'findings'}" if count else "every number is right"
    yield f"audit: {audit.rows:,} rows read, {audit.counters:,} counters recounted, {found}"
    yield from few([finding.message for finding in audit.drift])
    foreign = [finding.message for finding in audit.findings if finding.kind == "foreign"]
    if foreign:
        yield "foreign: rows that are not ours, which nothing here touches"
        yield from few(foreign)
    if audit.in_motion:
        yield f"in motion: {len(audit.in_motion):,} that changed while it was read, or that a run has still to bring"
        yield from few([finding.message for finding in audit.in_motion])


def few(messages: Sequence[str]) -> Iterator[str]:
    """Yield the first messages, and how many more there are."""
    yield from (f"  {message}" for message in messages[:FINDINGS_SHOWN])
    if len(messages) > FINDINGS_SHOWN:
        yield f"  … and {len(messages) - FINDINGS_SHOWN:,} more (--json prints all)"
