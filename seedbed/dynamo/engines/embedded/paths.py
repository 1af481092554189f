"""Document paths of a projection, `a.#b[0]`: how they are read, and what they hold of an item."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

from seedbed.portable import Portable

if TYPE_CHECKING:
    from seedbed.dynamo.engines.embedded.rows import Attributes, AttributeValue

Path: TypeAlias = tuple[str | int, ...]
"""Names of attributes and members, and places in lists."""
Tree: TypeAlias = dict[str | int, Any]
"""Paths by their first steps; an empty one is the end of a path."""

_TOKEN: Final = re.compile(r"\s*(?:(?P<name>#?[A-Za-z0-9_-]+)|\[(?P<place>\d+)\]|(?P<sign>\S))")


class InvalidPathError(Portable, MockValidationException):
    """A projection is no list of document paths."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Invalid ProjectionExpression: {why}")


def read_paths(expression: str | None, names: Mapping[str, str] | None) -> tuple[Path, ...]:
    """Return the paths of a projection; none where there is no projection.

    Raises:
        InvalidPathError: it cannot be read, uses a name that is not given, or names one attribute twice.
    """
    return () if expression is None else _read(expression, tuple((names or {}).items()))


@lru_cache(maxsize=1024)
def _read(expression: str, names: tuple[tuple[str, str], ...]) -> tuple[Path, ...]:
    paths = tuple(_paths(expression, dict(names)))
    for first, second in ((one, other) for place, one in enumerate(paths) for other in paths[place + 1 :]):
        if first[: len(second)] == second or second[: len(first)] == first:
            raise InvalidPathError(
                "Two document paths overlap with each other; must remove or rewrite one of these paths; "
                f"path one: {_show(first)}, path two: {_show(second)}"
            )
    return paths


def _paths(expression: str, names: Mapping[str, str]) -> Iterator[Path]:
    if not expression.strip():
        raise InvalidPathError("The expression can not be empty;")
    path: list[str | int] = []
    wants_name = True
    for found in _TOKEN.finditer(expression):
        if found["sign"] == "," and not wants_name:
            yield tuple(path)
            path.clear()
            wants_name = True
        elif found["sign"] == "." and not wants_name:
            wants_name = True
        else:
            path.append(_step(found, expression, names, wants_name=wants_name))
            wants_name = False
    if wants_name:
        raise InvalidPathError(f'Syntax error; token: "<EOF>", near: "{expression.strip()[-20:]}"')
    yield tuple(path)


def _step(found: re.Match[str], expression: str, names: Mapping[str, str], *, wants_name: bool) -> str | int:
    if wants_name and found["name"] is not None:
        return _resolve(found["name"], names)
    if not wants_name and found["place"] is not None:
        return int(found["place"])
    near = "".join(part[0] for part in islice(_TOKEN.finditer(expression, found.start()), 2)).strip()
    raise InvalidPathError(f'Syntax error; token: "{found[0].strip()}", near: "{near}"')


def _resolve(name: str, names: Mapping[str, str]) -> str:
    if name.startswith("#"):
        if name not in names:
            raise InvalidPathError(
                f"An expression attribute name used in the document path is not defined; attribute name: {name}"
            )
        return names[name]
    if name.upper() in ReservedKeywords.get_reserved_keywords():
        raise InvalidPathError(f"Attribute name is a reserved keyword; reserved keyword: {name}")
    return name


def _show(path: Path) -> str:
    return f"[{', '.join(f'[{step}]' if isinstance(step, int) else step for step in path)}]"


def take(attributes: Attributes, paths: Sequence[Path]) -> Attributes:
    """Return what some paths hold of an item; what is taken of a list moves together."""
    found = _take({"M": attributes}, _tree(paths))
    return {} if found is None else found["M"]


def _tree(paths: Iterable[Path]) -> Tree:
    root: Tree = {}
    for path in paths:
        node = root
        for step in path:
            node = node.setdefault(step, {})
    return root


def _take(value: AttributeValue, tree: Tree) -> AttributeValue | None:
    if not tree:
        return value
    ((kind, inner),) = value.items()
    if kind == "M":
        members = {name: _take(inner[name], rest) for name, rest in tree.items() if name in inner}
        kept: Any = {name: member for name, member in members.items() if member is not None}
    elif kind == "L":
        places = sorted(step for step in tree if isinstance(step, int) and step < len(inner))
        parts = (_take(inner[place], tree[place]) for place in places)
        kept = [part for part in parts if part is not None]
    else:
        return None
    return {kind: kept} if kept else None
