"""The app's parts by their types: each is made when it is first asked for, and another may stand in its place.

svcs does this and more, but imports every web framework that it finds, with all that they warn of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from typing import Any, TypeVar, cast

from seedbed.errors import InvalidSettingError
from seedbed.forks import new_lock

T = TypeVar("T")
Make = Callable[["Container"], Any]


def check_makers(makers: object) -> dict[type, Make]:
    """Return what is to stand in services' places.

    Raises:
        InvalidSettingError: they are no mapping of types to functions.
    """
    pairs = makers.items() if isinstance(makers, Mapping) else [(None, makers)]
    if makers is None or all(isinstance(kind, type) and callable(make) for kind, make in pairs):
        return dict(cast("Mapping[type, Make]", makers or {}))
    raise InvalidSettingError("services", makers, "functions by the services' types, such as {LikeService: make}")


class Container:
    """What an app is made of, by functions that are called with the container. Close it with the app."""

    def __init__(self, makers: Mapping[type, Make]) -> None:
        self._makers = makers
        self._parts: dict[type, Any] = {}
        self._begun: list[type] = []
        self._open = ExitStack()
        self._lock = new_lock()  # of two threads that are first to ask, one makes the part

    def get(self, kind: type[T]) -> T:
        """Return the part of this type: the same each time.

        Raises:
            InvalidSettingError: there is none, or to make it takes the part itself.
        """
        if kind not in self._parts:
            with self._lock:
                if kind not in self._parts:
                    self._parts[kind] = self._make(kind)
        return cast("T", self._parts[kind])

    def close(self) -> None:
        """Leave the parts that are context managers, the newest first."""
        self._open.close()

    def _make(self, kind: type) -> Any:  # noqa: ANN401 - whatever stands in the part's place
        self._check(kind)
        self._begun.append(kind)
        try:
            part = self._makers[kind](self)
            return self._open.enter_context(part) if isinstance(part, AbstractContextManager) else part
        finally:
            self._begun.pop()

    def _check(self, kind: type) -> None:
        if kind not in self._makers:
            known = ", ".join(sorted(one.__name__ for one in self._makers))
            raise InvalidSettingError("services", kind, f"made of what there is ({known})")
        if kind in self._begun:
            way = " -> ".join(one.__name__ for one in (*self._begun, kind))
            raise InvalidSettingError("services", kind, f"made without themselves ({way})")
