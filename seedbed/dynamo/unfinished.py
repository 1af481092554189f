"""Calls whose end nobody knows, or that are written and not delivered: the same call again is that call, not another.

A call that makes something draws an id for it. Made again after an answer was lost, it would draw another one, and what
it makes would be there twice. So the app keeps, for a while, what such a call wanted to write; where the same thing is
asked for again, that is what is written, and its conditions keep it from being written twice. Of a unit of work that
was stopped all such calls are kept, for whoever repeats it repeats also what is written.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, NamedTuple

import attrs

from seedbed import forks
from seedbed.dynamo.changes import Change
from seedbed.dynamo.outcomes import ANYWHERE, BEYOND, BY_KEY, OF_APP
from seedbed.dynamo.row_actions import Call

KNOWN_AGAIN = timedelta(minutes=10)
"""As long as DynamoDB itself knows a request again (AWS: API reference, TransactWriteItems, ClientRequestToken)."""
KEPT = 5_000
"""Calls of one unit of work that are kept: some 15 MB. Of one that makes more only those without an answer are."""
_DRAWN = {"id", "created_at", "updated_at"}
_REACHES = (ANYWHERE, BY_KEY, OF_APP, BEYOND)


class Write(NamedTuple):
    """What a call wants to write, the value that it returns, and whether an earlier one wanted to write the same."""

    change: Change
    value: Any
    is_again: bool = False


class Unfinished:
    """The calls of one app that are to be known again. Safe for threads."""

    def __init__(self) -> None:
        self._writes: dict[object, deque[tuple[float, Write]]] = {}
        self._gone: dict[object, float] = {}
        self._lock = forks.new_lock()
        self.is_keyed: Callable[[], bool] = lambda: False
        forks.in_child(self, Unfinished._leave_to_parent)

    def _leave_to_parent(self) -> None:
        self._writes, self._gone = {}, {}  # who calls again is the parent: a child's call, though alike, is another

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return bool(self._writes)

    def reach(self, change: Change, value: object) -> str:
        """Tell from where the same call again completes this one, if it is stopped."""
        if not (change.puts and not change.sets and hasattr(value, "id") and attrs.has(type(value))):
            return ANYWHERE
        return BY_KEY if self.is_keyed() else OF_APP

    def keep(self, calls: Iterable[Call]) -> None:
        """Keep calls that make something, in their order; those of long ago are forgotten."""
        now = time.monotonic()
        with self._lock:
            for request, kept in list(self._writes.items()):
                while kept and now - kept[0][0] > KNOWN_AGAIN.total_seconds():
                    kept.popleft()
                if not kept:
                    del self._writes[request]
            for call in calls:
                write = Write(call.change, call.value, is_again=True)
                self._writes.setdefault(_request(call.value), deque()).append((now, write))

    def resume(self, change: Change, value: Any) -> Write:  # noqa: ANN401 - whatever the call returns
        """Return what the same call wanted to write before, once; else what it wants to write now."""
        if self.reach(change, value) is not OF_APP:
            return Write(change, value)
        request = _request(value)
        with self._lock:
            kept = self._writes.get(request, deque())
            found = None
            while kept and found is None:
                _, write = kept.popleft()
                found = write if abs(value.created_at - write.value.created_at) <= KNOWN_AGAIN else None
            if not kept:
                self._writes.pop(request, None)
        return found or Write(change, value)

    def note_removal(self, what: object) -> None:
        """Keep that a call was taking something away: whoever asks again and finds nothing has got what was wanted."""
        now = time.monotonic()
        with self._lock:
            fresh = {old: since for old, since in self._gone.items() if now - since <= KNOWN_AGAIN.total_seconds()}
            self._gone = {**fresh, what: now}

    def was_removing(self, what: object) -> bool:
        """Tell, once, whether a call of this app was taking this away and was stopped."""
        with self._lock:
            since = self._gone.pop(what, None)
        return since is not None and time.monotonic() - since <= KNOWN_AGAIN.total_seconds()


class Creations:
    """The calls of one unit of work that made something with an id, to be known again if it is stopped."""

    def __init__(self, unfinished: Unfinished) -> None:
        self._unfinished = unfinished
        self._calls: list[Call] = []
        self.reach = ANYWHERE

    def note(self, call: Call) -> None:
        """Note a call that is queued."""
        reach = self._unfinished.reach(call.change, call.value)
        self.reach = max(self.reach, reach, key=_REACHES.index)
        if reach is OF_APP and (call.is_again or self.reach is not BEYOND):
            self._calls.append(call)
        if self.reach is not BEYOND and len(self._calls) > KEPT:
            self.reach = BEYOND
            self._calls = [call for call in self._calls if call.is_again]

    def keep(self, unknown: Iterable[Call], is_lost: Callable[[Call], bool]) -> None:
        """Let the app know again what is written, and what may be: all but what never was."""
        kept = [call for call in self._calls if call.is_again or not is_lost(call)]
        if self.reach is BEYOND:
            kept += [call for call in unknown if not call.is_again and self._draws_id(call)]
        self._unfinished.keep(kept)

    def _draws_id(self, call: Call) -> bool:
        return self._unfinished.reach(call.change, call.value) is OF_APP


def _request(value: Any) -> object:  # noqa: ANN401 - a user, a post or a comment
    fields = attrs.fields(type(value))
    return type(value), tuple(getattr(value, field.name) for field in fields if field.name not in _DRAWN)
