"""Requests past botocore's layers: what is sent, answered and raised is what botocore's client would have."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from unittest.mock import patch
from zlib import crc32

import attrs
import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials, RefreshableCredentials
from botocore.exceptions import BotoCoreError, ClientError, CredentialRetrievalError
from botocore.parsers import ResponseParserError

import seedbed.dynamo.engines.ways
from seedbed.dynamo.engines import embedded_engine, endpoint_engine
from seedbed.dynamo.engines.ways import Direct, Wire, way_to
from seedbed.errors import InvalidSettingError

PUT = {"Put": {"TableName": "social", "Item": {"PK": {"S": "é😀"}, "n": {"N": "1"}, "t": {"L": [{"S": "x"}]}}}}
PARAMETERS = {"TransactItems": [PUT], "ClientRequestToken": "token"}
CALL = "TransactWriteItems", "transact_write_items", PARAMETERS
KEYS = {"region_name": "eu-west-1", "aws_access_key_id": "mine", "aws_secret_access_key": "secret"}
ANSWER: tuple[int, bytes] = 200, b"{}"


class Place(ThreadingHTTPServer):
    """Keeps the requests that it gets, and answers what it is told to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[Any] = []
        self.answer: Callable[[], tuple[int, bytes] | None] = lambda: ANSWER
        self.sum: int | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Place

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
        answer = self.server.answer()
        if answer is None:
            self.close_connection = True
            return
        self.send_response(answer[0])
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(answer[1])))
        self.send_header("x-amz-crc32", str(crc32(answer[1]) if self.server.sum is None else self.server.sum))
        self.end_headers()
        self.wfile.write(answer[1])

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def place() -> Iterator[Place]:
    server = Place()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def wire_to(place: Place, session: boto3.Session | None = None) -> Iterator[Wire]:
    """Open a way that has seen one request of botocore's, and so knows how they look."""
    with endpoint_engine(place.url, session=session or boto3.Session(**KEYS)) as engine:
        way = way_to(engine)
        assert isinstance(way, Wire)
        way(*CALL)
        yield way


@contextmanager
def client_of(place: Place) -> Iterator[Any]:
    with endpoint_engine(place.url, session=boto3.Session(**KEYS), validate=True) as engine:
        yield engine.client


@pytest.fixture
def layers() -> Iterator[list[str]]:
    """Note which calls pass botocore's layers."""
    passed: list[str] = []
    real = seedbed.dynamo.engines.ways.ReadyBodies.__call__

    def note(self: Any, *call: Any) -> Any:
        passed.append(call[0])
        return real(self, *call)

    with patch.object(seedbed.dynamo.engines.ways.ReadyBodies, "__call__", note):
        yield passed


# What is sent


def test_a_request_is_the_one_that_botocore_sends(place, layers):
    with wire_to(place) as way:
        way(*CALL)
    assert layers == ["TransactWriteItems"]  # the first alone

    theirs, ours = place.requests
    assert ours[0] == theirs[0] == "/"
    assert json.loads(ours[2]) == json.loads(theirs[2]) == PARAMETERS
    same = ("host", "content-type", "x-amz-target", "user-agent", "accept-encoding")
    assert [ours[1].get(name) for name in same] == [theirs[1].get(name) for name in same]
    assert int(ours[1]["content-length"]) == len(ours[2])


def signed_anew(request: tuple[str, dict[str, str], bytes], credentials: Credentials) -> str:
    """Let botocore sign a request that arrived, at its own instant."""
    _, headers, body = request
    names = headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    again = AWSRequest("POST", f"http://{headers['host']}/", {name: headers[name] for name in names}, body)
    signer = SigV4Auth(credentials, "dynamodb", "eu-west-1")
    again.context["timestamp"] = headers["x-amz-date"]
    text = signer.string_to_sign(again, signer.canonical_request(again))
    return str(signer.signature(text, again))


@pytest.mark.parametrize("token", [None, "a token"])
def test_a_request_bears_the_signature_that_botocore_gives_it(place, token):
    credentials = Credentials("mine", "secret", token)
    with wire_to(place, boto3.Session(**KEYS, aws_session_token=token)) as way:
        way(*CALL)

    request = place.requests[1]
    assert request[1].get("x-amz-security-token") == token
    assert request[1]["authorization"].endswith(f"Signature={signed_anew(request, credentials)}")
    assert ("x-amz-security-token" in request[1]["authorization"]) == (token is not None)


def test_reads_go_the_same_way(place, layers):
    read = "GetItem", "get_item", {"TableName": "social", "Key": {"PK": {"S": "a"}, "SK": {"S": "b"}}}
    with wire_to(place) as way:
        place.answer = lambda: (200, b'{"Item": {"PK": {"S": "a"}}}')
        assert [way(*read)["Item"] for _ in range(2)] == [{"PK": {"S": "a"}}] * 2
    assert layers == ["TransactWriteItems", "GetItem"]
    assert [json.loads(body) for _, _, body in place.requests[1:]] == [read[2]] * 2


# Credentials


class Lent:
    """Credentials that end: so many of them, one after another."""

    def __init__(self, *names: str) -> None:
        self._names = iter(names)
        self.session = boto3.Session(region_name="eu-west-1")
        self._held: Any = RefreshableCredentials.create_from_metadata(self._fetch(), self._fetch, "a test")
        core: Any = self.session
        core._session._credentials = self._held

    def _fetch(self) -> dict[str, str]:
        name = next(self._names, None)
        if name is None:
            return {}
        end = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
        return {"access_key": name, "secret_key": f"secret {name}", "token": f"token {name}", "expiry_time": end}

    def near_their_end(self) -> None:
        """Let them be so near to it that botocore wants others first."""
        self._held._expiry_time = datetime.now(UTC) + timedelta(minutes=5)


def test_new_credentials_are_taken_before_the_old_ones_expire(place, layers):
    lent = Lent("a", "b")
    with wire_to(place, lent.session) as way:
        way(*CALL)
        lent.near_their_end()
        way(*CALL)
        way(*CALL)

    for request, name in zip(place.requests, "aabb", strict=True):
        assert f"Credential={name}/" in request[1]["authorization"]
        assert request[1]["x-amz-security-token"] == f"token {name}"
        assert signed_anew(request, Credentials(name, f"secret {name}")) in request[1]["authorization"]
    assert len(layers) == 2  # the first of each: the others' account may be another, with an address of its own


def test_credentials_that_cannot_be_got_any_more_are_botocores_error(place):
    lent = Lent("a")
    with wire_to(place, lent.session) as way:
        lent.near_their_end()
        with pytest.raises(CredentialRetrievalError):
            way(*CALL)


def test_a_request_with_other_credentials_is_botocores_first(place, layers):
    session = boto3.Session(**KEYS)
    with wire_to(place, session) as way:
        held = session.get_credentials()
        held.access_key, held.secret_key = "other", "another secret"
        way(*CALL)
        way(*CALL)
    assert layers == ["TransactWriteItems"] * 2
    assert signed_anew(place.requests[2], held) in place.requests[2][1]["authorization"]


# What is answered

CANCELLED = {
    "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    "Message": "Transaction cancelled",
    "CancellationReasons": [{"Code": "ConditionalCheckFailed", "Item": {"PK": {"S": "a"}}, "Message": "no"}],
}
ERRORS = {
    "cancelled": (400, CANCELLED),
    "throttled": (400, {"__type": "x#ProvisionedThroughputExceededException", "message": "slowly"}),
    "expired": (400, {"__type": "x#ExpiredTokenException", "message": "The security token is expired"}),
    "skewed": (400, {"__type": "x#InvalidSignatureException", "message": "Signature expired: 2026 is earlier than"}),
    "unknown": (400, {"__type": "x#NobodyKnowsException", "message": "?"}),
    "server": (500, {"__type": "x#InternalServerError", "message": "again"}),
    "unavailable": (503, {}),
    "moved": (301, {}),
}


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_is_the_one_that_botocore_raises(place, name):
    status, answer = ERRORS[name]
    with wire_to(place) as way, client_of(place) as client:
        place.answer = lambda: (status, json.dumps(answer).encode())
        with pytest.raises(ClientError) as theirs:
            client.transact_write_items(**PARAMETERS)
        with pytest.raises(ClientError) as ours:
            way(*CALL)

    assert type(ours.value).__name__ == type(theirs.value).__name__
    assert ours.value.operation_name == theirs.value.operation_name
    said, meant = dict(ours.value.response), dict(theirs.value.response)
    assert said.pop("ResponseMetadata")["HTTPStatusCode"] == meant.pop("ResponseMetadata")["HTTPStatusCode"] == status
    assert said == meant


@pytest.mark.parametrize("body", [b"", b"null", b"<html>Please sign in.</html>", b'{"Table": {}}', b'{"Unproc'])
def test_an_answer_that_is_none_is_not_taken_for_one(place, body):
    with wire_to(place) as way:
        place.answer = lambda: (200, body)
        with pytest.raises(ResponseParserError):
            way(*CALL)


def test_an_answer_that_was_damaged_is_not_taken_for_one(place):
    with wire_to(place) as way:
        place.sum = 1
        with pytest.raises(ResponseParserError, match="damaged on its way"):
            way(*CALL)


def test_a_connection_that_breaks_is_botocores_error_and_the_next_call_goes_over_another(place):
    with wire_to(place) as way:
        place.answer = lambda: None
        with pytest.raises(BotoCoreError) as failure:
            way(*CALL)
        assert type(failure.value).__name__ == "ConnectionClosedError"
        place.answer = lambda: ANSWER
        way(*CALL)
    assert len(place.requests) == 3  # each was sent once


def test_an_engine_that_is_gone_is_botocores_error(place):
    with wire_to(place) as way:
        place.shutdown()
        place.server_close()
        way._client._endpoint.http_session.close()  # its connection would still be served
        with pytest.raises(BotoCoreError) as failure:
            way(*CALL)
    assert type(failure.value).__name__ == "EndpointConnectionError"


def test_threads_share_a_way(place):
    with wire_to(place) as way:

        def send(number: int) -> None:
            way("TransactWriteItems", "transact_write_items", {**PARAMETERS, "ClientRequestToken": str(number)})

        threads = [threading.Thread(target=send, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    tokens = sorted(json.loads(body)["ClientRequestToken"] for _, _, body in place.requests[1:])
    assert tokens == sorted(map(str, range(20)))
    for request in place.requests:
        assert signed_anew(request, Credentials("mine", "secret")) in request[1]["authorization"]


# Who sends


@pytest.mark.parametrize("event", ["before-call", "after-call", "before-sign", "request-created", "needs-retry"])
@pytest.mark.parametrize("service", ["", ".dynamodb", ".dynamodb.TransactWriteItems"])
def test_whoever_listens_to_a_client_hears_every_call_until_he_leaves(place, layers, event, service):
    heard: list[str] = []

    def hear(event_name: str, **_: object) -> None:
        heard.append(event_name)

    with wire_to(place) as way:
        events: Any = way._client.meta.events
        events.register(event + service, hear)
        way(*CALL)
        way(*CALL)
        events.unregister(event + service, hear)
        way(*CALL)
    assert heard == [f"{event}.dynamodb.TransactWriteItems"] * 2
    assert len(layers) == 3


def test_whoever_listens_to_what_is_sent_hears_it_and_may_answer(place, layers):
    sent: list[Any] = []
    with wire_to(place) as way:
        way._client.meta.events.register("before-send.dynamodb", lambda request, **_: sent.append(request))
        way(*CALL)
    assert [request.body for request in sent] == [place.requests[1][2]]
    assert len(layers) == 1


def test_a_client_that_others_wrapped_is_used(place):
    with wire_to(place) as way, patch("botocore.client.BaseClient._make_api_call", return_value={"from": "mock"}):
        assert way(*CALL) == {"from": "mock"}
    assert len(place.requests) == 1


def test_moto_answers_where_it_stands_in_for_aws():
    from moto import mock_aws

    with (
        mock_aws(),
        endpoint_engine("https://dynamodb.eu-west-1.amazonaws.com", session=boto3.Session(**KEYS)) as engine,
    ):
        way = way_to(engine)
        for _ in range(2):
            assert way("ListTables", "list_tables", {})["TableNames"] == []


def test_what_we_would_sign_otherwise_botocore_sends(place, layers):
    with endpoint_engine(f"{place.url}/behind/a/proxy", session=boto3.Session(**KEYS)) as engine:
        way = way_to(engine)
        for _ in range(2):
            way(*CALL)
    assert len(layers) == 2


def test_the_variable_leads_back_to_botocore(place, monkeypatch, layers):
    monkeypatch.setenv("SEEDBED_WIRE", "botocore")
    with endpoint_engine(place.url, session=boto3.Session(**KEYS)) as engine, embedded_engine() as other:
        way = way_to(engine)
        assert not isinstance(way, Wire)
        for _ in range(2):
            way(*CALL)
        assert not isinstance(way_to(other), Direct)
    assert len(layers) == 2


def test_the_variable_names_no_other_way(place, monkeypatch):
    monkeypatch.setenv("SEEDBED_WIRE", "boto")
    with (
        endpoint_engine(place.url) as engine,
        pytest.raises(InvalidSettingError, match=r"SEEDBED_WIRE must be 'botocore', or not set, not 'boto'"),
    ):
        way_to(engine)


# In this process


def test_the_embedded_engine_answers_without_a_client_as_its_client_does(engine):
    direct = way_to(attrs.evolve(engine, is_checked=False))
    key = {"PK": {"S": "a"}, "SK": {"S": "b"}}
    engine.client.put_item(TableName="social", Item=key | {"n": {"N": "1"}})
    put = {"Put": {"TableName": "social", "Item": key, "ConditionExpression": "attribute_not_exists(PK)"}}
    put["Put"]["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"

    with pytest.raises(ClientError) as theirs:
        engine.client.transact_write_items(TransactItems=[put])
    with pytest.raises(ClientError) as ours:
        direct("TransactWriteItems", "transact_write_items", {"TransactItems": [put]})

    said, meant = dict(ours.value.response), dict(theirs.value.response)
    assert said.pop("ResponseMetadata")["HTTPStatusCode"] == meant.pop("ResponseMetadata")["HTTPStatusCode"]
    assert said == meant
    assert said["CancellationReasons"][0]["Item"]["n"] == {"N": "1"}


def test_whoever_listens_to_an_embedded_client_hears_every_call():
    heard: list[str] = []
    with embedded_engine() as engine:
        way = way_to(engine)
        way("ListTables", "list_tables", {})
        engine.client.meta.events.register_first(
            "before-call.dynamodb.*", lambda event_name, **_: heard.append(event_name)
        )
        way("ListTables", "list_tables", {})
    assert heard == ["before-call.dynamodb.ListTables"]


def test_an_embedded_engine_that_was_closed_answers_no_more():
    with embedded_engine() as engine:
        way = way_to(engine)
    with pytest.raises(BotoCoreError, match="embedded"):
        way("ListTables", "list_tables", {})
