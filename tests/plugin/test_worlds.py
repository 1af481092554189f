"""Worlds as tests ask for them: by marker and by fixture, at every scope, with several workers, in any order."""

from __future__ import annotations

from tests.plugin.projects import AS_OF, run_pytest

TESTS = """
import pytest
from factories import LikeFactory, PostFactory, UserFactory, current_app

def fill(app):
    print("made:world")
    return {"post": PostFactory(likes=3), "people": UserFactory.create_batch(2)}

@pytest.mark.seedbed("filled", fill)
@pytest.mark.parametrize("number", range(4))
def test_marked(seedbed_app, seedbed_world, number):
    assert current_app() is seedbed_app is seedbed_world.app
    LikeFactory.create_batch(number, post=seedbed_world["post"])
    assert seedbed_app.posts.get(seedbed_world["post"].id).likes_count == 3 + number
    assert seedbed_app.audit().is_clean

@pytest.mark.seedbed("filled", make=fill)
def test_the_factories_alone():
    assert UserFactory().followers_count == 0
    assert len(current_app().audit().findings) == 0

@pytest.mark.parametrize("number", range(3))
def test_called(seedbed_world, number):
    first, second = seedbed_world("filled", fill), seedbed_world("filled", fill)
    LikeFactory(post=second["post"])
    assert current_app() is second.app
    assert first.app.posts.get(first["post"].id).likes_count == 3

def test_none(seedbed_app):
    assert seedbed_app.audit().rows <= 1
"""

WRONG = """
import pytest

@pytest.mark.seedbed()
def test_nothing(seedbed_app): ...

@pytest.mark.seedbed("minimal", seed=5)
def test_unknown(seedbed_app): ...

@pytest.mark.seedbed("minimal", None, {}, 4)
def test_many(seedbed_app): ...

@pytest.mark.seedbed("minmal")
def test_misspelt(seedbed_app): ...
"""

WIDE = """
import pytest

{pytestmark}
@pytest.mark.seedbed("minimal")
def test_marked(seedbed_app, seedbed_world):
    assert seedbed_app.audit().rows > 100

def test_beside(seedbed_app): ...
"""


def test_tests_share_a_world_and_nothing_that_they_change(tmp_path):
    run = run_pytest(tmp_path, files={"test_worlds.py": TESTS}, is_social=True)
    assert len(run.passed) == 9, run.text
    assert run.made == ["world"]


def test_workers_share_it_too(tmp_path):
    run = run_pytest(tmp_path, "-n", "2", f"--seedbed-as-of={AS_OF}", files={"test_worlds.py": TESTS}, is_social=True)
    assert len(run.passed) == 9, run.text
    assert run.made == ["world"]


def test_a_marker_that_says_no_world_is_refused(tmp_path):
    run = run_pytest(tmp_path, files={"test_wrong.py": WRONG}, is_social=True)
    assert run.passed == set()
    assert run.text.count("@pytest.mark.seedbed takes a name, and if need be what makes it and with which values") >= 3
    assert "did you mean minimal?" in run.text


def test_a_wider_app_sees_the_marker_of_its_scope_and_refuses_others(tmp_path):
    wide = ("-o", "seedbed_app_scope=module")
    run = run_pytest(tmp_path, *wide, files={"test_wide.py": WIDE.format(pytestmark="")}, is_social=True)
    assert run.passed == {"test_beside"}
    assert "stands on one test, and `seedbed_app` is of the scope module: mark the module" in run.text
    marked = WIDE.format(pytestmark='pytestmark = pytest.mark.seedbed("minimal")')
    run = run_pytest(tmp_path, *wide, files={"test_wide.py": marked}, is_social=True)
    assert run.passed == {"test_marked", "test_beside"}, run.text
