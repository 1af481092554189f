"""A data file holds what was answered, whatever became of the process; one that is not ours is left as it is."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from factories import PostFactory, using
from seedbed.dynamo.digest import digest_of
from seedbed.dynamo.engines import embedded_engine
from seedbed.dynamo.errors import DataFileError
from seedbed.serve.server import serving
from services import connect
from tests.serve.conftest import TABLE

ROOT = Path(__file__).resolve().parents[2]
KEY = {"id": {"S": "a"}}
ITEM = KEY | {"b": {"B": b"\x00\xff"}, "n": {"N": "1.5"}, "l": {"L": [{"NULL": True}, {"BS": [b"1", b"2"]}]}}


def put(client: Any, item: dict[str, Any], token: str | None = None) -> None:
    options = {} if token is None else {"ClientRequestToken": token}
    client.transact_write_items(TransactItems=[{"Put": {"TableName": "things", "Item": item}}], **options)


def rows(path: Path) -> list[dict[str, Any]]:
    with embedded_engine(data=path) as engine:
        return sorted(engine.client.scan(TableName="things")["Items"], key=lambda row: row["id"]["S"])


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "world.db"


@pytest.fixture
def kept(path) -> Path:
    """A file with one table of one row."""
    with embedded_engine(data=path) as engine:
        engine.client.create_table(**TABLE)
        put(engine.client, ITEM)
    return path


def test_what_is_put_is_there_when_it_is_opened_again(kept):
    assert rows(kept) == [ITEM]


def test_so_is_what_is_updated_and_what_is_deleted_is_not(kept):
    with embedded_engine(data=kept) as engine:
        put(engine.client, {"id": {"S": "b"}})
        engine.client.update_item(
            TableName="things",
            Key={"id": {"S": "b"}},
            UpdateExpression="ADD n :n",
            ExpressionAttributeValues={":n": {"N": "2"}},
        )
        engine.client.delete_item(TableName="things", Key=KEY)
        engine.client.batch_write_item(RequestItems={"things": [{"PutRequest": {"Item": {"id": {"S": "c"}}}}]})
    assert rows(kept) == [{"id": {"S": "b"}, "n": {"N": "2"}}, {"id": {"S": "c"}}]


def test_a_transaction_that_was_refused_leaves_the_file_as_it_was(kept):
    with embedded_engine(data=kept) as engine, pytest.raises(ClientError):
        engine.client.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": "things", "Item": KEY | {"n": {"N": "9"}}}},
                {
                    "ConditionCheck": {
                        "TableName": "things",
                        "Key": {"id": {"S": "z"}},
                        "ConditionExpression": "attribute_exists(id)",
                    }
                },
            ]
        )
    assert rows(kept) == [ITEM]


def test_tables_are_as_they_were_made_and_changed(kept):
    with embedded_engine(data=kept) as engine:
        engine.client.create_table(**TABLE | {"TableName": "others"})
        engine.client.put_item(TableName="others", Item=KEY)
        engine.client.update_time_to_live(
            TableName="things", TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"}
        )
        engine.client.delete_table(TableName="others")
    with embedded_engine(data=kept) as engine:
        told = engine.client.describe_time_to_live(TableName="things")["TimeToLiveDescription"]
        assert engine.client.list_tables()["TableNames"] == ["things"]
        assert told["AttributeName"] == "until"
        engine.client.create_table(**TABLE | {"TableName": "others"})
        assert engine.client.scan(TableName="others")["Count"] == 0


def test_a_request_that_comes_again_after_a_restart_is_known(kept):
    with embedded_engine(data=kept) as engine:
        put(engine.client, KEY | {"n": {"N": "7"}}, "a token")
    with embedded_engine(data=kept) as engine:
        engine.client.delete_item(TableName="things", Key=KEY)
        put(engine.client, KEY | {"n": {"N": "7"}}, "a token")
        assert "Item" not in engine.client.get_item(TableName="things", Key=KEY)
        with pytest.raises(ClientError, match="IdempotentParameterMismatch"):
            put(engine.client, KEY, "a token")


KILLED = """
import itertools, os, sys
from pathlib import Path
from seedbed.dynamo.engines import embedded_engine
client = embedded_engine(data=Path(sys.argv[1])).client
for number in itertools.count():
    pair = [{"Put": {"TableName": "things", "Item": {"id": {"S": f"{number}/{half}"}}}} for half in (1, 2)]
    client.transact_write_items(TransactItems=pair)
    os.write(1, f"{number}\\n".encode())
"""


def test_what_was_answered_before_a_kill_is_there_and_nothing_by_halves(kept):
    with subprocess.Popen([sys.executable, "-c", KILLED, kept], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) == 50:
                process.kill()
                break
        answered = max([50, *map(int, process.stdout.read().split())])
    found = {row["id"]["S"] for row in rows(kept)} - {"a"}
    pairs = {name.partition("/")[0] for name in found}
    assert found == {f"{number}/{half}" for number in pairs for half in (1, 2)}
    assert set(map(str, range(answered + 1))) <= pairs


def test_a_second_process_is_refused_and_so_is_a_second_engine(kept):
    other = "import sys\nfrom pathlib import Path\nfrom seedbed.dynamo.engines import embedded_engine\n"
    other += "embedded_engine(data=Path(sys.argv[1]))"
    with embedded_engine(data=kept):
        with pytest.raises(DataFileError, match="another process has it"):
            embedded_engine(data=kept)
        done = subprocess.run(
            [sys.executable, "-c", other, kept], cwd=ROOT, capture_output=True, text=True, check=False
        )
    assert "another process has it" in done.stderr
    assert rows(kept) == [ITEM]


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:8192] = b"\x01" * 4096
    path.write_bytes(content)


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        for statement in statements:
            file.execute(statement)


def overwrite(path: Path) -> None:
    path.write_bytes(b"a letter to a friend\n" * 500)


WRONG = {
    "a damaged one": (damage, "damaged"),
    "one that is none": (overwrite, "no SQLite database"),
    "one of another program": (lambda path: change(path, "PRAGMA application_id = 7"), "of another program"),
    "one of a newer version": (lambda path: change(path, "PRAGMA user_version = 2"), "of version 2"),
    "a row that is none": (lambda path: change(path, "UPDATE rows SET item = '{}'"), "damaged"),
    "a row of no table": (lambda path: change(path, "DELETE FROM definitions"), "damaged"),
    "a lost table": (lambda path: change(path, "DROP TABLE rows"), "damaged"),
}


@pytest.mark.parametrize(("spoil", "words"), WRONG.values(), ids=WRONG)
def test_a_file_that_cannot_be_trusted_is_refused_and_left_as_it_is(kept, spoil, words):
    spoil(kept)
    before = kept.read_bytes()
    with pytest.raises(DataFileError, match=words) as refused:
        embedded_engine(data=kept)
    assert str(kept) in str(refused.value)
    assert kept.read_bytes() == before


@pytest.mark.parametrize("place", ["no/such/folder/file.db", "."])
def test_a_place_where_no_file_can_be_is_said(tmp_path, place):
    with pytest.raises(DataFileError, match="cannot be used"):
        embedded_engine(data=tmp_path / place)


FULL = """
import resource, sys
from pathlib import Path
from botocore.exceptions import ClientError, ConnectionClosedError
from seedbed.dynamo.engines import embedded_engine
client = embedded_engine(data=Path(sys.argv[1])).client
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))  # as a disk that is full
number = 0
try:
    for number in range(1_000):
        client.put_item(TableName="things", Item={"id": {"S": f"{number:04}"}, "text": {"S": "x" * 1_000}})
except ClientError as error:
    print(number, error.response["Error"]["Code"], error.response["Error"]["Message"])
try:
    client.get_item(TableName="things", Key={"id": {"S": "0000"}})
except ConnectionClosedError:
    print("closed")
"""


def test_an_engine_whose_file_cannot_be_written_answers_nothing_more(kept):
    done = subprocess.run([sys.executable, "-c", FULL, kept], cwd=ROOT, capture_output=True, text=True, check=True)
    refused, closed = done.stdout.splitlines()
    number, code, why = refused.split(maxsplit=2)
    assert (code, closed) == ("InternalServerError", "closed")
    assert str(kept) in why
    assert [row["id"]["S"] for row in rows(kept)] == [*(f"{place:04}" for place in range(int(number))), "a"]


def test_a_world_that_was_served_is_there_with_every_count_right(path):
    with embedded_engine(data=path) as engine, serving(engine.perform) as url, connect(url, table="social") as app:
        with using(app, seed=1):
            post = PostFactory(likes=5, comments=3)
        digest = str(digest_of(app))
    with embedded_engine(data=path) as engine, serving(engine.perform) as url, connect(url, table="social") as app:
        assert app.posts.get(post.id) == post
        assert app.audit().is_clean
        assert str(digest_of(app)) == digest
