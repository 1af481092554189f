"""The languages that people can write in: those with a phrase book. Light, so that `seed --help` may ask."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any

from factories.errors import UnknownLocaleError
from seedbed.settings import check_text
from seedbed.strategy import binding
from seedbed.strategy.binding import Binding, find_binding

LOCALES = ("en_US", "de_DE", "es_ES", "fr_FR", "ja_JP")
DEFAULT_LOCALE = LOCALES[0]


@lru_cache(maxsize=64)  # a cache: every person is asked for theirs
def locales_of(text: str) -> tuple[str, ...]:
    """Read one locale, or several with commas between them, such as "en_US,de_DE".

    Raises:
        UnknownLocaleError: There is no phrase book for one of them.
    """
    found = tuple(dict.fromkeys(part.strip().replace("-", "_") for part in text.split(",")))
    for locale in found:
        if locale not in LOCALES:
            raise UnknownLocaleError(locale, LOCALES)
    return found


def locales_in_force() -> tuple[str, ...]:
    """Return the languages of the binding in force."""
    return locales_of(find_binding().locale or DEFAULT_LOCALE)


def using(
    app: Any, *, seed: int | str | None = None, locale: str | None = None, suite: Any = None
) -> AbstractContextManager[Binding]:
    """Bind `app` for the block, as `seedbed.using` does; people write in `locale`, such as "de_DE".

    Of several ("en_US,de_DE") each has one. Without it: in that of a block of the same app around this one, else in
    American English.

    Raises:
        InvalidSeedError: The seed is neither a whole number nor a text.
        UnknownLocaleError: There are no texts for the locale.
        InvalidSettingError: The locale is no text, or the suite is none.
    """
    if check_text("locale", locale) is not None:
        locale = ",".join(locales_of(locale))
    return binding.using(app, seed=seed, locale=locale, suite=suite)
