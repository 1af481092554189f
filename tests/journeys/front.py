"""A DynamoDB endpoint in a thread of this process: an embedded engine behind HTTP, or what a test lets it answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from attrs import Factory, define
from botocore import xform_name
from botocore.exceptions import ClientError

from seedbed.dynamo.engines import embedded_engine

Answer = tuple[int, bytes]
Answering = Callable[[str, dict[str, Any]], Answer]


@define
class Front:
    """Where it listens, and which operations it was asked for."""

    url: str
    asked: list[str] = Factory(list)


def as_json(status: int, body: dict[str, Any]) -> Answer:
    def plain(value: object) -> float:
        assert isinstance(value, datetime)
        return value.timestamp()

    return status, json.dumps(body, default=plain).encode()


def refusal(code: str, message: str) -> Answer:
    """Answer as AWS refuses."""
    return as_json(400, {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": message})


def embedded(client: Any) -> Answering:
    """Answer as an embedded engine does."""

    def answer(operation: str, parameters: dict[str, Any]) -> Answer:
        try:
            body = getattr(client, xform_name(operation))(**parameters)
        except ClientError as error:
            told = {"__type": error.response["Error"]["Code"], "message": error.response["Error"]["Message"]}
            return as_json(400, told | {"CancellationReasons": error.response.get("CancellationReasons", [])})
        return as_json(200, {name: value for name, value in body.items() if name != "ResponseMetadata"})

    return answer


@contextmanager
def serving(answer: Answering) -> Iterator[Front]:
    """Serve for the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet: the second would wait 40 ms for the first one's receipt

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            operation = self.headers["X-Amz-Target"].partition(".")[2]
            front.asked.append(operation)
            status, text = answer(operation, json.loads(body))
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    front = Front(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield front
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def embedded_front() -> Iterator[Front]:
    """Serve a new embedded engine for the block."""
    with embedded_engine() as engine, serving(embedded(engine.client)) as front:
        yield front
