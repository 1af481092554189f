"""Objects that stand in for sub-factories unless a test says otherwise: the model fixtures of pytest-factoryboy.

Its `register` gives a factory all its fields at once, and the fixture of each sub-factory among them, as if the test
had said so. What nobody said is told from what somebody did by the pytest plugin, and only stands in: where a role
would make an object, as `recycle` does. So it yields to whatever is given (`post__author_id`, `comment__parent`), to a
trait, and to what the service would refuse: of two roles for one model the second is somebody else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from factory.declarations import Maybe

from seedbed.strategy.roles import One
from seedbed.strategy.traits import Switch, Wrapper

_DERIVED = ("factory.base", "Factory")
"""The module and the name of what pytest-factoryboy derives from a factory, for each fixture anew."""

Objects = Mapping[str, Any]
"""By field."""


class _Standing:
    def __init__(self) -> None:
        self.objects: Objects = {}


_STANDING = _Standing()  # a process sets its fixtures up one after another


@contextmanager
def standing_in_for(objects: Objects) -> Iterator[None]:
    """Let objects stand in for the sub-factories of the fixture that is made in the block."""
    before, _STANDING.objects = _STANDING.objects, objects
    try:
        yield
    finally:
        _STANDING.objects = before


def is_derived(factory: type) -> bool:
    """Tell whether a factory is one that pytest-factoryboy derived to make a fixture."""
    return (factory.__module__, factory.__name__) == _DERIVED


def as_sub_factories(declarations: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `register` is to read of a factory: a role as the sub-factory that it is, whatever decides on it."""
    return {name: _role_in(declared) or declared for name, declared in declarations.items()}


def split(meta: Any, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Tell what a fixture is given by somebody from what only stands in for a role, each by field.

    Of several roles for which the same object stands, the first has it.
    """
    declared = meta.pre_declarations.declarations
    roles = [name for name, one in declared.items() if name in _STANDING.objects and _role_in(one) is not None]
    objects = {name: given[name] for name in roles if given.get(name) is _STANDING.objects[name]}
    firsts = {id(one): name for name, one in reversed(objects.items())}
    rest = {name: one for name, one in given.items() if name not in objects and not _is_nobodys(one)}
    return rest, {name: one for name, one in objects.items() if firsts[id(one)] == name}


def _is_nobodys(value: Any) -> bool:
    """Tell whether it is no value, but what only a trait says of a field; a fixture that nobody set gives it."""
    return isinstance(value, Switch) and value.is_addition


def _role_in(declared: Any) -> One | None:
    while isinstance(declared, (Wrapper, Maybe)):
        if isinstance(declared, Wrapper):
            declared = declared.inner
        else:
            declared = declared.yes if _role_in(declared.no) is None else declared.no
    return declared if isinstance(declared, One) else None
