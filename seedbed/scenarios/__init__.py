"""Scenarios: small worlds with a story, made through the factories; a class each.

    @scenario("launch")
    class Launch:
        '''A product launch: one product and its first orders.'''

        def run(self, app):
            return ProductFactory(orders=20)

In an async program it may be `async def run(self, app)`: the command waits for it, and so does `await suite.run_async`.

A suite names where its classes are, by `Suite(scenarios=...)`; a package that is installed names its own under the
entry points `seedbed.scenarios`; and any can be named by its path, as `seed -s mydemo:Launch`.
"""

from __future__ import annotations

from seedbed.scenarios.errors import (
    AsyncScenarioError,
    FailedTaskError,
    ForgottenAwaitError,
    ForgottenError,
    ForgottenTaskError,
    InvalidScenarioError,
    ScenarioError,
    ScenarioImportError,
    ScenarioNameError,
    UnknownScenarioError,
)
from seedbed.scenarios.registry import Registry, Scenario, name_of, scenario

__all__ = [
    "AsyncScenarioError",
    "FailedTaskError",
    "ForgottenAwaitError",
    "ForgottenError",
    "ForgottenTaskError",
    "InvalidScenarioError",
    "Registry",
    "Scenario",
    "ScenarioError",
    "ScenarioImportError",
    "ScenarioNameError",
    "UnknownScenarioError",
    "name_of",
    "scenario",
]
