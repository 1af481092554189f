"""A table as a file: what is dumped is loaded to the digest, on every engine, or refused before anything is written."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import attrs
import pytest

from factories import PostFactory, UserFactory, using
from seedbed.dynamo import dumps
from seedbed.dynamo.dumps import LOADING
from seedbed.dynamo.errors import DumpError, NewerSchemaError, NotEmptyError
from seedbed.dynamo.mark import mark_row
from seedbed.dynamo.rows import SCHEMA_MARK, key_of
from seedbed.errors import UnavailableError
from tests.contract.world import START

NAMES = ["world.json.gz", "world"]


@pytest.fixture
def filled(open_app):
    app = open_app(clock=lambda: START)
    with using(app, seed=1):
        post = PostFactory(likes=5, comments=3)
        UserFactory.create_batch(3, followers=2)
        app.posts.update_post(post.id, user_id=post.author_id, caption='Größe, 東京, "quoted", \\ and \u2028')
    return app


def content(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


@pytest.mark.parametrize("name", NAMES)
def test_loaded_again_it_is_the_same_table(open_app, filled, tmp_path, name):
    made = filled.dump(tmp_path / name)
    other, told = open_app(clock=lambda: START), []
    said = other.load(tmp_path / name, progress=told.append)
    assert said == made
    assert told[-1] == made["rows"] - 1  # the mark is the table's own
    assert str(other.digest()) == str(filled.digest()) == made["digest"]
    assert other.audit().is_clean
    assert other.table.get(LOADING) is None
    assert other.dump(tmp_path / "again") | {"rows": 0} == made | {"rows": 0}


def test_what_is_loaded_goes_on_as_its_app_s_own(open_app, filled, tmp_path):
    filled.dump(tmp_path / "world")
    other = open_app(clock=lambda: START)
    other.load(tmp_path / "world")
    with using(other, seed=2):
        PostFactory(likes=2)
    assert other.audit().is_clean


@pytest.mark.parametrize("name", NAMES)
def test_the_same_table_makes_the_same_bytes_with_any_number_of_readers(filled, tmp_path, name):
    for place, segments in (("one", 1), ("two", 3)):
        (tmp_path / place).mkdir()
        dumps.dump(filled.session.store, tmp_path / place / name, segments=segments)
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_the_hour_of_a_dump_is_not_in_its_bytes(filled, tmp_path):
    for name in NAMES:
        filled.dump(tmp_path / name)
    assert len([*tmp_path.iterdir()]) == 3  # a folder, and a file with its manifest
    files = [*tmp_path.glob("*.gz"), *(tmp_path / "world").rglob("*.gz")]
    assert len(files) > 1
    assert {file.read_bytes()[4:8] for file in files} == {bytes(4)}  # RFC 1952: MTIME


def test_rows_are_shuffled_and_in_the_layout_of_an_export(filled, tmp_path, monkeypatch):
    monkeypatch.setattr(dumps, "PART_ROWS", 20)
    made = filled.dump(tmp_path / "world")
    parts = sorted((tmp_path / "world" / "data").iterdir())
    lines = [line for part in parts for line in gzip.decompress(part.read_bytes()).splitlines()]
    items = [json.loads(line)["Item"] for line in lines]
    files = [json.loads(line) for line in (tmp_path / "world" / dumps.FILES).read_text().splitlines()]
    assert [file["dataFileS3Key"] for file in files] == [f"data/{part.name}" for part in parts]
    assert sum(file["itemCount"] for file in files) == len(items) == made["rows"]
    sums = [base64.b64encode(hashlib.md5(part.read_bytes()).digest()).decode() for part in parts]  # noqa: S324 - S3's sum
    assert [file["md5Checksum"] for file in files] == sums
    partitions = [item["PK"]["S"] for item in items]
    assert sum(one == other for one, other in pairwise(partitions)) < len(items) / 4


def manifest_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.manifest.json")


def unreadable(path: Path) -> None:
    place = manifest_of(path)
    place.write_text(place.read_text()[:-30])


def edited(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def edit(path: Path) -> None:
        place = manifest_of(path)
        told = json.loads(place.read_text())
        change(told)
        place.write_text(json.dumps(told))

    return edit


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def changed(path: Path) -> None:
    with gzip.open(path, "rt") as file:
        text = file.read()
    with gzip.open(path, "wt") as file:
        file.write(text.replace("USER", "UZER", 1))


WRONG = {
    "no manifest": (lambda path: manifest_of(path).unlink(), "there is no"),
    "no rows": (lambda path: path.unlink(), "is missing"),
    "a manifest that is cut off": (unreadable, "cannot be read"),
    "a manifest of another program": (edited(lambda told: told.pop("seedbed")), "another program"),
    "a manifest that is no object": (lambda path: manifest_of(path).write_text("[]"), "another"),
    "a newer format": (edited(lambda told: told["seedbed"].update(format=2)), "of format 2"),
    "a newer schema": (edited(lambda told: told["seedbed"].update(schema=99)), "schema version 99"),
    "a manifest that lacks something": (edited(lambda told: told["seedbed"].pop("digest")), "damaged"),
    "rows that are cut off": (cut, "damaged, or cut off"),
    "a row that was changed": (changed, "damaged, or cut off"),
    "rows of another dump": (lambda path: path.write_bytes(gzip.compress(b"")), "damaged, or cut off"),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "words"), WRONG.values(), ids=WRONG)
def test_a_dump_that_is_not_whole_is_refused_before_anything_is_written(open_app, filled, tmp_path, spoil, words):
    filled.dump(tmp_path / "world.json.gz")
    spoil(tmp_path / "world.json.gz")
    other = open_app(clock=lambda: START)
    with pytest.raises(DumpError, match=words) as refused:
        other.load(tmp_path / "world.json.gz")
    assert "world.json.gz" in str(refused.value)
    assert not any(any(rows) for rows in other.table.scan())
    assert other.table.get(LOADING) is None


def test_a_table_that_holds_rows_is_refused(open_app, filled, tmp_path):
    filled.dump(tmp_path / "world")
    other = open_app(clock=lambda: START)
    ada = other.profiles.create_profile(email="a@example.com", username="ada", handle="ada", full_name="Ada")
    with pytest.raises(NotEmptyError, match="holds rows"):
        other.load(tmp_path / "world")
    assert other.profiles.get(ada.id) == ada
    assert other.audit().rows == len({*map(str, (ada.id, "email", "username", "handle"))})


@pytest.mark.parametrize("workers", [1, 3])
def test_a_load_that_was_stopped_goes_on_and_another_s_does_not(open_app, filled, tmp_path, monkeypatch, workers):
    filled.dump(tmp_path / "world")
    with using(filled, seed=9):
        UserFactory()
    filled.dump(tmp_path / "other")
    app = open_app(clock=lambda: START)
    store = app.session.store
    monkeypatch.setattr(dumps, "WRITE_CHUNK", 2)

    def stop(rows: int) -> None:
        if rows > 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        dumps.load(store, tmp_path / "world", workers=workers, progress=stop)
    assert any(any(rows) for rows in store.scan())
    with pytest.raises(NotEmptyError):
        app.load(tmp_path / "other")
    assert app.load(tmp_path / "world")["digest"] == str(app.digest())


def test_a_table_of_a_newer_version_is_told_as_that_before_its_rows_are(open_app, filled, tmp_path):
    filled.dump(tmp_path / "world")
    other = open_app()
    with using(other, seed=3):
        UserFactory()
    version = other.table.schema.version + 1
    other.engine.client.put_item(
        TableName=other.table.name, Item=mark_row(attrs.evolve(other.table.schema, version=version))
    )
    with pytest.raises(NewerSchemaError, match=f"version {version}"):
        open_app(table=other.table.name).load(tmp_path / "world")


@pytest.mark.parametrize("workers", [1, 3])
def test_a_load_whose_engine_refuses_sends_little_more(open_app, filled, tmp_path, monkeypatch, workers):
    with using(filled, seed=3):
        UserFactory.create_batch(100)  # four rows each, as many as a batch here
    filled.dump(tmp_path / "world")
    store, asked = open_app().session.store, []
    monkeypatch.setattr(dumps, "WRITE_CHUNK", 1)

    def refuse(puts, _deletes):
        asked.append(puts)
        if len(asked) > 1:  # the first says that a load is under way
            raise UnavailableError("refused")

    monkeypatch.setattr(store, "write_batch", refuse)
    with pytest.raises(UnavailableError, match="refused"):
        dumps.load(store, tmp_path / "world", workers=workers)
    assert len(asked) < 50


def test_rows_that_somebody_writes_meanwhile_are_told(open_app, filled, tmp_path):
    filled.dump(tmp_path / "world")
    app = open_app(clock=lambda: START)
    stranger = {"PK": {"S": "X"}, "SK": {"S": "X"}}

    def meddle(_rows: int) -> None:
        app.session.store.write_batch([stranger], [])

    with pytest.raises(DumpError, match="somebody else wrote"):
        app.load(tmp_path / "world", progress=meddle)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_is_there_is_overwritten(filled, tmp_path, name):
    filled.dump(tmp_path / name)
    before = content(tmp_path)
    with pytest.raises(DumpError, match="exists already"):
        filled.dump(tmp_path / name)
    assert content(tmp_path) == before


def test_a_dump_that_was_stopped_leaves_nothing(filled, tmp_path):
    def stop(_rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        filled.dump(tmp_path / "world", progress=stop)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(DumpError, match="there is no folder"):
        filled.dump(tmp_path / "no" / "such" / "folder")


def test_a_folder_that_was_copied_is_the_same_dump(open_app, filled, tmp_path):
    made = filled.dump(tmp_path / "world")
    shutil.copytree(tmp_path / "world", tmp_path / "elsewhere" / "copy")
    assert open_app(clock=lambda: START).load(tmp_path / "elsewhere" / "copy") == made


def test_entities_are_tables_of_a_database(filled, tmp_path):
    said = filled.dump(tmp_path / "world.db", to="sqlite")
    with closing(sqlite3.connect(tmp_path / "world.db")) as file:
        tables = [name for (name,) in file.execute("SELECT name FROM sqlite_master")]
        counts = [file.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in tables]  # noqa: S608 - ours
        counted = file.execute("SELECT sum(likes_count) FROM POST").fetchone()[0]
        joined = file.execute('SELECT count(*) FROM "LIKE" JOIN POST USING (PK)').fetchone()[0]
        tags, public = file.execute("SELECT tags, is_public FROM POST").fetchone()
    assert sum(counts) == said["rows"]
    assert counted == joined == 5
    assert isinstance(json.loads(tags), list)
    assert public == 1


def test_entities_are_parquet_files(filled, tmp_path):
    from pyarrow import parquet

    filled.dump(tmp_path / "world", to="parquet")
    posts = parquet.read_table(tmp_path / "world" / "POST.parquet").to_pylist()
    likes = parquet.read_table(tmp_path / "world" / "LIKE.parquet").to_pylist()
    assert [post["likes_count"] for post in posts] == [len(likes)] == [5]


def authors(app: Any) -> set[str]:
    rows = [row for rows in app.table.scan() for row in rows]
    return {row["author_id"]["S"] for row in rows if row["entity_type"]["S"] == "POST"}


def test_aws_s_import_takes_the_files(filled, tmp_path):
    import boto3
    from moto import mock_aws
    from moto.dynamodb.models.table_import import TableImport

    from seedbed.dynamo.schema import TABLE

    # Without quotes, and texts are not compared: moto reads an import by a parser of its own, which knows no escapes.
    (post,) = filled.posts.by_author(next(iter(authors(filled))), limit=1).items
    filled.posts.update_post(post.id, user_id=post.author_id, caption="Plain")
    made, marks = filled.dump(tmp_path / "world"), [filled.table.get(SCHEMA_MARK)]
    with mock_aws():
        keys = {"region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}
        s3, dynamodb = boto3.client("s3", **keys), boto3.client("dynamodb", **keys)
        s3.create_bucket(Bucket="worlds")
        for file in (tmp_path / "world" / "data").iterdir():
            s3.upload_file(str(file), "worlds", f"world/data/{file.name}")
        arn = dynamodb.import_table(
            S3BucketSource={"S3Bucket": "worlds", "S3KeyPrefix": "world/data/"},
            InputFormat="DYNAMODB_JSON",
            InputCompressionType="GZIP",
            TableCreationParameters={"TableName": "imported", **TABLE},
        )["ImportTableDescription"]["ImportArn"]
        for thread in threading.enumerate():  # asking again and again would starve moto's thread of imports
            if isinstance(thread, TableImport):
                thread.join()
        status = dynamodb.describe_import(ImportArn=arn)["ImportTableDescription"]["ImportStatus"]
        assert status == "COMPLETED"
        found = dynamodb.get_paginator("scan").paginate(TableName="imported").build_full_result()["Items"]
    assert len(found) == made["rows"]
    assert {key_of(row): row["entity_type"] for row in found} == {
        key_of(row): row["entity_type"] for rows in (marks, *filled.table.scan()) for row in rows
    }


def test_a_dump_that_is_cut_off_between_its_two_files_is_none_and_is_made_again(filled, tmp_path, monkeypatch):
    replace, done = Path.replace, []

    def replace_once(path, target):
        if done:
            raise OSError(28, "No space left on device")
        done.append(target)
        return replace(path, target)

    place = tmp_path / "world.json.gz"
    monkeypatch.setattr(Path, "replace", replace_once)
    with pytest.raises(DumpError, match="No space left"):
        filled.dump(place)
    monkeypatch.undo()
    assert done != []
    assert not place.exists()
    filled.dump(place)
    assert place.exists()
