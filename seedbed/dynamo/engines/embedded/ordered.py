"""A mapping that can be read in key order. Knows nothing of DynamoDB."""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

# Below this share of new keys, placing them one by one beats sorting everything again.
_FEW = 16


class SortedMap(Generic[K, V]):
    """A dict whose keys are sorted when somebody asks for the order, not on every write."""

    __slots__ = ("_added", "_order", "_values")

    def __init__(self) -> None:
        """Start empty."""
        self._values: dict[K, V] = {}
        self._order: list[Any] = []
        self._added: set[K] = set()

    def __len__(self) -> int:
        """Count the keys."""
        return len(self._values)

    def __getitem__(self, key: K) -> V:
        """Look a key up."""
        return self._values[key]

    def __setitem__(self, key: K, value: V) -> None:
        """Put a value under a key, new or not."""
        if key not in self._values:
            self._added.add(key)
        self._values[key] = value

    def get(self, key: K) -> V | None:
        """Look a key up, or None."""
        return self._values.get(key)

    def pop(self, key: K) -> V:
        """Take a key out."""
        value = self._values.pop(key)
        if key in self._added:
            self._added.remove(key)
        else:
            del self._order[bisect_left(self._order, key)]
        return value

    def order(self) -> list[Any]:
        """Return all the keys, smallest first: the map's own list, to be read only until the next write."""
        if self._added:
            self._settle()
        return self._order

    def _settle(self) -> None:
        if len(self._added) * _FEW < len(self._order):
            for key in self._added:
                insort(self._order, key)
        else:
            self._order.extend(self._added)
            self._order.sort()
        self._added.clear()
