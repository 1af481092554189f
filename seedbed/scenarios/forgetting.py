"""What a scenario forgets to await: a call of an async function that never runs, a task that outlives the scenario.

CPython warns of the first when the coroutine is given up, and of the second asyncio says nothing. Either way rows that
were asked for are not there.
"""

from __future__ import annotations

import inspect
import re
import sys
import warnings
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

from seedbed.scenarios.errors import ForgottenAwaitError, ForgottenTaskError
from seedbed.strategy.waiting import begins_loops, give_up

_FORGOTTEN = re.compile(r"coroutine '(.+?)' was never awaited(?:.*?\n\s*File \"(.+?)\", line (\d+))?", re.DOTALL)


def call(scenario: str, function: Any, run: Callable[[], Any]) -> Any:
    """Run a scenario and return what it returned; `function` is its own, whose file tells what it began itself.

    Raises:
        ForgottenAwaitError: Something that it called was never awaited, or is in its result.
        ForgottenTaskError: A task that it began has not ended.
    """
    before = _running_tasks()
    with _noticing(scenario):
        made = run()
        _check_result(scenario, made)
        _check_tasks(scenario, function, before)
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


def _running_tasks() -> set[Any]:
    """Return the tasks of the event loop that seedbed runs a scenario in; none where it runs in somebody else's."""
    asyncio: Any = sys.modules.get("asyncio")
    if asyncio is None or not begins_loops() or asyncio._get_running_loop() is None:  # noqa: SLF001 - asyncio's word
        return set()
    return set(asyncio.all_tasks())


def _check_tasks(scenario: str, function: Any, before: Collection[Any]) -> None:
    """Refuse tasks that a scenario itself began, and that have not ended; they are cancelled.

    What a library or the app began is its own: a pool may go on.

    Raises:
        ForgottenTaskError: There are some.
    """
    home = getattr(getattr(inspect.unwrap(function), "__code__", None), "co_filename", None)
    begun = {task: task.get_coro() for task in _running_tasks() - set(before)}
    own = {task: coroutine for task, coroutine in begun.items() if _origin(coroutine)[:1] == (home,)}
    for task in own:
        task.cancel()
    if own:
        names = sorted(_say(coroutine.__qualname__, *_origin(coroutine)) for coroutine in own.values())
        raise ForgottenTaskError(scenario, names)


def _origin(coroutine: Any) -> tuple[Any, ...]:
    origin = getattr(coroutine, "cr_origin", None)
    return tuple(origin[0][:2]) if origin else ()


def _say(name: str, file: str | None = None, line: object = None) -> str:
    what = f"{name.rpartition('<locals>.')[2]}(...)"
    return what if file is None else f"{what} ({file}:{line})"
