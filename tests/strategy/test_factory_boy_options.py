"""factory_boy's own options and ways, on a factory that creates through a service: each by itself does what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import factory
import pytest

from seedbed import ServiceFactory, Trait, before_create, using
from seedbed.strategy.errors import InvalidOptionError, UnknownArgumentError


@dataclass
class Book:
    title: str
    pages: int = 1


class Shelf:
    def add(self, title: str, pages: int = 1) -> Book:
        return Book(title, pages)

    def add_in_order(self, title: str, pages: int, /) -> Book:
        return Book(title, pages)


class BookFactory(ServiceFactory[Book]):
    class Meta:
        service = Shelf.add

    title = "Emma"


class RenamedFactory(ServiceFactory[Book]):
    class Meta:
        service = Shelf.add
        rename: ClassVar = {"name": "title"}

    name = "Persuasion"


class InlineFactory(ServiceFactory[Book]):
    class Meta:
        service = Shelf.add_in_order
        inline_args = ("title", "pages")

    title, pages = "Sanditon", 12


class AdjustedFactory(BookFactory):
    @classmethod
    def _adjust_kwargs(cls, **values):
        return values | {"pages": 99}


class HiddenFactory(BookFactory):
    class Meta:
        exclude = ("draft",)

    draft = 7
    pages = factory.LazyAttribute(lambda book: book.draft + 1)


@pytest.mark.parametrize("way", ["create", "build", "create_batch", "build_batch"])
@pytest.mark.parametrize(
    ("made", "book"),
    [
        (RenamedFactory, Book("Persuasion")),
        (InlineFactory, Book("Sanditon", 12)),
        (AdjustedFactory, Book("Emma", 99)),
        (HiddenFactory, Book("Emma", 8)),
    ],
)
def test_each_option_alone(made, book, way):
    with using(Shelf()):
        found = getattr(made, way)(*([2] if way.endswith("batch") else []))
    assert found == ([book, book] if way.endswith("batch") else book)


def test_stubs_are_as_many_as_are_asked_for_and_each_is_its_own():
    class NumberedFactory(BookFactory):
        title = factory.Sequence("book {}".format)

    first, second, third = NumberedFactory.stub_batch(3, pages=5)
    assert len({first.title, second.title, third.title}) == 3
    assert {first.pages, second.pages, third.pages} == {5}


def test_exclusive_names_traits():
    with pytest.raises(InvalidOptionError, match="exclusive"):

        class WrongFactory(BookFactory):
            class Meta:
                exclusive = (("long", "thick"),)

            class Params:
                long = Trait(pages=900)


def test_what_a_hook_adds_and_the_service_does_not_take_is_refused_by_name():
    class HookedFactory(BookFactory):
        @before_create
        def add_pgaes(self, values):
            return values | {"pgaes": 3}

    with using(Shelf()), pytest.raises(UnknownArgumentError, match=r"'pgaes'.*did you mean pages"):
        HookedFactory()
