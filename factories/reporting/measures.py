"""`Measures`: what is told of a table. How it is shown stands in `pages`, how it is found in `figures`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from factories.statistics import Portrait
from factories.statistics.distributions import Distributions
from seedbed.dynamo.usage import Usage
from services.audit import Audit
from services.entities import Run


@attrs.frozen(kw_only=True)
class Cost:
    """What making a world took: what was sent, what it costs on AWS, and seconds of this machine."""

    calls: int
    rows: int
    write_units: int
    usd: float
    seconds: float

    @classmethod
    def of(cls, usage: Usage, seconds: float) -> Cost:
        """Sum up what was sent in so many seconds."""
        rows = usage.rows_put - usage.rows_deleted
        return cls(calls=usage.total_calls, rows=rows, write_units=usage.write_units, usd=usage.usd, seconds=seconds)

    def as_json(self) -> dict[str, float]:
        """Return it for a program."""
        return attrs.asdict(self) | {"usd": round(self.usd, 6), "seconds": round(self.seconds, 3)}


@attrs.frozen(kw_only=True)
class Measures:
    """A table at an instant: what is in it, whether every counter is right, what its world looks like.

    `cost` is None where nobody knows what making it took: the table was there.
    """

    place: str
    at: str
    counts: Mapping[str, int]
    audit: Audit
    world: Portrait
    distributions: Distributions
    runs: tuple[Run, ...] = ()
    cost: Cost | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what the page shows, for a program."""
        return {
            "table": self.place,
            "at": self.at,
            "counts": dict(self.counts),
            "audit": self.audit.to_json(),
            "digest": self.audit.digest,
            "world": self.world.as_json(),
            "distributions": self.distributions.as_json(),
            "cost": None if self.cost is None else self.cost.as_json(),
            "runs": [{"run": run.title, "phase": run.phase} for run in self.runs],
        }
