"""Calls whose end nobody knows, or that are written and not delivered: the same call again is that call, not another.

A call that makes something draws an id for it. Made again after an answer was lost, it would draw another one, and what
it makes would be there twice. So the app keeps, for a while, what such a call wanted to write; where the same thing is
asked for again, that is what is written, and its conditions keep it from being written twice.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeAlias

import attrs

from seedbed.dynamo.changes import Change
from seedbed.forks import new_lock

KNOWN_AGAIN = timedelta(minutes=10)
"""As long as DynamoDB itself knows a request again (AWS: API reference, TransactWriteItems, ClientRequestToken)."""
_DRAWN = {"id", "created_at", "updated_at"}

Write: TypeAlias = tuple[Change, Any]
"""What a call wants to write, and the value that it returns."""


class Unfinished:
    """The calls of one app that are to be known again. Safe for threads."""

    def __init__(self) -> None:
        self._writes: dict[object, list[Write]] = {}
        self._lock = new_lock()
        self.is_keyed: Callable[[], bool] = lambda: False

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return bool(self._writes)

    def note(self, change: Change, value: object) -> None:
        """Keep a call that makes something with an id; others write the same rows whenever they are made."""
        if self._draws_id(change, value):
            with self._lock:
                self._writes.setdefault(_request(value), []).append((change, value))

    def resume(self, change: Change, value: Any) -> Write:  # noqa: ANN401 - whatever the call returns
        """Return what the same call wanted to write before, once; else what it wants to write now."""
        if not self._draws_id(change, value):
            return change, value
        with self._lock:
            earlier = self._writes.pop(_request(value), [])
        fresh = [write for write in earlier if abs(value.created_at - write[1].created_at) <= KNOWN_AGAIN]
        for write in fresh[1:]:
            self.note(*write)
        return fresh[0] if fresh else (change, value)

    def _draws_id(self, change: Change, value: object) -> bool:
        is_creation = bool(change.puts) and not change.sets and attrs.has(type(value)) and hasattr(value, "id")
        return is_creation and not self.is_keyed()


def _request(value: Any) -> object:  # noqa: ANN401 - a user, a post or a comment
    fields = attrs.fields(type(value))
    return type(value), tuple(getattr(value, field.name) for field in fields if field.name not in _DRAWN)
