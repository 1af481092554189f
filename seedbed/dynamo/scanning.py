"""Reading the whole table: scans that read ahead, one or several side by side, and feed one taker."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from seedbed import forks
from seedbed.dynamo.errors import ForkedError
from seedbed.dynamo.rows import Row, key_of
from seedbed.dynamo.schema import Schema
from seedbed.dynamo.store import Sessions, Store, store_of
from seedbed.errors import InvalidSettingError
from seedbed.plain import whole_number

SEGMENTS_MAX = 64
AHEAD = 2
"""Pages that may wait for each reader, so that memory stays bounded."""
_WAIT_SECONDS = 0.2


def check_segments(segments: object) -> int:
    """Return in how many segments a table is read.

    Raises:
        InvalidSettingError: it is no whole number from 1 to `SEGMENTS_MAX`.
    """
    count = whole_number(segments)
    if count is None or not 1 <= count <= SEGMENTS_MAX:
        raise InvalidSettingError("segments", segments, f"a whole number from 1 to {SEGMENTS_MAX}")
    return count


def pages(store: Store, segments: int) -> Iterator[list[Row]]:
    """Yield all rows of the table, a page at a time.

    Args:
        store: the table, or what a dry run makes of it.
        segments: how many scans read side by side, 1 to 64.

    Raises:
        InvalidSettingError: `segments` is out of bounds.
        UnavailableError: the engine did not answer.
        ForkedError: it was begun in a parent process.

    Cost: 1 Scan per 1 MB. Memory: two pages a segment.
    """
    segments = check_segments(segments)
    if segments == 1 and not store.is_remote:
        yield from store.scan()
        return
    with ThreadPoolExecutor(segments, thread_name_prefix="seedbed-scan") as pool:
        readers = _Readers(store, segments)
        try:
            for segment in range(segments):
                pool.submit(readers.read, segment)
            yield from readers.pages()
        finally:
            readers.is_stopped.set()


def entities(place: Store | Sessions, model: object) -> Iterator[Any]:
    """Yield all that is stored of an entity, as the table is scanned; what nobody takes is not read.

    Args:
        place: the app, or a store. What this thread's unit of work has queued is sent first, where it is an app.
        model: one of the schema's entities.

    Raises:
        InvalidSettingError: `model` is none of them.
        UnavailableError: the engine did not answer.

    Cost: 1 Scan per 1 MB of the table, whatever lies in it. Memory: a page.
    """
    store = store_of(place)
    entity = store.schema.entities.get(model) if isinstance(model, type) else None
    if entity is None:
        known = ", ".join(kind.__name__ for kind in store.schema.entities)
        raise InvalidSettingError("model", model, f"one of {known}")
    return (entity.read(row) for rows in store.scan() for row in rows if _kind(store.schema, row) == entity.kind)


def _kind(schema: Schema, row: Row) -> str | None:
    """Return of which type a row is by its key and by what it says; None where it is somebody else's."""
    kind = schema.kind_of(key_of(row))
    return kind if row.get("entity_type") == {"S": kind} else None


class _Readers:
    """Scans of all segments, each in its own thread, and the queue that they share."""

    def __init__(self, store: Store, segments: int) -> None:
        self.is_stopped = threading.Event()
        self._store = store
        self._segments = segments
        self._is_inherited = False
        forks.in_child(self, _Readers._leave_to_parent)
        self._queue: queue.Queue[list[Row] | BaseException | None] = queue.Queue(AHEAD * segments)

    def _leave_to_parent(self) -> None:
        self._is_inherited = True

    def read(self, segment: int) -> None:
        """Read one segment to its end: pages, then what stopped it, or None."""
        try:
            for rows in self._store.scan(segment, self._segments):
                self._put(rows)
                if self.is_stopped.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 - handed over, and raised where pages are taken
            self._put(error)
        else:
            self._put(None)

    def _put(self, what: list[Row] | BaseException | None) -> None:
        while not self.is_stopped.is_set():
            try:
                self._queue.put(what, timeout=_WAIT_SECONDS)
            except queue.Full:
                continue
            return

    def pages(self) -> Iterator[list[Row]]:
        """Yield pages as they come.

        Raises:
            ForkedError: the scan was begun in a parent process.
        """
        running = self._segments
        while running:
            if self._is_inherited:  # who reads for it is in the parent
                raise ForkedError("scan")
            what = self._queue.get()
            if isinstance(what, BaseException):
                raise what
            if what is None:
                running -= 1
            else:
                yield what
