"""Where pages are served: a bound socket, and the token that is asked for where others than this machine reach it."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from attrs import frozen

from seedbed.serve.sockets import is_loopback, listen, url_of


@frozen
class Place:
    """A bound socket, by which name it is reached, and the token; None: nobody else reaches it."""

    bound: socket.socket
    name: str
    token: str | None

    @property
    def url(self) -> str:
        """Where it is reached from this machine."""
        return url_of(self.bound)

    @property
    def page(self) -> str:
        """What to open in a browser first: the token is in it."""
        return f"{self.url}/" if self.token is None else f"{self.url}/?token={self.token}"


@contextmanager
def place(port: int, host: str) -> Iterator[Place]:
    """Listen at a port for the block; 0 chooses a free one.

    Raises:
        BusyPortError: somebody has it.
        HostError: the host is none of this machine's.
    """
    with listen(port, host) as bound:
        yield Place(bound, host, None if is_loopback(bound) else secrets.token_urlsafe(16))
