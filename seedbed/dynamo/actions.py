"""The actions of one transaction, one an item, as plain values: what `table.py` sends and a dry run plays through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import attrs

from seedbed.dynamo.changes import NOTHING_EXPECTED, Expected
from seedbed.dynamo.rows import Key, Row
from seedbed.portable import Portable

MAX_ACTIONS = 100
"""Actions in one TransactWriteItems (AWS: Amazon DynamoDB developer guide, "Quotas")."""
MAX_BYTES = 4_000_000
"""Bytes in one TransactWriteItems (the same source: 4 MB)."""
UNIT_BYTES = 1024
"""Bytes that one write unit covers (the same source)."""


@attrs.frozen
class PutRow:
    """Put a row that must not exist."""

    key: Key
    row: Row


@attrs.frozen
class UpdateRow:
    """Add to counters and set attributes of a row that must exist."""

    key: Key
    amounts: Mapping[str, int]
    values: Mapping[str, Mapping[str, Any] | None]
    expect: Expected = NOTHING_EXPECTED


@attrs.frozen
class DeleteRow:
    """Delete a row that must exist."""

    key: Key
    expect: Expected = NOTHING_EXPECTED


@attrs.frozen
class CheckRow:
    """Check that a row exists."""

    key: Key
    expect: Expected = NOTHING_EXPECTED


Action: TypeAlias = PutRow | UpdateRow | DeleteRow | CheckRow


@attrs.define
class Refused(Portable, Exception):  # noqa: N818 - an answer between two modules, never an error that a caller meets
    """Conditions cancelled a transaction: the place of each refused action, and the row that stood there."""

    rows: Mapping[int, Row | None]
    is_unknown: bool = False
    """Whether an earlier try was sent, and how it ended is not known: it may still be on its way."""


def write_units(size_bytes: int) -> int:
    """Count the write units of one plain write of so many bytes."""
    return max(1, -(-size_bytes // UNIT_BYTES))
