"""What an API refuses, as errors of the families that a caller treats differently."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from seedbed.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, ServiceError, UnavailableError

_CHARACTERS = 300
_MESSAGES = ("detail", "message", "error_description", "error", "title")
_PLACELESS = {"UnsupportedProtocol", "MissingSchema"}
_MAYBE_WRITTEN = {500, 502, 504}
_REDIRECTS = {301, 302, 303, 307, 308}


class FieldError(NamedTuple):
    """A field that the server found wrong."""

    field: str
    message: str
    value: object = None


class ResponseError(ServiceError):
    """The server refused a request.

    Attributes:
        request: The method and path, `POST /bookings`.
        status: The status code.
        message: What the server said.
        body: The answer: its JSON, else its text.
    """

    def __init__(self, request: str, status: int, body: object) -> None:
        self.request = request
        self.status = status
        self.body = body
        self.message = message_of(body) or _phrase(status)
        super().__init__(f"{request}: {status} {_phrase(status)}: {self.message}")


class InvalidRequestError(ResponseError, InvalidError):
    """The request is wrong (400, 422, or another 4xx).

    Attributes:
        fields: Those that the server names.
    """

    def __init__(self, request: str, status: int, body: object) -> None:
        self.fields = tuple(_fields(body))
        super().__init__(request, status, body)


class RedirectedRequestError(InvalidRequestError):
    """The server sent the client on to another address, and the client did not go there (3xx).

    Attributes:
        location: That address, as the server said it; None: it said none.
    """

    def __init__(self, request: str, status: int, body: object, location: str | None) -> None:
        super().__init__(request, status, body)
        self.location = location
        where = "it does not say where to" if location is None else f"it sends on to {location}"
        hint = "give the endpoint that path, or let the client follow, as httpx.Client(follow_redirects=True) does"
        self.args = (f"{self.args[0]}; {where}: {hint} (where a POST becomes a GET, but for 307 and 308)",)


class ForbiddenRequestError(ResponseError, ForbiddenError):
    """The caller may not do this, or is not known (401, 403)."""


class NoResourceError(ResponseError, NotFoundError):
    """What the request names does not exist (404, 410)."""


class ConflictingRequestError(ResponseError, ConflictError):
    """The request contradicts what is stored (409, 412)."""


class ServerError(ResponseError, UnavailableError):
    """The server could not do it just now (429, 5xx)."""

    def __init__(self, request: str, status: int, body: object, *, is_write: bool = False) -> None:
        self.is_unknown = is_write and status in _MAYBE_WRITTEN
        super().__init__(request, status, body)


class NoAnswerError(UnavailableError):
    """There was no answer: a timeout, or a lost connection. The client's own error is the cause."""

    def __init__(self, request: str, cause: BaseException, *, is_unknown: bool) -> None:
        self.request = request
        self.is_unknown = is_unknown
        maybe = "; it may be done all the same" if is_unknown else ""
        super().__init__(f"{request}: no answer ({type(cause).__name__}: {cause}){maybe}")


class UnsentRequestError(InvalidError):
    """The client could not send a request at all: nothing has reached a server. Its own error is the cause."""

    is_unknown = False

    def __init__(self, request: str, cause: BaseException) -> None:
        self.request = request
        has_place = type(cause).__name__ not in _PLACELESS
        hint = "" if has_place else '; give the client a base URL, as httpx.Client(base_url="https://...")'
        text = " ".join(str(cause).split())
        super().__init__(f"{request}: it cannot be sent ({type(cause).__name__}: {text}){hint}")


class UnreadableAnswerError(UnavailableError):
    """An answer cannot be read as what the endpoint says it is. The request was done."""

    def __init__(self, request: str, into: object, why: object) -> None:
        self.request = request
        self.into = into
        name = getattr(into, "__name__", str(into))
        done = "" if request.startswith(("GET ", "HEAD ")) else "it was done, and "
        super().__init__(f"{request}: {done}the answer cannot be read as {name}: {_reasons(why)}"[: 3 * _CHARACTERS])


class InvalidEndpointError(InvalidError):
    """An endpoint could not be called as it is declared."""

    def __init__(self, endpoint: str, problem: str) -> None:
        self.endpoint = endpoint
        self.problem = problem
        super().__init__(f"{endpoint}: {problem}")


class MissingPathError(InvalidError):
    """An endpoint was called without a value that its path names."""

    def __init__(self, endpoint: str, name: str, path: str) -> None:
        self.endpoint = endpoint
        self.name = name
        super().__init__(f"{endpoint} needs {name}, which its path names: {path}")


class UnusableClientError(InvalidError):
    """What an Api was given is no client that answers at once, or an AsyncApi none whose answers are awaited."""

    def __init__(self, client: object, *, is_async: bool = False) -> None:
        self.client = client
        self.is_async = is_async
        plain = "an Api needs a client whose request(method, url) answers at once, such as httpx.Client or a TestClient"
        rule = "an AsyncApi needs a client whose request(method, url) is awaited, such as httpx.AsyncClient"
        other = (
            "; AsyncApi takes it"
            if not is_async and inspect.iscoroutinefunction(getattr(client, "request", None))
            else ""
        )
        super().__init__(f"{rule if is_async else plain}, not {type(client).__name__}{other}")


_KINDS: Mapping[int, type[ResponseError]] = {
    401: ForbiddenRequestError,
    403: ForbiddenRequestError,
    404: NoResourceError,
    409: ConflictingRequestError,
    410: NoResourceError,
    412: ConflictingRequestError,
    429: ServerError,
}


def refusal(request: str, answer: Any, *, is_write: bool) -> ResponseError:
    """Make the error that fits an answer's status code."""
    status, body = answer.status_code, body_of(answer.text)
    if status in _REDIRECTS:
        return RedirectedRequestError(request, status, body, answer.headers.get("location"))
    kind = _KINDS.get(status, ServerError if status >= HTTPStatus.INTERNAL_SERVER_ERROR else InvalidRequestError)
    return ServerError(request, status, body, is_write=is_write) if kind is ServerError else kind(request, status, body)


def body_of(text: str) -> object:
    """Read an answer's JSON; where it is none, return the text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def message_of(body: object) -> str:
    """Find what an answer says to people, whatever form it has."""
    if isinstance(body, Mapping):
        said = [message_of(body[name]) for name in _MESSAGES if body.get(name)][:1]
        said += [message_of(body["errors"])] if body.get("errors") else []
        parts = [f"{name}: {message_of(part)}" for name, part in body.items()]
        return ": ".join(dict.fromkeys(said))[:_CHARACTERS] or "; ".join(parts)[:_CHARACTERS]
    if isinstance(body, list):
        fields = list(_fields(body))
        parts = [f"{one.field}: {one.message}" for one in fields] or [message_of(part) for part in body]
        return "; ".join(parts)[:_CHARACTERS]
    return "" if body is None else " ".join(str(body).split())[:_CHARACTERS]


def _fields(body: object) -> Iterator[FieldError]:
    """Find the fields that an answer names: as FastAPI and pydantic write them, or by name, as Django REST does."""
    if isinstance(body, list):
        yield from (_field_by_place(part) for part in body if isinstance(part, Mapping) and "loc" in part)
    elif isinstance(body, Mapping):
        inner = body.get("detail", body.get("errors"))
        yield from _fields_by_name(body) if inner is None else _fields(inner)


def _field_by_place(part: Mapping[str, Any]) -> FieldError:
    place = [str(step) for step in part["loc"] if step not in {"body", "query", "path"}]
    return FieldError(".".join(place), str(part.get("msg", "")), part.get("input"))


def _fields_by_name(body: Mapping[str, Any]) -> Iterator[FieldError]:
    for name, messages in body.items():
        if isinstance(messages, list) and messages and all(isinstance(one, str) for one in messages):
            yield FieldError(name, " ".join(messages))


def _reasons(why: object) -> str:
    """Say in one line what is wrong with an answer: of pydantic, each field and what it should be."""
    if callable(errors := getattr(why, "errors", None)):
        found = [(".".join(map(str, one["loc"])) or "it", one["msg"]) for one in errors(include_url=False)]
        return "; ".join(f"{field}: {message}" for field, message in found)
    parts = [*getattr(why, "exceptions", ()), *getattr(why, "__notes__", ())]  # cattrs tells each field by a group
    inner = "; ".join(_reasons(part) for part in parts)
    text = " ".join(str(why).split()) or type(why).__name__
    return f"{text}: {inner}" if inner else text


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "refused"
