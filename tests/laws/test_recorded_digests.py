"""Law 4 over time: a seed, preset or scenario, and date make the world that they made when it was recorded."""

from __future__ import annotations

import json

import pytest

from factories.seeding.worlds import WORLDS
from tests.digests import FILE, digest, in_short, orders

RECORDED = json.loads(FILE.read_text())


def test_every_preset_and_scenario_is_recorded():
    assert set(RECORDED) == set(orders())


def test_runs_note_what_is_recorded():
    assert in_short() == WORLDS, "`make digests` writes factories/seeding/worlds.py too"


@pytest.mark.parametrize("name", RECORDED)
def test_a_world_is_the_recorded_one(name):
    assert digest(orders()[name]) == RECORDED[name], (
        f"{name} makes another world than before. If that is meant: `make digests`, and a line in CHANGELOG.md"
    )
