"""What a suite's fields may say: one rule for all, when they are declared, and again of what a name leads to.

A function is asked for its signature, where that can be had: one that could not be called as it will be is refused
before anything is made.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any, Protocol

import attrs

from seedbed.plain import show
from seedbed.strategy.signatures import parameters_of
from seedbed.suite.counters import Counter
from seedbed.suite.errors import SuiteDeclarationError
from seedbed.suite.references import load

OFFERED = frozenset({"clock", "is_dry", "seed", "world"})
"""What may be handed to a function that opens an app, by name."""
_PRESET = re.compile(r"[^\W_][\w-]*")
_POSITIONAL = {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}


class Named(Protocol):
    """A suite, as far as a message names it."""

    @property
    def name(self) -> str:
        """What it is called."""


@attrs.frozen
class Call:
    """How a function of a suite is called.

    Attributes:
        takes: What it is called with by position.
        target: It may be called with one argument more, or before these, which it need not take.
        offered: What it is handed by name where it takes that.
        is_waited_for: It may be async.
    """

    takes: tuple[str, ...] = ()
    target: bool = False
    offered: frozenset[str] = frozenset()
    is_waited_for: bool = True

    def find_fault(self, function: Any) -> str | None:
        """Say why a function cannot be called so, as far as its signature tells; None where it can."""
        if not callable(function):
            return f"it must be a function, not {show(function)}"
        if not self.is_waited_for and (inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)):
            return "it must be plain code, and is async"
        parameters = parameters_of(function)
        if parameters is None:  # built in, without a signature
            return None
        names = {one.name for one in parameters if one.kind is not one.VAR_KEYWORD}
        count = len(self.takes) + (self.target and _has_target(parameters))
        by_name = dict.fromkeys(self.offered & names)
        try:
            inspect.Signature(parameters).bind(*[None] * count, **by_name)
        except TypeError as error:
            return f"it is called with {self._tell()}: {error}"
        except ValueError:
            return None
        return None

    def _tell(self) -> str:
        given = " and ".join(self.takes) or ("a target at most" if self.target else "nothing")
        by_name = f", and by name with what it takes of {', '.join(sorted(self.offered))}" if self.offered else ""
        return given + by_name


CALLS: Mapping[str, Call] = {
    "auditor": Call(("the app",)),
    "explain": Call(("an error",), is_waited_for=False),
    "keep": Call(("the app", "a folder")),
    "listing": Call(("the app", "a model")),
    "open": Call(target=True, offered=OFFERED),
    "pages": Call(("the app",), is_waited_for=False),
    "planner": Call(("the app",), offered=frozenset({"progress"})),
    "scratch": Call(offered=OFFERED),
    "unit_of_work": Call(("the app",)),
}
"""How what stands in a field is called: itself, or each preset of the planner."""


def _has_target(parameters: Iterable[inspect.Parameter]) -> bool:
    return any(one.kind in _POSITIONAL and one.name not in OFFERED for one in parameters)


def load_part(suite: str, field: str, declared: Any) -> Any:
    """Return the function that stands in a field, or that its name leads to.

    Raises:
        SuiteImportError: Its name leads nowhere.
        SuiteDeclarationError: It leads to what cannot be called as this field's is.
    """
    if not isinstance(declared, str):
        return declared
    found = load(f"suite {suite}: its {field}", declared)
    _refuse(suite, field, CALLS[field].find_fault(found), f"{declared}: ")
    return found


def check_name(_suite: Named, _field: attrs.Attribute[Any], value: object) -> None:
    """Refuse a name that no line could show.

    Raises:
        SuiteDeclarationError: It is one.
    """
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise SuiteDeclarationError(show(value), "name", "it must be a text that is not empty, on one line")


def check_callable(suite: Named, field: attrs.Attribute[Any], value: object) -> None:
    """Refuse what is neither a function that can be called as this field's is, nor the name of one.

    Raises:
        SuiteDeclarationError: It is that.
    """
    if (value is None and field.default is None) or _is_name(value):
        return
    if not callable(value):
        rule = f'it must be a function, or the name of one as "module:name", not {show(value)}'
        raise SuiteDeclarationError(suite.name, field.name, rule)
    _refuse(suite.name, field.name, CALLS[field.name].find_fault(value))


def check_counters(suite: Named, field: attrs.Attribute[Any], value: object) -> None:
    """Refuse what are no counters, or two of one name.

    Raises:
        SuiteDeclarationError: There are such.
    """
    if not isinstance(value, tuple) or not all(isinstance(one, Counter) for one in value):
        raise SuiteDeclarationError(suite.name, field.name, f"it must be a list of Counter(...), not {show(value)}")
    names = [one.name for one in value]
    for name in names:
        if names.count(name) > 1:
            raise SuiteDeclarationError(suite.name, field.name, f"two are called {name}")


def check_places(suite: Named, field: attrs.Attribute[Any], value: object) -> None:
    """Refuse what is no place where classes are.

    Raises:
        SuiteDeclarationError: It is none.
    """
    if not _is_name(value) and not isinstance(value, (ModuleType, list, tuple)):
        rule = f"it must be a package, a module, the name of one, or a list of classes, not {show(value)}"
        raise SuiteDeclarationError(suite.name, field.name, rule)


def check_command(suite: Named, field: attrs.Attribute[Any], value: object) -> None:
    """Refuse what is no command.

    Raises:
        SuiteDeclarationError: It is none.
    """
    is_name = isinstance(value, str) and all(value.partition(":"))
    if value is not None and not is_name and not is_command(value):
        rule = f'it must be a Typer app, or the name of one as "module:name", not {show(value)}'
        raise SuiteDeclarationError(suite.name, field.name, rule)


def is_command(value: object) -> bool:
    """Tell whether it is a Typer app, or a group of commands, without loading either."""
    return not isinstance(value, type) and (hasattr(value, "registered_commands") or hasattr(value, "add_command"))


def check_planner(suite: Named, field: attrs.Attribute[Any], value: object) -> None:
    """Refuse what are no presets, or the name of such.

    Raises:
        SuiteDeclarationError: They are not.
    """
    if value is None or _is_name(value):
        return
    if not isinstance(value, Mapping):
        rule = f'it must be functions by their names, {{"small": make}}, or "module:name" of such, not {show(value)}'
        raise SuiteDeclarationError(suite.name, field.name, rule)
    check_presets(suite.name, value)


def check_presets(suite: str, presets: Mapping[Any, Any]) -> None:
    """Refuse a preset that could not be asked for by its name, or not be called.

    Raises:
        SuiteDeclarationError: There is one.
    """
    for name, make in presets.items():
        if not isinstance(name, str) or not _PRESET.fullmatch(name):
            rule = f"no preset can be called {show(name)}: use letters, digits, hyphens and underscores"
            raise SuiteDeclarationError(suite, "planner", rule)
        _refuse(suite, "planner", CALLS["planner"].find_fault(make), f"the preset {name}: ")


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _refuse(suite: str, field: str, fault: str | None, which: str = "") -> None:
    if fault is not None:
        raise SuiteDeclarationError(suite, field, f"{which}{fault}")


def all_of(values: Any) -> Any:
    """Return a tuple of what is a list; what is none as it is, to be refused."""
    return tuple(values) if isinstance(values, Iterable) and not isinstance(values, str) else values
