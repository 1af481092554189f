"""What a scenario forgets to await: a call of an async function that never runs, a task that fails or outlives it.

CPython warns of the first when the coroutine is given up, and asyncio logs a task that failed, and says nothing of one
that goes on. Either way rows that were asked for are not there.
"""

from __future__ import annotations

import inspect
import re
import sys
import warnings
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from operator import itemgetter
from typing import Any

from seedbed.scenarios.errors import FailedTaskError, ForgottenAwaitError, ForgottenTaskError
from seedbed.strategy.waiting import begins_loops, give_up

_FORGOTTEN = re.compile(r"coroutine '(.+?)' was never awaited(?:.*?\n\s*File \"(.+?)\", line (\d+))?", re.DOTALL)


def call(scenario: str, function: Any, run: Callable[[], Any]) -> Any:
    """Run a scenario and return what it returned; `function` is its own, whose file tells what it began itself.

    Raises:
        ForgottenAwaitError: Something that it called was never awaited, or is in its result.
        ForgottenTaskError: A task that it began has not ended.
        FailedTaskError: One has failed, and was not awaited.
    """
    with _noticing(scenario), _noting_tasks(function) as begun:
        made = run()
        _check_result(scenario, made)
        _check_tasks(scenario, begun)
    return made


@contextmanager
def _noticing(scenario: str) -> Iterator[None]:
    """Refuse, at the end of the block, what was called in it and given up before it was awaited.

    Raises:
        ForgottenAwaitError: Something was.
    """
    found: list[str] = []
    depth = sys.get_coroutine_origin_tracking_depth()
    sys.set_coroutine_origin_tracking_depth(max(depth, 1))
    try:
        with _hearing(found):
            yield
    finally:
        sys.set_coroutine_origin_tracking_depth(depth)
    if found:
        raise ForgottenAwaitError(scenario, found)


@contextmanager
def _hearing(found: list[str]) -> Iterator[None]:
    """Add to `found` what CPython says of coroutines in the block; other warnings go where they went before."""
    is_open = True
    tell = warnings.showwarning

    def hear(message: Warning | str, *rest: Any, **more: Any) -> None:
        match = _FORGOTTEN.match(str(message)) if is_open else None
        if match is None:
            tell(message, *rest, **more)
        else:
            found.append(_say(*match.groups()))

    with warnings.catch_warnings():
        warnings.filterwarnings("always", "coroutine '.+' was never awaited", RuntimeWarning)
        warnings.showwarning = hear
        try:
            yield
        finally:
            is_open = False
            warnings.showwarning = tell


def _check_result(scenario: str, made: Any) -> None:
    """Refuse a result that holds what is still to be awaited; it is given up.

    Raises:
        ForgottenAwaitError: It holds some.
    """
    held = made.values() if isinstance(made, dict) else made if isinstance(made, (list, tuple, set)) else (made,)
    waiting = [one for one in held if inspect.iscoroutine(one)]
    for one in waiting:
        give_up(one)
    if waiting:
        raise ForgottenAwaitError(scenario, [_say(one.__qualname__, *_origin(one)) for one in waiting])


@contextmanager
def _noting_tasks(function: Any) -> Iterator[set[Any]]:
    """Give the tasks that the code of a scenario's own file begins in the block, but those that have ended well.

    What a library or the app begins is its own: a pool may go on. So is all in a loop that seedbed does not run.
    """
    begun: set[Any] = set()
    asyncio: Any = sys.modules.get("asyncio")
    loop = asyncio._get_running_loop() if asyncio is not None and begins_loops() else None  # noqa: SLF001 - asyncio's word
    if loop is None:
        yield begun
        return
    home = getattr(getattr(inspect.unwrap(function), "__code__", None), "co_filename", None)
    make = loop.get_task_factory()

    def note(loop: Any, coroutine: Any, **said: Any) -> Any:
        task = asyncio.Task(coroutine, loop=loop, **said) if make is None else make(loop, coroutine, **said)
        if _origin(coroutine)[:1] == (home,):
            begun.add(task)
            task.add_done_callback(lambda done: None if _is_unheard(done) else begun.discard(done))
        return task

    loop.set_task_factory(note)
    try:
        yield begun
    finally:
        loop.set_task_factory(make)


def _is_unheard(task: Any) -> bool:
    """Tell whether a task failed, and nobody has asked with what: then asyncio would log it."""
    return bool(task._log_traceback)  # noqa: SLF001 - asyncio has no other word for it, and asking is hearing


def _check_tasks(scenario: str, begun: Collection[Any]) -> None:
    """Refuse tasks that have failed unheard, or have not ended; these are cancelled.

    Raises:
        FailedTaskError: One has failed.
        ForgottenTaskError: Some have not ended.
    """
    left = [(_say_task(task), task) for task in begun if not task.done()]
    failed = [(_say_task(task), task.exception()) for task in begun if task.done() and _is_unheard(task)]
    for _, task in left:
        task.cancel()
    if failed:
        name, cause = min(failed, key=itemgetter(0))
        raise FailedTaskError(scenario, name, cause) from cause
    if left:
        raise ForgottenTaskError(scenario, sorted(name for name, _ in left))


def _say_task(task: Any) -> str:
    coroutine = task.get_coro()
    return _say(coroutine.__qualname__, *_origin(coroutine))


def _origin(coroutine: Any) -> tuple[Any, ...]:
    origin = getattr(coroutine, "cr_origin", None)
    return tuple(origin[0][:2]) if origin else ()


def _say(name: str, file: str | None = None, line: object = None) -> str:
    what = f"{name.rpartition('<locals>.')[2]}(...)"
    return what if file is None else f"{what} ({file}:{line})"
