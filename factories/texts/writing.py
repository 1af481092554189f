"""How phrases become texts: captions, comments, replies and bios, out of a phrase book.

No text stands twice among some thousands that are made one after another: a `Turn` walks over each of a text's two
parts in golden steps, so that neighbours are not alike either, and comes to a pair again only after all others.
"""

from __future__ import annotations

import functools
import math
from itertools import permutations
from random import Random
from typing import NamedTuple

import attrs

from factories.texts import words
from factories.texts.phrasebook import DAILY, Book, Topic

_GOLDEN = (math.sqrt(5) - 1) / 2
_EMOJI_BESIDE = 8
"""With so many emoji a second sentence can end. Fewer would be short more often, and sound alike more often."""


class Turn(NamedTuple):
    """The how-manieth text this is, on a walk that starts somewhere."""

    start: int
    ordinal: int

    @classmethod
    def draw(cls, random: Random) -> Turn:
        """Return any turn, for a text that stands for itself."""
        return cls(random.getrandbits(32), 0)

    def pair(self, first: int, second: int) -> tuple[int, int]:
        """Return two places, below `first` and below `second`: either comes again only after all others of its own."""
        start, offset = divmod(self.start, first)
        # Where the two have a divisor in common they would meet too early: a further round moves one of them on.
        rounds = self.ordinal // math.lcm(first, second)
        one = offset + self.ordinal * _stride(first)
        return one % first, (start + self.ordinal * _stride(second) + rounds) % second


@functools.lru_cache(maxsize=1024)
def _stride(size: int) -> int:
    stride = max(1, round(size * _GOLDEN))
    while math.gcd(stride, size) > 1:
        stride += 1
    return stride


@attrs.frozen
class Subject:
    """What a text is about, as far as a book's words tell: its topic, and the thing and the place that it names."""

    topic: str | None = None
    thing: str | None = None
    place: str | None = None


@functools.lru_cache(maxsize=1024)  # the comments on a post come one after another
def subject_of(book: Book, text: str, tags: tuple[str, ...] = (), others: tuple[Book, ...] = ()) -> Subject:
    """Find out what a text is about: by its tags, which may be those of other books, else by what it names."""
    heard = text.casefold()
    topic = next((name for one in (book, *others) for name in one.topics if one.has_tag(name, tags)), None)
    among = tuple(book.topics) if topic is None else (topic,)
    said = ((name, thing) for name in among for thing in book.topics[name].things if thing.casefold() in heard)
    found, thing = next(said, (topic, None))
    place = next((place for place in book.places if place.casefold() in heard), None)
    return Subject(found, thing, place)


def caption(book: Book, topic: str, random: Random, turn: Turn) -> str:
    """Return an opening and an ending on a topic, and one to four hashtags."""
    section = book.topics[topic]
    openings = section.captions if topic == DAILY else section.captions + book.openings
    endings = _caption_endings(book)
    first, second = turn.pair(len(openings), len(endings))
    said = f"{_fill(openings[first], book, section, random)}{book.joint}{endings[second]}"
    return f"{said} {' '.join('#' + tag for tag in hashtags(book, topic, random))}"


def hashtags(book: Book, topic: str, random: Random, count: int | None = None) -> list[str]:
    """Return `count` different hashtags without the `#`: 1 to 4 where none is given; at most all."""
    tags = book.topics[topic].tags
    return random.sample(tags, min(random.randint(1, 4) if count is None else count, len(tags)))


def bio(book: Book, topic: str, random: Random, turn: Turn) -> str:
    """Return two or three sentences on oneself."""
    first, second = turn.pair(len(book.bios), len(book.bio_tails))
    return f"{_fill(book.bios[first], book, book.topics[topic], random)}{book.joint}{book.bio_tails[second]}"


def comment(book: Book, subject: Subject, turn: Turn) -> str:
    """Return an answer to a post on the subject: to what it names, to its topic, or such as fits any."""
    phrases = _remarks(book, subject.topic, subject.thing is not None, subject.place is not None)
    return _say(phrases, _endings(book), subject, turn)


def reply(book: Book, subject: Subject, turn: Turn) -> str:
    """Return an answer to a comment, or to what it names."""
    return _say(_replies(book, subject.thing is not None), _endings(book), subject, turn)


def thanks(book: Book, turn: Turn, *, is_asked: bool) -> str:
    """Return what a post's author says to a comment on it, or to a question."""
    return _say(book.answers if is_asked else book.thanks, _short_endings(book), Subject(), turn)


# What there is to choose from


@functools.cache
def _remarks(book: Book, topic: str | None, is_named: bool, is_placed: bool) -> tuple[str, ...]:
    return (
        *book.comments,
        *(book.topics[topic].comments if topic else ()),
        *(book.about_thing if is_named else ()),
        *(book.about_place if is_placed else ()),
    )


@functools.cache
def _replies(book: Book, is_named: bool) -> tuple[str, ...]:
    return book.replies + (book.about_thing if is_named else ())


@functools.cache
def _caption_endings(book: Book) -> tuple[str, ...]:
    beside = (f"{ending} {emoji}" for ending in book.endings for emoji in words.EMOJI[:_EMOJI_BESIDE])
    return (*book.endings, *beside)


@functools.cache
def _endings(book: Book) -> tuple[str, ...]:
    # Mostly no second sentence: those are few, and would soon be known.
    pairs = (f"{one}{other}" for one, other in permutations(words.EMOJI, 2))
    beside = (f"{sentence}{mood}" for sentence in book.tails for mood in ("", *_moods(_EMOJI_BESIDE)))
    return (*beside, "", *words.EMOJI, *pairs)


def _moods(count: int) -> tuple[str, ...]:
    return tuple(f" {emoji}" for emoji in words.EMOJI[:count])


@functools.cache
def _short_endings(book: Book) -> tuple[str, ...]:
    return ("", *words.EMOJI, *book.tails)


# How they are put together


def _say(phrases: tuple[str, ...], endings: tuple[str, ...], subject: Subject, turn: Turn) -> str:
    first, second = turn.pair(len(phrases), len(endings))
    phrase, ending = phrases[first], endings[second]
    if "{" in phrase:
        thing = subject.thing or ""
        phrase = phrase.format(thing=thing, Thing=_capitalize(thing), place=subject.place)
    if ending.startswith(phrase):  # nobody says the same twice
        ending = words.EMOJI[-1] * 2
    return f"{phrase} {ending}" if ending else phrase


def _fill(phrase: str, book: Book, topic: Topic, random: Random) -> str:
    thing = random.choice(topic.things)
    return phrase.format(
        thing=thing,
        Thing=_capitalize(thing),
        place=random.choice(book.places),
        time=random.choice(book.times),
        role=random.choice(topic.roles) if topic.roles else "",
    )


def _capitalize(text: str) -> str:
    return text[:1].upper() + text[1:]
