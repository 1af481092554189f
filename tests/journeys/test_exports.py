"""Exports by the command: a table in files is audited, and told as a table is."""

from __future__ import annotations

import json

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
