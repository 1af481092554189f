"""How often a call is tried, and how long it waits between: one budget a call, however its tries end.

A try that failed and is worth another is logged here, at INFO and by this module's own logger: silent unless asked for.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from random import SystemRandom
from time import sleep
from types import TracebackType
from typing import Self, TypeAlias

from seedbed.dynamo.engines.answers import ATTEMPTS

Kinds: TypeAlias = tuple[type[BaseException], ...]

FEW = 3
"""Tries where more would only take time: something else than a DynamoDB answers."""
FIRST_WAIT_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 5.0
JITTER_SECONDS = 0.5
"""So much more at most, so that those who met each other do not meet again."""

_LOGGER = logging.getLogger(__name__)
_RANDOM = SystemRandom()  # disturbs no seed


class Tries:
    """The tries of one call: iterate, and make each try in the `with` of what comes.

    An error that is `worth` another try is swallowed and waited for, until the tries are used up.
    """

    def __init__(self, what: str, worth: Kinds, *, worth_few: Kinds = ()) -> None:
        self._what = what
        self._worth = worth
        self._worth_few = worth_few
        self._made = 0
        self._is_over = False

    def __iter__(self) -> Iterator[Self]:
        """Yield the next try as long as none went through."""
        while not self._is_over:
            yield self

    def __enter__(self) -> None:
        """Begin a try."""
        self._made += 1

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        """End a try; True where there will be another one."""
        self._is_over = error is None or self._made >= self._most(error)
        if error is None or self._is_over:
            return False
        self._wait(error)
        return True

    def _most(self, error: BaseException) -> int:
        if isinstance(error, self._worth_few):
            return FEW
        return ATTEMPTS if isinstance(error, self._worth) else 0

    def _wait(self, error: BaseException) -> None:
        grown = FIRST_WAIT_SECONDS * 2.0 ** (self._made - 1)
        seconds = min(LONGEST_WAIT_SECONDS, grown + _RANDOM.uniform(0, JITTER_SECONDS))
        _LOGGER.info(
            "%s: try %d failed, the next one comes in %.2f s: %s",
            self._what,
            self._made,
            seconds,
            error,
            extra={"operation": self._what, "tries": self._made, "wait_seconds": seconds},
        )
        sleep(seconds)
