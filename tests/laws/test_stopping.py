"""Law 5: a run that is stopped before any of its writes, and made again, leaves what one run leaves."""

from __future__ import annotations

import random

import pytest

from factories import using
from factories.presets import PRESETS
from factories.scenarios import run_scenario, scenarios
from factories.seeder import Seeder
from services.audit import audit
from tests.contract.world import START, Stop, Watched

STOPS = {"minimal": 8}  # a preset is the commonest; two of each scenario


def make(app, name):
    with using(app, seed=name):
        if name in PRESETS:
            Seeder(app, PRESETS[name]).run()
        else:
            run_scenario(name, app)


def left(app):
    found = audit(app.session.store)
    assert found.findings == ()
    return found.rows, found.digest


@pytest.mark.parametrize("name", ["minimal", *scenarios()])
def test_a_run_that_is_stopped_anywhere_and_made_again_is_the_run_itself(open_app, name):
    with open_app(clock=lambda: START) as app, Watched(app) as watched:
        make(app, name)
        writes, wanted = watched.written, left(app)
        make(app, name)
        assert left(app) == wanted

    draw = random.Random(name)
    for _ in range(STOPS.get(name, 2)):
        with open_app(clock=lambda: START) as app:
            with Watched(app) as watched:
                watched.stop_at = draw.randrange(writes)
                with pytest.raises(Stop):
                    make(app, name)
            make(app, name)
            assert left(app) == wanted, f"stopped before write {watched.stop_at} of {writes}"
