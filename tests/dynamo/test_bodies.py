"""Request bodies of our own: what goes over the wire is what botocore would have written."""

from __future__ import annotations

import json
import threading

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config

from seedbed.dynamo.engines.bodies import ReadyBodies

PUT = {"Put": {"TableName": "social", "Item": {"PK": {"S": "é😀"}, "n": {"N": "1"}, "t": {"L": [{"S": "x"}]}}}}
BATCH = {"social": [{"DeleteRequest": {"Key": {"PK": {"S": "a"}, "SK": {"S": "b"}}}}]}


class _Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self):
        yield self._body


@pytest.fixture
def sent():
    return []


@pytest.fixture
def client(sent):
    made = boto3.session.Session().client(
        "dynamodb",
        region_name="us-east-1",
        endpoint_url="http://nowhere.invalid",
        aws_access_key_id="x",
        aws_secret_access_key="x",
        config=Config(parameter_validation=False),
    )

    def answer(request, **_):
        sent.append(request)
        return AWSResponse(request.url, 200, {}, _Raw(b"{}"))

    made.meta.events.register("before-send.dynamodb.*", answer)
    return made


TRANSACTION = "TransactWriteItems", "transact_write_items"


def body(request):
    return json.loads(request.body)


def test_a_transaction_is_sent_as_botocore_sends_it(client, sent):
    parameters = {"TransactItems": [PUT], "ClientRequestToken": "token"}
    client.transact_write_items(**parameters)

    ReadyBodies(client)(*TRANSACTION, parameters)

    theirs, ours = sent
    assert body(ours) == body(theirs)
    assert ours.headers["X-Amz-Target"] == theirs.headers["X-Amz-Target"]
    assert int(ours.headers["Content-Length"]) == len(ours.body)


def test_a_batch_is_sent_as_botocore_sends_it(client, sent):
    client.batch_write_item(RequestItems=BATCH)

    ReadyBodies(client)("BatchWriteItem", "batch_write_item", {"RequestItems": BATCH})

    assert body(sent[1]) == body(sent[0])


def test_the_signature_is_of_the_body_that_is_sent(client, sent):
    ready = ReadyBodies(client)
    ready(*TRANSACTION, {"TransactItems": [PUT], "ClientRequestToken": "one"})
    ready(*TRANSACTION, {"TransactItems": [PUT], "ClientRequestToken": "two"})

    assert sent[0].headers["Authorization"] != sent[1].headers["Authorization"]


def test_other_calls_of_the_same_client_keep_their_own_bodies(client, sent):
    ready = ReadyBodies(client)
    ready("BatchWriteItem", "batch_write_item", {"RequestItems": BATCH})

    client.transact_write_items(TransactItems=[PUT], ClientRequestToken="token")

    assert body(sent[1])["TransactItems"] == [PUT]


def test_threads_do_not_get_each_others_bodies(client, sent):
    ready = ReadyBodies(client)
    numbers = [str(number) for number in range(20)]

    def send(number):
        ready(*TRANSACTION, {"TransactItems": [PUT], "ClientRequestToken": number})

    threads = [threading.Thread(target=send, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(body(request)["ClientRequestToken"] for request in sent) == sorted(numbers)


@pytest.mark.parametrize("value", [{"S": "\ud800"}, {"N": 2**80}], ids=["half a pair", "many bits"])
def test_what_orjson_refuses_is_the_engines_to_refuse(client, sent, value):
    put = {"Put": {"TableName": "social", "Item": {"PK": value}}}

    ReadyBodies(client)(*TRANSACTION, {"TransactItems": [put], "ClientRequestToken": "token"})

    assert body(sent[0])["TransactItems"] == [put]
