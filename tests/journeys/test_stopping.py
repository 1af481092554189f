"""A run that is killed, and runs at the same time: the table ends as that of one run that nobody stopped."""

from __future__ import annotations

import itertools
import json

import pytest

from services import connect
from tests.journeys.conftest import AS_OF
from tests.journeys.front import as_json, embedded, serving

LARGER = """
users = 20
influencer_followers = [20, 30]
posts_per_user = [4, 6]
likes_per_post = [5, 10]
"""
WORLD = ["-e", "larger.toml", "--seed", "7", "--as-of", AS_OF]


@pytest.fixture
def larger_digest(seed):
    """What the larger world's digest is, made by nobody else."""
    (seed.directory / "larger.toml").write_text(LARGER, encoding="utf-8")
    return json.loads(seed("digest", *WORLD, "--json").stdout)["digest"]


def rows_of(app):
    return sum(map(len, app.session.store.scan()))


@pytest.mark.parametrize("workers", ["1", "4"])
def test_a_run_that_is_killed_is_completed_by_the_same_command(seed, place, larger_digest, workers):
    command = [*WORLD, *place.options, "--workers", workers]
    with connect(place.endpoint_url, place.table) as app:
        process = seed.start(*command, stdout=-3, stderr=-3)
        while process.poll() is None and rows_of(app) < 50:
            pass
        process.kill()
        process.wait()
        stopped = rows_of(app)

    went_on = seed.report(*command)

    assert process.returncode == -9
    assert 0 < stopped < went_on["audit"]["rows"]
    assert went_on["audit"]["findings"] == []
    assert went_on["digest"] == larger_digest


def test_runs_of_the_same_world_at_the_same_time_make_it_once(seed, place, larger_digest):
    processes = [
        seed.start(*WORLD, *place.options, "--workers", str(workers), "--json", stdout=-1, stderr=-1)
        for workers in (1, 1, 4)
    ]
    ends = [(process.communicate(timeout=60), process.returncode) for process in processes]

    assert [(err, code) for (_, err), code in ends] == [("", 0)] * 3
    assert larger_digest in {json.loads(out)["digest"] for (out, _), _ in ends}
    assert json.loads(seed("digest", *place.options, "--json").stdout)["digest"] == larger_digest


def conflicting(client):
    """Answer as an embedded engine that meets a conflict at every other transaction."""
    answer = embedded(client)
    turns = itertools.count()

    def answered(operation, parameters):
        if operation != "TransactWriteItems" or next(turns) % 2 == 0:
            return answer(operation, parameters)
        reasons = [{"Code": "TransactionConflict"} for _ in parameters["TransactItems"]]
        told = {"__type": "x#TransactionCanceledException", "message": "a conflict", "CancellationReasons": reasons}
        return as_json(400, told)

    return answered


def test_retries_are_no_news(seed, engine):
    minimal = ["-e", "minimal", "--seed", "7", "--as-of", AS_OF]
    with serving(conflicting(engine.client)) as front:
        result = seed(*minimal, "--endpoint-url", front.url, "--json")

    assert (result.returncode, result.stderr) == (0, "")
    assert front.asked.count("TransactWriteItems") >= 4  # every other one met a conflict
