"""Exports of ours: what several writers made becomes one, in a place that holds nothing else, whole or not at all."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from seedbed.dynamo.canonical import canonical
from seedbed.dynamo.digest import Digest
from seedbed.dynamo.dumps import read_manifest, rows_of
from seedbed.dynamo.errors import DumpError
from seedbed.dynamo.exports.finishing import STARTED
from seedbed.dynamo.exports.fragments import PART_ROWS, PARTS_MAX, Fragments, parts_for
from seedbed.dynamo.exports.places import MAKING, Folder, place_of
from seedbed.dynamo.rows import key_of
from services import exports
from services.rows.schema import SCHEMA


def row(number, **counters):
    counts = {name: {"N": str(count)} for name, count in counters.items()}
    key = {"PK": {"S": f"USER#{number}"}, "SK": {"S": "PROFILE"}}
    return key | {"entity_type": {"S": "USER"}, "text": {"S": 'Größe "東京" \u2028'}} | counts


def write(folder: Path, parts, rows=(), moved=None):
    fragments = Fragments(folder, parts, SCHEMA)
    fragments.take((key_of(one), canonical(one)) for one in rows)
    fragments.write()
    fragments.move(moved or {})
    return fragments.counts


@pytest.fixture
def world(tmp_path):
    return tmp_path / "world"


def exported(world, parts, *writers):
    """An export of what each writer has: rows, and by how much counters moved on rows of others."""
    with exports.opened(str(world)) as (place, _), place.scratch() as scratch:
        counts = {
            scratch / str(number): write(scratch / str(number), parts, rows, moved)
            for number, (rows, moved) in enumerate(writers)
        }
        return exports.complete(place, scratch, counts, parts, table="social")


def held(world):
    return {key_of(one): one for one in rows_of(world, read_manifest(world, SCHEMA.version))}


def test_counters_that_writers_move_on_each_other_s_rows_are_added_up(world):
    mine, theirs = row(1, followers_count=2, following_count=1), row(2, followers_count=5)
    moved_by_first = {key_of(theirs): {"following_count": 3, "followers_count": -1}}
    moved_by_second = {key_of(mine): {"following_count": 4}, key_of(theirs): {"following_count": 2}}
    made = exported(world, 3, ([mine], moved_by_first), ([theirs], moved_by_second))

    expected = [row(1, followers_count=2, following_count=5), row(2, followers_count=4, following_count=5)]
    assert held(world) == {key_of(one): one for one in expected}
    digest = Digest(SCHEMA)
    digest.take(expected)
    assert (made.digest, made.rows, made.counts) == (str(digest), 2, {"USER": 2})


def test_the_same_rows_are_the_same_bytes_whoever_wrote_them(tmp_path):
    rows = [row(number) for number in range(200)]
    exported(tmp_path / "one", 4, (rows, None))
    exported(tmp_path / "two", 4, (rows[150:], None), (rows[:150][::-1], None))

    def content(folder):
        return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    assert content(tmp_path / "one") == content(tmp_path / "two")
    assert len(list((tmp_path / "one" / "data").iterdir())) == 4


def test_a_part_without_rows_is_no_object(world):
    made = exported(world, 50, ([row(1)], None))
    assert len(made.parts) == 1
    assert len(list((world / "data").iterdir())) == 1


def test_notes_are_in_the_files_and_in_no_digest(world):
    note = row(3) | {"PK": {"S": "RUNS"}, "SK": {"S": "RUN#7/x"}, "entity_type": {"S": "RUN"}}
    marked = row(1) | {"run": {"S": "7/x"}}
    made = exported(world, 2, ([marked, note], None))
    digest = Digest(SCHEMA)
    digest.take([row(1)])
    assert made.digest == str(digest)
    assert held(world) == {key_of(one): one for one in (marked, note)}


def test_counters_of_rows_that_nobody_made_are_a_fault_that_is_told(world):
    with pytest.raises(DumpError, match="1 rows that nobody made"):
        exported(world, 1, ([row(1)], {("USER#9", "PROFILE"): {"following_count": 1}}))
    assert not (world / "manifest-summary.json").exists()


def test_fragments_hold_only_so_much_at_once(world, monkeypatch):
    monkeypatch.setattr("seedbed.dynamo.exports.fragments._HELD_BYTES", 1_000)
    rows = [row(number) for number in range(100)]
    fragments = Fragments(world, 2, SCHEMA)
    for one in rows:
        fragments.take([(key_of(one), canonical(one))])
        assert fragments._held_bytes < 1_000
    fragments.write()
    lines = [line for path in world.iterdir() for line in gzip.decompress(path.read_bytes()).splitlines()]
    assert sorted(json.loads(line[65:])["PK"]["S"] for line in lines) == sorted(one["PK"]["S"] for one in rows)


@pytest.mark.parametrize(
    ("rows", "parts"), [(0, 1), (PART_ROWS, 1), (PART_ROWS + 1, 2), (10**9, 10_000), (10**12, PARTS_MAX)]
)
def test_no_more_objects_than_an_import_reads(rows, parts):
    assert parts_for(rows) == parts


# The place


def begin_and_stop(world):
    with exports.opened(str(world)) as (_, is_again):
        return is_again


def refuse(place):
    with exports.opened(str(place)):
        pytest.fail("it was taken")


LEFT = (
    f"{MAKING}/of-0/00001",
    f"{MAKING}/whole/moved.ndjson",
    f"{MAKING}/out/00000.json.gz",
    f"{MAKING}/out/tmp_sums.parquet",
    f"{MAKING}/out/spilled/duckdb_temp_storage_DEFAULT-0.tmp",
    f"{MAKING}/out/manifest-summary.json",
    "data/00000.json.gz",
    "manifest-files.json",
)


def test_what_a_killed_export_left_is_taken_away_and_told(world):
    assert not begin_and_stop(world)
    for left in LEFT:
        (world / left).parent.mkdir(parents=True, exist_ok=True)
        (world / left).write_bytes(b"half")
    assert begin_and_stop(world)
    assert [path.name for path in world.rglob("*") if path.is_file()] == [STARTED]


def test_while_an_export_is_written_another_one_is_refused_and_takes_nothing_away(world):
    with exports.opened(str(world)) as (place, _), place.scratch() as scratch:
        counts = {scratch / "0": write(scratch / "0", 1, [row(1)])}
        with pytest.raises(DumpError, match="another export is being written there: wait for its end"):
            refuse(world)
        exports.complete(place, scratch, counts, 1, table="social")
    assert held(world) == {key_of(row(1)): row(1)}


def test_an_export_that_ended_while_another_was_looking_is_not_overwritten(world):
    with exports.opened(str(world)) as (place, _), place.scratch() as scratch:
        counts = {scratch / "0": write(scratch / "0", 1, [row(1)])}
        (world / "manifest-summary.json").write_text("whole")
        with pytest.raises(DumpError, match="another export was written there meanwhile"):
            exports.complete(place, scratch, counts, 1, table="social")
    assert (world / "manifest-summary.json").read_text() == "whole"


def test_an_export_that_ended_before_the_place_was_held_is_seen(world, monkeypatch):
    begin_and_stop(world)
    hold = Folder.hold

    def late(self, file):
        (world / "manifest-summary.json").write_text("whole")
        return hold(self, file)

    monkeypatch.setattr(Folder, "hold", late)
    with pytest.raises(DumpError, match="it holds an export already"):
        refuse(world)


def test_a_whole_export_is_not_overwritten(world):
    exported(world, 1, ([row(1)], None))
    before = held(world)
    with pytest.raises(DumpError, match="it holds an export already"):
        refuse(world)
    assert held(world) == before


@pytest.mark.parametrize("name", ["notes.txt", "data/mine.json.gz", STARTED])
def test_what_is_somebody_else_s_is_left_alone(world, name):
    (world / name).parent.mkdir(parents=True)
    (world / name).write_text("mine")
    with pytest.raises(DumpError, match="it is not empty"):
        refuse(world)
    assert (world / name).read_text() == "mine"


@pytest.mark.parametrize(
    "name", ["notes.txt", "data/mine.txt", "data/00000.json.gz.bak", "data/a/00000.json.gz", f"{MAKING}/mine.txt"]
)
def test_beside_what_a_killed_export_left_nothing_else_is_taken_away(world, name):
    begin_and_stop(world)
    for file in ("data/00001.json.gz", name):
        (world / file).parent.mkdir(parents=True, exist_ok=True)
        (world / file).write_text("mine")
    with pytest.raises(DumpError, match=f"not empty, such as {name}"):
        refuse(world)
    assert {(world / file).read_text() for file in ("data/00001.json.gz", name)} == {"mine"}


def test_a_file_or_a_folder_of_nowhere_is_no_place(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DumpError, match="it is a file"):
        refuse(tmp_path / "file")
    with pytest.raises(DumpError, match=r"there is no folder .*none"):
        refuse(tmp_path / "none" / "world")


@pytest.mark.parametrize("name", ["http://x/y", "https://s3.amazonaws.com/b/p", "S3://b/p"])
@pytest.mark.parametrize("is_new", [True, False])
def test_another_url_is_no_place(name, is_new):
    with pytest.raises(DumpError, match=r"a place is a folder, or s3://bucket/prefix"):
        place_of(name, is_new=is_new)
