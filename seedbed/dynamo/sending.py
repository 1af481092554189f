"""Sending: what shares a row and does not commute goes one after another, in order; all else side by side.

While packs are on their way the caller goes on making the next ones, also with one worker. Threads are enough for that:
a worker waits for the engine nearly all of its time, and Python's lock is free while it waits (docs/design.md has the
measurement).
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import attrs

from seedbed.dynamo.packing import Pack
from seedbed.dynamo.rows import Key

REMEMBERED = 10_000
"""Rows after which those of packs that are through are forgotten."""
AHEAD = 40
"""Packs that may wait: two windows' worth, so that some are sent while the next are made; a few megabytes."""


@attrs.define(eq=False)
class _Node:
    """A pack or a task that is queued or on its way, how many it waits for, and who waits for it."""

    run: Callable[[], None]
    context: contextvars.Context = attrs.field(factory=contextvars.copy_context)
    waits_for: int = 0
    followers: list[_Node] = attrs.Factory(list)
    is_done: bool = False


@attrs.define
class _RowNodes:
    """Who wrote a row last, and who since then added to it or relied on it: those commute."""

    writers: list[_Node] = attrs.Factory(list)
    others: list[_Node] = attrs.Factory(list)


def _waiting(nodes: Iterable[_Node]) -> list[_Node]:
    return [node for node in nodes if not node.is_done]


class Dispatcher:
    """Runs `send` for every pack with so many workers; with none, in the caller's own thread.

    Once a pack failed, the ones behind it are given to `lose` instead. `in_turn`: also packs that only add to the same
    counters go one after another, for an engine that refuses them when they meet.
    """

    def __init__(
        self, send: Callable[[Pack], None], lose: Callable[[Pack], None], workers: int, *, in_turn: bool = False
    ) -> None:
        self._send = send
        self._lose = lose
        self._workers = workers
        self._in_turn = in_turn
        self._pool: ThreadPoolExecutor | None = None
        self._rows: dict[Key, _RowNodes] = {}
        self._promisers: dict[Key, _Node] = {}
        self._room = threading.Semaphore(workers + AHEAD)
        self._idle = threading.Condition()
        self._unfinished: set[_Node] = set()
        self._failed: BaseException | None = None

    def submit(self, pack: Pack) -> None:
        """Send a pack once all earlier ones that it must not overtake are through.

        Raises:
            Exception: whatever stopped this pack or an earlier one; nothing more is sent after that.
        """
        if not self._workers:
            self._send(pack)
            return
        node = _Node(partial(self._send_or_lose, pack))
        try:
            self._queue(node, lambda: self._before(node, pack))
        except BaseException:
            self._lose(pack)
            raise

    def _before(self, node: _Node, pack: Pack) -> Iterable[_Node]:
        """Return whom a pack waits for, and note which rows it touches."""
        if len(self._rows) > REMEMBERED:
            self._forget_done()
        found: dict[int, _Node] = {}
        for key, commutes in pack.row_uses():
            before = self._touch(key, node, is_write=self._in_turn or not commutes)
            found.update((id(other), other) for other in before)
        for key in pack.promises:
            self._touch(key, node, is_write=False)
            if key in self._promisers:
                found[id(self._promisers[key])] = self._promisers[key]
        self._promisers.update(dict.fromkeys(pack.permanent, node))
        return found.values()

    def _touch(self, key: Key, node: _Node, *, is_write: bool) -> Iterable[_Node]:
        state = self._rows.get(key)
        if state is None:
            self._rows[key] = _RowNodes([node]) if is_write else _RowNodes(others=[node])
            return ()
        if is_write:
            self._rows[key] = _RowNodes([node])
            return state.writers + state.others
        state.others.append(node)
        return state.writers

    def _forget_done(self) -> None:
        states = (
            (key, _RowNodes(_waiting(state.writers), _waiting(state.others))) for key, state in self._rows.items()
        )
        self._rows = {key: state for key, state in states if state.writers or state.others}
        self._promisers = {key: node for key, node in self._promisers.items() if not node.is_done}

    def each(self, tasks: Iterable[Callable[[], None]]) -> None:
        """Run tasks that share nothing with each other, after everything that was submitted; wait for them.

        Raises:
            Exception: whatever stopped one of them; no further one is begun after that.
        """
        self.finish_packs()
        for task in tasks:
            if self._workers:
                self._queue(_Node(partial(self._run_unless_failed, task)), tuple)
            else:
                task()
        self.finish_packs()

    def _queue(self, node: _Node, before: Callable[[], Iterable[_Node]]) -> None:
        self._room.acquire()
        try:
            self._raise_failure()
            with self._idle:
                self._unfinished.add(node)
                for other in before():
                    if not other.is_done:
                        other.followers.append(node)
                        node.waits_for += 1
                if not node.waits_for:
                    self._start(node)
        except BaseException:  # Ctrl-C may come between any two steps of it
            self._give_up(node)
            raise

    def _give_up(self, node: _Node) -> None:
        """Take out a node that was not wholly queued: nobody is to wait for it, and it is not to run."""
        with self._idle:
            node.is_done = True
            self._unfinished.discard(node)
            self._idle.notify_all()
        self._room.release()

    def _start(self, node: _Node) -> None:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="seedbed-pack")
        self._pool.submit(node.context.run, self._run, node)

    def _run_unless_failed(self, task: Callable[[], None]) -> None:
        if self._failed is None:
            task()

    def _send_or_lose(self, pack: Pack) -> None:
        self._send(pack) if self._failed is None else self._lose(pack)

    def _run(self, node: _Node) -> None:
        if node.is_done:  # given up
            return
        try:
            node.run()
        except BaseException as error:  # noqa: BLE001 - raised by whoever comes next
            self._failed = self._failed or error
        finally:
            self._room.release()
            with self._idle:
                node.is_done = True
                self._unfinished.discard(node)
                for follower in node.followers:
                    follower.waits_for -= 1
                    if not follower.waits_for:
                        self._start(follower)
                node.followers = []
                self._idle.notify_all()

    def finish_packs(self) -> None:
        """Wait until all packs are through.

        Raises:
            Exception: whatever stopped one of them.
        """
        self._await_all()
        self._rows.clear()
        self._promisers.clear()
        self._raise_failure()

    def _await_all(self) -> None:
        with self._idle:
            self._idle.wait_for(lambda: not self._unfinished)

    def stop(self, cause: BaseException) -> None:
        """Send nothing more, wait for what is on its way, and let the workers go."""
        self._failed = self._failed or cause
        self.close()

    def close(self) -> None:
        """Wait for what is queued and let the workers go."""
        self._await_all()
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def _raise_failure(self) -> None:
        if self._failed is not None:
            raise self._failed
