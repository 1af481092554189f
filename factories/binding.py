"""Which app the factories create through, and the counters of this binding.

Nothing is stored on a factory class. `using` binds an app for a block, in this thread and in tasks that it
starts. Another thread joins the same binding, counters included, by `with using(binding):`.
"""

from __future__ import annotations

import itertools
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from factories.errors import InvalidSeedError, NoAppError
from factories.locales import DEFAULT_LOCALE, locales_of
from services.plain import plain_text, whole_number

_BINDING: ContextVar[Binding | None] = ContextVar("factories_binding", default=None)


class Binding:
    """An app, the seed of what is drawn for it, its people's languages, and how many objects each factory has made.

    Without an app it serves `build` and `stub`, whose time is then told by `clock`.
    """

    def __init__(
        self,
        app: Any,
        seed: int | str,
        locales: tuple[str, ...] = (DEFAULT_LOCALE,),
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self.app = app
        self._clock = clock or (lambda: datetime.now(UTC))
        self.seed = _plain(seed)
        self.locales = locales
        self._inner = itertools.count(1)
        self._counters: dict[object, Iterator[int]] = {}
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return what the app's clock says; without an app, the binding's own."""
        moment: datetime = self._clock() if self.app is None else self.app.clock.now()
        return moment

    def next_ordinal(self, owner: object, start: Callable[[], int]) -> int:
        """Return how many objects `owner` has begun before, from `start()` on. Safe between threads."""
        counter = self._counters.get(owner)
        if counter is None:
            with self._lock:
                counter = self._counters.setdefault(owner, itertools.count(start()))
        return next(counter)

    def inner_seed(self) -> str:
        """Return a seed for the next binding of the same app inside this one."""
        return f"{self.seed}/{next(self._inner)}"

    def reset_sequence(self, owner: object, value: int) -> None:
        """Let `owner` count from `value` on."""
        with self._lock:
            self._counters[owner] = itertools.count(value)

    def reset_sequences(self) -> None:
        """Let every factory count from its start again."""
        with self._lock:
            self._counters.clear()


@contextmanager
def using(app: Any, *, seed: int | str | None = None, locale: str | None = None) -> Iterator[Binding]:
    """Bind `app` for the block: factories create through its services, and count and draw anew from `seed`.

    The same seed draws the same names again, which a table that has them already refuses. Without one, each block draws
    anew: by a random seed, or inside another block of the same app by one that follows from that block's.

    People write in `locale`, such as "de_DE"; of several ("en_US,de_DE") each has one. Without it: in that of a block
    of the same app around this one, else in American English.

    Given a binding instead of an app, the block joins that binding: its app, its seed, its languages and its counters.

    Raises:
        InvalidSeedError: The seed is neither a whole number nor a text.
        UnknownLocaleError: There are no texts for the locale.
    """
    binding = app if isinstance(app, Binding) else _fresh(app, seed, locale)
    token = _BINDING.set(binding)
    try:
        yield binding
    finally:
        _BINDING.reset(token)


def _plain(seed: object) -> int | str:
    plain = plain_text(seed) if isinstance(seed, str) else whole_number(seed)
    if plain is None:
        raise InvalidSeedError(seed)
    return plain


def _fresh(app: Any, seed: int | str | None, locale: str | None) -> Binding:
    current = _BINDING.get()
    outer = current if current is not None and current.app is app else None
    if seed is None:
        seed = secrets.token_hex(8) if outer is None else outer.inner_seed()
    if locale is not None:
        return Binding(app, seed, locales_of(locale))
    return Binding(app, seed) if outer is None else Binding(app, seed, outer.locales)


def find_binding() -> Binding | None:
    """Return the binding in force, or None."""
    return _BINDING.get()


def current_binding() -> Binding:
    """Return the binding in force, which has an app.

    Raises:
        NoAppError: No app is bound.
    """
    binding = _BINDING.get()
    if binding is None or binding.app is None:
        raise NoAppError
    return binding


def current_app() -> Any:
    """Return the app in force.

    Raises:
        NoAppError: No app is bound.
    """
    return current_binding().app


def reset_sequences() -> None:
    """Reset the counters of every factory in the binding in force.

    Raises:
        NoAppError: No app is bound, and nothing else that counts.
    """
    (_BINDING.get() or current_binding()).reset_sequences()
