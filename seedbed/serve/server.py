"""A server on loopback, until it is told to stop: its socket first, so that a busy port is said before any work."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, Final

import uvicorn

from seedbed.errors import UnavailableError
from seedbed.serve.application import Draw, application
from seedbed.serve.wire import Perform

PORT: Final = 8000
LOOPBACK: Final = "127.0.0.1"
_TRIED: Final = 100
"""Ports after a busy one that are tried for one that is free."""
GRACE_SECONDS: Final = 5
"""So long requests that are under way may go on when the server is stopped."""


class BusyPortError(UnavailableError):
    """Somebody listens at the port already."""

    def __init__(self, port: int, free: int | None) -> None:
        self.port = port
        self.free = free
        hint = "" if free is None else f"; port {free} is free: --port {free}, or --port 0 chooses one"
        super().__init__(f"port {port} is in use{hint}")


def listen(port: int = PORT, host: str = LOOPBACK) -> socket.socket:
    """Bind a port; 0 chooses a free one.

    Raises:
        BusyPortError: somebody has it; the next free one is named.
        OSError: the address is none of this machine.
    """
    try:
        return _bound(host, port)
    except OSError as error:
        if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
            raise
        raise BusyPortError(port, _free_after(host, port)) from error


def url_of(bound: socket.socket) -> str:
    """Return where a bound socket is reached."""
    host, port = bound.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def serve(perform: Perform, bound: socket.socket, draw: Draw | None = None) -> None:
    """Answer at a bound socket until Ctrl-C or SIGTERM; what is under way then is answered first."""
    uvicorn.Server(_config(perform, draw)).run(sockets=[bound])


@contextmanager
def serving(perform: Perform, port: int = 0, draw: Draw | None = None) -> Iterator[str]:
    """Answer in a thread for the block; yield the URL.

    Raises:
        BusyPortError: somebody has the port.
    """
    with closing(listen(port)) as bound:
        server = uvicorn.Server(_config(perform, draw))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        try:
            yield url_of(bound)
        finally:
            server.should_exit = True
            thread.join()


def _config(perform: Perform, draw: Draw | None) -> uvicorn.Config:
    settings: dict[str, Any] = {
        "lifespan": "off",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "date_header": True,
        "timeout_graceful_shutdown": GRACE_SECONDS,
    }
    return uvicorn.Config(application(perform, draw), **settings)


def _bound(host: str, port: int) -> socket.socket:
    # With its protocol named, asyncio sends head and body at once; else the body waits 40 ms for the head's receipt.
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(1024)
    except BaseException:
        made.close()
        raise
    return made


def _free_after(host: str, port: int) -> int | None:
    for other in range(port + 1, min(port + _TRIED, 65_535)):
        try:
            _bound(host, other).close()
        except OSError:
            continue
        return other
    return None
