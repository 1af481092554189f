"""Attributes of rows, read so that a row that cannot be read is named; and rows that others name, read together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from seedbed.dynamo import rows
from seedbed.dynamo.rows import Key, Row
from seedbed.dynamo.session import Session
from services.rows.items import naming

T = TypeVar("T")

text_of = naming(rows.text_of)
optional_text = naming(rows.optional_text)
count_of = naming(rows.count_of)
moment_of = naming(rows.moment_of)


@naming
def is_true(row: Row, name: str) -> bool:
    """Read a truth that every such row has."""
    truth: bool = row[name]["BOOL"]
    return truth


def read_each(session: Session, wanted: Sequence[Key], read: Callable[[Row], T]) -> list[T | None]:
    """Return what `read` makes of the row of each key, in their order; None where there is no row.

    Cost: 1 batch read per 100 keys.
    """
    found = session.get_many(wanted)
    return [read(found[key]) if key in found else None for key in wanted]
