"""Where a server listens: its socket first, so that a busy port is said before any work."""

from __future__ import annotations

import errno
import ipaddress
import socket
from typing import Final

from seedbed.errors import InvalidError, UnavailableError

PORT: Final = 8000
LOOPBACK: Final = "127.0.0.1"
_TRIED: Final = 100
"""Ports after a busy one that are tried for one that is free."""


class BusyPortError(UnavailableError):
    """Somebody listens at the port already."""

    def __init__(self, port: int, free: int | None) -> None:
        self.port = port
        self.free = free
        hint = "" if free is None else f"; port {free} is free: --port {free}, or --port 0 chooses one"
        super().__init__(f"port {port} is in use{hint}")


class HostError(InvalidError):
    """The address or name is none of this machine's."""

    def __init__(self, host: str) -> None:
        self.host = host
        super().__init__(f"--host {host} is no address and no name of this machine: 0.0.0.0 is all of its addresses")


def listen(port: int = PORT, host: str = LOOPBACK) -> socket.socket:
    """Bind a port; 0 chooses a free one.

    Raises:
        BusyPortError: somebody has it; the next free one is named.
        HostError: the host is none of this machine's.
    """
    try:
        return _bound(host, port)
    except OSError as error:
        if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
            raise HostError(host) from error
        raise BusyPortError(port, _free_after(host, port)) from error


def url_of(bound: socket.socket) -> str:
    """Return where a bound socket is reached from this machine."""
    host, port = bound.getsockname()[:2]
    if ipaddress.ip_address(host).is_unspecified:
        host = LOOPBACK
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def is_loopback(bound: socket.socket) -> bool:
    """Tell whether only this machine reaches a bound socket."""
    return ipaddress.ip_address(bound.getsockname()[0]).is_loopback


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
