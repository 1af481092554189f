"""The unit of work of a suite: a callable that takes the app, or the name of one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TypeAlias

from seedbed.strategy.errors import near
from seedbed.suite.errors import SuiteError
from seedbed.suite.references import load

Opens: TypeAlias = Callable[[Any], AbstractContextManager[Any]]


def unit_of_work(declared: str | Opens | None) -> Opens | None:
    """Return what opens a unit of work on an app; of a name, what it names, when it is opened."""
    if isinstance(declared, str):
        return _Imported(declared) if ":" in declared else _Method(declared)
    return declared


class _Method:
    """A method of the app."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, app: Any) -> Any:
        method = getattr(app, self._name, None)
        if method is None:
            known = [name for name in dir(app) if not name.startswith("_")]
            message = f"the suite's unit_of_work: {type(app).__name__} has no {self._name}: {near(self._name, known)}"
            raise SuiteError(message)
        return method()


class _Imported:
    """What a name leads to, with all that it can."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __call__(self, app: Any) -> Any:
        return load("unit of work", self._path)(app)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(load("unit of work", self._path), name)
