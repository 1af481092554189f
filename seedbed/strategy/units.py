"""Units of work: which one a factory's calls run in, and what stands in where there is none.

The first of these that there is: the factory's own (`Meta.unit_of_work`), that of the suite in force, that of the app
(`app.unit_of_work()`), none. A unit is what a unit of work yields. It has `stored(value)`, which returns what a call
returned as it is stored now, or raises why it was refused. It may have `call(function)`, which makes one service call,
such as in a savepoint; `is_stopped`; `listening()`, a block in which it sees what hooks change; and
`read_ahead(values)`, which is told what `stored` will be asked for next, so that it reads many at once. Below
`create_async` they may be async: a block for `async with`, `async def stored(value)` and `read_ahead(values)`, and
`async def call(function)`, whose function is then to be awaited.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from seedbed.strategy.errors import InvalidOptionError
from seedbed.strategy.service_errors import InvalidUnitError, NoUnitOfWorkError
from seedbed.strategy.waiting import can_wait, entering, is_async, settle, spawn, wait
from seedbed.undoing import find_others, pass_by

if TYPE_CHECKING:
    from seedbed.strategy.binding import Binding


class PlainUnit:
    """What stands in for a unit of work where there is none: calls take effect at once."""

    is_stopped = False

    def stored(self, value: Any) -> Any:
        """Return the value as it is."""
        return value


@contextmanager
def open_unit(binding: Binding, factory: Any) -> Iterator[Any]:
    """Open the unit of work that the calls of a factory run in, for the block.

    Raises:
        AsyncServiceError: It is async, and this does not run below `create_async`.
        DryElsewhereError: Another task or thread makes a dry run of which this is a part.
        InvalidUnitError: It cannot be one.
        NoUnitOfWorkError: `Meta.unit_of_work` names nothing that the app has.
        Exception: What was refused while it was closed.
    """
    found = _find(binding, factory)
    if found is None:
        yield PlainUnit()
        return
    where, opens = found
    pass_by(find_others(binding.app))
    with entering(_open(where, opens, factory), "unit of work", factory) as unit:
        if not callable(getattr(unit, "stored", None)):
            raise InvalidUnitError(where, "yield a unit that has `stored(value)`", unit)
        yield unit


def call_in(unit: Any, function: Callable[[], Any], factory: Any) -> Any:
    """Make one service call the way the unit of work has it, such as in a savepoint."""
    call = getattr(unit, "call", None)
    if call is None:
        return function()
    if can_wait() and is_async(call):
        return wait(call(lambda: spawn(function)), "unit of work's call", factory)
    return call(function)


def read_ahead_in(unit: Any, values: list[Any], factory: Any) -> None:
    """Let the unit of work read, where it can, many values at once that it will be asked for next."""
    read = getattr(unit, "read_ahead", None)
    if read is not None:
        settle(read(values), "unit of work's read_ahead", factory)


def listening_in(unit: Any, factory: Any) -> AbstractContextManager[Any]:
    """Return a block in which the unit of work, where it can, sees what hooks change."""
    return entering(getattr(unit, "listening", nullcontext)(), "unit of work's listening", factory)


def stored_in(unit: Any, value: Any, factory: Any) -> Any:
    """Return a value as it is stored.

    Raises:
        Exception: Its call was refused.
    """
    stored = unit.stored(value)
    return stored if type(stored) is type(value) else settle(stored, "unit of work's stored", factory)


def _open(where: str, opens: Any, factory: Any) -> Any:
    opened = settle(opens() if callable(opens) else opens, "unit of work", factory)
    if not isinstance(opened, (AbstractContextManager, AbstractAsyncContextManager)):
        raise InvalidUnitError(where, "be a method that returns a context manager, which yields a unit", opened)
    return opened


def _find(binding: Binding, factory: Any) -> tuple[str, Callable[[], Any]] | None:
    """Return where the unit of work in force is said, and what opens it.

    Raises:
        NoUnitOfWorkError: `Meta.unit_of_work` names nothing that the app has.
    """
    own, app, suite = factory._meta.unit_of_work, binding.app, binding.suite  # noqa: SLF001 - where factory_boy has it
    if callable(own):
        return f"{factory.__name__}'s Meta.unit_of_work", lambda: own(app)
    if own is not None and not hasattr(app, own):
        raise NoUnitOfWorkError(factory.__name__, own, app)
    of_suite: Callable[[Any], Any] | None = getattr(suite, "unit_of_work", None)
    if own is None and of_suite is not None:
        return f"the suite {getattr(suite, 'name', suite)}'s unit_of_work", lambda: of_suite(app)
    of_app: Callable[[], Any] | None = getattr(app, own or "unit_of_work", None)
    return None if of_app is None else (f"{type(app).__name__}.{own or 'unit_of_work'}", of_app)


def check_unit_of_work(_meta: object, value: object) -> None:
    """Refuse a `Meta.unit_of_work` that opens none.

    Raises:
        InvalidOptionError: It is neither the name of a method nor a callable.
    """
    if not (value is None or callable(value) or (isinstance(value, str) and value.isidentifier())):
        raise InvalidOptionError(
            "unit_of_work", value, "the name of a method of the app, or a callable that takes the app"
        )
