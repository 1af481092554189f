"""What `seed` says of rows that are gone once the app is closed."""

from __future__ import annotations

import pytest

SHOP = """
from contextlib import contextmanager

import factory
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from seedbed import ServiceFactory, Suite, scenario
from seedbed.sqlalchemy import unit_of_work


class Base(DeclarativeBase):
    pass


class Guest(Base):
    __tablename__ = "guests"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Inn:
    def __init__(self, session):
        self.session = session

    def welcome(self, name: str) -> Guest:
        guest = Guest(name=name)
        self.session.add(guest)
        self.session.flush()
        return guest


class AsyncInn(Inn):
    async def welcome(self, name: str) -> Guest:
        guest = Guest(name=name)
        self.session.add(guest)
        await self.session.flush()
        return guest


class GuestFactory(ServiceFactory[Guest]):
    class Meta:
        service = "welcome"

    name = factory.Sequence("guest {}".format)


@scenario("three")
class Three:
    def run(self, app):
        return GuestFactory.create_batch(3)


def engine_of(target):
    engine = create_engine(target or "sqlite://")
    Base.metadata.create_all(engine)
    return engine


def kept_open(target: str | None = None):
    return Inn(Session(engine_of(target)))


@contextmanager
def closed(target: str | None = None):
    with Session(engine_of(target)) as session:
        yield Inn(session)


@contextmanager
def committed(target: str | None = None):
    with Session(engine_of(target)) as session, session.begin():
        yield Inn(session)


async def asynchronous(target: str | None = None):
    engine_of(target and target.replace("+aiosqlite", ""))
    engine = create_async_engine(target or "sqlite+aiosqlite://")
    async with AsyncSession(engine) as session:
        yield AsyncInn(session)
    await engine.dispose()


def suite_of(opens, **options):
    return Suite("inn", open=opens, factories=[GuestFactory], scenarios=[Three], **options)


suites = {name: suite_of(opens) for name, opens in list(globals().items()) if name in NAMES}
kept_open, closed, committed, asynchronous = (suites[name] for name in NAMES)
with_unit = suite_of(closed.open, unit_of_work=unit_of_work("session"))
"""
NAMES = ["kept_open", "closed", "committed", "asynchronous"]
PLACE = ("--target", "sqlite:///inn.db")


@pytest.fixture
def inn(program):
    text = SHOP.replace("import factory\n", f"import factory\n\nNAMES = {NAMES}\n", 1)
    (program / "inn.py").write_text(text)
    return program


@pytest.mark.parametrize("name", ["kept_open", "closed", "asynchronous"])
def test_rows_that_nobody_committed_are_not_reported(seed, inn, name):
    place = PLACE if name != "asynchronous" else ("--target", "sqlite+aiosqlite:///inn.db")
    code, text, errors = seed("-s", "three", *place, suite=f"inn:{name}")
    assert (code, text) == (3, "")
    assert "seed: suite inn: 3 Guest were made and are not stored, now that its app is closed" in errors
    assert 'unit_of_work("session")' in errors


@pytest.mark.parametrize("name", ["committed", "with_unit"])
def test_rows_that_are_committed_by_whomever_are(seed, inn, name):
    for count in (3, 6):
        code, text, errors = seed("-s", "three", *PLACE, suite=f"inn:{name}")
        assert (code, f"rows: {count} Guest" in text) == (0, True), errors


def test_a_world_that_is_thrown_away_may_be_gone(seed, inn):
    code, text, errors = seed("-s", "three", suite="inn:closed")
    assert (code, "rows: 3 Guest" in text) == (0, True), errors
    code, text, errors = seed("-s", "three", "--target", "sqlite://", suite="inn:closed")
    assert (code, "rows: 3 Guest" in text) == (0, True), errors
