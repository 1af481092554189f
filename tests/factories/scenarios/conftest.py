"""Apps for scenarios: a clock that stands, and a fan-out limit that a small scenario can cross."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from factories import using
from services import connect

AS_OF = datetime(2026, 1, 31, 12, tzinfo=UTC)
FAN_OUT_LIMIT = 20


@pytest.fixture
def fresh():
    """Open fresh apps, as many as a test wants; all are closed afterwards."""
    apps = []

    def opened(**options):
        settings = {"seed": 7, "fan_out_limit": FAN_OUT_LIMIT, "validate": True, "clock": lambda: AS_OF}
        apps.append(connect(**settings | options))
        return apps[-1]

    yield opened
    for app in apps:
        app.close()


@pytest.fixture
def small(fresh):
    """A fresh app, with the factories bound to it."""
    app = fresh()
    with using(app, seed=7):
        yield app


@pytest.fixture
def rows():
    """Read a table: all rows by key."""

    def read(app):
        found = (row for part in app.session.store.scan() for row in part)
        return {(row["PK"]["S"], row["SK"]["S"]): row for row in found}

    return read
