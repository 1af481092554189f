"""factory_boy's own options and ways, on a factory that creates through a service: each by itself does what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import factory
import pytest

from seedbed import ServiceFactory, Trait, before_create, using
from seedbed.strategy.errors import ContradictionError, FactoryError, InvalidOptionError, UnknownArgumentError


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


def shelve(shelf, name, pages=1):
    return Book(f"{name}, shelved", pages)


def load_again(_shelf, _made, values):
    return Book(f"{values['title']}, loaded", 3)


SET = {
    "model": {"model": Shelf},
    "service": {"service": "add_in_disorder"},
    "a service of another name, and arguments": {"arguments": {"title": "name"}, "service": shelve},
    "a service of another name, and rename": {"rename": {"title": "name"}, "service": shelve},
    "a service of another name alone": {"service": shelve},
    "build_only": {"build_only": ("pages",)},
    "build_only of what is needed": {"build_only": ("title",)},
    "exclude": {"exclude": ("pages",)},
    "load": {"load": load_again},
    "pairs": {"pairs": ("title", "shelf")},
    "exclusive": {"exclusive": (("short", "nothing"),)},
    "requires": {"requires": {"pages": ["shelf"]}},
}


def declare(**options):
    class Made(ServiceFactory[Book]):
        Meta = type("Meta", (), {"service": Shelf.add, **options})

        class Params:
            short = Trait(pages=2)

        title, pages = "Emma", 40

    return Made


def outcome(change):
    """What a factory makes of a call, or how it refuses one; of its class too."""
    try:
        made = change()
        return made(), made.build(), made(pages=5), made(short=True), made.create_batch(2, title="Again")
    except (TypeError, InvalidOptionError, FactoryError) as error:
        return type(error), str(error)


@pytest.mark.parametrize("options", SET.values(), ids=SET)
def test_an_option_that_is_set_later_holds_as_one_that_the_class_says(options):
    def change():
        for name, value in options.items():
            setattr(later._meta, name, value)
        return later

    with using(Shelf()):
        later = declare()
        plain = outcome(lambda: later)
        assert outcome(change) == outcome(lambda: declare(**options)) != plain


@pytest.mark.parametrize("name", ["pairs", "exclusive", "build_only", "arguments"])
def test_a_wrong_option_that_is_set_later_is_refused_and_not_kept(name):
    wrong = {"arguments": {"titel": "title"}}.get(name, (("titel", "nothing"),) if name == "exclusive" else ("a", "b"))
    with using(Shelf()):
        made = declare()
        before, plain = getattr(made._meta, name), outcome(lambda: made)
        with pytest.raises(InvalidOptionError):
            setattr(made._meta, name, wrong)
        assert (getattr(made._meta, name), outcome(lambda: made)) == (before, plain)


def test_a_field_and_the_argument_that_it_becomes_are_not_said_differently():
    class RatedFactory(ServiceFactory[Book]):
        class Meta:
            service = Shelf.add
            arguments: ClassVar = {"length": "pages"}

        title, length = "Emma", 3

    with using(Shelf()):
        assert RatedFactory(length=5).pages == RatedFactory(pages=5).pages == RatedFactory(length=5, pages=5).pages == 5
        with pytest.raises(ContradictionError, match="pages is by pages 6 and by length 5"):
            RatedFactory(length=5, pages=6)
