"""Exports by the command: a table in files is audited, and told as a table is."""

from __future__ import annotations

import json
import signal
import subprocess

import pytest

from tests.journeys.conftest import AS_OF

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
