"""How the app of a suite is opened and closed, in whatever form the suite says it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from typing import Any

from seedbed.errors import ServiceError
from seedbed.strategy.errors import FactoryError
from seedbed.strategy.signatures import parameters_of
from seedbed.suite.errors import MissingPartError, SuiteCloseError, SuiteOpenError
from seedbed.suite.loops import entering_part, leaving, settle
from seedbed.suite.parts import OFFERED, load_part
from seedbed.suite.references import load, why

_POSITIONAL = {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}


@contextmanager
def open_app(
    suite: str, field: str, opens: Callable[..., Any] | str, target: str | None, offered: Mapping[str, Any]
) -> Iterator[Any]:
    """Open an app for the block and close it after.

    Raises:
        SuiteOpenError: It does not open.
        SuiteCloseError: It does not close, after a block that went well.
        FactoryError: What the suite's own code says in such an error is passed on.
    """
    with ExitStack() as stack:
        try:
            app = _enter(suite, _call(suite, field, opens, target, offered), stack)
        except FactoryError:
            raise
        except (Exception, SystemExit) as error:
            raise SuiteOpenError(suite, why(error)) from error
        if app is None:
            raise SuiteOpenError(suite, f"{_name(opens)} gave None where the app is to be")
        with leaving(stack, lambda error: _tell_close(suite, error)):
            yield app


def _tell_close(suite: str, error: BaseException) -> Exception:
    return error if isinstance(error, (FactoryError, ServiceError)) else SuiteCloseError(suite, why(error))


def check_scratch(suite: str, opens: Callable[..., Any] | str) -> None:
    """Refuse to open a place that nobody named.

    Raises:
        MissingPartError: `open` needs a target.
    """
    target = _target_of(_parameters(opens))
    if target is not None and target.default is target.empty:
        remedy = "its open needs a target; say by Suite(scratch=...) how an empty one that is thrown away is opened"
        raise MissingPartError(suite, "open a throw-away world", remedy)


def takes_target(opens: Callable[..., Any] | str) -> bool:
    """Tell whether a function that opens an app takes a target, needed or not."""
    return _target_of(_parameters(opens)) is not None


def takes(opens: Callable[..., Any] | str, name: str) -> bool:
    """Tell whether a function takes an argument of this name."""
    return _takes(_parameters(opens), name)


def _call(
    suite: str, field: str, opens: Callable[..., Any] | str, target: str | None, offered: Mapping[str, Any]
) -> Any:
    function = load_part(suite, field, opens)
    parameters = parameters_of(function) or []
    options = {name: value for name, value in offered.items() if _takes(parameters, name)}
    place = _target_of(parameters)
    if place is None and target is not None:
        raise SuiteOpenError(suite, f"{field} takes no target, and {target!r} is given")
    is_needed = place is not None and (target is not None or place.default is place.empty)
    if is_needed and target is None:
        raise SuiteOpenError(suite, f"{field} needs a target: give --target")
    return function(*([target] if is_needed else []), **options)


def _enter(suite: str, found: Any, stack: ExitStack) -> Any:
    """Return the app of what `open` gave, and let the stack close it.

    Raises:
        AsyncPartError: It is opened by async code, and nothing can be awaited here.
    """
    if inspect.isgenerator(found):  # a function with a yield, as contextmanager would make it
        return stack.enter_context(entering_part(suite, "its open", contextmanager(lambda: found)()))
    if inspect.isasyncgen(found):
        found = asynccontextmanager(lambda: found)()
    if inspect.isawaitable(found) and not hasattr(found, "__aenter__"):
        found = settle(suite, "its open", found)
    if hasattr(found, "__enter__") or hasattr(found, "__aenter__"):
        return stack.enter_context(entering_part(suite, "its open", found))
    close = getattr(found, "close", None) or getattr(found, "aclose", None)
    if callable(close):
        stack.callback(lambda: settle(suite, "its app's close", close()))
    return found


def _function(opens: Callable[..., Any] | str) -> Callable[..., Any]:
    function: Callable[..., Any] = load("the function that opens the app,", opens) if isinstance(opens, str) else opens
    return function


def _parameters(opens: Callable[..., Any] | str) -> list[inspect.Parameter]:
    return parameters_of(_function(opens)) or []  # none are known of what is built in


def _name(opens: Callable[..., Any] | str) -> str:
    return opens if isinstance(opens, str) else getattr(opens, "__qualname__", repr(opens))


def _target_of(parameters: list[inspect.Parameter]) -> inspect.Parameter | None:
    """Return the parameter that takes the target: the first that may be given by place."""
    return next((one for one in parameters if one.kind in _POSITIONAL and one.name not in OFFERED), None)


def _takes(parameters: list[inspect.Parameter], name: str) -> bool:
    allowed = {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}
    return any(one.name == name and one.kind in allowed for one in parameters)
