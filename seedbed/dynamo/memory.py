"""A table that plays writes through and sends none: what it would write lies over what the real table holds.

A dry run uses the same services, packs and conditions as a real one, so its counts are exact. Calls are counted as the
real table would send them; reads of the table beneath are not.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from seedbed.dynamo.actions import Action, CheckRow, DeleteRow, PutRow, Refused, UpdateRow
from seedbed.dynamo.canonical import CanonicalForm
from seedbed.dynamo.changes import Change, Moves, meets, move
from seedbed.dynamo.packed import PackedRows
from seedbed.dynamo.queries import IndexPosition, P, Queries, Query
from seedbed.dynamo.rows import Key, Row, key_of, row_bytes
from seedbed.dynamo.schema import Schema
from seedbed.dynamo.store import (
    READ_CHUNK,
    RESPONSE_BYTES,
    Store,
    batches,
    chunks,
    count_batch,
    count_writes,
)
from seedbed.dynamo.usage import Meter
from seedbed.forks import new_lock

PAGE_ROWS = 3_000
"""Rows that a scan unpacks at a time."""

_Place: TypeAlias = tuple[str, tuple[str, Key]]
_Index: TypeAlias = dict[str, list[tuple[str, Key]]]


class DryTable(Queries):
    """Lies over a table, or over nothing. Memory: a third of a kilobyte for every row that it is told to write."""

    def __init__(self, beneath: Store | None, name: str, schema: Schema) -> None:
        self.name = name
        self.schema = schema
        self.meter = Meter()
        self.sizes: dict[Key, int] = {}
        self.is_remote = False
        self.keeps_rows = True
        self.has_conflicts = False
        self.is_spread = beneath is not None and beneath.is_spread
        self.fan_out_limit = None if beneath is None else beneath.fan_out_limit
        self.version = schema.version if beneath is None else beneath.version
        self.moved: Moves | None = None
        """What a part's rows count more than is written in them, and all that rows of others do."""
        self._beneath = beneath
        self._rows = self._none()
        self._lock = new_lock()  # a unit of work may send from several threads, and packs that only add do not wait
        self._index: _Index | None = None  # made when it is first asked

    def hold_a_part(self) -> None:
        """Take rows that are not here for rows of other tables: they are there, and `moved` has what they count more.

        So a part of a world is played through where nothing else stands, by calls of which none would be refused.
        Rows lie as they will be written: nothing of a part is sent, so it need not be packed, and is not counted.
        """
        self.moved = {}
        self._rows = self._none()

    def _none(self) -> PackedRows:
        return PackedRows(None if self.moved is None else CanonicalForm())

    def forget(self) -> None:
        """Let go of all that was played through."""
        with self._lock:
            self._rows, self._index = self._none(), None
            self.sizes.clear()
            if self.moved is not None:
                self.moved = {}

    # Writes

    def leave_mark(self) -> None:
        """Play the mark through."""
        self.version = self.schema.version

    def share(self, writers: int) -> None:
        """Write beside nobody: nothing is written."""

    def transact(self, actions: Sequence[Action]) -> None:
        """Play a transaction through.

        Raises:
            Refused: conditions refuse some of the actions; then nothing is kept.
        """
        self.meter.count_call("TransactWriteItems")
        keys = [action.key for action in actions]
        beneath = self._look_beneath(keys)
        with self._lock:
            self._play(actions, {key: self._get(key, beneath.get(key)) for key in keys})
        count_writes(self, actions)

    def _play(self, actions: Sequence[Action], before: Mapping[Key, Row | None]) -> None:
        refused = {
            place: before[action.key]
            for place, action in enumerate(actions)
            if not _holds(action, before[action.key]) and not self._is_elsewhere(action, before[action.key])
        }
        if refused:
            raise Refused(refused)
        for action in actions:
            self._apply(action, before[action.key])

    def _is_elsewhere(self, action: Action, row: Row | None) -> bool:
        """Tell whether an action is about a row of another part: it is checked, or counts, and nothing else."""
        if self.moved is None or row is not None:
            return False
        return type(action) is CheckRow or (type(action) is UpdateRow and not action.values)

    def _apply(self, action: Action, row: Row | None) -> None:
        if type(action) is PutRow:
            self._keep(action.key, action.row)
        elif type(action) is DeleteRow:
            self._keep(action.key, None)
        elif type(action) is UpdateRow and row is not None:
            self._keep(action.key, _update(row, action))
        elif type(action) is UpdateRow and self.moved is not None:
            move(self.moved, action.key, action.amounts)

    @property
    def takes_changes(self) -> bool:
        """Tell whether Changes may be given to it as they are, without packs."""
        return self.moved is not None

    def apply(self, change: Change) -> bool:
        """Write a Change into a part by itself, if all that it does is put and count; tell whether it did.

        What it counts here is kept with what it counts elsewhere until its row is read.
        """
        moved, rows = self.moved, self._rows
        if moved is None or self._index is not None or change.sets or change.deletes:
            return False
        with self._lock:
            if any(part.expect for part in change.exists) or any(put.key in rows for put in change.puts):
                return False
            for put in change.puts:
                rows.put(put.key, put.row)
            for part in change.adds:
                move(moved, part.key, part.amounts)
        return True

    def write_batch(self, puts: Iterable[Row], deletes: Iterable[Key]) -> None:
        """Play puts and deletes without conditions through."""
        if self.moved is not None:
            self._write(puts, deletes)
            return
        for rows, gone in batches(puts, deletes):
            self.meter.count_call("BatchWriteItem")
            self._write(rows, gone)
            count_batch(self, rows, gone)

    def _write(self, puts: Iterable[Row], deletes: Iterable[Key]) -> None:
        with self._lock:
            for row in puts:
                self._keep(key_of(row), row)
            for key in deletes:
                self._keep(key, None)

    def _get(self, key: Key, beneath: Row | None = None) -> Row | None:
        row = self._rows.get(key, beneath)
        if row is beneath or row is None or not self.moved or key not in self.moved:
            return row
        with self._lock:
            row = _update(row, UpdateRow(key, self.moved.pop(key, {}), {}))
            self._rows.put(key, row)
        return row

    def _keep(self, key: Key, row: Row | None) -> None:
        """Keep a row, or that it is gone; the lock is held."""
        if self.moved and key in self._rows:
            self.moved.pop(key, None)
        if self._index is not None:
            _reindex(self._index, _index_place(self._get(key)), _index_place(row))
        self._rows.put(key, row)

    def _indexes(self) -> _Index:
        if self._index is None:
            index: _Index = {}
            for row in self._rows_written():
                _reindex(index, None, _index_place(row))
            self._index = index
        return self._index

    def close(self) -> None:
        """Close the table beneath; what was played through ends with this object."""
        if self._beneath:
            self._beneath.close()

    # Reads

    def _look_beneath(self, keys: Sequence[Key]) -> Mapping[Key, Row]:
        """Return which of those rows that are not known here are in the table beneath."""
        if self._beneath is None:
            return {}
        unknown = [key for key in keys if key not in self._rows]
        return self._beneath.get_many(unknown) if unknown else {}

    def _look(self, keys: Sequence[Key]) -> dict[Key, Row | None]:
        beneath = self._look_beneath(keys)
        return {key: self._get(key, beneath.get(key)) for key in keys}

    def get(self, key: Key) -> Row | None:
        """Return one row."""
        self.meter.count_call("GetItem")
        return self._look([key])[key]

    def get_many(self, keys: Iterable[Key]) -> dict[Key, Row]:
        """Return the rows that exist."""
        found: dict[Key, Row] = {}
        for chunk in chunks(dict.fromkeys(keys), READ_CHUNK):
            self.meter.count_call("BatchGetItem")
            found.update((key, row) for key, row in self._look(chunk).items() if row is not None)
        return found

    def find_present(self, keys: Iterable[Key]) -> set[Key]:
        """Return which rows exist."""
        return set(self.get_many(keys))

    def look(self, keys: Sequence[Key]) -> dict[Key, Row]:
        """Return the rows that exist."""
        return self.get_many(keys)

    def find_rows(self, wanted: Query[str]) -> list[Row]:
        """Return rows of a partition by sort key."""
        beneath: dict[str, Row] = {}
        if self._beneath:
            found = self._beneath.find_rows(wanted._replace(limit=None))
            beneath = {row["SK"]["S"]: row for row in found if key_of(row) not in self._rows}
        partition, limit = wanted.partition, wanted.limit
        ours = (sort for sort in self._sorts(partition) if _is_wanted(wanted, sort, sort))
        chosen = sorted([*ours, *beneath], reverse=wanted.is_descending)
        looked = (beneath.get(sort) or self._get((partition, sort)) for sort in chosen[:limit])
        rows = [row for row in looked if row is not None]
        return self._count_pages(rows, is_cut=limit is not None and len(chosen) >= limit)

    def count(self, partition: str, prefix: str, *, limit: int) -> int:
        """Count rows of a partition, up to `limit`."""
        return len(self.query(partition, prefix, limit=limit))

    def find_in_index(self, wanted: Query[IndexPosition]) -> list[Row]:
        """Return keys of rows from a partition of the index, by its sort key."""
        partition, limit = wanted.partition, wanted.limit
        with self._lock:
            places = list(self._indexes().get(partition, ()))
        if self._beneath:
            beneath = self._beneath.find_in_index(wanted._replace(limit=None))
            places += [(row["GSI1SK"]["S"], key_of(row)) for row in beneath if key_of(row) not in self._rows]
        places.sort(reverse=wanted.is_descending)
        chosen = [place for place in places if _is_wanted(wanted, place[0], place)]
        rows = [_index_row(partition, place) for place in chosen[:limit]]
        return self._count_pages(rows, is_cut=limit is not None and len(chosen) >= limit)

    def _count_pages(self, rows: list[Row], *, is_cut: bool) -> list[Row]:
        # A query that is not cut by its limit is cut at each megabyte, and is asked again for the rest.
        size = 0 if is_cut else sum(row_bytes(row) for row in rows)
        for _ in range(1 + size // RESPONSE_BYTES):
            self.meter.count_call("Query")
        return rows

    def scan(self, segment: int = 0, segments: int = 1) -> Iterator[list[Row]]:
        """Yield all rows: those beneath that are not written over, then those written."""
        if self._beneath:
            for rows in self._beneath.scan(segment, segments):
                yield [row for row in rows if key_of(row) not in self._rows]
        if segment == 0:
            self.meter.count_call("Scan")
            yield from map(list, chunks(self._rows_written(), PAGE_ROWS))

    def _rows_written(self) -> Iterator[Row]:
        """Yield all rows that are written, in order."""
        with self._lock:
            partitions = self._rows.partitions()
        for partition in partitions:
            with self._lock:
                rows = self._rows.rows(partition)
                if self.moved:  # what counts on them elsewhere is theirs now
                    found = (self._get(key_of(row)) for row in rows)
                    rows = [row for row in found if row is not None]
            yield from rows

    def texts(self) -> Iterator[tuple[Key, bytes]]:
        """Yield all rows that are written, each with its key and in its canonical form, in no order."""
        with self._lock:
            for key in list(self.moved or ()):
                self._get(key)
            yield from self._rows.texts()

    def _sorts(self, partition: str) -> list[str]:
        with self._lock:
            return self._rows.sorts(partition)


def _holds(action: Action, row: Row | None) -> bool:
    if isinstance(action, PutRow):
        return row is None
    return row is not None and meets(row, action.expect)


def _update(row: Row, action: UpdateRow) -> Row:
    changed = dict(row)
    for name, amount in action.amounts.items():
        changed[name] = {"N": str(int(row[name]["N"] if name in row else 0) + amount)}
    for name, value in action.values.items():
        if value is None:
            changed.pop(name, None)
        else:
            changed[name] = dict(value)
    return changed


def _is_wanted(wanted: Query[P], sort: str, position: P) -> bool:
    if not sort.startswith(wanted.prefix):
        return False
    after: Any = wanted.after
    return after is None or (position < after if wanted.is_descending else position > after)


def _index_place(row: Row | None) -> _Place | None:
    """Return where a row stands in the index; None for one that has not both keys as texts."""
    if row is None or "GSI1PK" not in row:
        return None
    partition, sort = row["GSI1PK"].get("S"), row.get("GSI1SK", {}).get("S")
    return None if partition is None or sort is None else (partition, (sort, key_of(row)))


def _reindex(index: _Index, old: _Place | None, new: _Place | None) -> None:
    if old == new:
        return
    if old is not None:
        index[old[0]].remove(old[1])
    if new is not None:
        insort(index.setdefault(new[0], []), new[1])


def _index_row(partition: str, place: tuple[str, Key]) -> Row:
    sort, key = place
    return {"PK": {"S": key[0]}, "SK": {"S": key[1]}, "GSI1PK": {"S": partition}, "GSI1SK": {"S": sort}}
