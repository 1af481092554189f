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
from seedbed.strategy.pool_errors import UnusedPoolError


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


@dataclass
class Stranger:
    """What no factory makes, and no role takes, but for those of a factory that is refused."""

    id: int = 3


def refuse(*_class):
    raise RefusedClassError


class RefusedClassError(Exception):
    pass


class StrangerFactory(factory.Factory):
    class Meta:
        model = Stranger


REFUSED = {
    "Meta.model": {"Meta": type("Meta", (), {"model": 3})},
    "a trait in its body": {"lost": Trait(name="Nemo")},
    "Meta.pairs": {"Meta": type("Meta", (), {"pairs": ("lost", "gone")}), "lost": One(StrangerFactory)},
    "an unknown option": {"Meta": type("Meta", (), {"servise": 3})},
    "__init_subclass__": {"__init_subclass__": classmethod(refuse)},
    "its own model": {"Meta": type("Meta", (), {"service": Shop.join, "model": Stranger, "pairs": 3})},
}


def give_a_stranger(_shop):
    class Fresh(ByRole):
        """One of which no call was found right yet."""

    assert Fresh(customer=Stranger()).customer_id == 3


def recycle_a_stranger(_shop):
    with pytest.raises(UnusedPoolError), recycle(Stranger()):
        pass


@pytest.mark.parametrize("work", [give_a_stranger, recycle_a_stranger])
@pytest.mark.parametrize("said", REFUSED.values(), ids=REFUSED)
def test_a_class_that_was_refused_is_in_no_other_factory_s_way(shop, work, said):
    with pytest.raises((FactoryError, RefusedClassError)) as refused:  # its traceback holds the class
        type("Refused", (type("Base", (CustomerFactory,), {**said}),), {})
    work(shop)
    assert refused.value.__traceback__ is not None


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
