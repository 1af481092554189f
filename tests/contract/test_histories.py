"""Every outcome as it is: four clients behind a proxy at the socket, which lets calls go wrong; their history holds.

`python -m benchmarks.histories` does the same with processes and 100,000 calls.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import attrs
import pytest

from seedbed.dynamo.engines import open_engine
from tests.histories.histories import DONE, REFUSED, UNKNOWN
from tests.histories.proxy import NAMES
from tests.histories.runs import Run, Verdict, in_threads
from tests.journeys.front import embedded_front

CALLS = 60
WORKERS = 4


@pytest.fixture(scope="module")
def url(endpoint_url) -> Iterator[str]:
    """The endpoint, or the embedded engine behind a socket."""
    if endpoint_url is not None:
        yield endpoint_url
        return
    with embedded_front() as front:
        yield front.url


@pytest.fixture
def run(url) -> Iterator[Run]:
    table = f"histories-{uuid4()}"
    yield Run(url, table, "no faults", 7, CALLS, WORKERS)
    with open_engine(url) as engine:
        engine.client.delete_table(TableName=table)


# Delays take their time, so fewer calls meet them.
@pytest.mark.parametrize("kind", NAMES)
def test_every_outcome_is_told_as_it_is(run, kind):
    verdict = in_threads(attrs.evolve(run, kind=kind, calls=20 if kind == "delayed" else CALLS))
    assert verdict.wrong == []
    assert bool(verdict.made) == (kind != "no faults")
    assert verdict.outcomes[DONE] > verdict.outcomes[UNKNOWN] + verdict.outcomes[REFUSED]


def test_one_seed_makes_the_same_calls(run):
    one, other = (in_threads(attrs.evolve(run, kind="dropped before", table=run.table, calls=20)) for _ in range(2))
    assert [calls_of(one, worker) for worker in range(WORKERS)] == [
        calls_of(other, worker) for worker in range(WORKERS)
    ]


def calls_of(verdict: Verdict, worker: int) -> list[tuple[object, ...]]:
    """What a worker set, whatever came of it. (What a read finds, and who is first, is no part of a seed.)"""
    mine = [event for event in verdict.events if event.worker == worker and event.name == "set"]
    return [(event.number, event.register, event.values) for event in mine if event.register[0] in {"like", "follow"}]
