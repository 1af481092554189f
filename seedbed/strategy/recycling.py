"""`recycle`: what may be given to it. What becomes of it is told in `pools`."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

import attrs
from factory.base import BaseFactory

from seedbed.plain import read_most
from seedbed.strategy.keys import NO_KEY, key_of
from seedbed.strategy.models import factories_below
from seedbed.strategy.pool import Pool, holding, is_below
from seedbed.strategy.pool_errors import InvalidPoolError, UnusedPoolError
from seedbed.strategy.roles import roles_of
from seedbed.strategy.service_errors import NoFactoryError

_DEEPEST = 50
"""What lies deeper holds itself, or might as well."""


def recycle(*things: Any) -> AbstractContextManager[Pool]:
    """Let nested factories take from these objects for the block.

    They are given one by one, or in whatever can be iterated: lists, pages, generators, a dict's values, querysets.

    Raises:
        EmptyPoolError: There are none.
        InvalidPoolError: One of them is no stored object, or they are more than a million.
        UnusedPoolError: No factory takes objects of such a type.
    """
    found, has_more = read_most(_flat(things))
    if has_more:
        raise InvalidPoolError(things)
    for kind in dict.fromkeys(map(type, found)):
        _check_taken(kind)
    return holding(found)


def _flat(things: Iterable[Any]) -> Iterator[Any]:
    open_ones = [iter(things)]
    while open_ones:
        for thing in open_ones[-1]:
            if _is_object(thing):
                yield thing
            elif isinstance(thing, Iterable) and not isinstance(thing, (str, bytes, Mapping, type)):
                if len(open_ones) == _DEEPEST:
                    raise InvalidPoolError(thing)
                open_ones.append(iter(thing))
                break
            else:
                raise InvalidPoolError(thing)
        else:
            open_ones.pop()


def _is_object(thing: Any) -> bool:
    if isinstance(thing, type):
        return False
    is_value = attrs.has(type(thing)) or dataclasses.is_dataclass(thing)
    return key_of(thing) is not NO_KEY or (is_value and not isinstance(thing, Iterable))


def _check_taken(kind: type) -> None:
    models = tuple(_models())
    if not any(is_below(kind, model) for model in models):
        raise UnusedPoolError(kind.__name__, {model.__name__ for model in models})


def _models() -> Iterator[type]:
    """Find what the roles of all factories take, of those that are loaded."""
    for maker in factories_below(BaseFactory):
        for one in roles_of(maker._meta).values():  # noqa: SLF001 - factory_boy's
            with contextlib.suppress(NoFactoryError):  # a path that leads nowhere is told when it is used
                model: Any = one.model
                if isinstance(model, type):  # an abstract factory has none
                    yield model
