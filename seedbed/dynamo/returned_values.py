"""What a unit of work's values look like now: the counters that moved since, and rows that later calls changed.

Counters are followed by sums, so most values cost no read. A row that a call of this or of another unit of work set,
deleted or put again is *touched*: a value that was returned before that is told anew, from the row. Kept by the unit of
work, under its lock where workers have a part in it; nothing is sent here, and what is read is read by the unit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias, TypeVar, cast
from weakref import WeakValueDictionary

import attrs

from seedbed.dynamo.changes import Change, Moves, move
from seedbed.dynamo.rows import Key, Row
from seedbed.dynamo.schema import Entity
from seedbed.errors import GoneError

T = TypeVar("T")
Read: TypeAlias = Callable[[Key], Row | None]


_FOREIGN = -1
"""Since when a value stands that this unit of work did not make: nobody knows, so its row is read."""


class _Seen(NamedTuple):
    """A row as it was read, what this unit had added to its counters then, and the last touch before."""

    row: Row | None
    written: dict[str, int]
    touch: int


def _move(moves: Moves, change: Change, sign: int) -> None:
    for part in change.adds:
        move(moves, part.key, part.amounts, sign)


class ReturnedValues:
    """Follows what calls do to the rows of values, and tells values as they are stored.

    Values are told apart by identity. Memory: a sum a row whose counters moved, a number a row that was touched, and
    each value that was told anew.
    """

    def __init__(self, entities: Mapping[type, Entity]) -> None:
        self._entities = entities
        self._moved: Moves = {}  # by all calls so far
        self._written: Moves = {}  # by those that are in the table
        self._made: WeakValueDictionary[int, object] = WeakValueDictionary()  # values that this unit knows
        self._bases: dict[int, tuple[object, dict[str, int]]] = {}  # what a value's own counts hold already
        self._copies: dict[int, tuple[object, int]] = {}  # values that were told anew, and of which one
        self._standing: dict[int, tuple[object, object]] = {}  # the rows that stand for values
        self._touches: dict[Key, int] = {}
        self._batches = 0  # the last touch of rows that go by plain batches
        self._last = 0
        self._since: dict[int, tuple[object, int]] = {}  # after which touch a value was made; else before all
        self._seen: dict[Key, _Seen] = {}

    # What calls do

    def note_call(self, change: Change, value: object) -> None:
        """Note a call that returned `value`."""
        for part in change.sets + change.deletes:
            self._touch(part.key)
        if self._touches:
            for put in change.puts:
                if put.key in self._touches:
                    self._touch(put.key)
        self._note(value, self._moved)
        _move(self._moved, change, 1)

    def note_written(self, change: Change) -> None:
        """Note that a call is in the table."""
        _move(self._written, change, 1)

    def take_out(self, change: Change) -> None:
        """Note that a call moves nothing: it was refused, or done before."""
        _move(self._moved, change, -1)

    def note_earlier(self, change: Change, value: object, row: Row | None) -> None:
        """Note that a call was done before, so that counters may hold it already; `row` is what stood there.

        It may be another row than the value's own: a profile's update is answered by the claim that it moved.
        """
        for part in change.adds:
            self._touch(part.key)
        kind = self._entities.get(type(value))
        if kind is not None and row is not None and row["entity_type"]["S"] == kind.kind:
            self._standing[id(value)] = value, kind.read(row)
            self._note(value, self._written)

    def note_batch(self) -> None:
        """Note that rows were put or deleted by a plain batch."""
        self._last += 1
        self._batches = self._last

    def doubt(self, other: ReturnedValues) -> None:
        """Take all rows for touched that another unit of work has changed."""
        for key in (*other._written, *other._touches):
            self._touch(key)
        if other._batches:
            self.note_batch()

    def _touch(self, key: Key) -> None:
        self._last += 1
        self._touches[key] = self._last

    # What values look like

    def _note(self, value: object, moved: Moves) -> None:
        kind = self._entities.get(type(value))
        if kind is None:
            return
        self._made[id(value)] = value
        key = kind.key(value)
        if key in moved:
            self._bases[id(value)] = value, dict(moved[key])
        if touch := self._touch_of(kind, key):
            self._since[id(value)] = value, touch

    def _touch_of(self, kind: Entity, key: Key) -> int:
        touch = self._touches.get(key, 0)
        return max(touch, self._batches) if kind.is_batched else touch

    def origin(self, value: object) -> int:
        """Return the identity of the value that a call returned, of which this one may be told anew."""
        return self._copies[id(value)][1] if id(value) in self._copies else id(value)

    def as_stored(self, value: T, read: Read | None) -> T:
        """Return a value as it is stored; `read` gives a row, with everything queued in it (None: nothing is kept).

        Raises:
            GoneError: its row was deleted since.
        """
        kind = self._entities.get(type(value))
        if kind is None:
            return value
        key = kind.key(value)
        if self._made.get(id(value)) is not value:
            self._note(value, self._moved)
            self._since[id(value)] = value, _FOREIGN
        since = self._since[id(value)][1] if id(value) in self._since else 0
        if read is not None and self._touch_of(kind, key) > since:
            self._renew(value, kind, key, read)
        return self._count_in(value, key)

    def _renew(self, value: object, kind: Entity, key: Key, read: Read) -> None:
        seen = self._seen.get(key)
        if seen is None or seen.touch < self._touch_of(kind, key):
            row = read(key)  # first: what it sends moves counters, and its effects touch rows
            seen = self._seen[key] = _Seen(row, dict(self._written.get(key, {})), self._touch_of(kind, key))
        if seen.row is None:
            raise GoneError(value)
        self._standing[id(value)] = value, kind.read(seen.row)
        self._bases[id(value)] = value, seen.written
        self._since[id(value)] = value, seen.touch

    def _count_in(self, value: T, key: Key) -> T:
        told: Any = self._standing[id(value)][1] if id(value) in self._standing else value
        moved = self._moved.get(key)
        if moved:
            base = self._bases[id(value)][1] if id(value) in self._bases else {}
            counts = {name: getattr(told, name) + amount - base.get(name, 0) for name, amount in moved.items()}
            told = attrs.evolve(told, **counts)
        if told is not value:
            self._copies[id(told)] = told, self.origin(value)
            self._note(told, self._moved)
        return cast("T", told)
