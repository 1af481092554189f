"""Fixtures of every test in this checkout."""

from __future__ import annotations

import pytest

from seedbed import pytest_plugin


def pytest_addoption(parser, pluginmanager):
    # Where seedbed is installed, its entry point has brought the plugin already.
    if not pluginmanager.is_registered(pytest_plugin):
        pluginmanager.register(pytest_plugin, pytest_plugin.__name__)


@pytest.fixture
def app(seedbed_app):
    """A fresh app on an embedded engine, with the factories bound to it; closed after the test."""
    return seedbed_app
