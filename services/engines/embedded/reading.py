"""Query and Scan: the rows of one page, found in the order they lie in, so that a page costs what it holds."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TypeAlias

from attrs import define, field
from moto.dynamodb.exceptions import InvalidIndexNameError, MockValidationException
from moto.utilities.utils import md5_hash

from services.engines.embedded.answers import AnswerItem, project
from services.engines.embedded.expressions import Glance, condition_of
from services.engines.embedded.rows import Attributes, AttributeValue, IndexRows, Partition, Row, scalar
from services.engines.embedded.tables import EmbeddedTable

# moto's figure for DynamoDB's 1 MB.
PAGE_BYTES: Final = 1_000_000


Page: TypeAlias = tuple[list[AnswerItem], int, Attributes | None]


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
        return bool(self.rows) and (
            len(self.rows) == self.limit or self.size_bytes + row.size_bytes > PAGE_BYTES
        )


def query(  # noqa: PLR0917 - moto's signature
    table: EmbeddedTable,
    hash_value: AttributeValue | None,
    range_comparison: str | None,
    range_values: list[AttributeValue],
    limit: int | None,
    exclusive_start_key: Attributes | None,
    scan_index_forward: bool,  # noqa: FBT001
    projection_expressions: list[list[str]] | None,
    index_name: str | None = None,
    consistent_read: bool = False,  # noqa: FBT001, FBT002
    expr_names: dict[str, str] | None = None,
    expr_values: dict[str, AttributeValue] | None = None,
    filter_expression: str | None = None,
    hash_key_conditions: Any = None,  # noqa: ARG001
    range_key_conditions: Any = None,  # noqa: ARG001
    **filters: Any,
) -> Page:
    """Read a page of one partition, in order or in reverse."""
    if filters or hash_value is None:
        raise MockValidationException("The embedded engine does not serve QueryFilter: use FilterExpression")
    index = _index(table, index_name, consistent_read=consistent_read)
    partition = _partition(table, index, hash_value)
    page = _Page(limit)
    if partition is not None:
        start = None if exclusive_start_key is None else _position(table, index, exclusive_start_key)
        span = _span(partition.order(), index, range_comparison, [scalar(value) for value in range_values])
        _read_span(page, partition, span, start, forward=scan_index_forward)
    keep = _keep(table, filter_expression, expr_names, expr_values, projection_expressions)
    return _finished(table, index, page, keep)


def scan(  # noqa: PLR0917 - moto's signature
    table: EmbeddedTable,
    filters: dict[str, Any],
    limit: int | None,
    exclusive_start_key: Attributes | None,
    filter_expression: str | None,
    expr_names: dict[str, str] | None,
    expr_values: dict[str, AttributeValue] | None,
    index_name: str | None,
    consistent_read: bool,  # noqa: FBT001
    projection_expression: list[list[str]] | None,
    segments: tuple[int, int] | tuple[None, None],
) -> Page:
    """Read a page of a whole table or index, or of one segment of it, in the order of the keys."""
    if filters:
        raise MockValidationException("The embedded engine does not serve ScanFilter: use FilterExpression")
    index = _index(table, index_name, consistent_read=consistent_read)
    page = _Page(limit)
    for row in _scanned(table, index, exclusive_start_key, segments):
        if not page.take(row):
            break
    keep = _keep(table, filter_expression, expr_names, expr_values, projection_expression)
    return _finished(table, index, page, keep)


def _index(table: EmbeddedTable, name: str | None, *, consistent_read: bool) -> IndexRows | None:
    if name is None:
        return None
    index = table.rows.indexes.get(name)
    if index is None:
        raise InvalidIndexNameError(f"The table does not have the specified index: {name}")
    if consistent_read and index.is_global:
        raise MockValidationException("Consistent reads are not supported on global secondary indexes")
    return index


def _partition(table: EmbeddedTable, index: IndexRows | None, hash_value: AttributeValue) -> Partition | None:
    place = table.rows if index is None else index
    if place.schema.hash_type not in hash_value:
        raise MockValidationException(
            "One or more parameter values were invalid: Condition parameter type does not match schema type"
        )
    return place.shelves.partitions.get(scalar(hash_value))


def _position(table: EmbeddedTable, index: IndexRows | None, start: Attributes) -> Any:
    """Return the place within its partition that a start key names."""
    try:
        key = table.rows.schema.key_of(start)
        return key[1] if index is None else (index.schema.key_of(start)[1], *key)
    except (KeyError, AttributeError, ValueError) as error:
        raise MockValidationException("The provided starting key is invalid") from error


def _span(
    order: list[Any], index: IndexRows | None, comparison: str | None, values: list[Any]
) -> tuple[int, int]:
    """Return from where to where, in a partition's order, rows fulfil a condition on their sort key."""
    sort_key: Callable[[Any], Any] | None = None if index is None else _first
    if comparison is None:
        return 0, len(order)
    low, high = values[0], values[-1]
    if comparison == "BEGINS_WITH":
        prefix = (lambda key: key[: len(low)]) if index is None else (lambda key: key[0][: len(low)])
        return bisect_left(order, low, key=sort_key), bisect_right(order, low, key=prefix)
    begins = {
        "<": lambda: 0,
        "<=": lambda: 0,
        ">": lambda: bisect_right(order, low, key=sort_key),
    }.get(comparison, lambda: bisect_left(order, low, key=sort_key))
    ends = {
        ">": lambda: len(order),
        ">=": lambda: len(order),
        "<": lambda: bisect_left(order, high, key=sort_key),
    }.get(comparison, lambda: bisect_right(order, high, key=sort_key))
    return begins(), ends()


def _first(position: tuple[Any, ...]) -> Any:
    return position[0]


def _read_span(
    page: _Page, partition: Partition, span: tuple[int, int], start: Any, *, forward: bool
) -> None:
    order = partition.order()
    low, high = span
    if start is not None and forward:
        low = max(low, bisect_right(order, start))
    elif start is not None:
        high = min(high, bisect_left(order, start))
    places: Iterable[int] = range(low, high) if forward else range(high - 1, low - 1, -1)
    for place in places:
        if not page.take(partition[order[place]]):
            return
    # A full page tells of more rows even if the next one is outside the condition: DynamoDB does not look.
    beyond = high if forward else low - 1
    if 0 <= beyond < len(order) and page.is_full_for(partition[order[beyond]]):
        page.is_cut = True


def _scanned(
    table: EmbeddedTable,
    index: IndexRows | None,
    start: Attributes | None,
    segments: tuple[int, int] | tuple[None, None],
) -> Iterator[Row]:
    rows = _rows_after(table, index, start)
    segment, total = segments
    if segment is None or total is None:
        return rows
    hash_name = table.rows.schema.hash_name
    return (row for row in rows if _segment_of(row.attributes[hash_name], total) == segment)


def _rows_after(table: EmbeddedTable, index: IndexRows | None, start: Attributes | None) -> Iterator[Row]:
    place = table.rows if index is None else index
    partitions = place.shelves.partitions
    hashes = partitions.order()
    first = 0
    if start is not None:
        position = _position(table, index, start)
        start_hash = place.schema.key_of(start)[0]
        first = bisect_right(hashes, start_hash)
        partition = partitions.get(start_hash)
        if partition is not None:
            yield from _rows(partition, bisect_right(partition.order(), position))
    for place_of_hash in range(first, len(hashes)):
        yield from _rows(partitions[hashes[place_of_hash]], 0)


def _rows(partition: Partition, first: int) -> Iterator[Row]:
    order = partition.order()
    for place in range(first, len(order)):
        yield partition[order[place]]


def _segment_of(hash_value: AttributeValue, total: int) -> int:
    """Return the segment of a partition key, as moto's `Item.is_within_segment` reckons it."""
    (content,) = hash_value.values()
    return int(md5_hash(content.encode()).digest()[0] % total)


def _finished(
    table: EmbeddedTable,
    index: IndexRows | None,
    page: _Page,
    keep: Callable[[Attributes], Attributes | None],
) -> Page:
    read = (row.copy() if index is None else index.project(row) for row in page.rows)
    kept = (keep(attributes) for attributes in read)
    items = [AnswerItem(attributes) for attributes in kept if attributes is not None]
    names = [*table.rows.schema.types(), *(index.schema.types() if index is not None else ())]
    last = {name: dict(page.rows[-1].attributes[name]) for name in names} if page.is_cut else None
    return items, len(page.rows), last


def _keep(
    table: EmbeddedTable,
    filter_expression: str | None,
    names: dict[str, str] | None,
    values: dict[str, AttributeValue] | None,
    projections: list[list[str]] | None,
) -> Callable[[Attributes], Attributes | None]:
    """Return what is left of attributes: all, some, or None if they do not pass the filter."""
    if filter_expression is None and not projections:
        return lambda attributes: attributes
    operation = condition_of(filter_expression, names, values).operation

    def keep(attributes: Attributes) -> Attributes | None:
        if not operation.expr(Glance(attributes)):
            return None
        return project(attributes, table.definition, projections) if projections else attributes

    return keep
