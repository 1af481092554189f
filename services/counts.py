"""The counts of the values that a unit of work returns: which moves of a counter each holds already, which came since.

Kept by the unit of work, under its lock where workers have a part in it. Nothing is read or sent here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar, cast
from weakref import WeakValueDictionary

import attrs

from services import items, keys
from services.changes import Change
from services.entities import Comment, FeedItem, Follow, Like, Post, User
from services.items import Row
from services.keys import Key

T = TypeVar("T")
Moves: TypeAlias = dict[Key, dict[str, int]]

_READERS: dict[type, tuple[str, Callable[[Row], Any]]] = {
    User: ("USER", items.user_of),
    Post: ("POST", items.post_of),
    Like: ("LIKE", items.like_of),
    Comment: ("COMMENT", items.comment_of),
    Follow: ("FOLLOW", items.follow_of),
    FeedItem: ("FEED_ITEM", items.feed_item_of),
}
_COUNTERS: dict[type, tuple[str, ...]] = {
    User: items.USER_COUNTERS,
    Post: items.POST_COUNTERS,
    Comment: items.COMMENT_COUNTERS,
}
_KEYS: dict[type, Callable[[Any], Key]] = {
    User: lambda user: keys.user_key(user.id),
    Post: lambda post: keys.post_key(post.id),
    Comment: lambda comment: keys.comment_key(comment.post_id, comment.id),
}


def _key_of(value: object) -> Key | None:
    """Return the row that a value with counts stands in."""
    key = _KEYS.get(type(value))
    return None if key is None else key(value)


def _is_row_of(value: object, row: Row) -> bool:
    # A call may be answered by another row than its own: a profile's update by the claim that it moved.
    kind = _READERS.get(type(value))
    return kind is not None and row["entity_type"]["S"] == kind[0]


def _move(moves: Moves, change: Change, sign: int) -> None:
    for part in change.adds:
        amounts = moves.get(part.key)
        if amounts is None:
            amounts = moves[part.key] = {}
        for name, amount in part.amounts.items():
            amounts[name] = amounts.get(name, 0) + sign * amount


class Counts:
    """Follows the counters that calls move, and tells values with their counts brought up to date.

    Values are told apart by identity. Memory: a sum a row whose counters moved, and each value that was told anew.
    """

    def __init__(self) -> None:
        self._moved: Moves = {}  # by all calls so far
        self._written: Moves = {}  # by those that are in the table
        self._made: WeakValueDictionary[int, object] = WeakValueDictionary()  # values whose base is known
        self._bases: dict[int, tuple[object, dict[str, int]]] = {}  # what a value's own counts hold already
        self._copies: dict[int, tuple[object, int]] = {}  # values that were told anew, and of which one
        # Rows whose counters a lost answer or an earlier run may have moved; once read again, with what they hold.
        self._unsure: dict[Key, tuple[Row | None, dict[str, int]] | None] = {}
        self._standing: dict[int, tuple[object, object]] = {}

    def queued(self, change: Change, value: object) -> None:
        """Note a call that returned `value`."""
        self._note(value, self._moved)
        _move(self._moved, change, 1)

    def wrote(self, change: Change) -> None:
        """Note that a call is in the table."""
        _move(self._written, change, 1)

    def taken_out(self, change: Change) -> None:
        """Note that a call moves nothing: it was refused, or done before."""
        _move(self._moved, change, -1)

    def was_done(self, change: Change, value: object, row: Row | None) -> None:
        """Note that a call was done before, so that counters may hold it already; `row` is what stood there."""
        self._unsure |= dict.fromkeys(part.key for part in change.adds)
        if row is not None and _is_row_of(value, row):
            self._standing[id(value)] = value, _READERS[type(value)][1](row)
            self._note(value, self._written)

    def doubt(self, other: Counts) -> None:
        """Be unsure of all that another unit of work has moved."""
        self._unsure |= dict.fromkeys((*other._written, *other._unsure))

    def _note(self, value: object, moved: Mapping[Key, dict[str, int]]) -> None:
        key = _key_of(value)
        if key is not None:
            self._made[id(value)] = value
            if key in moved:
                self._bases[id(value)] = value, dict(moved[key])

    def origin(self, value: object) -> int:
        """Return the identity of the value that a call returned, of which this one may be told anew."""
        return self._copies[id(value)][1] if id(value) in self._copies else id(value)

    def told(self, value: T, read: Callable[[Key], Row | None]) -> T:
        """Return a value with its counts as they stand; `read` gives a row, with everything queued in it."""
        key = _key_of(value)
        if key is None:
            return cast("T", self._standing.get(id(value), (value, value))[1])
        if self._made.get(id(value)) is not value:  # made elsewhere, or read: nobody knows what its counts hold
            self._note(value, self._moved)
            self._unsure.setdefault(key, None)
        self._make_sure(value, key, read)
        return self._counted(value, key)

    def _make_sure(self, value: object, key: Key, read: Callable[[Key], Row | None]) -> None:
        if key not in self._unsure:
            return
        if self._unsure[key] is None:
            row = read(key)  # first: what it sends moves counters
            self._unsure[key] = row, dict(self._written.get(key, {}))
        row, base = self._unsure[key] or (None, {})
        if row is None:
            return
        told: Any = self._standing.get(id(value), (value, value))[1]
        counts = {name: items.count_of(row, name) for name in _COUNTERS[type(value)]}
        self._standing[id(value)] = value, attrs.evolve(told, **counts)
        self._bases[id(value)] = value, base

    def _counted(self, value: T, key: Key) -> T:
        told: Any = self._standing.get(id(value), (value, value))[1]
        moved = self._moved.get(key)
        if not moved:
            return cast("T", told)
        base = self._bases[id(value)][1] if id(value) in self._bases else {}
        counts = {name: getattr(told, name) + amount - base.get(name, 0) for name, amount in moved.items()}
        copy: T = attrs.evolve(told, **counts)
        self._copies[id(copy)] = copy, self.origin(value)
        self._note(copy, self._moved)
        return copy
