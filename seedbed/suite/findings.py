"""What an audit of declared counters found."""

from __future__ import annotations

import math
from typing import Any

import attrs

from seedbed.plain import show


@attrs.frozen
class Finding:
    """A stored counter that differs from what it counts; or rows whose owner is not there (`stored` is None).

    `is_null`: the owner is there, and None is what it stores.
    """

    counter: str
    owner: str
    stored: Any
    recounted: Any
    is_null: bool = attrs.field(default=False, kw_only=True)

    @property
    def is_missing(self) -> bool:
        """Tell whether the owner is not there."""
        return self.stored is None and not self.is_null and isinstance(self.recounted, int)

    def __str__(self) -> str:
        """Say it in one line."""
        model, _, field = self.counter.rpartition(".")
        if self.is_missing:
            return f"{model} {self.owner}: it is not there, and {self.recounted:,} that {field} counts name it"
        return f"{model} {self.owner}: {field} is {show(self.stored)}, and should be {show(self.recounted)}"

    def to_json(self) -> dict[str, Any]:
        """Return what `json.dumps` takes."""
        return {
            "counter": self.counter,
            "owner": self.owner,
            "stored": _plain(self.stored),
            "recounted": _plain(self.recounted),
            "is_missing": self.is_missing,
        }


@attrs.frozen
class SuiteAudit:
    """An audit: how many counters of how many owners were recounted, and which were wrong."""

    counters: int
    owners: int
    findings: tuple[Finding, ...] = ()

    @property
    def is_exact(self) -> bool:
        """Tell whether every counter equals what it counts."""
        return not self.findings

    def lines(self, at_most: int = 20) -> tuple[str, ...]:
        """Say it for people: the verdict, then the findings, at most so many."""
        if not self.counters:
            return ("audit: nothing is stored that has a counter",)
        verdict = f"audit: {self.counters:,} counters recounted, {self.owners:,} owners: "
        told = "every one is exact" if self.is_exact else f"{len(self.findings):,} wrong"
        more = len(self.findings) - at_most
        rest = (f"  and {more:,} more",) if more > 0 else ()
        return (verdict + told, *(f"  {finding}" for finding in self.findings[:at_most]), *rest)

    def to_json(self) -> dict[str, Any]:
        """Return what `json.dumps` takes."""
        return {
            "counters": self.counters,
            "owners": self.owners,
            "is_exact": self.is_exact,
            "findings": [finding.to_json() for finding in self.findings],
        }


def _plain(value: Any) -> Any:
    is_number = isinstance(value, (int, float)) and math.isfinite(value)  # JSON has no NaN
    return value if is_number or isinstance(value, str) or value is None else str(value)
