"""A dry run, and a run that fails: what tasks and threads of it commit is refused, or told to be left."""

from __future__ import annotations

import pytest

from seedbed.errors import DryElsewhereError
from seedbed.suite import load_suite
from seedbed.suite.whole import as_dry_run, as_one
from tests.adapters.shop import Product, new_engine, rows

SHOP = """
import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager

from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import sessionmaker

from seedbed import ServiceFactory, Suite, scenario, using
from seedbed.sqlalchemy import unit_of_work
from seedbed.strategy.binding import current_binding
from tests.adapters.shop import Base, Product, new_engine


class Desk:
    def __init__(self, sessions):
        self.sessions = sessions

    def add(self, name: str) -> Product:
        with self.sessions.begin() as session:
            product = Product(name=name, stock=1)
            session.add(product)
        return product


class AsyncDesk:
    def __init__(self, sessions):
        self.sessions = sessions

    async def add(self, name: str) -> Product:
        async with self.sessions.begin() as session:
            product = Product(name=name, stock=1)
            session.add(product)
        return product


class ProductFactory(ServiceFactory[Product]):
    class Meta:
        service = "add"

    name = "Tea"


@contextmanager
def open_desk():
    engine = new_engine("sqlite:///shop.db")
    yield Desk(sessionmaker(engine, expire_on_commit=False))
    engine.dispose()


@asynccontextmanager
async def open_async_desk():
    new_engine("sqlite:///shop.db").dispose()
    engine = create_async_engine("sqlite+aiosqlite:///shop.db")
    yield AsyncDesk(async_sessionmaker(engine, expire_on_commit=False))
    await engine.dispose()


def work(binding):
    with using(binding):
        return ProductFactory()


def in_pool(function, *arguments):
    with ThreadPoolExecutor(1) as executor:
        executor.submit(function, *arguments).result()


@scenario("threads")
class Threads:
    def run(self, app):
        in_pool(work, current_binding())


@scenario("services-in-threads")
class Services:
    def run(self, app):
        in_pool(app.add, "Tea")


@scenario("gathered")
class Gathered:
    async def run(self, app):
        await asyncio.gather(*(ProductFactory.create_async() for _ in range(3)))


@scenario("services-gathered")
class ServicesGathered:
    async def run(self, app):
        await asyncio.gather(*(app.add("Tea") for _ in range(3)))


@scenario("group")
class Group:
    async def run(self, app):
        async with asyncio.TaskGroup() as group:
            group.create_task(ProductFactory.create_batch_async(2))


@scenario("wrong")
class Wrong:
    def run(self, app):
        raise ZeroDivisionError("oops")


@scenario("async-wrong")
class AsyncWrong:
    async def run(self, app):
        raise ZeroDivisionError("oops")


plain = Suite(
    "desk", open=open_desk, factories=[ProductFactory], scenarios=[Threads, Services, Wrong],
    unit_of_work=unit_of_work("sessions"),
)
awaited = Suite(
    "desk", open=open_async_desk, factories=[ProductFactory], scenarios=[Gathered, ServicesGathered, Group, AsyncWrong],
    unit_of_work=unit_of_work("sessions"),
)
"""
TWO = """
from contextlib import contextmanager, nullcontext

from sqlalchemy.orm import Session

from seedbed import ServiceFactory, Suite, scenario
from seedbed.sqlalchemy import unit_of_work
from seedbed.strategy.units import PlainUnit
from tests.adapters.shop import Product, new_engine


class Two:
    def __init__(self, ours, theirs):
        self.ours, self.theirs = ours, theirs

    def add(self, name: str) -> Product:
        return self._add(self.ours, name)

    def add_there(self, name: str) -> Product:
        return self._add(self.theirs, name)

    def _add(self, session, name):
        session.add(product := Product(name=name, stock=1))
        session.flush()
        return product


class OurFactory(ServiceFactory[Product]):
    class Meta:
        service = "add"

    name = "Tea"


class TheirFactory(OurFactory):
    class Meta:
        service = "add_there"
        unit_of_work = unit_of_work("theirs")


@contextmanager
def open_both():
    engines = [new_engine(f"sqlite:///{name}.db") for name in ("ours", "theirs")]
    with Session(engines[0]) as ours, Session(engines[1]) as theirs:
        yield Two(ours, theirs)
    for engine in engines:
        engine.dispose()


@scenario("both")
class Both:
    def run(self, app):
        OurFactory()
        TheirFactory()


suite = Suite(
    "two", open=open_both, factories=[OurFactory, TheirFactory], scenarios=[Both], unit_of_work=unit_of_work("ours")
)
"""
ELSEWHERE = [
    ("plain", "threads"),
    ("plain", "services-in-threads"),
    ("awaited", "gathered"),
    ("awaited", "services-gathered"),
    ("awaited", "group"),
]


@pytest.fixture
def program(program):
    (program / "desk.py").write_text(SHOP)
    return program


@pytest.mark.parametrize(("suite", "name"), ELSEWHERE)
def test_in_a_dry_run_tasks_and_threads_of_their_own_are_refused(program, seed, products, suite, name):
    ended, _, complained = seed("-s", name, "--dry-run", suite=f"desk:{suite}")

    assert (ended, products()) == (3, 0), complained
    assert "a dry run or rehearsal stands around this call" in complained


@pytest.mark.parametrize(("suite", "name"), ELSEWHERE)
def test_they_commit_in_a_run_and_a_failure_after_them_does_not_say_that_nothing_is_left(
    program, seed, products, suite, name
):
    wrong = "async-wrong" if suite == "awaited" else "wrong"
    ended, _, complained = seed("-s", name, "-s", wrong, suite=f"desk:{suite}")

    assert (ended, products() > 0) == (3, True), complained
    assert "ZeroDivisionError: oops" in complained
    assert "nothing of the run is left" not in complained


def run_both(suite, app):
    with as_one(suite, app):
        suite.run("threads", app)
        suite.run("wrong", app)


def test_a_failed_scenario_that_is_run_from_python_says_so_too(program):
    suite = load_suite("desk:plain")
    with suite.app() as app, suite.using(app):
        with pytest.raises(ZeroDivisionError) as caught:
            run_both(suite, app)
        assert caught.value.__notes__ == ["what other tasks or threads of it committed is left"]
        with pytest.raises(ZeroDivisionError) as caught:
            suite.run("wrong", app)
        assert not hasattr(caught.value, "__notes__")


def test_of_another_app_nothing_is_refused(program):
    suite = load_suite("desk:plain")
    with suite.app() as app, suite.app() as other, as_dry_run(suite, app):
        with suite.using(other):
            suite.run("threads", other)
        with suite.using(app), pytest.raises(DryElsewhereError):
            suite.run("threads", app)


def test_factories_with_units_of_their_own_are_undone_in_a_dry_run_too(program, seed):
    """Of another database, say, of which the suite's own unit of work knows nothing."""
    (program / "two.py").write_text(TWO)
    assert seed("-s", "both", suite="two:suite")[0] == 0
    ended, output, _ = seed("-s", "both", "--dry-run", suite="two:suite")

    assert (ended, "nothing was written" in output) == (0, True)
    engines = [new_engine(f"sqlite:///{program}/{name}.db") for name in ("ours", "theirs")]
    assert [len(rows(engine, Product)) for engine in engines] == [1, 1]
    for engine in engines:
        engine.dispose()


def test_where_such_a_unit_cannot_undo_no_dry_run_is_made(program, seed):
    (program / "two.py").write_text(TWO.replace('unit_of_work("theirs")', "lambda app: nullcontext(PlainUnit())"))
    ended, _, complained = seed("-s", "both", "--dry-run", suite="two:suite")

    assert (ended, "cannot make a dry run" in complained) == (2, True), complained
