"""A project of somebody's: its services, its factories and its suite, by the names that people give them."""

SERVICES = '''
"""Services over dicts: an order counts at its customer; nobody has two carts."""
import itertools
from dataclasses import dataclass, replace
from contextlib import contextmanager

@dataclass(frozen=True)
class Customer:
    id: int
    name: str
    orders_count: int = 0

@dataclass(frozen=True)
class Order:
    id: int
    customer_id: int
    created_at: object = None

class Shop:
    opened = []

    def __init__(self, name="shop", clock=None):
        self.name, self.now, self.ids, self.is_open = name, clock, itertools.count(1), True
        self.customers, self.orders = {}, {}
        Shop.opened.append(self)

    def close(self):
        self.is_open = False

    def sign_up(self, name):
        customer = Customer(next(self.ids), name)
        self.customers[customer.id] = customer
        return customer

    def order(self, customer_id):
        known = self.customers[customer_id]
        self.customers[customer_id] = replace(known, orders_count=known.orders_count + 1)
        made = self.orders[len(self.orders)] = Order(next(self.ids), customer_id, self.now and self.now())
        return made

    @contextmanager
    def unit_of_work(self):
        yield self

    def stored(self, value):
        return self.customers[value.id] if isinstance(value, Customer) else value
'''
FACTORIES = """
import factory
from seedbed import Many, One, ServiceFactory
from services import Customer, Order

class CustomerFactory(ServiceFactory[Customer]):
    class Meta:
        model = Customer
        service = "sign_up"
    name = factory.Sequence("customer {}".format)
    orders = Many("factories.OrderFactory", "customer")

class OrderFactory(ServiceFactory[Order]):
    class Meta:
        model = Order
        service = "order"
    class Params:
        customer = One(CustomerFactory)
    customer_id = factory.SelfAttribute("customer.id")
"""
SUITE = """
from seedbed import Counter, Suite
from services import Customer, Order, Shop

def open_shop(*, clock=None):
    return Shop(clock=clock)

def listing(app, model):
    return {Customer: app.customers, Order: app.orders}[model].values()

suite = Suite("shop", open=open_shop, factories="factories", listing=listing, counters=[
    Counter("orders_count", of=Customer, counts=Order, by="customer_id")])
other = Suite("other", open=lambda: Shop("other"), factories="factories")
closed = Suite("closed", open="services:Missing", factories="factories")
ill = Suite("ill", open=lambda: 1 / 0, factories="factories")
"""
PROJECT = '[tool.seedbed]\nsuite = "suite:suite"\n'
SHOP = {"services/__init__.py": SERVICES, "factories.py": FACTORIES, "suite.py": SUITE, "pyproject.toml": PROJECT}
