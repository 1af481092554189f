"""One suite over every engine: embedded, or the endpoint that SEEDBED_ENDPOINT_URL names. A table for each test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from services.app import App, connect
from tests.contract.world import TickingClock, Watched, World


@pytest.fixture(scope="session")
def endpoint_url() -> str | None:
    return os.environ.get("SEEDBED_ENDPOINT_URL") or None


def _opening(endpoint_url: str | None) -> Iterator[Callable[..., App]]:
    opened: list[App] = []

    def open_one(**settings: object) -> App:
        settings = {
            "endpoint_url": endpoint_url,
            "table": f"contract-{uuid4()}",
            "validate": True,
            "clock": TickingClock(),
            "seed": "contract",
        } | settings
        opened.append(connect(**settings))
        return opened[-1]

    yield open_one
    for app in opened:
        app.close()


@pytest.fixture
def open_app(endpoint_url: str | None) -> Iterator[Callable[..., App]]:
    """Connect to a new table, or with `table=` to a given one; the same clock and seed each time."""
    yield from _opening(endpoint_url)


@pytest.fixture(scope="module")
def module_world(endpoint_url: str | None) -> Iterator[World]:
    """One table for all tests of a module, which only read."""
    opening = _opening(endpoint_url)
    yield World(next(opening)())
    next(opening, None)


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
