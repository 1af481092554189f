"""A unit of work over a table that takes Changes as they are: nothing is sent, so nothing is packed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from seedbed.dynamo.unit_of_work import EFFECTS, FEW_PARTS, UnitOfWork

if TYPE_CHECKING:
    from seedbed.dynamo.changes import Change
    from seedbed.dynamo.memory import DryTable
    from seedbed.dynamo.rows import Key, Row


class UnpackedUnit(UnitOfWork):
    """Writes each Change when it comes. What the table does not take so is packed, and waited for."""

    store: DryTable

    def add(self, change: Change, value: object, *, is_again: bool) -> None:
        """Write a Change whose call returned `value`.

        Raises:
            ChangeTooLargeError: the Change fits no transaction; nothing of it is written.
            UncommittedError: something stopped it before.
        """
        is_small = len(change.puts) + len(change.adds) + len(change.exists) <= FEW_PARTS
        if is_again or self.is_stopped or not is_small or not self.store.apply(change):
            super().add(change, value, is_again=is_again)
            with self._stopping():
                self.flush()
            return
        number = self._number()
        answers = self._answers
        with answers.lock:
            answers.values.note_call(change, value)
            answers.note_written(number, change)
        if len(answers.effects) >= EFFECTS and not self._is_settling:
            self.commit()

    def write_batch(self, puts: Iterable[Row], deletes: Iterable[Key]) -> None:
        """Put and delete rows without conditions."""
        with self._stopping():
            self._answers.values.note_batch()
            self.store.write_batch(puts, deletes)
