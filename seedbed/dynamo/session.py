"""Where services read and write: at once, or in the unit of work that stands around the call.

A unit of work belongs to the task that opened it, or, opened outside any task, to the thread. Elsewhere, in a thread or
task that has only a copy of its context and in a forked child, calls commit at once, as if there were none; where that
would send what a dry one keeps back, they are refused, also to others of the binding that it was opened in.

Outside a unit of work each call commits its own Change at once; inside one, calls queue. A unit of work is no
transaction: each Change is whole or not there, and each is answered for itself. Leaving the block commits what is
queued, also when an exception leaves it, as single calls would have; only Ctrl-C and the like drop what is queued.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from seedbed.context import Scope
from seedbed.dynamo.answers import Done
from seedbed.dynamo.changes import Change
from seedbed.dynamo.errors import AppClosedError
from seedbed.dynamo.mark import check_known
from seedbed.dynamo.memory import DryTable
from seedbed.dynamo.nowhere import Nowhere
from seedbed.dynamo.outcomes import RefusedChangesError, StoppedError, UndeliveredError, UnknownOutcomeError
from seedbed.dynamo.queries import IndexPosition, Queries, Query
from seedbed.dynamo.rows import Key, Row
from seedbed.dynamo.store import Store, each
from seedbed.dynamo.unfinished import Unfinished
from seedbed.dynamo.unit_of_work import UnitOfWork
from seedbed.dynamo.unpacked import UnpackedUnit
from seedbed.errors import DryElsewhereError, InvalidSettingError, ServiceError
from seedbed.plain import whole_number
from seedbed.settings import check_flags

T = TypeVar("T")

_UNITS: Scope[UnitOfWork] = Scope("unit_of_work")
_KEPT: Scope[None] = Scope("kept_back", is_for_all=True)
"""Blocks that write nothing: unlike a unit of work, also theirs who are in the binding in another thread or task."""
WORKERS_MAX = 64
"""More requests side by side only wait for each other."""


class Session(Queries):
    """Where services read and write: the unit of work that stands around the call, or at once.

    A read inside a unit of work commits what is queued first, so it never lies.
    """

    def __init__(self, store: Store, *, workers: int = 1) -> None:
        self._store = store
        self.workers = workers
        self._settle: Callable[[Sequence[Done]], None] = _no_effects
        self.unfinished = Unfinished()
        self._is_closed = False

    def on_effects(self, settle: Callable[[Sequence[Done]], None]) -> None:
        """Hand all effects over to `settle`, grouped, after their Changes are written."""
        self._settle = settle

    def on_ids(self, is_keyed: Callable[[], bool]) -> None:
        """Know calls again that were unfinished, unless `is_keyed` says that they draw the same ids again anyway."""
        self.unfinished.is_keyed = is_keyed

    def close(self) -> None:
        """Take no more calls, in any thread."""
        self._is_closed = True
        self._store.close()

    def _check_open(self) -> None:
        if self._is_closed:
            raise AppClosedError

    @property
    def _unit(self) -> UnitOfWork | None:
        block = _UNITS.find(self)
        if block is not None and block.is_here:
            return block.value
        if _KEPT.concerns(self):
            raise DryElsewhereError
        return None

    @property
    def _own_unit(self) -> UnitOfWork | None:
        block = _UNITS.find(self)
        return block.value if block is not None and block.is_here else None

    @property
    def store(self) -> Store:
        """The table, or what a dry run lays over it, once what is queued here is sent: so it shows all there is."""
        unit = self._unit
        if unit is None:
            return self._store
        unit.commit()
        return unit.store

    @property
    def unflushed(self) -> Store:
        """The same without sending: what is queued is not in it. For who knows that it does not matter."""
        unit = self._unit
        return self._store if unit is None else unit.store

    def apply(self, change: Change, value: T) -> T:
        """Write a Change: at once, or when the unit of work commits. Returns what is stored, or will be.

        Raises:
            ServiceError: the Change is refused (outside a unit of work; inside one, its end tells).
            DryElsewhereError: another thread or task keeps back what is written here.
            UnavailableError: the engine did not do it.
            UnknownOutcomeError: the answer was lost, and nothing tells whether it is written.
            UndeliveredError: it is written, and what feeds get of it is not.
            AppClosedError: the app was closed before.
            InvalidSettingError: a Put names another key than its row has, which would be written in that one's place.
        """
        if self._is_closed:
            raise AppClosedError
        change.check_keys()
        unit = self._unit
        is_again = False
        if self.unfinished and (unit is None or (unit.store is self._store and not unit.is_stopped)):
            change, value, is_again = self.unfinished.resume(change, value)
        if unit is not None:
            unit.add(change, value, is_again=is_again)
            return value
        with self._alone() as unit:
            unit.add(change, value, is_again=is_again)
            try:
                unit.commit()
            except ServiceError as error:
                failure = _failure(error, unit, value)
                raise failure from error
        for refusal in unit.refusals:
            raise refusal
        return unit.stored(value)

    @contextmanager
    def _alone(self) -> Iterator[UnitOfWork]:
        unit = self._unit_over(self._store, 0)
        block = _UNITS.open(unit, self)
        try:
            yield unit
        finally:
            _UNITS.close(block)
            unit.close()

    @contextmanager
    def unit_of_work(
        self, *, is_dry: bool = False, workers: int | None = None, skipping: tuple[type[ServiceError], ...] = ()
    ) -> Iterator[UnitOfWork]:
        """Queue the Changes of all calls in the block, in this thread or task, and commit them packed.

        One inside another joins it: the outer one commits. A dry one packs, counts and answers, and sends nothing.
        Refusals of the kinds in `skipping` are passed over: what was refused is left out, the unit's `left_out` tells.

        Raises:
            RefusedChangesError: some calls were refused; all others are written.
            StoppedError: the engine stopped it; it tells what is written and what is not.
            NewerSchemaError: the table is of a newer version.
            InvalidSettingError: a setting is wrong, or a dry one was asked for inside one that writes.
            AppClosedError: the app was closed before.
            DryElsewhereError: another thread or task keeps back what is written where this was called.
        """
        self._check_open()
        check_flags(is_dry=is_dry)
        workers, skipping = check_workers(workers), _check_kinds(skipping)
        unit = self._own_unit if is_dry else self._unit
        if unit is not None:
            if is_dry and not isinstance(unit.store, DryTable):
                raise InvalidSettingError("is_dry", is_dry, "False inside a unit of work that writes")
            yield unit
            return
        store = DryTable(self._store, self._store.name, self._store.schema) if is_dry else self._store
        fresh = self._unit_over(store, workers or self.workers)
        fresh.skipping = skipping
        with self._open(fresh) as unit:
            yield unit

    @contextmanager
    def at_once(self) -> Iterator[UnitOfWork]:
        """Open a unit of work of its own, also inside another, whose queue is sent first.

        For calls that must read what they wrote, such as deleting a post with all its likes.

        Raises:
            RefusedChangesError: some Changes were refused; all others are written.
            StoppedError: the engine stopped it.
            NewerSchemaError: the table is of a newer version.
            AppClosedError: the app was closed before.
        """
        self._check_open()
        outer = self._unit
        if outer is not None:
            outer.commit()
        inner = self._unit_over(self._store if outer is None else outer.store, 1)
        try:
            with self._open(inner) as unit:
                yield unit
        finally:
            if outer is not None:
                outer.doubt(inner)

    @contextmanager
    def rehearsal(self) -> Iterator[UnitOfWork]:
        """Let the calls of the block, in this thread or task, return their values and write nothing: rows are stored.

        Nothing is sent and nothing is checked, nor is anything found by a read; to read the whole table (an audit, a
        digest, `rows`) is refused. So it is inside a unit of work, too, whose own calls wait meanwhile.

        Raises:
            AppClosedError: the app was closed before.
        """
        self._check_open()
        with self._open(self._unit_over(Nowhere(self._store.name, self._store.schema), 1)) as unit:
            yield unit

    def _unit_over(self, store: Store, workers: int) -> UnitOfWork:
        """Return a unit of work; calls of what is not sent are to be known again nowhere that lasts."""
        kind = UnpackedUnit if isinstance(store, DryTable) and store.takes_changes else UnitOfWork
        return kind(store, self._settle, workers, self.unfinished if store is self._store else Unfinished())

    @contextmanager
    def _open(self, unit: UnitOfWork) -> Iterator[UnitOfWork]:
        check_known(unit.store)
        kept = None if unit.store is self._store else _KEPT.open(None, self)
        block = _UNITS.open(unit, self)
        try:
            with _committing(unit):
                yield unit
        finally:
            _UNITS.close(block)
            if kept is not None:
                _KEPT.close(kept)
            unit.close()

    # Reads

    def _fresh(self) -> Store:
        self._check_open()
        unit = self._unit
        if unit is None:
            return self._store
        unit.commit()
        return unit.store

    def get(self, key: Key) -> Row | None:
        """Return one row."""
        return self._fresh().get(key)

    def get_many(self, wanted: Iterable[Key]) -> dict[Key, Row]:
        """Return the rows that exist, by key."""
        return self._fresh().get_many(wanted)

    def find_rows(self, wanted: Query[str]) -> list[Row]:
        """Return rows of a partition by sort key."""
        return self._fresh().find_rows(wanted)

    def count(self, partition: str, prefix: str, *, limit: int) -> int:
        """Count rows of a partition, up to `limit`, without having them sent."""
        return self._fresh().count(partition, prefix, limit=limit)

    def find_in_index(self, wanted: Query[IndexPosition]) -> list[Row]:
        """Return keys of rows from a partition of the index, by its sort key."""
        return self._fresh().find_in_index(wanted)

    def each(self, partition: str, prefix: str, *, chunk: int = 1_000) -> Iterator[list[Row]]:
        """Yield all rows of a partition, ascending, so many at a time: the memory of one chunk."""
        return each(self, partition, prefix, chunk=chunk)

    def send(self) -> None:
        """Write what is queued now, in or out of a unit of work."""
        self._fresh()

    def write_batch(self, puts: Iterable[Row], deletes: Iterable[Key] = ()) -> None:
        """Put and delete rows that have no conditions and no counters, after what is queued."""
        self._check_open()
        unit = self._unit
        if unit is not None:
            unit.write_batch(puts, deletes)
            return
        with self._alone() as unit:
            unit.write_batch(puts, deletes)


def check_workers(workers: object) -> int | None:
    """Return a number of workers; None stands for the usual one.

    Raises:
        InvalidSettingError: it is no whole number from 1 to `WORKERS_MAX`.
    """
    number = whole_number(workers)
    if workers is not None and (number is None or not 1 <= number <= WORKERS_MAX):
        raise InvalidSettingError("workers", workers, f"a whole number from 1 to {WORKERS_MAX}")
    return number


def _check_kinds(skipping: object) -> tuple[type[ServiceError], ...]:
    kinds = skipping if isinstance(skipping, (tuple, list)) else (skipping,)
    if not all(isinstance(kind, type) and issubclass(kind, ServiceError) for kind in kinds):
        raise InvalidSettingError("skipping", skipping, "a tuple of kinds of ServiceError")
    return tuple(kinds)


def _no_effects(_effects: Sequence[Done]) -> None:
    """Do nothing: no service has asked for effects."""


def _failure(error: ServiceError, unit: UnitOfWork, value: object) -> ServiceError:
    """Say what became of a single call that the engine stopped."""
    if unit.unknown:
        return UnknownOutcomeError(error, unit.reach)
    return UndeliveredError(error, unit.stored(value), unit.reach) if unit.committed else error


@contextmanager
def _committing(unit: UnitOfWork) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        _commit(unit, error)
        raise
    except BaseException as error:
        unit.drop(error)
        raise
    _commit(unit, None)
    if refusals := () if unit.is_inherited else unit.refusals:
        raise RefusedChangesError(refusals, unit.committed)


def _commit(unit: UnitOfWork, leaving: Exception | None) -> None:
    if unit.is_inherited:  # its parent commits it
        return
    try:
        unit.commit()
    except ServiceError as error:
        raise StoppedError(
            error,
            committed=unit.committed,
            unwritten=unit.unwritten,
            unknown=len(unit.unknown),
            refusals=unit.refusals,
            undelivered=unit.undelivered,
            reach=unit.reach,
        ) from error
    if leaving is not None and not isinstance(leaving, StoppedError):
        for refusal in unit.refusals:
            leaving.add_note(f"refused in the same unit of work: {refusal}")
