"""The ASGI application in front of an embedded engine: POST is DynamoDB's, pictures and pages are beside it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from seedbed.serve.guard import is_local
from seedbed.serve.wire import BODY_BYTES, Answer, Perform, answer, refusal, too_large

if TYPE_CHECKING:
    from starlette.types import ASGIApp

Draw: TypeAlias = Callable[[str], str | None]
"""Draws the picture at a path as SVG; None where there is none."""
_DENIED: Final = "com.amazon.coral.service#AccessDeniedException"
_STRANGER: Final = "com.amazon.coral.service#UnrecognizedClientException"
_PICTURE: Final = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}


def application(
    perform: Perform, draw: Draw | None = None, *, pages: ASGIApp | None = None, token: str | None = None
) -> Starlette:
    """Return the application that answers by `perform`, one action at a time.

    Args:
        perform: Does an action of DynamoDB's.
        draw: Draws the picture at a path.
        pages: Answers what is neither DynamoDB's nor a picture.
        token: Whoever asks for an action must sign by it, as the id of the access key; None: anybody may ask.
    """

    async def dynamodb(request: Request) -> Response:
        if "origin" in request.headers and not is_local(request.headers.get("host", "")):
            return _response(refusal(403, _DENIED, "A page from elsewhere may not ask this machine"))
        if token is not None and not _is_signed(request, token):
            return _response(refusal(400, _STRANGER, "The security token included in the request is invalid."))
        body = await _body(request)
        return _response(too_large() if body is None else answer(perform, request.headers, body))

    async def health(_request: Request) -> Response:
        return PlainTextResponse("healthy: dynamodb.local\n")

    async def answer_error(_request: Request, _error: Exception) -> Response:
        return _response(refusal(500, "com.amazonaws.dynamodb.v20120810#InternalServerError", "Internal server error"))

    return Starlette(
        routes=[
            Route("/", dynamodb, methods=["POST"]),
            Route("/images/{path:path}", _pictures(draw), methods=["GET"]),
            *([Route("/", health, methods=["GET"]), _ELSEWHERE] if pages is None else [Mount("/", pages)]),
        ],
        exception_handlers={Exception: answer_error, ClientDisconnect: _nobody},
    )


def _pictures(draw: Draw | None) -> Callable[[Request], Awaitable[Response]]:
    async def picture(request: Request) -> Response:
        drawn = None if draw is None else draw(request.url.path)
        if drawn is None:
            return await _elsewhere(request)
        return Response(drawn, media_type="image/svg+xml", headers=_PICTURE)

    return picture


async def _elsewhere(_request: Request) -> Response:
    return _response(Answer(404, b"<UnknownOperationException/>\n", "application/xml"))


_ELSEWHERE: Final = Route("/{path:path}", _elsewhere, methods=["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"])


async def _nobody(_request: Request, _error: Exception) -> Response:
    return Response(status_code=400)  # half a request: whoever sent it is gone


def _is_signed(request: Request, token: str) -> bool:
    """Tell whether a request names the token as its access key: `... Credential=TOKEN/20261101/...`."""
    found = re.search(r"Credential=([^/,\s]+)/", request.headers.get("authorization", ""))
    return found is not None and secrets.compare_digest(found[1].encode(), token.encode())


async def _body(request: Request) -> bytes | None:
    """Read the body, or None where it is larger than AWS takes."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size <= BODY_BYTES:
            parts.append(part)
    return b"".join(parts) if size <= BODY_BYTES else None


def _response(given: Answer) -> Response:
    response = Response(given.body, given.status)
    response.headers.update(given.headers())
    return response
