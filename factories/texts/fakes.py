"""Text of a social world as a Faker provider: names, bios, captions with hashtags, comments, image addresses.

    fake = Faker()
    fake.add_provider(SocialProvider)
    fake.caption()

Made from phrase books with the generator's own random source; Faker's pattern machinery is much slower.
"""

from __future__ import annotations

import random as _random

from faker.providers import BaseProvider

from factories.pictures import picture_url
from factories.texts import words, writing
from factories.texts.locales import DEFAULT_LOCALE
from factories.texts.phrasebook import book_of
from factories.texts.topics import TOPICS
from factories.texts.writing import Subject, Turn
from seedbed.strategy import randomness

_USERNAME_LIMIT = 30  # as the app allows
_CODE_BITS = 36


def account_name(first_name: str, code: str, random: _random.Random) -> str:
    """Return a name for an account: of a first name, a word and a code, as long as the app allows."""
    return coded_name(f"{first_name}_{random.choice(words.USERNAME_WORDS)}", code)


def coded_name(stem: str, code: str) -> str:
    """Return a name for an account that ends in a code, as long as the app allows."""
    return f"{stem[: _USERNAME_LIMIT - 1 - len(code)]}_{code}"


class SocialProvider(BaseProvider):
    """Methods for a Faker: `topic`, `full_name`, `username`, `email_address`, `bio`, `caption` and so on.

    Every method that takes a `topic` draws one where none is given; every text is in a `locale` that there is a
    phrase book for.
    """

    @property
    def _random(self) -> _random.Random:
        source: _random.Random = self.generator.random
        return source

    def topic(self) -> str:
        """Return what somebody posts about, such as "food"."""
        return self._random.choice(TOPICS)

    def full_name(self, locale: str = DEFAULT_LOCALE) -> str:
        """Return a first and a last name."""
        book = book_of(locale)
        return book.full_name(self._random.choice(book.first_names)[0], self._random.choice(book.last_names)[0])

    def username(self, code: str | None = None, first_name: str | None = None, locale: str = DEFAULT_LOCALE) -> str:
        """Return 3 to 30 of letters, digits and underscores.

        It begins with the first name, in the letters of a handle, and ends in a code: the given one, which makes it
        unique where codes are, or one of 36 random bits; where chance is not enough, `fake.unique.username()`.
        """
        name = self._random.choice(book_of(locale).first_names)[1] if first_name is None else first_name
        return account_name(name, f"{self._random.getrandbits(_CODE_BITS):09x}" if code is None else code, self._random)

    def email_address(self, code: str | None = None, first_name: str | None = None) -> str:
        """Return an address at a domain that is reserved for examples (RFC 2606), unique as `username` is."""
        return f"{self.username(code, first_name)}@{self._random.choice(words.EMAIL_DOMAINS)}"

    def bio(self, topic: str | None = None, locale: str = DEFAULT_LOCALE) -> str:
        """Return two or three sentences about oneself."""
        return writing.bio(book_of(locale), topic or self.topic(), self._random, Turn.draw(self._random))

    def caption(self, topic: str | None = None, locale: str = DEFAULT_LOCALE) -> str:
        """Return two sentences with one to four hashtags."""
        return writing.caption(book_of(locale), topic or self.topic(), self._random, Turn.draw(self._random))

    def hashtags(self, topic: str | None = None, count: int | None = None, locale: str = DEFAULT_LOCALE) -> list[str]:
        """Return `count` different hashtags without the `#` (1 to 4 where none is given; at most all)."""
        return writing.hashtags(book_of(locale), topic or self.topic(), self._random, count)

    def comment(self, topic: str | None = None, locale: str = DEFAULT_LOCALE) -> str:
        """Return a short answer to a post, of a topic or of any."""
        return writing.comment(book_of(locale), Subject(topic), Turn.draw(self._random))

    def image_url(self, topic: str | None = None) -> str | None:
        """Return what is stored for a post's image, of a topic or of any; see `factories.pictures`."""
        return picture_url("posts", f"{topic or self.topic()}-{self._random.getrandbits(48):012x}")

    def portrait_url(self) -> str | None:
        """Return what is stored for a profile picture; see `factories.pictures`."""
        return picture_url("people", f"{self._random.getrandbits(48):012x}")


class Fake(randomness.Fake):
    """A field made by a Faker method; those of `SocialProvider` come first: `Fake("bio")`."""

    provider = SocialProvider


class Unique(randomness.Unique):
    """A field made by a Faker method that takes a `code`, which no other object of the factory has."""

    provider = SocialProvider
