"""Calls of an API: an `Api` over a client, and its endpoints."""

from __future__ import annotations

import asyncio
import functools
import inspect
import re
import time
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, Generic, overload
from urllib.parse import quote
from uuid import uuid4

from seedbed.errors import InvalidSettingError
from seedbed.http.checks import check_endpoint
from seedbed.http.errors import (
    MissingPathError,
    NoAnswerError,
    UnreadableAnswerError,
    UnsentRequestError,
    UnusableClientError,
    body_of,
    refusal,
)
from seedbed.http.parsing import reader
from seedbed.plain import plain_text
from seedbed.strategy.errors import UnknownArgumentError
from seedbed.strategy.waiting import is_async, settle, spawn
from seedbed.variables import Answer

_IN_QUERY = {"DELETE", "GET", "HEAD"}
_REPEATABLE = {"DELETE", "GET", "HEAD", "OPTIONS", "PUT"}
_WORTH_A_TRY = {429, 502, 503, 504}
_UNSENT = {"ConnectError", "ConnectTimeout", "ConnectionRefusedError", "PoolTimeout"}
_NEVER_SENT = {
    "InvalidHeader",
    "InvalidSchema",
    "InvalidURL",
    "LocalProtocolError",
    "MissingSchema",
    "UnicodeEncodeError",
    "UnsupportedProtocol",
}
_LOST = {"TransportError", "RequestException", "ConnectionError", "TimeoutError"}
_FIRST_WAIT_SECONDS = 0.2
_LONGEST_WAIT_SECONDS = 30.0


class Api:
    """Some endpoints of an API, called through a client that is the caller's to open and close.

    Args:
        client: Such as `httpx.Client(base_url=...)`, or a TestClient.
        headers: Sent with each call, such as who calls.
        errors: Errors of the app's own in the place of ours, by status code; each is made of the server's message.
        idempotency_header: The header by which the API knows a call again; None: it knows none.
        tries: How often a call is sent at most.
        sleep: Waits some seconds, before the next try.
    """

    is_async = False
    """Whether its client is."""

    def __init__(
        self,
        client: Any,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Mapping[int, Callable[[str], Exception]] | None = None,
        idempotency_header: str | None = None,
        tries: int = 3,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        if not callable(getattr(client, "request", None)) or is_async(client.request) is not self.is_async:
            raise UnusableClientError(client, is_async=self.is_async)
        self.client = client
        self._headers = dict(headers or {})
        self._errors = dict(errors or {})
        self._idempotency_header = idempotency_header
        self._tries = max(1, tries)
        self._sleep = sleep

    def call(self, method: str, path: str, into: Any = None, **options: Any) -> Any:
        """Send a request, and return what its answer is read into; None where it has no body.

        `options` are the client's: `json`, `params`, `headers`.

        Raises:
            ServiceError: The API refused it, or did not answer, or the client cannot send it; an error of `errors` in
                the place of the first.
        """
        method = method.upper()
        headers = self._headers | dict(options.pop("headers", None) or {})
        if self._idempotency_header is not None and method not in _REPEATABLE:
            headers.setdefault(self._idempotency_header, str(uuid4()))
        request = f"{method} {path}"
        answer = self._send(request, lambda: self._wait(self.client.request(method, path, headers=headers, **options)))
        return _read(request, answer.text, into)

    def _wait(self, result: Any) -> Any:
        return settle(result, "client", type(self)) if self.is_async else result

    def _send(self, request: str, send: Callable[[], Any]) -> Any:
        is_repeatable = self._idempotency_header is not None or request.partition(" ")[0] in _REPEATABLE
        tries = 1
        while True:
            answer, error, wait = self._try(request, send)
            if error is None:
                return answer
            is_worth = wait is not None and (is_repeatable or not error.is_unknown)
            if not is_worth or tries == self._tries:
                raise self._own(error)
            self._wait(self._sleep(max(wait or 0.0, _FIRST_WAIT_SECONDS * 2 ** (tries - 1))))
            tries += 1

    def _try(self, request: str, send: Callable[[], Any]) -> tuple[Any, Any, float | None]:
        """Send once; return the answer, or the error and how long to wait for another try (None: none helps).

        Raises:
            UnsentRequestError: The client cannot send it.
        """
        is_write = request.partition(" ")[0] not in {"GET", "HEAD", "OPTIONS"}
        try:
            answer = send()
        except Exception as cause:
            names = {kind.__name__ for kind in type(cause).__mro__}
            if names & _NEVER_SENT:
                raise UnsentRequestError(request, cause) from cause
            if not names & (_LOST | _UNSENT):
                raise
            error = NoAnswerError(request, cause, is_unknown=is_write and not names & _UNSENT)
            error.__cause__ = cause
            return None, error, 0.0
        if 200 <= answer.status_code < 300:  # noqa: PLR2004 - what HTTP calls a success
            return answer, None, None
        refused = refusal(request, answer, is_write=is_write)
        return None, refused, _wait(answer) if answer.status_code in _WORTH_A_TRY else None

    def _own(self, error: Any) -> Exception:
        make = self._errors.get(getattr(error, "status", 0))
        if make is None:
            return error  # type: ignore[no-any-return]
        own = make(error.message)
        own.__cause__ = error
        return own


class AsyncApi(Api):
    """Some endpoints of an API, called through an async client, such as `httpx.AsyncClient`: each is to be awaited.

    Its factories are used by `create_async`. The arguments are those of `Api`; `sleep` may be async. Needs the extra
    `seedbed[async]`.
    """

    is_async = True

    def __init__(self, client: Any, *, sleep: Callable[[float], object] = asyncio.sleep, **options: Any) -> None:
        super().__init__(client, sleep=sleep, **options)

    async def call(self, method: str, path: str, into: Any = None, **options: Any) -> Any:
        """Send a request, and return what its answer is read into; None where it has no body.

        Raises:
            ServiceError: The API refused it, or did not answer; an error of `errors` in the place of the first.
        """
        return await spawn(functools.partial(super().call, method, path, into, **options))


def _wait(answer: Any) -> float:
    """Read how many seconds the server asks to wait."""
    text = str(answer.headers.get("Retry-After", ""))
    return min(float(text), _LONGEST_WAIT_SECONDS) if re.fullmatch(r"\d+(\.\d+)?", text) else 0.0


def _read(request: str, text: str, into: Any) -> Any:
    if not text.strip():
        return None
    try:
        return reader(into)(body_of(text))
    except Exception as error:
        raise UnreadableAnswerError(request, into, error) from error


class Endpoint(Generic[Answer]):
    """One call of an Api, as a method that takes keywords.

    To a type checker it answers as `into` makes; what that does not tell can be said: `Endpoint[Order | None]("GET",
    "/orders/{id}", Order | None)`.

    Args:
        method: Such as "POST".
        path: Such as "/rooms/{room_id}/bookings".
        into: What an answer is read into.
        takes: The names of all keywords; without, any are sent.
        headers: Names of headers, by the keyword that fills them: `{"actor": "X-Actor"}`.

    Raises:
        InvalidEndpointError: Its method is none, its path is not one, or a name stands for two things.
    """

    @overload
    def __init__(
        self,
        method: str,
        path: str,
        into: Callable[..., Answer],
        *,
        takes: Sequence[str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        method: str,
        path: str,
        into: Any = None,
        *,
        takes: Sequence[str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None: ...
    def __init__(
        self,
        method: str,
        path: str,
        into: Any = None,
        *,
        takes: Sequence[str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        check_endpoint(method, path, takes, headers)
        self.method = method.upper()
        self.path = path
        self.into = into
        self.in_path = tuple(re.findall(r"{(\w+)}", path))
        self.headers = dict(headers or {})
        self.takes = None if takes is None else (*dict.fromkeys((*self.in_path, *takes, *self.headers)),)
        self.name = ""
        api = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
        self.__signature__ = inspect.Signature([api, *self.parameters()], return_annotation=self.returns)

    def __set_name__(self, owner: type, name: str) -> None:
        """Learn the name, for errors, and to be known as a method of its api: `Meta.service = Bookings.book`."""
        if self.name:
            return  # a factory's `class Meta` names it again
        self.name = f"{owner.__name__}.{name}"
        self.__module__ = owner.__module__
        self.__qualname__ = f"{owner.__qualname__}.{name}"

    def __call__(self, api: Api, /, **values: Any) -> Any:
        """Call it through an api, as `Bookings.book(bookings, guest="ada")`; what an AsyncApi gives is to be awaited.

        Raises:
            ServiceError: The API refused it, or did not answer.
        """
        return self.__get__(api, type(api))(**values)

    def parameters(self) -> list[inspect.Parameter]:
        """Return the keywords that it takes; those that its path names have no default."""
        kind, empty = inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.empty
        names = self.in_path if self.takes is None else self.takes
        known = [inspect.Parameter(name, kind, default=empty if name in self.in_path else None) for name in names]
        rest = [inspect.Parameter("values", inspect.Parameter.VAR_KEYWORD)] if self.takes is None else []
        return [*known, *rest]

    @property
    def returns(self) -> Any:
        """What an answer is read into, as a return annotation."""
        return inspect.Signature.empty if self.into is None else self.into

    @overload
    def __get__(self, api: None, owner: type) -> Endpoint[Answer]: ...
    @overload
    def __get__(self, api: AsyncApi, owner: type) -> AsyncCall[Answer]: ...
    @overload
    def __get__(self, api: Api, owner: type) -> Call[Answer]: ...
    def __get__(self, api: Api | None, owner: type) -> Endpoint[Answer] | Call[Answer] | AsyncCall[Answer]:
        """Return what calls it through an api."""
        if api is None:
            return self
        return AsyncCall(self, api) if isinstance(api, AsyncApi) else Call(self, api)


class _BoundCall(Generic[Answer]):
    """An endpoint of one api."""

    def __init__(self, endpoint: Endpoint[Answer], api: Api) -> None:
        self._endpoint = endpoint
        self._api = api
        self.__signature__ = inspect.Signature(endpoint.parameters(), return_annotation=endpoint.returns)

    def _send(self, values: Mapping[str, Any]) -> Any:
        endpoint = self._endpoint
        self._check(values)
        rest = {name: _plain(value, f"{endpoint.name}'s {name}") for name, value in values.items()}
        path = re.sub(r"{(\w+)}", lambda found: quote(str(rest.pop(found[1])), safe=""), endpoint.path)
        said = {header: rest.pop(name) for name, header in endpoint.headers.items() if name in rest}
        options: dict[str, Any] = {"headers": {header: str(one) for header, one in said.items() if one is not None}}
        if endpoint.method not in _IN_QUERY:
            options["json"] = rest
        elif asked := {name: one for name, one in rest.items() if one is not None}:
            options["params"] = asked
        return self._api.call(endpoint.method, path, endpoint.into, **options)

    def _check(self, values: Mapping[str, Any]) -> None:
        """See that the values are those that the endpoint takes.

        Raises:
            UnknownArgumentError: One is not.
            MissingPathError: One is missing.
        """
        endpoint = self._endpoint
        wrong = [name for name in values if endpoint.takes is not None and name not in endpoint.takes]
        if wrong:
            raise UnknownArgumentError(endpoint.name, wrong[0], endpoint.takes or ())
        missing = [name for name in endpoint.in_path if values.get(name) is None]
        if missing:
            raise MissingPathError(endpoint.name, missing[0], endpoint.path)


class Call(_BoundCall[Answer]):
    """An endpoint of one Api."""

    def __call__(self, **values: Any) -> Answer:
        """Send the values, and return what the answer is read into.

        Raises:
            UnknownArgumentError: The endpoint does not take one of them.
            MissingPathError: Its path names another one.
            ServiceError: The API refused it, or did not answer.
        """
        result: Answer = self._send(values)
        return result


class AsyncCall(_BoundCall[Answer]):
    """An endpoint of one AsyncApi."""

    async def __call__(self, **values: Any) -> Answer:
        """Send the values, and return what the answer is read into.

        Raises:
            UnknownArgumentError: The endpoint does not take one of them.
            MissingPathError: Its path names another one.
            ServiceError: The API refused it, or did not answer.
        """
        result: Answer = await self._send(values)
        return result


def _plain(value: Any, where: str) -> Any:
    """Return what JSON can write: moments and the like as text, as pydantic and FastAPI read them."""
    value = value.value if isinstance(value, Enum) else value
    if isinstance(value, Mapping):
        return {str(_plain(name, where)): _plain(part, where) for name, part in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(part, where) for part in value]
    if value is None or isinstance(value, (str, int, float)):
        return plain_text(value) if isinstance(value, str) else value
    return _written(value, where)


def _written(value: Any, where: str) -> Any:
    """Return what is neither a container nor a plain value in its own writing.

    Raises:
        InvalidSettingError: It has none: its repr would be stored, and nobody told.
    """
    is_class = isinstance(value, type)
    if not is_class and hasattr(value, "model_dump"):
        return value.model_dump(mode="json", by_alias=True)
    if not is_class and hasattr(value, "isoformat"):
        return value.isoformat()
    is_mute = type(value).__str__ is object.__str__  # type: ignore[comparison-overlap] # it is, of what defines none
    if is_class or is_mute or isinstance(value, (bytes, bytearray)):
        rule = "what JSON can say (a text, a number, a moment, a list or dict of such, a pydantic model)"
        raise InvalidSettingError(where, value, rule)
    return str(value)
