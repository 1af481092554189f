"""Which unit of work a factory's calls run in, and how each call is made in it."""

from __future__ import annotations

import types
from contextlib import contextmanager

import factory
import pytest

from seedbed import BuildFailureError, ServiceFactory, using
from seedbed.strategy.errors import InvalidOptionError
from seedbed.strategy.service_errors import InvalidUnitError, NoEntityError, NoUnitOfWorkError
from tests.strategy.bookshop import Author, Book, Review, Shop, working


class AuthorFactory(ServiceFactory[Author]):
    class Meta:
        model = Author
        service = "catalogue.add_author"

    name = factory.Sequence("Author {}".format)


class BookFactory(ServiceFactory[Book]):
    class Meta:
        model = Book
        service = "catalogue.add_book"
        unit_of_work = working

    author_id = factory.SelfAttribute("author.id")
    title = factory.Sequence("Book {}".format)

    class Params:
        author = factory.SubFactory(AuthorFactory)


class ReviewFactory(ServiceFactory[Review]):
    class Meta:
        model = Review
        service = "readers.review"
        unit_of_work = working


class Opened:
    """A unit of work that notes who opened it."""

    def __init__(self, name, log):
        self.name = name
        self.log = log

    def __call__(self, *_app):
        self.log.append(self.name)
        return self.unit()

    @contextmanager
    def unit(self):
        yield types.SimpleNamespace(stored=lambda value: value)


def shop_with(**attributes):
    shop = Shop()
    vars(shop).update(attributes)
    return shop


def test_the_first_of_metas_suites_and_apps_unit_of_work_is_opened():
    log = []
    suite = types.SimpleNamespace(name="books", unit_of_work=Opened("suite", log))

    class Own(AuthorFactory):
        class Meta:
            unit_of_work = Opened("meta", log)

    with using(shop_with(unit_of_work=Opened("app", log)), suite=suite):
        Own()
        AuthorFactory()
    with using(shop_with(unit_of_work=Opened("app", log))):
        AuthorFactory()
    with using(Shop(), suite=types.SimpleNamespace(unit_of_work=None)):
        AuthorFactory()
    assert log == ["meta", "suite", "app"]


def test_metas_unit_of_work_may_name_a_method_of_the_app():
    log = []

    class Named(AuthorFactory):
        class Meta:
            unit_of_work = "transaction"

    with using(shop_with(transaction=Opened("transaction", log), unit_of_work=Opened("app", log))):
        Named()
    assert log == ["transaction"]


def test_a_method_that_the_app_has_not_is_refused_before_anything_is_made():
    class Misspelt(AuthorFactory):
        class Meta:
            unit_of_work = "transactoin"

    shop = shop_with(transaction=Opened("", []))
    with using(shop), pytest.raises(NoUnitOfWorkError, match="did you mean transaction"):
        Misspelt()
    assert shop.store.rows == {}


@pytest.mark.parametrize("value", [3, "a b", "", ("working",)])
def test_an_option_that_opens_nothing_is_refused_with_the_class(value):
    with pytest.raises(InvalidOptionError, match="unit_of_work must be the name of a method"):
        type("Wrong", (AuthorFactory,), {"Meta": type("Meta", (), {"unit_of_work": value})})


@contextmanager
def yielding_nothing(_app):
    yield


@pytest.mark.parametrize(
    ("opens", "text"),
    [
        (yielding_nothing, r"Wrong's Meta.unit_of_work must yield a unit that has `stored\(value\)`; it gave"),
        (lambda _app: None, "must be a method that returns a context manager"),
    ],
    ids=["yields nothing", "no context manager"],
)
def test_a_unit_that_cannot_be_one_is_refused_before_anything_is_made(opens, text):
    shop = Shop()

    class Wrong(AuthorFactory):
        class Meta:
            unit_of_work = staticmethod(opens)

    for create in (Wrong, Wrong.create, lambda: Wrong.create_batch(2)):
        with using(shop), pytest.raises(InvalidUnitError, match=text):
            create()
    assert shop.store.rows == {}


def test_the_error_names_the_suite_or_the_app_that_gave_it():
    suite = types.SimpleNamespace(name="books", unit_of_work=yielding_nothing)
    with using(Shop(), suite=suite), pytest.raises(InvalidUnitError, match="the suite books's unit_of_work"):
        AuthorFactory()
    with using(shop_with(unit_of_work=lambda: None)), pytest.raises(InvalidUnitError, match=r"Shop.unit_of_work"):
        AuthorFactory()


def test_an_error_of_a_unit_of_work_that_cannot_be_opened_is_passed_on():
    def broken(_app):
        message = "no connection"
        raise OSError(message)

    with using(Shop(), suite=types.SimpleNamespace(unit_of_work=broken)), pytest.raises(OSError, match="no connection"):
        AuthorFactory()


def test_each_service_call_is_made_through_the_units_call():
    units = []

    @contextmanager
    def noted(app):
        with working(app) as unit:
            units.append(unit)
            yield unit

    suite = types.SimpleNamespace(unit_of_work=noted)

    class Noted(BookFactory):
        class Meta:
            unit_of_work = noted

    with using(Shop(), suite=suite):
        Noted.create_batch(3)
    assert [unit.calls for unit in units] == [6]


def test_a_refused_call_leaves_no_halves_and_the_rest_of_a_batch_is_made():
    shop = Shop()
    with using(shop):
        book = BookFactory()
        with pytest.raises(BuildFailureError) as raised:
            ReviewFactory.create_each([{"book_id": book.id, "reader_id": reader} for reader in (7, 8, 7, 9)])
    assert (len(raised.value.failures), len(raised.value.created)) == (1, 3)
    assert [review.reader_id for review in shop.store.all(Review)] == [7, 8, 9]
    assert shop.store.get(Book, book.id).reviews_count == 3


def test_what_is_returned_is_what_the_unit_tells_as_stored():
    shop = Shop()

    class Reviewed(BookFactory):
        @factory.post_generation
        def reviews(book, _create, extracted, **_extra):
            for reader in range(extracted or 0):
                ReviewFactory(book_id=book.id, reader_id=reader)

    with using(shop):
        assert Reviewed(reviews=3).reviews_count == 3


def test_an_inner_block_of_the_same_app_keeps_the_suite():
    shop, suite, other = Shop(), *(types.SimpleNamespace(name=name, unit_of_work=None) for name in "ab")
    with using(shop, suite=suite) as binding, using(shop) as inner, using(Shop()) as elsewhere:
        assert (binding.suite, inner.suite, elsewhere.suite) == (suite, suite, None)
    with using(shop, suite=suite), using(shop, suite=other) as inner:
        assert inner.suite is other


def test_a_unit_without_call_gets_plain_calls():
    log = []
    with using(shop_with(unit_of_work=Opened("app", log))):
        assert AuthorFactory(name="Ada").name == "Ada"
    assert log == ["app"]


class Press:
    """Prints until its paper is out; its unit of work may end in an error, or fail to read ahead."""

    def __init__(self, *, ends=None, reads=None, paper=9):
        self.ends = ends
        self.reads = reads
        self.paper = paper
        self.is_stopped = False

    def print(self, text):
        self.paper -= 1
        return {"text": text} if self.paper else None

    @contextmanager
    def unit_of_work(self):
        yield self
        if self.ends is not None:
            raise self.ends

    def stored(self, value):
        return value

    def read_ahead(self, _values):
        if self.reads is not None:
            raise self.reads


class SheetFactory(ServiceFactory):
    class Meta:
        model = dict
        service = "print"

    text = "x"


@pytest.mark.parametrize(
    ("press", "wanted", "count"),
    [
        (Press(paper=3), NoEntityError, 2),
        (Press(ends=LookupError("late")), LookupError, 5),
        (Press(reads=LookupError("ahead")), LookupError, 5),
    ],
    ids=["a call that returns nothing", "a unit that ends in an error", "what cannot be read ahead"],
)
def test_what_ends_a_batch_says_how_many_were_created(press, wanted, count):
    with using(press), pytest.raises(wanted) as caught:
        SheetFactory.create_batch(5)
    assert caught.value.__notes__ == [f"Of this batch of 5 SheetFactory, {count} were created"]


def test_what_ends_a_batch_tells_what_was_refused_before_it():
    class Picky(Press):
        def print(self, text):
            if text == "bad":
                message = "unprintable"
                raise ValueError(message)
            return super().print(text)

    with using(Picky(paper=2)), pytest.raises(NoEntityError) as caught:
        SheetFactory.create_each([{"text": "bad"}, {}, {}, {}])
    assert caught.value.__notes__ == [
        "Before it: ValueError: unprintable (SheetFactory with text='bad')",
        "Of this batch of 4 SheetFactory, 1 were created",
    ]
