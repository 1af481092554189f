"""A world made by many processes: shards that know each other by the table, and Dask's workers."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from datetime import UTC, datetime

import attrs
import psutil
import pytest

from benchmarks.meetings import meeting_engine, met
from factories.cluster.errors import EarlySliceError, OtherProgramError, SliceError
from factories.cluster.notes import NOTE, note_of, read_note, total
from factories.cluster.shards import LATE_SECONDS, PATIENCE_SECONDS, Shards
from factories.cluster.spreading import Spreading, Tally
from factories.cluster.worker import Job, make
from factories.command.crew import Crew
from factories.command.orders import order_of
from factories.command.target import Target
from factories.seeding.phases import OtherShardsError, begin_run, stages_of
from factories.seeding.slices import Slice
from factories.texts.locales import using
from seedbed.dynamo.usage import Usage
from services import connect
from services.errors import RunNotFoundError, TableNotFoundError
from services.runs import RunService
from tests.journeys.conftest import AS_OF, one_line
from tests.journeys.test_stopping import rows_of

WORLD = ["-e", "minimal", "--seed", "7", "--as-of", AS_OF]
LARGER = """
users = 40
influencers = 4
influencer_followers = [60, 90]
posts_per_user = [4, 6]
likes_per_post = [5, 30]
"""
LARGE = ["-e", "larger.toml", "--seed", "7", "--as-of", AS_OF]


@pytest.fixture
def larger_digest(seed):
    """What the larger world's digest is, made by one process."""
    (seed.directory / "larger.toml").write_text(LARGER, encoding="utf-8")
    return json.loads(seed("digest", *LARGE, "--json").stdout)["digest"]


def ended(processes):
    ends = [process.communicate(timeout=300) for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes), ends
    return [json.loads(out) for out, _ in ends]


def sharded(seed, place, count, world=WORLD):
    return [
        seed.start(*world, *place.options, "--shard", f"{number}/{count}", "--json", stdout=-1, stderr=-1)
        for number in range(count)
    ]


def kinds(place):
    return Counter(row["entity_type"]["S"] for row in place.rows().values())


def test_shards_make_the_world_of_one_process_and_the_first_one_reports_all_of_it(seed, place, first_world):
    report, *others = ended(sharded(seed, place, 3))

    assert (report["digest"], report["created"]) == (first_world["digest"], first_world["created"])
    assert (report["audit"]["findings"], report["crew"]["workers"]) == ([], 3)
    assert [told["shard"] for told in others] == ["1/3", "2/3"]
    assert kinds(place)["RUN_SLICE"] == 0


def test_a_shard_that_is_killed_is_completed_by_another_number_of_shards(seed, place, larger_digest):
    with connect(place.endpoint_url, place.table) as app:
        processes = sharded(seed, place, 2, LARGE)
        while rows_of(app) < 300:
            assert processes[0].poll() is None
        for process in processes:
            process.kill()
            process.communicate()
        stopped = kinds(place)

    report, *_ = ended(sharded(seed, place, 3, LARGE))

    assert stopped["RUN_SLICE"] > 0
    assert (report["digest"], report["audit"]["findings"]) == (larger_digest, [])


def test_one_process_goes_on_where_shards_were_killed(seed, place, larger_digest):
    with connect(place.endpoint_url, place.table) as app:
        (process,) = sharded(seed, place, 1, LARGE)
        while rows_of(app) < 300:
            assert process.poll() is None
        process.kill()
        process.communicate()

    assert seed.report(*LARGE, *place.options)["digest"] == larger_digest


def test_transactions_of_shards_hardly_ever_meet(seed, larger_digest):
    with meeting_engine() as url:
        place = ["--endpoint-url", url]
        processes = [
            seed.start(*LARGE, *place, "--shard", f"{number}/3", "--json", stdout=-1, stderr=-1) for number in range(3)
        ]
        report, *_ = ended(processes)
        told = met(url)

    assert report["digest"] == larger_digest
    assert told["transactions"] > 100
    assert told["conflicts"] < 0.05 * told["transactions"]  # in so few; benchmarks.cluster counts them in many


# Dask


def workers_of(process):
    family = psutil.Process(process.pid).children(recursive=True)
    return [child for child in family if not child.children() and "spawn_main" in " ".join(child.cmdline())]


def test_workers_of_dask_make_the_world_of_one_process_also_when_one_is_killed(seed, place, larger_digest):
    with connect(place.endpoint_url, place.table) as app:
        process = seed.start(*LARGE, *place.options, "--cluster", "local:2", "--json", stdout=-1, stderr=-1)
        while rows_of(app) < 300:
            assert process.poll() is None
        workers_of(process)[0].send_signal(signal.SIGKILL)
        (report,) = ended([process])

    assert (report["digest"], report["audit"]["findings"]) == (larger_digest, [])
    assert report["crew"]["workers"] == 2
    assert kinds(place)["RUN_SLICE"] == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_cluster_that_is_stopped_says_how_to_go_on_and_nothing_else(seed, place, larger_digest, number):
    with connect(place.endpoint_url, place.table) as app:
        command = [*LARGE, *place.options, "--cluster", "local:2"]
        process = seed.start(*command, stdout=-1, stderr=-1, start_new_session=True)
        while rows_of(app) < 300:
            assert process.poll() is None
        family = psutil.Process(process.pid).children(recursive=True)
        os.killpg(process.pid, number)
        _, said = process.communicate(timeout=120)

    assert (process.returncode, psutil.wait_procs(family, timeout=60)[1]) == (128 + number, [])
    assert "Traceback" not in said
    assert said.splitlines()[-1].startswith("seed: stopped; every count is exact")
    assert f"--cluster local:2 --endpoint-url {place.endpoint_url}" in said
    assert seed.report(*LARGE, *place.options)["digest"] == larger_digest


def test_a_cluster_whose_client_is_killed_is_gone_on_with(seed, place, larger_digest):
    with connect(place.endpoint_url, place.table) as app:
        process = seed.start(*LARGE, *place.options, "--cluster", "local:2", stdout=-3, stderr=-3)
        while rows_of(app) < 300:
            assert process.poll() is None
        family = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.wait()
        psutil.wait_procs(family, timeout=60)

    again = seed.start(*LARGE, *place.options, "--cluster", "local:1", "--json", stdout=-1, stderr=-1)

    assert ended([again])[0]["digest"] == larger_digest


# In this process


@pytest.mark.parametrize(
    "other",
    [
        ["-e", "realistic", "--seed", "7", "--as-of", AS_OF],
        ["-e", "minimal", "--seed", "8", "--as-of", AS_OF],
        ["-e", "minimal", "--seed", "7", "--as-of", "2026-03-01"],
        ["-e", "minimal", "--seed", "7", "--as-of", AS_OF, "--locale", "de_DE"],
    ],
    ids=["preset", "seed", "date", "locale"],
)
def test_a_shard_that_would_make_another_world_than_the_others_makes_none(seed, place, opened, other):
    job = job_at(place, shard=(0, 2))
    run = begin_run(opened, job.order, job.part)
    before = rows_of(opened)

    refused = seed(*other, *place.options, "--shard", "1/2")

    assert rows_of(opened) == before
    assert f"while 2 shards are making {run.title} in the same table" in one_line(refused)
    assert begin_run(opened, job_at(place, shard=(1, 2)).order, job.part) == run


def test_of_shards_that_begin_other_worlds_at_the_same_moment_one_goes(place, opened, monkeypatch):
    ours, other = (order_of(target_of(place, env=env), crew=Crew(shard=(0, 2))) for env in ("minimal", "realistic"))
    begin, first = RunService.begin, []

    def begin_between(service, run, phases=()):
        if not first:  # ours has looked, and not written yet
            first.append(run)
            begin_run(opened, other, other.parts[0])
        return begin(service, run, phases)

    monkeypatch.setattr(RunService, "begin", begin_between)

    with pytest.raises(OtherShardsError, match="2 shards are making realistic"):
        begin_run(opened, ours, ours.parts[0])
    assert [run.preset for run in opened.runs.all()] == ["realistic"]


@pytest.mark.parametrize("piece", ["users:0-2", "users:0-99", "users:1-3", "likes:0-0", "follows:0-999"])
def test_a_slice_that_no_cut_has_is_refused_with_those_that_there_are(seed, place, opened, piece):
    job = job_at(place)
    begin_run(opened, job.order, job.part)
    before = rows_of(opened)

    said = one_line(seed(*WORLD, *place.options, "--slice", piece))

    assert f"there is no slice '{piece}': " in said
    assert "slices, and of these ordinals are " in said or " end at " in said
    assert rows_of(opened) == before


def test_another_preset_of_the_same_name_is_another_world(seed, place, opened):
    for users in (3, 4):
        (seed.directory / "mine.toml").write_text(f"users = {users}\ninfluencers = 0\n", encoding="utf-8")
        order = order_of(target_of(place, env=str(seed.directory / "mine.toml")), crew=Crew(shard=(0, 2)))
        if users == 3:
            begin_run(opened, order, order.parts[0])
            continue
        with pytest.raises(OtherShardsError, match=r"making another .*mine\.toml, seed 7"):
            begin_run(opened, order, order.parts[0])
        beside = attrs.evolve(order, is_beside_others=True)
        assert begin_run(opened, beside, order.parts[0]).shards == 2


def target_of(place, env="minimal"):
    return Target(place.endpoint_url, place.table, seed=7, as_of=AS_OF, env=env)


def job_at(place, **crew):
    order = order_of(target_of(place), crew=Crew(**crew))
    return Job(order, order.parts[0])


@pytest.fixture
def opened(place):
    with connect(place.endpoint_url, place.table, clock=lambda: datetime(2026, 11, 1, tzinfo=UTC), seed=7) as app:
        yield app


def test_a_shard_whose_others_never_come_makes_the_world_alone(place, opened, first_world):
    job, slept, said = job_at(place), [], []
    run = begin_run(opened, job.order, job.part)
    stages = stages_of(opened, job.part, run)
    shards = Shards(opened, 1, 3, now=lambda: sum(slept), sleep=slept.append, say=said.append)

    with using(opened, seed=job.part.name):
        Spreading(opened, job, stages, lambda *_: None).run(shards, Tally())

    assert str(opened.digest()) == first_world["digest"]
    assert PATIENCE_SECONDS <= sum(slept) < PATIENCE_SECONDS + 10 * LATE_SECONDS
    assert opened.runs.find(job.part.name).is_done
    waited = [text for text in said if text.startswith("waiting for slice users:0-")]
    assert [int(text.split()[-2]) for text in waited] == sorted({int(text.split()[-2]) for text in waited})[::-1]
    assert (len(waited), " of other shards; without them it is made here in " in waited[0]) == (4, True), said
    assert "slice users:" in said[4], said
    assert said[4].endswith(" of another shard does not come: made here"), said


def test_a_slice_whose_phase_has_not_come_is_refused(place, opened):
    job = job_at(place)
    with pytest.raises(RunNotFoundError):
        make(job, Slice("users", 0, 3))
    begin_run(opened, job.order, job.part)

    with pytest.raises(EarlySliceError, match="the slice posts:0-3 cannot be made yet: the run is at users"):
        make(job, Slice("posts", 0, 3))
    told = r"users:0-99 could not be made on shard 0/1.*--slice users:0-99 --endpoint-url"
    with pytest.raises(SliceError, match=told):
        list(Shards(opened, 0, 1).make(job, [Slice("users", 0, 99)], ()))


def test_a_job_of_another_program_is_refused(place):
    job = job_at(place)
    job = Job(job.order, job.part, program="9.9 (others)")

    with pytest.raises(OtherProgramError, match=r"a worker runs seedbed .*, and this is 9\.9 \(others\)"):
        make(job, Slice("users", 0, 3))


def test_what_slices_took_is_added_up_and_what_a_note_does_not_say_is_nothing():
    usage = Usage(Counter(Query=2), Counter(USER=3), 4, 1, 5)

    assert read_note(note_of(usage)) == usage
    assert total([usage, NOTE]).rows_put == 5
    assert (read_note("{}"), read_note("no note")) == (Usage(), Usage())


def test_a_slice_is_made_again_by_its_own_command(seed, place, opened):
    job = job_at(place)
    begin_run(opened, job.order, job.part)

    first = seed(*WORLD, *place.options, "--slice", "users:0-3")
    again = json.loads(seed(*WORLD, *place.options, "--slice", "users:0-3", "--json").stdout)

    assert first.stdout.startswith(f"slice users:0-3: is in table {place.table}, ")
    assert kinds(place)["USER"] == 4
    assert (again["slice"], again["left_out"]) == ("users:0-3", 0)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--cluster", "local:0"], "--cluster must be local:N, with N from 1 to 1,024"),
        (["--cluster", "10.0.0.5:8786"], "such as tcp://10.0.0.5:8786, not '10.0.0.5:8786'"),
        (
            ["--shard", "3/3"],
            "the number of this process and of all, such as 0/4 to 3/4, not '3/3'",
        ),
        (["--shard", "x"], "not 'x'"),
        (["--shard", "0/2", "--cluster", "local:2"], "--cluster cannot be used with --shard"),
        (["--shard", "0/2", "--dry-run"], "--dry-run cannot be used with --shard"),
        (["--slice", "likes:1-2", "-s", "conversation"], "--slice cannot be used with --scenario"),
        (["--slice", "likes:1"], "there is no slice 'likes:1': write PHASE:FIRST-LAST"),
    ],
)
def test_who_makes_the_world_is_checked_before_anything_is_made(seed, place, options, said):
    assert said in one_line(seed(*WORLD, *place.options, *options))


def test_without_an_endpoint_there_is_nothing_to_share(seed):
    assert "--shard needs --endpoint-url: the embedded engine lives in one process" in one_line(
        seed(*WORLD, "--shard", "0/2")
    )


def test_a_scheduler_that_is_not_there_is_told(seed, place):
    result = seed(*WORLD, *place.options, "--cluster", "tcp://127.0.0.1:1")

    assert result.returncode == 3
    assert "no workers at tcp://127.0.0.1:1" in result.stderr


@pytest.mark.parametrize("piece", ["posts:0-3", "users:0-99999", "comments:0-0"])
def test_a_slice_of_no_run_is_refused_and_leaves_nothing_behind(seed, place, piece):
    said = f"slice {piece} is a part of a run, and the table {place.table} has no such run: begin it with "

    assert said in one_line(seed(*WORLD, *place.options, "--slice", piece))
    with pytest.raises(TableNotFoundError):
        place.rows()

    seed.report("-e", "minimal", "--seed", "8", "--as-of", AS_OF, *place.options)
    before = place.rows()
    refusal = one_line(seed(*WORLD, *place.options, "--slice", piece))
    assert said in refusal
    assert refusal.rstrip().endswith(" ".join(["-e minimal --seed 7 --as-of", AS_OF, *place.options]))
    assert place.rows() == before
