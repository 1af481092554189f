"""Programs that are async: where an event loop is begun for a suite, and how its parts are awaited.

What works for a suite is plain code. In `in_loop`, and in `await suite.audit_async(...)` and its kin, it waits for
whatever of the program is async; elsewhere that is refused in one line.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from seedbed.errors import ServiceError
from seedbed.strategy.errors import FactoryError
from seedbed.suite.errors import AsyncPartError, SuitePartError
from seedbed.suite.parts import load_part
from seedbed.suite.references import why

if TYPE_CHECKING:
    from types import ModuleType

    from seedbed.suite.counters import Counter

T = TypeVar("T")
_FIELDS = ("open", "scratch", "listing", "auditor", "unit_of_work", "explain")
"""Those that a run may call: what a name leads to is looked at before anything is opened."""


class AsyncParts(Protocol):
    """What of a suite may be async, beside the functions in its fields."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def counters(self) -> Iterable[Counter]:
        """Those that are recounted by functions among them."""

    def factory_classes(self) -> Iterable[Any]:
        """Return the factories."""


def _waiting() -> ModuleType:
    from seedbed.strategy import waiting  # noqa: PLC0415 - loads factory_boy, and a suite is quick to import

    return waiting


def in_loop(suite: AsyncParts, function: Callable[[], T], app: Any = None, sources: Iterable[Any] = ()) -> T:
    """Call a function, and where something of the suite is async, so that it may wait: an event loop is begun then.

    Some services are only known in the app. `sources` are functions beside those of the suite.

    Raises:
        NoGreenletError: Something is async, and greenlet is not installed.
    """
    waiting = _waiting()
    is_needed = not waiting.can_wait() and _is_async(suite, app, sources)
    found: T = waiting.drive(function) if is_needed else function()
    return found


def _is_async(suite: AsyncParts, app: Any, sources: Iterable[Any]) -> bool:
    from seedbed.strategy.unawaited import find_async  # noqa: PLC0415 - as above

    functions = [*_parts(suite), *sources]
    found = (find_async(app, factory) for factory in suite.factory_classes())
    return any(map(opens_async, functions)) or any(found)


def _parts(suite: AsyncParts) -> Iterator[Any]:
    for field in _FIELDS:
        yield load_part(suite.name, field, getattr(suite, field))
    yield from (counter.recount for counter in suite.counters)


def opens_async(function: Any) -> bool:
    """Tell whether what a callable returns is to be awaited, or is for `async with` or `async for`."""
    if function is None:
        return False
    is_block = isinstance(function, type) and hasattr(function, "__aenter__") and not hasattr(function, "__enter__")
    return is_block or inspect.isasyncgenfunction(inspect.unwrap(function)) or bool(_waiting().is_async(function))


def settle(suite: str, what: str, value: Any) -> Any:
    """Return a value, or what it gives when it is awaited; of what is for `async for`, a list.

    Raises:
        AsyncPartError: It is async, and nothing can be awaited here; it is given up.
    """
    if hasattr(type(value), "__aiter__") and not isinstance(value, Iterable):
        return settle(suite, what, _collect(value))
    if not hasattr(type(value), "__await__"):
        return value
    check_waiting(suite, what, value)
    return _waiting().wait(value, what, None)


async def _collect(values: AsyncIterator[T]) -> list[T]:
    return [value async for value in values]


def check_waiting(suite: str, what: str, value: Any = None) -> None:
    """Refuse where nothing can be awaited; `value` is given up then.

    Raises:
        AsyncPartError: Nothing can.
    """
    if not _waiting().can_wait():
        _waiting().give_up(value)
        raise AsyncPartError(suite, what)


@contextmanager
def entering_part(suite: str, what: str, block: Any) -> Iterator[Any]:
    """Stand in a context manager, also in one for `async with`; what is raised in the block it cannot swallow.

    Raises:
        AsyncPartError: It is for `async with`, and nothing can be awaited here.
        BaseException: What the block raised.
    """
    if not hasattr(type(block), "__enter__"):
        check_waiting(suite, what)
    swallowed: BaseException | None = None
    with _waiting().entering(block, what, None) as value:
        try:
            yield value
        except BaseException as error:
            swallowed = error
            raise
    if swallowed is not None:
        raise swallowed


@contextmanager
def calling(suite: str, what: str) -> Iterator[None]:
    """Tell what a function of the suite raises in the block.

    Raises:
        SuitePartError: It raised something that is no error of ours.
        FactoryError: One of ours.
        ServiceError: As that.
    """
    try:
        yield
    except (FactoryError, ServiceError):
        raise
    except (Exception, SystemExit) as error:
        raise SuitePartError(suite, what, why(error)) from error


@contextmanager
def leaving(stack: ExitStack, tell: Callable[[BaseException], Exception]) -> Iterator[None]:
    """Leave the stack at the end of the block; an error of that is what `tell` says, where the block went well.

    Where it did not, its own error is raised, with a note of the other; but what is raised from it is a translation.

    Raises:
        BaseException: What the block raised.
        SystemExit: A translation of that.
    """
    stop: BaseException | None = None
    try:
        with stack:
            try:
                yield
            except BaseException as error:
                stop = error
                raise
    except (Exception, SystemExit) as error:
        if error is stop or (stop is not None and error.__cause__ is stop):
            raise
        if stop is None:
            raise tell(error) from error
        stop.add_note(f"And at its end: {tell(error)}")
        raise stop from stop.__cause__


@asynccontextmanager
async def waiting_in(block: AbstractContextManager[T]) -> AsyncIterator[T]:
    """Stand in a context manager that may wait, by `async with`."""
    spawn = _waiting().spawn
    value = await spawn(block.__enter__)
    try:
        yield value
    except BaseException:
        error = sys.exc_info()
        if not await spawn(lambda: block.__exit__(*error)):
            raise
    else:
        await spawn(lambda: block.__exit__(None, None, None))
