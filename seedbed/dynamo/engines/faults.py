"""Faults on purpose, for tests: an engine that throttles, conflicts, loses answers, by a seeded schedule.

    with Faults(app.engine, Schedule(7, HOSTILE)) as faults:
        ...
    assert faults.made[Fault.CONFLICT] > 0

It hangs on botocore's own events of one client. At an endpoint each try that botocore sends is met (`before-send`), so
botocore's own retries are under test too; the embedded engine answers before anything is sent (`before-call`). The
client by which an app first contacts an endpoint is another one, and is left in peace.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from io import BytesIO
from types import MappingProxyType
from typing import Any, Final, Protocol, Self, TypeAlias

from attrs import field, frozen
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from seedbed.dynamo.engines.connections import Engine
from seedbed.dynamo.engines.rows import RowParser
from seedbed.errors import InvalidSettingError


class Fault(StrEnum):
    """What can go wrong with a call. `_AFTER`: the engine has done it, and the caller is not told so."""

    THROTTLED = "throttled"
    """ProvisionedThroughputExceededException."""
    THROTTLING = "throttling"
    """ThrottlingException."""
    OVER_LIMIT = "over limit"
    """RequestLimitExceeded."""
    THROTTLED_ROWS = "throttled rows"
    """A transaction cancelled since one of its rows was throttled."""
    CONFLICT = "conflict"
    """A transaction cancelled since another one was at one of its rows."""
    IN_PROGRESS = "in progress"
    """TransactionInProgressException: the same token is at work already."""
    TIMEOUT_BEFORE = "timeout before"
    TIMEOUT_AFTER = "timeout after"
    RESET_BEFORE = "reset before"
    RESET_AFTER = "reset after"
    SERVER_ERROR = "server error"
    """500 InternalServerError."""
    SERVER_ERROR_AFTER = "server error after"
    UNAVAILABLE = "unavailable"
    """503 ServiceUnavailable."""
    TWICE = "twice"
    """Delivered twice; the caller gets the second answer."""
    SLOW = "slow"
    """Answered late."""
    UNPROCESSED = "unprocessed"
    """Every other key of a batch is left undone. AWS would refuse the signature of what is left: for local engines."""
    NOTHING = "nothing"
    """200 with no body; so too the next three, all by what the engine never saw."""
    NULL = "null"
    PAGE = "page"
    """A page of HTML."""
    FOREIGN = "foreign"
    """An answer of another operation."""
    CUT = "cut"
    """Half an answer, by a length that is right; the engine has done it."""


ONLY_FOR: Final[Mapping[Fault, frozenset[str]]] = MappingProxyType(
    {
        **dict.fromkeys((Fault.THROTTLED_ROWS, Fault.CONFLICT, Fault.IN_PROGRESS), frozenset({"TransactWriteItems"})),
        Fault.UNPROCESSED: frozenset({"BatchWriteItem", "BatchGetItem"}),
    }
)
"""Faults that only some operations can meet; others are left alone where a plan asks for them."""

Plan: TypeAlias = Callable[[int], Fault | None]
"""Says what goes wrong with a call, by its ordinal, from 0."""


@frozen
class Schedule:
    """A plan by rates: each call's fault is a function of the seed and the call's ordinal."""

    seed: int | str
    rates: Mapping[Fault, float] = field()

    @rates.validator
    def _check(self, _attribute: object, rates: Mapping[Fault, float]) -> None:
        """Refuse what no share of the calls can be.

        Raises:
            InvalidSettingError: a rate is of no fault, or below 0, or all of them are more than 1.
        """
        kinds = all(isinstance(fault, Fault) for fault in rates)
        if not kinds or any(rate < 0 for rate in rates.values()) or sum(rates.values()) > 1:
            raise InvalidSettingError("rates", dict(rates), "shares of the calls by Fault, 1 together at most")

    def __call__(self, ordinal: int) -> Fault | None:
        """Draw a call's fault."""
        drawn = hashlib.blake2b(f"{self.seed}/{ordinal}".encode(), digest_size=8).digest()
        share = int.from_bytes(drawn, "big") / 2**64
        for fault, rate in self.rates.items():
            share -= rate
            if share < 0:
                return fault
        return None


HOSTILE: Final[Mapping[Fault, float]] = MappingProxyType(
    {
        # 10 % throttles, 5 % conflicts, 2 % answers lost after the write, 1 % 5xx; the others a little.
        Fault.THROTTLED: 0.025,
        Fault.THROTTLING: 0.025,
        Fault.OVER_LIMIT: 0.025,
        Fault.THROTTLED_ROWS: 0.025,
        Fault.CONFLICT: 0.05,
        Fault.TIMEOUT_AFTER: 0.01,
        Fault.RESET_AFTER: 0.01,
        Fault.SERVER_ERROR: 0.005,
        Fault.UNAVAILABLE: 0.005,
        Fault.SERVER_ERROR_AFTER: 0.005,
        Fault.TIMEOUT_BEFORE: 0.005,
        Fault.RESET_BEFORE: 0.005,
        Fault.IN_PROGRESS: 0.005,
        Fault.TWICE: 0.01,
        Fault.SLOW: 0.005,
        Fault.UNPROCESSED: 0.1,
        Fault.NOTHING: 0.002,
        Fault.NULL: 0.002,
        Fault.PAGE: 0.002,
        Fault.FOREIGN: 0.002,
        Fault.CUT: 0.002,
    }
)
"""Rates of a bad day."""


class Faults:
    """Stands between a client and its engine for a block. Safe for threads."""

    def __init__(
        self, engine: Engine, plan: Plan, *, slow_seconds: float = 0.05, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.made: Counter[Fault] = Counter()
        self.calls = 0
        self._client: Any = engine.client
        self._is_embedded = engine.kind == "embedded"
        self._plan = plan
        self._slow_seconds = slow_seconds
        self._sleep = sleep
        self._lock = threading.Lock()
        self._passing = threading.local()

    def __enter__(self) -> Self:
        """Begin."""
        self._client.meta.events.register_first(*self._handler, unique_id=id(self))
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Leave the engine in peace again."""
        self._client.meta.events.unregister(*self._handler, unique_id=id(self))

    @property
    def _handler(self) -> tuple[str, Callable[..., Any]]:
        # As specific as the embedded engine's own handler, else that would come first.
        if self._is_embedded:
            return "before-call.dynamodb.*", self._before_call
        return "before-send.dynamodb.*", self._before_send

    def _before_send(self, request: AWSPreparedRequest, event_name: str, **_event: object) -> Any:  # noqa: ANN401 - botocore's
        return self._meet(_Sent(self._client, request), event_name.rpartition(".")[2])

    def _before_call(self, event_name: str, **event: Any) -> Any:  # noqa: ANN401 - botocore's
        if getattr(self._passing, "is_on", False):
            return None
        self._passing.is_on = True
        try:
            return self._meet(_Embedded(self._client, event_name, event), event_name.rpartition(".")[2])
        finally:
            self._passing.is_on = False

    def _meet(self, call: _Call, operation: str) -> Any:  # noqa: ANN401 - botocore's
        fault = self._draw(operation)
        return None if fault is None else _MAKERS[fault](self, call)

    def _draw(self, operation: str) -> Fault | None:
        with self._lock:
            fault = self._plan(self.calls)
            self.calls += 1
            if fault is None or operation not in ONLY_FOR.get(fault, {operation}):
                return None
            self.made[fault] += 1
            return fault

    def wait(self) -> None:
        """Wait as long as a slow answer takes."""
        self._sleep(self._slow_seconds)


# One call on its way, at an endpoint or embedded


class _Call(Protocol):
    def parameters(self) -> dict[str, Any]: ...

    def send(self, parameters: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - what botocore's event wants
        """Let the engine do it, or something else in its place, and return its answer."""

    def answer(self, status: int, body: dict[str, Any]) -> Any:  # noqa: ANN401 - as above
        """Return an answer that no engine gave."""

    def write(self, text: bytes) -> Any:  # noqa: ANN401 - as above
        """Return an answer of 200 and any bytes."""

    def read(self, answer: Any) -> tuple[int, dict[str, Any]]:  # noqa: ANN401 - as above
        """Return status and body of an answer."""


class _Raw(BytesIO):
    """A body as urllib3 hands it out."""

    def stream(self, **_options: object) -> Iterator[bytes]:
        yield self.read()


@frozen
class _Sent:
    """A request as it would go out."""

    client: Any
    request: Any = field()

    def parameters(self) -> dict[str, Any]:
        parameters: dict[str, Any] = json.loads(self.request.body)
        return parameters

    def send(self, parameters: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - as _Call
        request = self.request
        if parameters is not None:
            body = json.dumps(parameters).encode()
            headers: Any = HeadersDict(request.headers)  # what it is, whatever its types say
            headers["Content-Length"] = str(len(body))
            request = AWSPreparedRequest(request.method, request.url, headers, body, request.stream_output)
        return self.client._endpoint.http_session.send(request)  # noqa: SLF001 - where botocore would send it

    def answer(self, status: int, body: dict[str, Any]) -> Any:  # noqa: ANN401 - as _Call
        return AWSResponse(self.request.url, status, HTTPHeaders(), _Raw(json.dumps(body).encode()))

    def write(self, text: bytes) -> Any:  # noqa: ANN401 - as _Call
        return AWSResponse(self.request.url, 200, HTTPHeaders(), _Raw(text))

    def read(self, answer: Any) -> tuple[int, dict[str, Any]]:  # noqa: ANN401 - as _Call
        return answer.status_code, json.loads(answer.content)


@frozen
class _Embedded:
    """A call that the embedded engine would answer."""

    client: Any
    event_name: str
    event: dict[str, Any]

    def parameters(self) -> dict[str, Any]:
        from seedbed.dynamo.engines.embedded.transport import PARAMETERS  # noqa: PLC0415 - moto takes a second to import

        parameters: dict[str, Any] = self.event["context"][PARAMETERS]
        return parameters

    def send(self, parameters: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - as _Call
        from seedbed.dynamo.engines.embedded.transport import PARAMETERS  # noqa: PLC0415 - as above

        context = {**self.event["context"], PARAMETERS: parameters or self.parameters()}
        return self.client.meta.events.emit_until_response(self.event_name, **{**self.event, "context": context})[1]

    def answer(self, status: int, body: dict[str, Any]) -> Any:  # noqa: ANN401 - as _Call
        parsed = {name: value for name, value in body.items() if name not in {"__type", "message"}}
        if "__type" in body:
            parsed["Error"] = {"Code": body["__type"].rpartition("#")[2], "Message": body["message"]}
        parsed["ResponseMetadata"] = {"HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0}
        return AWSResponse("", status, HTTPHeaders(), None), parsed

    def write(self, text: bytes) -> Any:  # noqa: ANN401 - as _Call
        # The client's own way of reading, which the embedded engine otherwise has no need of.
        wire = {"body": text, "headers": {}, "status_code": 200}
        return AWSResponse("", 200, HTTPHeaders(), None), RowParser().parse(wire, self.event["model"].output_shape)

    def read(self, answer: Any) -> tuple[int, dict[str, Any]]:  # noqa: ANN401 - as _Call
        return answer[0].status_code, answer[1]


# The faults

_Maker: TypeAlias = Callable[[Faults, _Call], Any]
_URL = "http://faults.invalid"


def _refusing(status: int, code: str) -> _Maker:
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "a fault on purpose"}
    return lambda _faults, call: call.answer(status, body)


def _cancelling(code: str) -> _Maker:
    def make(_faults: Faults, call: _Call) -> Any:  # noqa: ANN401 - as _Call
        count = len(call.parameters()["TransactItems"])
        reasons = [{"Code": "None"}] * (count - 1) + [{"Code": code, "Message": "a fault on purpose"}]
        body = {
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "message": f"Transaction cancelled: {code}",
            "CancellationReasons": reasons,
        }
        return call.answer(400, body)

    return make


def _failing(error: type[ConnectionClosedError | ReadTimeoutError], *, is_done: bool) -> _Maker:
    def make(_faults: Faults, call: _Call) -> Any:  # noqa: ANN401 - as _Call
        if is_done:
            call.send()
        raise error(endpoint_url=_URL)

    return make


def _server_error_after(_faults: Faults, call: _Call) -> Any:  # noqa: ANN401 - as _Call
    call.send()
    return _refusing(500, "InternalServerError")(_faults, call)


def _twice(_faults: Faults, call: _Call) -> Any:  # noqa: ANN401 - as _Call
    call.send()
    return call.send()


def _slowly(faults: Faults, call: _Call) -> Any:  # noqa: ANN401 - as _Call
    faults.wait()
    return call.send()


def _writing(text: bytes) -> _Maker:
    return lambda _faults, call: call.write(text)


def _cut(_faults: Faults, call: _Call) -> Any:  # noqa: ANN401 - as _Call
    _, body = call.read(call.send())
    text = json.dumps(body, default=str).encode()
    return call.write(text[: len(text) // 2])


def _leaving_some(_faults: Faults, call: _Call) -> Any:  # noqa: ANN401 - as _Call
    """Do every other key of a batch, and name the rest as undone; of one key, leave that one."""
    parameters = call.parameters()
    ((table, asked),) = parameters["RequestItems"].items()
    is_read = isinstance(asked, dict)
    keys = asked["Keys"] if is_read else asked
    done, left = keys[1::2], keys[::2]
    names = ("Responses", "UnprocessedKeys") if is_read else ("ItemCollectionMetrics", "UnprocessedItems")
    body: dict[str, Any] = {names[0]: {}}
    if done:
        part = {**asked, "Keys": done} if is_read else done
        status, body = call.read(call.send({**parameters, "RequestItems": {table: part}}))
        if status != 200 or body.get(names[1]):  # noqa: PLR2004 - the engine has a fault of its own
            return call.send()
    return call.answer(200, {**body, names[1]: {table: {**asked, "Keys": left} if is_read else left}})


_MAKERS: Final[Mapping[Fault, _Maker]] = MappingProxyType(
    {
        Fault.THROTTLED: _refusing(400, "ProvisionedThroughputExceededException"),
        Fault.THROTTLING: _refusing(400, "ThrottlingException"),
        Fault.OVER_LIMIT: _refusing(400, "RequestLimitExceeded"),
        Fault.THROTTLED_ROWS: _cancelling("ThrottlingError"),
        Fault.CONFLICT: _cancelling("TransactionConflict"),
        Fault.IN_PROGRESS: _refusing(400, "TransactionInProgressException"),
        Fault.TIMEOUT_BEFORE: _failing(ReadTimeoutError, is_done=False),
        Fault.TIMEOUT_AFTER: _failing(ReadTimeoutError, is_done=True),
        Fault.RESET_BEFORE: _failing(ConnectionClosedError, is_done=False),
        Fault.RESET_AFTER: _failing(ConnectionClosedError, is_done=True),
        Fault.SERVER_ERROR: _refusing(500, "InternalServerError"),
        Fault.SERVER_ERROR_AFTER: _server_error_after,
        Fault.UNAVAILABLE: _refusing(503, "ServiceUnavailable"),
        Fault.TWICE: _twice,
        Fault.SLOW: _slowly,
        Fault.UNPROCESSED: _leaving_some,
        Fault.NOTHING: _writing(b""),
        Fault.NULL: _writing(b"null"),
        Fault.PAGE: _writing(b"<html><body>Please sign in.</body></html>"),
        Fault.FOREIGN: _writing(b'{"Table": {}}'),
        Fault.CUT: _cut,
    }
)
