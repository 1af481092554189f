"""What one process does: make a slice in an app of its own, and note in the table that it is there."""

from __future__ import annotations

import resource
import sys
import threading
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import attrs

from factories.cluster.errors import EarlySliceError, OtherProgramError
from factories.cluster.notes import NOTE, note_of, total
from factories.command.orders import Order, Part
from factories.pictures.kinds import images
from factories.presets import Preset
from factories.seeding.making import Progress, no_progress
from factories.seeding.phases import WORLD_PHASES
from factories.seeding.slices import Slice, SlicedWorld
from factories.seeding.worlds import WORLDS
from factories.texts.locales import using
from seedbed.dynamo.usage import Usage
from services.entities import Run
from services.errors import RunNotFoundError, RunResettingError, ServiceError

SHARED = frozenset({"users", "posts"})
"""Phases whose slices write into partitions of which others have a part: the run's notes, and readers' feeds."""
_HERE = threading.local()


def program() -> str:
    """Say which program this is, and which worlds it makes."""
    return f"{version('seedbed')} ({WORLDS})"


@attrs.frozen
class Job:
    """What a worker must know of a run: what is ordered, and how many others work at it. It is what is pickled."""

    order: Order
    part: Part
    writers: int = 1
    program: str = attrs.field(factory=program)

    @property
    def preset(self) -> Preset:
        """What the world is like. Scenarios have no slices."""
        return cast("Preset", self.part.preset)


@attrs.frozen
class Made:
    """A slice that is in the table: what that took, what was left out, and the most memory the process ever had."""

    piece: Slice
    usage: Usage = attrs.Factory(Usage)
    left_out: tuple[ServiceError, ...] = ()
    peak_bytes: int = 0


def make(job: Job, piece: Slice, progress: Progress = no_progress) -> Made:
    """Make a slice, unless the run has come further than its phase.

    Raises:
        OtherProgramError: The job is another program's.
        EarlySliceError: The run has not come to its phase.
        RunNotFoundError: The run was taken away.
        RunResettingError: It is being taken away.
        ServiceError: The table cannot be used, or holds something that contradicts the slice.
    """
    if job.program != program():
        raise OtherProgramError(program(), job.program)
    return _place_of(job).make(job, piece, progress)


def make_alone(job: Job, piece: Slice, progress: Progress = no_progress) -> Made:
    """Make a slice that somebody named, as `make` does.

    Raises:
        NoSliceError: The world is not cut so.
        EarlySliceError: as `make`.
        RunNotFoundError: as `make`.
        RunResettingError: as `make`.
        ServiceError: as `make`.
    """
    _place_of(job).check(piece)
    return make(job, piece, progress)


def _place_of(job: Job) -> _Place:
    """Return this thread's place for a run, which is kept for its next slice."""
    kept: _Place | None = getattr(_HERE, "place", None)
    if kept is None or (kept.order, kept.name) != (job.order, job.part.name):
        if kept is not None:
            kept.app.close()
        kept = _HERE.place = _Place(job)
    return kept


class _Place:
    """A connection, and what is drawn of a world: one for each run and thread."""

    def __init__(self, job: Job) -> None:
        from services import connect  # noqa: PLC0415 - the AWS client takes a third of a second

        self.order = order = job.order
        self.name = job.part.name
        self._preset = job.preset
        self.app: Any = connect(
            order.endpoint_url,
            order.table,
            workers=order.workers,
            clock=lambda: order.as_of,
            seed=order.seed,
            is_made=False,
        )
        self._world: SlicedWorld | None = None

    def make(self, job: Job, piece: Slice, progress: Progress) -> Made:
        app, order, name = self.app, self.order, self.name
        if _is_past(_check(app.runs.find(name), name), piece):
            return Made(piece, peak_bytes=peak_bytes())
        app.share(job.writers if piece.phase in SHARED else 1)
        before = app.usage
        with using(app, seed=name, locale=order.locale), images(order.images), app.runs.recording(name):
            left_out = self._seeder.make(piece, progress)
        usage = total([app.usage.since(before), NOTE])
        app.runs.note_slice(name, str(piece), note_of(usage))
        return Made(piece, usage, tuple(left_out), peak_bytes())

    def check(self, piece: Slice) -> None:
        """Refuse a slice that is none of this world's.

        Raises:
            RunNotFoundError: Its run was taken away.
            RunResettingError: Its run is being taken away.
            NoSliceError: It is none.
        """
        _check(self.app.runs.find(self.name), self.name)
        with using(self.app, seed=self.name, locale=self.order.locale), images(self.order.images):
            self._seeder.check_cut(piece)

    @property
    def _seeder(self) -> SlicedWorld:
        if self._world is None:
            self._world = SlicedWorld(self.app, self._preset)
        return self._world


def _check(run: Run | None, name: str) -> Run:
    if run is None:
        raise RunNotFoundError(name)
    if run.is_resetting:
        raise RunResettingError(name, run.title)
    return run


def _is_past(run: Run, piece: Slice) -> bool:
    """Tell whether a run has come further than a slice.

    Raises:
        EarlySliceError: It has not come to it.
    """
    if run.is_done:
        return True
    now, its = WORLD_PHASES.index(run.phase), WORLD_PHASES.index(piece.phase)
    if its > now:
        raise EarlySliceError(str(piece), run.phase)
    return its < now


def peak_bytes() -> int:
    """Return the most memory that this process ever had."""
    with suppress(OSError):  # Linux; getrusage counts the parent's, too, from before a program began
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
