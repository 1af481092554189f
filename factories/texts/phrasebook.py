"""Phrase books: what people say in one language, and what they are called: `phrases/LOCALE.toml` beside this.

A book has phrases for whatever one posts about, and for each topic its own. In phrases stand `{thing}` (what a topic is
about, always a plural, so that every phrase agrees with it), `{place}`, `{time}` and `{role}`; `{Thing}` begins a
sentence.
"""

from __future__ import annotations

import functools
import importlib
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import attrs

from factories.texts import words
from factories.texts.locales import DEFAULT_LOCALE

_HOME = Path(__file__).parent / "phrases"
DAILY = "daily"
"""What everybody posts about now and then; nobody's own topic."""

_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe"})

Name: TypeAlias = tuple[str, str]
"""A name as it is written, and in the letters of a handle."""


@attrs.frozen
class Topic:
    """What one says about one topic: who one is, about what, how, in answer, and under which tags."""

    things: tuple[str, ...]
    captions: tuple[str, ...]
    comments: tuple[str, ...]
    tags: tuple[str, ...]
    roles: tuple[str, ...] = ()


@attrs.frozen(eq=False)  # one a locale: told apart, and hashed, by identity
class Book:
    """The phrases of one locale.

    Captions are an opening and an ending; comments one of `comments` and, where the post named it, `about_thing` and
    `about_place`, with a tail; replies one of `replies`, of the post's author `thanks`, or to a question `answers`.
    """

    locale: str
    first_names: tuple[Name, ...]
    last_names: tuple[Name, ...]
    places: tuple[str, ...]
    times: tuple[str, ...]
    openings: tuple[str, ...]
    endings: tuple[str, ...]
    comments: tuple[str, ...]
    about_thing: tuple[str, ...]
    about_place: tuple[str, ...]
    tails: tuple[str, ...]
    replies: tuple[str, ...]
    thanks: tuple[str, ...]
    answers: tuple[str, ...]
    bios: tuple[str, ...]
    bio_tails: tuple[str, ...]
    topics: Mapping[str, Topic]

    @property
    def joint(self) -> str:
        """What stands between two sentences."""
        return "" if self.locale == "ja_JP" else " "

    def has_tag(self, topic: str, tags: Iterable[str]) -> bool:
        """Tell whether one of the tags is this topic's."""
        return not set(self.topics[topic].tags).isdisjoint(tags)

    def letters(self, full_name: str) -> tuple[str, ...]:
        """Write the parts of a name in the letters of a handle, from any script; those that have none are left out."""
        known = _romanizations(self)
        parts = (to_handle(part) or known.get(part) or _transliterate(part) for part in full_name.split())
        return tuple(part for part in parts if part)

    def full_name(self, first: str, last: str) -> str:
        """Write a name in the order of the language."""
        return f"{last} {first}" if self.locale == "ja_JP" else f"{first} {last}"


def _transliterate(part: str) -> str:
    from anyascii import anyascii  # noqa: PLC0415 - only where somebody gives a name in another script

    return to_handle(anyascii(part)) if any(map(str.isalpha, part)) else ""


@functools.cache
def _romanizations(book: Book) -> dict[str, str]:
    return dict(book.first_names + book.last_names)


@functools.cache
def book_of(locale: str) -> Book:
    """Return the phrase book of a locale; read once, some 10 ms."""
    fields: dict[str, Any] = tomllib.loads((_HOME / f"{locale}.toml").read_text(encoding="utf-8"))
    topics = {name: Topic(**_lists(topic)) for name, topic in fields.pop("topics").items()}
    first, last = _names(locale)
    return Book(locale, first, last, **_lists(fields), topics=topics)


def _lists(fields: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(_phrases(text)) for name, text in fields.items()}


def _phrases(text: str) -> Iterable[str]:
    """Split a list: short words by semicolons on one line, phrases by lines."""
    text = text.strip()
    return [part.strip() for part in (text.splitlines() if "\n" in text else text.split(";"))]


# Names


def _names(locale: str) -> tuple[tuple[Name, ...], tuple[Name, ...]]:
    if locale == DEFAULT_LOCALE:
        return _latin(words.FIRST_NAMES), _latin(words.LAST_NAMES)
    person: Any = importlib.import_module(f"faker.providers.person.{locale}").Provider
    if locale == "ja_JP":
        return tuple(map(_romanize, person.first_name_pairs)), tuple(map(_romanize, person.last_name_pairs))
    return _latin(person.first_names), _latin(person.last_names)


def _latin(names: Iterable[str]) -> tuple[Name, ...]:
    return tuple((name, to_handle(name)) for name in dict.fromkeys(names))


def _romanize(name: tuple[str, str, str]) -> Name:
    written, _kana, romanized = name
    return written, to_handle(romanized)


def to_handle(name: str) -> str:
    """Write a name in small letters a to z: "Jürgen" is "juergen", "Íñigo" is "inigo"."""
    text = unicodedata.normalize("NFKD", name.lower().translate(_LETTERS))
    return "".join(letter for letter in text if letter.isascii() and letter.isalnum())
