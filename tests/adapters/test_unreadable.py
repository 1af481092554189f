"""What a database takes and its model refuses to read: the row is there, and the error says so of each."""

from __future__ import annotations

import asyncio
import enum

import factory
import pytest
from sqlalchemy import Dialect, Enum, StaticPool, String, create_engine, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker
from sqlalchemy.types import TypeDecorator

from seedbed import BuildFailureError, ServiceFactory, using
from seedbed.errors import UnreadableError
from seedbed.sqlalchemy import unit_of_work


class Size(enum.Enum):
    S = 1


class Sized(TypeDecorator[Size]):
    impl = String
    cache_ok = True

    def process_bind_param(self, value: object, _dialect: Dialect) -> str:
        return str(value)

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Size:
        return Size[value or ""]


class Base(DeclarativeBase):
    pass


class Car(Base):
    __tablename__ = "cars"
    code: Mapped[int] = mapped_column(primary_key=True)
    colour: Mapped[str] = mapped_column(Enum("red", "blue", native_enum=False, create_constraint=False), default="red")
    width: Mapped[str] = mapped_column(Sized, default="S")


class Garage:
    unit_of_work = unit_of_work("sessions")

    def __init__(self, kind: str) -> None:
        self.engine = create_engine("sqlite://", poolclass=StaticPool)
        Base.metadata.create_all(self.engine)
        maker = sessionmaker(self.engine, expire_on_commit=kind != "a sessionmaker that expires nothing")
        self.sessions = maker() if kind == "a session" else maker

    def buy(self, colour: str, width: str) -> Car:
        car = Car(colour=colour, width=width)
        if isinstance(self.sessions, Session):
            self.sessions.add(car)
            self.sessions.flush()
            return car
        with self.sessions.begin() as session:
            session.add(car)
        return car


class CarFactory(ServiceFactory[Car]):
    class Meta:
        service = Garage.buy

    colour = "red"
    width = "S"


@pytest.fixture(params=["a session", "a sessionmaker", "a sessionmaker that expires nothing"])
def garage(request):
    garage = Garage(request.param)
    with using(garage):
        yield garage
    garage.engine.dispose()


def count(garage):
    with garage.engine.connect() as connection:
        return connection.scalar(text("select count(*) from cars"))


WRONG = {"colour": "grin", "width": "XXL"}
"""A LookupError of SQLAlchemy's own, and a KeyError of a type of the user's."""


@pytest.mark.parametrize("field", WRONG)
def test_an_object_whose_row_cannot_be_read_says_that_it_was_written(garage, field):
    with pytest.raises(
        BuildFailureError, match=r"this Car was written \(code 1\), and cannot be read back: "
    ) as caught:
        CarFactory(**{field: WRONG[field]})
    assert isinstance(caught.value.cause, UnreadableError)
    assert WRONG[field] in str(caught.value)
    assert count(garage) == 1


@pytest.mark.parametrize("field", WRONG)
def test_a_batch_says_how_many_are_whole(garage, field):
    good = CarFactory._meta.declarations[field]
    with pytest.raises(BuildFailureError, match=r"1 of the batch failed, 3 were created") as caught:
        CarFactory.create_batch(4, **{field: factory.Iterator([good, good, WRONG[field], good])})
    assert [car.colour for car in caught.value.created] == ["red"] * 3
    assert count(garage) == 4


class AsyncGarage:
    unit_of_work = unit_of_work("sessions")

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self.sessions = sessions

    async def buy(self, colour: str) -> Car:
        async with self.sessions.begin() as session:
            car = Car(colour=colour)
            session.add(car)
        return car


class AsyncCarFactory(ServiceFactory[Car]):
    class Meta:
        service = AsyncGarage.buy

    colour = "red"


async def buy_three() -> None:
    engine = create_async_engine("sqlite+aiosqlite://", poolclass=StaticPool)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        with using(AsyncGarage(async_sessionmaker(engine))):
            await AsyncCarFactory.create_batch_async(3, colour=factory.Iterator(["red", "grin", "red"]))
    finally:
        await engine.dispose()


def test_async_sessions_say_it_too():
    with pytest.raises(BuildFailureError, match=r"was written \(code \d\).*1 of the batch failed, 2 were created"):
        asyncio.run(buy_three())
