"""Children of this process, for tests: what a call returns there, or the error that it raises."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Callable, Sequence
from typing import Any

SECONDS = 60  # after which a child that waits for ever is ended

HAS_THREADS = "ignore:.*use of fork:DeprecationWarning"
"""Python's own warning, which is what these tests are about."""


class Child:
    """A forked child that makes one call."""

    def __init__(self, call: Callable[[], Any], *, gate: int | None = None) -> None:
        read, write = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            try:
                os.close(read)
                signal.alarm(SECONDS)
                if gate is not None:
                    os.read(gate, 1)
                os.write(write, pickle.dumps(_outcome(call)))
            finally:  # whatever happens, a child never goes on with its parent's tests
                os._exit(0)
        os.close(write)
        self._read = read

    def result(self) -> Any:
        """Wait for what it returned; raise what it raised."""
        with os.fdopen(self._read, "rb") as pipe:
            answer = pipe.read()
        assert os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1]) == 0
        value, error = pickle.loads(answer)  # noqa: S301 - our own child wrote it
        if error is not None:
            raise error
        return value


def _outcome(call: Callable[[], Any]) -> tuple[Any, BaseException | None]:
    try:
        return call(), None
    except BaseException as error:  # noqa: BLE001 - the parent raises it
        return None, error


def in_child(call: Callable[[], Any]) -> Any:
    return Child(call).result()


def in_children(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Make all calls at once, each in a child of its own."""
    gate, opened = os.pipe()
    children = [Child(call, gate=gate) for call in calls]
    os.write(opened, b"x" * len(calls))
    results = [child.result() for child in children]
    os.close(gate)
    os.close(opened)
    return results
