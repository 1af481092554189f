"""The garbage collector's threshold: raised while objects are made, and the process's own again afterwards."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading

import pytest

from factories import PostFactory, UserFactory, after_create, using
from factories.errors import BuildFailureError
from factories.presets import find_preset
from factories.scenarios import run_scenario
from factories.seeding.seeder import Seeder
from seedbed.strategy.collecting import CONTAINERS, rarer_collections
from services import connect

OWN = (701, 11, 12)


@pytest.fixture(autouse=True)
def own_threshold():
    before = gc.get_threshold()
    gc.set_threshold(*OWN)
    yield
    gc.set_threshold(*before)


seen: list[int] = []


class WatchedFactory(UserFactory):
    """Looks at the threshold while an object is made."""

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        seen.append(gc.get_threshold()[0])
        if kwargs["full_name"] == "broken":
            raise RuntimeError
        if kwargs["full_name"] == "nested":
            PostFactory()
            seen.append(gc.get_threshold()[0])
        return super()._create(model_class, *args, **kwargs)


@pytest.fixture(autouse=True)
def nothing_seen():
    seen.clear()


def test_it_is_raised_while_an_object_is_made_and_put_back(app):
    WatchedFactory()
    WatchedFactory.create_batch(2)
    assert seen == [CONTAINERS] * 3
    assert gc.get_threshold() == OWN


def test_it_is_put_back_when_a_declaration_or_the_service_fails(app):
    with pytest.raises(BuildFailureError):
        WatchedFactory(full_name="broken")
    with pytest.raises(BuildFailureError):
        WatchedFactory(email="none")
    assert seen == [CONTAINERS] * 2
    assert gc.get_threshold() == OWN


def test_a_nested_call_leaves_it_raised_for_the_outer_one(app):
    WatchedFactory(full_name="nested")
    assert seen == [CONTAINERS] * 2
    assert gc.get_threshold() == OWN


def test_hooks_that_run_afterwards_see_the_processs_own(app):
    class HookedFactory(UserFactory):
        @after_create
        def look(cls, _user):  # noqa: N805
            seen.append(gc.get_threshold()[0])

    HookedFactory()
    assert seen == [OWN[0]]


def test_building_leaves_it_alone():
    WatchedFactory.build()
    assert gc.get_threshold() == OWN


def test_it_is_raised_for_a_world_and_put_back(app):
    Seeder(app, find_preset("minimal"), lambda *_: seen.append(gc.get_threshold()[0])).run()
    assert set(seen) == {CONTAINERS}
    assert gc.get_threshold() == OWN


def test_it_is_raised_for_a_scenario_and_put_back_when_that_fails(app):
    class Story:
        def run(self, _app):
            seen.append(gc.get_threshold()[0])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        run_scenario(Story(), app)
    assert seen == [CONTAINERS]
    assert gc.get_threshold() == OWN


def test_the_last_of_several_threads_puts_it_back():
    first_is_in, second_is_out = threading.Event(), threading.Event()

    def first():
        with rarer_collections():
            first_is_in.set()
            second_is_out.wait(30)
            seen.append(gc.get_threshold()[0])

    thread = threading.Thread(target=first)
    with rarer_collections():
        thread.start()
        first_is_in.wait(30)
    second_is_out.set()
    thread.join(30)
    assert seen == [CONTAINERS]
    assert gc.get_threshold() == OWN


@pytest.mark.parametrize("own", [(0, 10, 10), (CONTAINERS + 1, 10, 10)], ids=["off", "higher"])
def test_one_that_is_off_or_higher_is_left_alone(own):
    gc.set_threshold(*own)
    with rarer_collections():
        seen.append(gc.get_threshold())
    assert [*seen, gc.get_threshold()] == [own, own]


@pytest.mark.parametrize("own", [OWN, (0, 10, 10)], ids=["raised", "off"])
def test_what_is_set_meanwhile_stands(own):
    gc.set_threshold(*own)
    with rarer_collections():
        gc.set_threshold(900, 5, 5)
    assert gc.get_threshold() == (900, 5, 5)


def test_a_second_app_in_a_hook_leaves_it_raised(app):
    class TwiceFactory(UserFactory):
        @classmethod
        def _create(cls, model_class, *args, **kwargs):
            with connect() as other, using(other):
                UserFactory()
            seen.append(gc.get_threshold()[0])
            return super()._create(model_class, *args, **kwargs)

    TwiceFactory()
    assert seen == [CONTAINERS]
    assert gc.get_threshold() == OWN


def test_the_whole_command_runs_with_rarer_collections():
    code = (
        "import sys; from seedbed.command.cli import main; "
        "sys.argv = ['seed', 'shell', '-c', 'import gc; print(gc.get_threshold()[0])']; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == str(CONTAINERS)
