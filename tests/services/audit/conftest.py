"""A fresh healthy world for each test."""

from __future__ import annotations

import pytest

from services import connect
from tests.services.audit.worlds import World, ticking


@pytest.fixture
def world():
    with connect(validate=True, seed=7, clock=ticking()) as app:
        yield World(app)
