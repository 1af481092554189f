"""A small foreign program with rules and counters of its own, and its suite: written to a folder, to be imported there.

It knows neither DynamoDB nor SQL: rows are in lists, and a service call takes effect at once.
"""

from __future__ import annotations

APP = '''
from contextlib import contextmanager
from dataclasses import dataclass

from seedbed import Many, One, ServiceFactory, Trait, scenario
from seedbed import Counter, Suite


@dataclass
class Customer:
    id: int
    name: str
    is_vip: bool
    orders_count: int = 0


@dataclass
class Order:
    id: int
    customer_id: int
    amount: int


class Shop:
    def __init__(self):
        self.rows = {Customer: [], Order: []}

    def sign_up(self, name: str, is_vip: bool = False) -> Customer:
        customer = Customer(len(self.rows[Customer]) + 1, name, is_vip)
        self.rows[Customer].append(customer)
        return customer

    def place_order(self, customer_id: int, amount: int) -> Order:
        order = Order(len(self.rows[Order]) + 1, customer_id, amount)
        self.rows[Order].append(order)
        self.rows[Customer][customer_id - 1].orders_count += 1
        return order

    def close(self):
        self.rows = None


class CustomerFactory(ServiceFactory[Customer]):
    class Meta:
        model = Customer
        service = "sign_up"

    class Params:
        vip = Trait(is_vip=True)

    name = "Ada"
    is_vip = False


class OrderFactory(ServiceFactory[Order]):
    class Meta:
        model = Order
        service = "place_order"

    class Params:
        customer = One(CustomerFactory)
        large = Trait(amount=1000)

    customer_id = __import__("factory").SelfAttribute("customer.id")
    amount = 10


@scenario("rush-hour")
class RushHour:
    """Many orders at once."""

    def run(self, app):
        return OrderFactory.create_batch(3)


suite = Suite(
    "shop",
    open=Shop,
    factories=__name__,
    scenarios=__name__,
    listing=lambda app, model: app.rows[model],
    counters=[Counter("orders_count", of=Customer, counts=Order, by="customer_id")],
)
'''
