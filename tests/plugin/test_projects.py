"""The plugin in projects of others, with the folders and modules that people have, and a suite or none."""

from __future__ import annotations

import pytest

from tests.plugin.projects import run_pytest
from tests.plugin.shop import SHOP

PLAIN = {
    "test_it.py": "import sys\ndef test_it():\n"
    "    assert not {'factories', 'services', 'suite', 'seedbed.suite'} & {*sys.modules}\n"
}
OWN = "raise ImportError('this is the project\\'s own, and nobody asked for it')\n"


@pytest.mark.parametrize(
    "own", ["factories.py", "factories/__init__.py", "tests/__init__.py", "services/__init__.py", "suite.py"]
)
def test_nothing_of_a_project_is_imported_unasked(tmp_path, own):
    run = run_pytest(tmp_path, files={**PLAIN, own: OWN, "pyproject.toml": SHOP["pyproject.toml"]})
    assert run.passed == {"test_it"}, run.text


@pytest.mark.parametrize("place", ["factories.py", "factories/__init__.py", "tests/factories.py"])
def test_factories_of_a_project_are_its_own_wherever_they_are(tmp_path, place):
    name = place.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    files = {
        **{name: text for name, text in SHOP.items() if name != "factories.py"},
        place: SHOP["factories.py"].replace('"factories.', f'"{name}.'),
        "tests/__init__.py": "",
        "tests/test_it.py": f"""
from {name} import CustomerFactory

def test_it(seedbed_app, assert_counters_exact):
    customer = CustomerFactory(orders=2)
    assert seedbed_app.customers[customer.id] == customer
    assert CustomerFactory.__module__ == "{name}"
    assert_counters_exact()
""",
    }
    run = run_pytest(tmp_path, files=files)
    assert run.passed == {"test_it"}, run.text


def test_without_a_suite_the_plugin_is_silent_until_it_is_asked(tmp_path):
    files = {
        "test_it.py": "def test_it():\n    pass\n\ndef test_asked(seedbed_app):\n    pass\n"
        "\ndef test_factories():\n    from seedbed import ServiceFactory\n"
    }
    run = run_pytest(tmp_path, files=files)
    assert run.passed == {"test_it", "test_factories"}, run.text
    assert "--seedbed-seed" not in run.text
    assert "no suite found" in run.why["test_asked"]
    assert "[tool.seedbed]" in run.text
    assert "Traceback" not in run.text


WHICH = {
    "test_it.py": """
def test_it(seedbed_app):
    assert seedbed_app.name == "other"
"""
}


@pytest.mark.parametrize("way", ["--seedbed-suite", "--suite", "SEEDBED_SUITE", "ini", "workers"])
def test_a_suite_can_be_named(tmp_path, way):
    files = {**SHOP, **WHICH}
    options = {
        "--seedbed-suite": ["--seedbed-suite", "suite:other"],
        "--suite": ["--suite", "suite:other"],
        "workers": ["--suite=suite:other", "-n", "1"],
    }.get(way, [])
    if way == "ini":
        files["pytest.ini"] = "[pytest]\nseedbed_suite = suite:other\n"
    variables = {"SEEDBED_SUITE": "suite:other"} if way == "SEEDBED_SUITE" else {}
    run = run_pytest(tmp_path, *options, files=files, **variables)
    assert run.passed == {"test_it"}, run.text


def test_an_option_of_the_projects_own_may_be_called_suite(tmp_path):
    files = {
        **SHOP,
        "conftest.py": "def pytest_addoption(parser):\n    parser.addoption('--suite', choices=['fast', 'slow'])\n",
        "test_it.py": "def test_it(seedbed_app, pytestconfig):\n    assert pytestconfig.option.suite == 'slow'\n"
        "    assert seedbed_app.name == 'shop'\n",
    }
    run = run_pytest(tmp_path, "--suite", "slow", files=files)
    assert run.passed == {"test_it"}, run.text


@pytest.mark.parametrize(
    ("suite", "message"),
    [
        ("nowhere:suite", "suite 'nowhere:suite' cannot be used"),
        ("suite:suit", "suite has no suit: did you mean suite or Suite?"),
        ("suite:SHOP", "suite 'suite:SHOP' cannot be used"),
        ("suite", "suite 'suite' cannot be used"),
        ("suite:closed", "services:Missing"),
        ("suite:ill", "suite ill: its app does not open: ZeroDivisionError"),
    ],
)
def test_a_suite_that_cannot_be_used_says_why(tmp_path, suite, message):
    run = run_pytest(tmp_path, "--suite", suite, files={**SHOP, **WHICH})
    assert run.ends == {"test_it": "ERROR"}, run.text
    assert message in run.why["test_it"] + run.text


def test_a_scope_that_is_none_is_refused(tmp_path):
    files = {**SHOP, **WHICH, "pytest.ini": "[pytest]\nseedbed_app_scope = galaxy\n"}
    run = run_pytest(tmp_path, files=files)
    assert run.code == pytest.ExitCode.USAGE_ERROR
    assert "seedbed_app_scope: 'galaxy' is none of session, package, module, class, function" in run.text


SCOPES = """
import pytest
from factories import CustomerFactory
from seedbed import current_app, using
from services import Shop

class TestOne:
    def test_one(self, seedbed_app):
        CustomerFactory()
        assert current_app() is seedbed_app

    def test_two(self, seedbed_app):
        assert len(seedbed_app.customers) == {of_class}

def test_three(seedbed_app):
    assert len(seedbed_app.customers) == {of_module}

def test_those_before_are_closed(seedbed_app):
    assert [shop.is_open for shop in Shop.opened] == [False] * (len(Shop.opened) - 1) + [True]

def test_inner(seedbed_app):
    with using(Shop()) as binding:
        CustomerFactory()
        assert current_app() is binding.app is not seedbed_app
    assert current_app() is seedbed_app
"""


@pytest.mark.parametrize(
    ("scope", "of_class", "of_module"),
    [("function", 0, 0), ("class", 1, 0), ("module", 1, 1), ("package", 1, 1), ("session", 1, 1)],
)
@pytest.mark.parametrize("way", ["ini", "fixture"])
def test_the_app_at_every_scope(tmp_path, scope, of_class, of_module, way):
    files = {**SHOP, "test_it.py": SCOPES.format(of_class=of_class, of_module=of_module)}
    if way == "ini":
        files["pytest.ini"] = f"[pytest]\nseedbed_app_scope = {scope}\n"
    else:
        files["conftest.py"] = f"from seedbed.fixtures import app_fixture\nseedbed_app = app_fixture('{scope}')\n"
    run = run_pytest(tmp_path, "-p", "no:randomly", files=files)
    assert len(run.passed) == 5, run.text


def test_two_suites_in_one_run_do_not_touch_each_other(tmp_path):
    files = {
        **SHOP,
        "one/test_one.py": "def test_one(seedbed_app, seedbed_suite):\n"
        "    assert (seedbed_app.name, seedbed_suite.name) == ('shop', 'shop')\n",
        "two/conftest.py": "import pytest\nfrom suite import other\n"
        "@pytest.fixture(scope='session')\ndef seedbed_suite():\n    return other\n",
        "two/test_two.py": "def test_two(seedbed_app, seedbed_suite):\n"
        "    assert (seedbed_app.name, seedbed_suite.name) == ('other', 'other')\n",
        "test_both.py": """
from factories import CustomerFactory
from seedbed import current_app
from seedbed.fixtures import app_fixture, open_app
from seedbed.strategy.binding import current_binding

shop = app_fixture("module")
other = app_fixture(suite="suite:other")

def test_both(shop, other, request):
    assert current_app() is other
    CustomerFactory()
    assert (len(shop.customers), len(other.customers)) == (0, 1)
    assert (shop.name, other.name, current_binding().suite.name) == ("shop", "other", "other")
    with open_app(request) as third:
        assert current_app() is third
    assert not third.is_open
    assert current_app() is other
""",
    }
    run = run_pytest(tmp_path, files=files)
    assert run.passed == {"test_one", "test_two", "test_both"}, run.text


CHECK = """
import asyncio, threading, unittest
import pytest
from factories import CustomerFactory, OrderFactory
from seedbed import current_app, using
from seedbed.errors import ServiceError
from services import Shop
"""
ASYNC = {
    "test_asyncio.py": CHECK
    + """
import pytest_asyncio

@pytest_asyncio.fixture
async def inner():
    with using(Shop("inner")) as binding:
        yield binding.app

@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def wide():
    with using(Shop("wide")) as binding:
        yield binding.app

@pytest.mark.asyncio
async def test_ours(seedbed_app):
    assert current_app() is seedbed_app
    await asyncio.gather(*(asyncio.to_thread(CustomerFactory) for _ in range(3)))
    assert len(seedbed_app.customers) == 3

@pytest.mark.asyncio
async def test_inner(seedbed_app, inner):
    assert current_app() is inner
    OrderFactory()
    assert (len(inner.orders), len(seedbed_app.orders)) == (1, 0)

@pytest.mark.asyncio(loop_scope="module")
async def test_wide(wide):
    assert current_app() is wide
    CustomerFactory()

@pytest.mark.asyncio(loop_scope="module")
async def test_inside_wide(wide, seedbed_app):
    before = len(wide.customers)  # in whatever order tests come
    CustomerFactory()
    assert (len(wide.customers), len(seedbed_app.customers)) == (before, 1)

@pytest.mark.asyncio
async def test_after_inner(seedbed_app):
    assert current_app() is seedbed_app
""",
    "test_anyio.py": CHECK
    + """
pytestmark = pytest.mark.anyio

@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"

@pytest.fixture
async def inner():
    with using(Shop("inner")) as binding:
        yield binding.app

@pytest.fixture(scope="module")
async def wide():
    with using(Shop("wide")) as binding:
        yield binding.app

async def test_ours(seedbed_app):
    assert current_app() is seedbed_app
    await asyncio.to_thread(CustomerFactory)
    assert len(seedbed_app.customers) == 1

async def test_inner(inner):
    assert current_app() is inner
    OrderFactory()

async def test_wide(wide):
    assert current_app() is wide
    CustomerFactory()

async def test_inside_wide(wide, seedbed_app):
    assert current_app() is seedbed_app

async def test_after(seedbed_app):
    assert current_app() is seedbed_app
""",
    "test_threads_of_fixtures.py": CHECK
    + """
import anyio
import pytest_asyncio

@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"

def in_thread(loop):
    return anyio.to_thread.run_sync if loop == "anyio" else asyncio.to_thread

def fixtures(loop, mark):
    async def older():  # its loop, and anyio's task, are older than what each test binds
        with using(Shop("older")):
            yield

    async def returned(seedbed_app):
        return await in_thread(loop)(CustomerFactory)

    async def generated(seedbed_app):
        yield await in_thread(loop)(CustomerFactory)
        await in_thread(loop)(CustomerFactory)
        assert len(seedbed_app.customers) == 2

    class Tests:
        @mark
        async def of_a_class(self, seedbed_app):
            return type(self), await in_thread(loop)(CustomerFactory)

    return mark(older, scope="module"), mark(returned), mark(generated), Tests

def asyncio_fixture(function, scope="function"):
    return pytest_asyncio.fixture(function, scope=scope, loop_scope="module")

def plain_fixture(function, scope="function"):
    return pytest.fixture(function, scope=scope)

older_in_anyio, anyio_returned, anyio_generated, AnyioTests = fixtures("anyio", plain_fixture)
older_in_asyncio, asyncio_returned, asyncio_generated, AsyncioTests = fixtures("asyncio", asyncio_fixture)

class TestAnyio(AnyioTests):
    pytestmark = pytest.mark.anyio

    async def test_returned(self, older_in_anyio, anyio_returned, seedbed_app):
        assert list(seedbed_app.customers) == [anyio_returned.id]

    async def test_generated(self, older_in_anyio, anyio_generated, seedbed_app):
        assert list(seedbed_app.customers) == [anyio_generated.id]

    async def test_of_a_class(self, older_in_anyio, of_a_class, seedbed_app):
        assert of_a_class[0] is type(self)
        assert list(seedbed_app.customers) == [of_a_class[1].id]

@pytest.mark.asyncio(loop_scope="module")
class TestAsyncio(AsyncioTests):
    async def test_returned(self, older_in_asyncio, asyncio_returned, seedbed_app):
        assert list(seedbed_app.customers) == [asyncio_returned.id]

    async def test_generated(self, older_in_asyncio, asyncio_generated, seedbed_app):
        assert list(seedbed_app.customers) == [asyncio_generated.id]

    async def test_of_a_class(self, older_in_asyncio, of_a_class, seedbed_app):
        assert of_a_class[0] is type(self)
        assert list(seedbed_app.customers) == [of_a_class[1].id]
""",
    "test_cases.py": CHECK
    + """
@pytest.mark.usefixtures("seedbed_app")
class Case(unittest.TestCase):
    def setUp(self):
        self.customer = CustomerFactory(orders=1)

    def test_it(self):
        assert self.customer.orders_count == 1
        assert len(current_app().customers) == 1

    def test_again(self):
        assert len(current_app().customers) == 1

@pytest.mark.usefixtures("seedbed_app")
class AsyncCase(unittest.IsolatedAsyncioTestCase):
    async def test_task(self):
        await asyncio.to_thread(OrderFactory)
        assert len(current_app().orders) == 1

class Injected(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def inject(self, seedbed_app, assert_counters_exact):
        self.app, self.check = seedbed_app, assert_counters_exact

    def test_injected(self):
        OrderFactory.create_batch(2)
        assert self.check().is_exact
        broken = next(iter(self.app.customers.values()))
        self.app.customers[broken.id] = type(broken)(broken.id, broken.name, 5)
        with pytest.raises(AssertionError, match="orders_count is 5, and should be 1"):
            self.check()
""",
    "test_properties.py": CHECK
    + """
from hypothesis import given, settings, strategies as st
from seedbed.fixtures import app_fixture, open_app

world = app_fixture("module")

@settings(max_examples=5, database=None)
@given(size=st.integers(0, 3))
def test_each_example_has_a_world(request, size):
    with open_app(request) as app:
        CustomerFactory.create_batch(size)
        assert len(app.customers) == size

@settings(max_examples=5, database=None)
@given(size=st.integers(0, 3))
def test_one_world(world, size):
    before = len(world.customers)
    CustomerFactory.create_batch(size)
    assert len(world.customers) == before + size
""",
    "test_factories.py": CHECK
    + """
from seedbed.fixtures import factory_fixtures
import factories

factory_fixtures(CustomerFactory)

@pytest.fixture
def own():
    with using(Shop("own")) as binding:
        yield binding.app

def test_one(customer_factory, request):
    assert customer_factory is CustomerFactory
    customer_factory(orders=1)
    assert current_app().name == "shop"
    with pytest.raises(pytest.FixtureLookupError):
        request.getfixturevalue("order_factory")

def test_bound_already(own, customer_factory):
    customer_factory()
    assert len(own.customers) == 1

class TestAll:
    factory_fixtures()

    def test_all(self, order_factory, customer_factory):
        assert order_factory is OrderFactory
        assert order_factory().customer_id in current_app().customers

class TestOwn:
    factory_fixtures(OrderFactory, app="own")

    def test_own(self, order_factory, own):
        assert current_app() is own
""",
}


COUNTS = {
    "test_asyncio.py": 5,
    "test_anyio.py": 5,
    "test_threads_of_fixtures.py": 6,
    "test_cases.py": 4,
    "test_properties.py": 2,
    "test_factories.py": 4,
}


@pytest.fixture(scope="module")
def beside(tmp_path_factory):
    files = {**SHOP, **ASYNC, "pytest.ini": "[pytest]\nasyncio_default_fixture_loop_scope = function\n"}
    return run_pytest(tmp_path_factory.mktemp("beside"), "-n", "2", "--dist", "loadfile", files=files)


@pytest.mark.parametrize("file", ASYNC)
def test_beside_what_others_have(beside, file):
    ends = [end for name, end in beside.places.items() if name.startswith(file)]
    assert ends == ["PASSED"] * COUNTS[file], beside.text
