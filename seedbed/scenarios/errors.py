"""What can be wrong with a scenario's name, or with a scenario."""

from __future__ import annotations

from collections.abc import Iterable

from seedbed.plain import show
from seedbed.strategy.errors import FactoryError, near


class ScenarioError(FactoryError):
    """Root of the errors about scenarios."""


class UnknownScenarioError(ScenarioError):
    """No scenario goes by this name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name = name
        self.known = tuple(sorted(known))
        super().__init__(
            f"no scenario is called {show(name)}: {near(name, self.known)} (your own: package.module:ClassName)"
        )


class ScenarioImportError(ScenarioError):
    """A scenario's module or class cannot be imported; what Python raised is the cause."""

    def __init__(self, path: str, why: str) -> None:
        self.path = path
        self.why = why
        super().__init__(f"the scenario {path!r} cannot be imported: {why}")


class InvalidScenarioError(ScenarioError):
    """What is given as a scenario is none."""

    def __init__(self, name: str, why: str) -> None:
        self.name = name
        self.why = why
        super().__init__(f"{show(name)} is no scenario: {why}")


class AsyncScenarioError(ScenarioError):
    """A scenario is async, and plain code runs it."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"the scenario {name} is async, and this call is not: use `await suite.run_async(...)`")


class ScenarioNameError(ScenarioError):
    """A scenario cannot be registered under this name."""

    def __init__(self, name: object, why: str) -> None:
        self.name = name
        self.why = why
        super().__init__(f"no scenario can be registered as {show(name)}: {why}")
