"""`seed status` and `seed reset`, and runs that go on where an earlier one, or another process, has come to."""

from __future__ import annotations

import json

import pytest

from factories.seeding.phases import WORLD_PHASES
from tests.journeys.conftest import AS_OF, one_line

WORLD = ["-e", "minimal", "--seed", "7", "--as-of", AS_OF]
OTHER = ["-e", "minimal", "--seed", "8", "--as-of", AS_OF]


def _run_row(place):
    return next(row for row in place.rows().values() if row["entity_type"]["S"] == "RUN")


def _note(place, **attributes):
    """Let the run's row say something else."""
    with place.app() as app:
        app.session.store.write_batch([_run_row(place) | {name: {"S": text} for name, text in attributes.items()}], [])


def _digest(seed, place):
    return seed("digest", *place.options).stdout.strip()


@pytest.mark.parametrize("phase", WORLD_PHASES)
def test_a_run_goes_on_at_its_phase_and_does_not_send_what_is_done(seed, place, first_world, phase):
    seed.report(*WORLD, *place.options)
    before = place.rows()
    _note(place, phase=phase)

    again = seed.report(*WORLD, *place.options)

    assert place.rows() == before
    assert (again["rows"], again["nothing_to_do"], again["digest"]) == (0, False, first_world["digest"])
    if phase in {"likes", "comments"}:  # before, deliveries are looked at once more
        assert again["calls"] < first_world["calls"]


def test_a_phase_that_is_recorded_is_trusted(seed, place):
    seed.report(*WORLD, *place.options)
    likes = [key for key, row in place.rows().items() if row["entity_type"]["S"] == "LIKE"]
    with place.app() as app:
        app.session.store.write_batch([], likes)
    _note(place, phase="comments")

    again = seed("--json", *WORLD, *place.options)

    assert again.returncode == 1
    assert json.loads(again.stdout)["created"]["likes"] == 0


def test_a_version_that_makes_another_world_does_not_mix_it_in(seed, place):
    seed.report(*WORLD, *place.options)
    _note(place, code_version="0.0.9", worlds="other")
    finished = seed.report(*WORLD, *place.options)
    _note(place, phase="likes")

    refused = seed(*WORLD, *place.options)
    listed = seed("status", *place.options)

    assert finished["nothing_to_do"] is True
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "begun by seedbed 0.0.9 (other)" in refused.stderr
    assert f"begin again: seed reset -e minimal --seed 7 --as-of {AS_OF} --endpoint-url" in refused.stderr
    assert ": not complete, at likes, " in listed.stdout
    assert listed.stdout.endswith(", by seedbed 0.0.9, this version makes another world of it\n")


def test_a_reset_leaves_the_table_as_the_other_world_alone_had_left_it(seed, place, other_place):
    seed.report(*WORLD, *place.options)
    made = seed.report(*OTHER, "-s", "edge-cases", *place.options)
    seed.report(*OTHER, "-s", "edge-cases", *other_place.options)

    gone = seed("reset", *WORLD, *place.options, "-y")

    assert (gone.returncode, gone.stderr) == (0, "")
    assert gone.stdout.startswith(f"minimal, seed 7, as of {AS_OF}: is gone from table {place.table}, ")
    assert place.rows() == other_place.rows()
    assert len(place.rows()) == made["rows"]


def test_a_reset_takes_away_the_world_of_the_language_that_it_names(seed, place):
    seed.report(*WORLD, *place.options)
    before = {key: row for key, row in place.rows().items() if row["entity_type"]["S"] != "RUN"}
    seed.report(*WORLD, "--locale", "de_DE", *place.options)

    gone = seed("reset", *WORLD, "--locale", "de_DE", "-y", *place.options)

    assert f"minimal, seed 7, as of {AS_OF}, de_DE: is gone" in gone.stdout
    assert {key: row for key, row in place.rows().items() if row["entity_type"]["S"] != "RUN"} == before


def test_after_a_reset_the_same_world_can_be_made_again(seed, place, first_world):
    seed.report(*WORLD, *place.options)

    gone = json.loads(seed("reset", "--all", "-y", "--json", *place.options).stdout)
    empty = place.rows()
    again = seed.report(*WORLD, *place.options)

    assert gone["runs"] == [{"name": f"7/minimal/{AS_OF}", "users": first_world["created"]["users"]}]
    assert (gone["rows"], empty) == (first_world["rows"], {})
    assert again["digest"] == first_world["digest"]
    assert seed("reset", *OTHER, "-y", *place.options).stdout.endswith("(seed status lists what is there)\n")


def test_a_run_that_is_being_reset_is_not_seeded(seed, place):
    seed.report(*WORLD, *place.options)
    _note(place, phase="resetting")

    refused = seed(*WORLD, *place.options)

    assert refused.returncode == 2
    assert refused.stderr.startswith(f"seed: the run of minimal, seed 7, as of {AS_OF} is being reset")
    assert seed("reset", *WORLD, "-y", *place.options).returncode == 0
    assert place.rows() == {}


def test_a_preset_whose_file_is_gone_can_be_reset(seed, place):
    file = seed.directory / "four.toml"
    file.write_text("users = 4\nfollows_per_user = 1\n", encoding="utf-8")
    world = ["-e", "four.toml", "--as-of", AS_OF]
    seed.report(*world, *place.options)
    file.unlink()

    gone = seed("reset", *world, "-y", *place.options)

    assert gone.returncode == 0
    assert place.rows() == {}


def test_status_tells_every_run(seed, place):
    none = seed("status", "--endpoint-url", place.endpoint_url, "--table", place.table)
    made = seed.report(*WORLD, "-s", "conversation", *place.options)

    said = seed("status", *place.options).stdout.splitlines()
    told = json.loads(seed("status", "--json", *place.options).stdout)["runs"]

    assert none.stderr.startswith(f"seed: there is no table {place.table!r}")
    assert [line.rpartition(", ")[0] for line in said] == [
        f"conversation, seed 7, as of {AS_OF}: done",
        f"minimal, seed 7, as of {AS_OF}: done",
    ]
    assert sum(run["users"] for run in told) == made["created"]["users"]
    assert [(run["preset"], run["scenario"], run["is_done"]) for run in told] == [
        (None, "conversation", True),
        ("minimal", None, True),
    ]


def test_processes_that_make_the_same_world_at_once_end_in_the_same_table(seed, place, first_world):
    processes = [seed.start(*WORLD, *place.options, "--json", stdout=-1, stderr=-1) for _ in range(4)]
    ended = [process.communicate(timeout=120) for process in processes]

    assert [process.returncode for process in processes] == [0] * 4, ended
    assert _digest(seed, place) == first_world["digest"]
    assert seed("audit", *place.options).returncode == 0


@pytest.mark.parametrize("command", ["status", "reset"])
def test_without_an_endpoint_there_are_no_runs(seed, command):
    assert one_line(seed(command)).startswith(f"{command} needs --endpoint-url")


def test_nothing_is_taken_away_unasked(seed, place):
    seed.report(*WORLD, *place.options)
    before = place.rows()

    assert one_line(seed("reset", *WORLD, *place.options)).endswith(
        f"nobody is there to answer: add --yes {place.table}"
    )
    assert one_line(seed("reset", "-e", "minmal", "-y", *place.options)).startswith("no preset is called 'minmal'")
    assert place.rows() == before


def test_of_a_preset_whose_file_was_edited_nothing_is_taken_away(seed, place):
    file = seed.directory / "four.toml"
    file.write_text("users = 4\nfollows_per_user = 2")
    world = ["-e", "four.toml", "--as-of", AS_OF]
    seed.report(*world, *place.options)
    before = place.rows()
    file.write_text("users = 5\nfollows_per_user = 2")

    result = seed("reset", *world, *place.options, "-y")

    assert "four.toml says something else now than when it was seeded" in one_line(result)
    assert place.rows() == before


def test_a_reset_says_who_stayed_because_no_mark_proves_that_the_run_made_them(seed, place):
    world = ["-e", "minimal", "--seed", "7", "--as-of", AS_OF]
    seed.report(*world, *place.options)
    rows = place.rows()
    key = min(key for key, row in rows.items() if row["entity_type"]["S"] == "USER")
    with place.app() as app:
        unmarked = {name: value for name, value in rows[key].items() if name != "run"}
        app.table.engine.client.put_item(TableName=place.table, Item=unmarked)
    assert seed("audit", *place.options).returncode == 1

    said = seed("reset", *world, "-y", *place.options)

    assert "1 user of its notes without its mark stayed" in said.stdout
    assert key in place.rows()
