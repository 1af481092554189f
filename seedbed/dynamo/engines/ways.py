"""The ways of a call to its engine: past botocore's layers where nobody listens to them, else by botocore's client.

botocore takes four times as long for a request as signing and sending it do (docs/design.md has the figures). What it
knows is used all the same: its connections (proxies, certificates, time-outs), credentials, parsers and errors. How an
operation's request looks (address, region, headers) is read off the first one that botocore sends, and kept only where
our signature over that one is botocore's. So what we do not know of (other signers, paths, no credentials) stays its.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias, cast
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, HeadersDict
from botocore.endpoint import convert_to_response_dict
from botocore.hooks import first_non_none_response

from seedbed.dynamo.engines.bodies import ReadyBodies, write_body
from seedbed.dynamo.engines.listeners import Listeners
from seedbed.dynamo.engines.rows import RowParser, read_answer
from seedbed.dynamo.engines.signing import Scope, authorization
from seedbed.errors import InvalidSettingError

if TYPE_CHECKING:
    from botocore.credentials import ReadOnlyCredentials
    from mypy_boto3_dynamodb import DynamoDBClient

    from seedbed.dynamo.engines.connections import Engine

Way: TypeAlias = Callable[[str, str, Mapping[str, Any]], Mapping[str, Any]]
"""Makes a call of an operation, whose method boto3's client has; parameters, answer and errors are boto3's."""

VARIABLE: Final = "SEEDBED_WIRE"
_BOTOCORE: Final = "botocore"
_STAMP: Final = "%Y%m%dT%H%M%SZ"
_KEPT: Final = ("Content-Type", "User-Agent", "X-Amz-Target")


def by_client(client: DynamoDBClient) -> Way:
    """Return the way through a client and all that it does."""
    return lambda _operation, method, parameters: cast("Mapping[str, Any]", getattr(client, method)(**parameters))


def way_to(engine: Engine) -> Way:
    """Return the shortest way to an engine that its settings allow.

    Raises:
        InvalidSettingError: SEEDBED_WIRE names another way.
    """
    wanted = os.environ.get(VARIABLE, "")
    if wanted not in {"", _BOTOCORE}:
        raise InvalidSettingError(VARIABLE, wanted, f"{_BOTOCORE!r}, or not set")
    if engine.is_checked:
        return by_client(engine.client)
    if wanted:
        return by_client(engine.client) if engine.direct else ReadyBodies(engine.client)
    return Wire(engine.client) if engine.direct is None else Direct(engine.client, engine.direct)


class Direct:
    """The way to the embedded engine: no client stands between, unless somebody listens to it."""

    def __init__(self, client: DynamoDBClient, direct: Way) -> None:
        self._by_client = by_client(client)
        self._direct = direct
        self._listeners = Listeners(client)

    def __call__(self, operation: str, method: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Make a call.

        Raises:
            ClientError: the engine refused it.
            ConnectionClosedError: the engine was closed.
        """
        way = self._by_client if self._listeners.are_strange(operation) else self._direct
        return way(operation, method, parameters)


class _Form(NamedTuple):
    """What the requests of one operation have in common."""

    url: str
    host: str
    scope: Scope
    headers: Mapping[str, str]


class Wire:
    """The way to an endpoint: requests of our own over botocore's connections. Safe for threads."""

    def __init__(self, client: DynamoDBClient) -> None:
        self._client: Any = client
        self._by_botocore = ReadyBodies(client)
        self._listeners = Listeners(client)
        self._forms: dict[str, _Form | None] = {}
        self._parser = RowParser()
        events: Any = client.meta.events
        events.register_last("before-send.dynamodb", self._learn)

    def __call__(self, operation: str, method: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Make a call.

        Raises:
            ClientError: the engine refused it.
            BotoCoreError: it could not be sent or answered, as botocore's own clients say it.
        """
        form, credentials = self._forms.get(operation), self._credentials()
        if form is None or credentials is None or self._listeners.are_strange(operation):
            return self._by_botocore(operation, method, parameters)
        if credentials.access_key != form.scope.access_key:  # rotated: maybe another account's, with another address
            self._forms.pop(operation, None)
            return self._by_botocore(operation, method, parameters)
        return self._answer(operation, self._request(form, credentials, write_body(parameters)))

    def _credentials(self) -> ReadOnlyCredentials | None:
        """Ask botocore each time: it gets others before they expire."""
        held = self._client._request_signer._credentials  # noqa: SLF001 - where botocore keeps them; pinned
        return None if held is None else cast("ReadOnlyCredentials", held.get_frozen_credentials())

    def _request(self, form: _Form, credentials: ReadOnlyCredentials, body: bytes) -> AWSPreparedRequest:
        headers = {**form.headers, "X-Amz-Date": datetime.now(UTC).strftime(_STAMP)}
        if credentials.token:
            headers["X-Amz-Security-Token"] = credentials.token
        signed = {name.lower(): value for name, value in headers.items() if name != "User-Agent"}
        signed["host"] = form.host
        headers["Authorization"] = authorization(form.scope, str(credentials.secret_key), signed, body)
        headers["Content-Length"] = str(len(body))
        sent: Any = HeadersDict(headers)  # what it is, whatever its types say
        return AWSPreparedRequest("POST", form.url, sent, body, stream_output=False)

    def _answer(self, operation: str, request: AWSPreparedRequest) -> Mapping[str, Any]:
        told = self._client.meta.events.emit(f"before-send.dynamodb.{operation}", request=request)
        response = first_non_none_response(told)
        if response is None:
            response = self._client._endpoint.http_session.send(request)  # noqa: SLF001 - where botocore would; pinned
        model = self._client.meta.service_model.operation_model(operation)
        answer = read_answer(self._parser, convert_to_response_dict(response, model), model)
        if "Error" in answer:
            raise self._client.exceptions.from_code(answer["Error"].get("Code"))(answer, operation)
        return answer

    def _learn(self, request: AWSPreparedRequest, event_name: str, **_event: object) -> None:
        """Read off a request of botocore's how the others of its operation look."""
        operation = event_name.rpartition(".")[2]
        if operation in self._forms:
            return
        headers = {name.lower(): _text(value) for name, value in request.headers.items()}
        found, credentials = Scope.read(headers.get("authorization", "")), self._credentials()
        if found is None or credentials is None or credentials.access_key != found[0].access_key:
            return
        scope, names = found
        host = urlsplit(request.url).netloc.lower()
        signed = {name: host if name == "host" else headers[name] for name in names}
        ours = authorization(scope, str(credentials.secret_key), signed, cast("bytes", request.body))
        kept = {name: headers[name.lower()] for name in _KEPT}
        self._forms[operation] = _Form(request.url, host, scope, kept) if ours == headers["authorization"] else None


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
