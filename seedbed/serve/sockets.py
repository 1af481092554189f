"""Where a server listens: its socket first, so that a busy port is said before any work."""

from __future__ import annotations

import errno
import ipaddress
import socket
from typing import Final

from seedbed.serve.errors import BusyPortError, HostError

PORT: Final = 8000
LOOPBACK: Final = "127.0.0.1"
_TRIED: Final = 100
"""Ports after a busy one that are tried for one that is free."""


def listen(port: int = PORT, host: str = LOOPBACK) -> socket.socket:
    """Bind a port; 0 chooses a free one.

    Raises:
        BusyPortError: somebody has it; the next free one is named.
        HostError: the host is none of this machine's.
    """
    try:
        return _bind(host, port)
    except (TypeError, UnicodeError) as error:  # what no name can be
        raise HostError(host) from error
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


def _bind(host: str, port: int) -> socket.socket:
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
            _bind(host, other).close()
        except OSError:
            continue
        return other
    return None
