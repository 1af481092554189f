"""An object that is built, or deleted, has no id that a service could be given: it is refused, not given as None."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID, uuid4

import attrs
import factory
import pytest

from seedbed import Many, One, ServiceFactory, Trait, recycle, using
from seedbed.strategy.errors import BuildFailureError, FactoryError, WrongObjectError


@dataclass
class Customer:
    name: str
    id: int | None = None


@dataclass
class Order:
    customer_id: int | None
    id: int | None = None


@attrs.define
class Parcel:
    order: int | None
    pk: int | None = None
    uuid: UUID | None = None


class Shop:
    def __init__(self) -> None:
        self.orders: list[int | None] = []
        self.parcels: list[object] = []

    def join(self, name: str) -> Customer:
        return Customer(name, 7)

    def forget_to_store(self, name: str) -> Customer:
        return Customer(name)

    def place(self, customer_id: int | None = None) -> Order:
        self.orders.append(customer_id)
        return Order(customer_id, len(self.orders))

    def place_for(self, buyer: int | None = None) -> Order:
        return self.place(buyer)

    def send(self, order: int | None = None) -> Parcel:
        return Parcel(order, uuid=uuid4())

    def track(self, parcel_id: UUID | None) -> dict[str, object]:
        self.parcels.append(parcel_id)
        return {"id": 1, "parcel": parcel_id}


class CustomerFactory(ServiceFactory[Customer]):
    class Meta:
        service = Shop.join

    class Params:
        lost = Trait(name="Nemo")

    name = "Ada"
    orders = Many("tests.strategy.test_objects_without_a_row.ByRole", "customer")


class ForgottenFactory(CustomerFactory):
    class Meta:
        service = Shop.forget_to_store


class ByRole(ServiceFactory[Order]):
    class Meta:
        service = Shop.place

    customer = One(CustomerFactory)


class ByField(ServiceFactory[Order]):
    class Meta:
        service = Shop.place

    class Params:
        customer = One(CustomerFactory)

    customer_id = factory.SelfAttribute("customer.id")


class ByOption(ServiceFactory[Order]):
    class Meta:
        service = Shop.place_for
        arguments: ClassVar = {"customer": "buyer"}

    customer = One(CustomerFactory)


class ByPlainSubFactory(ServiceFactory[Order]):
    class Meta:
        service = Shop.place

    customer = factory.SubFactory(CustomerFactory)


class ByForgotten(ByRole):
    customer = One(ForgottenFactory)


class ParcelFactory(ServiceFactory[Parcel]):
    class Meta:
        service = Shop.send

    order = One(ByRole)


class TrackFactory(ServiceFactory[dict]):
    class Meta:
        service = Shop.track

    parcel = One(ParcelFactory)


def recycled(made):
    with recycle(CustomerFactory.build_batch(2)):
        return made()


FACTORIES = [ByRole, ByField, ByOption, ByPlainSubFactory]
WAYS = {
    "given": lambda made: made(customer=CustomerFactory.build()),
    "a declaration": lambda made: made(customer=factory.LazyFunction(CustomerFactory.build)),
    "in a batch": lambda made: made.create_batch(2, customer=CustomerFactory.build()),
    "in one of several": lambda made: made.create_each([{"customer": CustomerFactory.build()}]),
    "after a right one": lambda made: [made(customer=one) for one in (CustomerFactory(), CustomerFactory.build())],
    "recycled": recycled,
}


@pytest.fixture
def shop():
    with using(Shop()) as binding:
        yield binding.app


@pytest.mark.parametrize("made", FACTORIES)
@pytest.mark.parametrize("way", WAYS)
def test_an_object_that_is_only_built_is_refused(shop, made, way):
    with pytest.raises(
        (WrongObjectError, BuildFailureError), match=r"customer must be a stored object, not Customer\("
    ):
        WAYS[way](made)
    assert None not in shop.orders


@pytest.mark.parametrize("made", FACTORIES)
def test_what_is_only_built_may_be_of_what_is_only_built(made):
    if made is not ByOption:  # its model knows no buyer
        assert made.build(customer=CustomerFactory.build()).customer_id is None


@pytest.mark.parametrize("made", FACTORIES)
def test_nobody_may_be_given(shop, made):
    if made is ByField:
        made(customer=None, customer_id=None)
    else:
        made(customer=None)
    assert shop.orders == [None]


def test_a_factory_that_was_refused_is_in_nobody_s_way(shop):
    with pytest.raises(FactoryError) as refused:  # it holds the class, as long as it is held

        class Refused(CustomerFactory):
            class Meta:
                arguments = 3

    class Fresh(ByRole):
        """One of which no call was found right yet."""

    made = Fresh(customer=None)
    assert shop.orders == [None]
    assert made is not None, refused


def test_what_a_nested_factory_made_without_an_id_is_refused(shop):
    with pytest.raises((WrongObjectError, BuildFailureError), match="must be a stored object"):
        ByForgotten()
    assert shop.orders == []


def test_a_host_without_an_id_has_none_of_its_own(shop):
    with pytest.raises((WrongObjectError, BuildFailureError), match="must be a stored object"):
        ForgottenFactory(orders=1)
    assert shop.orders == []


def test_the_first_key_that_is_set_counts(shop):
    TrackFactory()
    assert isinstance(shop.parcels[0], UUID)
