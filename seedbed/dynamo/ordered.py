"""Mappings that can be read in key order. Know nothing of DynamoDB.

The order is made when it is first asked for: who only writes and looks up pays neither time nor memory for it.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")

# Below this share of new keys, placing them one by one beats sorting everything again.
_FEW = 16
_LAST_NUMBER = 255


class SortedMap(dict[K, V]):
    """A dict whose keys are sorted when somebody asks for the order, not on every write."""

    __slots__ = ("_added", "_order")

    def __init__(self, values: Mapping[K, V] | None = None) -> None:
        """Start with these, or empty."""
        super().__init__(values or ())
        self._order: list[Any] | None = None  # nobody has asked
        self._added: list[K] = []  # since then: each once or more often, some of them taken out again

    def __setitem__(self, key: K, value: V) -> None:
        """Put a value under a key, new or not."""
        if self._order is not None and key not in self:
            self._added.append(key)
        super().__setitem__(key, value)

    def pop(self, key: K) -> V:  # type: ignore[override] # without a default
        """Take a key out."""
        value = super().pop(key)
        order = self._order or []
        place = bisect_left(order, key)
        if place < len(order) and order[place] == key:
            del order[place]
        return value

    def copy(self) -> SortedMap[K, V]:
        """Return a map of the same values. Cost: that of copying a dict."""
        copied = SortedMap(self)
        copied._order = None if self._order is None else self._order.copy()
        copied._added = self._added.copy()
        return copied

    def order(self) -> list[Any]:
        """Return all the keys, smallest first: the map's own list, to be read only until the next write."""
        if self._order is None:
            self._order = sorted(self)
        elif self._added:
            self._settle(self._order)
        return self._order

    def _settle(self, order: list[Any]) -> None:
        added = {key for key in self._added if key in self}
        if len(added) * _FEW < len(order):
            for key in added:
                insort(order, key)
        else:
            order.extend(added)
            order.sort()
        self._added.clear()


class Shelves:
    """Bytes by partition and by position in it, both in order; empty partitions are dropped.

    Most partitions hold one value. It is kept behind the number of its position where that has one, as the first few
    have, else in a pair: a fifth of what a mapping takes, or a quarter.
    """

    __slots__ = ("_numbers", "_own", "_partitions", "_positions", "count")

    def __init__(self) -> None:
        """Start empty."""
        self._partitions: SortedMap[Any, bytes | tuple[Any, bytes] | SortedMap[Any, bytes]] = SortedMap()
        self._positions: list[Any] = []
        self._numbers: dict[Any, bytes] = {}
        self._own: set[Any] | None = None  # the partitions that no copy shares; None means all
        self.count = 0

    def copy(self) -> Shelves:
        """Return shelves of the same bytes, in which what is put or taken stands in these no more than the reverse.

        Partitions of several values are shared until one side changes them. Cost: that of copying a dict, 0.1 ms for
        10,000 partitions; the first copy puts the shared partitions in order too.
        """
        if self._own is None:
            for shared in self._partitions.values():
                if isinstance(shared, SortedMap):
                    shared.order()  # later copies in other threads only read it
        copied = Shelves()
        copied._partitions = self._partitions.copy()
        copied._positions, copied._numbers = self._positions.copy(), self._numbers.copy()
        copied.count = self.count
        self._own, copied._own = set(), set()
        return copied

    def _changeable(self, partition: object, found: SortedMap[Any, bytes]) -> SortedMap[Any, bytes]:
        if self._own is None or partition in self._own:
            return found
        self._own.add(partition)
        self._partitions[partition] = own = found.copy()
        return own

    def __len__(self) -> int:
        """Count the partitions."""
        return len(self._partitions)

    def get(self, partition: object, position: object) -> bytes | None:
        """Find the value at a position."""
        found = self._partitions.get(partition)
        if found is None:
            return None
        if isinstance(found, SortedMap):
            return found.get(position)
        stands, value = self._open(found)
        return value if stands == position else None

    def _open(self, alone: bytes | tuple[Any, bytes]) -> tuple[Any, bytes]:
        return (self._positions[alone[0]], alone[1:]) if isinstance(alone, bytes) else alone

    def put(self, partition: object, position: object, value: bytes) -> None:
        """Put a value at a position, in place of what stood there."""
        found = self._partitions.get(partition)
        if isinstance(found, SortedMap):
            self.count += position not in found
            self._changeable(partition, found)[position] = value
        elif found is None or (stood := self._open(found))[0] == position:
            self.count += found is None
            self._partitions[partition] = self._alone(position, value)
        else:
            self.count += 1
            self._partitions[partition] = several = SortedMap[Any, bytes]()
            if self._own is not None:
                self._own.add(partition)
            several[stood[0]] = stood[1]
            several[position] = value

    def _alone(self, position: object, value: bytes) -> bytes | tuple[Any, bytes]:
        number = self._numbers.get(position)
        if number is None:
            if len(self._positions) > _LAST_NUMBER:
                return position, value
            number = self._numbers[position] = bytes((len(self._positions),))
            self._positions.append(position)
        return number + value

    def take(self, partition: object, position: object) -> bytes | None:
        """Take out the value at a position, if there is one, and return it."""
        value = self.get(partition, position)
        if value is None:
            return None
        found = self._partitions[partition]
        if isinstance(found, SortedMap) and len(found) > 1:
            self._changeable(partition, found).pop(position)
        else:
            self._partitions.pop(partition)
            if self._own is not None:
                self._own.discard(partition)
        self.count -= 1
        return value

    def partitions(self) -> list[Any]:
        """Return all partitions in order; to be read only until the next write."""
        return self._partitions.order()

    def positions(self, partition: object) -> list[Any]:
        """Return a partition's positions in order; to be read only until the next write."""
        found = self._partitions.get(partition)
        if found is None:
            return []
        return found.order() if isinstance(found, SortedMap) else [self._open(found)[0]]

    def shelf(self, partition: object) -> list[tuple[Any, bytes]]:
        """Return a partition's positions, each with its value, in order."""
        found = self._partitions.get(partition)
        if found is None:
            return []
        if isinstance(found, SortedMap):
            return [(position, found[position]) for position in found.order()]
        return [self._open(found)]

    def items(self) -> Iterator[tuple[Any, Any, bytes]]:
        """Yield each partition, position and value, in no order; nothing may be put or taken meanwhile."""
        for partition, found in self._partitions.items():
            if isinstance(found, SortedMap):
                for position, value in found.items():
                    yield partition, position, value
            else:
                yield partition, *self._open(found)

    def __iter__(self) -> Iterator[tuple[Any, Any, bytes]]:
        """Yield each partition, position and value that is there when its turn comes, in order."""
        for partition in list(self.partitions()):
            for position in list(self.positions(partition)):
                value = self.get(partition, position)
                if value is not None:
                    yield partition, position, value
