"""ImportTable of an export, in moto's S3 and DynamoDB: a new table, and the audit after it."""

from __future__ import annotations

import gzip
import json
import re

import boto3
import pytest
from moto import mock_aws
from moto.dynamodb.models.table_import import TableImport

from factories.command import exports
from factories.command.orders import FailedCommandError, order_of
from factories.command.remedies import with_remedy
from factories.command.target import Target
from seedbed.dynamo.errors import DumpError
from services import connect
from services import exports as files
from services.audit import audit_export
from tests.digests import FILE
from tests.journeys.front import embedded_front
from tests.services.audit.exports import write_changes, write_full

RECORDED = json.loads(FILE.read_text())
HERE = Target(endpoint_url="aws", table="imported", json=True)


class Parser:
    """moto's own parser of an import's lines knows no escapes: this one reads JSON."""

    @staticmethod
    def parse(original):
        return map(json.loads, original.splitlines())


@pytest.fixture
def bucket(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "made-up")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("SEEDBED_WIRE", "botocore")  # moto stands in botocore's way
    monkeypatch.setattr("py_partiql_parser.JsonParser", Parser)
    monkeypatch.setattr("seedbed.dynamo.exports.importing.FIRST_PAUSE_SECONDS", 0.01)
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="worlds")
        yield client


@pytest.fixture
def order():
    return order_of(Target(env="minimal", seed=7, as_of="2026-11-01"))


def export(order, place, capsys):
    exports.export(Target(json=True), order, str(place), processes=1)
    return json.loads(capsys.readouterr().out)


def keys_in(bucket, prefix):
    return [one["Key"] for one in bucket.list_objects_v2(Bucket="worlds", Prefix=prefix).get("Contents", ())]


def test_an_export_in_a_bucket_becomes_a_table_that_is_clean(bucket, order, capsys):
    made = export(order, "s3://worlds/p/q", capsys)
    started, rows, *manifests = keys_in(bucket, "")
    assert [started, *manifests] == [
        f"p/q/{name}" for name in ("_started", "manifest-files.json", "manifest-summary.json")
    ]
    assert re.fullmatch(r"p/q/data/[0-9a-f]{32}/00000\.json\.gz", rows)

    assert exports.import_table(HERE, "s3://worlds/p/q", None) == 0

    said = json.loads(capsys.readouterr().out)
    assert said["digest"] == made["digest"] == RECORDED["minimal"]
    assert said["audit"]["findings"] == []
    with connect("aws", "imported", is_made=False) as app:
        assert str(app.digest()) == made["digest"]


def write_one(place, scratch):
    files.complete(place, scratch, {scratch / "mark": files.mark(scratch / "mark", 1)}, 1, table="social")


def test_while_an_export_goes_into_a_bucket_another_one_is_refused(bucket, order, capsys):
    with files.opened("s3://worlds/p") as (place, _), place.scratch() as scratch:
        with pytest.raises(DumpError, match="another export is being written there, or one was stopped"):
            export(order, "s3://worlds/p", capsys)
        write_one(place, scratch)
    assert len(keys_in(bucket, "p/data/")) == 1


def test_of_two_that_begin_in_one_instant_one_is_whole_and_the_other_leaves_nothing(bucket):
    with files.opened("s3://worlds/p") as (whole, _), whole.scratch() as scratch:
        note = bucket.get_object(Bucket="worlds", Key="p/_started")["Body"].read()
        bucket.delete_object(Bucket="worlds", Key="p/_started")
        with (  # noqa: PT012 - a block that gives up its place
            pytest.raises(DumpError, match="another export was written there meanwhile"),
            files.opened("s3://worlds/p") as (late, _),
            late.scratch() as other,
        ):
            bucket.put_object(Bucket="worlds", Key="p/_started", Body=note)
            write_one(whole, scratch)
            write_one(late, other)
    assert audit_export("s3://worlds/p").rows == 0
    assert len(keys_in(bucket, "p/data/")) == 1


def test_an_export_into_a_bucket_that_fails_leaves_nothing(bucket):
    with pytest.raises(DumpError, match="no room"), files.opened("s3://worlds/p") as (place, _):  # noqa: PT012 - a block
        with place.scratch() as scratch:
            (scratch / "rows").write_bytes(b"half")
            place.put(scratch / "rows", f"p/{place.data}/00000.json.gz")
            assert len(keys_in(bucket, "")) == 2
        raise DumpError("here", "no room")
    assert keys_in(bucket, "") == []


def test_what_a_killed_export_left_in_a_bucket_is_nobody_s_to_take(bucket, order, capsys):
    bucket.put_object(Bucket="worlds", Key="p/_started", Body=b'{"seedbed": 1, "run": "another"}')
    bucket.put_object(Bucket="worlds", Key=f"p/data/{'0' * 32}/00000.json.gz", Body=b"half")
    with pytest.raises(DumpError, match="or one was stopped: name another place"):
        export(order, "s3://worlds/p", capsys)
    assert len(keys_in(bucket, "")) == 2


def test_an_export_in_a_folder_goes_through_a_bucket(bucket, order, capsys, tmp_path):
    export(order, tmp_path / "world", capsys)
    with pytest.raises(DumpError, match="ImportTable reads from a bucket alone"):
        exports.import_table(HERE, str(tmp_path / "world"), None)
    assert exports.import_table(HERE, str(tmp_path / "world"), "s3://worlds/through") == 0
    assert json.loads(capsys.readouterr().out)["digest"] == RECORDED["minimal"]
    assert (tmp_path / "world" / "data" / "00000.json.gz").exists()
    with pytest.raises(DumpError, match="it holds an export already"):
        exports.import_table(
            Target(endpoint_url="aws", table="another"), str(tmp_path / "world"), "s3://worlds/through"
        )


def cut_off(data):
    rows = data / "00000.json.gz"
    rows.write_bytes(rows.read_bytes()[:-20])
    return "it is damaged, or cut off"


def changed(data):
    rows = data / "00000.json.gz"
    rows.write_bytes(gzip.compress(gzip.decompress(rows.read_bytes()).replace(b"minimal", b"maximal")))
    return "it is damaged, or cut off"


def lost(data):
    (data / "00000.json.gz").unlink()
    return "it is missing, and the manifest names it"


def miscounted(data):
    manifest, summary = (data.parent / f"manifest-{name}.json" for name in ("files", "summary"))
    told = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(told | {"itemCount": told["itemCount"] + 1}))
    summary.write_text(json.dumps({k: v for k, v in json.loads(summary.read_text()).items() if k != "itemCount"}))
    return "and the manifest counts"


@pytest.mark.parametrize("damage", [cut_off, changed, lost, miscounted])
def test_what_is_damaged_is_not_copied(bucket, order, capsys, tmp_path, damage):
    export(order, tmp_path / "world", capsys)
    why = damage(tmp_path / "world" / "data")
    with pytest.raises(DumpError, match=why):
        exports.import_table(HERE, str(tmp_path / "world"), "s3://worlds/through")
    assert keys_in(bucket, "") == []


def test_a_table_that_is_there_is_left_alone(bucket, order, capsys):
    export(order, "s3://worlds/p", capsys)
    with connect("aws", "imported"):
        pass
    with pytest.raises(DumpError, match="there is such a table already"):
        exports.import_table(HERE, "s3://worlds/p", None)


def test_rows_that_were_changed_on_the_way_are_noticed(bucket, order, capsys, monkeypatch):
    export(order, "s3://worlds/p", capsys)

    def forget_one(original):
        return list(map(json.loads, original.splitlines()))[1:]

    monkeypatch.setattr(Parser, "parse", staticmethod(forget_one))
    with pytest.raises(exports.OtherTableError, match="Delete the table and import again"):
        exports.import_table(HERE, "s3://worlds/p", None)


def test_an_import_that_fails_says_why(bucket, order, capsys, monkeypatch):
    export(order, "s3://worlds/p", capsys)
    monkeypatch.setattr(Parser, "parse", staticmethod(lambda **_: 1 / 0))
    with pytest.raises(DumpError, match=r"the import ended as FAILED .*division by zero"):
        exports.import_table(HERE, "s3://worlds/p", None)


def test_an_import_that_ends_without_some_rows_says_how_many(bucket, order, capsys, monkeypatch):
    export(order, "s3://worlds/p", capsys)
    answer = TableImport.response
    monkeypatch.setattr(TableImport, "response", lambda self: {**answer(self), "ErrorCount": 3})  # as AWS ends one
    with pytest.raises(DumpError, match=r"the import did not take 3 rows: CloudWatch's log of it tells why"):
        exports.import_table(HERE, "s3://worlds/p", None)


def test_what_an_import_does_not_take_is_refused_before_a_table_is_made(bucket, tmp_path):
    write_full(tmp_path / "both", [])
    write_changes(tmp_path / "both", [])
    write_changes(tmp_path / "changes", [])
    for name, why in (("both", "2 exports lie there"), ("changes", "it tells what changed|reads from a bucket alone")):
        with pytest.raises(DumpError, match=why):
            exports.import_table(HERE, str(tmp_path / name), None)
    assert boto3.client("dynamodb").list_tables()["TableNames"] == []


def test_an_engine_without_imports_is_told_with_what_to_do_there(bucket, order, capsys):
    export(order, "s3://worlds/p", capsys)
    with embedded_front() as front, pytest.raises(FailedCommandError, match="has no ImportTable") as told:
        exports.import_table(Target(endpoint_url=front.url, table="imported"), "s3://worlds/p", None)
    assert with_remedy(told.value).endswith("`seed load` fills a table of any engine from what seed export wrote")
