"""Which app the factories create through, and the counters of this binding.

Nothing is stored on a factory class. `using` binds an app for a block; docs/context.md tells who stands in it. Another
thread joins the same binding, counters and what is recycled included, by `with using(binding):`. Where nothing is
bound, a binding without an app stands in, for what is only built (`seedbed.unbound`).
"""

from __future__ import annotations

import itertools
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar, overload

from seedbed import forks
from seedbed.context import GROUPS, Group, standing_in
from seedbed.errors import InvalidSettingError
from seedbed.plain import find_seed
from seedbed.settings import check_text
from seedbed.strategy.errors import InvalidSeedError, NoAppError, OtherAppError, UnpicklableBindingError
from seedbed.unbound import Source, current_source
from seedbed.variables import App_co

if TYPE_CHECKING:
    from contextlib import _GeneratorContextManager

App = TypeVar("App")


class Binding(Group, Generic[App_co]):
    """An app, the seed of what is drawn for it, the locale of its texts, and how many objects each factory has made.

    `suite` is the declaration that it is bound by, or None. Without an app a binding serves `build` and `stub`, whose
    time is then told by `clock`. A forked child goes on drawing from a seed of its own, so that it makes no object that
    its parent or another child makes.
    """

    def __init__(
        self,
        app: App_co,
        seed: int | str,
        locale: str | None = None,
        clock: Callable[[], datetime] | None = None,
        *,
        suite: Any = None,
    ) -> None:
        super().__init__()
        self.app = app
        self.suite = suite
        self._clock = clock or (lambda: datetime.now(UTC))
        self.seed = _plain(seed)
        self.locale = locale
        self._inner = itertools.count(1)
        self._counters: dict[object, Iterator[int]] = {}
        self.plain: dict[object, bool] = {}
        """Which factories need nothing that is awaited, of those that were asked: `unawaited` keeps it."""
        self.places: dict[str, Any] = {}
        """Where in the app objects of service classes were found: `services` keeps it."""
        self.checked: set[tuple[Any, int, frozenset[str]]] = set()
        """Factories whose fields their services take, by the edition of their options and the names of the call."""
        self._lock = forks.new_lock()
        forks.in_child(self, Binding._draw_apart)

    def _draw_apart(self) -> None:
        self.seed = forks.apart(self.seed)

    def __reduce__(self) -> NoReturn:
        """Refuse to go to another process.

        Raises:
            UnpicklableBindingError: Always.
        """
        raise UnpicklableBindingError

    def now(self) -> datetime:
        """Return what the app's clock says; of an app that has none, and without an app, the binding's own."""
        clock = getattr(self.app, "clock", None)
        moment: datetime = self._clock() if clock is None else clock.now()
        return moment

    def next_ordinal(self, owner: object, start: Callable[[], int]) -> int:
        """Return how many objects `owner` has begun before, from `start()` on. Safe between threads."""
        counter = self._counters.get(owner)
        if counter is None:
            first = itertools.count(start())
            with self._lock:
                counter = self._counters.setdefault(owner, first)
        return next(counter)

    def inner_seed(self) -> str:
        """Return a seed for the next binding of the same app inside this one."""
        return f"{self.seed}/{next(self._inner)}"

    def count_with(self, other: Binding) -> None:
        """Count on from where factories stand in another binding, and let that one do so from here."""
        self._counters = other._counters

    def reset_sequence(self, owner: object, value: int) -> None:
        """Let `owner` count from `value` on."""
        with self._lock:
            self._counters[owner] = itertools.count(value)

    def reset_sequences(self) -> None:
        """Let every factory count from its start again."""
        with self._lock:
            self._counters.clear()


@overload
def using(
    app: Binding[App], *, seed: int | str | None = None, locale: str | None = None, suite: Any = None
) -> _GeneratorContextManager[Binding[App]]: ...
@overload
def using(
    app: App, *, seed: int | str | None = None, locale: str | None = None, suite: Any = None
) -> _GeneratorContextManager[Binding[App]]: ...
@contextmanager
def using(
    app: Any, *, seed: int | str | None = None, locale: str | None = None, suite: Any = None
) -> Iterator[Binding]:
    """Bind `app` for the block: factories create through its services, and count and draw anew from `seed`.

    The same seed draws the same names again, which a table that has them already refuses. Without one, each block draws
    anew: by a random seed, or inside another block of the same app by one that follows from that block's.

    `locale` is for what draws texts; `suite` says what the app itself does not, such as its unit of work. Without them:
    those of a block of the same app around this one.

    Given a binding instead of an app, the block joins that binding: its app, its seed, its locale, its suite, its
    counters, and what stands around all who use it (`recycle`, `app.at`).

    Raises:
        InvalidSeedError: The seed is neither a whole number nor a text.
        InvalidSettingError: The locale is no text, or the suite is none.
    """
    check_text("locale", locale)
    if suite is not None and not hasattr(suite, "unit_of_work"):
        raise InvalidSettingError("suite", suite, "a Suite, or None")
    binding = app if isinstance(app, Binding) else _fresh(app, seed, locale, suite)
    with standing_in(binding):
        yield binding


def _plain(seed: object) -> int | str:
    plain = find_seed(seed)
    if plain is None:
        raise InvalidSeedError(seed)
    return plain


def _fresh(app: Any, seed: int | str | None, locale: str | None, suite: Any) -> Binding:
    current = find_binding()
    outer = current if app is not None and current.app is app else None
    if seed is None:
        seed = _new_seed() if outer is None else outer.inner_seed()
    if outer is not None:
        locale, suite = locale or outer.locale, suite or outer.suite
    return Binding(app, seed, locale, suite=suite)


def _new_seed() -> str:
    source = current_source()
    return source.next_seed() if source.is_collecting else secrets.token_hex(8)


def find_binding() -> Binding:
    """Return the binding in force; where there is none, that of what is drawn unbound, which has no app."""
    block = GROUPS.find()
    if block is None:
        return _unbound(current_source())
    binding: Binding = block.value
    return binding


def binding_of(step: Any) -> Binding:
    """Return the binding that an object is made in, which its step keeps: each of its fields needs it."""
    binding: Binding | None = getattr(step, "binding", None)  # a plain factory's step has none
    return find_binding() if binding is None else binding


def _unbound(source: Source) -> Binding:
    if source.binding is None:
        seed = source.seed if source.process == os.getpid() else forks.apart(source.seed)
        source.binding = Binding(None, seed, source.locale, source.clock)
    binding: Binding = source.binding
    return binding


def current_binding() -> Binding:
    """Return the binding in force, which has an app.

    Raises:
        NoAppError: No app is bound.
    """
    binding = find_binding()
    if binding.app is None:
        raise NoAppError
    return binding


@overload
def current_app() -> Any: ...
@overload
def current_app(kind: type[App]) -> App: ...
def current_app(kind: type[Any] = object) -> Any:
    """Return the app in force; of this class, where one is given, which type checkers then know: `current_app(Shop)`.

    Raises:
        NoAppError: No app is bound.
        OtherAppError: It is of another class.
        InvalidSettingError: What is given is no class.
    """
    if not isinstance(kind, type):
        raise InvalidSettingError("kind", kind, "the class of the app")
    app = current_binding().app
    if not isinstance(app, kind):
        raise OtherAppError(type(app).__name__, kind.__name__)
    return app


def reset_sequences() -> None:
    """Reset the counters of every factory in the binding in force; where there is none, of what is drawn unbound."""
    find_binding().reset_sequences()
