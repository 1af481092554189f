"""What a unit of work's `stored` gives in the place of what a service returned: the same object, or it is refused."""

from __future__ import annotations

import asyncio
import types
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypedDict
from uuid import uuid4

import attrs
import pytest
from sqlalchemy.orm import DeclarativeBase, Mapped, make_transient_to_detached, mapped_column

from seedbed import BuildFailureError, ServiceFactory, after_create, using
from seedbed.strategy.service_errors import InvalidUnitError


class Named(Protocol):
    name: str


@dataclass
class Order:
    name: str
    id: int | None = None


class Record(Order):
    """What a program may read back, or hand out, for an Order."""


@attrs.frozen
class Parcel:
    name: str
    id: Any = None


@dataclass
class Customer:
    name: str
    id: int | None = None


@dataclass
class Unshown:
    name: str

    @property
    def id(self):
        raise RuntimeError(self.name)


class Payload(TypedDict):
    id: int


class Base(DeclarativeBase):
    pass


class Row(Base):
    __tablename__ = "row"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Proxy:
    """Stands for an object, and says that it is of its class."""

    def __init__(self, thing):
        vars(self)["thing"] = thing

    __class__ = property(lambda self: type(vars(self)["thing"]))

    def __getattr__(self, name):
        return getattr(vars(self)["thing"], name)


def loaded(key):
    row = Row(id=key, name="x")
    make_transient_to_detached(row)  # all but its key is expired: another look at it fails
    return row


def make(model, value, stored):
    """Return a factory of what a service returns, and the unit in which it does."""

    class Unit:
        def stored(self, given):
            return stored(given) if callable(stored) else stored

    @contextmanager
    def opens(_app):
        yield Unit()

    class MadeFactory(ServiceFactory):
        class Meta:
            service = staticmethod(lambda: value)
            unit_of_work = staticmethod(opens)

    if model is not None:
        MadeFactory._meta.model = model
    return MadeFactory


RIGHT = {
    "the same": (Order, Order("x", 1), lambda given: given),
    "another state": (Order, Order("x", 1), Order("y", 1)),
    "an id that was not set": (Order, Order("x"), Order("x", 4)),
    "an id of another type": (Order, Order("x", uuid4()), Order("x", 4)),
    "a subclass": (Order, Order("x", 1), Record("x", 1)),
    "the model of a subclass": (Order, Record("x", 1), Order("x", 1)),
    "a proxy": (Order, Proxy(Order("x", 1)), Order("x", 1)),
    "for a proxy": (Order, Order("x", 1), Proxy(Order("x", 1))),
    "a frozen one": (Parcel, Parcel("x", 1), Parcel("y", 1)),
    "of a Protocol": (Named, Order("x", 1), Parcel("x", 1)),
    "a payload": (Payload, {"id": 1}, {"id": 1, "name": "x"}),
    "where nothing tells the model": (None, Order("x", 1), Parcel("x", 1)),
    "an id that cannot be read": (Unshown, Unshown("x"), Unshown("y")),
    "a row of another session": (Row, loaded(1), loaded(1)),
    "a row for one without a key": (Row, Row(name="x"), loaded(1)),
}

WRONG = {
    "None": (Order, Order("x", 1), None),
    "a number": (Order, Order("x", 1), 1),
    "another class": (Order, Order("x", 1), Customer("x", 1)),
    "another frozen class": (Parcel, Parcel("x", 1), Order("x", 1)),
    "a tuple of it": (Order, Order("x", 1), (Order("x", 1),)),
    "a list of a Protocol's": (None, Order("x", 1), [Order("x", 1)]),
    "a list of a payload": (Payload, {"id": 1}, [{"id": 1}]),
    "a row of another class": (Row, loaded(1), Order("x", 1)),
    "another object": (Order, Order("x", 1), Order("x", 2)),
    "another frozen object": (Parcel, Parcel("x", "a"), Parcel("x", "b")),
    "another payload": (Payload, {"id": 1}, {"id": 2}),
    "another row": (Row, loaded(1), loaded(2)),
}


@pytest.mark.parametrize(("model", "value", "stored"), RIGHT.values(), ids=RIGHT)
def test_what_can_be_the_object_is_handed_on(model, value, stored):
    with using(types.SimpleNamespace()):
        made = make(model, value, stored)()
    assert made is (stored(value) if callable(stored) else stored)


@pytest.mark.parametrize(("model", "value", "stored"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_is_refused_with_the_unit_what_it_gave_and_what_was_wanted(model, value, stored):
    seen = []

    class SeenFactory(make(model, value, stored)):
        @after_create
        def see(self, entity):
            seen.append(entity)

    with using(types.SimpleNamespace()), pytest.raises(BuildFailureError) as raised:
        SeenFactory()
    assert isinstance(raised.value.cause, InvalidUnitError)
    text = str(raised.value.cause)
    assert text.startswith(
        "the unit of work Unit must return from `stored(value)` the value as it is stored now, here "
    )
    assert text.endswith(f"or raise why it was refused; it gave {stored!r}")
    assert seen == []


def test_it_is_waited_for_first():
    async def stored(given):
        await asyncio.sleep(0)
        return replace(given, id=2)

    async def create(value):
        with using(types.SimpleNamespace()):
            return await make(Order, value, stored).create_async()

    assert asyncio.run(create(Order("x"))) == Order("x", 2)
    with pytest.raises(BuildFailureError, match=r"here Order\(name='x', id=1\)"):
        asyncio.run(create(Order("x", 1)))


@pytest.mark.parametrize(("model", "value", "given"), list(WRONG.values())[:7], ids=list(WRONG)[:7])
def test_what_its_call_gives_is_held_to_the_same(model, value, given):
    class Unit:
        def call(self, function):
            function()
            return given

        def stored(self, found):
            return found

    @contextmanager
    def opens(_app):
        yield Unit()

    class Called(make(model, value, value)):
        class Meta:
            unit_of_work = staticmethod(opens)

    with using(types.SimpleNamespace()), pytest.raises(InvalidUnitError) as raised:
        Called()
    assert str(raised.value) == (
        "the unit of work Unit must call the function in `call(function)`, and return what that returned; "
        f"it gave {given!r}"
    )
