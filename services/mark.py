"""The table's mark: one row that says that the rows are ours, and of which version of the schema.

The first write into an empty table leaves it. Two things rest on it: a program never takes another app's rows for ours,
and one that knows less than the table holds reads it and writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from services.actions import PutRow, Refused
from services.errors import NewerSchemaError, ServiceError
from services.items import Row
from services.keys import SCHEMA_MARK
from services.store import Store

VERSION = 1
"""The version of the schema in docs/table.md. It goes up when an older program would harm what a newer one writes."""
_BEGAN = {1: "2026-11-25T00:00:00.000Z"}
"""Since when each version is: a mark's created_at, so that the same version leaves the same mark everywhere."""


def mark_row() -> Row:
    """Write the mark of this version."""
    return {
        "PK": {"S": SCHEMA_MARK[0]},
        "SK": {"S": SCHEMA_MARK[1]},
        "entity_type": {"S": "SCHEMA"},
        "created_at": {"S": _BEGAN[VERSION]},
        "version": {"N": str(VERSION)},
    }


def version_of(mark: Mapping[str, Any] | None) -> int | None:
    """Read a mark's version; None where there is no mark, or one that cannot be read."""
    digits = "" if mark is None else str(mark.get("version", {}).get("N", ""))
    return int(digits) if digits.isascii() and digits.isdigit() else None


def check_known(table: str, version: int | None) -> None:
    """Check before a write that this program knows all that the table may hold.

    Raises:
        NewerSchemaError: the table's mark is of a newer version.
    """
    if version is not None and version > VERSION:
        raise NewerSchemaError(table, version, VERSION)


class Mark:
    """A table's mark as it was found, and left by the first write.

    `beside` gives the same table for calls that are the table's own: what its callers send is counted without them.
    """

    def __init__(self, name: str, beside: Callable[[], Store]) -> None:
        self.version: int | None = None
        self.is_open = True
        self._name = name
        self._beside = beside

    def look_at(self, row: Row | None) -> None:
        """Take the mark that the table bears: the first write is to see to one that is missing or newer."""
        self.version = version_of(row)
        self.is_open = self.version is not None and self.version <= VERSION

    def open(self) -> None:
        """Let writes go on from now. Of a table with rows and no mark nobody knows whose they are: it stays so.

        Raises:
            NewerSchemaError: the table is of a newer version.
            ServiceError: the mark could not be left.
        """
        try:
            if self.version is None and not any(self._beside().scan()):
                self.leave()
        except ServiceError as error:
            error.is_unknown = False  # what the caller wants to write was not sent
            raise
        check_known(self._name, self.version)
        self.is_open = True

    def leave(self) -> None:
        """Leave the mark, unless there is one that can be read.

        Raises:
            ServiceError: the engine did not do it.
        """
        beside = self._beside()
        try:
            beside.transact([PutRow(SCHEMA_MARK, mark_row())])
        except Refused as refused:
            self.version = version_of(refused.rows.get(0))
            if self.version is None:
                beside.write_batch([mark_row()], ())
        except ServiceError as error:
            self.version = version_of(beside.get(SCHEMA_MARK)) if error.is_unknown else None
            if self.version is None:
                raise
        self.version = self.version or VERSION
