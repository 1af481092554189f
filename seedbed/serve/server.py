"""DynamoDB on a bound socket, with pages beside it, until it is told to stop."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from seedbed.serve.application import Draw, application
from seedbed.serve.errors import BusyPortError
from seedbed.serve.running import run, running
from seedbed.serve.sockets import LOOPBACK, PORT, listen, url_of
from seedbed.serve.wire import Perform

if TYPE_CHECKING:
    from starlette.types import ASGIApp

__all__ = ["LOOPBACK", "PORT", "BusyPortError", "listen", "serve", "serving", "url_of"]


def serve(
    perform: Perform,
    bound: socket.socket,
    draw: Draw | None = None,
    *,
    pages: ASGIApp | None = None,
    token: str | None = None,
) -> None:
    """Answer at a bound socket until Ctrl-C or SIGTERM; what is under way then is answered first."""
    run(application(perform, draw, pages=pages, token=token), bound)


@contextmanager
def serving(
    perform: Perform, port: int = 0, draw: Draw | None = None, *, pages: ASGIApp | None = None
) -> Iterator[str]:
    """Answer in a thread for the block; yield the URL.

    Raises:
        BusyPortError: somebody has the port.
    """
    with running(application(perform, draw, pages=pages), port) as url:
        yield url
