"""Scenarios by name: what one is, how it is registered, found and run."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
from collections.abc import Callable
from contextlib import ExitStack
from importlib.machinery import all_suffixes
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Protocol, TypeVar

from factories.errors import near
from factories.scenarios.errors import (
    InvalidScenarioError,
    ScenarioError,
    ScenarioImportError,
    ScenarioNameError,
    UnknownScenarioError,
)
from factories.texts.locales import using
from seedbed.strategy.binding import find_binding
from seedbed.strategy.collecting import rarer_collections

ENTRY_POINTS = "seedbed.scenarios"
"""The group of entry points in which an installed package names its scenarios."""

HOMES = "scenario, story, seed, factory"
"""What the name of a module in the working directory tells a scenario's home by: others may do anything on import."""

_BUILT_IN = ("active_community", "celebrity_feed", "conversation", "edge_cases", "popular_post")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_REGISTERED: dict[str, type[Any]] = {}  # state of this module, because a decorator can register nowhere else


class Scenario(Protocol):
    """A story told in rows: makes something through the factories and returns, frozen, what is stored.

    The first line of its docstring describes it in lists. Its constructor must do without arguments.
    """

    def run(self, app: Any) -> Any:
        """Make it in `app`, which is bound, in or out of a unit of work; the clock stands still meanwhile."""


S = TypeVar("S", bound=type[Any])


def scenario(name: str) -> Callable[[S], S]:
    """Register a class as the scenario of this name, such as "popular-post".

    Raises:
        ScenarioNameError: The name is not in kebab case, or another scenario has it.
        InvalidScenarioError: The class has no `run`.
    """
    if not _NAME.fullmatch(str(name)):  # @scenario without a name hands over the class
        raise ScenarioNameError(name, "use lower case letters, digits and hyphens")

    def register(cls: S) -> S:
        standing = _REGISTERED.get(name, cls)
        if (standing.__module__, standing.__qualname__) != (cls.__module__, cls.__qualname__):
            raise ScenarioNameError(name, f"{standing.__module__}:{standing.__qualname__} has this name")
        _REGISTERED[name] = _checked(name, cls)
        return cls

    return register


def find_scenario(name: str) -> type[Any]:
    """Return the class of a scenario: registered, built in, installed, or "package.module:ClassName".

    For the last, the working directory is put at the end of `sys.path`, and stays there; of its modules only those are
    imported that are a scenario's home: by their names (`HOMES`), or since the class stands in them.

    Raises:
        UnknownScenarioError: No scenario goes by this name.
        ScenarioImportError: Its module or class cannot be imported.
        InvalidScenarioError: What was found is no scenario.
    """
    if ":" in name:
        return _checked(name, _imported(name))
    registered, installed = _registered(), _installed()
    if name in registered:
        return registered[name]
    if name in installed:
        return _checked(name, _loaded(installed[name]))
    raise UnknownScenarioError(name, {*registered, *installed})


def scenarios() -> dict[str, str]:
    """Return each scenario's one-line description by name, sorted; of one that cannot be used, why not."""
    known = {name: _description(cls) for name, cls in _registered().items()}
    for name, entry in _installed().items():
        if name not in known:
            try:
                known[name] = _description(_checked(name, _loaded(entry)))
            except ScenarioError as error:
                known[name] = f"({error})"
    return dict(sorted(known.items()))


def run_scenario(scenario: str | Scenario, app: Any) -> Any:
    """Run a scenario, given by name or as an object, and return what it made, as it is stored.

    Without a binding of `app` in force, one is made. The clock stands still from the start to the end.

    Raises:
        ScenarioError: No scenario goes by the name, or it cannot be used.
        FactoryError: It asked a factory for something impossible, or the services refused something.
        ServiceError: The engine stopped it; the same run again completes it.
    """
    story = _made(scenario) if isinstance(scenario, str) else scenario
    binding = find_binding()
    with ExitStack() as stack:
        if binding.app is not app:
            stack.enter_context(using(app))
        stack.enter_context(app.at(app.clock.now()))
        stack.enter_context(rarer_collections())  # also while the unit of work of the story itself commits
        return story.run(app)


def _made(name: str) -> Scenario:
    cls = find_scenario(name)
    try:
        inspect.signature(cls).bind()
    except TypeError as error:
        raise InvalidScenarioError(name, f"its constructor must do without arguments ({error})") from error
    made: Scenario = cls()
    return made


def _registered() -> dict[str, type[Any]]:
    for module in _BUILT_IN:
        importlib.import_module(f"factories.scenarios.{module}")
    return _REGISTERED


def _installed() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=ENTRY_POINTS)}


def _checked(name: str, found: Any) -> type[Any]:
    if not isinstance(found, type):
        raise InvalidScenarioError(name, f"it must be a class, not {found!r}")
    if not callable(getattr(found, "run", None)):
        raise InvalidScenarioError(name, f"{found.__qualname__} has no run(app)")
    return found


def _description(cls: type[Any]) -> str:
    return (cls.__doc__ or "").strip().partition("\n")[0]


def _loaded(entry: EntryPoint) -> Any:
    try:
        return entry.load()
    except Exception as error:
        raise ScenarioImportError(entry.value, _why(error)) from error


def _imported(path: str) -> Any:
    module_name, _, class_name = path.partition(":")
    if not (module_name and class_name.isidentifier()):
        raise ScenarioImportError(path, "it must be package.module:ClassName")
    if _is_here(module_name) and not _is_home(module_name, class_name):
        why = f"it is no scenario's home: no class {class_name} with a run stands in it, and its name has no {HOMES}"
        raise ScenarioImportError(path, f"{why}; of the working directory, nothing else is imported")
    if (here := str(Path.cwd())) not in sys.path and "" not in sys.path:
        sys.path.append(here)
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        raise ScenarioImportError(path, _why(error)) from error
    if class_name not in vars(module):
        classes = [name for name, value in vars(module).items() if isinstance(value, type)]
        raise ScenarioImportError(path, f"{module_name} has no {class_name}: {near(class_name, classes)}")
    return vars(module)[class_name]


def _is_here(module_name: str) -> bool:
    top = Path(module_name.partition(".")[0] or ".")
    return top.is_dir() or any(top.with_name(f"{top.name}{suffix}").is_file() for suffix in all_suffixes())


def _is_home(module_name: str, class_name: str) -> bool:
    if any(word in module_name.lower() for word in HOMES.split(", ")):
        return True
    place = Path(*module_name.split("."))
    sources = [file for file in (place.with_name(f"{place.name}.py"), place / "__init__.py") if file.is_file()]
    try:
        trees = [ast.parse(file.read_bytes()) for file in sources]  # read, not run
    except (SyntaxError, ValueError):
        return False
    classes = [node for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)]
    return any(
        node.name == class_name and (node.bases or any(getattr(part, "name", "") == "run" for part in node.body))
        for node in classes
    )


def _why(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
