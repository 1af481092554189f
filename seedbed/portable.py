"""Errors that travel: to another process by pickle, or copied, with their values, notes and causes.

Python makes an exception anew by calling its class with its `args`; one that writes its own message breaks there, and
with it a pool, an executor or a test's report. An error made of `Portable` is put together from what it holds instead,
past its `__init__`. What it holds and cannot be pickled (a lock, a lambda, an app) travels as its repr; so do causes of
any class, and where that class cannot be found by name, the nearest that can stands in.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType, NoneType
from typing import Any, Self, TypeAlias

from seedbed.plain import show

Parts: TypeAlias = dict[str, Any]
"""What an error holds, by attribute: its own, its notes and what caused it."""

_PLAIN = {bool, bytes, datetime, float, int, NoneType, str}
_LISTS = {frozenset, list, set, tuple}


class Portable(BaseException):
    """An error that can be pickled and copied, whatever it holds. Stands first among the bases."""

    def __reduce__(self) -> Any:  # noqa: ANN401 - pickle's own
        """Let pickle put it together from its parts."""
        return _Packing({id(self): self}).reduce(self)

    def __copy__(self) -> Self:
        """Return another one that holds the same."""
        args, parts = _parts(self)
        other: Self = _bare(type(self), args)
        _fill(other, parts)
        return other.with_traceback(self.__traceback__)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return another one that holds copies; of what cannot be copied, the same."""
        other: Self = _deep(self, memo)
        return other


def portable(value: object) -> Any:  # noqa: ANN401 - what can be pickled of anything
    """Return a value that can be pickled: itself, its parts that can, or its repr."""
    return _Packing({}).pack(value)


class _Packed:
    """An error of any class, on its way through pickle."""

    def __init__(self) -> None:
        self.reduced: Any = None

    def __reduce__(self) -> Any:  # noqa: ANN401 - pickle's own
        return self.reduced


class _Packing:
    """Makes one error, and all that it holds, fit for pickle. `known`: the errors on the way, by identity."""

    def __init__(self, known: dict[int, BaseException | _Packed]) -> None:
        self._known = known
        self._open: set[int] = set()  # containers that are being looked into: one may hold itself

    def reduce(self, error: BaseException) -> tuple[Any, ...]:
        args, parts = _parts(error)
        kind = _findable(type(error))
        if kind is not type(error):
            args = (f"{type(error).__name__}: {error}",)
        return _bare, (kind, self.pack(args)), self.pack(parts), None, None, _fill

    def pack(self, value: Any) -> Any:  # noqa: ANN401 - anything
        if type(value) in _PLAIN:
            return value
        if isinstance(value, BaseException):
            return self._error(value)
        if id(value) not in self._open and (type(value) in _LISTS or type(value) in {dict, MappingProxyType}):
            self._open.add(id(value))
            try:
                return self._container(value)
            finally:
                self._open.discard(id(value))
        return value if _survives(value) else show(value)

    def _error(self, error: BaseException) -> BaseException | _Packed:
        if id(error) not in self._known:
            packed = self._known[id(error)] = _Packed()
            packed.reduced = self.reduce(error)
        return self._known[id(error)]

    def _container(self, value: Any) -> Any:  # noqa: ANN401 - a mapping or a list of some kind
        if isinstance(value, Mapping):
            return {self.pack(name): self.pack(one) for name, one in value.items()}
        return type(value)(self.pack(one) for one in value)


def _survives(value: object) -> bool:
    """Tell whether a value comes back from pickle: some raise only there."""
    try:
        pickle.loads(pickle.dumps(value))  # noqa: S301 - what was written here just now
    except Exception:  # noqa: BLE001 - whatever a stranger's class raises, its repr is what is left
        return False
    return True


def _findable(kind: type[BaseException]) -> type[BaseException]:
    """Return a class of errors that another process finds by name: this, else the nearest of ours, else Exception."""
    ours = (base for base in kind.__mro__ if issubclass(base, Portable) and base is not Portable)
    return next((one for one in (kind, *ours) if _survives(one)), Exception)


def _builtin(kind: type[BaseException]) -> type[BaseException]:
    """Return the class of Python's own that an error is made of: it knows how one is made bare."""
    return next(base for base in kind.__mro__ if base.__module__ == "builtins")


def _bare(kind: type[Any], args: tuple[Any, ...]) -> Any:  # noqa: ANN401 - an error of that class
    """Make an error without its own `__new__` and `__init__`."""
    base = _builtin(kind)
    error = base.__new__(kind, *args)
    base.__init__(error, *args)
    return error


def _parts(error: BaseException) -> tuple[tuple[Any, ...], Parts]:
    """Return what an error is made of by Python itself, and all that it holds besides."""
    reduced: Any = _builtin(type(error)).__reduce__(error)
    args, parts = reduced[1], dict(reduced[2] or {}) if len(reduced) > 2 else {}  # noqa: PLR2004 - class, args, state
    slots = (name for kind in type(error).__mro__ for name in getattr(kind, "__slots__", ()))
    parts |= {name: getattr(error, name) for name in slots if hasattr(error, name) and not name.startswith("__")}
    if "__notes__" in parts:
        parts["__notes__"] = list(parts["__notes__"])
    # A cause that is set hides the context, so whether it does comes last.
    for name in ("__cause__", "__context__", "__suppress_context__"):
        parts[name] = getattr(error, name)
    return args, parts


def _fill(error: BaseException, parts: Mapping[str, Any]) -> None:
    for name, value in parts.items():
        object.__setattr__(error, name, value)


def _deep(value: Any, memo: dict[int, Any]) -> Any:  # noqa: ANN401 - anything
    if id(value) in memo:
        return memo[id(value)]
    if isinstance(value, BaseException):
        args, parts = _parts(value)
        other = memo[id(value)] = _bare(type(value), _deep(args, memo))
        _fill(other, {name: _deep(one, memo) for name, one in parts.items()})
        return other.with_traceback(value.__traceback__)
    if type(value) in {dict, MappingProxyType}:
        mapping = memo[id(value)] = {}
        mapping.update((name, _deep(one, memo)) for name, one in value.items())
        return mapping
    return _copy(value, memo)


def _copy(value: Any, memo: dict[int, Any]) -> Any:  # noqa: ANN401 - anything
    if type(value) in _LISTS:
        return type(value)([_deep(one, memo) for one in value])
    known = len(memo)
    try:
        return copy.deepcopy(value, memo)
    except Exception:  # noqa: BLE001 - whatever a stranger's class raises, the same value does as well
        while len(memo) > known:
            memo.popitem()  # copies that are not complete
        return value
