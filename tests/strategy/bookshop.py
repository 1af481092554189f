"""A bookshop in memory: services with rules of their own, of which the library knows nothing.

Authors write books, readers order copies of them and review them. A book counts its reviews and has a stock; no reader
reviews a book twice, and nobody orders more than there is.
"""

from __future__ import annotations

import itertools
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime


class ShopError(Exception):
    """A rule said no."""


@dataclass(frozen=True)
class Author:
    id: int
    name: str


@dataclass(frozen=True)
class Book:
    id: int
    author_id: int
    title: str
    stock: int = 10
    reviews_count: int = 0


@dataclass(frozen=True)
class Reader:
    id: int
    email: str


@dataclass(frozen=True)
class Review:
    id: int
    book_id: int
    reader_id: int
    text: str


@dataclass(frozen=True)
class Order:
    id: int
    reader_id: int
    book_id: int
    copies: int
    is_paid: bool = False


class Clock:
    """Tells noon, or the moment at which it stands."""

    def __init__(self):
        self.moment = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def now(self):
        return self.moment

    @contextmanager
    def at(self, moment):
        before, self.moment = self.moment, moment or self.moment
        try:
            yield
        finally:
            self.moment = before


class Store:
    """Rows by model and id; a savepoint is a copy of them."""

    def __init__(self):
        self.rows = {}
        self._ids = itertools.count(1)

    def new_id(self):
        return next(self._ids)

    def put(self, row):
        self.rows[type(row), row.id] = row
        return row

    def get(self, model, key):
        if (model, key) not in self.rows:
            message = f"no {model.__name__} {key}"
            raise ShopError(message)
        return self.rows[model, key]

    def all(self, model):
        return [row for (kind, _), row in self.rows.items() if kind is model]

    @contextmanager
    def savepoint(self):
        before = dict(self.rows)
        try:
            yield
        except BaseException:
            self.rows = before
            raise


class Catalogue:
    def __init__(self, store):
        self.store = store

    def add_author(self, *, name: str) -> Author:
        return self.store.put(Author(self.store.new_id(), name))

    def author(self, author_id: int) -> Author:
        return self.store.get(Author, author_id)

    def add_book(self, author_id: int, title: str, *, stock: int = 10) -> Book:
        self.store.get(Author, author_id)
        if not title:
            message = "a book needs a title"
            raise ShopError(message)
        return self.store.put(Book(self.store.new_id(), author_id, title, stock))


class Readers:
    def __init__(self, store):
        self.store = store

    def join(self, email: str) -> Reader:
        if any(reader.email == email for reader in self.store.all(Reader)):
            message = f"{email} has joined before"
            raise ShopError(message)
        return self.store.put(Reader(self.store.new_id(), email))

    def review(self, book_id: int, reader_id: int, text: str = "Good") -> Review:
        book = self.store.get(Book, book_id)
        self.store.put(replace(book, reviews_count=book.reviews_count + 1))  # before it is checked: halves, if refused
        if any((one.book_id, one.reader_id) == (book_id, reader_id) for one in self.store.all(Review)):
            message = f"reader {reader_id} has reviewed book {book_id} before"
            raise ShopError(message)
        return self.store.put(Review(self.store.new_id(), book_id, reader_id, text))


class Desk:
    def __init__(self, store):
        self.store = store

    def place_order(self, reader: Reader, book: Book, copies: int = 1) -> Order:
        book = self.store.get(Book, book.id)
        self.store.get(Reader, reader.id)
        if copies > book.stock:
            message = f"{book.stock} of {book.title} are left"
            raise ShopError(message)
        self.store.put(replace(book, stock=book.stock - copies))
        return self.store.put(Order(self.store.new_id(), reader.id, book.id, copies))

    def pay(self, order_id: int) -> Order:
        order = self.store.get(Order, order_id)
        if order.is_paid:
            message = f"order {order_id} is paid"
            raise ShopError(message)
        return self.store.put(replace(order, is_paid=True))


class Shop:
    """The app: no clock, no unit of work."""

    def __init__(self):
        self.store = Store()
        self.catalogue = Catalogue(self.store)
        self.readers = Readers(self.store)
        self.desk = Desk(self.store)


@dataclass(frozen=True)
class Visit:
    id: int
    reader_id: int
    created_at: datetime


@dataclass(frozen=True)
class Note:
    id: int
    visit_id: int
    text: str
    created_at: datetime


class ClockedShop(Shop):
    """A shop with a clock that can stand still."""

    def __init__(self):
        super().__init__()
        self.clock = Clock()
        self.keys = []

    def at(self, moment=None, key=None):
        self.keys.append(key)
        return self.clock.at(moment)

    def visit(self, *, reader_id: int) -> Visit:
        return self.store.put(Visit(self.store.new_id(), reader_id, self.clock.now()))

    def note(self, visit_id: int, text: str) -> Note:
        return self.store.put(Note(self.store.new_id(), visit_id, text, self.clock.now()))


class Unit:
    """Each call in a savepoint; what it tells as stored is the row of now."""

    def __init__(self, store):
        self.store = store
        self.calls = 0
        self.is_left = False

    def call(self, function):
        self.calls += 1
        with self.store.savepoint():
            return function()

    def stored(self, value):
        return self.store.get(type(value), value.id)


@contextmanager
def working(shop):
    """Open a unit of work over a shop that has none of its own."""
    unit = Unit(shop.store)
    try:
        yield unit
    finally:
        unit.is_left = True
