"""What a suite does for async programs, to be awaited: as its plain methods do it, of which each is one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from seedbed.suite.findings import SuiteAudit

T = TypeVar("T")


class Awaited:
    """The methods of a suite that wait for what is async in its program: its services, sessions, scenarios."""

    async def run_async(self: Any, name: Any, app: Any) -> Any:
        """Run a scenario or make a preset as `run` does, where it, or what it creates by, is async."""
        return await _wait(lambda: self.run(name, app))

    async def audit_async(self: Any, app: Any) -> SuiteAudit:
        """Recount every declared counter as `audit` does, where the app's session, or what lists, is async."""
        found: SuiteAudit = await _wait(lambda: self.audit(app))
        return found

    async def rows_async(self: Any, app: Any, model: Any) -> Iterable[Any]:
        """List all that is stored of a model as `rows` does."""
        found: Iterable[Any] = await _wait(lambda: self.rows(app, model))
        return found

    async def totals_async(self: Any, app: Any) -> Mapping[str, int]:
        """Count the rows of each model as `totals` does."""
        found: Mapping[str, int] = await _wait(lambda: self.totals(app))
        return found


async def _wait(function: Callable[[], T]) -> T:
    from seedbed.strategy.waiting import spawn  # noqa: PLC0415 - a suite is quick to import

    return await spawn(function)
