"""What a suite does for async programs, to be awaited: as its plain methods do it, of which each is one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from seedbed.suite.findings import SuiteAudit

T = TypeVar("T")


class Awaited:
    """The methods of a suite that wait for what is async in its program: its open, services, sessions, scenarios."""

    def app_async(self: Any, target: str | None = None, **offered: Any) -> AbstractAsyncContextManager[Any]:
        """Open the app as `app` does, by `async with`: also where it is opened by async code.

        Raises:
            SuiteOpenError: It does not open, or opens no `target`.
        """
        from seedbed.suite.loops import waiting_in  # noqa: PLC0415 - a suite is quick to import

        return waiting_in(self.app(target, **offered))

    def scratch_app_async(self: Any, **offered: Any) -> AbstractAsyncContextManager[Any]:
        """Open a world that is thrown away as `scratch_app` does, by `async with`.

        Raises:
            SuiteOpenError: It does not open.
            MissingPartError: `open` needs a target, and there is no `scratch`.
        """
        from seedbed.suite.loops import waiting_in  # noqa: PLC0415 - as above

        return waiting_in(self.scratch_app(**offered))

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
    from seedbed.strategy.waiting import spawn  # noqa: PLC0415 - as above

    return await spawn(function)
