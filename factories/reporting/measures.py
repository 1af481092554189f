"""`Measures`: what is told of a table. How it is shown stands in `pages`, how it is found in `figures`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from factories.statistics import Portrait
from factories.statistics.distributions import Distributions
from services.audit import Audit
from services.entities import Run


@attrs.frozen(kw_only=True)
class Measures:
    """A table at an instant: what is in it, whether every counter is right, what its world looks like."""

    place: str
    at: str
    counts: Mapping[str, int]
    audit: Audit
    world: Portrait
    distributions: Distributions
    runs: tuple[Run, ...] = ()

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
            "runs": [{"run": run.title, "phase": run.phase} for run in self.runs],
        }
