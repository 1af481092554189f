"""The phases of a run: which of them are in the table already, and recording that another one is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

import attrs

from factories.command.orders import Order, Part
from factories.errors import FactoryError
from factories.seeding.worlds import WORLDS
from factories.texts.locales import DEFAULT_LOCALE
from services.entities import DONE, Run
from services.errors import NotFoundError, RunResettingError, ServiceError, TakenError

WORLD_PHASES = ("users", "follows", "posts", "likes", "comments")
SCENARIO_PHASES = ("scenario",)
MISSED = (NotFoundError, TakenError)
"""What a run meets where others took away what it made, or took a name before it: it goes on without."""


class OtherWorldError(FactoryError):
    """Another version began this run, and makes another world of its seed."""

    exit_code = 2

    def __init__(self, run: Run, reset: str) -> None:
        self.run = run
        super().__init__(
            f"the run of {run.title} was begun by seedbed {run.code_version} ({run.worlds}), which makes another world "
            f"of it than this one, {version('seedbed')} ({WORLDS}): complete it with that version, or take away what "
            f"is there and begin again: {reset}"
        )


class OtherShardsError(FactoryError):
    """A shard would begin a world of its own beside one that as many shards are making."""

    exit_code = 2

    def __init__(self, wanted: Run, run: Run) -> None:
        self.run = run
        other = f"another {run.title}" if run.title == wanted.title else run.title
        super().__init__(
            f"this shard would begin {wanted.title}, while {run.shards} shards are making {other} in the same table: "
            "give all shards of a job the same options, --as-of too. If that one is an earlier job's, complete it, or "
            "take it away by seed reset; --beside-others makes both"
        )


@attrs.define
class Stages:
    """The phases of one run, in their order, and the one that is being made."""

    phases: tuple[str, ...] = WORLD_PHASES
    phase: str = WORLD_PHASES[0]
    record: Callable[[str, str], None] = lambda _before, _after: None
    left_out: list[ServiceError] = attrs.Factory(list)

    @property
    def is_complete(self) -> bool:
        """Tell whether all of the run is in the table."""
        return self.phase == DONE

    def is_done(self, phase: str) -> bool:
        """Tell whether all of a phase was in the table when the run began."""
        if self.phase == DONE:
            return True
        return self.phase in self.phases and self.phases.index(phase) < self.phases.index(self.phase)

    def reach(self, phase: str) -> None:
        """Record that all of a phase is in the table: call it when that is committed."""
        self.record(phase, (*self.phases, DONE)[self.phases.index(phase) + 1])

    @contextmanager
    def making(self, app: Any, phase: str) -> Iterator[None]:
        """Make a phase in one unit of work, and record it; of one that is in the table make the objects only.

        What rests on somebody or something that was taken away meanwhile, or has a name that is another's, is left out.
        """
        if self.is_done(phase):
            with app.rehearsal():
                yield
            return
        with app.unit_of_work(skipping=MISSED) as unit:
            yield
        self.left_out += unit.left_out
        self.reach(phase)


def begin_run(app: Any, order: Order, part: Part) -> Run:
    """Begin the run of a part of an order, or find it begun.

    Raises:
        RunResettingError: it is being taken away.
        OtherWorldError: a version that makes another world began it and did not complete it.
        OtherShardsError: it is a shard's, which would begin it while as many shards are making another world.
    """
    wanted = Run(
        name=part.name,
        seed=str(order.seed),
        preset=None if part.preset is None else order.env,
        scenario=part.scenario,
        as_of=order.as_of,
        code_version=version("seedbed"),
        worlds=WORLDS,
        phase=_phases(part)[0],
        shards=None if order.crew.shard is None or part.preset is None else order.crew.shard[1],
        locale=None if order.locale == DEFAULT_LOCALE else order.locale,
    )
    is_apart = wanted.shards is not None and not order.is_beside_others
    is_new = is_apart and _check_shards(app, wanted)
    run: Run = app.runs.begin(wanted, _phases(part))
    if is_new:
        _check_alone(app, wanted)
    if run.is_resetting:
        raise RunResettingError(run.name, run.title)
    if not run.is_done and run.worlds != WORLDS:
        raise OtherWorldError(run, order.reset_command)
    return run


def _check_shards(app: Any, wanted: Run) -> bool:
    """Refuse a world that no other shard makes: of one job, all make the same. Tell whether this one is to begin it.

    Raises:
        OtherShardsError: as many shards make another one.
    """
    runs: list[Run] = app.runs.all()
    if any(run.name == wanted.name for run in runs):
        return False
    _check_others(wanted, runs)
    return True


def _check_alone(app: Any, wanted: Run) -> None:
    """Look again when a run is begun: of two worlds that begin at once, one at least sees the other, and goes.

    Raises:
        OtherShardsError: as many shards make another one.
    """
    try:
        _check_others(wanted, app.runs.all())
    except OtherShardsError:
        app.runs.reset(wanted.name)
        raise


def _check_others(wanted: Run, runs: Iterable[Run]) -> None:
    for run in runs:
        is_going_on = not run.is_done and not run.is_resetting
        if run.name != wanted.name and run.shards == wanted.shards and is_going_on:
            raise OtherShardsError(wanted, run)


def stages_of(app: Any, part: Part, run: Run) -> Stages:
    """Return the phases of a run, recorded in the table."""
    return Stages(_phases(part), run.phase, lambda before, after: app.runs.advance(run.name, before, after))


def _phases(part: Part) -> tuple[str, ...]:
    return WORLD_PHASES if part.scenario is None else SCENARIO_PHASES
