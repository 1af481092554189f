"""Sending packs: those that share a row one after another, in order; those that share nothing side by side."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from services.keys import Key
from services.packs import Pack

REMEMBERED = 10_000
"""Rows after which those of packs that are through are forgotten."""
AHEAD = 4
"""Packs that may wait for each worker, so that memory stays bounded."""


class Dispatcher:
    """Runs `send` for every pack with so many workers; with one, in the caller's own thread.

    Once a pack failed, the ones behind it are given to `lose` instead.
    """

    def __init__(self, send: Callable[[Pack], None], lose: Callable[[Pack], None], workers: int) -> None:
        self._send = send
        self._lose = lose
        self._workers = workers
        self._pool: ThreadPoolExecutor | None = None
        self._last: dict[Key, Future[None]] = {}
        self._room = threading.Semaphore(workers * AHEAD)
        self._failed: BaseException | None = None

    def submit(self, pack: Pack) -> None:
        """Send a pack once all earlier packs that share a row with it are through.

        Raises:
            Exception: whatever stopped this pack or an earlier one; nothing more is sent after that.
        """
        if self._workers == 1:
            self._send(pack)
            return
        self._room.acquire()
        try:
            self._raise_failure()
            future = self._queued(pack)
        except BaseException:
            self._room.release()
            self._lose(pack)
            raise
        for key in pack.keys:
            self._last[key] = future

    def _queued(self, pack: Pack) -> Future[None]:
        before = {self._last[key] for key in pack.keys if key in self._last}
        if len(self._last) > REMEMBERED:
            self._last = {key: last for key, last in self._last.items() if not last.done()}
        return self._executor().submit(contextvars.copy_context().run, self._run, pack, before)

    def _executor(self) -> ThreadPoolExecutor:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="seedbed-pack")
        return self._pool

    def _run(self, pack: Pack, before: set[Future[None]]) -> None:
        # Packs enter the pool in order, so the ones waited for run already: no worker can wait for ever.
        try:
            wait(before)
            self._send(pack) if self._failed is None else self._lose(pack)
        except BaseException as error:
            self._failed = self._failed or error
            raise
        finally:
            self._room.release()

    def finish(self) -> None:
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
