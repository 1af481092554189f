"""Services that are awaited: how a plain evaluation of declarations waits for them.

factory_boy evaluates in plain calls, one after another, and so the order of draws is fixed. `create_async` runs that
evaluation in a greenlet of the caller's own task. Where a service, a hook or a unit of work gives something to await,
the greenlet hands it to the caller's coroutine, which awaits it and goes on with the result. So a service runs in the
caller's task, event loop and context, whichever library the loop is of, and no thread is begun.
"""

from __future__ import annotations

import contextvars
import functools
import inspect
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from seedbed.strategy.service_errors import AsyncServiceError, NoGreenletError
from seedbed.strategy.signatures import returns_of

if TYPE_CHECKING:
    from types import ModuleType

T = TypeVar("T")

_AWAITED = {"Awaitable", "Coroutine"}


def _greenlet() -> ModuleType:
    try:
        import greenlet  # noqa: PLC0415 - only who awaits needs it
    except ImportError as error:
        raise NoGreenletError from error
    module: ModuleType = greenlet
    return module


async def spawn(function: Callable[[], T]) -> T:
    """Run a plain function whose calls may wait, and return what it returns.

    Raises:
        NoGreenletError: greenlet is not installed.
        Exception: What the function raised.
    """
    greenlet = _greenlet()
    worker = _worker(function, greenlet.getcurrent().gr_context)  # context variables are the task's own
    found: T = await _go_on(worker, worker.switch())
    return found


def drive(function: Callable[[], T]) -> T:
    """Run a plain function whose calls may wait, from plain code: the first that waits begins an event loop of asyncio.

    Raises:
        NoGreenletError: greenlet is not installed.
        Exception: What the function raised.
    """
    import asyncio  # noqa: PLC0415 - only who awaits needs it

    if asyncio._get_running_loop() is not None:  # noqa: SLF001 - asyncio's word for loops
        return function()  # what is to be awaited is refused there
    context = contextvars.copy_context()
    worker = _worker(function, context)
    worker.drives = True
    result = worker.switch()
    if not worker.dead:
        with asyncio.Runner() as runner:
            result = runner.run(_go_on(worker, result, _await_until_stopped), context=context)
    found: T = result
    return found


async def _await_until_stopped(value: Awaitable[Any]) -> Any:
    """Await something; Ctrl-C, by which asyncio cancels all, is raised as elsewhere.

    Raises:
        KeyboardInterrupt: Ctrl-C.
        CancelledError: Something else has cancelled it.
    """
    import asyncio  # noqa: PLC0415 - as above

    try:
        return await value
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or not task.cancelling():
            raise
        task.uncancel()
        raise KeyboardInterrupt from None


def _worker(function: Callable[[], Any], context: contextvars.Context) -> Any:
    worker = _greenlet().greenlet(function)
    worker.gr_context = context
    worker.waits = True
    return worker


async def _plain(value: Awaitable[Any]) -> Any:
    return await value


async def _go_on(worker: Any, result: Any, await_it: Callable[[Any], Awaitable[Any]] = _plain) -> Any:
    """Await what a function waits for, until it is done.

    Where that was cancelled, or stopped by Ctrl-C, an error that follows from it is not what the caller is told: what
    cleans up after it may find connections that were closed.

    Raises:
        BaseException: What the function raised, or what stopped it.
    """
    stop: BaseException | None = None
    while not worker.dead:
        try:
            value = await await_it(result)
        except BaseException as error:  # noqa: BLE001 - a cancellation too is raised where it was waited for
            stop = stop or (None if isinstance(error, Exception) else error)
            go_on = functools.partial(worker.throw, *sys.exc_info())
        else:
            go_on = functools.partial(worker.switch, value)
        try:
            result = go_on()
        except Exception as error:
            if stop is None or _tells(error, stop):
                raise
            raise stop from error
    return result


def _tells(error: BaseException | None, stop: BaseException) -> bool:
    """Tell whether an error was raised from a cancellation or Ctrl-C, to tell of it, and not by chance after it."""
    while error is not None and error is not stop:
        error = error.__cause__
    return error is not None


def can_wait() -> bool:
    """Tell whether this runs below `create_async`."""
    greenlet = sys.modules.get("greenlet")
    return greenlet is not None and getattr(greenlet.getcurrent(), "waits", False)


def begins_loops() -> bool:
    """Tell whether this runs below `drive`, whose event loop ends with it, and all tasks in it."""
    return can_wait() and getattr(sys.modules["greenlet"].getcurrent(), "drives", False)


def is_awaitable(value: object) -> bool:
    """Tell whether a value is to be awaited."""
    return hasattr(type(value), "__await__")


def wait(value: Awaitable[T], what: str, factory: Any) -> T:
    """Wait for something that `what` of a factory gave.

    Raises:
        AsyncServiceError: This does not run below `create_async`; the value is given up.
    """
    if not can_wait():
        give_up(value)
        raise AsyncServiceError(factory.__name__, what)
    result: T = sys.modules["greenlet"].getcurrent().parent.switch(value)
    return result


def settle(value: Any, what: str, factory: Any) -> Any:
    """Return a value, or what it gives when it is awaited.

    Raises:
        AsyncServiceError: As `wait`.
    """
    return wait(value, what, factory) if is_awaitable(value) else value


def settle_hook(value: Any, name: str, factory: Any) -> Any:
    """Return what a hook returned, or, of an `async def` one, what that gives. An object that can be awaited is left.

    Raises:
        AsyncServiceError: As `wait`.
    """
    is_call = is_awaitable(value) and isinstance(value, Coroutine)
    return wait(value, f"hook {name}", factory) if is_call else value


def give_up(value: Any) -> None:
    """End what nobody will await, so that Python does not warn of it."""
    end = getattr(value, "close", None) or getattr(value, "cancel", None)
    if end is not None:
        end()


def is_async(function: Any) -> bool:
    """Tell whether what a callable returns is to be awaited, as far as it says so itself."""
    while isinstance(function, functools.partial):
        function = function.func
    if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(type(function), "__call__", None)):  # noqa: B004 - its own, not whether it has one
        return True
    plain = getattr(function, "__func__", function)
    try:
        return _says_awaitable(plain)
    except TypeError:  # not hashable
        return False


def is_idle(function: Any) -> bool:
    """Tell whether to call a function runs nothing of it: it is a generator's."""
    while isinstance(function, functools.partial):
        function = function.func
    return inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)


@functools.lru_cache(maxsize=256)  # a cache: a function's annotations never change, and asking costs 30 us
def _says_awaitable(function: Any) -> bool:
    found = returns_of(function)
    text = found if isinstance(found, str) else getattr(found, "__name__", "")
    return text.partition("[")[0].rpartition(".")[2] in _AWAITED


@contextmanager
def entering(block: Any, what: str, factory: Any) -> Iterator[Any]:
    """Stand in a context manager, also in one for `async with`; of one that is both, in that where this can wait.

    Raises:
        AsyncServiceError: It is for `async with` only, and this does not run below `create_async`.
        Exception: What it raised.
    """
    is_plain = hasattr(type(block), "__enter__")
    if not hasattr(type(block), "__aenter__") or (is_plain and not can_wait()):
        with block as value:
            yield value
        return
    if not can_wait():
        raise AsyncServiceError(factory.__name__, what)
    with _Entered(block, what, factory) as value:
        yield value


class _Entered:
    """A block for `async with`, which plain code stands in."""

    def __init__(self, block: Any, what: str, factory: Any) -> None:
        self._block = block
        self._where = (what, factory)

    def __enter__(self) -> Any:
        return wait(self._block.__aenter__(), *self._where)

    def __exit__(self, *error: object) -> Any:
        return wait(self._block.__aexit__(*error), *self._where)
