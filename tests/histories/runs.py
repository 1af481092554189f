"""A run: workers in processes of their own, or threads, behind a proxy of one kind of fault; then the verdict."""

from __future__ import annotations

import multiprocessing
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import attrs
import pytest

from services import connect
from services.app import App
from tests.contract.world import START, World
from tests.faults import no_waiting
from tests.histories import histories
from tests.histories.histories import Event
from tests.histories.proxy import Plan, Proxy
from tests.histories.workers import CALLS_OF_A_PLACE, Place, Worker, connected, of_texts, places, texts

READ_TIMEOUT_SECONDS: Final = 0.5
"""Stands for the 20 of `seedbed.dynamo.engines`: a fortieth, as delays of 0.05 to 0.75 do for 2 to 30 seconds."""
SKEWS: Final = (0, 3_600, -3_600, 86_400)
"""By how many seconds the workers' clocks are wrong, where clocks are."""


@attrs.frozen
class Run:
    """What is run: so many calls of each worker under one kind of fault, by one seed."""

    engine_url: str
    table: str
    kind: str
    seed: int | str
    calls: int
    workers: int

    def skew(self, number: int) -> float:
        """By how much a worker's clock is wrong."""
        return SKEWS[number % len(SKEWS)] if self.kind in {"skewed", "mixed"} else 0


@attrs.frozen
class Verdict:
    """What happened, what of it nothing explains, and how many faults there were."""

    events: list[Event]
    wrong: list[str]
    made: Counter[str]

    @property
    def outcomes(self) -> Counter[str]:
        """How many calls were done, refused, unknown."""
        return Counter(event.outcome for event in self.events)


def in_threads(run: Run) -> Verdict:
    """Run in this process."""
    with _prepared(run) as (app, proxy, found):
        with hurried(), ThreadPoolExecutor(run.workers) as pool:
            parts = [pool.submit(_work, run, number, proxy.url, found) for number in range(run.workers)]
        return _verdict(app, proxy, found, [event for part in parts for event in part.result()])


def in_processes(run: Run) -> Verdict:
    """Run by processes.

    Raises:
        ChildProcessError: one of them broke down.
    """
    context = multiprocessing.get_context("spawn")
    with _prepared(run) as (app, proxy, found), tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.jsonl" for number in range(run.workers)]
        started = [
            context.Process(target=work_apart, args=(run, number, proxy.url, texts(found), path))
            for number, path in enumerate(paths)
        ]
        for process in started:
            process.start()
        for process in started:
            process.join()
        if any(process.exitcode for process in started):
            raise ChildProcessError([process.exitcode for process in started])
        return _verdict(app, proxy, found, [event for path in paths for event in histories.read(path)])


def work_apart(run: Run, number: int, url: str, where: str, path: Path) -> None:
    """Work in a process of one's own, and leave the events in a file."""
    with hurried():
        histories.write(path, _work(run, number, url, of_texts(where)))


def _work(run: Run, number: int, url: str, found: list[Place]) -> list[Event]:
    with connected(url, run.table, skew_seconds=run.skew(number)) as app, no_waiting(app):
        return Worker(app, number, run.seed, found).play(run.calls)


@contextmanager
def hurried() -> Iterator[None]:
    """Give up on answers sooner: in the whole process, so not for one of its threads."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seedbed.dynamo.engines.connections._READ_TIMEOUT_SECONDS", READ_TIMEOUT_SECONDS)
        yield


@contextmanager
def _prepared(run: Run) -> Iterator[tuple[App, Proxy, list[Place]]]:
    with connect(run.engine_url, run.table, seed="histories", clock=lambda: START) as app:
        found = places(app, -(-run.calls // CALLS_OF_A_PLACE))
        with Proxy(run.engine_url, Plan(run.seed, run.kind)) as proxy:
            yield app, proxy, found


def _verdict(app: App, proxy: Proxy, found: list[Place], events: list[Event]) -> Verdict:
    proxy.drain()
    initial = {place.register: place.owners for place in found}
    return Verdict(events, histories.wrong(events, World(app).rows(), initial), proxy.made)
