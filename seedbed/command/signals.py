"""SIGTERM and SIGHUP: what asks a command to end from outside ends it as Ctrl-C does, with the same last words."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

REQUESTS: Final = tuple(one for one in signal.Signals if one.name in {"SIGTERM", "SIGHUP"})
"""What docker, Kubernetes, systemd or a CI sends, and a terminal that is closed."""
_BASE: Final = 128
"""What a shell adds to a signal's number for an exit code."""

_Handler = Callable[[int, FrameType | None], None]


class Request:
    """Takes the first request to end for Ctrl-C, and leaves the rest: what is ending already is not disturbed."""

    def __init__(self) -> None:
        self._came: int | None = None
        self._is_working = False

    def code(self, stopped: int) -> int:
        """Return the exit code of what ended with that of Ctrl-C: of the request, where one came."""
        return stopped if self._came is None else _BASE + self._came

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Take requests for the block; of those that come past the work in it, nothing is to be heard."""
        with _handlers(self._take, lambda before: before is signal.SIG_DFL):
            yield

    @contextmanager
    def working(self) -> Iterator[None]:
        """Let a request stop the block."""
        self._is_working = True
        try:
            yield
        finally:
            self._is_working = False

    def _take(self, number: int, frame: FrameType | None) -> None:
        if self._came is not None or not self._is_working:
            return
        self._came = number
        of_ctrl_c = signal.getsignal(signal.SIGINT)  # asyncio has its own, and a server
        if callable(of_ctrl_c):
            of_ctrl_c(signal.SIGINT, frame)
        else:
            raise KeyboardInterrupt


@contextmanager
def exit_at_request() -> Iterator[None]:
    """Leave the block by sys.exit() at a request: at a prompt Ctrl-C is no end.

    Raises:
        SystemExit: One came.
    """
    with _handlers(_leave, lambda before: before is not signal.SIG_IGN):
        yield


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(_BASE + number)


@contextmanager
def _handlers(handler: _Handler, is_to_take: Callable[[object], bool]) -> Iterator[None]:
    """Handle requests so for the block, where nobody else does: nohup ignores one, and programs have their own."""
    if threading.current_thread() is not threading.main_thread():  # no other may
        yield
        return
    before = {one: signal.getsignal(one) for one in REQUESTS}
    mine = [one for one in REQUESTS if is_to_take(before[one])]
    for one in mine:
        signal.signal(one, handler)
    try:
        yield
    finally:
        for one in mine:
            if signal.getsignal(one) == handler:
                signal.signal(one, before[one])
