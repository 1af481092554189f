"""What a request takes of AWS's capacity, and what it tells of item collections: reckoned where it is asked for.

A write is measured by the rows before and after it, which are looked at around the action: no action knows of this.
Source: Amazon DynamoDB developer guide, "Capacity unit consumption" and "Provisioned throughput for indexes".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field, frozen
from moto.core.exceptions import JsonRESTError

from seedbed.dynamo.engines.embedded.reading import RowsRead
from seedbed.dynamo.engines.embedded.rows import AttributeValue, Key, Row
from seedbed.dynamo.engines.embedded.sizes import item_bytes
from seedbed.dynamo.engines.embedded.tables import EmbeddedTable

if TYPE_CHECKING:
    from seedbed.dynamo.engines.embedded.backend import EmbeddedBackend
    from seedbed.dynamo.engines.embedded.rows import Attributes, IndexRows

_CAPACITY: Final = "ReturnConsumedCapacity"
_METRICS: Final = "ReturnItemCollectionMetrics"
ASKING: Final = frozenset({_CAPACITY, _METRICS})
"""The parameters that ask for it."""
_READ_BYTES: Final = 4096
_WRITE_BYTES: Final = 1024
_STRONG: Final = {True: 1.0, False: 0.5}
_TRANSACTIONAL: Final = 2.0
_BATCHES: Final = {"BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems"}
_PAGES: Final = {"Query", "Scan"}
_GETS: Final = {"BatchGetItem", "GetItem", "TransactGetItems"}
_COLLECTION_GIGABYTES: Final = (0.0, 1.0)
"""Between which whole sizes an item collection lies; one in this process never comes near the first."""


def is_asked(request: Mapping[str, Any]) -> bool:
    """Tell whether a request wants to hear of its capacity or of item collections."""
    return any(request.get(member, "NONE") != "NONE" for member in (_CAPACITY, _METRICS))


@define
class _Used:
    """The units that one table took: its own, and its indexes'."""

    table: float = 0.0
    local: Counter[str] = field(factory=Counter)
    everywhere: Counter[str] = field(factory=Counter)

    def add(self, index: IndexRows | None, units: float) -> None:
        if index is None:
            self.table += units
        elif units:
            (self.everywhere if index.is_global else self.local)[index.name] += units  # type: ignore[assignment]

    def tell(self, name: str, level: str, kind: str | None) -> dict[str, Any]:
        """Return it as AWS writes it; a transaction also says of what kind its units are."""

        def units(amount: float) -> dict[str, float]:
            return {"CapacityUnits": amount} | ({} if kind is None else {kind: amount})

        total = self.table + sum(self.local.values()) + sum(self.everywhere.values())
        found: dict[str, Any] = {"TableName": name, **units(total)}
        if level == "INDEXES":
            found["Table"] = units(self.table)
            for member, indexes in (("LocalSecondaryIndexes", self.local), ("GlobalSecondaryIndexes", self.everywhere)):
                if indexes:
                    found[member] = {index: units(amount) for index, amount in indexes.items()}
        return found


@frozen
class _KeyedRow:
    """A key that a request names, and the row that stands there."""

    name: str
    table: EmbeddedTable
    key: Key
    hash_value: AttributeValue
    row: Row | None

    def row_now(self) -> Row | None:
        return self.table.rows.get(self.key)


class Reckoning:
    """One request's units: made before its action is done, asked afterwards."""

    def __init__(self, backend: EmbeddedBackend, action: str, request: Mapping[str, Any], *, is_repeat: bool) -> None:
        """Look at the rows that the request names; a transaction that is a repeat only reads them."""
        self._backend = backend
        self._action = action
        self._request = request
        self._is_read = action in _GETS or is_repeat
        self._places = [*_places(backend, action, request)]

    def report(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the request asked for beside its answer."""
        told: dict[str, Any] = {}
        level = self._request.get(_CAPACITY, "NONE")
        if level != "NONE":
            found = self._consumption(answer, level)
            told["ConsumedCapacity"] = found if self._action in _BATCHES else found[0]
        if self._request.get(_METRICS, "NONE") != "NONE" and (metrics := self._metrics()):
            told["ItemCollectionMetrics"] = metrics
        return told

    def _consumption(self, answer: Mapping[str, Any], level: str) -> list[dict[str, Any]]:
        kind = None
        if self._action.startswith("Transact"):
            kind = "ReadCapacityUnits" if self._is_read else "WriteCapacityUnits"
        used = {self._request["TableName"]: self._page(answer)} if self._action in _PAGES else self._rows()
        return [units.tell(name, level, kind) for name, units in used.items()]

    def _page(self, answer: Mapping[str, Any]) -> _Used:
        used = _Used()
        name = self._request.get("IndexName")
        index = None if name is None else self._backend.table(self._request["TableName"]).rows.find_index(name)
        scanned: RowsRead = answer["ScannedCount"]
        used.add(index, _read(scanned.size_bytes, _STRONG[self._request.get("ConsistentRead", False)]))
        return used

    def _rows(self) -> dict[str, _Used]:
        used: dict[str, _Used] = {}
        for place in self._places:
            self._add(used.setdefault(place.name, _Used()), place)
        return used

    def _add(self, used: _Used, place: _KeyedRow) -> None:
        factor = _TRANSACTIONAL if self._action.startswith("Transact") else 1.0
        if self._is_read:
            used.add(None, _read(_size(place.row), self._strength(place.name)))
            return
        after = place.row_now()
        used.add(None, factor * _write_units(_size(place.row), _size(after)))
        for index in place.table.rows.indexes():
            used.add(index, factor * _index_units(index, place.key, place.row, after))

    def _strength(self, name: str) -> float:
        if self._action.startswith("Transact"):
            return _TRANSACTIONAL
        about = self._request if self._action == "GetItem" else self._request["RequestItems"][name]
        return _STRONG[about.get("ConsistentRead", False)]

    def _metrics(self) -> Any:
        """Return the collections that were written to, of tables that have local indexes."""
        found: dict[str, list[Any]] = {}
        for place in self._places:
            if not self._is_read and any(not index.is_global for index in place.table.rows.indexes()):
                one = _collection(place)
                kept = found.setdefault(place.name, [])
                if one not in kept:
                    kept.append(one)
        if self._action in _BATCHES:
            return found
        return next((collections[0] for collections in found.values()), None)


def _places(backend: EmbeddedBackend, action: str, request: Mapping[str, Any]) -> Iterator[_KeyedRow]:
    for name, attributes in _NAMED.get(action, _none_named)(request):
        try:
            table = backend.table(name)
            key = table.rows.schema.key_of(attributes)
            place = _KeyedRow(name, table, key, attributes[table.rows.schema.hash_name], table.rows.get(key))
        except (JsonRESTError, ArithmeticError, LookupError, TypeError):
            continue  # which the action refuses
        yield place


def _none_named(_request: Mapping[str, Any]) -> Iterator[tuple[str, Attributes]]:
    yield from ()


def _one(request: Mapping[str, Any]) -> Iterator[tuple[str, Attributes]]:
    yield request["TableName"], request.get("Item") or request["Key"]


def _batch_gets(request: Mapping[str, Any]) -> Iterator[tuple[str, Attributes]]:
    for name, batch in request["RequestItems"].items():
        yield from ((name, key) for key in batch["Keys"])


def _batch_writes(request: Mapping[str, Any]) -> Iterator[tuple[str, Attributes]]:
    for name, batch in request["RequestItems"].items():
        for write in batch:
            for part in write.values():
                yield name, part.get("Item") or part["Key"]


def _items_of(request: Mapping[str, Any]) -> Iterator[tuple[str, Attributes]]:
    for item in request["TransactItems"]:
        for part in item.values():
            yield from _one(part)


_NAMED: Final = {
    "BatchGetItem": _batch_gets,
    "BatchWriteItem": _batch_writes,
    "DeleteItem": _one,
    "GetItem": _one,
    "PutItem": _one,
    "TransactGetItems": _items_of,
    "TransactWriteItems": _items_of,
    "UpdateItem": _one,
}


def _collection(place: _KeyedRow) -> dict[str, Any]:
    key = {place.table.rows.schema.hash_name: place.hash_value}
    return {"ItemCollectionKey": key, "SizeEstimateRangeGB": [*_COLLECTION_GIGABYTES]}


def _size(row: Row | None) -> int:
    return 0 if row is None else row.size_bytes


def _read(size_bytes: int, strength: float) -> float:
    return max(1, -(-size_bytes // _READ_BYTES)) * strength


def _write_units(before: int, after: int) -> int:
    """Return the units of a write: of the larger of what was there and what is there."""
    return max(1, -(-max(before, after) // _WRITE_BYTES))


def _index_units(index: IndexRows, key: Key, before: Row | None, after: Row | None) -> int:
    """Return the units of what an index has to do: an entry that moves is taken out and put in."""
    old, new = (None if row is None else index.entry(key, row.attributes) for row in (before, after))
    if old == new:
        return 0
    sizes = [item_bytes(attributes) for _, attributes in filter(None, (old, new))]
    if old is not None and new is not None and old[0] != new[0]:
        return sum(_write_units(size, 0) for size in sizes)
    return _write_units(max(sizes), 0)
