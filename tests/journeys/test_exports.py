"""Exports by the command: a table in files is audited, and told as a table is."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.journeys.conftest import AS_OF, SECONDS, one_line

WORLD = ("-e", "minimal", "--seed", "7", "--as-of", AS_OF)


@pytest.fixture
def dumped(seed):
    assert seed("dump", "world", *WORLD).returncode == 0
    return seed.directory / "world"


def test_an_export_is_audited_as_a_table_is(seed, dumped, first_world):
    found = seed.report("audit", "--export", "world")
    assert found == first_world["audit"]
    told = seed("audit", "--export", "world")
    assert told.stdout.startswith(f"audit: {found['rows']:,} rows read, ")
    assert told.stderr == ""


def test_drift_ends_with_1_and_damage_with_2(seed, dumped):
    manifest = dumped / "manifest-summary.json"
    told = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(told | {"itemCount": 7}))
    refused = seed("audit", "--export", "world")
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    assert refused.stderr.startswith("seed: world/manifest-summary.json: it counts 7 rows")


def test_an_export_of_changes_alone_is_warned_of(seed, dumped):
    manifest = dumped / "manifest-summary.json"
    told = json.loads(manifest.read_text())
    since = {"exportType": "INCREMENTAL_EXPORT", "exportFromTime": "2026-01-01T00:00:00Z"}
    manifest.write_text(json.dumps(told | since | {"itemCount": 0}))
    (dumped / "manifest-files.json").write_text("")
    found = seed("audit", "--export", "world")
    assert found.returncode == 0
    assert "there is no full export: of what did not change since 2026-01-01T00:00:00Z nothing is known" in found.stderr


@pytest.mark.parametrize(
    "beside",
    [("--table", "x"), ("--repair",), ("--mark",), ("--show", "a", "b"), ("--endpoint-url", "http://127.0.0.1:1")],
    ids=lambda beside: beside[0],
)
def test_what_is_said_of_a_table_is_refused_beside_it(seed, dumped, beside):
    refused = seed("audit", "--export", "world", *beside)
    assert refused.returncode == 2
    assert f"{beside[0]} cannot be used with --export" in refused.stderr


# seed export


def test_a_world_is_exported_without_an_engine_and_audited_from_there(seed, first_world):
    said = seed.report("export", "world", *WORLD)
    assert (said["digest"], said["export"], said["objects"]) == (first_world["digest"], "world", 1)
    assert seed.report("audit", "--export", "world") == first_world["audit"]


def test_processes_side_by_side_make_the_same_export(seed, first_world):
    made = seed("export", "world", *WORLD, "--processes", "2")
    assert (made.returncode, made.stderr.splitlines()[-1]) == (0, "processes: 2")
    assert f"digest: {first_world['digest']}" in made.stdout


def test_an_export_in_processes_ends_with_them_and_leaves_nothing_whole_when_one_is_killed(seed):
    process = seed.start("export", "world", "-e", "realistic", "--processes", "2", stderr=subprocess.PIPE)
    assert process.stderr.readline() != ""  # they are about to begin
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while not (found := [int(pid) for pid in children.read_text().split() if is_maker(int(pid))]):
        assert process.poll() is None
    os.kill(found[0], signal.SIGKILL)
    _, said = process.communicate(timeout=SECONDS)
    assert process.returncode == 3
    assert "a process of the export was killed" in said
    assert not (seed.directory / "world" / "manifest-summary.json").exists()


def is_maker(pid):
    """Tell whether it is a process that multiprocessing has spawned for work."""
    try:
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return False


def test_two_exports_at_once_into_one_folder_make_one_and_the_other_is_refused(seed, first_world):
    process = seed.start("export", "world", *WORLD, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.send_signal(signal.SIGSTOP)
    while not (seed.directory / "world" / "_started").exists():  # by steps: else it may be done before it stops
        assert process.poll() is None
        process.send_signal(signal.SIGCONT)
        time.sleep(0.01)
        process.send_signal(signal.SIGSTOP)
    refused = seed("export", "world", *WORLD)
    process.send_signal(signal.SIGCONT)
    said, _ = process.communicate(timeout=SECONDS)
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    assert "another export is being written there" in refused.stderr
    assert process.returncode == 0
    assert "in 1 object (" in said
    assert seed.report("audit", "--export", "world") == first_world["audit"]


def test_another_url_is_refused_in_one_line(seed):
    refused = seed("export", "http://x/y", *WORLD)
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    assert "a place is a folder, or s3://bucket/prefix" in refused.stderr


def test_an_export_of_a_table_with_room_is_a_dump_that_can_be_loaded(seed, place, first_world):
    assert seed("export", "world", *WORLD).returncode == 0
    assert seed("load", "world", *place.options).returncode == 0
    assert seed.report("digest", *place.options)["digest"] == first_world["digest"]


def test_an_export_that_was_killed_begins_anew_and_says_so(seed, first_world):
    process = seed.start("export", "world", "-e", "realistic", stderr=subprocess.PIPE)
    assert process.stderr.readline() != ""  # it has begun
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not (seed.directory / "world" / "manifest-summary.json").exists()
    refused = seed("audit", "--export", "world")
    assert "did not come to its end" in refused.stderr

    again = seed("export", "world", *WORLD)
    assert again.returncode == 0
    assert "what a stopped export left; that was taken away, and this one begins anew" in again.stderr
    assert f"digest: {first_world['digest']}" in again.stdout


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_disk_that_is_full_is_told_and_an_export_begins_anew(seed, first_world, processes):
    line = shlex.join(seed.line("export", "world", "-e", "realistic", "--processes", processes))
    full = subprocess.run(
        ["/bin/bash", "-c", f"ulimit -f 20; {line}"],  # as a disk that is full
        cwd=seed.directory,
        env=seed.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (full.returncode, full.stdout) == (2, "")
    assert full.stderr.splitlines()[-1] == (
        "seed: world: it cannot be written (File too large). There is no export yet: the next one there begins anew"
    )
    check_begins_anew(seed, first_world)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_export_in_processes_that_is_stopped_ends_with_them_and_leaves_no_rows(seed, first_world, number):
    command = ["export", "world", "-e", "realistic", "--processes", "2"]
    process = seed.start(*command, stderr=subprocess.PIPE, start_new_session=True)
    making = seed.directory / "world" / ".making"
    while not list(making.glob("of-*/*")):  # a share is written, and others are on their way
        assert process.poll() is None
    os.killpg(process.pid, number)  # all of them hear it, as of a terminal or of systemd
    _, said = process.communicate(timeout=SECONDS)
    assert process.returncode == 128 + number
    assert said.splitlines()[-1] == (
        "seed: stopped; there is no export in world yet: the same command begins anew, without what is left there"
    )
    check_begins_anew(seed, first_world)


def check_begins_anew(seed, first_world):
    """Of what did not come to its end nothing is left but the file that says whose place it is."""
    assert [path.name for path in (seed.directory / "world").rglob("*")] == ["_started"]
    again = seed("export", "world", *WORLD)
    assert again.returncode == 0
    assert "what a stopped export left; that was taken away, and this one begins anew" in again.stderr
    assert f"digest: {first_world['digest']}" in again.stdout


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_folder_that_holds_something_is_refused_before_a_world_is_made(seed, dumped, is_whole):
    if not is_whole:
        (dumped / "manifest-summary.json").unlink()
    refused = seed("export", "world", *WORLD)
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    assert ("it holds an export already" if is_whole else "it is not empty") in refused.stderr


def test_a_world_that_is_too_large_is_refused_before_a_place_is_made(seed):
    (seed.directory / "big.toml").write_text("users = 1000000\nposts_per_user = 100\n")
    refused = seed("export", "world", "-e", "big.toml")
    assert refused.returncode == 2
    assert "--allow-large" in refused.stderr
    assert not (seed.directory / "world").exists()


@pytest.mark.parametrize(
    "arguments", [("export", b"\xff"), ("export", b"a/\xff/b"), ("dump", "--to", "parquet", b"\xff")], ids=repr
)
def test_a_name_that_is_no_text_is_refused_before_a_world_is_made(seed, arguments):
    (seed.directory / "a" / os.fsdecode(b"\xff")).mkdir(parents=True)

    refused = one_line(seed(*arguments, *WORLD))

    assert "its name is no UTF-8" in refused
    assert not (seed.directory / os.fsdecode(b"\xff")).exists()


def test_what_is_told_to_type_names_any_folder(seed):
    told = seed("export", "two words; 'quoted'", *WORLD).stdout

    line = told.partition("audit it: seed ")[2]
    assert shlex.split(line) == ["audit", "--export", "two words; 'quoted'"]


@pytest.mark.parametrize("is_absolute", [False, True])
@pytest.mark.parametrize("name", ["a*c", "a?c", "a[b]c", "[!x]bc", "**", "{abc,x}", "a[*]c", "%41", "a\nc"])
def test_an_export_is_read_from_the_folder_that_is_named_and_no_other(seed, name, is_absolute):
    assert seed("export", "abc", "-e", "minimal", "--seed", "8", "--as-of", AS_OF).returncode == 0
    made = seed.report("export", name, *WORLD)
    folder = str(seed.directory / name) if is_absolute else name

    found = seed.report("audit", "--export", folder)

    assert (found["rows"], found["findings"]) == (made["rows"] - 1, [])  # the mark is no row of the world
