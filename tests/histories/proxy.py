"""A proxy at the socket between clients and an engine, which lets go wrong what a seed says of each call.

A client names its calls in a header. So the same seed brings the same faults to the same calls, in whatever order they
come; a call without a name passes.
"""

from __future__ import annotations

import http.client
import json
import random
import socket
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Self, TypeAlias
from urllib.parse import urlsplit

import botocore.session
from attrs import Factory, define, frozen

NAME: Final = "X-Seedbed-Call"
_PREFIX: Final = "com.amazonaws.dynamodb.v20120810#"
_JSON: Final = "application/x-amz-json-1.0"


@frozen
class Answer:
    """What goes back: a status, a body, and how much of it is said to come (None: all)."""

    status: int
    body: bytes
    length: int | None = None
    times: int = 1


Fault: TypeAlias = Callable[["Passing"], Answer | None]
"""Decides what becomes of a request; None: the connection is closed without an answer."""


@define
class Passing:
    """One request on its way."""

    forward: Callable[[], Answer]
    wait: Callable[[], None]
    later: Callable[[Callable[[], object]], None]
    draw: random.Random
    operation: str


# Faults


def _dropped_before(_passing: Passing) -> None:
    """Close the connection; the engine never hears of it."""


def _dropped_after(passing: Passing) -> None:
    passing.forward()


def _late_request(passing: Passing) -> Answer:
    passing.wait()
    return passing.forward()


def _late_answer(passing: Passing) -> Answer:
    answer = passing.forward()
    passing.wait()
    return answer


def _twice(passing: Passing) -> Answer:
    passing.forward()
    return passing.forward()


def _twice_later(passing: Passing) -> Answer:
    """What was done comes again; a refused transaction that came again would be a new one to DynamoDB."""
    answer = passing.forward()
    if answer.status == 200:
        passing.later(passing.forward)
    return answer


def _answered_twice(passing: Passing) -> Answer:
    """Both at once, so that the client sees the second before it sends more: HTTP does not say whose an answer is."""
    answer = passing.forward()
    return Answer(answer.status, answer.body, times=2)


def _cut_short(passing: Passing) -> Answer:
    """Fewer bytes than were said to come."""
    answer = passing.forward()
    return Answer(answer.status, _part(answer.body, passing.draw), length=len(answer.body))


def _cut_whole(passing: Passing) -> Answer:
    """Fewer bytes than there were, said to be all."""
    answer = passing.forward()
    return Answer(answer.status, _part(answer.body, passing.draw))


def _part(body: bytes, draw: random.Random) -> bytes:
    return body[: draw.randrange(max(1, len(body)))]


_BODIES: Final = (
    b"",
    b"null",
    b"[]",
    b'"done"',
    b"<html><body>Please sign in.</body></html>",
    b'{"Table": {}}',
    b'{"Buckets": []}',
)


def _malformed(passing: Passing) -> Answer:
    if passing.draw.random() < 0.5:
        passing.forward()
    return Answer(200, passing.draw.choice(_BODIES))


def _refused(passing: Passing) -> Answer:
    return error(400, passing.draw.choice(refusals_of(passing.operation)))


def _cancelled(passing: Passing) -> Answer:
    """A transaction that was cancelled for what is not in its conditions."""
    if passing.operation != "TransactWriteItems":
        return _refused(passing)
    codes = (
        "TransactionConflict",
        "ThrottlingError",
        "ProvisionedThroughputExceeded",
        "ItemCollectionSizeLimitExceeded",
    )
    return error(400, "TransactionCanceledException", CancellationReasons=[{"Code": passing.draw.choice(codes)}])


def _expired(passing: Passing) -> Answer:
    codes = ("ExpiredTokenException", "ExpiredToken", "RequestExpired", "UnrecognizedClientException")
    return error(400, passing.draw.choice(codes))


def _skewed(passing: Passing) -> Answer:
    codes = ("InvalidSignatureException", "RequestTimeTooSkewed", "RequestExpired", "IncompleteSignature")
    return error(passing.draw.choice((400, 403)), passing.draw.choice(codes))


def _broken(passing: Passing) -> Answer:
    if passing.draw.random() < 0.5:
        passing.forward()
    if passing.draw.random() < 0.5:
        return Answer(
            passing.draw.choice((500, 502, 503, 504)), passing.draw.choice((b"", b"<html>Bad gateway</html>"))
        )
    codes = ("InternalServerError", "InternalFailure", "ServiceUnavailable", "InternalServerErrorException")
    return error(passing.draw.choice((500, 503)), passing.draw.choice(codes))


def _of_a_gateway(passing: Passing) -> Answer:
    """An error of what stands between, which the engine never sees."""
    return Answer(passing.draw.choice((403, 404, 407, 408, 413, 429)), passing.draw.choice((b"", b"<html>No.</html>")))


def error(status: int, code: str, **more: object) -> Answer:
    """Answer as DynamoDB says no."""
    return Answer(status, json.dumps({"__type": _PREFIX + code, "message": "a fault on purpose", **more}).encode())


# What would be a lie: whether a write's conditions hold, and whether its token was used, are the engine's to judge.
_LIES: Final = {
    "ConditionalCheckFailedException",
    "IdempotentParameterMismatchException",
    "TransactionCanceledException",
}
_COMMON: Final = ("AccessDeniedException", "ValidationException", "SerializationException", "ThrottlingException")


@cache
def refusals_of(operation: str) -> Sequence[str]:
    """Name every error of the API's that an operation may answer with 4xx."""
    model = botocore.session.get_session().get_service_model("dynamodb").operation_model(operation)
    own = {shape.name for shape in model.error_shapes if not shape.metadata.get("fault")}
    return sorted({*own, *_COMMON} - _LIES - {"InternalServerError"})


KINDS: Final[Mapping[str, tuple[Fault, ...]]] = {
    "no faults": (),
    "dropped before": (_dropped_before,),
    "dropped after": (_dropped_after,),
    "delayed": (_late_request, _late_answer),
    "duplicated": (_twice, _twice_later, _answered_twice),
    "truncated": (_cut_short, _cut_whole),
    "malformed": (_malformed,),
    "4xx": (_refused, _cancelled, _of_a_gateway),
    "5xx": (_broken,),
    "expired": (_expired,),
    "skewed": (_skewed,),
}
MIXED: Final = "mixed"
NAMES: Final = (*KINDS, MIXED)
"""Every kind of fault, and all of them mixed."""


@frozen
class Plan:
    """What goes wrong with a call, by its name alone: `WORKER/NUMBER/REQUEST`.

    Of the calls, so many are troubled: half of their requests go wrong, or all of them.
    """

    seed: int | str
    kind: str
    troubled: float = 0.25
    doomed: float = 0.2

    def __call__(self, name: str) -> tuple[Fault, random.Random] | None:
        """Draw the fault of a request, and what else it draws by."""
        faults = KINDS.get(self.kind, ()) or (tuple(f for some in KINDS.values() for f in some) * (self.kind == MIXED))
        call = random.Random(f"{self.seed}/{self.kind}/{name.rpartition('/')[0]}")
        if not faults or call.random() >= self.troubled:
            return None
        share = 1.0 if call.random() < self.doomed else 0.5
        draw = random.Random(f"{self.seed}/{self.kind}/{name}")
        return (draw.choice(faults), draw) if draw.random() < share else None


# The proxy


@define
class Proxy:
    """Listens on a free port for the block, and passes on to an engine. `seconds` are the bounds of a delay."""

    target: str
    plan: Plan
    seconds: tuple[float, float] = (0.05, 0.75)
    made: Counter[str] = Factory(Counter)
    _server: _Server | None = None
    _open: int = 0
    _moved: threading.Condition = Factory(threading.Condition)

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._server = _Server(self)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Let what is on its way arrive, and listen no longer."""
        self.drain()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{0 if self._server is None else self._server.server_port}"

    def drain(self) -> None:
        """Wait until nothing is on its way to the engine."""
        with self._moved:
            self._moved.wait_for(lambda: self._open == 0)

    def enter(self, change: int) -> None:
        """Count what is on its way."""
        with self._moved:
            self._open += change
            self._moved.notify_all()

    def answer(self, headers: Mapping[str, str], body: bytes) -> Answer | None:
        """Let a request pass, or go wrong."""

        def forward() -> Answer:
            return _sent(self.target, headers, body)

        fault = self.plan(headers[NAME]) if NAME in headers else None
        if fault is None:
            return forward()
        make, draw = fault
        with self._moved:
            self.made[make.__name__.strip("_")] += 1
        seconds = draw.uniform(*self.seconds)
        operation = headers["X-Amz-Target"].rpartition(".")[2]
        return make(Passing(forward, lambda: _wait(seconds), lambda act: self._later(seconds, act), draw, operation))

    def _later(self, seconds: float, act: Callable[[], object]) -> None:
        def run() -> None:
            try:
                act()
            finally:
                self.enter(-1)

        self.enter(1)
        threading.Timer(seconds, run).start()


def _wait(seconds: float) -> None:
    threading.Event().wait(seconds)


def _sent(target: str, headers: Mapping[str, str], body: bytes) -> Answer:
    connection = http.client.HTTPConnection(urlsplit(target).netloc, timeout=60)
    try:
        kept = {name: value for name, value in headers.items() if name.lower() not in {"connection", "host"}}
        connection.request("POST", "/", body, kept)
        response = connection.getresponse()
        return Answer(response.status, response.read())
    finally:
        connection.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, proxy: Proxy) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.proxy = proxy

    def handle_error(self, *_: Any) -> None:
        """Say nothing of clients that hung up."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        proxy = self.server.proxy
        proxy.enter(1)
        try:
            answer = proxy.answer(dict(self.headers), body)
        finally:
            proxy.enter(-1)
        if answer is None:
            self._hang_up()
            return
        for _ in range(answer.times):
            self._write(answer)
        self.wfile.flush()
        if answer.length is not None:
            self._hang_up()

    def _write(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", _JSON)
        self.send_header("Content-Length", str(len(answer.body) if answer.length is None else answer.length))
        self.end_headers()
        self.wfile.write(answer.body)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
