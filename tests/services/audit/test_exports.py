"""What lies in files is audited as the table itself is: the same findings, in the same words."""

from __future__ import annotations

import copy
import gzip
import json
import shutil

import boto3
import pytest
from moto import mock_aws

from seedbed.dynamo.errors import DumpError
from seedbed.dynamo.memory import DryTable
from seedbed.dynamo.rows import SCHEMA_MARK
from services import connect
from services.audit import audit, audit_export, exports_of
from services.entities import Run
from services.errors import InvalidSettingError
from services.rows import keys
from services.rows.schema import SCHEMA
from tests.services.audit.damages import COPIED, LEFT, RESTORED, STRAYED, Place
from tests.services.audit.exports import write_changes, write_full
from tests.services.audit.worlds import GHOST, START, World, edge_rows, like_row, row, ticking

DAMAGES = RESTORED | COPIED | LEFT | STRAYED
RUN = Run(name="8/y", seed="8", scenario="y", as_of=START, code_version="1", worlds="w", phase="done")
MARK = {"PK": {"S": SCHEMA_MARK[0]}, "SK": {"S": SCHEMA_MARK[1]}, "version": {"N": "1"}}


@pytest.fixture(scope="module")
def healthy():
    with connect(seed=11, clock=ticking()) as app:
        world = World(app)
        app.follows.follow_user(world.bob, world.cat)
        app.likes.like_post(world.cat, world.other)
        world.put(row(keys.run_user_key("7/x", world.ann), "RUN_USER", user_id=world.ann))
        app.runs.begin(RUN)
        world.set(keys.user_key(world.bob), run={"S": "8/y"})
        joined = world.row(keys.user_key(world.bob))["created_at"]["S"]
        world.put(row(keys.run_user_key("8/y", world.bob), "RUN_USER", user_id=world.bob, created_at=joined))
        assert world.audit().findings == ()
        yield world.rows(), world


@pytest.fixture
def exported(healthy, tmp_path):
    write_full(tmp_path, [MARK, *healthy[0].values()])
    return tmp_path


def damaged(healthy, damage):
    place = Place(copy.deepcopy(healthy[0]), healthy[1])
    damage(place)
    return place.rows


def audited(rows):
    """What the audit of a table says that holds these rows."""
    store = DryTable(None, "damaged", SCHEMA)
    store.fan_out_limit = 1_000
    store.write_batch(copy.deepcopy(list(rows.values())), ())
    return audit(store)


def changed(before, after):
    keys_of_both = dict.fromkeys((*before, *after))
    return [(before.get(key), after.get(key)) for key in keys_of_both if before.get(key) != after.get(key)]


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damage_is_told_in_the_same_words_of_a_full_export_and_of_one_with_changes(healthy, tmp_path, damage):
    rows = damaged(healthy, damage)
    expected = audited(rows)
    assert not expected.is_clean

    write_full(tmp_path / "full", [MARK, *rows.values()])
    write_full(tmp_path / "both", [MARK, *healthy[0].values()])
    write_changes(tmp_path / "both", changed(healthy[0], rows))

    assert audit_export(tmp_path / "full") == expected
    assert audit_export(tmp_path / "both") == expected


def test_rows_of_others_are_named_alike(healthy, tmp_path):
    theirs = {"PK": {"S": "order"}, "SK": {"S": "7"}, "photo": {"B": "AAEC"}, "ids": {"NS": ["1", "2"]}}
    rows = healthy[0] | {("order", "7"): theirs}
    write_full(tmp_path, rows.values())
    found = audit_export(tmp_path)
    assert (found.findings, found.rows) == (audited(rows).findings, len(rows))
    assert found.is_clean
    assert len(found.findings) == 1


def test_a_healthy_world_is_clean_and_has_the_table_s_digest(healthy, exported):
    found = audit_export(exported)
    assert found == audited(healthy[0])
    assert found.is_clean


def test_a_dump_of_ours_is_an_export_too(healthy, tmp_path):
    healthy[1].app.dump(tmp_path / "dump")
    assert audit_export(tmp_path / "dump") == audited(healthy[0])


def test_the_limit_of_delivery_is_the_app_s(healthy, exported):
    found = audit_export(exported, fan_out_limit=1)
    assert {finding.attribute for finding in found.findings} == {"feed_mode"}


# Several exports of one table


def test_changes_stand_before_what_the_full_export_says_and_later_ones_before_earlier(healthy, exported):
    like = like_row(healthy[1].post, GHOST)
    write_changes(exported, [(None, like)], name="02-a")
    days = {"exportFromTime": "2025-03-03T00:00:00.000Z", "exportToTime": "2025-03-04T00:00:00.000Z"}
    assert not audit_export(exported).is_clean
    write_changes(exported, [(like, None)], name="03-b", **days)
    assert audit_export(exported) == audited(healthy[0])


def test_the_folder_of_one_export_is_that_export_and_several_folders_may_be_named(healthy, tmp_path):
    full = write_full(tmp_path, [MARK, *healthy[0].values()])
    changes = write_changes(tmp_path, [(None, like_row(healthy[1].post, GHOST))])
    assert audit_export(full).is_clean
    assert audit_export(changes, full) == audit_export(tmp_path)
    assert not audit_export(tmp_path).is_clean


def test_changes_since_the_table_was_empty_are_all_of_it(healthy, tmp_path):
    write_changes(tmp_path, [(None, one) for one in healthy[0].values()])
    assert audit_export(tmp_path) == audited(healthy[0])


def test_changes_that_keep_no_old_images_are_read_alike(healthy, exported):
    gone = next(one for one in healthy[0].values() if one["entity_type"]["S"] == "LIKE")
    line = {"Metadata": {}, "Keys": {"PK": gone["PK"], "SK": gone["SK"]}}
    folder = write_changes(exported, [(gone, None)], outputView="NEW_IMAGE")
    data = exported / "AWSDynamoDB" / "data" / "02-changes-0.json.gz"
    data.write_bytes(gzip.compress(json.dumps(line).encode()))
    rewrite(folder / "manifest-files.json", lambda text: text.replace('"md5Checksum"', '"md5"'))
    rows = {key: one for key, one in healthy[0].items() if one is not gone}
    assert audit_export(exported) == audited(rows)


def test_changes_that_begin_after_the_full_export_are_refused_since_some_are_missing(healthy, exported):
    late = {"exportFromTime": "2025-03-05T00:00:00.000Z", "exportToTime": "2025-03-06T00:00:00.000Z"}
    write_changes(exported, [(None, like_row(healthy[1].post, GHOST))], **late)
    with pytest.raises(DumpError, match=r"changed since 2025-03-05.*ends at 2025-03-02"):
        audit_export(exported)


def test_exports_of_two_tables_are_no_table(healthy, exported):
    write_changes(exported, [], tableArn="arn:aws:dynamodb:eu-central-1:123456789012:table/other")
    with pytest.raises(DumpError, match=r"it is of .*table/other, and .*table/social"):
        audit_export(exported)


def test_two_full_exports_are_one_too_many(exported):
    shutil.copytree(exported / "AWSDynamoDB" / "01-full", exported / "AWSDynamoDB" / "02-full")
    with pytest.raises(DumpError, match="name one of them"):
        audit_export(exported)


# What cannot be read


def rewrite(path, change):
    path.write_text(change(path.read_text()))


def summary_with(**told):
    def change(folder):
        path = folder / "manifest-summary.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | told))

    return change


def data_of(folder):
    return folder / "data" / "01-full-0.json.gz"


def cut(folder):
    data_of(folder).write_bytes(data_of(folder).read_bytes()[:-20])


def flip(folder):
    held = bytearray(data_of(folder).read_bytes())
    held[len(held) // 2] ^= 1
    data_of(folder).write_bytes(held)


def unsummed(change):
    """Damage a file of which the manifest keeps no sum."""

    def both(folder):
        rewrite(folder / "manifest-files.json", lambda text: text.replace('"md5Checksum"', '"md5"'))
        data_of(folder).write_bytes(gzip.compress(change(gzip.decompress(data_of(folder).read_bytes()))))

    return both


BROKEN = {
    "a file that is cut off": (cut, "01-full-0.json.gz: it is damaged, or cut off"),
    "a file that is damaged": (flip, "01-full-0.json.gz: it is damaged, or cut off"),
    "a file that is missing": (lambda folder: data_of(folder).unlink(), "it is missing, and the manifest names it"),
    "rows that are missing": (
        unsummed(lambda lines: lines[: lines.index(b"\n") + 1]),
        "it has 1 rows, and the manifest",
    ),
    "a row twice": (
        unsummed(lambda lines: b"".join([*lines.splitlines(keepends=True)[:-1], lines.splitlines(keepends=True)[0]])),
        "is in it twice",
    ),
    "half a line": (unsummed(lambda lines: lines[:-30]), "it cannot be read|it has 12 rows"),
    "another kind of table": (unsummed(lambda lines: lines.replace(b'"SK"', b'"sort"')), "no PK and SK as texts"),
    "no manifest of files": (lambda folder: (folder / "manifest-files.json").unlink(), "it is missing"),
    "half a manifest of files": (
        lambda folder: rewrite(folder / "manifest-files.json", lambda text: text[:-9]),
        "it is damaged",
    ),
    "half a summary": (
        lambda folder: rewrite(folder / "manifest-summary.json", lambda text: text[:-9]),
        "cannot be read",
    ),
    "a list for a summary": (lambda folder: rewrite(folder / "manifest-summary.json", lambda _: "[]"), "no manifest"),
    "no summary": (lambda folder: (folder / "manifest-summary.json").unlink(), "there is no manifest-summary.json"),
    "a wrong count": (summary_with(itemCount=3), "it counts 3 rows"),
    "Ion": (summary_with(outputFormat="ION"), "its rows are ION, and only DYNAMODB_JSON can be read"),
    "a new type": (summary_with(exportType="DELTA"), "it is of the type DELTA"),
    "a newer dump": (summary_with(seedbed={"format": 9}), "it is of format 9"),
    "a newer schema": (summary_with(seedbed={"format": 1, "schema": 99}), "of schema version 99"),
}


@pytest.mark.parametrize(("damage", "why"), BROKEN.values(), ids=BROKEN)
def test_what_is_no_whole_export_is_refused_in_one_line(exported, damage, why):
    damage(exported / "AWSDynamoDB" / "01-full")
    with pytest.raises(DumpError, match=why) as refused:
        audit_export(exported)
    assert "\n" not in str(refused.value)


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DumpError, match="there is no such folder"):
        audit_export(tmp_path / "none")


@pytest.mark.parametrize("wrong", [{"fan_out_limit": -1}, {"fan_out_limit": True}, {"memory_mb": 127}, {"progress": 1}])
def test_settings_that_cannot_be_are_refused(exported, wrong):
    with pytest.raises(InvalidSettingError):
        audit_export(exported, **wrong)


@pytest.mark.parametrize("names", [(), ("",), (7,)])
def test_names_that_are_none_are_refused(names):
    with pytest.raises(InvalidSettingError):
        exports_of(names)


# Out of core


def test_more_than_the_memory_holds_is_read_page_by_page(healthy, tmp_path):
    ann, rows = healthy[1].ann, dict(healthy[0])
    for number in range(20_000):
        for edge in edge_rows(f"0195500c-0000-7000-8000-{number:012}", ann):
            rows[edge["PK"]["S"], edge["SK"]["S"]] = edge
    write_full(tmp_path, rows.values())
    seen = []
    found = audit_export(tmp_path, memory_mb=128, progress=seen.append)
    assert found == audited(rows)
    assert len(seen) > 5
    assert seen == sorted(seen)


# In a bucket


@pytest.fixture
def bucket(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "made-up")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="exports")
        yield client


def upload(client, folder, prefix):
    for path in folder.rglob("*"):
        if path.is_file():
            client.upload_file(str(path), "exports", f"{prefix}/{path.relative_to(folder)}")


def test_a_bucket_is_read_as_a_folder_is(healthy, exported, bucket):
    like = like_row(healthy[1].post, GHOST)
    write_changes(exported, [(None, like)])
    upload(bucket, exported, "p")
    expected = audited(healthy[0] | {(like["PK"]["S"], like["SK"]["S"]): like})

    assert audit_export("s3://exports/p") == expected
    assert audit_export("s3://exports") == expected
    ids = [f"s3://exports/p/AWSDynamoDB/{name}/" for name in ("01-full", "02-changes")]
    assert audit_export(*ids) == expected


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("s3://exports/none", "there is no manifest-summary.json"),
        ("s3://others/p", "s3://others/p: S3: .*NoSuchBucket"),
        ("s3://", "it names no bucket"),
    ],
)
def test_a_bucket_or_prefix_that_is_not_there_is_named(bucket, name, why):
    with pytest.raises(DumpError, match=why):
        audit_export(name)


def test_an_object_that_is_damaged_is_named(exported, bucket):
    cut(exported / "AWSDynamoDB" / "01-full")
    upload(bucket, exported, "p")
    with pytest.raises(DumpError, match=r"01-full-0.json.gz: it is damaged, or cut off"):
        audit_export("s3://exports/p")
