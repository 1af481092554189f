"""Answers as values: pydantic models, attrs classes and dataclasses, alone and in lists."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any, TypeAlias, get_args, get_origin
from uuid import UUID

import attrs

from seedbed.errors import MissingLibraryError

Read: TypeAlias = Callable[[Any], Any]
"""Takes an answer's JSON, returns the value."""


@lru_cache(maxsize=256)  # a cache: it is asked for each answer
def reader(into: Any) -> Read:
    """Return how JSON is read into a class, a type such as `list[Booking]`, or by a function; None: as it is."""
    if into is None or into is Any or into is dict or get_origin(into) is dict:
        return lambda data: data
    if _is_pydantic(into):
        return _pydantic(into)
    if isinstance(into, type) and not (attrs.has(into) or is_dataclass(into) or get_origin(into)):
        return into
    if not isinstance(into, type) and get_origin(into) is None and inspect.isroutine(into):
        return into
    return _structure(into)


def _is_pydantic(into: Any) -> bool:
    return hasattr(into, "__pydantic_validator__") or any(_is_pydantic(part) for part in get_args(into))


def _pydantic(into: Any) -> Read:
    from pydantic import TypeAdapter  # noqa: PLC0415 - loaded by then: what is read is a model of its

    validate: Read = TypeAdapter(into).validate_python
    return validate


def _structure(into: Any) -> Read:
    """Return how JSON is read into classes whose fields have types.

    Raises:
        MissingLibraryError: cattrs is not installed.
    """
    try:
        from cattrs import Converter  # noqa: PLC0415 - only who has such classes needs it
    except ImportError as error:
        raise MissingLibraryError("cattrs", "http") from error

    converter = Converter()
    for kind in (datetime, date, time):
        converter.register_structure_hook(kind, lambda text, to: to.fromisoformat(text))
    for exact in (UUID, Decimal):
        converter.register_structure_hook(exact, lambda text, to: to(str(text)))
    converter.register_structure_hook_func(
        lambda to: isinstance(to, type) and issubclass(to, Enum), lambda v, to: to(v)
    )
    return lambda data: converter.structure(data, into)
