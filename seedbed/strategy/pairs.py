"""Pairs of objects: what is made for the same pair more than once is not several, and is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from factory.declarations import BaseDeclaration, RelatedFactory

from seedbed.strategy.errors import RepeatedPairError
from seedbed.strategy.pool import identity


def check_pairs(meta: Any, each: Iterable[Mapping[str, Any]]) -> None:
    """Refuse arguments that name the same pair of objects more than once, as far as they are no declarations.

    Raises:
        RepeatedPairError: They do.
    """
    (first, by_first), (second, by_second) = ((role, _attribute(meta, role)) for role in meta.pairs)
    pairs = ((_end_said(one, first, by_first), _end_said(one, second, by_second)) for one in each)
    _check_counts(meta, (None if None in pair else pair for pair in pairs))


def check_made(meta: Any, made: Iterable[Any]) -> None:
    """Refuse to call it several, where the service made one of the same pair.

    Raises:
        RepeatedPairError: It did.
    """
    first, second = meta.pairs
    ends = ((_end(one, first), _end(one, second)) for one in made)
    _check_counts(meta, (None if None in pair else pair for pair in ends))


def _end(one: Any, role: str) -> Any:
    """Return who fills a role of what was made: by its id, else by the object that it has; None where neither tells."""
    key = getattr(one, f"{role}_id", None)
    if key is None and (filled := getattr(one, role, None)) is not None:
        key = identity(filled)
    return key if _is_hashable(key) else None


def check_related(made: Iterable[tuple[Any, Any]]) -> None:
    """Refuse to call them several, where factory_boy's own related factories of one object made one of the same pair.

    Raises:
        RepeatedPairError: They did.
    """
    groups: dict[Any, list[Any]] = {}
    for hook, result in made:
        if isinstance(hook, RelatedFactory):
            meta = hook.get_factory()._meta  # noqa: SLF001 - factory_boy's
            if getattr(meta, "pairs", None) is not None:
                groups.setdefault(meta, []).extend(result if isinstance(result, list) else [result])
    for meta, each in groups.items():
        check_made(meta, each)


def _attribute(meta: Any, role: str) -> str:
    """Return by which attribute a role's object says who it is."""
    attribute: str = meta.said.get(f"{role}_id", {}).get(role, "id")
    return attribute


def _end_said(one: Mapping[str, Any], role: str, attribute: str) -> Any:
    value = one.get(f"{role}_id")
    if value is None:
        value = getattr(one.get(role), attribute, None)
    return None if isinstance(value, BaseDeclaration) or not _is_hashable(value) else value


def _is_hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:  # no id: the service refuses it by its name
        return False
    return True


def _check_counts(meta: Any, pairs: Iterable[tuple[Any, Any] | None]) -> None:
    counts = Counter(pair for pair in pairs if pair is not None)
    times = max(counts.values(), default=0)
    if times > 1:
        raise RepeatedPairError(meta.factory.__name__, meta.pairs, times)
