"""A run that is killed, and runs at the same time: the table ends as that of one run that nobody stopped."""

from __future__ import annotations

import itertools
import json
import shlex
import signal

import pytest

from factories.command.exports import import_table
from factories.command.orders import InterruptedCommandError
from factories.command.target import Target
from seedbed.dynamo.dumps import STARTED
from services import connect, exports
from tests.journeys.conftest import AS_OF, suggested
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


class Stopper:
    """Answers as an engine does, and asks a process to stop when an operation comes for the n-th time."""

    def __init__(self, client, operation, times, number=signal.SIGINT):
        self.answer, self.operation, self.left = embedded(client), operation, times
        self.process, self.number = None, number

    def __call__(self, operation, parameters):
        if self.process is not None and operation == self.operation:
            self.left -= 1
            if not self.left:
                self.process.send_signal(self.number)
        return self.answer(operation, parameters)


def stop(seed, stopper, *arguments):
    stopper.process = seed.start(*arguments, stdout=-1, stderr=-1)
    out, err = stopper.process.communicate(timeout=60)
    assert (stopper.process.returncode, out, "Traceback" in err) == (128 + stopper.number, "", False), err
    stopper.process = None
    return err.splitlines()[-1]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_load_that_is_stopped_says_what_is_there_and_how_it_goes_on(seed, engine, number):
    made = seed.report("dump", "world", "-e", "realistic", "--seed", "7", "--as-of", AS_OF)
    stopper = Stopper(engine.client, "BatchWriteItem", 5, number)
    with serving(stopper) as front:
        said = stop(seed, stopper, "load", "world", "--endpoint-url", front.url)

        assert said.startswith(
            "seed: stopped; table social may hold a part of world, each row whole. Go on with: seed "
        )
        went_on = seed(*suggested(said), "--json")

    assert json.loads(went_on.stdout)["digest"] == made["digest"]


def test_a_repair_that_is_stopped_says_what_is_kept_and_what_shows_the_rest(seed, engine):
    stopper = Stopper(engine.client, "TransactWriteItems", 2)  # the first one asks whether there are any
    with serving(stopper) as front:
        place = ["--endpoint-url", front.url]
        seed.report("-e", "realistic", "--seed", "7", "--as-of", AS_OF, *place)
        with connect(front.url, is_made=False) as app:
            rows = [row for page in app.session.store.scan() for row in page]
            of_each_post = {row["PK"]["S"]: row["SK"]["S"] for row in rows if row["entity_type"] == {"S": "LIKE"}}
            app.session.write_batch((), of_each_post.items())

        agreed = ["--yes", "social", "--at-most", "9999", "--removed", "kept.jsonl"]
        said = stop(seed, stopper, "audit", "--repair", *agreed, "--workers", "1", *place)

        assert "seed: stopped; what was mended by then stays, each row whole" in said
        again = seed(*shlex.split(said.rpartition("is shown by: seed ")[2]))
        assert (again.returncode, "plan: " in again.stdout) == (1, True)
        assert seed("audit", "--repair", *agreed[:-1], "more.jsonl", *place).returncode == 0


def test_an_import_that_is_stopped_says_where_to_look(monkeypatch):
    def stop_at_once(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(exports, "import_table", stop_at_once)

    with pytest.raises(InterruptedCommandError, match=r"goes on without this command.*: seed audit --endpoint-url aws"):
        import_table(Target("aws", "new"), "s3://bucket/world", None)


def test_what_a_stopped_export_left_is_named_as_that_by_a_load(seed, engine):
    (seed.directory / "world").mkdir()
    (seed.directory / "world" / STARTED).write_text('{"seedbed": 1}')
    with serving(embedded(engine.client)) as front:
        said = seed("load", "world", "--endpoint-url", front.url)

    assert said.returncode == 2
    assert "an export was begun there and did not come to its end, so begin it again" in said.stderr
