"""What a callable takes and returns, by its signature."""

from __future__ import annotations

import inspect
import sys
import types
import typing
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeGuard

import attrs

_OPTIONS: dict[str, Any] = {}
if sys.version_info >= (3, 14):
    import annotationlib

    _OPTIONS["annotation_format"] = annotationlib.Format.FORWARDREF  # names may be there for a type checker only


def signature_of(function: Callable[..., Any]) -> inspect.Signature:
    """Return its signature, with annotations as they stand where they cannot be evaluated.

    Raises:
        TypeError: It cannot be called.
        ValueError: It is built in, and does not tell.
    """
    return inspect.signature(function, **_OPTIONS)


def parameters_of(function: Callable[..., Any]) -> list[inspect.Parameter] | None:
    """Return its parameters, or None where it does not tell."""
    try:
        return list(signature_of(function).parameters.values())
    except (TypeError, ValueError):
        return None


@lru_cache(maxsize=256)  # a cache: a model keeps its fields, and asking costs 30 us
def takes_id(model: Any) -> bool:
    """Tell whether a model has an `id`."""
    return any(parameter.name == "id" for parameter in parameters_of(model) or ())


@attrs.frozen(eq=False)
class Takes:
    """What a callable takes.

    Attributes:
        names: What it takes; among it, in their order, what it takes by position only (`positional`) and by position
            or name (`ordered`), and the name of its `*args` (`spread`).
        bare: Those without a default.
        required: The same, as far as the signature is the callable's own: a decorator may give some.
        is_open: It takes any other name too, or does not tell.
        annotations: What is said of each.
    """

    names: frozenset[str]
    positional: tuple[str, ...] = ()
    ordered: tuple[str, ...] = ()
    spread: str | None = None
    bare: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    is_open: bool = False
    annotations: dict[str, Any] = attrs.field(factory=dict)
    is_by_name: bool = False
    """It takes all by name."""

    @property
    def accepted(self) -> frozenset[str] | None:
        """All names that it takes; None: any."""
        return None if self.is_open else self.names


def takes_of(function: Callable[..., Any], first: int = 0) -> Takes:
    """Read what a callable takes, past the `first` parameters, which are given otherwise."""
    parameters = parameters_of(function)
    if parameters is None:
        return Takes(frozenset(), is_open=True)
    kinds = {parameter.kind: parameter.name for parameter in parameters}
    own = [one for one in parameters[first:] if one.kind not in {one.VAR_KEYWORD, one.VAR_POSITIONAL}]
    spread = kinds.get(inspect.Parameter.VAR_POSITIONAL)
    names = frozenset(one.name for one in own) | ({spread} if spread else frozenset())
    bare = frozenset(one.name for one in own if one.default is one.empty)
    return Takes(
        names=names,
        positional=tuple(one.name for one in own if one.kind is one.POSITIONAL_ONLY),
        ordered=tuple(one.name for one in own if one.kind is one.POSITIONAL_OR_KEYWORD),
        spread=spread,
        is_by_name=not spread and not any(one.kind is one.POSITIONAL_ONLY for one in own),
        bare=bare,
        required=frozenset() if hasattr(function, "__wrapped__") else bare,
        is_open=inspect.Parameter.VAR_KEYWORD in kinds,
        annotations={one.name: one.annotation for one in own if one.annotation is not one.empty},
    )


def returns_of(function: Callable[..., Any]) -> Any:
    """Return its return annotation, as a text where that is how it is written; None where there is none."""
    try:
        found = signature_of(function).return_annotation
    except (TypeError, ValueError):
        return None
    return None if found is inspect.Signature.empty else found


def evaluate(annotation: Any, function: Any) -> Any:
    """Return what an annotation of a function stands for.

    Raises:
        Exception: Whatever its evaluation raises: a name that is there for a type checker only.
    """
    plain = inspect.unwrap(getattr(function, "__func__", function))
    known = dict(getattr(plain, "__globals__", None) or vars(sys.modules.get(plain_module(plain), types)))
    holder = types.SimpleNamespace(__annotations__={"it": type(None) if annotation is None else annotation})
    return typing.get_type_hints(holder, globalns=known)["it"]


def text_of(annotation: Any) -> str:
    """Return the name that an annotation says, without the path to it."""
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__forward_arg__", None)
    text = text or getattr(annotation, "__name__", str(annotation))
    return str(text).strip("'\"").partition("[")[0].rpartition(".")[2]


def annotations_of(kind: type) -> dict[str, Any]:
    """Return what a class says of its own attributes, unevaluated where it cannot be evaluated."""
    if sys.version_info >= (3, 14):
        return annotationlib.get_annotations(kind, format=annotationlib.Format.FORWARDREF)
    found: dict[str, Any] = vars(kind).get("__annotations__", {})
    return found


def plain_module(function: Any) -> str:
    """Return the module that a callable was written in."""
    return str(getattr(function, "__module__", None) or type(function).__module__)


@lru_cache(maxsize=256)  # a cache: a model keeps its fields, and asking costs 30 us
def model_takes(model: Any) -> Takes:
    """Return the fields that a model is made of."""
    return takes_of(model)


def takes(function: object, count: int) -> bool:
    """Tell whether something can be called with so many arguments by position, as far as its signature says."""
    if not callable(function):
        return False
    try:
        signature_of(function).bind(*[None] * count)
    except TypeError:
        return False
    except ValueError:  # built in, without a signature
        return True
    return True


def is_plain_class(model: Any) -> TypeGuard[type]:
    """Tell whether objects can be asked for it: of a TypedDict and of a Protocol nothing is an instance."""
    return isinstance(model, type) and not typing.is_typeddict(model) and not getattr(model, "_is_protocol", False)
