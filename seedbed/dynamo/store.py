"""What services need of the place where rows live. `Table` keeps it with DynamoDB, `DryTable` plays it through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, Protocol, TypeVar, cast

from seedbed.dynamo.actions import Action, CheckRow, DeleteRow, PutRow, write_units
from seedbed.dynamo.queries import Query, Reader
from seedbed.dynamo.rows import Key, Row, key_of
from seedbed.dynamo.schema import Schema
from seedbed.dynamo.usage import Meter

T = TypeVar("T")

READ_CHUNK = 100
"""Keys in one BatchGetItem (AWS: Amazon DynamoDB developer guide, "Quotas")."""
WRITE_CHUNK = 25
"""Writes in one BatchWriteItem (the same source)."""
RESPONSE_BYTES = 1_000_000
"""Bytes that one Query or Scan reads at most (the same source: 1 MB)."""


class Store(Reader, Protocol):
    """Reads and writes of one table. All reads of base rows are consistent."""

    name: str
    schema: Schema
    meter: Meter
    sizes: dict[Key, int]
    is_remote: bool
    keeps_rows: bool
    """Whether what is written can be read: a rehearsal keeps nothing."""
    has_conflicts: bool
    """Whether transactions that meet on a row are refused, instead of waiting for each other."""
    is_spread: bool
    """Whether partitions lie on many machines: then reading in segments is faster, elsewhere each reads all rows."""

    fan_out_limit: int | None
    """Above how many followers an author's posts are merged on read, by the app's settings; None: nobody said."""

    @property
    def version(self) -> int | None:
        """The schema version that the table's mark says; None: it bears no mark."""

    def leave_mark(self) -> None:
        """Mark the table as ours, unless it is marked."""

    def share(self, writers: int) -> None:
        """Write beside so many others, itself among them: each takes its part of what a partition takes on AWS."""

    def transact(self, actions: Sequence[Action]) -> None:
        """Write 1 to 100 actions, all or none.

        Raises:
            Refused: conditions refused some of them.
            UnavailableError: the engine did not do it, after retries.
        """

    def write_batch(self, puts: Iterable[Row], deletes: Iterable[Key]) -> None:
        """Put and delete rows without conditions, 25 a call; a key may stand in one of the two, once."""

    def get(self, key: Key) -> Row | None:
        """Return one row."""

    def get_many(self, keys: Iterable[Key]) -> dict[Key, Row]:
        """Return the rows that exist, 100 a call."""

    def find_present(self, keys: Iterable[Key]) -> set[Key]:
        """Return which rows exist, 100 a call."""

    def look(self, keys: Sequence[Key]) -> Mapping[Key, Row]:
        """Return which of up to 100 rows are seen to be there, asked for once."""

    def count(self, partition: str, prefix: str, *, limit: int) -> int:
        """Count rows whose sort keys begin with `prefix`, up to `limit`."""

    def scan(self, segment: int = 0, segments: int = 1) -> Iterator[list[Row]]:
        """Yield all rows but the table's mark, a part at a time."""

    def close(self) -> None:
        """Let nothing more be read or written: AppClosedError tells why."""


class Sessions(Protocol):
    """What writes and reads in a session: an app."""

    @property
    def session(self) -> object:
        """Where it does."""


def store_of(place: Store | Sessions) -> Store:
    """Return an app's store, once what this thread's unit of work has queued is sent; a store as it is."""
    session: Any = getattr(place, "session", None)
    if session is None:
        return cast("Store", place)
    return cast("Store", session.store)


def each(reader: Reader, partition: str, prefix: str, *, chunk: int = 1_000) -> Iterator[list[Row]]:
    """Yield all rows of a partition, ascending, so many at a time: the memory of one chunk."""
    after = None
    while rows := reader.find_rows(Query(partition, prefix, after, limit=chunk)):
        yield rows
        if len(rows) < chunk:
            return
        after = rows[-1]["SK"]["S"]


def chunks(values: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """Cut values into tuples of at most `size`, in order."""
    rest = iter(values)
    while part := tuple(islice(rest, size)):
        yield part


def batches(puts: Iterable[Row], deletes: Iterable[Key]) -> Iterator[tuple[list[Row], list[Key]]]:
    """Cut puts and deletes into what one BatchWriteItem takes, in order, as they come."""
    for part in chunks(chain(((row, None) for row in puts), ((None, key) for key in deletes)), WRITE_CHUNK):
        yield [row for row, _ in part if row is not None], [key for _, key in part if key is not None]


def units_by_partition(actions: Sequence[Action], sizes: Mapping[Key, int]) -> Counter[str]:
    """Tell how many write units a transaction takes of each partition."""
    units: Counter[str] = Counter()
    for action in actions:
        if type(action) is not CheckRow:
            units[action.key[0]] += 2 * write_units(sizes.get(action.key, 0))
    return units


def count_writes(store: Store, actions: Sequence[Action]) -> None:
    """Count a transaction that was written: twice the units of each item, and once its index entry's.

    A condition check is charged as a read. Source: Amazon DynamoDB developer guide, "Transactions: capacity".
    """
    schema, sizes = store.schema, store.sizes
    puts, deletes, units = [], [], 0
    for action in actions:
        if type(action) is CheckRow:
            continue
        units += 2 * write_units(sizes[action.key]) if action.key in sizes else 2
        if type(action) is PutRow:
            puts.append(schema.kind_of(action.key))
            units += "GSI1PK" in action.row
        elif type(action) is DeleteRow:
            deletes.append(schema.kind_of(action.key))
            units += schema.is_indexed(action.key)
    store.meter.count_writes(puts=puts, deletes=deletes, units=units)


def count_batch(store: Store, puts: Sequence[Row], deletes: Sequence[Key]) -> None:
    """Count rows that a plain batch wrote. Only small rows without index entries go that way."""
    kind_of = store.schema.kind_of
    gone = [kind_of(key) for key in deletes]
    store.meter.count_writes(puts=[kind_of(key_of(row)) for row in puts], deletes=gone, units=len(puts) + len(gone))
