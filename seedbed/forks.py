"""What a forked child must not take over from its parent as it is: locks, sockets, random sources, threads.

A child is a copy of the thread that forked, and of no other thread. So whatever another thread holds is held in the
child for good, a socket is shared, and a random source draws what the parent's draws. Here is the one place that hears
of a fork; things are known by weak references, so that they live no longer for it. docs/context.md tells the rule.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, TypeVar

T = TypeVar("T")


class _Registry:
    """The things of this process that a fork concerns, each held weakly, and this process's place among its kin."""

    def __init__(self) -> None:
        self.lineage = ""
        self._forks = 0
        self._locks: dict[int, weakref.ref[Any]] = {}
        self._renewals: dict[int, tuple[weakref.ref[Any], Callable[[Any], None]]] = {}
        self._turn = threading.RLock()  # forks of several threads, one after another
        self._held: list[Any] = []

    def hold(self, lock: object) -> None:
        key, locks = id(lock), self._locks
        locks[key] = weakref.ref(lock, lambda _gone: locks.pop(key, None))

    def renew(self, thing: T, renewal: Callable[[T], None]) -> None:
        key, renewals = id(thing), self._renewals
        renewals[key] = weakref.ref(thing, lambda _gone: renewals.pop(key, None)), renewal

    def before(self) -> None:
        self._turn.acquire()
        self._forks += 1
        for lock in [known() for known in list(self._locks.values())]:
            if lock is not None:
                lock.acquire()
                self._held.append(lock)

    def in_parent(self) -> None:
        while self._held:
            self._held.pop().release()
        self._turn.release()

    def in_child(self) -> None:
        self.lineage = f"{self.lineage}.{self._forks}".lstrip(".")
        self._forks = 0
        self.in_parent()
        with ExitStack() as renewals:  # each is made, also behind one that fails: a thing that was never made whole
            for known, renewal in list(self._renewals.values()):
                thing = known()
                if thing is not None:
                    renewals.callback(renewal, thing)


_REGISTRY = _Registry()  # a process forks as a whole
if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(before=_REGISTRY.before, after_in_parent=_REGISTRY.in_parent, after_in_child=_REGISTRY.in_child)


def new_lock() -> threading.RLock:
    """Return a lock that no child inherits held: a fork waits for whoever holds it. Hold it for moments only."""
    lock = threading.RLock()
    _REGISTRY.hold(lock)
    return lock


def in_child(thing: T, renewal: Callable[[T], None]) -> None:
    """Call `renewal(thing)` in every child that is forked while the thing lives; once, whoever asks for it."""
    _REGISTRY.renew(thing, renewal)


def lineage() -> str:
    """Return this process's place among its kin: "" where it was not forked, "2" in the second child."""
    return _REGISTRY.lineage


def apart(seed: int | str) -> int | str:
    """Return a seed that no other process of these kin draws from: the same one where this was not forked."""
    return f"{seed}/fork-{_REGISTRY.lineage}" if _REGISTRY.lineage else seed
