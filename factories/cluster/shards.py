"""Shards of a job array: processes that know nothing of each other but the run's rows, by which they wait.

Shard I of N makes every N-th slice, and waits for the others' at the end of each round. Who waits in vain for so long
that the others must be gone makes what is missing: a slice that two make is the same one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from factories.cluster.errors import SliceError
from factories.cluster.worker import Job, Made, make
from factories.seeding.slices import Slice
from seedbed.strategy.errors import FactoryError
from services.errors import ServiceError

PATIENCE_SECONDS = 60.0
"""So long nothing of the others' comes, and they are taken for gone: a slice is a second's work or a few."""
LATE_SECONDS = 5.0
"""So long others wait for the first shard to record a phase: all at once would meet on the run's row."""
QUIET_SECONDS = 5.0
"""So long a shard waits before it says for what; the next time after twice as long."""
LOOKS_SECONDS = 0.05, 1.0
"""How soon the notes are looked at again, at first and later."""


class Shards:
    """The makers of slices as one shard sees them: itself, and others whom it knows by their notes."""

    def __init__(
        self,
        app: Any,
        number: int,
        count: int,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        say: Callable[[str], None] = lambda _text: None,
    ) -> None:
        self._app = app
        self._number = number
        self.writers = count
        self._now, self._sleep, self._say = now, sleep, say
        self._moved_at = now()

    def make(self, job: Job, slices: Sequence[Slice], noted: Collection[str]) -> Iterator[Made]:
        """Make this shard's slices, then wait for the others'."""
        own = slices[self._number :: self.writers]  # of all: other shards may have seen other notes
        pending = {str(piece): piece for piece in slices if str(piece) not in noted}
        for piece in own:
            if pending.pop(str(piece), None) is not None:
                yield self._make(job, piece)
        yield from self._await(job, pending)

    def _await(self, job: Job, waiting: dict[str, Slice]) -> Iterator[Made]:
        pause, longest = LOOKS_SECONDS
        quiet = QUIET_SECONDS
        while waiting:
            noted = self._notes(job, next(iter(waiting.values())).phase)
            come = [piece for text, piece in waiting.items() if noted is None or text in noted]
            for piece in come:
                del waiting[str(piece)]
                yield Made(piece)
            if come:
                self._moved_at, pause, quiet = self._now(), LOOKS_SECONDS[0], QUIET_SECONDS
            elif (waited := self._now() - self._moved_at) >= PATIENCE_SECONDS:
                piece = self._take_over(waiting)
                self._say(f"slice {piece} of another shard does not come: made here")
                yield self._make(job, piece)
            else:
                if waited >= quiet:
                    self._say(_wait_of(waiting, PATIENCE_SECONDS - waited))
                    quiet *= 2
                self._sleep(pause)
                pause = min(2 * pause, longest)

    def is_to_record(self, job: Job, phase: str) -> bool:
        """Tell whether this shard records a phase: the first one does, and where that is late, another one."""
        began, (pause, _) = self._now(), LOOKS_SECONDS
        while self._number and self._now() - began < LATE_SECONDS + pause * self._number:
            if self._notes(job, phase) is None:
                return False
            self._sleep(pause)
        return True

    def _take_over(self, waiting: dict[str, Slice]) -> Slice:
        """Take one of those that are missing: shards that do so at once begin with different ones."""
        texts = list(waiting)
        return waiting.pop(texts[self._number * len(texts) // self.writers])

    def _notes(self, job: Job, phase: str) -> dict[str, str] | None:
        """Return which slices are noted; None where the run has come further, and they may be forgotten."""
        noted: dict[str, str] = self._app.runs.slices(job.part.name, phase)
        run = self._app.runs.find(job.part.name)
        return noted if run is not None and run.phase == phase else None

    def _make(self, job: Job, piece: Slice) -> Made:
        try:
            return make(job, piece)
        except (ServiceError, FactoryError) as error:
            here = f"shard {self._number}/{self.writers}"
            raise SliceError(str(piece), here, error, job.order.slice_command(str(piece))) from error


def _wait_of(waiting: Mapping[str, Slice], seconds: float) -> str:
    first, more = next(iter(waiting)), len(waiting) - 1
    rest = f" and {more:,} more" if more else ""
    return f"waiting for slice {first}{rest} of other shards; without them it is made here in {seconds:.0f} s"
