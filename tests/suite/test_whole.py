"""A scenario, and a run of the command, stands whole or leaves nothing, where the suite's unit of work can undo."""

from __future__ import annotations

import copy
import pickle

import pytest
from sqlalchemy.orm import Session

from seedbed import BuildFailureError, scenario
from seedbed.command.errors import FailedRunError, InterruptedRunError
from seedbed.scenarios import ScenarioNameError, UnknownScenarioError
from seedbed.suite import Suite, load_suite
from seedbed.suite.errors import CommitError
from tests.adapters.shop import Product, ProductFactory, Shop, new_engine, rows

SHOP = '''
from contextlib import contextmanager
from sqlalchemy import event, text
from sqlalchemy.orm import Session
from tests.adapters.shop import CustomerFactory, OrderFactory, ProductFactory, Shop, new_engine
from seedbed import BuildFailureError, Suite, scenario
from seedbed.sqlalchemy import unit_of_work


@contextmanager
def open_shop():
    engine = new_engine("sqlite:///shop.db")
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys = ON"))
    engine.dispose()  # the connection that made the tables
    with Session(engine) as session:
        yield Shop(session)
    engine.dispose()


@scenario("first")
class First:
    def run(self, app):
        return ProductFactory.create_batch(3)


@scenario("refused")
class Refused:
    def run(self, app):
        ProductFactory.create_batch(2)
        OrderFactory.create_batch(2, quantity=5_000)


@scenario("mended")
class Mended:
    def run(self, app):
        ProductFactory.create_batch(2)
        try:
            OrderFactory.create_batch(2, quantity=5_000)
        except BuildFailureError as failure:
            return failure.failures


@scenario("wrong")
class Wrong:
    def run(self, app):
        ProductFactory.create_batch(2)
        raise ZeroDivisionError("oops")


@scenario("stopped")
class Stopped:
    def run(self, app):
        ProductFactory.create_batch(2)
        raise KeyboardInterrupt


@scenario("late")
class Late:
    """The database refuses it at the commit."""

    def run(self, app):
        ProductFactory.create_batch(2)
        app.session.execute(text("PRAGMA defer_foreign_keys = ON"))
        app.session.execute(text("INSERT INTO orders VALUES (1, 7, 7, 1, 0)"))


def small(app):
    ProductFactory.create_batch(2)
    OrderFactory(quantity=5_000)


suite = Suite(
    "shop", open=open_shop, factories=[CustomerFactory, ProductFactory, OrderFactory], scenarios=__name__,
    unit_of_work=unit_of_work("session"), planner={"small": small},
)
own_units = Suite("shop", open=open_shop, factories=suite.factories, scenarios=__name__)
'''


@pytest.fixture
def shop(program):
    (program / "sql_shop.py").write_text(SHOP)
    return load_suite("sql_shop:suite")


@pytest.mark.parametrize("name", ["suite", "own_units"])
@pytest.mark.parametrize(
    ("options", "code", "complaint"),
    [
        (("-s", "refused"), 3, "(2 of the batch failed, 0 were created); nothing of the run is left"),
        (("-s", "first", "-s", "refused"), 3, "nothing of the run is left"),
        (("-s", "wrong"), 3, "ZeroDivisionError: oops"),
        (("-s", "stopped"), 130, "stopped while stopped was made; nothing of the run is left"),
        (("-s", "late"), 3, "late: it could not be committed: IntegrityError"),
    ],
)
def test_a_run_that_fails_leaves_nothing(shop, seed, products, options, code, complaint, name):
    ended, _, complained = seed(*options, suite=f"sql_shop:{name}")

    assert (ended, complaint in complained, products()) == (code, True, 0), complained


def test_a_preset_that_fails_leaves_nothing(shop, seed, products):
    assert (seed("-e", "small", suite="sql_shop:suite")[0], products()) == (3, 0)


def test_a_run_that_is_well_stands_and_what_its_story_takes_of_refusals_does_not(shop, seed, products):
    ended, output, complained = seed("-s", "first", "-s", "mended", suite="sql_shop:suite")

    assert (ended, products()) == (0, 7), complained
    assert output.splitlines()[1] == "rows: 2 Customer, 0 Order, 7 Product"


def test_a_scenario_is_run_by_its_name_from_python_and_leaves_nothing_where_it_fails(shop, products):
    with shop.app() as app:
        with pytest.raises(BuildFailureError):
            shop.run("refused", app)
        assert app.session.query(Product).count() == 0
        assert [product.name for product in shop.run("first", app)] == ["Product 0", "Product 1", "Product 2"]
        with pytest.raises(CommitError, match="could not be committed: IntegrityError"):
            shop.run("late", app)
        with pytest.raises(UnknownScenarioError, match="no scenario is called 'frist': did you mean first"):
            shop.run("frist", app)

    assert products() == 3


class Plain:
    """A unit of work that cannot undo, and that none may be opened in."""

    is_open = False

    def __init__(self, shop):
        self.shop = shop

    def __enter__(self):
        assert not Plain.is_open
        Plain.is_open = True
        return self

    def stored(self, value):
        return value

    def __exit__(self, *_):
        self.shop.session.commit()
        Plain.is_open = False


def test_a_unit_of_work_that_cannot_undo_is_not_opened_round_a_scenario():
    class FreeFactory(ProductFactory):
        class Meta:
            unit_of_work = Plain

    class Two:
        def run(self, app):
            assert not Plain.is_open
            FreeFactory()
            raise LookupError

    engine = new_engine()
    suite = Suite("shop", open=dict, factories=[FreeFactory], unit_of_work=Plain)

    with Session(engine) as session, pytest.raises(LookupError):
        suite.run(Two, Shop(session))

    assert (len(rows(engine, Product)), Plain.is_open) == (1, False)
    engine.dispose()


@pytest.mark.parametrize("name", [5, None, b"name", ["name"], object])
def test_a_scenario_is_called_by_a_text(name):
    with pytest.raises(ScenarioNameError, match="use lower case letters, digits and hyphens"):
        scenario(name)


@pytest.mark.parametrize("is_undone", [True, False])
def test_errors_of_a_run_survive_pickle_and_copy(is_undone):
    failed = FailedRunError("first", ValueError("no"), is_undone=is_undone)
    stopped = InterruptedRunError("first", is_undone=is_undone)

    for error in (failed, stopped):
        for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301 - our own bytes
            assert (str(again), again.part, again.is_undone) == (str(error), "first", is_undone)
