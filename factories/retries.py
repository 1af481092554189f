"""Another try of a service call that is worth one: exponential backoff with jitter, by stamina.

The first try costs nothing extra. The jitter comes from the operating system, so that neither the global
`random` nor any seeded draw notices a retry.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TypeVar

import stamina

T = TypeVar("T")

_FIRST_WAIT_SECONDS = 0.05
_LONGEST_WAIT_SECONDS = 5.0


def with_retries(
    call: Callable[[], T], retry_on: tuple[type[Exception], ...], attempts: int, *, unless: Callable[[], bool]
) -> T:
    """Call; when it raises one of `retry_on`, wait and call again, `attempts` times in all, `unless` that is in vain.

    Raises:
        Exception: What the last call raised.
    """
    try:
        return call()
    except retry_on as error:
        if attempts == 1 or unless():
            raise
        return _try_again(call, error, (retry_on, attempts))


def _try_again(call: Callable[[], T], first: Exception, bounds: tuple[tuple[type[Exception], ...], int]) -> T:
    retry_on, attempts = bounds
    waits = _Backoff(retry_on)
    for attempt in stamina.retry_context(on=waits, attempts=attempts, timeout=None):
        with attempt:
            if attempt.num == 1:
                raise first  # the try that was made already
            return call()
    raise first


class _Backoff:
    """Says how long to wait before the next try: twice as long each time, less a random part."""

    def __init__(self, retry_on: tuple[type[Exception], ...]) -> None:
        self._retry_on = retry_on
        self._random = random.SystemRandom()
        self._wait_seconds = _FIRST_WAIT_SECONDS

    def __call__(self, error: Exception) -> bool | float:
        if not isinstance(error, self._retry_on):
            return False
        wait_seconds = self._wait_seconds * self._random.uniform(0.5, 1.0)
        self._wait_seconds = min(2 * self._wait_seconds, _LONGEST_WAIT_SECONDS)
        return wait_seconds
