"""Tries every factory of a suite in every way, each in a throw-away world, and tells all that went wrong."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from seedbed.strategy.errors import near
from seedbed.suite.declaration import Suite
from seedbed.suite.discovery import get_suite
from seedbed.suite.errors import LintError, MissingPartError, SuiteError
from seedbed.suite.loops import in_loop
from seedbed.suite.references import why

if TYPE_CHECKING:
    from factory.declarations import Trait

Progress: TypeAlias = Callable[[str, int, int], None]
STRATEGIES = ("build", "stub", "create", "create_batch")
"""What is tried of each factory. A model whose id only the service gives may be one that cannot be built or stubbed."""
_BATCH = 2


@attrs.frozen
class Trial:
    """One way to use a factory: by a strategy, with some traits."""

    factory: Any
    strategy: str
    traits: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Write it as one would write it in a test."""
        given = ", ".join(
            [*([str(_BATCH)] if self.strategy == "create_batch" else []), *(f"{t}=True" for t in self.traits)]
        )
        return f"{self.factory.__name__}.{self.strategy}({given})"

    def run(self) -> None:
        """Use the factory so.

        Raises:
            Exception: Whatever the factory, or the service, raises.
        """
        values = dict.fromkeys(self.traits, True)
        if self.strategy == "create_batch":
            self.factory.create_batch(_BATCH, **values)
        else:
            getattr(self.factory, self.strategy)(**values)


@attrs.frozen
class LintReport:
    """How many trials were made, and a line for all that went wrong."""

    suite: str
    trials: int
    findings: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Tell whether nothing went wrong."""
        return not self.findings

    def lines(self) -> tuple[str, ...]:
        """Say it for people."""
        told = "nothing wrong" if self.is_clean else f"{len(self.findings):,} wrong"
        return (f"lint: {self.trials:,} trials of {self.suite}: {told}", *(f"  {line}" for line in self.findings))

    def to_json(self) -> dict[str, Any]:
        """Return what `json.dumps` takes."""
        return {"suite": self.suite, "trials": self.trials, "findings": list(self.findings)}


def lint(suite: Suite | None = None, *, factories: Sequence[str] = (), strategies: Sequence[str] = ()) -> LintReport:
    """Try every factory of a suite, by default the declared one, and fail where anything goes wrong; for tests.

    Raises:
        LintError: Something went wrong; an AssertionError, which tells all of it.
        SuiteError: The suite cannot be linted at all.
    """
    found = find_faults(suite or get_suite(), factories=factories, strategies=strategies)
    if not found.is_clean:
        raise LintError(found.lines())
    return found


def find_faults(
    suite: Suite, *, factories: Sequence[str] = (), strategies: Sequence[str] = (), progress: Progress | None = None
) -> LintReport:
    """Try every factory, every trait alone and in pairs, every strategy, each in a throw-away world; recount in each.

    Args:
        suite: The suite.
        factories: The names of those to try; all, unless given.
        strategies: Of `STRATEGIES`, those to try; all, unless given.
        progress: Told how many trials are done, of how many.

    Raises:
        SuiteError: There is no such factory or strategy, or the throw-away world is none: it does not open, or is not
            empty.

    Cost: a world, opened and recounted, for each trial.
    """
    trials = list(_trials(_choose(suite, factories), _strategies(suite, strategies)))
    return in_loop(suite, lambda: _try_all(suite, trials, progress))


def _try_all(suite: Suite, trials: Sequence[Trial], progress: Progress | None) -> LintReport:
    _check_empty(suite)
    findings: list[str] = []
    for number, trial in enumerate(trials, 1):
        findings += _faults(suite, trial)
        if progress is not None:
            progress("lint", number, len(trials))
    return LintReport(suite.name, len(trials), tuple(dict.fromkeys(findings)))


def _choose(suite: Suite, names: Sequence[str]) -> list[Any]:
    known = {factory.__name__: factory for factory in suite.factory_classes()}
    for name in names:
        if name not in known:
            message = f"suite {suite.name}: no factory is called {name!r}: {near(name, known)}"
            raise SuiteError(message)
    return [known[name] for name in names] or list(known.values())


def _strategies(suite: Suite, names: Sequence[str]) -> Sequence[str]:
    for name in names:
        if name not in STRATEGIES:
            message = f"suite {suite.name}: no strategy is called {name!r}: {near(name, STRATEGIES)}"
            raise SuiteError(message)
    return names or STRATEGIES


def _trials(factories: Sequence[Any], strategies: Sequence[str]) -> Iterator[Trial]:
    for factory in factories:
        yield from (Trial(factory, strategy) for strategy in strategies)
        traits = factory._meta.traits()  # noqa: SLF001 - factory_boy's
        for trait in traits:
            yield from (
                Trial(factory, strategy, (trait,)) for strategy in ("build", "create") if strategy in strategies
            )
        if "create" in strategies:
            yield from (Trial(factory, "create", pair) for pair in _pairs(factory._meta))  # noqa: SLF001 - as above


def _pairs(meta: Any) -> Iterator[tuple[str, str]]:
    """Yield two traits at a time, but for those that exclude each other, or bring such along."""
    traits = meta.traits()
    for pair in itertools.combinations(traits, 2):
        on = {name for trait in pair for name in _with_others(trait, traits)}
        if not any(len(on.intersection(group)) > 1 for group in meta.exclusive):
            yield pair


def _with_others(trait: str, traits: Mapping[str, Trait]) -> set[str]:
    """Return a trait and those that it switches on."""
    found, rest = set[str](), [trait]
    while rest:
        name = rest.pop()
        found.add(name)
        rest += [other for other, value in traits[name].overrides.items() if other in traits and value is True]
        rest = [other for other in rest if other not in found]
    return found


def _check_empty(suite: Suite) -> None:
    """Refuse a world that holds something before anything is made in it: it is somebody's.

    Raises:
        MissingPartError: It holds something.
    """
    with suite.scratch_app() as app:
        totals = in_loop(suite, lambda: suite.totals(app), app)
    held = [f"{count:,} {model}" for model, count in totals.items() if count]
    if held:
        remedy = (
            f"the world that it opens holds {', '.join(held)}; say by Suite(scratch=...) how an empty one is opened"
        )
        raise MissingPartError(suite.name, "be linted", remedy)


def _faults(suite: Suite, trial: Trial) -> list[str]:
    """Make one trial in a world of its own; return what went wrong."""
    with suite.scratch_app(seed=str(trial)) as app:
        return in_loop(suite, lambda: list(_try(suite, trial, app)), app)


def _try(suite: Suite, trial: Trial, app: Any) -> Iterator[str]:
    with suite.using(app, seed=str(trial)):
        try:
            trial.run()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it is, it is told, and the next trial is made
            yield f"{trial}: {why(error)}"
        if trial.strategy.startswith("create") and (suite.counters or suite.auditor):
            yield from (f"{trial}: {finding}" for finding in suite.audit(app).findings)
