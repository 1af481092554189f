"""The table's mark: one row that says that the rows are ours, and of which version of the schema.

The first write into an empty table leaves it. Two things rest on it: a program never takes another app's rows for ours,
and one that knows less than the table holds reads it and writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from seedbed.dynamo.errors import NewerSchemaError
from seedbed.dynamo.rows import SCHEMA_MARK, Row

if TYPE_CHECKING:
    from seedbed.dynamo.schema import Schema
    from seedbed.dynamo.store import Store


def mark_row(schema: Schema) -> Row:
    """Write the mark of a schema's version."""
    return {
        "PK": {"S": SCHEMA_MARK[0]},
        "SK": {"S": SCHEMA_MARK[1]},
        "entity_type": {"S": "SCHEMA"},
        "created_at": {"S": schema.began},
        "version": {"N": str(schema.version)},
    }


def version_of(mark: Mapping[str, Any] | None) -> int | None:
    """Read a mark's version; None where there is no mark, or one that cannot be read."""
    digits = "" if mark is None else str(mark.get("version", {}).get("N", ""))
    return int(digits) if digits.isascii() and digits.isdigit() else None


def check_known(store: Store) -> None:
    """Check before a write that this program knows all that the table may hold.

    Raises:
        NewerSchemaError: the table's mark is of a newer version.
    """
    version, known = store.version, store.schema.version
    if version is not None and version > known:
        raise NewerSchemaError(store.name, version, known)


class Mark:
    """What a table's mark says, and whether writes may go on without looking at it: one not looked at does not hinder.

    It is due where the table is known to be empty: then the first write leaves it.
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self.version: int | None = None
        self.is_open = True
        self.is_due = False

    def look_at(self, row: Row | None, *, is_due: bool = False) -> None:
        """Take the mark that the table bears: the first write is to see to one that is missing, or newer."""
        self.version = version_of(row)
        self.is_open = self.version is not None and self.version <= self._schema.version
        self.is_due = is_due and self.version is None

    def settle(self, *, is_due: bool) -> None:
        """Take it that the mark is due, or that the table holds rows and has none."""
        self.is_due, self.is_open = is_due, not is_due
