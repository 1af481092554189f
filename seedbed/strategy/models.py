"""What a factory makes, where `Meta.model` does not say so: `ServiceFactory[Order]`, else what its service returns."""

from __future__ import annotations

import functools
import itertools
import typing
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from types import MethodType, NoneType, UnionType
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from seedbed.strategy.binding import find_binding
from seedbed.strategy.lookup import find_by_path
from seedbed.strategy.service_errors import WrongModelError, name_of
from seedbed.strategy.services import creates_itself, method_of
from seedbed.strategy.signatures import evaluate, is_plain_class, returns_of, text_of
from seedbed.strategy.waiting import is_idle

_NO_MODELS = {Any, NoneType, bool, int, float, complex, str, bytes, tuple, list, set, frozenset, object, UUID}


class Finding(NamedTuple):
    """A model, or why there is none."""

    model: Any
    why: str = ""


def find_model(meta: Any) -> Finding:
    """Find what a factory makes: what its class says, else what its service, or what reads it back, returns."""
    said = argument_of(meta.factory)
    if said is not None:
        return Finding(said)
    source = meta.service if meta.load is None else meta.load
    function = _function(source) if not isinstance(source, str) else _by_path(source)
    if function is None:
        return Finding(None, f"{source!r} is looked up in the app, and none is bound that has it")
    method = method_of(function)
    found = _finding_of(function)
    return Finding(method.owner) if found.model is typing.Self and method is not None else found


def factories_below(kind: Any) -> Iterator[Any]:
    """Find the factories of a kind that are loaded; a class that was refused may still be there, and is none."""
    for one in type.__subclasses__(kind):
        if getattr(one._meta, "is_complete", True):  # noqa: SLF001 - factory_boy's, and a plain factory's tells nothing
            yield one
            yield from factories_below(one)


def check_model(meta: Any) -> None:
    """Refuse a factory whose class and service say that they make different things, as far as they say it.

    Raises:
        WrongModelError: They do.
    """
    said = [one for one in (argument_of(meta.factory), meta.said_model) if one is not None]
    function = _by_path(meta.service) if isinstance(meta.service, str) else _function(meta.service)
    if meta.load is None and function is not None and not creates_itself(meta.factory):
        if is_idle(function):
            raise WrongModelError(
                meta.factory.__name__, meta.service, "it has a yield, and runs only where it is iterated"
            )
        said.append(_finding_of(function).model)
    # A factory of dicts builds payloads; what it creates is what its service makes.
    for one, other in itertools.pairwise(one for one in said if isinstance(one, type) and one is not dict):
        if not _are_alike(one, other):
            raise WrongModelError(
                meta.factory.__name__, meta.service, f"one makes {name_of(one)}, the other {name_of(other)}"
            )


def _are_alike(one: type, other: type) -> bool:
    """Tell whether an object may be of both classes, as far as that can be told."""
    if not (is_plain_class(one) and is_plain_class(other)):
        return True
    return issubclass(one, other) or issubclass(other, one)


def argument_of(factory: Any) -> Any:
    """Return the class in `ServiceFactory[Order]`, of a factory or the nearest above it; None where there is none."""
    for kind in factory.__mro__:
        for base in vars(kind).get("__orig_bases__", ()):
            said = typing.get_args(base)
            if said and hasattr(typing.get_origin(base), "_meta") and not isinstance(said[0], TypeVar):
                found = typing.get_origin(said[0]) or said[0]
                return found if isinstance(found, type) else None
    return None


def _function(source: Any) -> Any:
    while isinstance(source, functools.partial):
        source = source.func
    return source


def _by_path(path: str) -> Any:
    found = find_by_path(find_binding().app, path)
    return _function(found.__func__ if isinstance(found, MethodType) else found)


def _finding_of(function: Any) -> Finding:
    try:
        return _returned_once(function)
    except TypeError:  # it cannot be hashed
        return _read(function)


def _read(function: Callable[..., Any]) -> Finding:
    if isinstance(function, type):
        return Finding(function)
    overloads = typing.get_overloads(function) if hasattr(function, "__qualname__") else []
    said = [returns_of(one) for one in (function, *overloads)]
    name, known = name_of(function), [one for one in said if one is not None]
    if not known:
        return Finding(None, f"{name} does not say what it returns")
    try:
        models = {_entity(evaluate(one, function)): None for one in known}
    except Exception as error:  # noqa: BLE001 - a name that is there for a type checker only
        return Finding(None, f"what {name} returns, {text_of(known[0])}, cannot be looked up ({error})")
    found = [model for model in models if model is not None]
    if len(found) == 1:
        return Finding(found[0])
    return Finding(None, f"{name} returns {' or '.join(map(text_of, known))}, which is no model")


_returned_once = functools.lru_cache(maxsize=512)(_read)  # a cache: annotations never change, and asking costs 30 us


def _entity(said: Any) -> Any:
    """Return the class of what is made, out of an annotation; None: it is none, or one of several."""
    if said is typing.Self:
        return said
    origin, parts = typing.get_origin(said), typing.get_args(said)
    if origin in {Awaitable, Coroutine}:
        return _entity(parts[-1])
    if origin in {typing.Union, UnionType}:
        entities = [one for one in parts if one is not NoneType]
        return _entity(entities[0]) if len(entities) == 1 else None
    found = origin or said
    return found if isinstance(found, type) and found not in _NO_MODELS else None
