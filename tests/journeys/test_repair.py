"""`seed audit --repair`: a plan is shown, somebody agrees, and what is taken away can be put back."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import signal
import subprocess

import pytest

from tests.journeys.conftest import AS_OF, ROOT, one_line

WORLD = ["-e", "minimal", "--seed", "7", "--as-of", AS_OF]


@pytest.fixture
def seeded(seed, place):
    seed.report(*WORLD, *place.options)
    return place


def damage(place, *, gone=(), changed=(), added=()):
    with place.app() as app:
        client = app.table.engine.client
        for key in gone:
            client.delete_item(TableName=place.table, Key={"PK": {"S": key[0]}, "SK": {"S": key[1]}})
        for row in (*changed, *added):
            client.put_item(TableName=place.table, Item=row)


def first(rows, entity_type):
    return min(key for key, row in rows.items() if row["entity_type"]["S"] == entity_type)


def stray_likes(rows, count):
    like = rows[first(rows, "LIKE")]
    ghosts = [f"0195500c-0000-7000-8000-{number:012}" for number in range(count)]
    return [
        {**like, "SK": {"S": f"LIKE#{ghost}"}, "user_id": {"S": ghost}, "GSI1PK": {"S": f"USER#{ghost}"}}
        for ghost in ghosts
    ]


def test_a_dry_run_shows_the_plan_to_the_end_and_writes_nothing(seed, seeded):
    before = seeded.rows()
    damage(seeded, added=stray_likes(before, 2), gone=[first(before, "CLAIM")])
    damaged = seeded.rows()

    shown = seed("audit", "--repair", "--dry-run", *seeded.options)
    planned = json.loads(seed("audit", "--repair", "--dry-run", "--json", *seeded.options).stdout)

    assert shown.returncode == 1
    assert "plan: 3 to be mended by writing 3 rows, 2 of them kept" in shown.stdout
    assert shown.stdout.splitlines()[-1] == "dry run: nothing was written"
    assert sorted(one["did"] for one in planned["planned"]) == ["deleted", "deleted", "put"]
    assert planned["rows_planned"] == 3
    assert seeded.rows() == damaged


def test_without_a_yes_that_names_the_table_nothing_is_written(seed, seeded):
    damage(seeded, added=stray_likes(seeded.rows(), 1))
    damaged = seeded.rows()

    nobody = one_line(seed("audit", "--repair", *seeded.options))
    another = one_line(seed("audit", "--repair", "--yes", "production", *seeded.options))

    assert nobody.startswith("a repair asks before it writes 1 rows, and nobody is there to answer")
    assert f"--yes {seeded.table}" in nobody
    assert another.startswith("--yes names the table 'production'")
    assert seeded.rows() == damaged


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 130)])
def test_on_a_terminal_the_plan_is_shown_and_somebody_is_asked(seed, seeded, answer, code):
    before = seeded.rows()
    damage(seeded, added=stray_likes(before, 1))
    ours, theirs = pty.openpty()

    streams = {"stdin": theirs, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    command = seed.line("audit", "--repair", *seeded.options)
    process = subprocess.Popen(command, cwd=seed.directory, env=seed.environment(), **streams)
    os.write(ours, f"{answer}\n".encode())
    out, err = process.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)

    assert process.returncode == code, (out, err)
    assert "plan: 1 to be mended" in out
    assert "Write these 1 rows in the table" in err
    assert (seeded.rows() == before) is (answer == "y")


def test_on_a_terminal_nothing_moves_over_the_question_and_ctrl_c_ends_it(seed, seeded):
    damage(seeded, added=stray_likes(seeded.rows(), 1))
    damaged = seeded.rows()
    ours, theirs = pty.openpty()
    streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs, "start_new_session": True}
    command = seed.line("audit", "--repair", *seeded.options)
    process = subprocess.Popen(command, cwd=seed.directory, env=seed.environment(TERM="xterm"), **streams)
    os.close(theirs)
    said = b""
    while b"Write these" not in said:
        said += os.read(ours, 4_096)

    process.send_signal(signal.SIGINT)

    assert process.wait(timeout=60) == 130
    os.close(ours)
    shown = said[said.index(b"plan:") :]
    assert b"\x1b[?25l" not in shown  # the cursor that a bar hides
    assert b"rows" in shown
    assert said.count(b"\x1b[?25l") == said.count(b"\x1b[?25h") > 0
    assert seeded.rows() == damaged


def test_a_repair_of_more_rows_than_allowed_is_refused_before_it_begins(seed, seeded):
    before = seeded.rows()
    damage(seeded, added=stray_likes(before, 120))
    damaged = seeded.rows()
    wish = ["audit", "--repair", "--yes", seeded.table, *seeded.options]

    refused = one_line(seed(*wish))
    assert "would write 120 rows, and 100 at most are allowed" in refused
    assert seeded.rows() == damaged

    assert seed(*wish, *re.search(r"--at-most \d+", refused)[0].split()).returncode == 0
    assert seeded.rows() == before


SCRIPT = re.search(r"```py\n(.*?)```", (ROOT / "docs" / "audit.md").read_text(encoding="utf-8"), re.DOTALL)[1]


def test_what_a_repair_removed_is_put_back_by_the_script_of_the_docs_as_it_is_written(seed, seeded):
    rows = seeded.rows()
    user = rows[first(rows, "USER")]
    damage(seeded, added=stray_likes(rows, 2), changed=[{**user, "id": {"S": "nobody"}}])
    damaged = seeded.rows()

    done = seed("audit", "--repair", "--yes", seeded.table, "--removed", "kept.jsonl", *seeded.options)
    assert (done.returncode, seeded.rows()) == (0, rows)
    assert "what was deleted or changed is kept in kept.jsonl" in done.stdout
    assert len(SCRIPT.strip().splitlines()) <= 5
    script = SCRIPT.replace("ENDPOINT", seeded.endpoint_url).replace("TABLE", seeded.table)
    keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "eu-central-1"}
    subprocess.run(
        [*seed.line()[:1], "-c", script],
        cwd=seed.directory,
        env=seed.environment(**keys),
        check=True,
        timeout=60,
    )

    assert seeded.rows() == damaged


def test_the_file_is_new_and_where_it_cannot_be_nothing_is_removed(seed, seeded):
    damage(seeded, added=stray_likes(seeded.rows(), 1))
    damaged = seeded.rows()
    (seed.directory / "kept.jsonl").write_text("mine", encoding="utf-8")

    refused = one_line(seed("audit", "--repair", "--yes", seeded.table, "--removed", "kept.jsonl", *seeded.options))

    assert "kept.jsonl" in refused
    assert seeded.rows() == damaged
    assert (seed.directory / "kept.jsonl").read_text(encoding="utf-8") == "mine"


def test_a_lost_user_is_left_and_both_sides_are_shown(seed, seeded):
    rows = seeded.rows()
    key = first(rows, "USER")
    damage(seeded, gone=[key])
    damaged = seeded.rows()

    said = seed("audit", "--repair", "--yes", seeded.table, *seeded.options)
    assert said.returncode == 1
    assert seeded.rows() == damaged
    assert "there is no such row, though 3 claims" in said.stdout
    command = shlex.split(said.stdout.splitlines()[-1].rpartition(": seed ")[2])
    shown = [json.loads(line) for line in seed(*command).stdout.splitlines()]

    user_id = rows[key]["id"]["S"]
    claims = [row for row in rows.values() if row["entity_type"]["S"] == "CLAIM" and row["user_id"]["S"] == user_id]
    assert all(claim in shown for claim in claims)
    assert all(row in damaged.values() for row in shown)


@pytest.mark.parametrize("option", [["--dry-run"], ["--yes", "t"], ["--at-most", "3"], ["--removed", "f"]])
def test_options_of_a_repair_are_refused_without_one(seed, option):
    said = one_line(seed("audit", *option, "--endpoint-url", "http://127.0.0.1:1"))
    assert said == f"{option[0]} is for --repair"


def test_a_row_and_its_witnesses_are_one_object_of_json_whether_it_is_there_or_not(seed, seeded):
    rows = seeded.rows()
    key = first(rows, "USER")

    told = json.loads(seed("audit", "--show", *key, "--json", *seeded.options).stdout)
    damage(seeded, gone=[key])
    lost = json.loads(seed("audit", "--show", *key, "--json", *seeded.options).stdout)

    assert told["row"] == rows[key]
    assert (lost["row"], lost["others"]) == (None, told["others"])
    assert told["others"]
    assert all(one in rows.values() for one in told["others"])
