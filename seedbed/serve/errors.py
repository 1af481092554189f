"""Why a server cannot listen."""

from __future__ import annotations

from seedbed.errors import InvalidError, UnavailableError


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
