"""Law 5: a run that is stopped before any of its writes, and made again, leaves what one run leaves."""

from __future__ import annotations

import random

import pytest

from factories.command.run import _make
from seedbed.command.console import Console
from services.audit import audit
from tests.contract.world import Stop, Watched
from tests.digests import orders

STOPS = {"minimal": 8, "celebrity-feed": 1}  # the commonest often, a large one once
LARGE = {"realistic", "small stress", "popular-post"}  # more of the same, for minutes
ORDERS = {name: order for name, order in orders().items() if name not in LARGE}


def make(app, name):
    return _make(app, ORDERS[name], Console(is_quiet=True))


def left(app):
    found = audit(app.session.store)
    assert found.findings == ()
    return found.rows, found.digest


@pytest.fixture
def open_table(open_app):
    """Open a new table, as the command does for a world."""
    return lambda name: open_app(clock=lambda: ORDERS[name].as_of, seed=ORDERS[name].seed)


@pytest.mark.parametrize("name", ORDERS)
def test_a_run_that_is_stopped_anywhere_and_made_again_is_the_run_itself(open_table, name):
    with open_table(name) as app, Watched(app) as watched:
        make(app, name)
        writes, wanted = watched.written, left(app)
        make(app, name)
        assert (watched.written, left(app)) == (writes, wanted), "a finished run was written again"

    draw = random.Random(name)
    for _ in range(STOPS.get(name, 2)):
        with open_table(name) as app:
            with Watched(app) as watched:
                watched.stop_at = draw.randrange(writes)
                with pytest.raises(Stop):
                    make(app, name)
            make(app, name)
            assert left(app) == wanted, f"stopped before write {watched.stop_at} of {writes}"
