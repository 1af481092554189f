"""Names of scenarios: registered, installed, or a path to a class."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint

import attrs
import pytest

from factories import PostFactory, Range
from factories.errors import FactoryError, InvalidCountError
from factories.scenarios import (
    InvalidScenarioError,
    ScenarioImportError,
    ScenarioNameError,
    UnknownScenarioError,
    find_scenario,
    registry,
    run_scenario,
    scenario,
    scenarios,
)
from factories.scenarios.active_community import ActiveCommunity
from factories.scenarios.conversation import Conversation
from factories.scenarios.popular_post import PopularPost
from seedbed.scenarios import registry as names

BUILT_IN = ["active-community", "celebrity-feed", "conversation", "edge-cases", "popular-post"]
DEMO = '''
from factories import PostFactory

class Launch:
    """A launch.

    With more about it.
    """

    def run(self, app):
        return app.posts.get(PostFactory(caption="We are live").id)

class Needy:
    def __init__(self, size):
        self.size = size

    def run(self, app):
        return self.size

class Idle:
    """Does nothing."""

number = 3
'''

NOT_A_HOME = (
    "it is no scenario's home: no class Launch with a run stands in it, and its name has no scenario, story, seed, "
    "factory; of the working directory, nothing else is imported"
)


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    """What a test registers is forgotten after it."""
    scenarios()
    monkeypatch.setattr(registry.REGISTRY, "registered", dict(registry.REGISTRY.registered))


@pytest.fixture
def demo(tmp_path, monkeypatch):
    """A module of the user's own in the working directory, which is not on the path."""
    (tmp_path / "seedbed_demo.py").write_text(DEMO)
    (tmp_path / "seedbed_broken.py").write_text("1 / 0\n")
    (tmp_path / "setup.py").write_text("class Launch: pass\nraise SystemExit('setup ran')\n")
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "inner.py").write_text("raise SystemExit('inner ran')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [part for part in sys.path if part])
    yield "seedbed_demo"
    for name in ("seedbed_demo", "seedbed_broken"):
        sys.modules.pop(name, None)


def installed(monkeypatch, **entries):
    known = [EntryPoint(name.replace("_", "-"), value, names.ENTRY_POINTS) for name, value in entries.items()]
    monkeypatch.setattr(names, "entry_points", lambda group: known if group == names.ENTRY_POINTS else [])


def test_the_built_in_ones_are_listed_with_their_first_line():
    assert sorted(scenarios()) == BUILT_IN
    assert scenarios()["active-community"] == (
        "A small community in which everyone follows everyone, and every post is liked and talked about."
    )
    assert all(scenarios().values())


def test_a_registered_class_is_found_listed_and_run(app):
    @scenario("launch")
    class Launch:
        """A launch."""

        def run(self, app):
            return app.posts.get(PostFactory(caption="We are live").id)

    assert find_scenario("launch") is Launch
    assert scenarios()["launch"] == "A launch."
    assert run_scenario("launch", app).caption == "We are live"


def test_an_object_with_sizes_of_its_own_is_run(app):
    made = run_scenario(ActiveCommunity(users=3, posts_each=1, likes=Range(1, 1)), app)

    assert len(made.users) == 3
    assert made.likes_count == 3


def test_an_unknown_name_is_refused_with_the_near_ones():
    with pytest.raises(UnknownScenarioError) as caught:
        find_scenario("popular-pots")

    assert isinstance(caught.value, FactoryError)
    assert caught.value.name == "popular-pots"
    assert str(caught.value) == (
        "no scenario is called 'popular-pots': did you mean popular-post? (your own: package.module:ClassName)"
    )


def test_a_name_like_no_other_is_refused_with_all_names():
    with pytest.raises(UnknownScenarioError, match="known are " + ", ".join(BUILT_IN)):
        find_scenario("xyzzy")


def test_a_name_is_taken_once():
    with pytest.raises(ScenarioNameError, match="conversation:Conversation has this name"):

        @scenario("conversation")
        class Mine:
            def run(self, app):
                """Nothing."""


def test_the_same_class_may_register_again():
    """A module may be imported again, by reload or under `python -m`."""
    assert scenario("conversation")(Conversation) is Conversation


@pytest.mark.parametrize("name", ["", "Popular Post", "a:b", "-a", "a_b", Conversation])
def test_a_name_is_in_kebab_case(name):
    with pytest.raises(ScenarioNameError, match="lower case letters, digits and hyphens"):
        scenario(name)


def test_a_class_without_run_is_not_registered():
    with pytest.raises(InvalidScenarioError, match=r"has no run\(app\)"):

        @scenario("idle")
        class Idle:
            pass

    assert "idle" not in scenarios()


TAKE_IT = {
    "a method": lambda _self, _app: None,
    "with a default": lambda _self, _app=None, **_more: None,
    "anything": lambda *_all: None,
    "a static method": staticmethod(lambda _app: None),
    "a class method": classmethod(lambda _cls, _app: None),
}
DO_NOT = {
    "the object alone": lambda _self: None,
    "more": lambda _self, _app, _size: None,
    "by keyword": lambda _self, *, app: app,
    "a static method": staticmethod(lambda: None),
    "a class method": classmethod(lambda _cls: None),
}


@pytest.mark.parametrize("run", TAKE_IT.values(), ids=TAKE_IT)
def test_run_may_take_the_app_in_any_way(run):
    cls = scenario("told")(type("Told", (), {"run": run}))
    assert cls().run(None) is None


@pytest.mark.parametrize("run", DO_NOT.values(), ids=DO_NOT)
def test_a_run_that_does_not_take_the_app_is_refused_when_it_is_declared(run):
    with pytest.raises(InvalidScenarioError, match=r"Told\.run is called with the app, and does not take it"):
        scenario("told")(type("Told", (), {"run": run}))


def test_a_path_finds_a_class_in_the_working_directory(demo, app):
    assert run_scenario(f"{demo}:Launch", app).caption == "We are live"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("seedbed_demo:Lunch", "seedbed_demo has no Lunch: did you mean Launch?"),
        ("seedbed_dome:Launch", "ModuleNotFoundError: No module named 'seedbed_dome'"),
        ("seedbed_broken:Launch", "ZeroDivisionError: division by zero"),
        ("setup:Launch", NOT_A_HOME),
        ("package.inner:Launch", NOT_A_HOME),
        ("seedbed_demo:", "it must be package.module:ClassName"),
        (":Launch", "it must be package.module:ClassName"),
        ("seedbed_demo:Launch:x", "it must be package.module:ClassName"),
        (".:Launch", "it must be package.module:ClassName"),
        ("..:Launch", "it must be package.module:ClassName"),
        ("/:Launch", "it must be package.module:ClassName"),
        (".seedbed_demo:Launch", "it must be package.module:ClassName"),
        ("seedbed_demo..inner:Launch", "it must be package.module:ClassName"),
        ("seedbed-demo:Launch", "it must be package.module:ClassName"),
    ],
)
def test_a_path_that_cannot_be_imported_says_why(demo, name, message):
    with pytest.raises(ScenarioImportError) as caught:
        find_scenario(name)

    assert caught.value.path == name
    assert str(caught.value) == f"the scenario {name!r} cannot be imported: {message}"


@pytest.mark.parametrize("letter", ["x", "ü"])
def test_a_module_of_a_name_too_long_for_a_file_is_said_to_have_one(demo, letter):
    with pytest.raises(ScenarioImportError, match=r"no module has a name of 5,000 characters$") as caught:
        find_scenario(f"{letter * 5_000}:Launch")

    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("name", "message"),
    [("seedbed_demo:Idle", r"Idle has no run\(app\)"), ("seedbed_demo:number", "it must be a class, not 3")],
)
def test_what_has_no_run_is_no_scenario(demo, name, message):
    with pytest.raises(InvalidScenarioError, match=message):
        find_scenario(name)


def test_a_constructor_that_needs_arguments_is_refused(demo, app):
    with pytest.raises(InvalidScenarioError, match=r"must do without arguments \(missing .*'size'\)"):
        run_scenario(f"{demo}:Needy", app)


def test_an_installed_one_is_found_and_listed(demo, app, monkeypatch):
    sys.path.append(".")
    installed(monkeypatch, team_launch=f"{demo}:Launch")

    assert scenarios()["team-launch"] == "A launch."
    assert run_scenario("team-launch", app).caption == "We are live"


def test_an_installed_one_that_is_broken_is_listed_as_such(demo, monkeypatch):
    installed(monkeypatch, team_launch="seedbed_nowhere:Launch")

    assert scenarios()["team-launch"].startswith("(the scenario 'seedbed_nowhere:Launch' cannot be imported: ")
    with pytest.raises(ScenarioImportError):
        find_scenario("team-launch")


def test_an_installed_one_does_not_replace_a_built_in_one(demo, monkeypatch):
    installed(monkeypatch, conversation=f"{demo}:Launch")

    assert find_scenario("conversation") is Conversation


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: ActiveCommunity(users=1),
            "users of ActiveCommunity must be a whole number from 2 on, not 1",
        ),
        (lambda: ActiveCommunity(likes=5), "likes of ActiveCommunity must be a Range, not 5"),
        (
            lambda: PopularPost(followers=True),
            "followers of PopularPost must be a whole number from 1 on, not True",
        ),
        (lambda: Conversation(depth="9"), "depth of Conversation must be a whole number from 1 on, not '9'"),
    ],
)
def test_a_size_that_is_none_is_refused(make, message):
    with pytest.raises(InvalidCountError) as caught:
        make()

    assert str(caught.value) == message


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_scenarios_are_frozen_values(name):
    assert find_scenario(name)() == find_scenario(name)()
    assert attrs.has(find_scenario(name))
