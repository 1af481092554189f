"""One, Many, Trait, recycle and at on a program of somebody else's, also beside factory_boy's own sub-factories."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import factory
import pytest

from seedbed import BuildFailureError, Draw, Many, One, Range, ServiceFactory, Trait, recycle, using
from seedbed.strategy.errors import ContradictionError, InvalidMomentError, NoMomentError, RepeatedPairError
from seedbed.strategy.pool_errors import NotEnoughError, UnusedPoolError
from tests.strategy.bookshop import (
    Author,
    Book,
    ClockedShop,
    Note,
    Order,
    Reader,
    Review,
    Shop,
    Visit,
    working,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MAY = datetime(2025, 5, 1, tzinfo=UTC)


class AuthorFactory(ServiceFactory[Author]):
    class Meta:
        model = Author
        service = "catalogue.add_author"

    name = factory.Sequence("Author {}".format)


class ReaderFactory(ServiceFactory[Reader]):
    class Meta:
        model = Reader
        service = "readers.join"

    email = factory.Sequence("reader{}@example.org".format)


class BookFactory(ServiceFactory[Book]):
    class Meta:
        model = Book
        service = "catalogue.add_book"
        unit_of_work = working

    class Params:
        author = factory.SubFactory(AuthorFactory)  # factory_boy's own
        scarce = Trait(stock=1)
        loved = Trait(reviews=Range(3, 3))

    author_id = factory.SelfAttribute("author.id")
    title = factory.Sequence("Book {}".format)
    reviews = Many("tests.strategy.test_parts.ReviewFactory", "book", actor="reader", texts=("text",))


class ReviewFactory(ServiceFactory[Review]):
    class Meta:
        model = Review
        service = "readers.review"
        unit_of_work = working
        pairs = ("book", "reader")

    class Params:
        book = One(BookFactory)
        reader = One(ReaderFactory)

    book_id = factory.SelfAttribute("book.id")
    reader_id = factory.SelfAttribute("reader.id")


class OrderFactory(ServiceFactory[Order]):
    """Its service takes the objects themselves, by factory_boy's sub-factories."""

    class Meta:
        model = Order
        service = "desk.place_order"
        unit_of_work = working

    reader = factory.SubFactory(ReaderFactory)
    book = factory.SubFactory(BookFactory)


class VisitFactory(ServiceFactory[Visit]):
    class Meta:
        model = Visit
        service = "visit"

    class Params:
        reader = factory.SubFactory(ReaderFactory)

    reader_id = factory.SelfAttribute("reader.id")
    notes = Many("tests.strategy.test_parts.NoteFactory", "visit")


class NoteFactory(ServiceFactory[Note]):
    class Meta:
        model = Note
        service = "note"

    class Params:
        visit = One(VisitFactory)

    visit_id = factory.SelfAttribute("visit.id")
    text = "Nice"


@pytest.fixture
def shop():
    shop = Shop()
    with using(shop, seed=1):
        yield shop


@pytest.fixture
def clocked():
    shop = ClockedShop()
    with using(shop, seed=1):
        yield shop


# Many and Trait


@pytest.mark.parametrize(
    "size", [2, Range(2, 2), [{}, {"text": "Bad"}], ["Good", "Bad"], factory.LazyFunction(lambda: 2)]
)
def test_a_hook_makes_what_belongs_to_an_object_and_its_counter_is_exact(shop, size):
    book = BookFactory(reviews=size)
    assert book.reviews_count == len(shop.store.all(Review)) == 2


def test_readers_that_are_given_are_those_who_review(shop):
    readers = ReaderFactory.create_batch(2)
    BookFactory(reviews=readers)
    assert [review.reader_id for review in shop.store.all(Review)] == [reader.id for reader in readers]


def test_traits_set_fields_and_size_hooks(shop):
    book = BookFactory(scarce=True, loved=True)
    assert (book.stock, book.reviews_count) == (1, 3)


# recycle


def test_a_sub_factory_of_factory_boys_takes_from_recycle_too(shop):
    author = AuthorFactory()
    with recycle(author):
        assert {book.author_id for book in BookFactory.create_batch(3)} == {author.id}
    assert shop.store.all(Author) == [author]


def test_a_service_that_takes_objects_gets_recycled_ones(shop):
    readers, books = ReaderFactory.create_batch(2), BookFactory.create_batch(2)
    with recycle(readers, books):
        orders = OrderFactory.create_batch(6)
    assert {order.reader_id for order in orders} <= {reader.id for reader in readers}
    assert {order.book_id for order in orders} <= {book.id for book in books}
    assert (len(shop.store.all(Reader)), len(shop.store.all(Book))) == (2, 2)


def test_an_argument_for_what_is_nested_makes_a_new_one(shop):
    with recycle(BookFactory(), ReaderFactory()):
        order = OrderFactory(book__title="Mine")
    assert shop.store.get(Book, order.book_id).title == "Mine"


def test_a_sub_factory_in_a_maybe_takes_from_recycle(shop):
    class Perhaps(OrderFactory):
        class Params:
            is_new = False

        reader = factory.Maybe(
            "is_new", factory.SubFactory(ReaderFactory, email="new@b.cd"), factory.SubFactory(ReaderFactory)
        )

    reader = ReaderFactory()
    with recycle(reader):
        assert Perhaps().reader_id == reader.id
        assert Perhaps(is_new=True).reader_id != reader.id


def test_a_sub_factory_of_a_class_of_its_own_is_left_alone(shop):
    class Own(factory.SubFactory):
        pass

    class OwnOrder(OrderFactory):
        reader = Own(ReaderFactory)

    reader = ReaderFactory()
    with recycle(reader):
        assert OwnOrder().reader_id != reader.id


def test_pairs_are_taken_once_each(shop):
    readers, books = ReaderFactory.create_batch(3), BookFactory.create_batch(2)
    with recycle(readers, books):
        reviews = ReviewFactory.create_batch(6)
        with pytest.raises(NotEnoughError, match="there are 6"):
            ReviewFactory()
    assert len({(review.book_id, review.reader_id) for review in reviews}) == 6


def test_the_same_pair_twice_is_refused_before_anything_is_made(shop):
    reader, book = ReaderFactory(), BookFactory()
    before = dict(shop.store.rows)
    for create in (
        lambda: ReviewFactory.create_batch(2, book=book, reader=reader),
        lambda: ReviewFactory.create_batch(2, book_id=book.id, reader_id=reader.id),
        lambda: ReviewFactory.create_each([{"book": book, "reader": reader}, {"book_id": book.id, "reader": reader}]),
        lambda: BookFactory(reviews=[reader, reader]),
    ):
        with pytest.raises(RepeatedPairError, match="2 times"):
            create()
    assert shop.store.rows == before


def test_objects_that_are_given_by_hand_count_as_paired(shop):
    readers, book = ReaderFactory.create_batch(2), BookFactory()
    with recycle(readers):
        ReviewFactory(book=book, reader=readers[0])
        assert ReviewFactory(book=book).reader_id == readers[1].id


def test_what_the_service_would_refuse_is_not_picked(shop):
    class Picky(OrderFactory):
        class Meta:
            pairs = ("book", "reader")

            def fits(book, _reader):  # noqa: N805
                return book is None or book.stock > 0

    readers, books = ReaderFactory.create_batch(2), [BookFactory(stock=0), BookFactory(stock=5)]
    with recycle(readers, books):
        assert {Picky().book_id for _ in range(2)} == {books[1].id}


@dataclass(frozen=True)
class Signing:
    """It has the objects themselves, and no ids of theirs."""

    book: Book
    reader: Reader


def sign_once(app, book, reader):
    del app
    return Signing(book, reader)


class SigningFactory(ServiceFactory[Signing]):
    class Meta:
        service = sign_once
        pairs = ("book", "reader")

    book = One(BookFactory)
    reader = One(ReaderFactory)


def test_pairs_are_told_by_the_objects_that_an_entity_has(shop):
    readers, books = ReaderFactory.create_batch(2), BookFactory.create_batch(2)
    with recycle(readers, books):
        made = SigningFactory.create_batch(4)
        with pytest.raises(NotEnoughError, match="different pairs of book and reader"):
            SigningFactory()
    assert len({(one.book.id, one.reader.id) for one in made}) == 4


def test_a_service_that_makes_one_pair_twice_is_refused_by_the_objects_too(shop):
    book, reader = BookFactory(), ReaderFactory()

    class Same(SigningFactory):
        class Meta:
            load = staticmethod(lambda *_: Signing(book, reader))

    with pytest.raises(RepeatedPairError, match="3 times"):
        Same.create_batch(3)


def test_what_no_factory_takes_is_refused(shop):
    with pytest.raises(UnusedPoolError), recycle(BookFactory(), Review(1, 2, 3, "x")):
        pass


def test_arguments_that_contradict_each_other_are_refused(shop):
    one, other = BookFactory.create_batch(2)
    with pytest.raises(ContradictionError):
        ReviewFactory(book=one, book_id=other.id)


# at


def test_at_stands_the_apps_clock_still_for_the_call(clocked):
    visit = VisitFactory(at=MAY)
    assert (visit.created_at, VisitFactory().created_at) == (MAY, NOON)
    assert [key for key in clocked.keys if "Visit" in key] == ["1/VisitFactory/0", "1/VisitFactory/1"]


def test_an_app_whose_clock_alone_can_stand_takes_no_key():
    class Standing(ClockedShop):
        @contextmanager
        def at(self, moment):
            with self.clock.at(moment):
                yield

    with using(Standing()):
        assert (VisitFactory(at=MAY).created_at, VisitFactory().created_at) == (MAY, NOON)


def test_what_a_thing_needs_is_earlier_and_what_follows_from_it_later(clocked):
    note = NoteFactory(at=MAY)
    visit = clocked.store.get(Visit, note.visit_id)
    assert visit.created_at < note.created_at == MAY
    VisitFactory(at=MAY, notes=3)
    later = [one.created_at for one in clocked.store.all(Note) if one.visit_id != visit.id]
    assert len(later) == 3
    assert all(MAY < moment <= NOON for moment in later)


@pytest.mark.parametrize("place", ["body", "Params", "trait"])
def test_a_factory_may_say_when_itself(clocked, place):
    made = {
        "body": {"at": MAY},
        "Params": {"Params": type("Params", (), {"at": MAY})},
        "trait": {"Params": type("Params", (), {"at": None, "old": Trait(at=MAY)})},
    }[place]
    old = type("Old", (VisitFactory,), made)
    assert old(**({"old": True} if place == "trait" else {})).created_at == MAY
    assert old(at=NOON - timedelta(1)).created_at == NOON - timedelta(1)


@pytest.mark.parametrize("at", ["yesterday", 3, datetime(2025, 5, 1), MAY.date()])  # noqa: DTZ001 - that is what is wrong
def test_an_at_that_cannot_be_one_is_refused_before_anything_is_made(clocked, at):
    with pytest.raises(InvalidMomentError, match="at must be a datetime with a time zone"):
        NoteFactory(at=at)
    with pytest.raises(InvalidMomentError):
        VisitFactory(notes=1, notes__at=at)
    assert clocked.store.rows == {}


@pytest.mark.parametrize("at", [MAY, factory.LazyFunction(lambda: MAY), Draw(lambda *_: MAY)])
def test_without_a_clock_an_at_is_refused_and_says_what_to_do(shop, at):
    with pytest.raises(NoMomentError, match=r"would not use at: readers\.join takes no `at`, and Shop has no"):
        ReaderFactory(at=at)
    assert shop.store.rows == {}


def test_without_a_clock_an_at_of_a_factory_is_refused_too(shop):
    class Old(ReaderFactory):
        class Params:
            at = MAY

    with pytest.raises(NoMomentError):
        Old()
    assert shop.store.rows == {}
    assert Old(at=None).id == 1


@pytest.mark.parametrize("app", [Shop, ClockedShop])
@pytest.mark.parametrize("at", ["the counter", MAY, None, 3])
def test_an_at_that_the_service_takes_is_passed_on(app, at):
    class Meet(ServiceFactory[dict]):
        class Meta:
            model = dict

            def service(app, *, at, who):  # noqa: N805
                return {"at": at, "who": who}

        who = "Ada"

    class Declared(Meet):
        at = "the door"

    class Parameter(Meet):
        class Params:
            at = None

    with using(app()):
        assert Meet(at=at) == Declared(at=at) == {"at": at, "who": "Ada"}
        assert Declared()["at"] == "the door"
        if at is MAY:
            assert Parameter(at=at)["at"] == MAY
    assert Declared.build() == {"at": "the door", "who": "Ada"}


def test_a_batch_of_refusals_tells_what_was_made(shop):
    book = BookFactory(scarce=True)
    with pytest.raises(BuildFailureError, match=r"2 of the batch failed, 1 were created"):
        OrderFactory.create_batch(3, book=book)
    assert shop.store.get(Book, book.id).stock == 0
