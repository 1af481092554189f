"""Junk in any argument of any public method is refused by name, by an error of ours, and leaves nothing behind."""

from __future__ import annotations

import pytest

from benchmarks.arguments import FACTORIES, JUNK, SERVICES, Call, World, faults, tried
from factories import using
from services import connect


@pytest.mark.parametrize("seed", range(5))
def test_a_thousand_calls_with_junk_are_answered_in_the_right_way(seed):
    assert list(map(str, faults(1_000, seed))) == []


def test_every_public_method_is_called():
    with connect() as app:
        names = {call.name for call in World(app).calls()}

    assert {f"{factory.__name__}.create" for factory in FACTORIES} < names
    assert {name.split(".")[1] for name in names if name.startswith("app.")} > {*SERVICES}
    assert {"app.at", "app.unit_of_work", "app.runs.reset", "app.profiles.update_profile"} < names
    assert len(names) > 50
    assert len(JUNK) > 30


def bare(**_junk):
    raise TypeError


def unnamed(**_junk):
    with connect() as app:
        app.runs.find(None)


@pytest.mark.parametrize("function", [bare, unnamed])
def test_a_wrong_answer_is_found(function):
    with connect() as app, using(app):
        assert tried(app, Call("app.nothing", function, {}), {"zebra": None}) is not None


def test_what_is_left_behind_is_found():
    with connect() as app, using(app):

        def leaving(**junk):
            app.profiles.create_profile(email="a@example.com", username="ada", handle="ada", full_name="Ada")
            app.runs.find(junk["name"])

        fault = tried(app, Call("app.runs.find", leaving, {}), {"name": None})

    assert fault is not None
    assert "left 4 rows behind, 0 before" in str(fault)
