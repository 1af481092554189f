"""ImportTable of an export, in moto's S3 and DynamoDB: a new table, and the audit after it."""

from __future__ import annotations

import json

import boto3
import pytest
from moto import mock_aws

from factories.command import exports
from factories.command.orders import FailedCommandError, order_of
from factories.command.remedies import with_remedy
from factories.command.target import Target
from seedbed.dynamo.errors import DumpError
from services import connect
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
    assert keys_in(bucket, "") == [
        f"p/q/{name}" for name in ("_started", "data/00000.json.gz", "manifest-files.json", "manifest-summary.json")
    ]

    assert exports.import_table(HERE, "s3://worlds/p/q", None) == 0

    said = json.loads(capsys.readouterr().out)
    assert said["digest"] == made["digest"] == RECORDED["minimal"]
    assert said["audit"]["findings"] == []
    with connect("aws", "imported", is_made=False) as app:
        assert str(app.digest()) == made["digest"]


def test_an_export_in_a_folder_goes_through_a_bucket(bucket, order, capsys, tmp_path):
    export(order, tmp_path / "world", capsys)
    with pytest.raises(DumpError, match="add --through s3://bucket/prefix"):
        exports.import_table(HERE, str(tmp_path / "world"), None)
    assert exports.import_table(HERE, str(tmp_path / "world"), "s3://worlds/through") == 0
    assert json.loads(capsys.readouterr().out)["digest"] == RECORDED["minimal"]
    assert (tmp_path / "world" / "data" / "00000.json.gz").exists()
    with pytest.raises(DumpError, match="it holds an export already"):
        exports.import_table(
            Target(endpoint_url="aws", table="another"), str(tmp_path / "world"), "s3://worlds/through"
        )


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
