"""What a batch through the factories costs over a plain loop over the same service, with SQLAlchemy and SQLite.

    python -m benchmarks.sqlalchemy [--orders 1000] [--rounds 7]

Both place the same orders through the same service, in one transaction: the loop over values that are ready, the batch
over what its factory declares, each call in a savepoint of its own, and what it returns read from the database. The
database is in memory, so what is compared is processor time.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import factory
from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from seedbed import ServiceFactory, using
from seedbed.sqlalchemy import unit_of_work

BOUND = 1.3
"""At most so many times the loop: the figure that README promises."""


class Base(DeclarativeBase):
    """The shop's tables."""


class Customer(Base):
    """Who orders; counts orders."""

    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    orders_count: Mapped[int] = mapped_column(default=0)


class Product(Base):
    """What is ordered; has a stock."""

    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    price: Mapped[int]
    stock: Mapped[int]


class Order(Base):
    """Some of a product, for a customer; unique by its reference."""

    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    quantity: Mapped[int]
    total: Mapped[int]
    note: Mapped[str]


class OutOfStockError(Exception):
    """There is not enough of it."""


class ReferenceTakenError(Exception):
    """An order of this reference was placed before."""


@dataclass
class Orders:
    """The service."""

    session: Session

    def place_order(
        self, customer_id: int, product_id: int, reference: str, quantity: int = 1, note: str = ""
    ) -> Order:
        """Place an order: out of the stock, and counted.

        Raises:
            ReferenceTakenError: An order has the reference.
            OutOfStockError: There is less than that.
        """
        customer = self.session.get_one(Customer, customer_id)
        product = self.session.get_one(Product, product_id)
        if self.session.scalar(select(Order.id).where(Order.reference == reference)) is not None:
            raise ReferenceTakenError(reference)
        if product.stock < quantity:
            raise OutOfStockError(product_id)
        product.stock -= quantity
        customer.orders_count += 1
        order = Order(
            reference=reference,
            customer_id=customer_id,
            product_id=product_id,
            quantity=quantity,
            total=int(Decimal(product.price) * quantity),
            note=note.strip(),
        )
        self.session.add(order)
        self.session.flush()
        return order


class Shop:
    """The app, over a database in memory."""

    def __init__(self) -> None:
        engine = create_engine("sqlite://")
        Base.metadata.create_all(engine)
        self.session = Session(engine)
        self.orders = Orders(self.session)
        self.customer = Customer(email="ada@example.org")
        self.product = Product(price=995, stock=1_000_000)
        self.session.add_all([self.customer, self.product])
        self.session.commit()
        self.ids = {"customer_id": self.customer.id, "product_id": self.product.id}
        self.session.commit()


class OrderFactory(ServiceFactory[Order]):
    """Orders with a reference and a quantity of their own."""

    class Meta:  # noqa: D106 - factory_boy's word
        model = Order
        service = "orders.place_order"
        unit_of_work = unit_of_work("session")

    customer_id = 1
    product_id = 1
    reference = factory.Sequence("R-{:06}".format)
    quantity = factory.Sequence(lambda n: 1 + n % 3)
    note = "by post"


def loop(shop: Shop, count: int) -> list[Order]:
    """Place orders one after another, in one transaction."""
    orders = [
        shop.orders.place_order(1, 1, reference=f"R-{n:06}", quantity=1 + n % 3, note="by post") for n in range(count)
    ]
    shop.session.commit()
    return orders


def batch(shop: Shop, count: int) -> list[Order]:
    """Place the same by the factory."""
    with using(shop):
        return OrderFactory.create_batch(count)


def seconds(place: Callable[[Shop, int], list[Order]], count: int) -> float:
    """Measure one way, in a new database, and see that all is there.

    Raises:
        RuntimeError: It is not.
    """
    shop = Shop()
    gc.collect()
    start = time.process_time()
    orders = place(shop, count)
    taken = time.process_time() - start
    if len(orders) != count or shop.session.get_one(Customer, 1).orders_count != count:
        message = "orders are missing"
        raise RuntimeError(message)
    return taken


def main() -> None:
    """Measure both ways in turn, and print what each takes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    pairs = [(seconds(loop, options.orders), seconds(batch, options.orders)) for _ in range(options.rounds)]
    plain, through = (statistics.median(each) / options.orders * 1e6 for each in zip(*pairs, strict=True))
    ratio = statistics.median(there / here for here, there in pairs)
    print(f"a plain loop {plain:.0f} us an order, create_batch {through:.0f} us: {ratio:.2f} times (at most {BOUND})")


if __name__ == "__main__":
    main()
