"""Text of a social world as a Faker provider: names, bios, captions with hashtags, comments, image addresses.

    fake = Faker()
    fake.add_provider(SocialProvider)
    fake.caption()

Made from word lists by topic with the generator's own random source; Faker's pattern machinery is much
slower.
"""

from __future__ import annotations

import random as _random
from typing import Any

from faker.providers import BaseProvider

from factories import words

_USERNAME_LIMIT = 30  # as the app allows
_CODE_BITS = 36


class SocialProvider(BaseProvider):
    """Methods for a Faker: `topic`, `full_name`, `username`, `email_address`, `bio`, `caption` and so on.

    Every method that takes a `topic` draws one where none is given.
    """

    @property
    def _random(self) -> _random.Random:
        source: _random.Random = self.generator.random
        return source

    def topic(self) -> str:
        """Return what somebody posts about, such as "food"."""
        return self._random.choice(words.TOPIC_NAMES)

    def full_name(self) -> str:
        """Return a first and a last name."""
        pick = self._random.choice
        return f"{pick(words.FIRST_NAMES)} {pick(words.LAST_NAMES)}"

    def username(self, code: str | None = None) -> str:
        """Return 3 to 30 of letters, digits and underscores.

        It ends in a code: the given one, which makes it unique where codes are, or one of 36 random bits;
        where chance is not enough, `fake.unique.username()`.
        """
        pick = self._random.choice
        stem = f"{pick(words.FIRST_NAMES).lower()}_{pick(words.USERNAME_WORDS)}"
        code = f"{self._random.getrandbits(_CODE_BITS):09x}" if code is None else code
        return f"{stem[: _USERNAME_LIMIT - 1 - len(code)]}_{code}"

    def email_address(self, code: str | None = None) -> str:
        """Return an address at a domain that is reserved for examples (RFC 2606), unique as `username` is."""
        return f"{self.username(code)}@{self._random.choice(words.EMAIL_DOMAINS)}"

    def bio(self, topic: str | None = None) -> str:
        """Return one or two lines about oneself."""
        chosen = self._topic(topic)
        pick = self._random.choice
        line = pick(words.BIOS).format(role=pick(chosen.roles), thing=pick(chosen.things), place=pick(words.PLACES))
        return f"{line} {pick(words.EMOJI)}" if self._random.random() < 0.5 else line  # noqa: PLR2004 - every other

    def caption(self, topic: str | None = None) -> str:
        """Return a sentence or two with one to four hashtags."""
        name = topic or self.topic()
        return f"{self._sentence(words.TOPICS[name])} {' '.join('#' + tag for tag in self.hashtags(name))}"

    def hashtags(self, topic: str | None = None, count: int | None = None) -> list[str]:
        """Return `count` different hashtags without the `#` (1 to 4 where none is given; at most all)."""
        tags = self._topic(topic).tags
        number = self._random.randint(1, 4) if count is None else min(count, len(tags))
        return self._random.sample(tags, number)

    def comment(self, topic: str | None = None) -> str:
        """Return a short answer to a post."""
        pick = self._random.choice
        text = pick(words.COMMENTS).format(thing=pick(self._topic(topic).things), name=pick(words.FIRST_NAMES))
        return f"{text} {pick(words.EMOJI)}" if self._random.random() < 0.4 else text  # noqa: PLR2004 - two in five

    def image_url(self, width: int = 1080, height: int = 1080) -> str:
        """Return an address of an image at a domain that is reserved for examples (RFC 2606)."""
        return f"https://images.example.com/{width}x{height}/{self._random.getrandbits(48):012x}.jpg"

    def _topic(self, topic: str | None) -> words.Topic:
        return words.TOPICS[topic or self.topic()]

    def _sentence(self, topic: words.Topic) -> str:
        pick = self._random.choice
        values: dict[str, Any] = {
            "thing": pick(topic.things),
            "place": pick(words.PLACES),
            "time": pick(words.TIMES),
        }
        opening = pick(topic.lines).format(**values)
        return f"{opening} {pick(words.ENDINGS)}" if self._random.random() < 0.6 else opening  # noqa: PLR2004 - three in five
