"""The shop's rules. Services flush and never commit: whoever calls them does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from sqlalchemy.orm import Session

from shop.models import Base, Customer, Order, Product

CANCELLABLE = timedelta(days=14)
Row = TypeVar("Row", bound=Base)


class ShopError(Exception):
    """A rule said no."""


class Clock:
    def __init__(self, source: Callable[[], datetime] | None = None) -> None:
        self.now = source or (lambda: datetime.now(UTC))


class Service:
    def __init__(self, session: Session, clock: Clock) -> None:
        self.session = session
        self.clock = clock

    def save(self, row: Row) -> Row:
        self.session.add(row)
        self.session.flush()
        return row


class Customers(Service):
    def register(self, name: str, email: str) -> Customer:
        return self.save(Customer(name=name, email=email))


class Catalogue(Service):
    def add_product(self, name: str, price_cents: int, stock: int = 0) -> Product:
        return self.save(Product(name=name, price_cents=price_cents, stock=stock))


class Orders(Service):
    def place(self, customer_id: int, product_id: int, quantity: int = 1) -> Order:
        self.session.get_one(Customer, customer_id).orders_count += 1
        product = self.session.get_one(Product, product_id)
        if quantity > product.stock:
            raise ShopError(f"{quantity} of {product.name} are ordered, and {product.stock} are left")
        product.stock -= quantity
        product.sold += quantity
        today = self.clock.now().date()
        return self.save(Order(customer_id=customer_id, product_id=product_id, quantity=quantity, placed_on=today))

    def ship(self, order: Order) -> Order:
        return self._move(order, "shipped")

    def cancel(self, order: Order) -> Order:
        if self.clock.now().date() - order.placed_on > CANCELLABLE:
            raise ShopError(f"order {order.id} is too old to be cancelled")
        self._move(order, "cancelled")
        product = self.session.get_one(Product, order.product_id)
        product.stock += order.quantity
        product.sold -= order.quantity
        return self.save(order)

    def _move(self, order: Order, state: str) -> Order:
        if order.state != "placed":
            raise ShopError(f"order {order.id} is {order.state}, and cannot be {state}")
        order.state = state
        return self.save(order)


class Shop:
    def __init__(self, session: Session, now: Callable[[], datetime] | None = None) -> None:
        self.session = session
        self.clock = Clock(now)
        self.customers = Customers(session, self.clock)
        self.catalogue = Catalogue(session, self.clock)
        self.orders = Orders(session, self.clock)

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """Let the clock stand still, for the block."""
        before, self.clock.now = self.clock.now, lambda: moment
        try:
            yield
        finally:
            self.clock.now = before
