"""The rows of one table and of its indexes, in memory and in order. Knows no moto and no expressions.

Rows lie packed, and are unpacked afresh for each who asks. Every write goes through `TableRows.replace`, so undoing one
is one more `replace`, and neither costs more in a bigger table. An index is made when it is first read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Any, TypeAlias

from attrs import define, evolve, field, frozen

from seedbed.dynamo.ordered import Shelves
from seedbed.dynamo.packed import Packing

AttributeValue: TypeAlias = dict[str, Any]
Attributes: TypeAlias = dict[str, AttributeValue]
Key: TypeAlias = tuple[Any, Any]

# The sort key of every row of a table that has none.
NO_SORT_KEY = ""


@define(eq=False)
class Row:
    """One item as it comes or goes: what is stored is a copy, and so is what is read."""

    attributes: Attributes
    size_bytes: int


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
            return self._order(hash_key, range_key)
        return hash_key, range_key

    def _order(self, hash_key: Any, range_key: Any) -> Key:
        """Turn the numbers of a key, which are text in a request, into what sorts as numbers do."""
        if self.hash_type == "N":
            hash_key = Decimal(hash_key)
        return hash_key, Decimal(range_key) if self.range_type == "N" else range_key


_THERE = b""
"""What stands in an index: nothing beside the position."""


@define(eq=False)
class IndexRows:
    """Where the rows stand that have an index's key: by that key, and those of equal index key as in the table.

    A position is an index's sort key and the row's own key.
    """

    name: str
    schema: KeySchema
    # None means that the index holds whole rows.
    projected: frozenset[str] | None
    is_global: bool
    shelves: Shelves = field(factory=Shelves)

    def position(self, key: Key, attributes: Attributes) -> tuple[Any, tuple[Any, ...]] | None:
        """Return where in the index a row belongs, or None if it lacks the index's key."""
        if self.schema.hash_name not in attributes:
            return None
        if self.schema.range_name is not None and self.schema.range_name not in attributes:
            return None
        hash_key, range_key = self.schema.key_of(attributes)
        return hash_key, (range_key, *key)

    def move(self, key: Key, previous: Row | None, row: Row | None) -> None:
        """Follow a row of the table from what it was to what it is."""
        old = None if previous is None else self.position(key, previous.attributes)
        new = None if row is None else self.position(key, row.attributes)
        if old == new:
            return
        if old is not None:
            self.shelves.take(*old)
        if new is not None:
            self.shelves.put(*new, _THERE)

    def entry(self, key: Key, attributes: Attributes) -> tuple[Any, Attributes] | None:
        """Return where a row stands in the index and what is held of it, or None where it lacks the index's key."""
        position = self.position(key, attributes)
        return None if position is None else (position, self.project(attributes))

    def project(self, attributes: Attributes) -> Attributes:
        """Return what the index holds of a row."""
        if self.projected is None:
            return attributes
        return {name: value for name, value in attributes.items() if name in self.projected}


class TableRows:
    """All the rows of one table."""

    def __init__(self, schema: KeySchema) -> None:
        """Start empty."""
        self.schema = schema
        self.shelves: Shelves = Shelves()
        self._indexes: dict[str, IndexRows] = {}
        self._made: list[IndexRows] = []
        types = schema.types()
        is_short = list(types.values()) == ["S", "S"]
        self._packing = Packing(*types) if is_short else Packing()
        self.watch: Callable[[Key], None] | None = None
        """Told each key that is written."""

    def copy(self) -> TableRows:
        """Return the same rows for somebody else: what one side writes, the other does not see.

        Its indexes are those that are made here; others it gets by `take_indexes`. Cost: see `Shelves.copy`.
        """
        copied = TableRows(self.schema)
        copied.shelves, copied._packing = self.shelves.copy(), self._packing.copy()
        copied._indexes = {name: evolve(index, shelves=index.shelves.copy()) for name, index in self._indexes.items()}
        copied._made = [copied._indexes[index.name] for index in self._made]
        return copied

    def get(self, key: Key) -> Row | None:
        """Find the row under a key. Nobody else has it: it is the caller's to change."""
        packed = self.shelves.get(*key)
        return None if packed is None else Row(*self._packing.unpack(key, packed))

    def __getitem__(self, key: Key) -> Row:
        """Return the row under a key that is there.

        Raises:
            KeyError: None is.
        """
        row = self.get(key)
        if row is None:
            raise KeyError(key)
        return row

    def replace(self, key: Key, row: Row | None) -> None:
        """Put a row under a key, or take the key's row out if None."""
        if self._made:
            previous = self.get(key)
            for index in self._made:
                index.move(key, previous, row)
        if row is None:
            self.shelves.take(*key)
        else:
            self.shelves.put(*key, self._packing.pack(key, row.attributes, row.size_bytes))
        if self.watch is not None:
            self.watch(key)

    def take_indexes(self, indexes: dict[str, IndexRows]) -> None:
        """Have these indexes from now on, and none of those before."""
        self._indexes, self._made = indexes, []

    def make_indexes(self) -> None:
        """Make all indexes, before anybody reads them: so copies have them from the start."""
        for name in self._indexes:
            self.find_index(name)

    def indexes(self) -> Collection[IndexRows]:
        """Return all indexes, also those that nobody has read yet, which are empty."""
        return self._indexes.values()

    def find_index(self, name: str) -> IndexRows | None:
        """Find an index. The first time, all rows are looked at for it."""
        index = self._indexes.get(name)
        if index is not None and index not in self._made:
            for hash_key, range_key, packed in self.shelves:
                key = hash_key, range_key
                index.move(key, None, Row(*self._packing.unpack(key, packed)))
            self._made.append(index)
        return index
