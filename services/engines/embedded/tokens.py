"""What AWS remembers of a ClientRequestToken: for ten minutes, the same request again is the same answer."""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final

from attrs import define, field, frozen

# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
WINDOW_SECONDS: Final = 600


@frozen
class Remembered:
    """A request that succeeded, and when."""

    fingerprint: int
    at_seconds: float


@define
class TokenMemory:
    """The tokens of the last ten minutes, the oldest first."""

    _clock: Callable[[], float] = time.monotonic
    _tokens: OrderedDict[str, Remembered] = field(factory=OrderedDict, init=False)

    def find(self, token: str) -> Remembered | None:
        """Find what succeeded under a token within the window."""
        self._forget()
        return self._tokens.get(token)

    def remember(self, token: str, fingerprint: int) -> None:
        """Keep a request that succeeded."""
        self._forget()
        self._tokens[token] = Remembered(fingerprint, self._clock())

    def _forget(self) -> None:
        oldest = self._clock() - WINDOW_SECONDS
        while self._tokens and next(iter(self._tokens.values())).at_seconds <= oldest:
            self._tokens.popitem(last=False)


def fingerprint(request: Any) -> int:
    """Return a number that differs for requests that differ."""
    return hash(json.dumps(request, sort_keys=True, default=repr))
