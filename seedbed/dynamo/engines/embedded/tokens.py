"""What AWS remembers of a ClientRequestToken: for ten minutes, the same request again is done already."""

from __future__ import annotations

import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from attrs import define, field, frozen

from seedbed.dynamo.engines.embedded.limits import IdempotentParameterMismatchError

# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
WINDOW_SECONDS: Final = 600


@frozen
class Success:
    """A request that succeeded, and when."""

    fingerprint: bytes
    at_seconds: float


@define
class TokenMemory:
    """The tokens of the last ten minutes, the oldest first."""

    _clock: Callable[[], float] = time.monotonic
    _successes: OrderedDict[str, Success] = field(factory=OrderedDict, init=False)

    def was_done(self, token: str, fingerprint: bytes) -> bool:
        """Tell whether a request has succeeded under this token within the window.

        Raises:
            IdempotentParameterMismatchError: another request has.
        """
        self._forget()
        success = self._successes.get(token)
        if success is not None and success.fingerprint != fingerprint:
            raise IdempotentParameterMismatchError
        return success is not None

    def remember(self, token: str, fingerprint: bytes, seconds_ago: float = 0) -> None:
        """Keep a request that has succeeded."""
        self._successes[token] = Success(fingerprint, self._clock() - seconds_ago)

    def fingerprint(self, token: str) -> bytes | None:
        """Return what tells the request that succeeded under a token; None: none did."""
        self._forget()
        success = self._successes.get(token)
        return None if success is None else success.fingerprint

    def _forget(self) -> None:
        oldest = self._clock() - WINDOW_SECONDS
        while self._successes and next(iter(self._successes.values())).at_seconds <= oldest:
            self._successes.popitem(last=False)


def fingerprint_of(request: object) -> bytes:
    """Return what tells a request from others."""
    return hashlib.sha256(json.dumps(request, sort_keys=True, default=repr).encode()).digest()
