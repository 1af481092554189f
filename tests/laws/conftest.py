"""The laws run on one embedded engine, with a new table for each example."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count

import attrs
import pytest

import services.app
from seedbed.dynamo.engines import embedded_engine
from services.app import App, connect
from tests.contract.world import TickingClock

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
