"""What a factory creates through: found in the app, whatever kind of callable it is, and given what it takes."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypedDict, overload

import attrs
import factory
import pydantic
import pytest
import svcs
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.orm import Mapped as Mapped_

from seedbed import BuildFailureError, Many, One, ServiceFactory, recycle, using
from seedbed.strategy.errors import ContradictionError, InvalidOptionError, UnusedArgumentError, WrongObjectError
from seedbed.strategy.service_errors import (
    AmbiguousServiceError,
    MissingBuiltFieldError,
    MissingFieldError,
    NoEntityError,
    NoInstanceError,
    NoModelError,
    NoServiceError,
    UnknownFieldError,
)
from tests.strategy.bookshop import Author, Book, Catalogue, Desk, Order, Reader, Readers, Review, Shop, working

if TYPE_CHECKING:
    from somewhere import Unknown


def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


class AuthorFactory(ServiceFactory[Author]):
    class Meta:
        service = Catalogue.add_author

    name = factory.Sequence("Author {}".format)


class ReaderFactory(ServiceFactory[Reader]):
    class Meta:
        service = Readers.join
        build_only = ("id",)

    id = factory.Sequence(int)
    email = factory.Sequence("reader{}@b.cd".format)


class BookFactory(ServiceFactory[Book]):
    class Meta:
        service = Catalogue.add_book
        unit_of_work = working
        build_only = ("id",)

    id = factory.Sequence(int)
    author = One(AuthorFactory)
    title = factory.Sequence("Book {}".format)
    reviews = Many("tests.strategy.test_services.ReviewFactory", "book", actor="reader")


class ReviewFactory(ServiceFactory[Review]):
    class Meta:
        service = Readers.review
        unit_of_work = working
        pairs = ("book", "reader")

    book = One(BookFactory)
    reader = factory.SubFactory(ReaderFactory)


class OrderFactory(ServiceFactory[Order]):
    class Meta:
        service = Desk.place_order
        unit_of_work = working

    book = One(BookFactory)
    reader = One(ReaderFactory)


@pytest.fixture
def shop():
    shop = Shop()
    with using(shop, seed=1):
        yield shop


# Methods, whose objects are found in the app


def test_methods_find_their_objects_in_the_app(shop):
    review = ReviewFactory()
    assert shop.store.get(Review, review.id) == review
    assert shop.store.get(Book, review.book_id).reviews_count == 1
    assert BookFactory(reviews=2).reviews_count == 2


class Slotted:
    __slots__ = ("catalogue",)

    def __init__(self, catalogue):
        self.catalogue = catalogue


class Dynamic:
    catalogue: Catalogue

    def __init__(self, catalogue):
        self._found = {"catalogue": lambda: catalogue}

    def __getattr__(self, name):
        if name == "catalogue":
            return self._found[name]()
        raise AttributeError(name)


class Lazy:
    def __init__(self, catalogue):
        self._make = lambda: catalogue
        self.asked = []

    @property
    def catalogue(self) -> Catalogue:
        return self._make()

    @property
    def connection(self) -> Readers:
        raise RuntimeError

    @property
    def broken(self):
        raise RuntimeError


class Untold(Lazy):
    @property
    def catalogue(self):
        return self._make()


class Container:
    def __init__(self, catalogue):
        self._make = lambda: catalogue

    def resolve(self, service_type):
        if service_type is not Catalogue:
            raise LookupError
        return self._make()


def in_svcs(catalogue):
    registry = svcs.Registry()
    registry.register_value(Catalogue, catalogue)
    return svcs.Container(registry)


HOLDERS = {
    "itself": lambda one: one,
    "attribute": lambda one: SimpleNamespace(catalogue=one),
    "nested": lambda one: SimpleNamespace(services=SimpleNamespace(books=SimpleNamespace(catalogue=one))),
    "private": lambda one: SimpleNamespace(_catalogue=one),
    "slot": Slotted,
    "class attribute": lambda one: type("App", (), {"catalogue": one})(),
    "class": lambda one: type("App", (), {"catalogue": one}),
    "property": Lazy,
    "property without annotation": Untold,
    "annotation": Dynamic,
    "dict by name": lambda one: {"catalogue": one},
    "dict by type": lambda one: {Catalogue: one},
    "held dict": lambda one: SimpleNamespace(services={Catalogue: one}),
    "list": lambda one: SimpleNamespace(services=[object(), one]),
    "svcs": in_svcs,
    "held svcs": lambda one: SimpleNamespace(container=in_svcs(one)),
    "own container": Container,
    "twice the same": lambda one: SimpleNamespace(a=one, b=SimpleNamespace(c=one), container=in_svcs(one)),
    "near and far": lambda one: SimpleNamespace(a=one, b=SimpleNamespace(c=Catalogue(None))),
    "subclass": lambda one: SimpleNamespace(a=type("Own", (Catalogue,), {})(one.store)),
}


@pytest.mark.parametrize("holder", HOLDERS)
def test_an_object_is_found_wherever_the_app_has_it(holder):
    catalogue = Catalogue(Shop().store)
    with using(HOLDERS[holder](catalogue)):
        made = [AuthorFactory(), AuthorFactory()]
    assert catalogue.store.all(Author) == made


def test_what_overrides_a_method_is_called():
    class Loud(Catalogue):
        def add_author(self, *, name):
            return super().add_author(name=name.upper())

    with using(SimpleNamespace(a=Loud(Shop().store))):
        assert AuthorFactory(name="Ada").name == "ADA"


def test_an_object_that_is_exchanged_meanwhile_is_the_one_that_is_called():
    one, other = Catalogue(Shop().store), Catalogue(Shop().store)
    app = SimpleNamespace(a=one)
    with using(app):
        AuthorFactory()
        app.a = other
        AuthorFactory()
        app.a, app.b = None, one
        AuthorFactory()
    assert (len(one.store.rows), len(other.store.rows)) == (2, 1)


def test_no_object_is_refused_with_what_there_is():
    with using(SimpleNamespace(readers=Readers(None), size=3)), pytest.raises(NoInstanceError) as raised:
        AuthorFactory()
    text = str(raised.value)
    assert "AuthorFactory creates through Catalogue.add_author, and SimpleNamespace has no Catalogue" in text
    assert "app.readers (Readers)" in text
    assert "Meta.service = 'orders.place'" in text


def test_two_objects_are_refused_with_both_ways():
    app = SimpleNamespace(old=Catalogue(None), new=Catalogue(None))
    with using(app), pytest.raises(AmbiguousServiceError, match=r"several Catalogues, app\.old and app\.new"):
        AuthorFactory()


def test_nothing_is_made_where_a_nested_service_is_missing():
    store = Shop().store
    with using(SimpleNamespace(readers=Readers(store), store=store)), pytest.raises(NoInstanceError):
        ReviewFactory()
    assert store.rows == {}


class Adds(Protocol):
    def add_author(self, *, name: str) -> Author: ...


def test_a_protocols_method_is_found_on_whatever_has_its_members(shop):
    class ByProtocol(ServiceFactory[Author]):
        class Meta:
            service = Adds.add_author

        name = "Ada"

    assert ByProtocol() == shop.store.all(Author)[0]


def test_a_method_of_a_class_inside_a_function_is_found_also_by_type():
    class Own:
        def add(self, name: str) -> Author:
            return Author(1, name)

    class OwnFactory(ServiceFactory[Author]):
        class Meta:
            service = Own.add

        name = "Ada"

    for app in (SimpleNamespace(x=Own()), {Own: Own()}, Own()):
        with using(app):
            assert OwnFactory() == Author(1, "Ada")


def test_a_method_is_found_beside_classes_that_compare_in_a_way_of_their_own():
    class Strange(type):
        def __eq__(cls, other):
            pytest.fail("nobody asks whether they are equal")

        __hash__ = None

    class Odd(metaclass=Strange):
        pass

    class Own:
        number = 7

        def add(self, name: str) -> Author:
            return Author(self.number, name)

    class OwnFactory(ServiceFactory[Author]):
        class Meta:
            service = Own.add

        name = "Ada"

    with using(SimpleNamespace(odd=Odd(), own=Own())):
        assert OwnFactory() == Author(7, "Ada")


# Paths


def test_a_path_says_at_which_step_it_ends(shop):
    made = type("F", (AuthorFactory,), {"Meta": type("Meta", (), {"service": "catalogue.add_auhtor"})})
    with pytest.raises(
        NoServiceError, match=r"Shop has no such thing: Catalogue\.add_auhtor\? did you mean add_author"
    ):
        made()
    value = type("F", (AuthorFactory,), {"Meta": type("Meta", (), {"service": "catalogue.store"})})
    with pytest.raises(NoServiceError, match="cannot be called"):
        value()
    assert shop.store.rows == {}


# Other callables


class Calls:
    """Callables of all kinds, which make an author."""

    def __init__(self, suffix=""):
        self.suffix = suffix

    def method(self, name: str) -> Author:
        return Author(1, name + self.suffix)

    @classmethod
    def class_method(cls, name: str) -> Author:
        return Author(1, name)

    @staticmethod
    def static_method(name: str) -> Author:
        return Author(1, name)

    @staticmethod
    def static_with_app(app, name: str) -> Author:
        assert isinstance(app, Shop)
        return Author(1, name)

    def __call__(self, name: str) -> Author:
        return Author(1, name)


def with_app(app, name) -> Author:
    return app.catalogue.add_author(name=name)


def unannotated(shop, *, name):
    return shop.catalogue.add_author(name=name)


def with_part(catalogue: Catalogue, name: str) -> Author:
    return catalogue.add_author(name=name)


def with_shop(where: Shop, /, name: str) -> Author:
    return where.catalogue.add_author(name=name)


def with_unknown(where: Unknown, name: str) -> Author:
    return where.catalogue.add_author(name=name)


def plain(name: str) -> Author:
    return Author(1, name)


def plain_unannotated(name):
    return Author(1, name)


def by_position(name, /, suffix="", *, last="") -> Author:
    return Author(1, f"{name}{suffix}{last}")


def anything(app, **fields: Any) -> Author:
    return Author(1, fields["name"])


def with_default(app, name="nobody", *, other=1) -> Author:
    return Author(1, name)


@overload
def overloaded(name: str) -> Author: ...
@overload
def overloaded(name: int) -> Author: ...
def overloaded(name):
    return Author(1, name)


CALLABLES = {
    "function with app": with_app,
    "unannotated app": unannotated,
    "a part of the app by annotation": with_part,
    "the app by annotation": with_shop,
    "plain function": plain,
    "plain function without annotations": plain_unannotated,
    "positional only": by_position,
    "keywords": anything,
    "defaults": with_default,
    "decorated": logged(with_app),
    "decorated method": logged(Catalogue.add_author),
    "method": Catalogue.add_author,
    "bound method": Calls().method,
    "class method": Calls.class_method,
    "static method": Calls.static_method,
    "static method with app": Calls.static_with_app,
    "callable object": Calls(),
    "partial": functools.partial(with_default, other=2),
    "partial of a method": functools.partial(Catalogue.add_author),
    "partial with app": functools.partial(with_app, SimpleNamespace(catalogue=Catalogue(Shop().store))),
    "overloaded": overloaded,
    "lambda": lambda app, name: app.catalogue.add_author(name=name),
    "class": lambda app, **values: app.catalogue.add_author(**values),
}


@pytest.mark.parametrize("kind", CALLABLES)
def test_each_kind_of_callable_creates(shop, kind):
    class Made(ServiceFactory[Author]):
        class Meta:
            service = staticmethod(CALLABLES[kind])

        name = "Ada"

    assert Made().name == "Ada"
    assert Made(name="Ben").name == "Ben"
    assert [one.name for one in Made.create_batch(2)] == ["Ada", "Ada"]


def test_a_type_that_is_there_for_a_type_checker_only_is_known_by_its_name():
    class Unknown(Shop):
        pass

    class Made(ServiceFactory[Author]):
        class Meta:
            service = with_unknown

        name = "Ada"

    with using(Unknown()):
        assert Made().name == "Ada"


def test_a_class_may_be_the_service():
    class Made(ServiceFactory):
        class Meta:
            service = Author

        id = 1
        name = "Ada"

    with using(object()):
        assert Made() == Made.build() == Author(1, "Ada")


def test_names_of_a_list_may_be_spread():
    def tag(book, *names) -> dict:
        return {"book": book, "names": names}

    class Tags(ServiceFactory):
        class Meta:
            service = staticmethod(tag)

        book = "b"
        names = ("x", "y")

    with using(object()):
        assert Tags() == {"book": "b", "names": ("x", "y")}


# Roles


def test_a_role_is_given_as_what_the_service_takes(shop):
    book, reader = BookFactory(), ReaderFactory()
    order, review = OrderFactory(book=book, reader=reader), ReviewFactory(book=book, reader=reader)
    assert (order.book_id, order.reader_id) == (review.book_id, review.reader_id) == (book.id, reader.id)


def test_a_role_may_be_given_by_its_id(shop):
    book = BookFactory()
    assert ReviewFactory(book_id=book.id).book_id == book.id
    assert len(shop.store.all(Book)) == 1
    with pytest.raises(ContradictionError, match=r"ReviewFactory's book_id is"):
        ReviewFactory(book_id=book.id + 1, book=book)
    assert ReviewFactory(book_id=book.id, book=book).book_id == book.id


class OwnedFactory(ServiceFactory):
    class Meta:
        arguments = {"owner": "reader"}  # noqa: RUF012

        def service(app, reader: int) -> dict:  # noqa: N805
            return {"reader": reader}

    owner = One(ReaderFactory)


@pytest.mark.parametrize(
    ("of", "key", "said"),
    [
        (ReviewFactory, "reader_id", "reader__email"),
        (ReviewFactory, "book_id", "book__title"),
        (OwnedFactory, "reader", "owner__email"),
    ],
)
def test_what_is_said_of_a_role_that_is_given_by_its_id_is_refused(shop, of, key, said):
    with pytest.raises(UnusedArgumentError, match=f"{of.__name__} would not use {said}: {key} is given"):
        of(**{key: 1, said: "x"})
    assert shop.store.rows == {}


def test_what_has_no_id_is_refused_for_a_role_before_anything_is_made(shop):
    for given in ("a book", 7, object()):
        with pytest.raises(WrongObjectError, match="ReviewFactory's book must be a stored object"):
            ReviewFactory(book=given)
    assert shop.store.rows == {}


def test_roles_are_recycled_and_paired(shop):
    readers, books = ReaderFactory.create_batch(2), BookFactory.create_batch(2)
    with recycle(readers, books):
        reviews = ReviewFactory.create_batch(4)
    assert len({(one.book_id, one.reader_id) for one in reviews}) == 4


def test_a_role_that_is_an_id_by_its_annotation(shop):
    class Ticket(ServiceFactory):
        class Meta:
            model = dict

            def service(app, book: int, reader: Reader):  # noqa: N805
                return {"book": book, "reader": reader}

        book = One(BookFactory)
        reader = One(ReaderFactory)

    ticket = Ticket()
    assert ticket == {"book": shop.store.all(Book)[0].id, "reader": shop.store.all(Reader)[0]}
    assert Ticket(book=7)["book"] == 7


@dataclasses.dataclass
class Product:
    sku: str


def test_an_id_may_be_called_as_the_argument_is(shop):
    class ProductFactory(ServiceFactory):
        class Meta:
            service = Product

        sku = factory.Sequence("p{}".format)

    class Sale(ServiceFactory):
        class Meta:
            arguments = {"product.sku": "item"}  # noqa: RUF012

            def service(app, item: str) -> dict:  # noqa: N805
                return {"item": item}

        product = One(ProductFactory)

    assert Sale() == {"item": "p0"}
    assert Sale(product=Product("x")) == {"item": "x"}


def _sale(path, note):
    class Sale(ServiceFactory):
        class Meta:
            arguments = {path: "note"}  # noqa: RUF012
            service = note

        reader = One(ReaderFactory)

    return Sale


def _take_note(note: str) -> dict:
    return {"note": note}


def _take_any_note(note: str | None = None) -> dict:
    return {"note": note}


@pytest.mark.parametrize(
    ("path", "said", "text"),
    [
        ("reader.emial", {}, "Sale's reader must be what has reader.emial .*'Reader' object has no attribute 'emial'"),
        ("reader.email", {"reader": None}, "Sale's reader must be what has reader.email"),
        ("reader.email.host", {}, "Sale's reader must be what has reader.email.host"),
    ],
)
def test_a_path_that_leads_nowhere_is_told_by_its_factory(shop, path, said, text):
    with pytest.raises(WrongObjectError, match=text):
        _sale(path, _take_note)(**said)


def test_of_no_object_a_service_that_can_do_without_is_given_none(shop):
    assert _sale("reader.email", _take_any_note)(reader=None) == {"note": None}
    assert "@" in _sale("reader.email", _take_any_note)()["note"]


# Arguments


class Tree(NamedTuple):
    sort: str
    height: int


class Stall:
    def __init__(self):
        self.grown = []

    def grow(self, sort: str = "oak", height: int = 3) -> Tree:
        self.grown.append(sort)
        return Tree(sort, height)


class TreeFactory(ServiceFactory):
    class Meta:
        model = Tree
        service = "grow"


def fell(app, wood: str) -> dict:
    return {"wood": wood}


def saw(app, wood: str, length: int) -> dict:
    return {"wood": wood, "length": length}


def draw(app, wood: str, tree) -> dict:
    return {"wood": wood, "tree": tree.sort}


def tree_user(is_hidden, means, names):
    own = {"tree": One(TreeFactory)}
    body = {"Params": type("Params", (), own)} if is_hidden else own
    meta = type("Meta", (), {"model": dict, "service": means, "arguments": names})
    return type("TreeUser", (ServiceFactory,), {"Meta": meta, **body})


@pytest.mark.parametrize("is_hidden", [True, False])
@pytest.mark.parametrize(
    ("means", "names", "said", "grown"),
    [
        (fell, {"tree.sort": "wood"}, {}, ["oak"]),
        (fell, {"tree.sort": "wood"}, {"wood": "ash"}, []),
        (saw, {"tree.sort": "wood", "tree.height": "length"}, {"wood": "ash"}, ["oak"]),
        (saw, {"tree.sort": "wood", "tree.height": "length"}, {"wood": "ash", "length": 1}, []),
        (draw, {"tree.sort": "wood"}, {"wood": "ash"}, ["oak"]),
    ],
)
def test_nobody_is_made_of_whom_a_call_says_all_that_the_service_gets(is_hidden, means, names, said, grown):
    if means is draw:
        is_hidden = False  # it takes the tree itself, too
    stall = Stall()
    with using(stall):
        made = tree_user(is_hidden, means, names)(**said)
        assert made["wood"] == said.get("wood", "oak")
        assert stall.grown == grown
        assert tree_user(is_hidden, means, names).create_batch(2, **said)[1] == made


class GiftFactory(OrderFactory):
    class Meta:
        arguments = {"buyer": "reader", "buyer.email": "note", "gift": "book"}  # noqa: RUF012

        def service(app, reader: Reader, book: Book, note: str) -> Order:  # noqa: N805
            assert "@" in note
            return app.desk.place_order(reader, book)

    reader = None
    buyer = One(ReaderFactory)
    gift = One(BookFactory)

    class Params:
        reader = None
        book = None


def test_fields_go_to_arguments_of_other_names(shop):
    buyer = ReaderFactory()
    assert GiftFactory(buyer=buyer).reader_id == buyer.id


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"byer": "reader"}, "did you mean buyer"),
        ({"buyer": "a b"}, "buyer_id"),
        ({"buyer": 3}, "buyer_id"),
    ],
    ids=["unknown field", "no name", "no text"],
)
def test_a_mapping_that_cannot_be_used_is_refused_with_the_class(arguments, text):
    with pytest.raises(InvalidOptionError, match=text):
        type("Wrong", (GiftFactory,), {"Meta": type("Meta", (), {"arguments": arguments})})


def test_a_mapping_to_no_argument_is_refused_before_anything_is_made(shop):
    class Wrong(ReviewFactory):
        class Meta:
            arguments = {"book": "bok_id"}  # noqa: RUF012

    with pytest.raises(
        UnknownFieldError, match=r"Wrong declares 'bok_id', which Readers.review does not take: did you"
    ):
        Wrong()
    assert shop.store.rows == {}


# Fields


def test_a_field_that_the_service_does_not_take_is_refused_before_anything_is_made(shop):
    class Wrong(ReviewFactory):
        txet = "Nice"

    class Above(OrderFactory):
        book = factory.SubFactory(type("WrongBook", (BookFactory,), {"titel": "x"}))

    with pytest.raises(
        UnknownFieldError, match=r"Wrong declares 'txet', which Readers.review does not take: did you mean text"
    ):
        Wrong()
    with pytest.raises(UnknownFieldError, match=r"WrongBook declares 'titel'.* did you mean title"):
        Above.create_batch(2)
    assert shop.store.rows == {}
    assert Above(book=BookFactory()).id is not None


def test_an_argument_that_nobody_gives_is_named_before_anything_is_made(shop):
    class Empty(ServiceFactory[Book]):
        class Meta:
            service = Catalogue.add_book

        author = One(AuthorFactory)

    with pytest.raises(
        MissingFieldError, match=r"Catalogue\.add_book needs 'title', which Empty neither declares nor is"
    ):
        Empty()
    assert shop.store.rows == {}
    assert Empty(title="Given").title == "Given"


def test_a_hook_may_change_what_the_service_gets(shop):
    from seedbed import before_create

    class Hooked(ServiceFactory[Author]):
        class Meta:
            service = Catalogue.add_author

        first = "Ada"

        @before_create
        def join(cls, values):  # noqa: N805
            return {"name": values.pop("first")}

    assert Hooked().name == "Ada"


def test_what_only_build_needs_is_not_for_create(shop):
    assert BookFactory.build(author_id=1).id == 0
    with pytest.raises(UnusedArgumentError, match="its service decides that"):
        BookFactory(id=3)


def test_a_model_that_takes_any_name_is_built_with_the_id_of_a_role_where_it_has_that():
    class Loan:
        book_id = None

        def __init__(self, **fields):
            vars(self).update(fields)

    class Gift(Loan):
        book = None

    class LoanFactory(ServiceFactory[Loan]):
        class Meta:
            model = Loan
            service = "desk.lend"

        book = One(BookFactory)

    class GiftFactory(LoanFactory):
        class Meta:
            model = Gift

    book = Book(7, 1, "Mine")
    assert vars(LoanFactory.build(book=book)) == {"book_id": 7}
    assert vars(GiftFactory.build(book=book)) == {"book": book}


def test_what_a_model_needs_and_only_a_service_decides_is_named_by_build():
    with pytest.raises(MissingBuiltFieldError, match=r"AuthorFactory\.build needs 'id', which Author takes"):
        BookFactory.build()
    assert AuthorFactory.build(id=1, name="Ada") == Author(1, "Ada")


class Mapped(DeclarativeBase):
    pass


class Member(Mapped):
    __tablename__ = "members"
    id: Mapped_[int] = mapped_column(primary_key=True)
    name: Mapped_[str]


@pytest.mark.parametrize("of", [Author, Member])
def test_what_is_declared_for_the_service_alone_is_not_for_build(of):
    class Signed(ServiceFactory):
        class Meta:
            model = of
            service = "sign_up"
            build_only = ("id",)

        id = 1
        name = "Ada"
        password = "secret"

    built = Signed.build()
    assert (built.id, built.name) == (1, "Ada")
    with pytest.raises(TypeError, match="nmae"):
        Signed.build(nmae="Ben")


def test_a_field_that_pydantic_misses_is_named_too():
    class Signed(ServiceFactory):
        class Meta:
            model = pydantic.create_model("Author", id=int, name=str)
            service = "sign_up"

        name = "Ada"

    with pytest.raises(MissingBuiltFieldError, match=r"Signed\.build needs 'id'"):
        Signed.build()
    with pytest.raises(ValueError, match="valid string"):
        Signed.build(id=1, name=2)


def test_nothing_is_given_for_a_role_only_where_the_service_takes_nothing(shop):
    class Free(ServiceFactory):
        class Meta:
            def service(app, book_id: int | None, reader_id: int = 0) -> dict:  # noqa: N805
                return {"book": book_id, "reader": reader_id}

        book = One(BookFactory)
        reader = One(ReaderFactory)

    assert Free(book=None, reader=None) == {"book": None, "reader": None}
    with pytest.raises(WrongObjectError, match="ReviewFactory's book must be a stored object, not None"):
        ReviewFactory(book=None)
    assert shop.store.rows == {}


def test_a_role_is_built_as_what_the_model_takes():
    review_ids = ReviewFactory.build(id=1, text="x", book_id=5)
    assert (review_ids.book_id, review_ids.reader_id) == (5, 0)
    assert BookFactory.build(author=Author(9, "Ada")).author_id == 9


# Models


@attrs.frozen
class AttrsModel:
    id: int
    title: str


@dataclasses.dataclass
class DataModel:
    id: int
    title: str


class TupleModel(NamedTuple):
    id: int
    title: str


class TypedModel(TypedDict):
    id: int
    title: str


class PlainModel:
    def __init__(self, id, title):  # noqa: A002
        self.id, self.title = id, title


class Validated:
    __signature__ = inspect.signature(DataModel)

    def __init__(self, **fields):
        self.__dict__.update(fields)


MODELS = [AttrsModel, DataModel, TupleModel, TypedModel, PlainModel, Validated]


@pytest.mark.parametrize("model", MODELS)
def test_models_of_every_kind_are_known_by_the_return_annotation(model):
    def make(title: str):
        return model(id=1, title=title)

    make.__annotations__["return"] = model

    class Made(ServiceFactory):
        class Meta:
            service = staticmethod(make)
            build_only = ("id",)

        id = 7
        title = "T"

    with using(object()):
        made, built = Made(), Made.build()
    assert Made._meta.model is model
    assert type(made) is type(built) is type(model(id=1, title=""))
    read = (lambda one, name: one[name]) if model is TypedModel else getattr
    assert (read(made, "title"), read(built, "id")) == ("T", 7)


def returning(annotation):
    def make(name):
        return Author(1, name)

    if annotation is not None:
        make.__annotations__["return"] = annotation
    return make


@pytest.mark.parametrize(
    "annotation", [Author, "Author", Author | None, "Author | None", "typing.Annotated[Author, 1]"], ids=repr
)
def test_a_return_annotation_of_every_form_names_the_model(annotation):
    import typing

    made = returning(annotation)
    made.__globals__["typing"] = typing

    class Made(ServiceFactory):
        class Meta:
            service = staticmethod(made)

        name = "Ada"

    assert Made._meta.model is Author


@pytest.mark.parametrize("annotation", [None, int, "Unknown", Author | Book, list[Author], "None"], ids=repr)
def test_what_nothing_tells_is_said_where_it_is_needed(annotation):
    class Made(ServiceFactory):
        class Meta:
            service = staticmethod(returning(annotation))

        name = "Ada"

    class Holder(ServiceFactory):
        class Meta:
            model = dict

            def service(app, made):  # noqa: N805
                return {"made": made}

        made = One(Made)

    with using(object()):
        assert Made().name == "Ada"
        with pytest.raises(NoModelError, match=r"what Made makes is not known: .*; say it by Meta\.model"):
            Made.build()
        with recycle(Author(1, "x")), pytest.raises(NoModelError):
            Holder()


def test_the_class_argument_names_the_model_before_the_annotation_does():
    class Base(ServiceFactory[Author]):
        class Meta:
            abstract = True

    class Made(Base):
        class Meta:
            service = "anything"

    assert Made._meta.model is Author
    assert Base._meta.abstract


def test_another_service_of_a_subclass_makes_another_model():
    class Made(ServiceFactory):
        class Meta:
            service = Catalogue.add_author

    class Other(Made):
        class Meta:
            service = Readers.join

    assert (Made._meta.model, Other._meta.model) == (Author, Reader)


def test_without_a_service_a_factory_without_a_model_is_abstract():
    class Made(ServiceFactory[Author]):
        pass

    assert Made._meta.abstract
    with pytest.raises(factory.errors.FactoryError, match="names no service"):
        Made()


# What services return


@pytest.mark.parametrize("value", [None, 7, "7", b"7", 1.5, ("a",), [1], {"id": 1}, {1}], ids=repr)
def test_what_is_not_the_object_is_refused_with_what_to_do_and_nothing_stays(value):
    shop = Shop()

    class Made(ServiceFactory[Author]):
        class Meta:
            unit_of_work = working

            def service(app, name):  # noqa: N805
                app.catalogue.add_author(name=name)
                return value

        name = "Ada"

    with (
        using(shop),
        pytest.raises(NoEntityError, match=r"not the Author that it made, which Made .* Meta\.load"),
    ):
        Made()
    assert shop.store.rows == {}


LOADS = {
    "id and method": (lambda author: author.id, Catalogue.author),
    "id and path": (lambda author: author.id, "catalogue.author"),
    "id and callable": (lambda author: author.id, lambda app, found: app.catalogue.author(found)),
    "tuple": (lambda author: (author, "event"), lambda returned: returned[0]),
    "dict": (lambda author: {"id": author.id}, lambda app, row: app.catalogue.author(row["id"])),
    "nothing": (
        lambda _author: None,
        lambda app, _none, values: next(one for one in app.store.all(Author) if one.name == values["name"]),
    ),
}


@pytest.mark.parametrize("kind", LOADS)
def test_load_reads_back_what_a_service_does_not_return(shop, kind):
    answer, how = LOADS[kind]

    class Made(ServiceFactory[Author]):
        class Meta:
            unit_of_work = working
            load = how if isinstance(how, str) else staticmethod(how)

            def service(app, name):  # noqa: N805
                return answer(app.catalogue.add_author(name=name))

        name = factory.Sequence("Author {}".format)

    assert Made.create_batch(2) == shop.store.all(Author)


def test_a_load_that_fails_is_a_failure_of_the_call(shop):
    class Made(AuthorFactory):
        class Meta:
            load = staticmethod(lambda app, _found: app.catalogue.author(99))

    with pytest.raises(BuildFailureError, match="no Author 99"):
        Made()


def test_a_service_may_make_plain_values_where_the_model_says_so(shop):
    class Number(ServiceFactory):
        class Meta:
            model = int

            def service(app):  # noqa: N805
                return 7

    class Pair(ServiceFactory):
        class Meta:
            model = dict

            def service(app, number_id):  # noqa: N805
                return {"number": number_id}

        number = One(Number)

    assert Number() == 7
    assert Pair() == {"number": 7}


@attrs.frozen
class Water:
    litres: int


class Kettle:
    heat = lambda self, litres: Water(litres)  # noqa: ARG005, E731 - as programs have it

    def _boil(self, litres: int) -> Water:
        return Water(litres + 100)

    boil = _boil
    del _boil


class Samovar(Kettle):
    heat = lambda self, litres: Water(-litres)  # noqa: ARG005, E731 - as above


@pytest.mark.parametrize(
    ("service", "app", "litres"),
    [
        (Kettle.heat, Kettle, 2),
        (Kettle.heat, Samovar, -2),
        (Samovar.heat, Samovar, -2),
        (Kettle.boil, Kettle, 102),
        (functools.partial(Kettle.boil), Samovar, 102),
    ],
    ids=range(5),
)
def test_a_method_is_called_by_the_name_that_its_class_has_for_it(service, app, litres):
    """A lambda's own is `<lambda>`, and a function that was put there keeps the name that it had."""
    made_by = service

    class WaterFactory(ServiceFactory[Water]):
        class Meta:
            service = made_by

        litres = 2

    with using(app()):
        assert WaterFactory().litres == litres
