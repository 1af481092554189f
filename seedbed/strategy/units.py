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
from functools import lru_cache
from inspect import getattr_static
from types import FunctionType, NoneType
from typing import TYPE_CHECKING, Any

from seedbed.plain import show
from seedbed.strategy.errors import InvalidOptionError
from seedbed.strategy.keys import are_two
from seedbed.strategy.service_errors import AsyncServiceError, InvalidUnitError, NoUnitOfWorkError
from seedbed.strategy.services import is_of
from seedbed.strategy.signatures import takes
from seedbed.strategy.waiting import can_wait, entering, is_async, settle, spawn, wait
from seedbed.undoing import find_others, pass_by

if TYPE_CHECKING:
    from seedbed.strategy.binding import Binding


_METHODS = {"stored": ("value",), "call": ("function",), "read_ahead": ("values",), "listening": (), "roll_back": ()}
"""What a unit may have, and what each is called with."""
_STORED_RULE = "return from `stored(value)` the value as it is stored now, here {}, or raise why it was refused"
_CALL_RULE = "call the function in `call(function)`, and return what that returned"
_NO_OBJECTS = (NoneType, bool, int, float, str, bytes)


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
        AsyncServiceError: It is async, or its unit is, and this does not run below `create_async`.
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
        fault, what_waits = _look_at(type(unit))  # type: ignore[arg-type]  # a class is hashable
        if fault is not None:
            raise InvalidUnitError(where, fault, unit)
        if what_waits is not None and not can_wait():
            raise AsyncServiceError(factory.__name__, f"unit of work's {what_waits}")
        yield unit


def call_in(unit: Any, function: Callable[[], Any], factory: Any) -> Any:
    """Make one service call the way the unit of work has it, such as in a savepoint.

    Raises:
        InvalidUnitError: It did not hand on what the service returned.
        Exception: What the service, or the unit of work, raised.
    """
    call = getattr(unit, "call", None)
    if call is None:
        return function()
    returned: list[Any] = []

    def perform() -> Any:
        value = function()
        returned.append(value)
        return value

    if can_wait() and is_async(call):
        found = wait(call(lambda: spawn(perform)), "unit of work's call", factory)
    else:
        found = call(perform)
    if returned and found is returned[-1]:
        return found
    if found is None or (returned and not _can_stand_for(found, returned[-1], factory)):
        raise InvalidUnitError(_name(unit), _CALL_RULE, found)
    return found


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
        InvalidUnitError: The unit gave nothing, or something else, in its place.
        Exception: Its call was refused.
    """
    stored = unit.stored(value)
    if stored is value:
        return stored
    if type(stored) is not type(value):
        stored = settle(stored, "unit of work's stored", factory)
    if not _can_stand_for(stored, value, factory) or are_two(stored, value):
        raise InvalidUnitError(_name(unit), _STORED_RULE.format(show(value)), stored)
    return stored


def _can_stand_for(stored: Any, value: Any, factory: Any) -> bool:
    """Tell whether what a unit gave can be what it was asked for: also by a class that the service could have given."""
    if type(stored) in _NO_OBJECTS and type(value) not in _NO_OBJECTS:
        return False
    if isinstance(stored, type(value)):
        return True
    model = factory._meta.model  # noqa: SLF001 - where factory_boy has it
    return is_of(stored, model) or not is_of(value, model)


def _name(unit: Any) -> str:
    return f"the unit of work {type(unit).__name__}"


@lru_cache(maxsize=256)  # a cache: a class keeps its methods, and asking costs 30 us
def _look_at(kind: type) -> tuple[str | None, str | None]:
    """Return what is wrong with the methods of a unit's class, and which of them is async; None where nothing is."""
    waits = None
    for name, given in _METHODS.items():
        found = getattr_static(kind, name, None)
        count = len(given) + isinstance(found, FunctionType)  # itself
        method = getattr(kind, name) if isinstance(found, (FunctionType, staticmethod, classmethod)) else None
        if method is not None and not takes(method, count):
            text = f"{name}({', '.join(given)})"
            return f"yield a unit whose `{name}` can be called as `{text}`", None
        waits = waits or (name if method is not None and is_async(method) else None)
    return None, waits


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
