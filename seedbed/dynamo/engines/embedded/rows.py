"""The rows of one table and of its indexes, in memory and in order. Knows no moto and no expressions.

Every write goes through `TableRows.replace`, which returns what stood there before. So undoing a write is one
more `replace`, and neither costs more in a bigger table.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeAlias

from attrs import define, field, frozen

from seedbed.dynamo.engines.embedded.ordered import SortedMap

AttributeValue: TypeAlias = dict[str, Any]
Attributes: TypeAlias = dict[str, AttributeValue]
Key: TypeAlias = tuple[Any, Any]

# The sort key of every row of a table that has none.
NO_SORT_KEY = ""


@define(eq=False)
class Row:
    """One stored item, never changed once stored: an update puts a new row in its place."""

    attributes: Attributes
    size_bytes: int
    # Only strings, numbers, booleans and nulls: such a row is copied cheaply.
    is_flat: bool

    def copy(self) -> Attributes:
        """Return the attributes for a caller to keep: changing them does not change the row."""
        if self.is_flat:
            return {name: value.copy() for name, value in self.attributes.items()}
        return {name: copy_value(value) for name, value in self.attributes.items()}


def copy_value(value: AttributeValue) -> AttributeValue:
    """Copy one attribute value to its depth."""
    ((kind, content),) = value.items()
    if kind == "L":
        return {kind: [copy_value(element) for element in content]}
    if kind == "M":
        return {kind: {name: copy_value(member) for name, member in content.items()}}
    return {kind: list(content)} if kind in {"SS", "NS", "BS"} else {kind: content}


def scalar(value: AttributeValue) -> Any:
    """Return what a key attribute is sorted and compared by."""
    ((kind, content),) = value.items()
    return Decimal(content) if kind == "N" else content


@frozen
class KeySchema:
    """The names and types of a table's or an index's key."""

    hash_name: str
    hash_type: str
    range_name: str | None = None
    range_type: str | None = None

    def types(self) -> dict[str, str]:
        """Return each key attribute's type by its name, the partition key first."""
        types = {self.hash_name: self.hash_type}
        if self.range_name is not None and self.range_type is not None:
            types[self.range_name] = self.range_type
        return types

    def key_of(self, attributes: Attributes) -> Key:
        """Return the key of attributes that are known to hold it."""
        hash_key = attributes[self.hash_name][self.hash_type]
        range_key = NO_SORT_KEY
        if self.range_name is not None and self.range_type is not None:
            range_key = attributes[self.range_name][self.range_type]
        if "N" in {self.hash_type, self.range_type}:
            return self._ordered(hash_key, range_key)
        return hash_key, range_key

    def _ordered(self, hash_key: Any, range_key: Any) -> Key:
        """Turn the numbers of a key, which are text in a request, into what sorts as numbers do."""
        if self.hash_type == "N":
            hash_key = Decimal(hash_key)
        return hash_key, Decimal(range_key) if self.range_type == "N" else range_key


Partition: TypeAlias = SortedMap[Any, Row]


@define(eq=False)
class Shelves:
    """Partitions by their key, each with its rows in order; empty partitions are dropped."""

    partitions: SortedMap[Any, Partition] = field(factory=SortedMap)
    count: int = 0

    def get(self, hash_key: Any, position: Any) -> Row | None:
        """Find the row at a position."""
        partition = self.partitions.get(hash_key)
        return None if partition is None else partition.get(position)

    def put(self, hash_key: Any, position: Any, row: Row) -> Row | None:
        """Put a row at a position and return the one that stood there."""
        partition = self.partitions.get(hash_key)
        if partition is None:
            partition = self.partitions[hash_key] = SortedMap()
        previous = partition.get(position)
        self.count += previous is None
        partition[position] = row
        return previous

    def take(self, hash_key: Any, position: Any) -> Row | None:
        """Take out the row at a position, if there is one, and return it."""
        partition = self.partitions.get(hash_key)
        if partition is None or partition.get(position) is None:
            return None
        row = partition.pop(position)
        self.count -= 1
        if not partition:
            self.partitions.pop(hash_key)
        return row


@define(eq=False)
class IndexRows:
    """The rows that have an index's key, by that key; those of equal index key in the order of the table."""

    name: str
    schema: KeySchema
    # None means that the index holds whole rows.
    projected: frozenset[str] | None
    is_global: bool
    shelves: Shelves = field(factory=Shelves)

    def position(self, key: Key, row: Row) -> tuple[Any, tuple[Any, ...]] | None:
        """Return where in the index a row belongs, or None if it lacks the index's key."""
        attributes = row.attributes
        if self.schema.hash_name not in attributes:
            return None
        if self.schema.range_name is not None and self.schema.range_name not in attributes:
            return None
        hash_key, range_key = self.schema.key_of(attributes)
        return hash_key, (range_key, *key)

    def move(self, key: Key, previous: Row | None, row: Row | None) -> None:
        """Follow a row of the table from what it was to what it is."""
        old = None if previous is None else self.position(key, previous)
        new = None if row is None else self.position(key, row)
        if old is not None and old != new:
            self.shelves.take(*old)
        if new is not None and row is not None:
            self.shelves.put(*new, row)

    def project(self, row: Row) -> Attributes:
        """Return a copy of what the index holds of a row."""
        attributes = row.copy()
        if self.projected is None:
            return attributes
        return {name: value for name, value in attributes.items() if name in self.projected}


@define(eq=False)
class TableRows:
    """All the rows of one table."""

    schema: KeySchema
    indexes: dict[str, IndexRows] = field(factory=dict)
    shelves: Shelves = field(factory=Shelves)
    watch: Callable[[Key], None] | None = None
    """Told each key that is written."""

    def get(self, key: Key) -> Row | None:
        """Find the row under a key."""
        return self.shelves.get(*key)

    def replace(self, key: Key, row: Row | None) -> Row | None:
        """Put a row under a key, or take the key's row out if None, and return what stood there."""
        previous = self.shelves.take(*key) if row is None else self.shelves.put(*key, row)
        for index in self.indexes.values():
            index.move(key, previous, row)
        if self.watch is not None:
            self.watch(key)
        return previous

    def reindex(self, indexes: dict[str, IndexRows]) -> None:
        """Fill these indexes from the rows that are there, and drop the ones before."""
        self.indexes = indexes
        for hash_key in self.shelves.partitions.order():
            partition = self.shelves.partitions[hash_key]
            for range_key in partition.order():
                for index in indexes.values():
                    index.move((hash_key, range_key), None, partition[range_key])
