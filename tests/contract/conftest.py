"""One suite over every engine: embedded, or the endpoint that SEEDBED_ENDPOINT_URL names. A table for each test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from uuid import uuid4

import attrs
import pytest

import services.app
from seedbed.dynamo.engines import Engine, open_engine
from seedbed.dynamo.table import Table
from services.app import App, connect
from tests.contract.world import TickingClock, Watched, World


@pytest.fixture(scope="session")
def endpoint_url() -> str | None:
    return os.environ.get("SEEDBED_ENDPOINT_URL") or None


@pytest.fixture(scope="session")
def engine(endpoint_url: str | None) -> Iterator[Engine]:
    """One engine for all tests: opening one costs more than most of them."""
    with open_engine(endpoint_url, validate=True, max_connections=20) as engine:
        yield engine


def _opening(engine: Engine, endpoint_url: str | None) -> Iterator[Callable[..., App]]:
    opened: list[App] = []
    borrowed = attrs.evolve(engine, close=lambda: None)

    def open_one(**settings: object) -> App:
        settings = {
            "endpoint_url": endpoint_url,
            "table": f"contract-{uuid4()}",
            "validate": True,
            "clock": TickingClock(),
            "seed": "contract",
        } | settings
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(services.app, "open_engine", lambda *_, **__: borrowed)
            opened.append(connect(**settings))
        return opened[-1]

    yield open_one
    for app in opened:
        app.close()
    for name in {app.session.store.name for app in opened if isinstance(app.session.store, Table)}:
        engine.client.delete_table(TableName=name)


@pytest.fixture
def open_app(engine: Engine, endpoint_url: str | None) -> Iterator[Callable[..., App]]:
    """Connect to a new table, or with `table=` to a given one; the same clock and seed each time."""
    yield from _opening(engine, endpoint_url)


@pytest.fixture(scope="module")
def module_opening(engine: Engine, endpoint_url: str | None) -> Iterator[Callable[..., App]]:
    """Connect as `open_app` does, for all tests of a module."""
    yield from _opening(engine, endpoint_url)


@pytest.fixture(scope="module")
def module_world(module_opening: Callable[..., App]) -> World:
    """One table for all tests of a module, which only read."""
    return World(module_opening())


@pytest.fixture
def app(open_app: Callable[..., App]) -> App:
    return open_app()


@pytest.fixture
def world(app: App) -> World:
    return World(app)


@pytest.fixture
def small_world(open_app: Callable[..., App]) -> World:
    """Authors with more than three followers are merged on read."""
    return World(open_app(fan_out_limit=3))


@pytest.fixture
def watched(app: App) -> Iterator[Watched]:
    with Watched(app) as watched:
        yield watched
