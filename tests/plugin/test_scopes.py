"""The plugin beside what its users bind themselves, at every scope, and what is drawn while tests are collected."""

from __future__ import annotations

import re

import pytest

from tests.plugin import projects
from tests.plugin.projects import AS_OF

BOUND = """
import asyncio, unittest
import pytest
from factories import PostFactory, UserFactory, current_app, recycle, using
from factories.errors import NoAppError
from services import connect

OPEN = []

def bound():
    with connect() as app, using(app):
        OPEN.append(app)
        yield app
        OPEN.remove(app)

{fixtures}

def check(app):
    user = UserFactory()
    assert current_app() is app is OPEN[-1]
    assert app.profiles.get(user.id) == user
    assert UserFactory.build() != user
"""

SCOPES = (
    BOUND.format(
        fixtures="""
widest = pytest.fixture(scope="session")(bound)
of_module = pytest.fixture(scope="module")(bound)
of_class = pytest.fixture(scope="class")(bound)
narrowest = pytest.fixture(bound)
"""
    )
    + """
def test_nothing_is_bound():
    assert UserFactory.build()
    with pytest.raises(NoAppError):
        UserFactory()

def test_session(widest):
    check(widest)

def test_session_without_asking_for_it():
    check(OPEN[0])

def test_function_inside_session(narrowest, widest):
    check(narrowest)

def test_ours_inside_session(seedbed_app, widest):
    assert current_app() is seedbed_app is not widest
    UserFactory()
    with using(widest):
        check(widest)

def test_session_again(widest):
    check(widest)

def test_module_inside_session(of_module):
    check(of_module)

class TestClass:
    def test_class_inside_module(self, of_class):
        check(of_class)

    def test_function_inside_class(self, narrowest, of_class):
        check(narrowest)

    def test_ours_inside_class(self, seedbed_app):
        assert current_app() is seedbed_app

def test_module_again():
    check(OPEN[-1])
    assert len(OPEN) == 2

def test_an_old_loop(widest):
    async def main():
        check(OPEN[-1])
        await asyncio.to_thread(check, OPEN[-1])
    asyncio.run(main())
"""
)

CASES = (
    BOUND.format(fixtures="")
    + """
def setUpModule():
    unittest.enterModuleContext(using(unittest.enterModuleContext(connect())))
    OPEN.append(current_app())

class Plain(unittest.TestCase):
    def test_module(self):
        check(OPEN[0])

class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.app = cls.enterClassContext(connect())
        cls.enterClassContext(using(cls.app))
        OPEN.append(cls.app)
        cls.addClassCleanup(OPEN.pop)

    def setUp(self):
        check(self.app)

    def test_class(self):
        check(self.app)

    def test_method(self):
        with connect() as app, using(app):
            OPEN.append(app)
            check(app)
            OPEN.pop()
        check(self.app)

class Async(unittest.IsolatedAsyncioTestCase):
    setUpClass = classmethod(Case.setUpClass.__func__)

    def setUp(self):
        check(self.app)

    async def asyncSetUp(self):
        check(self.app)
        self.pool = await self.enterAsyncContext(asyncio.timeout(30)) and self.enterContext(recycle(UserFactory()))

    async def test_task(self):
        check(self.app)
        await asyncio.to_thread(check, self.app)
        author = self.pool.shelf(type(UserFactory.build())).items[0]
        assert PostFactory().author_id == author.id

    def test_plain(self):
        check(self.app)
"""
)

COLLECTED = """
import pytest
from factories import PostFactory, UserFactory, using
from services import connect
from conftest import CAROL

PEOPLE = UserFactory.build_batch(3)
APP = connect(clock=lambda: PEOPLE[0].created_at)
with using(APP):
    ADA = UserFactory()
    POST = PostFactory(author=ADA)
PLAIN = connect()
EVE = PLAIN.profiles.create_profile(email="eve@example.com", username="eve", handle="eve", full_name="Eve")
with using(PLAIN):
    BOB = UserFactory()
print("made:", CAROL, PEOPLE, ADA, POST, EVE, BOB)

@pytest.mark.parametrize("person", [CAROL, *PEOPLE, ADA, EVE, BOB], ids=lambda one: f"{one.id} {one.created_at}")
def test_person(person, seedbed_app):
    stored = seedbed_app.profiles.create_profile(
        **{name: getattr(person, name) for name in ("email", "username", "handle", "full_name")}
    )
    others = UserFactory.create_batch(5)
    assert stored.handle not in {other.handle for other in others}
    assert person.id not in {other.id for other in others}

def test_built_and_created_are_apart(request):
    built = UserFactory.build()
    app = request.getfixturevalue("seedbed_app")
    created = UserFactory()
    assert built.handle != created.handle != ADA.handle != PEOPLE[0].handle

def test_the_time_is_handed_on(pytestconfig):
    option, settled = pytestconfig.option.seedbed_as_of, getattr(pytestconfig, "workerinput", {"said": None})["said"]
    assert settled is None or f"--seedbed-as-of={settled}" in pytestconfig.invocation_params.args
    assert settled in {None, option}

def test_module_level():
    with using(APP):
        assert UserFactory().handle != ADA.handle
"""


def run_pytest(folder, *arguments, tests):
    return projects.run_pytest(folder, "-s", *arguments, files={"test_it.py": tests}, is_social=True)


def outcomes(result):
    counts = re.findall(r"(\d+) (passed|failed|error|warnings?)", result.text)
    return {name: int(count) for count, name in counts}


def test_a_binding_stands_at_every_scope(tmp_path):
    result = run_pytest(tmp_path, "-p", "no:randomly", tests=SCOPES)
    assert outcomes(result) == {"passed": 12}, result.text


def test_a_binding_stands_in_unittests_set_ups(tmp_path):
    result = run_pytest(tmp_path, tests=CASES)
    assert outcomes(result) == {"passed": 5}, result.text


def test_a_package_may_bind_for_all_its_modules(tmp_path):
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").touch()
    head = "import pytest\nfrom factories import UserFactory, current_app, using\nfrom services import connect\n"
    (package / "conftest.py").write_text(
        f"{head}\n@pytest.fixture(scope='package', autouse=True)\ndef app():\n"
        "    with connect() as app, using(app):\n        yield app\n"
    )
    for name in ("one", "two"):
        (package / f"test_{name}.py").write_text(
            f"{head}\ndef test_it(app):\n    assert current_app() is app\n    UserFactory()\n"
            "\ndef test_ours(seedbed_app, app):\n    assert current_app() is seedbed_app\n"
        )
    result = run_pytest(tmp_path, "package", tests="")
    assert outcomes(result) == {"passed": 4}, result.text


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "conftest.py").write_text(
        "from factories import UserFactory\nCAROL = UserFactory.build()\n"
        "def pytest_configure_node(node):\n    node.workerinput['said'] = node.config.option.seedbed_as_of\n"
    )
    return tmp_path


def test_all_workers_collect_the_same_and_no_test_draws_what_was_collected(folder):
    result = run_pytest(folder, "-n", "2", tests=COLLECTED)
    assert "Different tests were collected" not in result.text
    assert outcomes(result) == {"passed": 10}, result.text


def test_what_is_collected_follows_from_seed_and_time_alone(folder):
    options = ["--seedbed-as-of", AS_OF, "--collect-only"]
    one, again = (run_pytest(folder, *options, tests=COLLECTED).made for _ in range(2))
    other = run_pytest(folder, *options, "--seedbed-seed", "1", tests=COLLECTED).made
    assert one == again != other
    assert len(one) == 1
    assert "2026, 1, 31, 12, 0" in one[0]
