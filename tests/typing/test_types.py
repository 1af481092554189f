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

from tests.documents import blocks
from tests.outside import ROOT, run, write

pytestmark = pytest.mark.outside

PROGRAM = '''
from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import seedbed
from seedbed import (
    BuildFailureError, Bulk, Counter, Draw, Fake, Many, One, Range, ServiceFactory, Suite, Then, Trait, Unique,
    acting, after_create, assert_counters_exact, before_create, current_app, lint, recycle, scenario, silenced, using,
    ways_round,
)
from seedbed import ServiceFactroy  #! ServiceFactroy
from seedbed.declarations import (
    ContainerAttribute, Dict, Faker, Iterator as Turns, LazyAttribute, LazyAttributeSequence, LazyFunction, List, Maybe,
    PostGeneration, PostGenerationMethodCall, RelatedFactory, RelatedFactoryList, SelfAttribute, Sequence, SubFactory,
    Transformer, container_attribute, iterator, lazy_attribute, lazy_attribute_sequence, post_generation, sequence,
)
from seedbed.declarations import Sequenec  #! Sequenec
from seedbed.django import scratch as throw_away, unit_of_work as django_unit
from seedbed.dynamo import Tabel  #! Tabel
from seedbed.fixtures import app_fixture, factory_fixtures, open_app as open_for
from seedbed.http import Api, AsyncApi, Endpoint, unit_of_work as http_unit
from seedbed.sqlalchemy import open_world, unit_of_work


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


class DeclaredFactory(ServiceFactory[Order]):
    class Meta:
        service = Orders.place_order

    customer = SubFactory(CustomerFactory, name=Sequence("customer {}".format))
    customer_id = SelfAttribute("customer.id", default="")
    total = LazyAttribute(lambda order: len(order.name))
    name = Faker("name", locale="de_DE")
    ordinal = Sequence(lambda number: number + 1)
    both = LazyAttributeSequence(lambda order, number: f"{order.name} {number}")
    moment = LazyFunction(App)
    turn = Turns([1, 2], cycle=False)
    flag = Maybe("name", yes_declaration=Faker("word"), no_declaration=None)
    values = Dict({"name": Faker("name")})
    parts = List([Sequence(str), 3])
    upper = Transformer("name", transform=str.upper)
    outer = ContainerAttribute(lambda order, containers: (order, containers))
    later = RelatedFactory(CustomerFactory, "order", name="x")
    more = RelatedFactoryList("program.CustomerFactory", "order", size=lambda: 3)
    sent = PostGenerationMethodCall("send", 1)
    after = PostGeneration(print)
    drawn = Draw(lambda random, order: random.randint(1, 6))
    fake = Fake("city", locale="de_DE")
    unique = Unique("handle")
    paid = Then("orders.pay")

    @lazy_attribute
    def lazy(order: Any) -> str:
        return str(order.name)

    @lazy_attribute_sequence
    def lazy_number(order: Any, number: int) -> str:
        return f"{order.name} {number}"

    @sequence
    def number(ordinal: int) -> str:
        return str(ordinal)

    @iterator
    def each() -> Iterator[int]:
        yield 1

    @container_attribute
    def around(order: Any, containers: Any) -> str:
        return str(containers)

    @post_generation
    def seal(order: Order, create: bool, extracted: Any, **kwargs: Any) -> None:
        print(order.totl)  #! totl


reveal_type(DeclaredFactory())  #: Order
reveal_type(DeclaredFactory.name)  #: Faker
reveal_type(DeclaredFactory.customer)  #: SubFactory
reveal_type(DeclaredFactory.seal)  #: (order: Order, create: bool, extracted: Any, **kwargs: Any) -> None
reveal_type(DeclaredFactory.drawn)  #: Draw
reveal_type(DeclaredFactory.paid)  #: Then
Sequence("customer {}")  #! object
Faker(name="word")  #! provider
LazyAttribute(lambda: 3)  #! object
reveal_type(Bulk("orders.import_many").size)  #: int
reveal_type(lint().is_clean)  #: bool
reveal_type(ways_round([OrderFactory])[0].reason)  #: str
with silenced("mailer.send") as silence, acting(Customer("1", "Ann")):
    reveal_type(silence)  #: Silence
seedbed.currnt_app()  #! currnt_app
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


def load_order(body: dict[str, Any]) -> dict[str, Any]:
    return body


class Remote(Api):
    place = Endpoint("POST", "/orders", Order, takes=("total",))
    find_all: Endpoint[list[Order] | None] = Endpoint("GET", "/orders", list[Order] | None)
    list = Endpoint("GET", "/orders", list[Order])
    read = Endpoint("GET", "/orders/{id}", into=read_order)
    find = Endpoint("GET", "/orders/{id}", Order | None)
    find_one = Endpoint[Order | None]("GET", "/orders/{id}", Order | None)
    texts = Endpoint("GET", "/texts", dict[str, str])
    load = Endpoint[dict[str, Any]]("GET", "/orders/{id}", into=load_order)
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
    reveal_type(api.find_one(id=3))  #: Order | None
    reveal_type(api.find_all())  #: list[Order] | None
    reveal_type(api.texts())  #: dict[str, str]
    reveal_type(api.load(id=3))  #: dict[str, Any]
    api.plaec()  #! plaec


async def remote_later(api: RemoteLater) -> None:
    reveal_type(await api.place(total=3))  #: Order


with using(App(), seed=1, suite=suite), recycle([Customer("1", "Ann")]):
    try:
        reveal_type(current_app())  #: Any
        reveal_type(current_app(App))  #: App
        current_app(App).ordres  #! ordres
        current_app("App")  #! current_app
        assert_counters_exact(current_app())
    except BuildFailureError as error:
        reveal_type(error.created)  #: tuple[Any, ...]


reveal_type(app_fixture("module"))  #: object
app_fixture("modul")  #! modul
reveal_type(factory_fixtures(OrderFactory))  #: Mapping[str, object]


def test_it(request: pytest.FixtureRequest) -> None:
    with open_for(request, suite=suite) as shop:
        reveal_type(shop)  #: App
    with open_for(request, suite=Suite("shop", open=make_app, factories=[])) as shop:
        reveal_type(shop)  #: App
    with open_for(request) as unknown:
        reveal_type(unknown)  #: Any


with throw_away(make_app)() as cleared, throw_away(open_app)() as opened, throw_away(yield_app)() as given:
    reveal_type(cleared)  #: App
    reveal_type(opened)  #: App
    reveal_type(given)  #: App
with django_unit()(App()) as transaction, http_unit()(App()) as answered:
    reveal_type(transaction)  #: Unit
    reveal_type(answered)  #: Unit
reveal_type(open_world(Path()))  #: Engine
Suite("shop", open=open_app, factories=[], unit_of_work=unit_of_work("session"), scratch=throw_away(open_app))
Suite("shop", open=open_app, factories=[], unit_of_work=django_unit(), listing=lambda app, model: [])
UNIT = unit_of_work()(App())
reveal_type(UNIT)  #: AbstractContextManager[Unit, bool | None] | AbstractAsyncContextManager[WaitingUnit, bool | None]
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
def check(request, environment, tmp_path_factory):
    """A checker: of a program's text, the types that it reveals and what it refuses, each by line."""
    pyright = request.getfixturevalue("pyright") if request.param == "pyright" else None

    def check_text(text):
        directory = tmp_path_factory.mktemp("program")
        write(directory, {"program.py": text})
        return of_mypy(directory, environment) if pyright is None else of_pyright(directory, environment, pyright)

    return check_text


@pytest.fixture(scope="module")
def said(check):
    return check(PROGRAM)


def test_every_type_is_exact(said):
    assert said[0] == REVEALED


def test_what_is_misspelt_is_found_and_nothing_else(said):
    wrong = [(line, LINES[line - 1], text) for line, text in said[1] if line not in REFUSED]
    assert wrong == []
    missed = {
        line: name for line, name in REFUSED.items() if not any(at == line and name in text for at, text in said[1])
    }
    assert missed == {}


def test_the_page_for_users_of_a_checker_shows_what_both_take(check):
    page = ROOT / "docs" / "own-services.md"
    (code,) = [block.code for block in blocks(page) if "seedbed.declarations" in block.code]

    assert check(code) == ({}, [])
