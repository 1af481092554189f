"""What is drawn where nothing is bound: from which seed, in which language, and when.

The pytest plugin sets it, for what is drawn while tests are collected, and anew for each test; so what a run draws
outside any `using` is the same in every worker, and never what a test draws inside one. A binding always comes first.
This imports nothing of the suite, since a test run that uses no factory pays for it too.
"""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any


class Source:
    """A seed, a language (None: the default), a clock (None: the machine's), and the binding that draws from them."""

    def __init__(
        self,
        seed: int | str,
        locale: str | None = None,
        clock: Callable[[], datetime] | None = None,
        *,
        is_collecting: bool = False,
    ) -> None:
        self.seed = seed
        self.locale = locale
        self.clock = clock
        self.is_collecting = is_collecting
        """Whether apps that are opened or bound meanwhile draw from this too: all workers are to collect alike."""
        self._ids = random.Random(f"{seed}/ids") if is_collecting else None
        self.process = os.getpid()
        self.binding: Any = None
        self._seeds = itertools.count(1)

    def next_seed(self) -> str:
        """Return a seed for the next app that is bound."""
        return f"{self.seed}/{next(self._seeds)}"

    @property
    def ids(self) -> random.Random | None:
        """What ids are drawn from that nobody gave a seed; None: from what no other process draws."""
        return self._ids if self.is_collecting and self.process == os.getpid() else None

    def now(self) -> datetime:
        """Tell the time to a clock that nobody gave another."""
        return datetime.now(UTC) if self.clock is None or not self.is_collecting else self.clock()


class _Standing:
    def __init__(self) -> None:
        self.source = Source("unbound")


_STANDING = _Standing()  # a process collects and runs its tests one after another


def current_source() -> Source:
    """Return what is drawn from where nothing is bound."""
    return _STANDING.source


@contextmanager
def drawing_from(source: Source) -> Iterator[None]:
    """Draw from a source where nothing is bound, for the block, in all threads."""
    before, _STANDING.source = _STANDING.source, source
    try:
        yield
    finally:
        _STANDING.source = before
