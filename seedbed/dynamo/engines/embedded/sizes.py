"""How large an item is by AWS's rules: what its limits, its pages and its capacity are reckoned by.

Source: Amazon DynamoDB developer guide, "DynamoDB item sizes and formats".
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seedbed.dynamo.engines.embedded.rows import Attributes, AttributeValue


def item_bytes(attributes: Attributes) -> int:
    """Measure an item: its names and its values."""
    return names_bytes(tuple(attributes)) + sum(map(value_bytes, attributes.values()))


def value_bytes(value: AttributeValue) -> int:
    """Measure a value: texts in UTF-8, numbers by two digits a byte, lists and maps with what holds them together."""
    ((kind, content),) = value.items()
    return scalar_bytes(kind, content) if kind in _SCALARS else _content_bytes(kind, content)


_SCALARS = frozenset({"S", "N", "B", "BOOL", "NULL"})


def scalar_bytes(kind: str, content: Any) -> int:
    """Measure what is no list, map or set."""
    if kind == "S":
        return len(content) if content.isascii() else len(content.encode())
    if kind == "N":
        return number_bytes(content)
    return len(content) if kind == "B" else 1


def number_bytes(text: str) -> int:
    """Measure a number in its normal form."""
    digits = len(text.lstrip("-").replace(".", "").strip("0"))
    return (digits + 1) // 2 + 1 + text.startswith("-")


def _content_bytes(kind: str, content: Any) -> int:
    if kind == "L":
        return 3 + sum(1 + value_bytes(element) for element in content)
    if kind == "M":
        return 3 + sum(1 + name_bytes(name) + value_bytes(member) for name, member in content.items())
    return sum(scalar_bytes(kind[0], member) for member in content)


@lru_cache(maxsize=1024)
def names_bytes(names: tuple[str, ...]) -> int:
    """Measure the names of an item's attributes."""
    return sum(map(name_bytes, names))


@lru_cache(maxsize=4096)
def name_bytes(name: str) -> int:
    """Measure an attribute's name."""
    return len(name.encode())
