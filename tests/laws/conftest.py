"""The laws run on one embedded engine, with a new table for each example."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count

import attrs
import pytest
from hypothesis import HealthCheck, settings

import services.app
from services.app import App, connect
from services.engines import embedded_engine
from tests.contract.world import TickingClock

settings.register_profile(
    "laws",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
# More of it, and other examples each time: pytest tests/laws --hypothesis-profile=laws-at-length
settings.register_profile("laws-at-length", parent=settings.get_profile("laws"), derandomize=False, max_examples=400)


@pytest.fixture(autouse=True, scope="session")
def _profile(request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("--hypothesis-profile"):
        settings.load_profile("laws")


OpenApp = Callable[..., AbstractContextManager[App]]


@pytest.fixture(scope="session")
def open_app() -> Iterator[OpenApp]:
    """Connect to a new table for a block: the same clock and seed each time."""
    numbers = count()
    with embedded_engine(validate=True) as engine:
        borrowed = attrs.evolve(engine, close=lambda: None)

        @contextmanager
        def opened(**wishes: object) -> Iterator[App]:
            name = f"law-{next(numbers)}"
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(services.app, "open_engine", lambda *_, **__: borrowed)
                app = connect(**{"table": name, "validate": True, "clock": TickingClock(), "seed": "laws"} | wishes)
            with app:
                yield app
            engine.client.delete_table(TableName=name)

        yield opened
