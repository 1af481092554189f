"""What the shop tells seedbed: its factories, its scenarios, its counters, and how it is opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import factory
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from seedbed import Counter, Draw, Many, One, Range, ServiceFactory, Suite, Then, Trait, recycle, scenario
from seedbed.sqlalchemy import unit_of_work
from shop.models import Base, Customer, Order, Product
from shop.services import Catalogue, Customers, Orders, Shop


class CustomerFactory(ServiceFactory[Customer]):
    class Meta:
        service = Customers.register

    class Params:
        regular = Trait(orders=Range(5, 8))

    name = factory.Faker("name")
    email = Draw(lambda random, _: f"{random.getrandbits(48):x}@example.org")  # others by each seed
    orders = Many("shop.seeding.OrderFactory", "customer")


class ProductFactory(ServiceFactory[Product]):
    class Meta:
        service = Catalogue.add_product

    class Params:
        sold_out = Trait(stock=1, orders=1)

    name = factory.Sequence("Lamp no. {}".format)
    price_cents = factory.Faker("pyint", min_value=500, max_value=20_000)
    stock = 100
    orders = Many("shop.seeding.OrderFactory", "product")


class OrderFactory(ServiceFactory[Order]):
    class Meta:
        service = Orders.place

    class Params:
        shipped = Trait(outcome=Then(Orders.ship))
        cancelled = Trait(outcome=Then(Orders.cancel))

    customer = One(CustomerFactory)
    product = One(ProductFactory)


@scenario("opening-day")
class OpeningDay:
    """A small range, a few regulars, and one product that is gone by noon."""

    def run(self, app: Shop) -> list[Customer]:
        ProductFactory(sold_out=True)
        with recycle(ProductFactory.create_batch(5)):
            return CustomerFactory.create_batch(10, regular=True)


def sold(app: Shop, product: Product) -> int:
    kept = (Order.product_id == product.id, Order.state != "cancelled")
    return app.session.scalar(select(func.coalesce(func.sum(Order.quantity), 0)).where(*kept)) or 0


@contextmanager
def open_shop(target: str | None = None, *, clock: Callable[[], datetime] | None = None) -> Iterator[Shop]:
    """Open the shop on a database, `sqlite:///shop.db`; without one, on one in memory."""
    engine = create_engine(target or "sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        yield Shop(session, clock)
    engine.dispose()


suite = Suite(
    "shop",
    open=open_shop,
    factories=__name__,
    scenarios=__name__,
    unit_of_work=unit_of_work("session"),
    counters=[
        Counter("orders_count", of=Customer, counts=Order, by="customer_id"),
        Counter("sold", of=Product, recount=sold),
    ],
)
