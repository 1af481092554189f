"""`silenced`: what a program sends (mail, events) is not sent for a block, and counted instead.

    with silenced("mailer.send", publish, (stripe.Charge, "create")) as silence:
        OrderFactory.create_batch(50)
    print(silence)  # 50 mailer.send, 12 publish

A thing to silence is a path on the app in force, as `Meta.service` has it; a function, a class's or an object's method;
a text "module:name"; or a pair of a holder and the name of its attribute. A function is replaced in every module that
holds it, however it was imported. It is replaced for all threads and tasks, and put back at the end of the block.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import MethodType, ModuleType
from typing import Any, NamedTuple

from seedbed import forks
from seedbed.strategy.binding import current_app
from seedbed.strategy.service_errors import InvalidSilenceError
from seedbed.strategy.waiting import is_async

_ABSENT = object()


class Silence:
    """What would have been sent, by name, so far; 0 for each that was not."""

    def __init__(self) -> None:
        self._lock = forks.new_lock()
        self._counts: Counter[str] = Counter()

    def expect(self, name: str) -> None:
        """Begin to count a name."""
        with self._lock:
            self._counts[name] += 0

    def note(self, name: str) -> None:
        """Count one that is not sent. Safe between threads."""
        with self._lock:
            self._counts[name] += 1

    @property
    def counts(self) -> dict[str, int]:
        """How often each would have been sent, in the order in which they were given."""
        with self._lock:
            return dict(self._counts)

    @property
    def total(self) -> int:
        """How much would have been sent."""
        return sum(self.counts.values())

    def __str__(self) -> str:
        """Say it in one line, without what was not called."""
        sent = [f"{count:,} {name}" for name, count in self.counts.items() if count]
        return ", ".join(sent) or "nothing"


class _Place(NamedTuple):
    """An attribute that is replaced for the block."""

    holder: Any
    attribute: str


class _Sender(NamedTuple):
    name: str
    function: Any
    places: list[_Place]


@contextmanager
def silenced(*senders: Any, returns: Any = None) -> Iterator[Silence]:
    """Replace what sends for the block by what only counts; it returns `returns`, awaited where the other is async.

    Raises:
        InvalidSilenceError: One is nothing that can be replaced; nothing is replaced then.
        NoAppError: A path is given, and no app is bound.
    """
    silence = Silence()
    found = [_find(sender) for sender in senders]
    with ExitStack() as stack:
        for sender in found:
            silence.expect(sender.name)
            counter = _counter(silence, sender, returns)
            for place in sender.places:
                stack.callback(_replace(place, counter))
        yield silence


def _counter(silence: Silence, sender: _Sender, returns: Any) -> Callable[..., Any]:
    if is_async(sender.function):

        @functools.wraps(sender.function)
        async def count_async(*_args: Any, **_kwargs: Any) -> Any:
            silence.note(sender.name)
            return returns

        return count_async

    @functools.wraps(sender.function)
    def count(*_args: Any, **_kwargs: Any) -> Any:
        silence.note(sender.name)
        return returns

    return count


def _replace(place: _Place, counter: Callable[..., Any]) -> Callable[[], None]:
    """Put a counter in a place, and return what puts back what was there."""
    holder, name = place
    own = vars(holder).get(name, _ABSENT) if hasattr(holder, "__dict__") else _ABSENT
    is_class = isinstance(holder, type)
    _set(place, staticmethod(counter) if is_class else counter)
    if own is _ABSENT:
        return functools.partial(_delete, place)
    return functools.partial(_set, place, own)


def _set(place: _Place, value: Any) -> None:
    try:
        setattr(*place, value)
    except (AttributeError, TypeError):  # a frozen one
        try:
            object.__setattr__(*place, value)
        except (AttributeError, TypeError) as error:
            raise InvalidSilenceError(
                place, "its holder lets no attribute be replaced: give that of its class"
            ) from error


def _delete(place: _Place) -> None:
    try:
        delattr(*place)
    except (AttributeError, TypeError):  # a frozen one
        object.__delattr__(*place)


def _find(sender: Any) -> _Sender:
    if isinstance(sender, str):
        return _by_text(sender)
    if isinstance(sender, tuple):
        return _by_pair(sender)
    if isinstance(sender, MethodType):
        owner = sender.__self__
        name = f"{(owner if isinstance(owner, type) else type(owner)).__name__}.{sender.__name__}"
        return _Sender(name, sender, [_Place(owner, sender.__name__)])
    return _by_function(sender)


def _by_text(text: str) -> _Sender:
    module, colon, path = text.partition(":")
    try:
        holder: Any = importlib.import_module(module) if colon else current_app()
        *above, name = (path if colon else text).split(".")
        holder = functools.reduce(getattr, above, holder)
        function = getattr(holder, name)
    except (AttributeError, ImportError, ValueError) as error:
        raise InvalidSilenceError(text, "there is no such thing") from error
    if isinstance(holder, ModuleType) and inspect.isfunction(function):
        return _by_function(function)._replace(name=text)
    return _check(_Sender(text, function, [_Place(holder, name)]))


def _by_pair(pair: tuple[Any, ...]) -> _Sender:
    if len(pair) != 2 or not isinstance(pair[1], str) or not hasattr(*pair):  # noqa: PLR2004 - a pair
        raise InvalidSilenceError(pair, "a pair is a holder and the name of its attribute")
    holder, name = pair
    of = getattr(holder, "__name__", type(holder).__name__)
    return _check(_Sender(f"{of}.{name}", getattr(holder, name), [_Place(holder, name)]))


def _check(sender: _Sender) -> _Sender:
    if not callable(sender.function):
        raise InvalidSilenceError(sender.name, f"it is {sender.function!r}, which cannot be called")
    return sender


def _by_function(function: Any) -> _Sender:
    path = getattr(function, "__qualname__", None)
    if not callable(function) or path is None or isinstance(function, type):
        raise InvalidSilenceError(function, "it is neither a function, a method, a path on the app nor a pair")
    places = list(_modules_that_hold(function)) if "." not in path else []
    if not places:
        places = list(_classes_that_hold(function, path))
    if not places:
        raise InvalidSilenceError(function, "no module or class holds it: give its holder and name as a pair")
    return _Sender(path, function, places)


def _modules_that_hold(function: Any) -> Iterator[_Place]:
    for module in list(sys.modules.values()):
        for name, value in list(getattr(module, "__dict__", {}).items()):
            if value is function:
                yield _Place(module, name)


def _classes_that_hold(function: Any, path: str) -> Iterator[_Place]:
    holder: Any = sys.modules.get(function.__module__)
    for name in path.split(".")[:-1]:
        holder = getattr(holder, name, None)
    name = path.rpartition(".")[2]
    if holder is not None and inspect.getattr_static(holder, name, None) is not None:
        yield _Place(holder, name)
