"""What the command of any suite does: open the app, make what is asked for, recount, report."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any, TypeVar

import attrs

from seedbed.command.console import Console
from seedbed.command.errors import FailedRunError, InterruptedRunError, UncountedRunError, UsageError
from seedbed.errors import ServiceError
from seedbed.scenarios import ForgottenError, Registry, forgetting
from seedbed.strategy.binding import current_binding, find_binding
from seedbed.strategy.errors import BuildFailureError, near
from seedbed.suite import Suite, SuiteAudit
from seedbed.suite.audit import check_counters
from seedbed.suite.errors import CommitError, MissingPartError, ProgramExitError, SuiteError
from seedbed.suite.lasting import Count, check_listed, check_stored, counts_later
from seedbed.suite.loops import in_loop, settle
from seedbed.suite.opening import takes, takes_target
from seedbed.suite.preflight import check_services
from seedbed.suite.references import without_exit
from seedbed.suite.whole import as_dry_run, as_one
from seedbed.undoing import Whole

T = TypeVar("T")


@attrs.frozen
class Order:
    """What a run is asked to make, as the options say it."""

    scenarios: tuple[str, ...] = ()
    preset: str | None = None
    seed: int = 0
    as_of: datetime | None = None
    target: str | None = None
    is_dry: bool = False


@attrs.frozen
class Part:
    """A preset or scenario that was found. `name` is what all of it is drawn from; `source` is its own function."""

    name: str
    title: str
    make: Callable[[Any, Console], Any]
    source: Callable[..., Any]


@attrs.frozen
class Report:
    """What a run made, and whether every counter is right."""

    suite: str
    order: Order
    parts: tuple[str, ...]
    rows: Mapping[str, int]
    seconds: float
    audit: SuiteAudit | None
    is_kept: bool | None
    """Whether the world stays; None where only the suite's `open` knows."""

    def lines(self) -> list[str]:
        """Say it for people."""
        order = self.order
        rows = ", ".join(f"{count:,} {model}" for model, count in self.rows.items())
        return [
            f"suite {self.suite}: {', '.join(self.parts)}: seed {order.seed}, {self.seconds:.2f} s",
            *([f"rows: {rows}"] if rows else []),
            *(self.audit.lines() if self.audit else ["audit: nothing was recounted, the suite declares no counters"]),
            *self._place(),
        ]

    def _place(self) -> list[str]:
        """Say where the world is now."""
        if self.order.is_dry:
            return ["dry run: nothing was written"]
        if self.is_kept is None:
            return [f"made in what the open of {self.suite} gives, which takes no target"]
        return [] if self.is_kept else ["this world is thrown away now: with --target PLACE it stays"]

    def to_json(self) -> dict[str, Any]:
        """Return what `json.dumps` takes."""
        order = self.order
        return {
            "suite": self.suite,
            "preset": order.preset,
            "scenarios": list(order.scenarios),
            "seed": order.seed,
            "as_of": None if order.as_of is None else order.as_of.isoformat(),
            "target": order.target,
            "dry_run": order.is_dry,
            "is_kept": self.is_kept,
            "rows": dict(self.rows),
            "seconds": round(self.seconds, 3),
            "audit": None if self.audit is None else self.audit.to_json(),
        }


def seed(suite: Suite, order: Order, *, is_json: bool) -> int:
    """Make what is ordered, recount, report; return the exit code: 1 on drift.

    Raises:
        UsageError: Nothing is asked for, or something that there is not.
        SuiteError: The suite cannot do it as it is declared.
        FailedRunError: The run was begun and failed.
        UncountedRunError: All of it is made, and could not be recounted.
        LostRowsError: All of it is made, and is gone once the app is closed.
        InterruptedRunError: Ctrl-C stopped it.
        LostReportError: All was done, and the report could not be written.
    """
    order, parts = parts_of(suite, order)
    with without_exit(), Console(is_quiet=is_json) as console:
        report, counts = work_in(suite, order, lambda app: _seed(suite, app, order, parts, console), parts)
        in_loop(suite, lambda: check_stored(suite.name, report.rows, counts), sources=[part.source for part in parts])
    with Console() as console:
        lines = report.lines()
        console.report(*([json.dumps(report.to_json())] if is_json else lines), done="; ".join(lines))
    return 0 if report.audit is None or report.audit.is_exact else 1


def _seed(
    suite: Suite, app: Any, order: Order, parts: tuple[Part, ...], console: Console
) -> tuple[Report, Mapping[str, Count]]:
    """Return the report, and what counts the rows later where they are to stay."""
    with _undo_dry_run(suite, app, order):
        report = _report(suite, app, order, parts, console)
    is_lasting = order.target is not None and not order.is_dry
    return report, counts_later(suite, app) if is_lasting else {}


def work_in(suite: Suite, order: Order, function: Callable[[Any], T], parts: tuple[Part, ...] = ()) -> T:
    """Open the app for an order and call a function of it, in an event loop where anything of it is async.

    Raises:
        SuiteError: It does not open.
        FactoryError: A factory's service, or a unit of work, is not there or cannot be used.
        CounterError: A counter cannot be recounted as it is declared.
    """
    sources = [part.source for part in parts]

    def work() -> T:
        with open_app(suite, order) as app:
            return in_loop(suite, lambda: check_and_call(app), app, sources)

    def check_and_call(app: Any) -> T:
        with suite.using(app):
            check_services(suite.name, suite.factory_classes(), current_binding())
        if suite.auditor is None:
            check_counters(suite.counters, suite.store(app))
        return function(app)

    return in_loop(suite, work, sources=sources)


def make(suite: Suite, app: Any, order: Order, console: Console) -> list[Any]:
    """Make what is ordered, part by part; return what each of them returned.

    Raises:
        UsageError: Something is asked for that there is not.
        FailedRunError: It was begun and failed.
        InterruptedRunError: Ctrl-C stopped it.
    """
    return _run(suite, app, parts_of(suite, order)[1], console)


def parts_of(suite: Suite, order: Order) -> tuple[Order, tuple[Part, ...]]:
    """Find what is ordered, before anything is opened; of nothing, the first preset.

    Raises:
        UsageError: Nothing is asked for, or something that there is not.
        ScenarioError: A scenario cannot be used.
        MissingPartError: A preset is asked for, and the suite has no planner.
        SuiteDeclarationError: A preset goes by the name of a scenario.
    """
    presets, registry = suite.presets(), suite.registry()
    if order.preset is None and not order.scenarios and presets:
        order = attrs.evolve(order, preset=next(iter(presets)))
    parts = [] if order.preset is None else [_preset_part(suite, order, presets)]
    parts += [_scenario_part(order, registry, name) for name in order.scenarios]
    if not parts:
        known = ", ".join(registry.describe()) or "none; declare them by Suite(scenarios=...)"
        message = f"say what to make in {suite.name}: -s SCENARIO; its scenarios: {known}"
        raise UsageError(message)
    return order, tuple(parts)


def _preset_part(suite: Suite, order: Order, presets: Mapping[str, Callable[..., Any]]) -> Part:
    name = str(order.preset)
    if not presets:
        remedy = 'it has no planner; say Suite(planner={"small": make_small}), or name a scenario with -s'
        raise MissingPartError(suite.name, f"make the preset {name}", remedy)
    if name not in presets:
        message = f"no preset is called {name!r}: {near(name, presets)}"
        raise UsageError(message)
    suite.check_unambiguous(name)
    function = presets[name]

    def plan(app: Any, console: Console) -> Any:
        said = {"progress": console.advance} if takes(function, "progress") else {}
        what = f"its preset {name}"
        return forgetting.call(name, function, lambda: settle(suite.name, what, function(app, **said)))

    return Part(f"{order.seed}/{name}", name, plan, function)


def _scenario_part(order: Order, registry: Registry, name: str) -> Part:
    if order.scenarios.count(name) > 1:
        message = f"the scenario {name} is given {order.scenarios.count(name)} times: give it once"
        raise UsageError(message)
    source = registry.find(name).run

    def tell(app: Any, console: Console) -> Any:
        console.advance(f"scenario {name}", 0, 1)
        found = registry.run(name, app)
        console.advance(f"scenario {name}", 1, 1)
        return found

    return Part(f"{order.seed}/{name}", name, tell, source)


@contextmanager
def open_app(suite: Suite, order: Order) -> Iterator[Any]:
    """Open the app for an order.

    Raises:
        MissingPartError: A date is asked for, and it takes none.
        SuiteError: It does not open.
    """
    if order.as_of is not None and not takes(suite.open, "clock"):
        remedy = "its open takes no `clock`; write `def open(target=None, *, clock=None)`, and hand it to the app"
        raise MissingPartError(suite.name, "set the date", remedy)
    moment = order.as_of
    offered: dict[str, Any] = {"seed": order.seed}
    offered |= {"clock": lambda: moment} if moment else {}
    offered |= {"is_dry": True} if order.is_dry else {}
    with suite.app(order.target, **offered) as app:
        yield app


def _undo_dry_run(suite: Suite, app: Any, order: Order) -> AbstractContextManager[None]:
    """Undo all in a dry run: `open` did, where it takes `is_dry`; else one unit of work round all is rolled back.

    Raises:
        MissingPartError: Neither can be done.
    """
    if not order.is_dry or takes(suite.open, "is_dry"):
        return nullcontext()
    return as_dry_run(suite, app)


def _report(suite: Suite, app: Any, order: Order, parts: tuple[Part, ...], console: Console) -> Report:
    started = time.perf_counter()
    made = _run(suite, app, parts, console)
    seconds = time.perf_counter() - started
    console.advance("audit", 0, None)
    titles = tuple(part.title for part in parts)
    try:
        found = suite.audit(app) if suite.counters or suite.auditor else None
        rows = suite.totals(app)
        check_listed(suite, rows, made)
    except SuiteError as error:  # by now it is not the declaration
        raise UncountedRunError(", ".join(titles), error) from error
    return Report(suite.name, order, titles, rows, seconds, found, _is_kept(suite, order))


def _run(suite: Suite, app: Any, parts: tuple[Part, ...], console: Console) -> list[Any]:
    """Make all parts, or, where the suite's unit of work can undo, none of them.

    Raises:
        FailedRunError: One failed, or they could not be committed.
        InterruptedRunError: Ctrl-C stopped it.
    """
    try:
        with as_one(suite, app) as whole:
            return list(_each(suite, app, parts, console, whole))
    except CommitError as error:
        raise FailedRunError(", ".join(part.title for part in parts), error, is_undone=error.is_undone) from error


def _each(suite: Suite, app: Any, parts: tuple[Part, ...], console: Console, whole: Whole) -> Iterator[Any]:
    """Make parts one after another, each from a seed of its own; sequences go on, so that none meets another's names.

    Raises:
        FailedRunError: One failed.
        InterruptedRunError: Ctrl-C stopped it.
    """
    outer = find_binding()
    for part in parts:
        try:
            with without_exit(), suite.using(app, seed=part.name) as binding:
                if outer.app is app:
                    binding.count_with(outer)
                outer = binding
                made = part.make(app, console)
        except (BuildFailureError, ForgottenError, ProgramExitError, ServiceError) as error:
            raise FailedRunError(part.title, error, is_undone=whole.is_undone) from error
        except KeyboardInterrupt as error:
            raise InterruptedRunError(part.title, is_undone=whole.is_undone) from error
        yield made


def audit(suite: Suite, target: str | None, *, is_json: bool) -> int:
    """Recount every declared counter; return the exit code: 1 on drift.

    Raises:
        UsageError: No target is given, and what is opened without one is thrown away.
        SuiteError: The app does not open, or its counters cannot be recounted.
    """
    is_lasting = _is_lasting(suite, target)
    if is_lasting is False:
        thrown_away = f"without one, {suite.name} opens a new world that is thrown away"
        message = f"say what to recount: --target PLACE; {thrown_away}"
        raise UsageError(message)
    with without_exit():
        found = in_loop(suite, lambda: _audit(suite, target))
    note = [] if is_lasting else [f"recounted is what the open of {suite.name} gives, which takes no target"]
    with Console() as console:
        console.print(*([json.dumps(found.to_json())] if is_json else [*found.lines(), *note]))
    return 0 if found.is_exact else 1


def _is_kept(suite: Suite, order: Order) -> bool | None:
    return False if order.is_dry else _is_lasting(suite, order.target)


def _is_lasting(suite: Suite, target: str | None) -> bool | None:
    """Tell whether what `open` gives lasts: not without a target that it takes, unless throwing away is `scratch`'s.

    None where it takes no target: then only it knows.
    """
    if target is not None or suite.scratch is not None:
        return True
    return False if takes_target(suite.open) else None


def _audit(suite: Suite, target: str | None) -> SuiteAudit:
    with suite.app(target) as app:
        return in_loop(suite, lambda: suite.audit(app), app)


def moment_of(text: str | None) -> datetime | None:
    """Read an as-of date, of UTC where it names no zone.

    Raises:
        UsageError: It is none.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        message = f"--as-of must be a date such as 2026-11-01, not {text!r}"
        raise UsageError(message) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
