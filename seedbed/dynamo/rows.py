"""Rows as DynamoDB writes them, their keys, and how single attributes are read and written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeAlias

from seedbed.errors import InvalidSettingError
from seedbed.plain import plain_text

Row: TypeAlias = dict[str, Any]
"""A row in DynamoDB's JSON."""


@lru_cache(1_024)  # one instant stands in several rows
def moment_text(moment: datetime) -> str:
    """Write an instant of UTC as ISO 8601 with milliseconds and `Z`."""
    return moment.isoformat(timespec="milliseconds")[:23] + "Z"


def moment_of(row: Row, name: str = "created_at") -> datetime:
    """Read an instant of a row."""
    return datetime.fromisoformat(row[name]["S"])


def text_of(row: Row, name: str) -> str:
    """Read a text that every such row has."""
    text: str = row[name]["S"]
    return text


def optional_text(row: Row, name: str) -> str | None:
    """Read a text that may be absent."""
    value = row.get(name)
    return value["S"] if value else None


def count_of(row: Row, name: str) -> int:
    """Read a whole number; absent is 0."""
    value = row.get(name)
    return int(value["N"]) if value else 0


def key_of(row: Row) -> Key:
    """Read a row's own key."""
    return row["PK"]["S"], row["SK"]["S"]


def attribute(value: object, name: str = "an attribute") -> dict[str, Any]:
    """Write one value as DynamoDB's JSON.

    Raises:
        InvalidSettingError: It is nothing that an app's rows hold: engines would refuse it, each in its own words and
            for the whole pack, or keep it as something else.
    """
    if isinstance(value, str):
        return {"S": plain_text(value)}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int):
        return {"N": str(int(value))}
    if isinstance(value, tuple) and all(isinstance(text, str) for text in value):
        return {"L": [{"S": plain_text(text)} for text in value]}
    raise InvalidSettingError(name, value, "a text, a whole number, a bool or a tuple of texts")


def row_bytes(row: Row) -> int:
    """Measure a row as DynamoDB does: names and values in UTF-8, numbers by digits, 3 bytes and 1 an entry for a list.

    Source: Amazon DynamoDB developer guide, "Item sizes and formats".
    """
    return sum(len(name) + _value_bytes(value) for name, value in row.items())


def _value_bytes(value: Mapping[str, Any]) -> int:
    kind, inner = next(iter(value.items()))
    if kind == "S":
        return len(inner) if inner.isascii() else len(inner.encode())
    if kind == "N":
        return len(inner.strip("-").strip("0")) // 2 + 2
    if kind == "L":
        return 3 + sum(1 + _value_bytes(part) for part in inner)
    return 1


Key: TypeAlias = tuple[str, str]
"""A row's partition key and sort key."""


INDEX = "GSI1"


SCHEMA_MARK: Key = ("SCHEMA", "SCHEMA")
"""The row that says that a table is ours, and of which version of its schema."""


def row_of(key: Key, entity_type: str, /, **values: str | int | tuple[str, ...] | None) -> Row:
    """Write a row of an app's own: its key, its type, and its attributes; those that are None are absent.

    Raises:
        InvalidSettingError: An attribute is no text, whole number, bool or tuple of texts, or is named as what the key
            and the type are written under.
    """
    row = {"PK": {"S": key[0]}, "SK": {"S": key[1]}, "entity_type": {"S": entity_type}}
    for name, value in values.items():
        if name in row:
            what, rule = f"attribute {name}", "left to the key and the type, which are said before"
            raise InvalidSettingError(what, value, rule)
        if value is not None:
            row[name] = attribute(value, name)
    return row
