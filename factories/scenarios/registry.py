"""The scenarios of this suite by name: five built in, and what is registered beside them."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from factories.texts.locales import using
from seedbed.scenarios import Registry, Scenario

S = TypeVar("S", bound=type[Any])

_BUILT_IN = ("active_community", "celebrity_feed", "conversation", "edge_cases", "popular_post")


def _load_own() -> Mapping[str, type[Any]]:
    for module in _BUILT_IN:
        importlib.import_module(f"factories.scenarios.{module}")
    return {}  # each registers its own


REGISTRY = Registry(_load_own, using)  # state of this module, because a decorator can register nowhere else


def scenario(name: str) -> Callable[[S], S]:
    """Register a class as the scenario of this name, such as "popular-post".

    Raises:
        ScenarioNameError: The name is not in kebab case, or another scenario has it.
        InvalidScenarioError: The class has no `run`.
    """
    return REGISTRY.register(name)


def find_scenario(name: str) -> type[Any]:
    """Return the class of a scenario: registered, built in, installed, or "package.module:ClassName".

    Raises:
        UnknownScenarioError: No scenario goes by this name.
        ScenarioImportError: Its module or class cannot be imported.
        InvalidScenarioError: What was found is no scenario.
    """
    return REGISTRY.find(name)


def scenarios() -> dict[str, str]:
    """Return each scenario's one-line description by name, sorted; of one that cannot be used, why not."""
    return REGISTRY.describe()


def run_scenario(scenario: str | Scenario, app: Any) -> Any:
    """Run a scenario, given by name or as an object, and return what it made, as it is stored; as `Registry.run`.

    Raises:
        ScenarioError: No scenario goes by the name, or it cannot be used.
        FactoryError: It asked a factory for something impossible, or the services refused something.
        ServiceError: The engine stopped it; the same run again completes it.
    """
    return REGISTRY.run(scenario, app)
