"""Sending: packs that share a row one after another, in order; what shares nothing side by side.

While a pack is on its way the caller goes on making the next ones, also with one worker. Threads are enough for that:
a worker waits for the engine nearly all of its time, and Python's lock is free while it waits (docs/design.md has the
measurement).
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from services.keys import Key
from services.packs import Pack

REMEMBERED = 10_000
"""Rows after which those of packs that are through are forgotten."""
AHEAD = 40
"""Packs that may wait: two windows' worth, so that one is sent while the next is made; a few megabytes."""


class Dispatcher:
    """Runs `send` for every pack with so many workers; with none, in the caller's own thread.

    Once a pack failed, the ones behind it are given to `lose` instead.
    """

    def __init__(self, send: Callable[[Pack], None], lose: Callable[[Pack], None], workers: int) -> None:
        self._send = send
        self._lose = lose
        self._workers = workers
        self._pool: ThreadPoolExecutor | None = None
        self._last: dict[Key, Future[None]] = {}
        self._free: set[Future[None]] = set()
        self._room = threading.Semaphore(workers + AHEAD)
        self._failed: BaseException | None = None

    def submit(self, pack: Pack) -> None:
        """Send a pack once all earlier packs that share a row with it are through.

        Raises:
            Exception: whatever stopped this pack or an earlier one; nothing more is sent after that.
        """
        if not self._workers:
            self._send(pack)
            return
        before = {self._last[key] for key in pack.keys if key in self._last}
        try:
            future = self._queued(lambda: self._send_after(pack, before))
        except BaseException:
            self._lose(pack)
            raise
        if len(self._last) > REMEMBERED:
            self._last = {key: last for key, last in self._last.items() if not last.done()}
        for key in pack.keys:
            self._last[key] = future

    def each(self, tasks: Iterable[Callable[[], None]]) -> None:
        """Run tasks that share nothing with each other, after everything that was submitted; wait for them.

        Raises:
            Exception: whatever stopped one of them; no further one is begun after that.
        """
        self.finish_packs()
        for task in tasks:
            if not self._workers:
                task()
                continue
            self._free = {future for future in self._free if not future.done()}
            self._free.add(self._queued(task))
        wait(self._free)
        self._free.clear()
        self._raise_failure()

    def _queued(self, task: Callable[[], None]) -> Future[None]:
        self._room.acquire()
        try:
            self._raise_failure()
            return self._executor().submit(contextvars.copy_context().run, self._run, task)
        except BaseException:
            self._room.release()
            raise

    def _executor(self) -> ThreadPoolExecutor:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="seedbed-pack")
        return self._pool

    def _send_after(self, pack: Pack, before: set[Future[None]]) -> None:
        # Packs enter the pool in order, so the ones waited for run already: no worker can wait for ever.
        wait(before)
        self._send(pack) if self._failed is None else self._lose(pack)

    def _run(self, task: Callable[[], None]) -> None:
        try:
            task()
        except BaseException as error:
            self._failed = self._failed or error
            raise
        finally:
            self._room.release()

    def finish_packs(self) -> None:
        """Wait until all packs are through.

        Raises:
            Exception: whatever stopped one of them.
        """
        wait(set(self._last.values()))
        self._last.clear()
        self._raise_failure()

    def stop(self, cause: BaseException) -> None:
        """Send nothing more, wait for what is on its way, and let the workers go."""
        self._failed = self._failed or cause
        self.close()

    def close(self) -> None:
        """Wait for what is queued and let the workers go."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def _raise_failure(self) -> None:
        if self._failed is not None:
            raise self._failed
