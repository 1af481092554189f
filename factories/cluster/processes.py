"""Processes beside this one: what asks to end is left to the parent, and they end with it, however that is."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import Pipe, get_context, resource_tracker
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import ParamSpec, TypeVar

from seedbed.command.later import load_orms_later
from seedbed.command.signals import REQUESTS

P = ParamSpec("P")
T = TypeVar("T")


class Processes(ProcessPoolExecutor):
    """An executor of new processes, which `end` stops at once, and so does a block that fails."""

    def __init__(self, number: int) -> None:
        """Have so many at most; each begins where there is something to do."""
        self._held, self._ours = Pipe(duplex=False)
        super().__init__(number, get_context("spawn"), initializer=_stand_by, initargs=(self._held,))

    def submit(self, function: Callable[P, T], /, *args: P.args, **values: P.kwargs) -> Future[T]:
        """Have a function called in one of them."""
        with without_interrupts():
            return super().submit(function, *args, **values)

    def end(self) -> None:
        """Stop them, whatever they are at."""
        self._ours.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for them, or stop them where the block failed."""
        if error is not None:
            self.end()
        super().__exit__(kind, error, trace)
        self._held.close()
        self._ours.close()


@contextmanager
def without_interrupts() -> Iterator[None]:
    """Keep from the processes that are begun in the block what stops this one: it ends them, and has the last word.

    Ctrl-C reaches all that a terminal has begun, and systemd asks each process of a service to end.
    """
    resource_tracker.ensure_running()  # who begins it unblocks the signals
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, *REQUESTS})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _stand_by(held: Connection) -> None:
    """End when the parent lets go of its end of a pipe, or ends; and start quickly, as the command does."""
    load_orms_later()
    threading.Thread(target=_end_with_parent, args=(held,), daemon=True).start()


def _end_with_parent(held: Connection) -> None:
    wait([held])
    os._exit(1)
