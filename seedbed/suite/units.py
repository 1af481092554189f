"""The unit of work of a suite: a callable that takes the app, or the name of one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Any, TypeAlias

from seedbed.plain import show
from seedbed.strategy.errors import near
from seedbed.suite.errors import SuiteError
from seedbed.suite.parts import CALLS, Call
from seedbed.suite.references import load

Opens: TypeAlias = Callable[[Any], AbstractContextManager[Any] | AbstractAsyncContextManager[Any]]


def unit_of_work(declared: str | Opens | None) -> Opens | None:
    """Return what opens a unit of work on an app; of a name, what it names, when it is opened.

    Raises:
        SuiteError: It is a text, and the name of nothing.
    """
    if not isinstance(declared, str):
        return declared
    if ":" in declared:
        return _Imported(declared)
    if declared.isidentifier():
        return _Method(declared)
    message = (
        "the suite's unit_of_work: it must be a function of the app, the name of the app's method, or "
        f'"module:name", not {show(declared)}'
    )
    raise SuiteError(message)


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
        _check(f"{type(app).__name__}.{self._name}", Call(), method)
        return method()


class _Imported:
    """What a name leads to, with all that it can."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __call__(self, app: Any) -> Any:
        opens = load("unit of work", self._path)
        _check(self._path, CALLS["unit_of_work"], opens)
        return opens(app)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(load("unit of work", self._path), name)


def _check(name: str, call: Call, function: Any) -> None:
    """Refuse what cannot be called as a unit of work is.

    Raises:
        SuiteError: It cannot.
    """
    fault = call.find_fault(function)
    if fault is not None:
        message = f"the suite's unit_of_work: {name}: {fault}"
        raise SuiteError(message)
