"""What a service gives is what the factory says that it makes, or nothing is handed out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import factory
import pytest

from seedbed import ServiceFactory, using
from seedbed.strategy.errors import FactoryError
from seedbed.strategy.service_errors import NoEntityError, WrongModelError


@dataclass
class Book:
    title: str = ""


@dataclass
class Novel(Book):
    pages: int = 0


@dataclass
class Author:
    name: str = ""


class Titled(Protocol):
    title: str


class Shelf:
    """Each method is a service that says, or does, something odd."""

    def __init__(self):
        self.books = []

    def plain(self, title: str) -> Book:
        self.books.append(Book(title))
        return self.books[-1]

    def silent(self, title: str):
        return self.plain(title)

    def gives_another(self, title: str) -> Book:
        self.plain(title)
        return Author(title)

    def gives_a_class(self, title: str) -> Book:
        self.plain(title)
        return Book

    def gives_more(self, title: str) -> Book:
        return Novel(title, 300)

    def by_protocol(self, title: str) -> Titled:
        return self.plain(title)

    def yields(self, title: str) -> Book:
        yield self.plain(title)

    async def yields_async(self, title: str) -> Book:
        yield self.plain(title)

    def maps(self, title: str):
        return map(self.plain, [title])

    @contextmanager
    def lends(self, title: str) -> Iterator[Book]:
        yield self.plain(title)

    @asynccontextmanager
    async def lends_async(self, title: str):
        yield self.plain(title)


def factory_of(service: Any, model: Any = None, base: Any = ServiceFactory) -> Any:
    meta = type("Meta", (), {"service": service} | ({"model": model} if model else {}))
    return type(ServiceFactory)("Made", (base,), {"Meta": meta, "title": factory.Sequence("Book {}".format)})


class BookFactory(ServiceFactory[Book]):
    class Meta:
        service = Shelf.plain

    title = "Emma"


class AuthorsFactory(ServiceFactory[Author]):
    class Meta:
        service = Shelf.plain

    title = "Emma"


WAYS = {"create": lambda one: one.create(), "create_batch": lambda one: one.create_batch(3)}


WRONG = [
    AuthorsFactory,
    factory_of(Shelf.plain, Author),
    factory_of("plain", Author),
    factory_of(Shelf.plain, Author, BookFactory),
    factory_of(Shelf.yields),
    factory_of("yields", Book),
    factory_of(Shelf.yields_async),
    factory_of(Shelf.lends, Book),
    factory_of(Shelf.lends, Titled),
    factory_of(Shelf.lends_async, Book),
    factory_of(Shelf.lends_async),
    factory_of(Shelf.maps),
    factory_of(Shelf.maps, Titled),
]


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("made", WRONG, ids=range(len(WRONG)))
def test_nothing_is_made_where_class_and_service_say_different_things_or_nothing_runs(made, way):
    shelf = Shelf()
    with using(shelf), pytest.raises((WrongModelError, NoEntityError, FactoryError)) as caught:
        way(made)
    assert shelf.books == []
    assert "\n" not in str(caught.value).split("\n - ")[0]


OTHERS = [
    factory_of(Shelf.gives_another),
    factory_of("gives_another", Book),
    factory_of(Shelf.gives_a_class),
]


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("made", OTHERS, ids=range(len(OTHERS)))
def test_an_object_of_another_class_is_not_handed_out(made, way):
    with (
        using(Shelf()),
        pytest.raises(FactoryError, match=r"returned .*, not the Book that it made"),
    ):
        way(made)


RIGHT = [
    BookFactory,
    factory_of(Shelf.gives_more),
    factory_of(Shelf.gives_more, Novel),
    factory_of(Shelf.silent),
    factory_of(Shelf.by_protocol),
    factory_of(Shelf.by_protocol, Book),
    factory_of("plain"),
    factory_of(Shelf.plain, Titled),
]


@pytest.mark.parametrize("made", RIGHT, ids=range(len(RIGHT)))
def test_what_may_be_of_both_is_handed_out(made):
    with using(Shelf()):
        assert isinstance(made(), Book)
        assert len(made.create_batch(3)) == 3


def test_a_factory_that_changes_what_the_service_returned_is_left_to_itself():
    class Wraps(ServiceFactory[Author]):
        class Meta:
            service = Shelf.plain

        title = "Emma"

        @classmethod
        def _create(cls, model_class, *args, **kwargs):
            return Author(super()._create(model_class, *args, **kwargs).title)

    with using(Shelf()):
        assert Wraps() == Author("Emma")


def test_what_is_read_back_may_be_of_another_class_than_what_the_service_returned():
    class Read(ServiceFactory[Author]):
        class Meta:
            service = Shelf.yields

            @staticmethod
            def load(_app, returned, _values):
                return Author(next(returned).title)

        title = "Emma"

    with using(Shelf()):
        assert Read() == Author("Emma")
