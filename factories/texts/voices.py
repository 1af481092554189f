"""Who speaks, and how that decides a text: people write in their language about what they care for.

A `Person` is what is known of somebody by the id. `Foreseen` is the one whom a factory is about to make: ids are keyed,
so the one that the service will draw is known before. `Voice` is a text that somebody says.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from factory.declarations import BaseDeclaration, SelfAttribute
from factory.errors import CyclicDefinitionError

from factories.errors import UnknownTopicError, WrongObjectError
from factories.social import foreseen_id
from factories.texts import words, writing
from factories.texts.fakes import Fake, account_name, coded_name
from factories.texts.hashtags import hashtags_in
from factories.texts.locales import locales_in_force
from factories.texts.phrasebook import DAILY, Book, Name, book_of
from factories.texts.topics import interests_of, trait_of
from factories.texts.writing import Subject, Turn, subject_of
from seedbed.plain import show
from seedbed.strategy.binding import find_binding
from seedbed.strategy.randomness import KeyedRandom, field_of, key_of, step_key, unique_code
from seedbed.strategy.traits import unwrap

if TYPE_CHECKING:
    from factory.builder import BuildStep

_OWN, _SECOND = 0.75, 0.9
"""Of a person's posts three in four are on their topic, some on a second one, some on daily life. Our choice."""

_NO_LETTERS = re.compile("[^a-z0-9]+")
_QUESTION_MARKS = ("?", "\N{FULLWIDTH QUESTION MARK}")


class Person(NamedTuple):
    """Somebody who is about to be made."""

    id: str
    book: Book
    first: Name
    last: Name


class Foreseen(BaseDeclaration):
    """A hidden field: the person that the factory is about to make."""

    takes_arguments = False

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def evaluate(self, instance: Any, step: BuildStep, extra: dict[str, Any]) -> Person:
        """Find the id, and draw the name."""
        del extra
        person_id = foreseen_id(step)
        book = book_of(locale_of(person_id))
        pick = KeyedRandom(step_key(step, field_of(instance))).choice
        return Person(person_id, book, pick(book.first_names), pick(book.last_names))


class Voice(BaseDeclaration):
    """A text field: `Voice(lambda post, speech: f"{post.author_id} says hello")`.

    The function is given the object's other fields and the `Speech`.
    """

    takes_arguments = False
    is_keyed = True

    def __init__(self, speak: Callable[[Any, Speech], str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.speak = speak

    def evaluate(self, instance: Any, step: BuildStep, extra: dict[str, Any]) -> str:
        """Say it."""
        del extra
        return self.speak(instance, Speech(step, field_of(instance)))


class Picture(Fake):
    """A post's image: of the topic that is asked for by `image_url__topic`, else of that of its caption."""

    def evaluate(self, instance: Any, step: BuildStep, extra: dict[str, Any]) -> Any:
        """Name the picture."""
        if "topic" not in extra:
            extra["topic"] = _topic_of(getattr(instance, "caption", None))
        return super().evaluate(instance, step, extra)


def _topic_of(caption: object) -> str | None:
    known = [_topics_by_tag(locale) for locale in locales_in_force()]
    return next((topics[tag] for tag in hashtags_in(caption) for topics in known if tag in topics), None)


@functools.lru_cache(maxsize=64)
def _topics_by_tag(locale: str) -> dict[str, str]:
    return {tag: name for name, topic in book_of(locale).topics.items() for tag in topic.tags}


class Speech:
    """What one text is drawn from: by seed, factory, ordinal and field."""

    __slots__ = ("_field", "_step")

    def __init__(self, step: BuildStep, field: str) -> None:
        self._step = step
        self._field = field

    @property
    def random(self) -> Random:
        """The field's own random source."""
        return KeyedRandom(step_key(self._step, self._field))

    @property
    def turn(self) -> Turn:
        """The how-manieth text of the field this is."""
        name = self._step.builder.factory_meta.factory.__name__
        return Turn(_start(find_binding().seed, name, self._field), int(self._step.sequence))

    def find_text(self, stub: Any, name: str) -> str | None:
        """Return a text that somebody else decides: the caller, a trait, a subclass; None where we do.

        None also where it follows from the very text that is being made.
        """
        if _is_ours(stub, name, self._step):
            return None
        try:
            value = getattr(stub, name)
        except CyclicDefinitionError:
            return None
        return value if isinstance(value, str) else None

    @property
    def code(self) -> str:
        """Letters and digits that no other object of the factory has."""
        owner = self._step.builder.factory_meta.counter_reference.factory.__name__
        return unique_code(owner, "code", ordinal=int(self._step.sequence))


def _is_ours(stub: Any, name: str, step: BuildStep) -> bool:
    declared, _ = unwrap(step, stub._Resolver__declarations[name].declaration, {})  # noqa: SLF001 - pinned by the contract test
    is_username: bool = isinstance(declared, SelfAttribute) and declared.attribute_name == "username"
    return is_username or isinstance(declared, Voice)


@functools.lru_cache(maxsize=64)
def _start(_seed: object, *path: str) -> int:
    return key_of(*path, "turn")


def locale_of(person_id: str) -> str:
    """Return the language of a person: one of those that are bound, by the id."""
    locales = locales_in_force()
    return locales[0] if len(locales) == 1 else locales[int(trait_of(person_id, "locale") * len(locales))]


# What people say


def _person(user: Any) -> Person:
    if not isinstance(user.person, Person):
        raise WrongObjectError("UserFactory", "person", user.person)
    return user.person


def full_name(user: Any, _speech: Speech) -> str:
    """Write the person's name."""
    person = _person(user)
    return person.book.full_name(person.first[0], person.last[0])


def username(user: Any, speech: Speech) -> str:
    """Make a name for the account of the handle, where that is given, else of the person's name or address."""
    address = speech.find_text(user, "email")
    stem = speech.find_text(user, "handle") or _stem(user, speech) or (address and address.partition("@")[0])
    return _account(_person(user), stem, speech, speech.random)


def email(user: Any, speech: Speech) -> str:
    """Make an address of the account, or of whoever it is, at a domain that is reserved for examples (RFC 2606)."""
    random = speech.random
    stem = speech.find_text(user, "username") or speech.find_text(user, "handle") or _stem(user, speech)
    return f"{_account(_person(user), stem, speech, random)}@{random.choice(words.EMAIL_DOMAINS)}"


def _stem(user: Any, speech: Speech) -> str | None:
    """Write a full name that somebody gave as one of an account; None where it is the person's own."""
    name = user.full_name
    if not isinstance(name, str) or name == full_name(user, speech):
        return None
    letters = _person(user).book.letters(name)
    return "_".join(dict.fromkeys((*letters[:1], *letters[-1:]))) or speech.random.choice(words.USERNAME_WORDS)


def _account(person: Person, stem: str | None, speech: Speech, random: Random) -> str:
    """Name an account, by its code as nobody else's."""
    if stem is None:
        return account_name(person.first[1], speech.code, random)
    return coded_name(_NO_LETTERS.sub("_", stem.lower()).strip("_") or words.USERNAME_WORDS[0], speech.code)


def bio(user: Any, speech: Speech) -> str:
    """Tell who the person is, and what they care for."""
    person = _person(user)
    return writing.bio(person.book, interests_of(person.id)[0], speech.random, speech.turn)


def caption(post: Any, speech: Speech) -> str:
    """Post on the topic that is asked for, else mostly on the author's own.

    Raises:
        UnknownTopicError: Nobody has such a topic.
    """
    author, random = _id_text(post.author_id), speech.random
    book = book_of(locale_of(author))
    topic = post.topic or _interest_at(author, random.random())
    if not isinstance(topic, str) or topic not in book.topics:
        raise UnknownTopicError(topic, book.topics)
    return writing.caption(book, topic, random, speech.turn)


def _interest_at(author: str, part: float) -> str:
    own, second = interests_of(author)
    return own if part < _OWN else second if part < _SECOND else DAILY


def comment(made: Any, speech: Speech) -> str:
    """Answer the post, or with a parent that one, as somebody else or as the post's author does."""
    user, post, parent = _id_text(made.user_id), made.post, made.parent
    book = book_of(locale_of(user))
    content = "" if parent is None else parent.content
    if post is not None and user == post.author_id:
        return writing.thanks(book, speech.turn, is_asked=content.endswith(_QUESTION_MARKS))
    if parent is not None:
        return writing.reply(book, subject_of(book, content), speech.turn)
    return writing.comment(book, _subject(book, post), speech.turn)


def _subject(book: Book, post: Any) -> Subject:
    if post is None:
        return Subject()
    others = tuple(map(book_of, locales_in_force()))
    return subject_of(book, getattr(post, "caption", None) or "", tuple(getattr(post, "tags", ())), others)


def _id_text(value: object) -> str:
    return value if isinstance(value, str) else show(value)  # what no service will take is refused there
