"""What a callable takes, by its signature."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

_OPTIONS: dict[str, Any] = {}
if sys.version_info >= (3, 14):
    import annotationlib

    _OPTIONS["annotation_format"] = annotationlib.Format.STRING  # their names may be there for a type checker only


def parameters_of(function: Callable[..., Any]) -> list[inspect.Parameter] | None:
    """Return its parameters, or None where it does not tell."""
    try:
        return list(inspect.signature(function, **_OPTIONS).parameters.values())
    except (TypeError, ValueError):
        return None


@lru_cache(maxsize=256)  # a cache: a model keeps its fields, and asking costs 30 us
def takes_id(model: Any) -> bool:
    """Tell whether a model has an `id`."""
    return any(parameter.name == "id" for parameter in parameters_of(model) or ())


def returns_of(function: Callable[..., Any]) -> Any:
    """Return its return annotation, as a text where that is how it is written; None where there is none."""
    try:
        found = inspect.signature(function, **_OPTIONS).return_annotation
    except (TypeError, ValueError):
        return None
    return None if found is inspect.Signature.empty else found
