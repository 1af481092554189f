"""What mypy --strict and pyright strict make of a user's program: every type exact, and what is misspelt is found.

The program lies beside the wheel, with no setting but the checkers' own strict ones. A line that ends in `#: type` has
to be revealed so by both; one that ends in `#! text` has to be refused by both, with that text in what they say; no
other may be.
"""

from __future__ import annotations

import json
import re
import sys

import pytest

from tests.outside import run, write

pytestmark = pytest.mark.outside

PROGRAM = '''
from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from seedbed import (
    BuildFailureError, Counter, Many, One, Range, ServiceFactory, Suite, Trait,
    after_create, assert_counters_exact, before_create, current_app, recycle, scenario, using,
)
from seedbed.http import Api, AsyncApi, Endpoint


@dataclass
class Customer:
    id: str
    name: str


@dataclass
class Order:
    id: str
    customer_id: str
    total: int


class Orders:
    def place_order(self, customer_id: str, total: int) -> Order:
        return Order("1", customer_id, total)

    async def place_later(self, customer_id: str, total: int) -> Order:
        return Order("1", customer_id, total)

    def sign_up(self, name: str) -> Customer:
        return Customer("1", name)


class App:
    def __init__(self) -> None:
        self.orders = Orders()


class BaseFactory(ServiceFactory[Customer]):
    class Meta:
        abstract = True


class CustomerFactory(ServiceFactory[Customer]):
    class Meta:
        service = Orders.sign_up

    class Params:
        vip = Trait(name="VIP", orders=Range(1, 3))

    name = "Ann"
    orders = Many("program.OrderFactory", "customer")

    @before_create
    def capitals(cls, kwargs: dict[str, Any]) -> dict[str, Any]:
        return kwargs | {"name": str(kwargs["name"]).upper()}

    @after_create
    def welcome(cls, customer: Customer) -> None:
        print(cls.__name__, customer.name, cls.create(name="friend"), cls(name="friend"))


class OrderFactory(ServiceFactory[Order]):
    class Meta:
        model = Order
        service = "orders.place_order"

    customer = One(CustomerFactory, name="Bo")
    total = 3


reveal_type(OrderFactory())  #: Order
reveal_type(OrderFactory(total=4))  #: Order
reveal_type(OrderFactory.create())  #: Order
reveal_type(OrderFactory.create(total=4).total)  #: int
reveal_type(OrderFactory.create_batch(2))  #: list[Order]
reveal_type(OrderFactory.create_batch(size=2, total=4)[0].customer_id)  #: str
reveal_type(OrderFactory.create_each([{"total": 3}]))  #: list[Order]
reveal_type(OrderFactory.build())  #: Order
reveal_type(OrderFactory.build(total=4))  #: Order
reveal_type(OrderFactory.build_batch(2, total=4))  #: list[Order]
reveal_type(OrderFactory.stub())  #: Stub
reveal_type(OrderFactory.stub_batch(2))  #: list[Stub]
reveal_type(OrderFactory.stub().total)  #: Any
reveal_type(CustomerFactory.welcome)  #: (customer: Customer) -> None
reveal_type(CustomerFactory.capitals)  #: (kwargs: dict[str, Any]) -> dict[str, Any]
reveal_type(OrderFactory.customer)  #: One
reveal_type(CustomerFactory.orders)  #: Many
reveal_type(CustomerFactory.Params.vip)  #: Trait


async def later() -> None:
    reveal_type(await OrderFactory.create_async())  #: Order
    reveal_type(await OrderFactory.create_batch_async(2))  #: list[Order]
    reveal_type(await OrderFactory.create_each_async([{"total": 3}]))  #: list[Order]
    await OrderFactory.create_asinc()  #! create_asinc


def each(factory: type[ServiceFactory[Order]]) -> list[Order]:
    return [factory.create(), factory.build(), *factory.create_batch(2)]


each(OrderFactory)
each(CustomerFactory)  #! CustomerFactory
OrderFactory.creat()  #! creat
OrderFactory.biuld()  #! biuld
OrderFactory.create_bach(3)  #! create_bach
OrderFactory.create_batch("three")  #! create_batch
OrderFactory().totl  #! totl
CustomerFactory.welcome("Ann")  #! Customer
name: str = OrderFactory.build()  #! "Order"
Range("one", 2)  #! SupportsIndex


@contextmanager
def open_app() -> Generator[App]:
    yield App()


@scenario("first-order")
class FirstOrder:
    """Somebody orders."""

    def run(self, app: Any) -> Order:
        return OrderFactory()


suite = Suite(
    "shop",
    open=open_app,
    factories=[OrderFactory, CustomerFactory],
    counters=[Counter("orders_count", of=Customer, counts=Order, by="customer_id")],
    scenarios=[FirstOrder],
)
reveal_type(suite)  #: Suite[_GeneratorContextManager[App, None, None]]
reveal_type(suite.name)  #: str
reveal_type(FirstOrder())  #: FirstOrder
reveal_type(FirstOrder().run(App()))  #: Order
suite.audti  #! audti


class Client:
    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None: ...


def yield_app(target: str | None = None) -> Generator[App]:
    yield App()


def iterate_app() -> Iterator[App]:
    yield App()


def make_app() -> App:
    return App()


async def give_app() -> App:
    return App()


async def stream_app() -> AsyncIterator[App]:
    yield App()


@asynccontextmanager
async def hold_app() -> AsyncGenerator[App]:
    yield App()


async def open_each() -> None:
    async with Suite("shop", open=give_app, factories=[]).app_async() as app:
        reveal_type(app)  #: App
    async with Suite("shop", open=stream_app, factories=[]).app_async("shop.db") as app:
        reveal_type(app)  #: App
    async with Suite("shop", open=hold_app, factories=[]).scratch_app_async(seed=1) as app:
        reveal_type(app)  #: App
    async with Suite("shop", open=open_app, factories=[]).app_async() as app:
        reveal_type(app)  #: App
    async with Suite("shop", open=make_app, factories=[]).scratch_app_async() as app:
        reveal_type(app)  #: App
        app.ordres  #! ordres


by_name: Suite[App] = Suite("shop", open="shop.app:open_app", factories="shop.factories")
untold = Suite("shop", open="shop.app:open_app", factories="shop.factories")
either: Suite = Suite("shop", open=open_app, factories=[])
with suite.app() as app:
    reveal_type(app)  #: App
    app.ordres  #! ordres
    reveal_type(suite.rows(app, Order))  #: Iterable[Order]
    reveal_type(suite.rows(app, "Order"))  #: Iterable[Any]
    reveal_type(suite.run(FirstOrder, app))  #: Order
    reveal_type(suite.run(FirstOrder(), app))  #: Order
    reveal_type(suite.run("first-order", app))  #: Any
    with suite.using(app, seed=1) as binding:
        reveal_type(binding)  #: Binding[App]
        reveal_type(binding.app.orders)  #: Orders
    with using(binding) as joined:
        reveal_type(joined)  #: Binding[App]
with suite.app("shop.db", seed=1) as app, using(app) as binding:
    reveal_type(binding.app)  #: App
with suite.scratch_app() as scratch:
    reveal_type(scratch)  #: App
with Suite("shop", open=yield_app, factories=[]).app() as app:
    reveal_type(app)  #: App
with Suite("shop", open=iterate_app, factories=[]).app() as app:
    reveal_type(app)  #: App
with Suite("shop", open=iterate_app, factories=[]).scratch_app() as app:
    reveal_type(app)  #: App
with Suite("shop", open=make_app, factories=[]).app() as app:
    reveal_type(app)  #: App
with Suite("shop", open=App, factories=[]).scratch_app() as app:
    reveal_type(app)  #: App
with Suite("shop", open=Client, factories=[]).app() as client:
    reveal_type(client)  #: Client
with by_name.app() as app:
    reveal_type(app)  #: App
with untold.app() as anything:
    reveal_type(anything)  #: Any
with either.app() as whatever:
    reveal_type(whatever)  #: Any
Suite("shop", open=open_app, factroies=[])  #! factroies
Counter("orders_count", fo=Customer)  #! fo


def read_order(body: dict[str, str]) -> Order:
    return Order(body["id"], body["customer"], int(body["total"]))


class Remote(Api):
    place = Endpoint("POST", "/orders", Order, takes=("total",))
    list = Endpoint("GET", "/orders", list[Order])
    read = Endpoint("GET", "/orders/{id}", into=read_order)
    find = Endpoint("GET", "/orders/{id}", Order | None)
    raw = Endpoint("GET", "/raw")


class RemoteLater(AsyncApi):
    place = Endpoint("POST", "/orders", Order)


class RemoteFactory(ServiceFactory[Order]):
    class Meta:
        service = Remote.place


def remote(api: Remote) -> None:
    reveal_type(api.place(total=3))  #: Order
    reveal_type(api.list())  #: list[Order]
    reveal_type(api.read(id=3))  #: Order
    reveal_type(api.find(id=3))  #: Any
    reveal_type(api.raw())  #: Any
    api.plaec()  #! plaec


async def remote_later(api: RemoteLater) -> None:
    reveal_type(await api.place(total=3))  #: Order


with using(App(), seed=1, suite=suite), recycle([Customer("1", "Ann")]):
    try:
        reveal_type(current_app())  #: Any
        assert_counters_exact(current_app())
    except BuildFailureError as error:
        reveal_type(error.created)  #: tuple[Any, ...]
'''
LINES = PROGRAM.splitlines()
REVEALED = {number: line.partition("#: ")[2] for number, line in enumerate(LINES, 1) if "#: " in line}
REFUSED = {number: line.partition("#! ")[2] for number, line in enumerate(LINES, 1) if "#! " in line}


def plain(kind):
    """A type as both checkers would write it."""
    kind = re.sub(r"^def ", "", kind)
    if kind.startswith("(") and "->" not in kind:
        kind += " -> None"
    return re.sub(r"\b(?:[A-Za-z_]+\.)+(?=[A-Za-z_])", "", kind)


def of_mypy(directory, environment):
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--python-executable", environment.python]
    said = run([*command, "program.py"], directory).stdout
    notes = re.findall(r'^program\.py:(\d+): note: Revealed type is "(.*)"$', said, re.MULTILINE)
    errors = re.findall(r"^program\.py:(\d+): error: (.*)$", said, re.MULTILINE)
    return {int(line): plain(kind) for line, kind in notes}, [(int(line), text) for line, text in errors]


def of_pyright(directory, environment, pyright):
    (directory / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}', encoding="utf-8")
    said = run([pyright, "--outputjson", "--pythonpath", environment.python, "program.py"], directory).stdout
    notes, errors = {}, []
    for one in json.loads(said)["generalDiagnostics"]:
        line = one["range"]["start"]["line"] + 1
        if one["severity"] == "information":
            notes[line] = plain(re.fullmatch(r'Type of ".*" is "(.*)"', one["message"], re.DOTALL)[1])
        elif one.get("rule") != "reportUnusedExpression":  # the program's lines are expressions
            errors.append((line, one["message"]))
    return notes, errors


@pytest.fixture(scope="module", params=["mypy", "pyright"])
def said(request, environment, tmp_path_factory):
    directory = tmp_path_factory.mktemp("program")
    write(directory, {"program.py": PROGRAM})
    if request.param == "mypy":
        return of_mypy(directory, environment)
    return of_pyright(directory, environment, request.getfixturevalue("pyright"))


def test_every_type_is_exact(said):
    assert said[0] == REVEALED


def test_what_is_misspelt_is_found_and_nothing_else(said):
    wrong = [(line, LINES[line - 1], text) for line, text in said[1] if line not in REFUSED]
    assert wrong == []
    missed = {
        line: name for line, name in REFUSED.items() if not any(at == line and name in text for at, text in said[1])
    }
    assert missed == {}
