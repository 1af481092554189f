"""Scenarios by name: what one is, how it is registered, found and run. Nothing is registered outside a Registry."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from importlib.machinery import all_suffixes
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Protocol, TypeVar

from seedbed.plain import show
from seedbed.scenarios import forgetting
from seedbed.scenarios.errors import (
    AsyncScenarioError,
    InvalidScenarioError,
    ScenarioError,
    ScenarioImportError,
    ScenarioNameError,
    UnknownScenarioError,
)
from seedbed.strategy.binding import find_binding, using
from seedbed.strategy.collecting import rarer_collections
from seedbed.strategy.errors import near
from seedbed.strategy.signatures import signature_of, takes
from seedbed.strategy.waiting import can_wait, give_up, is_async, is_awaitable, wait
from seedbed.variables import Made_co

ENTRY_POINTS = "seedbed.scenarios"
"""The group of entry points in which an installed package names its scenarios."""

HOMES = "scenario, story, seed, factory"
"""What the name of a module in the working directory tells a scenario's home by: others may do anything on import."""

_MODULE_BYTES_MAX = 240
"""A file's name has at most 255 bytes (NAME_MAX of Linux and macOS), its suffix among them."""

_YIELDS = "its run yields, so nothing of it would run; let it return what it made"
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Scenario(Protocol[Made_co]):
    """A story told in rows: makes something through the factories and returns, frozen, what is stored.

    The first line of its docstring describes it in lists. Its constructor must do without arguments.
    """

    def run(self, app: Any) -> Made_co:
        """Make it in `app`, which is bound, in or out of a unit of work; the clock stands still meanwhile."""


S = TypeVar("S", bound=type[Any])
_MARK = "_seedbed_scenario"


def scenario(name: str) -> Callable[[S], S]:
    """Call a class the scenario of this name, such as "popular-post". Whose suite it is of, the suite says.

    Raises:
        ScenarioNameError: The name is not in kebab case.
        InvalidScenarioError: The class has no `run` that takes the app.
    """
    _check_name(name)

    def mark(cls: S) -> S:
        setattr(_check_class(name, cls), _MARK, name)
        return cls

    return mark


def _check_name(name: object) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):  # @scenario without a name hands over the class
        raise ScenarioNameError(name, "use lower case letters, digits and hyphens")


def name_of(cls: type[Any]) -> str | None:
    """Return the name that a class itself was given by `@scenario`, or None."""
    name: str | None = vars(cls).get(_MARK)
    return name


class Registry:
    """The scenarios that can be asked for by name: a suite's own, those that are registered here, those installed.

    `own` lists the suite's own when they are asked for; `around` binds an app for a scenario that is run unbound;
    `within` is a block round each run, such as a unit of work.
    """

    def __init__(
        self,
        own: Callable[[], Mapping[str, type[Any]]] = dict,
        around: Callable[[Any], Any] = using,
        within: Callable[[Any], AbstractContextManager[Any]] = nullcontext,
    ) -> None:
        self.registered: dict[str, type[Any]] = {}
        self._own = own
        self._around = around
        self._within = within

    def register(self, name: str) -> Callable[[S], S]:
        """Call a class the scenario of this name, and know it from now on.

        Raises:
            ScenarioNameError: The name is not in kebab case, or another scenario has it.
            InvalidScenarioError: The class has no `run` that takes the app.
        """
        mark = scenario(name)

        def register(cls: S) -> S:
            standing = self.registered.get(name, cls)
            if (standing.__module__, standing.__qualname__) != (cls.__module__, cls.__qualname__):
                raise ScenarioNameError(name, f"{standing.__module__}:{standing.__qualname__} has this name")
            self.registered[name] = mark(cls)
            return cls

        return register

    def find(self, name: str) -> type[Any]:
        """Return the class of a scenario: the suite's, registered, installed, or "package.module:ClassName".

        For the last, the working directory is put at the end of `sys.path`, and stays there; of its modules only those
        are imported that are a scenario's home: by their names (`HOMES`), or since the class stands in them.

        Raises:
            UnknownScenarioError: No scenario goes by this name.
            ScenarioImportError: Its module or class cannot be imported.
            InvalidScenarioError: What was found is no scenario.
        """
        if ":" in name:
            return _check_class(name, _import(name))
        known, installed = self._all(), _find_installed()
        if name in known:
            return known[name]
        if name in installed:
            return _check_class(name, _load(installed[name]))
        raise UnknownScenarioError(name, {*known, *installed})

    def describe(self) -> dict[str, str]:
        """Return each scenario's one-line description by name, sorted; of one that cannot be used, why not."""
        known = {name: _description(cls) for name, cls in self._all().items()}
        for name, entry in _find_installed().items():
            if name not in known:
                try:
                    known[name] = _description(_check_class(name, _load(entry)))
                except ScenarioError as error:
                    known[name] = f"({error})"
        return dict(sorted(known.items()))

    def run(self, scenario: str | type[Any] | Scenario, app: Any) -> Any:
        """Run a scenario, given by name, as its class or as an object, and return what it made, as it is stored.

        Without a binding of `app` in force, one is made. The clock of an app that has one, and `at`, stands still from
        the start to the end.

        Raises:
            ScenarioError: No scenario goes by the name, or it cannot be used.
            AsyncScenarioError: It is async, and nothing can be awaited here: nothing was made.
            ForgottenAwaitError: It never awaited something that it called.
            ForgottenTaskError: A task that it began has not ended.
            FailedTaskError: One has failed, and was not awaited.
            FactoryError: It asked a factory for something impossible, or the services refused something.
            ServiceError: The store stopped it; the same run again completes it.
        """
        story = self._story(scenario)
        if is_async(story.run) and not can_wait():
            raise AsyncScenarioError(_title(scenario))
        with ExitStack() as stack:
            if find_binding().app is not app:
                stack.enter_context(self._around(app))
            if hasattr(app, "at") and hasattr(getattr(app, "clock", None), "now"):
                stack.enter_context(app.at(app.clock.now()))
            stack.enter_context(rarer_collections())  # also while the unit of work of the story itself commits
            stack.enter_context(self._within(app))
            return forgetting.call(_title(scenario), story.run, lambda: _settle(scenario, story.run(app)))

    def _story(self, scenario: str | type[Any] | Scenario) -> Scenario:
        if isinstance(scenario, str):
            return _new(scenario, self.find(scenario))
        if isinstance(scenario, type):
            return _new(scenario.__qualname__, _check_class(scenario.__qualname__, scenario))
        return scenario

    def _all(self) -> dict[str, type[Any]]:
        own = self._own()  # which may register some
        return {**own, **self.registered}


def _title(scenario: str | type[Any] | Scenario) -> str:
    named = scenario if isinstance(scenario, (str, type)) else type(scenario)
    return named if isinstance(named, str) else named.__qualname__


def _settle(scenario: str | type[Any] | Scenario, made: Any) -> Any:
    """Return what a scenario's run returned, or what that gives when it is awaited.

    Raises:
        AsyncScenarioError: It is to be awaited, and nothing can be here.
        InvalidScenarioError: It is a generator: nothing of it has run.
    """
    if inspect.isgenerator(made) or inspect.isasyncgen(made):
        raise InvalidScenarioError(_title(scenario), _YIELDS)
    if not is_awaitable(made):
        return made
    if not can_wait():
        give_up(made)
        raise AsyncScenarioError(_title(scenario))
    return wait(made, "scenario", None)


def _new(name: str, cls: type[Any]) -> Scenario:
    try:
        signature_of(cls).bind()
    except TypeError as error:
        raise InvalidScenarioError(name, f"its constructor must do without arguments ({error})") from error
    made: Scenario = cls()
    return made


def _find_installed() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=ENTRY_POINTS)}


def _check_class(name: str, found: Any) -> type[Any]:
    if not isinstance(found, type):
        raise InvalidScenarioError(name, f"it must be a class, not {show(found)}")
    if not callable(getattr(found, "run", None)):
        raise InvalidScenarioError(name, f"{found.__qualname__} has no run(app)")
    run: Any = getattr(found, "run", None)
    if inspect.isgeneratorfunction(run) or inspect.isasyncgenfunction(run):
        raise InvalidScenarioError(name, _YIELDS)
    if not _takes_app(found, run):
        rule = f"{found.__qualname__}.run is called with the app, and does not take it: write run(self, app)"
        raise InvalidScenarioError(name, rule)
    return found


def _takes_app(found: type[Any], run: Callable[..., Any]) -> bool:
    own = 1 if inspect.isfunction(inspect.getattr_static(found, "run")) else 0
    return takes(run, own + 1)


def _description(cls: type[Any]) -> str:
    return (cls.__doc__ or "").strip().partition("\n")[0]


def _load(entry: EntryPoint) -> Any:
    try:
        return entry.load()
    except (Exception, SystemExit) as error:
        raise ScenarioImportError(entry.value, _why(error)) from error


def _import(path: str) -> Any:
    module_name, class_name = _parts(path)
    if _is_here(module_name) and not _is_home(module_name, class_name):
        why = f"it is no scenario's home: no class {class_name} with a run stands in it, and its name has no {HOMES}"
        raise ScenarioImportError(path, f"{why}; of the working directory, nothing else is imported")
    if (here := str(Path.cwd())) not in sys.path and "" not in sys.path:
        sys.path.append(here)
    try:
        module = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:
        raise ScenarioImportError(path, _why(error)) from error
    if class_name not in vars(module):
        classes = [name for name, value in vars(module).items() if isinstance(value, type)]
        raise ScenarioImportError(path, f"{module_name} has no {class_name}: {near(class_name, classes)}")
    return vars(module)[class_name]


def _parts(path: str) -> tuple[str, str]:
    module_name, _, class_name = path.partition(":")
    if not (class_name.isidentifier() and all(part.isidentifier() for part in module_name.split("."))):
        raise ScenarioImportError(path, "it must be package.module:ClassName")
    if len(module_name.encode()) > _MODULE_BYTES_MAX:
        raise ScenarioImportError(f"{path[:40]}...", f"no module has a name of {len(module_name):,} characters")
    return module_name, class_name


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


def _why(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
