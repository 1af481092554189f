"""`Figures`: what a page tells of a table, from one audit, and when that was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import attrs

from factories.reporting.measures import Cost, Measures
from factories.reporting.pages import fragment, page
from factories.statistics import portrait_of
from factories.statistics.distributions import distributions_of

if TYPE_CHECKING:
    from services import App
    from services.audit import Facts

_COUNTED = {"users": "user", "posts": "post", "likes": "liking", "comments": "comment", "follows": "follow"}


@attrs.frozen(kw_only=True)
class Figures(Measures):
    """A table at an instant, as a page: `page()` in a file, by itself in a notebook."""

    def page(self) -> str:
        """Return it as one HTML file.

        Raises:
            NoPlotsError: The extra `report` is not installed.
        """
        return page(self)

    def _repr_html_(self) -> str:
        """Show it in a notebook."""
        return fragment(self)


def look(
    app: App,
    *,
    place: str | None = None,
    cost: Cost | None = None,
    progress: Callable[[int], None] | None = None,
) -> Figures:
    """Audit the app's table, which is called `place`, and take its figures in the same pass. Cost: a scan of the table.

    `cost` is what making it took, where that is known.

    Raises:
        ServiceError: The table cannot be used.
    """
    collected: list[Mapping[str, Any]] = []
    audit = app.audit(progress=progress, onlooker=lambda facts: collected.append(_measures_of(facts)))
    at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    where = place or f"a table of {app.endpoint_url or 'the embedded engine'}"
    return Figures(place=where, at=at, audit=audit, runs=tuple(app.runs.all()), cost=cost, **collected[0])


def _measures_of(facts: Facts) -> Mapping[str, Any]:
    return {
        "counts": {name: facts.count(table) for name, table in _COUNTED.items()},
        "world": portrait_of(facts),
        "distributions": distributions_of(facts),
    }
