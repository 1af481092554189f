"""Counters in SQLAlchemy's and Django's own way, and a dry run over a database."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from sqlalchemy import Column, ForeignKey, Table, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, sessionmaker
from sqlalchemy.pool import StaticPool

from seedbed import Counter, Suite
from seedbed.suite.errors import CounterError, MissingPartError
from seedbed.suite.looking import find, first, refresh


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    books_count: Mapped[int] = mapped_column(default=0)
    books: Mapped[list[Book]] = relationship(back_populates="author")


class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("author.id"))
    author: Mapped[Author | None] = relationship(back_populates="books")


class Pair(Base):
    __tablename__ = "pair"
    left: Mapped[int] = mapped_column(primary_key=True)
    right: Mapped[int] = mapped_column(primary_key=True)
    books_count: Mapped[int]


LOVED = Table("loved", Base.metadata, Column("author", ForeignKey("author.id")), Column("book", ForeignKey("book.id")))


class Holder:
    def __init__(self, **parts):
        vars(self).update(parts)


@pytest.fixture
def engine():
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([Author(id=1, books_count=2), Author(id=2, books_count=1), Author(id=3, books_count=0)])
        session.add_all([Book(id=1, author_id=1), Book(id=2, author_id=1), Book(id=3)])
        session.commit()
    yield engine
    engine.dispose()


def suite_of(*counters):
    return Suite("library", open=dict, factories=[], counters=counters)


@pytest.mark.parametrize("by", ["author_id", "author"])
@pytest.mark.parametrize("kind", ["session", "maker", "engine", "deep"])
def test_books_are_counted_for_each_author_by_a_grouped_count(engine, kind, by):
    with Session(engine) as session:
        app = {
            "session": Holder(session=session),
            "maker": Holder(make=sessionmaker(engine)),
            "engine": Holder(engine=engine),
            "deep": Holder(db=Holder(session=session)),
        }[kind]

        found = suite_of(Counter("books_count", of=Author, counts=Book, by=by)).audit(app)

    assert (found.counters, [str(one) for one in found.findings]) == (
        3,
        ["Author 2: books_count is 1, and should be 0"],
    )


def test_rows_of_a_table_between_two_models_are_counted(engine):
    with Session(engine) as session:
        session.execute(LOVED.insert(), [{"author": 2, "book": 1}])
        found = suite_of(Counter("books_count", of=Author, counts=LOVED, by="author")).audit(session)

    assert [one.owner for one in found.findings] == ["1"]


def test_what_the_session_has_not_sent_yet_is_counted_and_what_it_holds_is_not_believed(engine):
    with Session(engine) as session:
        stale = session.get(Author, 2)
        session.execute(Author.__table__.update().where(Author.id == 2).values(books_count=0))
        session.add(Book(author_id=3))
        found = suite_of(Counter("books_count", of=Author, counts=Book, by="author_id")).audit(session)

        assert stale.books_count == 1
        assert [str(one) for one in found.findings] == ["Author 3: books_count is 0, and should be 1"]


def test_a_counter_that_sql_cannot_count_is_refused(engine):
    with pytest.raises(CounterError, match="Book has no field 'autor_id': did you mean author_id"):
        suite_of(Counter("books_count", of=Author, counts=Book, by="autor_id")).audit(engine)
    with pytest.raises(CounterError, match=r"its primary key has 2 columns; say by Counter\(key=...\) which"):
        suite_of(Counter("books_count", of=Pair, counts=Book, by="author_id")).audit(engine)
    with pytest.raises(MissingPartError, match=r"Holder has no SQLAlchemy session or engine; say Suite\(listing=...\)"):
        suite_of(Counter("books_count", of=Author, counts=Book, by="author_id")).audit(Holder())


def test_the_shell_s_looks_read_the_database(engine):
    suite = suite_of()
    with Session(engine) as session:
        author = first(suite, session, Author)
        session.execute(Author.__table__.update().values(books_count=9))

        assert refresh(suite, session, author).books_count == 9
        assert [book.id for book in find(suite, session, Book, author_id=1)] == [1, 2]


DJANGO = """
import json
import django
from django.conf import settings
settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}})
django.setup()
from django.db import connection, models
from seedbed import Counter, Suite
from seedbed.suite.looking import find, first, refresh

class Author(models.Model):
    books_count = models.IntegerField(default=0)
    class Meta:
        app_label = "library"

class Book(models.Model):
    author = models.ForeignKey(Author, null=True, on_delete=models.CASCADE)
    class Meta:
        app_label = "library"
        ordering = ["-id"]

with connection.schema_editor() as editor:
    editor.create_model(Author)
    editor.create_model(Book)
ada, ben = Author.objects.create(books_count=2), Author.objects.create(books_count=1)
for author in (ada, ada, None):
    Book.objects.create(author=author)
told = []
for by in ("author", "author_id"):
    suite = Suite("library", open=dict, factories=[], counters=[Counter("books_count", of=Author, counts=Book, by=by)])
    told.append([str(one) for one in suite.audit(None).findings])
Author.objects.update(books_count=7)
found = find(suite, None, Book, author=ada)
told.append([refresh(suite, None, ben).books_count, first(suite, None, Author).id, len(found)])
print(json.dumps(told))
"""


def test_django_s_models_are_counted_by_django():
    result = subprocess.run([sys.executable, "-c", DJANGO], capture_output=True, text=True, check=False)

    assert result.stderr == ""
    wrong = ["Author 2: books_count is 1, and should be 0"]
    assert json.loads(result.stdout) == [wrong, wrong, [7, 1, 2]]
