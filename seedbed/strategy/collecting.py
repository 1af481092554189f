"""Python's garbage collector, less often while many objects are made.

By default the collector runs after every 700 new containers (2,000 since Python 3.13) and walks what is young; a like
makes about 40, nearly all of which are freed by their reference counts. That was a third of the time of a batch
(docs/design.md). The threshold is the process's own, so it is raised only while a factory call or the command is at
work, and put back afterwards.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from seedbed import forks

CONTAINERS = 500_000
"""New containers between two collections while objects are made: a few megabytes."""


class _Threshold:
    """The collector's threshold, raised while anybody needs it: the first raises it, the last puts it back.

    What somebody else sets meanwhile stands.
    """

    def __init__(self) -> None:
        self._lock = forks.new_lock()
        self._holders: list[int] = []  # threads, once for each block
        self._before: tuple[int, int, int] | None = None
        forks.in_child(self, _Threshold._forget_others)

    def raise_it(self) -> None:
        with self._lock:
            before = gc.get_threshold()
            if not self._holders and 0 < before[0] < CONTAINERS:
                self._before = before
                gc.set_threshold(CONTAINERS, *before[1:])
            self._holders.append(threading.get_ident())

    def put_it_back(self) -> None:
        with self._lock:
            self._holders.remove(threading.get_ident())
            self._settle()

    def _forget_others(self) -> None:
        # A forked child has this thread alone: nobody else is there to put it back.
        self._holders = [thread for thread in self._holders if thread == threading.get_ident()]
        self._settle()

    def _settle(self) -> None:
        if not self._holders and self._before is not None:
            before, self._before = self._before, None
            if gc.get_threshold() == (CONTAINERS, *before[1:]):
                gc.set_threshold(*before)


_THRESHOLD = _Threshold()  # the process has one collector


@contextmanager
def rarer_collections() -> Iterator[None]:
    """Let the collector run less often for the block. A threshold that is higher already, or 0, is left alone."""
    _THRESHOLD.raise_it()
    try:
        yield
    finally:
        _THRESHOLD.put_it_back()
