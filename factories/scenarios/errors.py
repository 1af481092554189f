"""What can be wrong with a scenario of this suite, beside what can be wrong with any."""

from __future__ import annotations

from seedbed.scenarios.errors import (
    InvalidScenarioError,
    ScenarioError,
    ScenarioImportError,
    ScenarioNameError,
    UnknownScenarioError,
)

__all__ = [
    "InvalidScenarioError",
    "ScenarioError",
    "ScenarioGoneError",
    "ScenarioImportError",
    "ScenarioNameError",
    "UnknownScenarioError",
]


class ScenarioGoneError(ScenarioError):
    """Others took away what a scenario made before it ended."""

    is_gone = True

    def __init__(self, name: str, what: str) -> None:
        self.name = name
        self.what = what
        super().__init__(f"others took away what the scenario {name!r} made before it ended: {what}")
