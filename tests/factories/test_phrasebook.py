"""Phrase books: every locale has enough to say on every topic, in phrases that can be filled in."""

from __future__ import annotations

import re
import string

import attrs
import pytest

from factories.texts.locales import LOCALES, locales_of
from factories.texts.phrasebook import DAILY, Book, Topic, book_of, to_handle
from factories.texts.topics import TOPICS

SLOTS = {
    "openings": {"thing", "Thing", "place", "time"},
    "captions": {"thing", "Thing", "place", "time"},
    "about_thing": {"thing", "Thing"},
    "about_place": {"place"},
    "bios": {"role", "thing", "Thing", "place"},
}


@pytest.fixture(params=LOCALES)
def book(request):
    return book_of(request.param)


def _lists(book):
    for where, lists in (("", book), *book.topics.items()):
        for field in attrs.fields(Topic if where else Book):
            value = getattr(lists, field.name)
            if isinstance(value, tuple) and not field.name.endswith("_names"):
                yield where, field.name, value


def _slots(phrase):
    return {name for _, name, _, _ in string.Formatter().parse(phrase) if name is not None}


def test_a_book_has_every_topic_and_daily_life(book):
    assert book.topics.keys() == {*TOPICS, DAILY}


def test_no_list_is_short_or_says_anything_twice(book):
    for where, name, phrases in _lists(book):
        least = 0 if where == DAILY and name == "roles" else 3 if where else 4
        assert len(set(phrases)) == len(phrases) >= least, (where, name)
        assert all(phrase.strip() == phrase != "" for phrase in phrases), (where, name)


def test_phrases_have_only_slots_that_are_filled(book):
    for where, name, phrases in _lists(book):
        assert set().union(*map(_slots, phrases)) <= SLOTS.get(name, set()), (where, name)


def test_a_tag_tells_one_topic_and_can_be_read_out_of_a_caption(book):
    tags = [tag for topic in book.topics.values() for tag in topic.tags]

    assert len(set(tags)) == len(tags)
    assert all(re.fullmatch(r"\w{1,50}", tag) for tag in tags)


def test_most_openings_of_a_topic_name_a_thing_or_a_place(book):
    for topic in TOPICS:
        openings = book.topics[topic].captions + book.openings
        naming = [one for one in openings if _slots(one) & {"thing", "Thing", "place"}]
        assert len(naming) >= 0.7 * len(openings), topic


def test_names_have_letters_for_a_handle(book):
    handles = [handle for _, handle in book.first_names]

    assert len(book.first_names) > 40 < len(book.last_names)
    assert all(re.fullmatch(r"[a-z0-9]{1,24}", handle) for handle in handles)


@pytest.mark.parametrize(
    ("name", "handle"),
    [("Jürgen", "juergen"), ("Íñigo", "inigo"), ("François-René", "francoisrene"), ("Weiß", "weiss"), ("Ada", "ada")],
)
def test_a_name_is_written_in_the_letters_of_a_handle(name, handle):
    assert to_handle(name) == handle


def test_several_locales_stand_with_commas_between_them():
    assert locales_of("en-US, en_US") == ("en_US",)
