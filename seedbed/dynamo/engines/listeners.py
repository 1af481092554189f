"""Who listens to a client: whatever a program has hung on it is to meet every call, so then botocore sends it."""

from __future__ import annotations

from functools import partial
from types import FunctionType
from typing import Any, Final

_EVENTS: Final = (
    "after-call",
    "after-call-error",
    "before-call",
    "before-endpoint-resolution",
    "before-parameter-build",
    "before-parse",
    "before-sign",
    "choose-signer",
    "needs-retry",
    "provide-client-params",
    "request-created",
    "response-received",
)
"""botocore's events of a call. One is missing: `before-send`, of which whoever passes botocore by tells too."""
_OURS: Final = ("botocore.", "seedbed.dynamo.engines.bodies", "seedbed.dynamo.engines.embedded.")


class Listeners:
    """Those of one client."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - a client of any session
        self._client = client
        self._events = getattr(client.meta.events, "_emitter", None)
        self._looked_at: object = None
        self._strange: dict[str, bool] = {}

    def are_strange(self, operation: str) -> bool:
        """Tell whether anybody but botocore and this package sees to an operation's calls."""
        looked_up = getattr(self._events, "_lookup_cache", None)  # another one after each change; pinned by a test
        if looked_up is not self._looked_at:
            self._looked_at, self._strange = looked_up, {}
        if operation not in self._strange or looked_up is None:
            self._strange[operation] = any(
                map(self._are_strange_at, (f"{name}.dynamodb.{operation}" for name in _EVENTS))
            )
        return self._strange[operation] or _is_wrapped(type(self._client))

    def _are_strange_at(self, event: str) -> bool:
        handlers = getattr(self._events, "_handlers", None)
        return handlers is None or not all(map(_is_ours, handlers.prefix_search(event)))


def _is_ours(handler: Any) -> bool:  # noqa: ANN401 - whatever can be called
    while isinstance(handler, partial):
        handler = handler.func
    return str(getattr(handler, "__module__", "")).startswith(_OURS)


def _is_wrapped(kind: type) -> bool:
    """Tell whether the one method that all calls of clients pass is another's: of a mock, or of who traces calls."""
    method = kind._make_api_call  # type: ignore[attr-defined] # noqa: SLF001 - what mocks and tracers replace
    return type(method) is not FunctionType or method.__module__ != "botocore.client"
