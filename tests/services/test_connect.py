"""Connecting: whatever stands at the other end, the answer is one typed error, and nothing is written."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

import seedbed.dynamo.definition
from seedbed.clock import Clock
from seedbed.dynamo.schema import TABLE
from seedbed.dynamo.session import Session
from services import errors
from services.app import connect
from services.errors import InvalidSettingError
from services.likes import LikeService
from services.posts import PostService

Answer = tuple[int, Any]
REFUSED = {
    "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    "CancellationReasons": [{"Code": "ConditionalCheckFailed"}],
}


def failure(code: str, message: str = "because") -> Answer:
    return 400, {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": message}


def described(**other: Any) -> Answer:
    return 200, {"Table": {"TableName": "social", "TableStatus": "ACTIVE"} | TABLE | other}


class Server:
    """Answers each operation from a script; the last answer of a script is given for ever."""

    def __init__(self) -> None:
        self.script: dict[str, list[Answer]] = {
            "DescribeTable": [described()],
            "TransactWriteItems": [(400, REFUSED)],
        }
        self.asked: list[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                status, body = server.answer(self.headers["X-Amz-Target"].rpartition(".")[2])
                raw = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.0")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01})

    def answer(self, operation: str) -> Answer:
        self.asked.append(operation)
        answers = self.script[operation]
        return answers.pop(0) if len(answers) > 1 else answers[0]


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    server.thread.start()
    yield server
    server.http.shutdown()
    server.thread.join()
    server.http.server_close()


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seedbed.dynamo.definition, "CREATE_WAIT_SECONDS", 0)


def test_a_table_of_our_shape_is_taken_as_it_is(server):
    with connect(server.url) as app:
        assert app.session.store.name == "social"
    assert server.asked == ["DescribeTable", "TransactWriteItems"]


def test_a_missing_table_is_made_and_awaited(server):
    missing = failure("ResourceNotFoundException")
    server.script["DescribeTable"] = [missing, described(TableStatus="CREATING"), described()]
    server.script["CreateTable"] = [(200, {})]
    connect(server.url).close()
    assert server.asked == ["DescribeTable", "TransactWriteItems", "CreateTable", *["DescribeTable"] * 2]


def test_a_table_that_another_process_is_making_is_awaited(server):
    server.script["DescribeTable"] = [described(TableStatus="CREATING")] * 2 + [described()]
    connect(server.url).close()
    assert server.asked == [*["DescribeTable"] * 3, "TransactWriteItems"]


def test_a_table_that_another_process_made_just_before_us_is_taken(server):
    missing = failure("ResourceNotFoundException")
    server.script["DescribeTable"] = [missing, missing, described()]
    server.script["CreateTable"] = [failure("ResourceInUseException")]
    connect(server.url).close()
    assert server.asked.count("CreateTable") == 1


def keyed(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=False)]


@pytest.mark.parametrize(
    ("other", "difference"),
    [
        ({"KeySchema": keyed("id")}, "its keys are [('id', 'HASH')], ours PK and SK"),
        ({"GlobalSecondaryIndexes": []}, "it has no index GSI1"),
        (
            {"GlobalSecondaryIndexes": [{"IndexName": "GSI1", "KeySchema": keyed("SK", "PK")}]},
            "its GSI1 is over [('SK', 'HASH'), ('PK', 'RANGE')], ours over GSI1PK and GSI1SK",
        ),
        (
            {"AttributeDefinitions": [{"AttributeName": name, "AttributeType": "N"} for name in ("PK", "SK")]},
            "PK, SK must be strings",
        ),
    ],
    ids=["keys", "no-index", "index", "types"],
)
def test_a_table_of_another_shape_is_refused_with_what_differs(server, other, difference):
    server.script["DescribeTable"] = [described(**other)]
    with pytest.raises(errors.TableShapeError) as refusal:
        connect(server.url)
    assert (refusal.value.table, refusal.value.differences) == ("social", (difference,))
    assert difference in str(refusal.value)
    assert server.asked == ["DescribeTable"]


@pytest.mark.parametrize(
    "code",
    ["AccessDeniedException", "UnrecognizedClientException", "ExpiredTokenException", "InvalidSignatureException"],
)
@pytest.mark.parametrize("operation", ["DescribeTable", "CreateTable", "TransactWriteItems"])
def test_no_permission_is_told_with_the_operation(server, code, operation):
    if operation == "CreateTable":
        server.script["DescribeTable"] = [failure("ResourceNotFoundException")]
    server.script[operation] = [failure(code, "you may not")]
    with pytest.raises(errors.PermissionDeniedError) as refusal:
        connect(server.url)
    assert (refusal.value.operation, refusal.value.why) == (operation, "you may not")
    assert str(refusal.value) == f"no permission for {operation}: you may not"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (failure("UnknownOperationException", "no such operation"), "no such operation"),
        (failure("ValidationException", "not here"), "not here"),
        ((200, {}), "a condition that does not hold was not refused"),
    ],
    ids=["unknown", "invalid", "ignored"],
)
def test_an_engine_without_transactions_is_refused(server, answer, why):
    server.script["TransactWriteItems"] = [answer]
    with pytest.raises(errors.TransactionsUnsupportedError) as refusal:
        connect(server.url)
    assert (refusal.value.endpoint_url, refusal.value.why) == (server.url, why)
    assert "has no transactions" in str(refusal.value)


@pytest.mark.parametrize("body", [b"<html>hello</html>", b"", b"{}"], ids=["html", "nothing", "empty"])
def test_what_is_no_dynamodb_is_told_so(server, body):
    server.script["DescribeTable"] = [(200, body)]
    with pytest.raises(errors.EngineError, match="no DynamoDB: check the endpoint") as refusal:
        connect(server.url)
    assert (refusal.value.operation, refusal.value.code) == ("DescribeTable", "NotDynamoDB")


def test_nobody_at_the_endpoint_is_unreachable():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(errors.EndpointUnreachableError) as refusal:
            connect(url)
    assert refusal.value.endpoint_url == url
    assert str(refusal.value).startswith(f"the endpoint {url} does not answer: ")


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://example.org", "http://", "http://a:0", "http://[", ""])
def test_what_is_no_address_is_refused(url):
    with pytest.raises(errors.UnusableEndpointError) as refusal:
        connect(url)
    assert refusal.value.endpoint_url == url


@pytest.mark.parametrize("table", ["ab", "x" * 256, "so cial", "söcial", "", None, 7])
def test_what_is_no_table_name_is_refused(table):
    with pytest.raises(errors.InvalidTableNameError) as refusal:
        connect(table=table)
    assert refusal.value.table == table
    assert str(refusal.value) == f"{table!r} is no table name: 3 to 255 of letters, digits, '_', '-' and '.'"


@pytest.mark.parametrize(
    ("setting", "value"),
    [(name, value) for name in ("workers", "fan_out_limit") for value in (-1, True, 1.5, "3")]
    + [("workers", 0), ("workers", 65), ("fan_out_limit", None)],
)
def test_a_setting_out_of_bounds_is_refused_by_name(setting, value):
    with pytest.raises(errors.InvalidSettingError) as refusal:
        connect(**{setting: value})
    assert (refusal.value.setting, refusal.value.value) == (setting, value)
    assert str(refusal.value) == f"{setting} must be {refusal.value.rule}, not {value!r}"


class Loud(LikeService):
    def like_post(self, user_id: str, post_id: str) -> Any:
        return f"{user_id} likes {post_id}!"


def test_another_implementation_stands_in_a_services_place():
    def loud(container: Any) -> Loud:
        return Loud(container.get(Session), container.get(Clock))

    wishes: dict[type, Callable[[Any], Any]] = {LikeService: loud}
    with connect(services=wishes) as app:
        assert app.likes.like_post("ann", "post") == "ann likes post!"
        assert app.likes is app.likes


def test_services_are_made_once_and_from_each_other():
    made = []

    def loud(container: Any) -> Loud:
        made.append(container.get(Loud))
        return made[-1]

    def own(container: Any) -> Loud:
        return Loud(container.get(Session), container.get(Clock))

    with connect(services={LikeService: loud, Loud: own}) as app:
        assert app.likes is app.container.get(Loud)
        assert app.likes.like_post("ann", "post") == "ann likes post!"

    assert len(made) == 1


def test_threads_that_ask_for_a_service_at_once_get_the_same():
    together = threading.Barrier(2)

    def slow(container: Any) -> Loud:
        asked.set()
        seen.wait(10)
        return Loud(container.get(Session), container.get(Clock))

    asked, seen = threading.Event(), threading.Event()
    with connect(services={LikeService: slow}) as app, ThreadPoolExecutor(2) as pool:

        def ask() -> LikeService:
            together.wait(10)
            return app.likes

        both = [pool.submit(ask) for _ in range(2)]
        assert asked.wait(10)
        seen.set()

        assert both[0].result() is both[1].result()


def test_a_service_that_is_a_context_manager_lives_as_long_as_the_app():
    lives = []

    @contextmanager
    def alive(container: Any) -> Iterator[Loud]:
        lives.append("open")
        yield Loud(container.get(Session), container.get(Clock))
        lives.append("closed")

    with connect(services={LikeService: alive}) as app:
        assert lives == []
        assert app.likes.like_post("ann", "post") == "ann likes post!"
        assert lives == ["open"]

    assert lives == ["open", "closed"]


@pytest.mark.parametrize(
    "wishes",
    [{"likes": Loud}, {LikeService: "loud"}, {LikeService: None}, [Loud]],
    ids=["a name for a type", "a text", "nothing", "no mapping"],
)
def test_what_cannot_stand_in_a_services_place_is_refused_at_once(wishes):
    with pytest.raises(InvalidSettingError, match=r"services must be functions by the services' types"):
        connect(services=wishes)


def test_a_service_made_of_what_is_not_there_is_told():
    with connect(services={LikeService: lambda container: container.get(Loud)}) as app:
        with pytest.raises(InvalidSettingError, match=r"made of what there is \(Clock, .*LikeService.*\), not .*Loud"):
            assert app.likes
        assert app.posts is app.posts


def test_services_that_need_each_other_are_told():
    wishes = {
        LikeService: lambda container: container.get(PostService),
        PostService: lambda container: container.get(LikeService),
    }
    with connect(services=wishes) as app:
        with pytest.raises(InvalidSettingError, match=r"LikeService -> PostService -> LikeService"):
            assert app.likes
        assert app.follows is app.follows
