"""uvicorn, as everything here is served by it: quiet, on one bound socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Final

import uvicorn

from seedbed.serve.sockets import listen, url_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp

GRACE_SECONDS: Final = 5
"""So long requests that are under way may go on when the server is stopped."""


def run(application: ASGIApp, bound: socket.socket) -> None:
    """Answer at a bound socket until Ctrl-C or SIGTERM; what is under way then is answered first."""
    server = uvicorn.Server(_config(application))
    with server.capture_signals():  # uvicorn does so in its coroutine: what came before would leave that unawaited
        server.run(sockets=[bound])


@contextmanager
def running(application: ASGIApp, port: int = 0) -> Iterator[str]:
    """Answer in a thread for the block; yield the URL.

    Raises:
        BusyPortError: somebody has the port.
    """
    with closing(listen(port)) as bound:
        server = uvicorn.Server(_config(application))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        try:
            yield url_of(bound)
        finally:
            server.should_exit = True
            thread.join()


def _config(application: ASGIApp) -> uvicorn.Config:
    settings: dict[str, Any] = {
        "lifespan": "off",
        "log_config": None,
        "access_log": False,  # an address may hold the token
        "server_header": False,
        "date_header": True,
        "timeout_graceful_shutdown": GRACE_SECONDS,
    }
    return uvicorn.Config(application, **settings)
