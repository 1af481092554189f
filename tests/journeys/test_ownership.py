"""The command in a table that is not ours alone, or of a newer schema: refused, or beside others' rows."""

from __future__ import annotations

import json

import pytest

from seedbed.dynamo.mark import mark_row
from seedbed.dynamo.rows import SCHEMA_MARK
from services.rows.schema import SCHEMA
from tests.journeys.conftest import AS_OF, one_line, suggested

WORLD = ["-e", "minimal", "--seed", "7", "--as-of", AS_OF]
THEIRS = [
    {"PK": {"S": "USER#1"}, "SK": {"S": "FOLLOW#2"}},
    {"PK": {"S": "POST#9"}, "SK": {"S": "LIKE#1"}, "colour": {"S": "red"}},
]
COMMANDS = {
    "seed": [*WORLD],
    "dry run": [*WORLD, "--dry-run"],
    "reset": ["reset", "--all", "-y"],
    "reset of one": ["reset", *WORLD, "-y"],
    "shell": ["shell", *WORLD, "-c", "1"],
    "repair": ["audit", "--repair", "--yes", "TABLE"],
    "adopt": ["audit", "--mark"],
}
each_command = pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)


def fill(place, *rows):
    from services import connect

    with connect(place.endpoint_url, place.table) as app:
        for row in rows:
            app.table.engine.client.put_item(TableName=place.table, Item=row)


def put(place, *rows):
    with place.app() as app:
        for row in rows:
            app.table.engine.client.put_item(TableName=place.table, Item=row)


def typed(command, place):
    return [place.table if word == "TABLE" else word for word in command]


@each_command
def test_a_table_of_another_app_is_refused_and_left_as_it_was(seed, place, command):
    fill(place, *THEIRS)
    before = place.rows()

    said = one_line(seed(*typed(command, place), *place.options))

    assert "holds rows that are not ours" in said
    assert "--beside-others" in said
    assert place.rows() == before


@each_command
def test_a_table_of_a_newer_schema_is_refused_with_its_version(seed, place, command):
    seed.report(*WORLD, *place.options)
    put(place, {**mark_row(SCHEMA), "version": {"N": "3"}})
    before = place.rows()

    said = one_line(seed(*typed(command, place), *place.options))

    assert "is of schema version 3, and this program knows 1" in said
    assert place.rows() == before
    assert seed("status", *place.options).returncode == 0


def test_rows_of_others_in_a_table_of_ours_are_refused_too_and_named_by_the_audit(seed, place):
    seed.report(*WORLD, *place.options)
    put(place, *THEIRS)
    before = place.rows()

    refused = one_line(seed("-e", "minimal", "--as-of", AS_OF, *place.options))
    report = seed.report("audit", *place.options)

    assert "not ours" in refused
    assert [one["key"] for one in report["findings"]] == [["POST#9", "LIKE#1"], ["USER#1", "FOLLOW#2"]]
    assert {one["kind"] for one in report["findings"]} == {"foreign"}
    assert place.rows() == before


def test_beside_others_a_world_is_made_and_taken_away_and_theirs_is_left(seed, place, other_place):
    fill(place, *THEIRS)
    before = place.rows()
    beside = [*place.options, "--beside-others"]

    made = seed(*WORLD, *beside)
    seed.report(*WORLD, *other_place.options)
    rows = place.rows()
    repaired = seed("audit", "--repair", "--yes", place.table, *beside)
    gone = seed("reset", "--all", "-y", *beside)

    assert (made.returncode, repaired.returncode, gone.returncode) == (0, 0, 0)
    assert suggested(made.stdout.splitlines()[-1])[-1] == "--beside-others"
    assert rows == before | other_place.rows()
    assert place.rows() == before


def test_a_table_of_ours_from_before_marks_is_adopted_and_seeded_again(seed, place, other_place):
    seed.report(*WORLD, *place.options)
    with place.app() as app:
        key = dict(zip(("PK", "SK"), ({"S": part} for part in SCHEMA_MARK), strict=True))
        app.table.engine.client.delete_item(TableName=place.table, Key=key)
    rows = len(place.rows())
    refused = one_line(seed("-e", "minimal", "--as-of", AS_OF, *place.options))

    adopted = seed.report("audit", "--mark", *place.options)

    assert "no mark" in refused
    assert "seed audit --mark" in refused
    assert adopted == {"adopted": rows}
    assert seed("-e", "minimal", "--as-of", AS_OF, *place.options).returncode == 0
    assert json.loads(seed("audit", "--json", *place.options).stdout)["findings"] == []
