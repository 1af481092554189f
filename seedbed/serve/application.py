"""The ASGI application in front of an embedded engine: POST is DynamoDB's."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from seedbed.serve.wire import BODY_BYTES, Answer, Perform, answer, refusal, too_large


def application(perform: Perform) -> Starlette:
    """Return the application that answers by `perform`, one action at a time."""

    async def dynamodb(request: Request) -> Response:
        body = await _body(request)
        return _response(too_large() if body is None else answer(perform, request.headers, body))

    async def health(_request: Request) -> Response:
        return PlainTextResponse("healthy: dynamodb.local\n")

    async def elsewhere(_request: Request) -> Response:
        return _response(Answer(404, b"<UnknownOperationException/>\n", "application/xml"))

    async def broken(_request: Request, _error: Exception) -> Response:
        return _response(refusal(500, "com.amazonaws.dynamodb.v20120810#InternalServerError", "Internal server error"))

    return Starlette(
        routes=[
            Route("/", dynamodb, methods=["POST"]),
            Route("/", health, methods=["GET"]),
            Route("/{path:path}", elsewhere, methods=["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]),
        ],
        exception_handlers={Exception: broken, ClientDisconnect: _nobody},
    )


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
