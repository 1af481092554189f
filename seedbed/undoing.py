"""What is undone as a whole, a dry run or a run that fails, and what is committed past it by other tasks and threads.

A unit of work is one task's or thread's. Others, which the run has begun, have units of their own and commit them: in a
dry run they are refused, and a run that can be undone is told of them. The app of a dry run was opened for it, so that
whoever uses it is of the run: also a thread that joins nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from seedbed.context import Block, Scope
from seedbed.errors import DryElsewhereError


class Whole:
    """One run that is undone as a whole, unless something was committed past it; and the one around it."""

    def __init__(self, app: object, outer: Whole | None, *, is_dry: bool) -> None:
        self.app = app
        self.outer = outer
        self.is_dry = is_dry
        self.is_undone = True
        self.block: Block[Whole] = _WHOLES.open(self)


_WHOLES: Scope[Whole] = Scope("whole", is_shared=True)
_DRY: list[Whole] = []
"""The dry runs of this process, for who has none around."""


@contextmanager
def undoing(app: object, *, is_dry: bool = False) -> Iterator[Whole]:
    """Let whoever writes to the app in the block know that it is undone as a whole, now or where it fails."""
    whole = Whole(app, next(_around(), None), is_dry=is_dry)
    if is_dry:
        _DRY.append(whole)
    try:
        yield whole
    finally:
        if is_dry:
            _DRY.remove(whole)
        _WHOLES.close(whole.block)


def pass_by(wholes: Iterable[Whole]) -> None:
    """Say that something is about to be committed past runs.

    Raises:
        DryElsewhereError: One of them is a dry run, which writes nothing.
    """
    passed = list(wholes)
    if any(whole.is_dry for whole in passed):
        raise DryElsewhereError
    for whole in passed:
        whole.is_undone = False


def find_others(app: object) -> list[Whole]:
    """Return the runs on an app that are undone by another task or thread than the one that asks."""
    known = dict.fromkeys((*_around(), *_DRY))
    return [whole for whole in known if whole.app is app and not whole.block.is_here]


def find_own(app: object) -> tuple[Whole, ...]:
    """Return the runs on an app that are undone by the task or thread that asks."""
    return tuple(whole for whole in _around() if whole.app is app and whole.block.is_here)


def _around() -> Iterator[Whole]:
    block = next(iter(_WHOLES.every()), None)
    whole = None if block is None else block.value
    while whole is not None:
        yield whole
        whole = whole.outer
