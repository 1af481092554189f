"""The languages that people can write in: those with a phrase book. Light, so that `seed --help` may ask."""

from __future__ import annotations

from factories.errors import UnknownLocaleError

LOCALES = ("en_US", "de_DE", "es_ES", "fr_FR", "ja_JP")
DEFAULT_LOCALE = LOCALES[0]


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
