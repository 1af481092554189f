"""Query and Scan: the rows of one page, found in the order they lie in, so a page costs what it holds."""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias

from attrs import define, field, frozen
from moto.dynamodb.exceptions import InvalidIndexNameError, MockValidationException

from seedbed.dynamo.engines.embedded.answers import AnswerItem
from seedbed.dynamo.engines.embedded.expressions import Glance, condition_of
from seedbed.dynamo.engines.embedded.limits import InvalidStartKeyError, KeyFilterError, KeyTypeError, MissedKeyError
from seedbed.dynamo.engines.embedded.rows import (
    Attributes,
    AttributeValue,
    IndexRows,
    KeySchema,
    Row,
    TableRows,
    scalar,
)
from seedbed.dynamo.engines.embedded.sizes import item_bytes
from seedbed.dynamo.engines.embedded.tables import EmbeddedTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, KeysView

# moto's figure for DynamoDB's 1 MB.
PAGE_BYTES: Final = 1_000_000

Segments: TypeAlias = tuple[int, int] | tuple[None, None]


class RowsRead(int):
    """How many rows were looked at, and how large they are: moto's handlers pass it on as the count that it is."""

    size_bytes: int

    def __new__(cls, count: int, size_bytes: int) -> Self:
        """Count rows and their bytes."""
        made = super().__new__(cls, count)
        made.size_bytes = size_bytes
        return made

    def __reduce__(self) -> tuple[type[int], tuple[int]]:
        """Travel as the count alone."""
        return int, (int(self),)


Answer: TypeAlias = tuple[list[AnswerItem], RowsRead, Attributes | None]


@define
class _Page:
    """Rows up to a limit and to 1 MB."""

    limit: int | None
    rows: list[Row] = field(factory=list)
    size_bytes: int = 0
    is_cut: bool = False

    def take(self, row: Row) -> bool:
        """Take one more row, unless the page is full."""
        if self.is_full_for(row):
            self.is_cut = True
            return False
        self.rows.append(row)
        self.size_bytes += row.size_bytes
        return True

    def is_full_for(self, row: Row) -> bool:
        """Tell whether a row must wait for the next page; a first row never must."""
        is_full = len(self.rows) == self.limit or self.size_bytes + row.size_bytes > PAGE_BYTES
        return is_full and bool(self.rows)


@frozen
class _Place:
    """What is read: a table, or one of its indexes."""

    table: EmbeddedTable
    index: IndexRows | None

    @property
    def source(self) -> TableRows | IndexRows:
        """The rows in the order of the place."""
        return self.table.rows if self.index is None else self.index

    def partition(self, hash_value: AttributeValue) -> Any:
        """Return the partition that a key names.

        Raises:
            KeyTypeError: the key is of another type than the place's.
        """
        if self.source.schema.hash_type not in hash_value:
            raise KeyTypeError
        return scalar(hash_value)

    def key_names(self) -> KeysView[str]:
        """Return what tells a row of the place: its own key, and the index's."""
        return (self.table.rows.schema.types() | self.source.schema.types()).keys()

    def row(self, partition: Any, position: Any) -> Row:
        """Return the row at one of the place's positions, as it lies there: of an index, what is projected."""
        row = self.table.rows[(partition, position) if self.index is None else position[1:]]
        if self.index is None or self.index.projected is None:
            return row
        projected = self.index.project(row.attributes)
        return Row(projected, item_bytes(projected))

    def position(self, start: Attributes) -> Any:
        """Return the place within its partition that a start key names.

        Raises:
            InvalidStartKeyError: it lacks a part of the key, or has one of another type.
        """
        if start.keys() != self.key_names():
            raise InvalidStartKeyError
        try:
            key = self.table.rows.schema.key_of(start)
            return key[1] if self.index is None else (self.index.schema.key_of(start)[1], *key)
        except LookupError as error:
            raise InvalidStartKeyError from error

    def rows_after(self, start: Attributes | None) -> Iterator[Row]:
        """Go through all the rows behind a start key, in order."""
        shelves = self.source.shelves
        partitions = shelves.partitions()
        first = 0
        if start is not None:
            position = self.position(start)
            begun = self.source.schema.key_of(start)[0]
            first = bisect_right(partitions, begun)
            yield from self._rows(begun, bisect_right(shelves.positions(begun), position))
        for at in range(first, len(partitions)):
            yield from self._rows(partitions[at], 0)

    def _rows(self, partition: Any, first: int) -> Iterator[Row]:
        positions = self.source.shelves.positions(partition)
        for place in range(first, len(positions)):
            yield self.row(partition, positions[place])

    def answer(self, page: _Page, keep: Callable[[Attributes], Attributes | None]) -> Answer:
        """Return a page as moto's handlers expect it: items, rows looked at, last key if there is more."""
        last = {name: dict(page.rows[-1].attributes[name]) for name in self.key_names()} if page.is_cut else None
        rows = (row.attributes for row in page.rows)
        items = [AnswerItem(attributes) for attributes in map(keep, rows) if attributes is not None]
        return items, RowsRead(len(page.rows), page.size_bytes), last


def query(  # noqa: PLR0917 - moto's signature
    table: EmbeddedTable,
    hash_value: AttributeValue | None,
    range_comparison: str | None,
    range_values: list[AttributeValue],
    limit: int | None,
    exclusive_start_key: Attributes | None,
    scan_index_forward: bool,  # noqa: FBT001 - moto's signature
    projection_expressions: object,
    index_name: str | None = None,
    consistent_read: bool = False,  # noqa: FBT001, FBT002 - moto's signature
    **further: Any,
) -> Answer:
    """Read a page of one partition, in order or in reverse.

    Raises:
        MissedKeyError: no partition is named.
        JsonRESTError: another of DynamoDB's, when the request is wrong.
    """
    del projection_expressions  # taken of the answer
    filters = _Filters.of(further)
    if hash_value is None:
        raise MissedKeyError(_place(table, index_name, consistent_read=False).source.schema.hash_name)
    place = _place(table, index_name, consistent_read=consistent_read)
    filters.check_no_key(place.source.schema)
    partition = place.partition(hash_value)
    page = _Page(limit)
    start = None if exclusive_start_key is None else place.position(exclusive_start_key)
    condition = (range_comparison, [scalar(value) for value in range_values])
    positions = place.source.shelves.positions(partition)
    if positions:
        span = _span(positions, condition, is_index=place.index is not None)
        _read_span(page, _Read(place, partition, positions), span, start=start, forward=scan_index_forward)
    return place.answer(page, filters.keeper())


def scan(
    table: EmbeddedTable,
    filters: dict[str, Any],
    limit: int | None,
    exclusive_start_key: Attributes | None,
    *,
    index_name: str | None,
    consistent_read: bool,
    projection_expression: object,
    segments: Segments,
    **further: Any,
) -> Answer:
    """Read a page of a whole table or index, or of one segment of it, in the order of the keys.

    Raises:
        JsonRESTError: one of moto's, when the request is wrong.
    """
    del projection_expression  # taken of the answer
    del filters  # legacy.py says them as an expression
    place = _place(table, index_name, consistent_read=consistent_read)
    rows = _of_segment(place.rows_after(exclusive_start_key), table.rows.schema.hash_name, segments)
    page = _Page(limit)
    for row in rows:
        if not page.take(row):
            break
    return place.answer(page, _Filters.of(further).keeper())


@frozen
class _Filters:
    """Which rows are left out of a page."""

    expression: str | None
    names: dict[str, str] | None
    values: dict[str, AttributeValue] | None

    @classmethod
    def of(cls, further: dict[str, Any]) -> _Filters:
        return cls(further.get("filter_expression"), further.get("expr_names"), further.get("expr_values"))

    def check_no_key(self, schema: KeySchema) -> None:
        """Refuse a filter of what the key condition has to say.

        Raises:
            KeyFilterError: it looks at a part of the key.
        """
        if self.expression is None:
            return
        looked_at = condition_of(self.expression, self.names, self.values).attributes
        for name in schema.types():
            if name in looked_at:
                raise KeyFilterError(name)

    def keeper(self) -> Callable[[Attributes], Attributes | None]:
        """Return a function that says what is left of attributes: all, or None."""
        if self.expression is None:
            return lambda attributes: attributes
        condition = condition_of(self.expression, self.names, self.values)
        return lambda attributes: attributes if condition.holds(Glance(attributes)) else None


def _place(table: EmbeddedTable, index_name: str | None, *, consistent_read: bool) -> _Place:
    if index_name is None:
        return _Place(table, None)
    index = table.rows.find_index(index_name)
    if index is None:
        message = f"The table does not have the specified index: {index_name}"
        raise InvalidIndexNameError(message)
    if consistent_read and index.is_global:
        message = "Consistent reads are not supported on global secondary indexes"
        raise MockValidationException(message)
    return _Place(table, index)


def _span(order: list[Any], condition: tuple[str | None, list[Any]], *, is_index: bool) -> tuple[int, int]:
    """Return from where to where, in a partition's order, rows fulfil a condition on their sort key."""
    comparison, values = condition
    if comparison is None:
        return 0, len(order)
    sort_key = _first if is_index else None
    low, high = values[0], values[-1]
    if comparison == "BEGINS_WITH":
        length = len(low)
        prefix = (lambda key: key[0][:length]) if is_index else (lambda key: key[:length])
        return bisect_left(order, low, key=sort_key), bisect_right(order, low, key=prefix)
    begin, end = 0, len(order)
    if comparison not in {"<", "<="}:
        begin = (bisect_right if comparison == ">" else bisect_left)(order, low, key=sort_key)
    if comparison not in {">", ">="}:
        end = (bisect_left if comparison == "<" else bisect_right)(order, high, key=sort_key)
    return begin, end


def _first(position: tuple[Any, ...]) -> Any:
    return position[0]


@frozen
class _Read:
    """A partition that is read: its positions, in order."""

    place: _Place
    partition: Any
    positions: list[Any]

    def row(self, at: int) -> Row:
        return self.place.row(self.partition, self.positions[at])


def _read_span(page: _Page, read: _Read, span: tuple[int, int], *, start: Any, forward: bool) -> None:
    low, high = span
    if start is not None and forward:
        low = max(low, bisect_right(read.positions, start))
    elif start is not None:
        high = min(high, bisect_left(read.positions, start))
    places: Iterable[int] = range(low, high) if forward else range(high - 1, low - 1, -1)
    for place in places:
        if not page.take(read.row(place)):
            return
    # A full page tells of more rows even if the next one is outside the condition: DynamoDB does not look.
    beyond = high if forward else low - 1
    if 0 <= beyond < len(read.positions) and page.is_full_for(read.row(beyond)):
        page.is_cut = True


def _of_segment(rows: Iterator[Row], hash_name: str, segments: Segments) -> Iterator[Row]:
    segment, total = segments
    if segment is None or total is None:
        return rows
    return (row for row in rows if _segment_of(row.attributes[hash_name], total) == segment)


def _segment_of(hash_value: AttributeValue, total: int) -> int:
    """Return the segment of a partition key, as moto's `Item.is_within_segment` reckons it."""
    (content,) = hash_value.values()
    return hashlib.md5(content.encode(), usedforsecurity=False).digest()[0] % total
