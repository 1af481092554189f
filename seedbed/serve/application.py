"""The ASGI application in front of an embedded engine: POST is DynamoDB's, and pictures of the world are beside it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from seedbed.serve.wire import BODY_BYTES, Answer, Perform, answer, refusal, too_large

Draw: TypeAlias = Callable[[str], str | None]
"""Draws the picture at a path as SVG; None where there is none."""
_PICTURE: Final = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}


def application(perform: Perform, draw: Draw | None = None) -> Starlette:
    """Return the application that answers by `perform`, one action at a time, and shows what `draw` draws."""

    async def dynamodb(request: Request) -> Response:
        body = await _body(request)
        return _response(too_large() if body is None else answer(perform, request.headers, body))

    async def health(_request: Request) -> Response:
        return PlainTextResponse("healthy: dynamodb.local\n")

    async def broken(_request: Request, _error: Exception) -> Response:
        return _response(refusal(500, "com.amazonaws.dynamodb.v20120810#InternalServerError", "Internal server error"))

    return Starlette(
        routes=[
            Route("/", dynamodb, methods=["POST"]),
            Route("/", health, methods=["GET"]),
            Route("/images/{path:path}", _pictures(draw), methods=["GET"]),
            Route("/{path:path}", _elsewhere, methods=["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]),
        ],
        exception_handlers={Exception: broken, ClientDisconnect: _nobody},
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


async def _nobody(_request: Request, _error: Exception) -> Response:
    return Response(status_code=400)  # half a request: whoever sent it is gone


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
