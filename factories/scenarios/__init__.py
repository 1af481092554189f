"""Scenarios: small worlds with a story, made through the factories. Five are built in; your own is a class.

    @scenario("launch")
    class Launch:
        '''A product launch: one post and what people say about it.'''

        def run(self, app):
            post = PostFactory(comments=20)
            return Launched(app.posts.get(post.id))

    run_scenario("launch", app)

On the command line: `seed -s popular-post -s mydemo:Launch`. A package names its own under the entry points
`seedbed.scenarios`.
"""

from __future__ import annotations

from factories.scenarios.errors import (
    InvalidScenarioError,
    ScenarioError,
    ScenarioImportError,
    ScenarioNameError,
    UnknownScenarioError,
)
from factories.scenarios.registry import find_scenario, run_scenario, scenario, scenarios
from seedbed.scenarios import Scenario

__all__ = [
    "InvalidScenarioError",
    "Scenario",
    "ScenarioError",
    "ScenarioImportError",
    "ScenarioNameError",
    "UnknownScenarioError",
    "find_scenario",
    "run_scenario",
    "scenario",
    "scenarios",
]
