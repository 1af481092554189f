"""Pacing by partition key: a hot key waits for itself, and nobody else does.

AWS takes 1,000 write units a second for one partition key, whatever the table's own capacity (Amazon DynamoDB
developer guide, "Designing partition keys to distribute your workload"). A partition that is throttled all the same is
slowed down further, and picks up again as its writes go through.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

import attrs

from seedbed import forks

AWS_UNITS_A_SECOND = 1_000.0
SLOWEST_UNITS_A_SECOND = 25.0
BURST_SECONDS = 1.0
"""A partition that was left alone may take so much at once."""
REMEMBERED = 10_000
"""Partitions after which the idle ones are forgotten."""


@attrs.define
class _Lane:
    rate: float
    free_at: float = 0.0


class Pacer:
    """Says how long writes must wait so that no partition gets more than its share. Safe for threads.

    Without a `rate` nothing waits until a partition is throttled.
    """

    def __init__(
        self,
        rate: float | None,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate = rate
        self._now = now
        self._sleep = sleep
        self._lock = forks.new_lock()
        self._lanes: dict[str, _Lane] = {}
        self._parts = 1

    def share(self, writers: int) -> None:
        """Take no more than one part in so many of what a partition takes, from now on: the others write to it too."""
        with self._lock:
            self._parts = writers
            for lane in self._lanes.values():
                lane.rate = min(lane.rate, self._most)

    @property
    def _most(self) -> float:
        return (self._rate or AWS_UNITS_A_SECOND) / self._parts

    @property
    def is_needed(self) -> bool:
        """Tell whether anything may have to wait."""
        return self._rate is not None or bool(self._lanes)

    def wait(self, units: Mapping[str, int]) -> None:
        """Sleep until each of these partitions can take its units."""
        with self._lock:
            seconds = max((self._reserve(partition, wanted) for partition, wanted in units.items()), default=0.0)
        if seconds > 0:
            self._sleep(seconds)

    def _reserve(self, partition: str, units: int) -> float:
        lane = self._lanes.get(partition)
        if lane is None:
            if self._rate is None:
                return 0.0
            self._forget_idle()
            lane = self._lanes[partition] = _Lane(self._most)
        now = self._now()
        begin = max(lane.free_at, now - BURST_SECONDS)
        lane.free_at = begin + units / lane.rate
        lane.rate = min(lane.rate * 1.05, self._most)
        return begin - now

    def _forget_idle(self) -> None:
        if len(self._lanes) >= REMEMBERED:
            idle = self._now() - BURST_SECONDS
            self._lanes = {name: lane for name, lane in self._lanes.items() if lane.free_at > idle}

    def slow_down(self, partitions: Iterable[str]) -> None:
        """Halve the pace of partitions that were throttled."""
        with self._lock:
            for partition in partitions:
                lane = self._lanes.setdefault(partition, _Lane(self._most))
                lane.rate = max(lane.rate / 2, SLOWEST_UNITS_A_SECOND)
                lane.free_at = max(lane.free_at, self._now())
