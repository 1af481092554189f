"""Over the wire an embedded engine is DynamoDB: in what it takes, in what it answers, and in how it refuses."""

from __future__ import annotations

import json
import socket
import zlib
from concurrent.futures import ThreadPoolExecutor
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

import boto3
import pytest
from botocore.exceptions import ClientError

from seedbed.dynamo.engines import embedded_engine
from seedbed.serve.server import BusyPortError, listen, serving, url_of
from seedbed.serve.wire import BODY_BYTES, answer
from services import connect

KEY = {"id": {"S": "a"}}


def test_the_app_runs_against_it_as_against_an_engine_of_its_own(place):
    with connect(place.url, table="social") as app:
        ada, bob = (
            app.profiles.create_profile(email=f"{name}@example.com", username=name, handle=name, full_name=name)
            for name in ("ada", "bob")
        )
        with app.unit_of_work():
            post = app.posts.create_post(author_id=ada.id, caption="Hello")
            app.likes.like_post(bob.id, post.id)
        assert app.posts.get(post.id).likes_count == 1
        assert app.audit().is_clean


def test_every_kind_of_value_comes_back_as_it_went(place, client):
    item = {
        **KEY,
        "text": {"S": "é\u0000"},
        "number": {"N": "1.5"},
        "bytes": {"B": b"\x00\xff"},
        "none": {"NULL": True},
        "yes": {"BOOL": True},
        "list": {"L": [{"B": b"x"}, {"M": {"B": {"S": "a map's member of that name"}}}]},
        "texts": {"SS": ["a", "b"]},
        "numbers": {"NS": ["1", "2"]},
        "byte strings": {"BS": [b"1", b"2"]},
    }
    client.put_item(TableName="things", Item=item)
    assert client.get_item(TableName="things", Key=KEY)["Item"] == item


def test_a_refusal_has_what_its_sdk_reads(place, client):
    client.put_item(TableName="things", Item=KEY | {"n": {"N": "1"}})
    with pytest.raises(ClientError) as refused:
        client.transact_write_items(
            TransactItems=[
                {
                    "Put": {
                        "TableName": "things",
                        "Item": KEY,
                        "ConditionExpression": "attribute_not_exists(id)",
                        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                    }
                }
            ]
        )
    (reason,) = refused.value.response["CancellationReasons"]
    assert (reason["Code"], reason["Item"]["n"]) == ("ConditionalCheckFailed", {"N": "1"})


def test_every_answer_bears_its_sum(place):
    answered = answer(place.engine.perform, {"content-type": "application/json"}, b"{}")
    assert answered.headers()["x-amz-crc32"] == str(zlib.crc32(answered.body))


WRONG_REQUESTS = {
    "no JSON": ("GetItem", "{", {}, 400, "SerializationException"),
    "no text": ("GetItem", b"\xff\xfe", {}, 400, "SerializationException"),
    "nothing": ("GetItem", "", {}, 400, "SerializationException"),
    "a list": ("GetItem", "[]", {}, 400, "SerializationException"),
    "nothing but null": ("GetItem", "null", {}, 400, "SerializationException"),
    "as deep as memory": ("GetItem", "[" * 100_000, {}, 400, "SerializationException"),
    "too large": ("GetItem", b" " * (BODY_BYTES + 1), {}, 413, "RequestEntityTooLargeException"),
    "no target": ("", {}, {"X-Amz-Target": "nothing"}, 400, "UnknownOperationException"),
    "an older API": ("", {}, {"X-Amz-Target": "DynamoDB_20111205.GetItem"}, 400, "UnknownOperationException"),
    "no such operation": ("Nothing", {}, {}, 400, "UnknownOperationException"),
    "one that is not offered": ("ExecuteStatement", {"Statement": "SELECT"}, {}, 400, "UnknownOperationException"),
    "a private one": ("__class__", {}, {}, 400, "UnknownOperationException"),
}


@pytest.mark.parametrize(("action", "body", "headers", "status", "kind"), WRONG_REQUESTS.values(), ids=WRONG_REQUESTS)
def test_a_request_that_is_none_is_refused_in_dynamodb_s_words(place, action, body, headers, status, kind):
    answered, said = place.send(action, body, **headers)
    assert answered == status
    assert said["__type"].rpartition("#")[2] == kind
    assert "Traceback" not in json.dumps(said)


@pytest.mark.parametrize("content_type", ["text/plain", "", "application/xml"])
def test_another_content_type_is_no_request(place, content_type):
    headers = {"Content-Type": content_type, "X-Amz-Target": "DynamoDB_20120810.ListTables"}
    assert place.post("{}", headers) == (404, b"<UnknownOperationException/>\n")


def test_another_path_is_no_endpoint(place):
    headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "DynamoDB_20120810.ListTables"}
    assert place.post("{}", headers, "/elsewhere") == (404, b"<UnknownOperationException/>\n")


def test_whoever_looks_by_a_browser_hears_that_it_is_well(place):
    with urlopen(place.url) as response:  # noqa: S310 - our own
        assert response.read().startswith(b"healthy")


def test_half_a_request_hinders_nobody(place, client):
    where = urlsplit(place.url)
    with socket.create_connection((where.hostname, where.port)) as half:
        half.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        assert client.list_tables()["TableNames"] == ["things"]
    assert client.list_tables()["TableNames"] == ["things"]


def test_sixteen_clients_at_once_lose_no_addition(place):
    def add(_: int) -> None:
        client = boto3.client(
            "dynamodb", endpoint_url=place.url, region_name="x", aws_access_key_id="x", aws_secret_access_key="x"
        )
        for _ in range(10):
            client.update_item(
                TableName="things",
                Key=KEY,
                UpdateExpression="ADD n :one",
                ExpressionAttributeValues={":one": {"N": "1"}},
            )

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(add, range(16)))
    assert place.engine.client.get_item(TableName="things", Key=KEY)["Item"]["n"] == {"N": "160"}


def test_a_busy_port_is_said_with_one_that_is_free():
    with listen(0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BusyPortError, match=f"port {port} is in use") as refused:
            listen(port)
        with listen(int(refused.value.free or 0)) as free:
            assert url_of(free).endswith(str(refused.value.free))


def test_stopped_it_lets_the_port_go(place):
    with serving(place.engine.perform) as url:
        port = int(url.rpartition(":")[2])
    with listen(port) as again:
        assert again.getsockname()[1] == port


def test_pictures_are_drawn_beside_it():
    drawn = {"/images/people/a.svg": "<svg/>"}
    with embedded_engine() as engine, serving(engine.perform, draw=drawn.get) as url:
        with urlopen(f"{url}/images/people/a.svg") as answered:  # noqa: S310 - of this machine
            assert answered.read() == b"<svg/>"
            assert answered.headers["Content-Type"].startswith("image/svg+xml")
            assert "default-src 'none'" in answered.headers["Content-Security-Policy"]
        for path in ("/images/people/b.svg", "/images/", "/images/../etc/passwd"):
            assert_nothing_there(f"{url}{path}")


def assert_nothing_there(url):
    with pytest.raises(HTTPError, match="404") as refused:
        urlopen(url)  # noqa: S310 - of this machine
    refused.value.close()  # it holds the answer, and Python 3.14 warns of it


def test_an_engine_without_pictures_has_none(place):
    assert_nothing_there(f"{place.url}/images/people/a.svg")
