"""A table that takes every write and keeps none: for calls whose rows are stored, when only values are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NoReturn

from seedbed.dynamo.actions import Action
from seedbed.dynamo.changes import Change
from seedbed.dynamo.errors import RehearsedError
from seedbed.dynamo.memory import DryTable
from seedbed.dynamo.rows import Key, Row
from seedbed.dynamo.schema import Schema


class Nowhere(DryTable):
    """Refuses nothing, holds nothing, costs nothing."""

    def __init__(self, name: str, schema: Schema) -> None:
        super().__init__(None, name, schema)
        self.keeps_rows = False

    takes_changes = True

    def apply(self, _change: Change) -> bool:
        """Let a Change succeed."""
        return True

    def transact(self, actions: Sequence[Action]) -> None:
        """Let a transaction succeed."""

    def write_batch(self, puts: Iterable[Row], deletes: Iterable[Key]) -> None:
        """Let a batch succeed."""
        for _ in (*puts, *deletes):
            pass

    def scan(self, _segment: int = 0, _segments: int = 1) -> NoReturn:
        """Refuse to be read as a whole: what looks for faults would find none.

        Raises:
            RehearsedError: always.
        """
        raise RehearsedError
