"""An engine as far away as AWS, on which transactions meet: an embedded one behind HTTP that answers after 5 ms.

A transaction that names a row of another one that is on its way is refused with TransactionConflict, as DynamoDB does;
also where both only check it. `GET /meetings` tells how many transactions came, and how many were refused so.
`python -m benchmarks.meetings [MILLISECONDS]` serves one until it is stopped, and prints its URL first.
"""

from __future__ import annotations

import asyncio
import json
import sys
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any, TypeAlias

import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse

from benchmarks.children import started
from seedbed.dynamo.engines import embedded_engine
from seedbed.serve.application import application
from seedbed.serve.server import listen, url_of

_Asgi: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]
_OPERATIONS = {"ConditionCheck", "Delete", "Put", "Update"}


class Meetings:
    """Lets requests wait before an app hears of them, and refuses transactions that meet meanwhile."""

    def __init__(self, app: _Asgi, seconds: float) -> None:
        self._app = app
        self._seconds = seconds
        self._away: set[tuple[str, str]] = set()
        self.transactions = self.conflicts = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["path"] == "/meetings":
            told = {"transactions": self.transactions, "conflicts": self.conflicts}
            await JSONResponse(told)(scope, receive, send)
            return
        body = await Request(scope, receive).body()
        operation = dict(scope["headers"]).get(b"x-amz-target", b"").rpartition(b".")[2]
        keys = _keys(json.loads(body)) if operation == b"TransactWriteItems" else []
        self.transactions += bool(keys)
        if not self._away.isdisjoint(keys):
            self.conflicts += 1
            await _conflict([key in self._away for key in keys])(scope, receive, send)
            return
        self._away.update(keys)
        try:
            await asyncio.sleep(self._seconds)
            await self._app(scope, _told(body), send)
        finally:
            self._away.difference_update(keys)


def _told(body: bytes) -> Callable[[], Awaitable[dict[str, Any]]]:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _keys(request: dict[str, Any]) -> list[tuple[str, str]]:
    keys = []
    for action in request["TransactItems"]:
        name, parameters = next((name, action[name]) for name in action if name in _OPERATIONS)
        key = parameters["Item"] if name == "Put" else parameters["Key"]
        keys.append((key["PK"]["S"], key["SK"]["S"]))
    return keys


def _conflict(met: list[bool]) -> JSONResponse:
    reasons = [{"Code": "TransactionConflict" if one else "None"} for one in met]
    told = {
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "message": "Transaction cancelled",
        "CancellationReasons": reasons,
    }
    return JSONResponse(told, 400, media_type="application/x-amz-json-1.0")


@contextmanager
def meeting_engine(milliseconds: float = 5.0) -> Iterator[str]:
    """Serve one in a process of its own for the block, and give its URL."""
    with started("-m", "benchmarks.meetings", str(milliseconds)) as url:
        yield url


def met(url: str) -> dict[str, int]:
    """Return how many transactions came to an engine, and how many met another."""
    with urllib.request.urlopen(f"{url}/meetings") as answer:  # noqa: S310 - our own
        told: dict[str, int] = json.load(answer)
        return told


def main() -> None:
    """Serve until stopped."""
    seconds = float(sys.argv[1] if len(sys.argv) > 1 else 5) / 1_000
    with embedded_engine() as engine, closing(listen(0)) as bound:
        print(url_of(bound), flush=True)
        perform: Any = engine.perform  # an engine in this process has one
        app = Meetings(application(perform), seconds)
        config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False)
        uvicorn.Server(config).run(sockets=[bound])


if __name__ == "__main__":
    main()
