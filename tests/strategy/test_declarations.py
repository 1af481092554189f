"""What a factory's body says wrongly is told in our words: which factory, which field, and what is near."""

from __future__ import annotations

import re
import types
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Protocol, TypedDict

import factory
import pytest
import svcs

from seedbed import Many, One, ServiceFactory, Trait, recycle, using
from seedbed.strategy.errors import InvalidElementError, InvalidOptionError
from seedbed.strategy.option_defaults import own_defaults
from seedbed.strategy.service_errors import (
    AbstractFactoryError,
    ContainerError,
    MisplacedTraitError,
    NoFactoryError,
    NoInstanceError,
    UnknownOptionError,
)


@dataclass
class Book:
    title: str = ""


class Shelf:
    def add(self, title: str) -> Book:
        return Book(title)


class BookFactory(ServiceFactory[Book]):
    class Meta:
        service = Shelf.add

    title = "Emma"


not_a_factory = Book

# Names


@pytest.mark.parametrize(
    ("name", "near"),
    [("sevice", "did you mean service"), ("pair", "did you mean pairs"), ("zzz", "known are abstract")],
)
@pytest.mark.parametrize("base", [ServiceFactory, BookFactory])
def test_a_name_that_is_no_option_is_refused_with_those_that_are_near(base, name, near):
    meta = type("Meta", (), {name: "add"})
    with pytest.raises(UnknownOptionError, match=f"class Meta of Wrong has no option {name}: {near}") as caught:
        types.new_class("Wrong", (base,), exec_body=lambda body: body.update(Meta=meta))
    assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize("strategy", ["build", "stub", "create", "__call__"])
def test_a_factory_that_names_no_service_says_what_to_write(strategy):
    class Bare(ServiceFactory[Book]):
        title = "Emma"

    class Base(ServiceFactory[Book]):
        class Meta:
            abstract = True
            service = Shelf.add

    make = {"__call__": lambda one: one()}.get(strategy, lambda one: getattr(one, strategy)())
    with using(Shelf()):
        with pytest.raises(AbstractFactoryError, match=r"Bare makes nothing: its class Meta names no service: "):
            make(Bare)
        with pytest.raises(factory.errors.FactoryError, match="Base makes nothing: its class Meta says abs"):
            make(Base)


HERE = __name__
PATHS = [
    (f"{HERE}.BokFactory", f"'{HERE}.BokFactory' is no factory: {HERE} has no BokFactory: did you mean BookFactory"),
    (f"{HERE}x.BookFactory", f"No module named '{HERE}x'"),
    (f"{HERE}.not_a_factory", "is no factory: it must be a subclass of factory.Factory"),
    (Book, "is no factory: it must be a subclass of factory.Factory"),
]
FIELDS = {
    "One": One,
    "Many": lambda path: Many(path, "title", size=1),
    "SubFactory": factory.SubFactory,
}


@pytest.mark.parametrize(("path", "message"), PATHS)
@pytest.mark.parametrize("declare", FIELDS.values(), ids=FIELDS)
def test_a_path_that_leads_to_no_factory_is_told_with_the_field_that_names_it(declare, path, message):
    class Wrong(BookFactory):
        other = declare(path)

    with using(Shelf()), pytest.raises(NoFactoryError) as caught:
        Wrong()
    assert message in str(caught.value)
    if declare is not factory.SubFactory:  # factory_boy's does not know its field
        assert str(caught.value).startswith("Wrong.other: ")


def test_a_factory_whose_path_leads_nowhere_is_in_the_way_of_no_other():
    class Wrong(BookFactory):
        other = One(f"{HERE}.Nowhere")

    class ShelvesFactory(BookFactory):
        class Params:
            book = One(BookFactory)

        title = factory.SelfAttribute("book.title")

    books = [Book("Emma")]
    with using(Shelf()), recycle(books):
        assert ShelvesFactory().title == "Emma"
    assert Wrong._meta.roles


class Page(TypedDict):
    id: int


class PageFactory(ServiceFactory[Page]):
    class Meta:
        service = "page"


class Paged(Protocol):
    id: int


class Library:
    """Something that computes what cannot be asked for by its type lies beside its services."""

    shelf = property(lambda _self: Shelf())

    @property
    def page_of_today(self) -> Page:
        return {"id": 0}

    @property
    def anything(self) -> Paged:
        return Book("")

    def page(self) -> Page:
        return {"id": 1}

    def mark(self, first, second, text="x"):
        return {"first": first, "second": second, "text": text}


@pytest.mark.parametrize("model", [Page, Paged])
def test_a_model_of_which_nothing_is_an_instance_fills_roles_and_pairs(model):
    class PageFactory(ServiceFactory[model]):
        class Meta:
            service = Library.page
            load = staticmethod(lambda _app, made, _values: made)

    class MarkFactory(ServiceFactory[model]):
        class Meta:
            service = Library.mark
            load = staticmethod(lambda _app, made, _values: made)
            pairs = ("first", "second")

        first = One(PageFactory)
        second = One(PageFactory)
        text = "x"

    class MarkedFactory(PageFactory):
        marks = Many(MarkFactory, "first", actor="second", texts=["text"])

    with using(Library()), recycle([Book("Emma")]):
        assert MarkedFactory(marks=["y", {"text": "z"}]) == {"id": 1}
        with pytest.raises(InvalidElementError, match="marks can make nothing of 3"):
            MarkedFactory(marks=[3])
        assert MarkFactory() == {"first": {"id": 1}, "second": {"id": 1}, "text": "x"}
        assert MarkFactory(second={"id": 2})["second"] == {"id": 2}


def test_a_role_whose_model_is_a_typed_dict_is_in_the_way_of_no_recycling():
    class Noted(BookFactory):
        class Params:
            page = One(PageFactory)

    with using(Shelf()), recycle([Book("Emma")]):
        assert BookFactory().title == "Emma"
    assert Noted._meta.roles


# What options of names may say

NAMES = {option.name: option for option in own_defaults() if option.value in ((), {}) and option.name != "exclusive"}
"""Each option that is a list of names, or maps names."""
WRONG = [None, 3, "title", [3], {"title": 3}, {3: "title"}, object()]


@pytest.mark.parametrize("base", [ServiceFactory, BookFactory])
@pytest.mark.parametrize("wrong", WRONG, ids=range(len(WRONG)))
@pytest.mark.parametrize("name", NAMES)
def test_an_option_of_names_that_is_none_is_refused_when_the_class_is_made(base, name, wrong):
    meta = type("Meta", (), {name: wrong})

    with pytest.raises(InvalidOptionError, match=rf"Meta\.{name} must be .*, as .*, not ") as refused:
        types.new_class("Named", (base,), exec_body=lambda body: body.update(Meta=meta))

    assert refused.value.value is wrong
    assert len(NAMES) == 8


@pytest.mark.parametrize("model", ["Book", "shop.models:Book", 3, ["Book"]])
def test_a_model_that_is_no_class_is_refused_when_the_class_is_made(model):
    meta = type("Meta", (), {"model": model})

    with pytest.raises(InvalidOptionError, match=r"Meta\.model must be a class"):
        types.new_class("Modelled", (BookFactory,), exec_body=lambda body: body.update(Meta=meta))


@pytest.mark.parametrize("name", ["title", "thick"])
@pytest.mark.parametrize("kind", [Trait, factory.Trait], ids=["ours", "plain"])
def test_a_trait_in_a_class_body_is_refused_when_the_class_is_made(kind, name):
    with pytest.raises(MisplacedTraitError, match=rf"Thick\.{name} is a Trait: write it in class Params of Thick"):
        types.new_class("Thick", (BookFactory,), exec_body=lambda body: body.update({name: kind(title="A to Z")}))


# What pairs may say


async def later(_one, _other):
    return True


def yields(_one, _other):
    yield True


@pytest.mark.parametrize(
    "options",
    [
        {"pairs": ("book", "book")},
        {"pairs": ("book", "bok")},
        {"pairs": ("book",)},
        {"fits": lambda _one, _other: True},
        *(
            {"pairs": ("book", "other"), "fits": fits}
            for fits in (later, yields, True, "name", lambda _one: True, lambda _one, _other, _third: True)
        ),
    ],
    ids=range(10),
)
def test_pairs_and_fits_that_cannot_be_are_refused_when_the_class_is_made(options):
    meta = type("Meta", (), options)

    with pytest.raises(InvalidOptionError, match=r"Meta\.(pairs|fits) must be "):
        types.new_class("Both", (BothFactory,), exec_body=lambda body: body.update(Meta=meta))


class BothFactory(BookFactory):
    class Params:
        book = One(BookFactory)
        other = One(BookFactory)


# Containers


class DownError(Exception):
    """The database is down."""

    def __str__(self) -> str:
        return "no route to host"


def fail() -> Shelf:
    raise DownError


class Own:
    """A container of the program's own."""

    def __init__(self, **makers):
        self.makers = makers

    def get(self, service_type: type) -> object:
        return self.makers[service_type.__name__]()


def svcs_of(maker):
    registry = svcs.Registry()
    registry.register_factory(Shelf, maker)
    return svcs.Container(registry)


@pytest.mark.parametrize("container", [svcs_of, lambda maker: Own(Shelf=maker)], ids=["svcs", "own"])
@pytest.mark.parametrize(
    ("maker", "message"), [(fail, "DownError: no route to host"), (lambda: Shelf(1), "TypeError: Shelf")]
)
def test_what_a_containers_own_function_raises_is_told(container, maker, message):
    with using(SimpleNamespace(box=container(maker))), pytest.raises(ContainerError) as caught:
        BookFactory()
    assert "BookFactory creates through Shelf.add, and app.box.get(Shelf) failed: " in str(caught.value)
    assert message in str(caught.value)
    assert type(caught.value.__cause__).__name__ == message.partition(":")[0]


@pytest.mark.parametrize("box", [svcs.Container(svcs.Registry()), Own(), {}], ids=["svcs", "own", "a dict"])
def test_a_container_that_has_none_is_not_taken_for_one_that_fails(box):
    with using(SimpleNamespace(box=box)), pytest.raises(NoInstanceError, match="SimpleNamespace has no Shelf"):
        BookFactory()


def test_another_container_or_an_attribute_is_found_beside_one_that_fails():
    with using(SimpleNamespace(box=svcs_of(fail), other=Own(Shelf=Shelf))):
        assert BookFactory() == Book("Emma")


class Database:
    pass


class NeedsDatabase(Own):
    def make(self):
        return Shelf(self.get(Database))


def refuse(error):
    def get(self, service_type: type) -> object:
        raise error

    return type("Refuses", (), {"get": get})()


def give(error, *, said):
    def shelf(self):
        raise error

    if said:
        shelf.__annotations__["return"] = Shelf
    return type("Gives", (), {"shelf": property(shelf)})()


def svcs_in_need():
    registry = svcs.Registry()
    registry.register_factory(Shelf, lambda svcs_container: Shelf(svcs_container.get(Database)))
    return svcs.Container(registry)


def own_in_need():
    found = NeedsDatabase()
    found.makers["Shelf"] = found.make
    return found


def dict_in_need():
    known = {"Shelf": lambda: Shelf({}[Database])}
    return Own(**known)


REFUSED = ConnectionError("refused")


@pytest.mark.parametrize(
    ("app", "told"),
    [
        (SimpleNamespace(box=svcs_in_need()), "app.box.get(Shelf) failed: ServiceNotFoundError: "),
        (SimpleNamespace(box=own_in_need()), "app.box.get(Shelf) failed: KeyError: 'Database'"),
        (own_in_need(), "app.get(Shelf) failed: KeyError: 'Database'"),
        (SimpleNamespace(box=dict_in_need()), "app.box.get(Shelf) failed: KeyError: "),
        (SimpleNamespace(box=refuse(REFUSED)), "app.box.get(Shelf) failed: ConnectionError: refused"),
        (refuse(REFUSED), "app.get(Shelf) failed: ConnectionError: refused"),
        (refuse(RuntimeError("no settings")), "app.get(Shelf) failed: RuntimeError: no settings"),
        (refuse(KeyError("DATABASE_URL")), "app.get(Shelf) failed: KeyError: 'DATABASE_URL'"),
        (give(REFUSED, said=True), "app.shelf failed: ConnectionError: refused"),
        (give(AttributeError("no engine"), said=True), "app.shelf failed: AttributeError: no engine"),
        (give(REFUSED, said=False), "app.shelf, which raised ConnectionError: refused"),
        (SimpleNamespace(box=give(REFUSED, said=True)), "app.box.shelf failed: ConnectionError: refused"),
    ],
    ids=range(12),
)
def test_why_a_service_cannot_be_had_is_told(app, told):
    with using(app), pytest.raises((ContainerError, NoInstanceError), match=re.escape(told)) as caught:
        BookFactory()
    assert str(caught.value).startswith("BookFactory creates through Shelf.add, and ")


@pytest.mark.parametrize("error", [REFUSED, AttributeError("no engine"), KeyError("DATABASE_URL")])
@pytest.mark.parametrize("service", ["shelf.add", "first"])
def test_a_property_that_fails_is_told_whatever_asks_for_it(service, error):
    def add(shelf: Shelf, title: str) -> Book:
        return shelf.add(title)

    class Through(BookFactory):
        class Meta:
            service = "shelf.add"

    class First(BookFactory):
        class Meta:
            service = staticmethod(add)

    made = {"shelf.add": Through, "first": First}[service]
    told = f"app.shelf failed: {type(error).__name__}: {error}"
    with using(give(error, said=True)), pytest.raises(ContainerError, match=re.escape(told)):
        made()


@pytest.mark.parametrize(
    "error", [KeyError("Shelf"), LookupError(), ValueError("no Shelf here"), DownError.__bases__[0]("shelf?")]
)
def test_what_only_says_that_there_is_none_is_no_failure(error):
    with using(refuse(error)), pytest.raises(NoInstanceError, match="Refuses has no Shelf"):
        BookFactory()


# What cannot be read


class Slot:
    def __get__(self, thing, owner=None):
        if thing is not None:
            raise TypeError
        return self

    def __set__(self, thing, value):
        raise AttributeError


class Used:
    slot = Slot()


class Proxy:
    """Stands for what is not there just now, as Flask's `g` out of a request."""

    @property
    def __class__(self):
        raise RuntimeError


@pytest.mark.parametrize("kind", [Used, Proxy])
def test_what_cannot_be_read_just_now_is_passed_over(kind):
    with using(SimpleNamespace(session=kind())), pytest.raises(NoInstanceError):
        BookFactory()
    with using(SimpleNamespace(session=kind(), shelf=Shelf())):
        assert BookFactory() == Book("Emma")
