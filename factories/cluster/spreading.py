"""A run that many processes make: phase by phase, round by round, slice by slice, with what is noted left out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Protocol

import attrs

from factories.cluster.notes import total
from factories.cluster.worker import Job, Made, peak_bytes
from factories.seeding.making import Progress
from factories.seeding.phases import WORLD_PHASES, Stages
from factories.seeding.seeder import World
from factories.seeding.slices import Slice, SlicedWorld
from seedbed.dynamo.usage import Usage
from services.errors import ServiceError

_SHOWN = {"likes": "likes of posts", "comments": "comments on posts"}


class Makers(Protocol):
    """Who makes slices."""

    @property
    def writers(self) -> int:
        """How many processes write at once."""

    def make(self, job: Job, slices: Sequence[Slice], noted: Collection[str]) -> Iterator[Made]:
        """Make slices that share no row, side by side, but for those that are noted; yield each when it is there.

        Raises:
            SliceError: One could not be made.
            ClusterError: The workers are gone.
        """

    def is_to_record(self, job: Job, phase: str) -> bool:
        """Tell whether this process is to record that all of a phase is there: of several, one does."""


@attrs.define
class Tally:
    """What a run took so far, over all who made it."""

    writers: int = 0
    slices: int = 0
    peak_bytes: int = 0
    usages: list[Usage] = attrs.Factory(list)
    left_out: list[ServiceError] = attrs.Factory(list)

    def add(self, made: Made) -> None:
        """Count a slice."""
        self.slices += 1
        self.peak_bytes = max(self.peak_bytes, made.peak_bytes)
        self.usages = [total([*self.usages, made.usage])]
        self.left_out += made.left_out

    @property
    def usage(self) -> Usage:
        """What was sent."""
        return total(self.usages)

    def line(self) -> str:
        """Tell it in a line."""
        workers = f"{self.writers:,} {'worker' if self.writers == 1 else 'workers'}"
        return f"{self.slices:,} slices by {workers}, at most {self.peak_bytes / 1e6:,.0f} MB each"

    def as_json(self) -> dict[str, int]:
        """Tell it to a program."""
        return {"workers": self.writers, "slices": self.slices, "peak_bytes": self.peak_bytes}


class Spreading:
    """The making of one world in the app that is bound, by others."""

    def __init__(self, app: Any, job: Job, stages: Stages, progress: Progress) -> None:
        self._app = app
        self._job = job
        self._stages = stages
        self._progress = progress

    def run(self, makers: Makers, tally: Tally) -> World:
        """Have all made that is not in the table yet; what it takes is counted by `tally`.

        Raises:
            SliceError: A slice could not be made; the others that were begun are.
            ClusterError: The workers are gone.
            ServiceError: The table cannot be used.
        """
        world = SlicedWorld(self._app, self._job.preset)
        tally.writers = makers.writers
        for phase in WORLD_PHASES:
            if not self._stages.is_done(phase):
                self._make(world, phase, makers, tally)
                if makers.is_to_record(self._job, phase):
                    self._stages.reach(phase)
        self._stages.left_out += tally.left_out
        tally.peak_bytes = max(tally.peak_bytes, peak_bytes())
        return world.world()

    def _make(self, world: SlicedWorld, phase: str, makers: Makers, tally: Tally) -> None:
        noted = self._app.runs.slices(self._job.part.name, phase)
        rounds = world.rounds(phase)
        every = world.total(phase)
        done = sum(len(piece) for turn in rounds for piece in turn if str(piece) in noted)
        for turn in rounds:
            for made in makers.make(attrs.evolve(self._job, writers=makers.writers), turn, noted):
                tally.add(made)
                done += len(made.piece)
                self._progress(_SHOWN.get(phase, phase), done, every)
