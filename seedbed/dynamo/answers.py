"""What became of the calls of one unit of work: written, refused, lost, or unknown; and what the written ones bring.

It is noted by whoever sends, maybe in a worker's thread, under one lock. Nothing is sent here.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping
from typing import TypeAlias

from seedbed.dynamo.changes import Change, Effect
from seedbed.dynamo.errors import ChangeTooLargeError
from seedbed.dynamo.outcomes import BEYOND, OF_APP, UncommittedError, UnknownOutcomeError
from seedbed.dynamo.packing import Answer, Known, Pack
from seedbed.dynamo.returned_values import ReturnedValues
from seedbed.dynamo.row_actions import Call
from seedbed.dynamo.rows import Key
from seedbed.dynamo.schema import Entity
from seedbed.errors import ServiceError

Done: TypeAlias = tuple[Effect, bool]
"""An effect of a written Change; True: the Change was written before already, and its effect maybe too."""


def _mark(call: Call) -> int:
    # Values are told apart by identity; a call that returns nothing by its number.
    return -call.number if call.value is None else id(call.value)


class Answers:
    """Answers for each call of a unit of work. Calls with the number 0 are nobody's: they are written for effects."""

    def __init__(self, entities: Mapping[type, Entity]) -> None:
        self.lock = threading.Lock()
        self.known = Known()
        self.values = ReturnedValues(entities)
        self.committed = 0
        self.effects: list[tuple[int, Done]] = []
        self._refused: dict[int, tuple[Call, ServiceError]] = {}
        self._lost: dict[int, Call] = {}
        self._unknown: dict[int, Call] = {}

    # Noted as it goes

    def note_call(self, change: Change, value: object) -> None:
        """Note a call that is queued."""
        with self.lock:  # a worker may take out what was refused
            self.values.note_call(change, value)

    def note_written(self, number: int, change: Change) -> None:
        """Note a call that is written."""
        self.committed += number > 0
        self.values.note_written(change)
        self.effects += [(number, (effect, False)) for effect in change.effects]

    def note_pack(self, pack: Pack) -> None:
        """Note a pack that is written."""
        with self.lock:
            pack.keep_promises()
            self.known.promised -= pack.permanent
            for call in pack.calls:
                self.note_written(call.number, call.change)

    def answer(self, pack: Pack, answers: Iterable[Answer]) -> None:
        """Note what calls of a pack were told that is not written."""
        with self.lock:
            pack.break_promises()
            for call, error, row in answers:
                self.values.take_out(call.change)
                if error is not None:
                    self._refused[_mark(call)] = call, error
                    continue
                self.committed += call.number > 0
                self.known.seen |= {part.key for part in call.change.puts if part.permanent}
                self.effects += [(call.number, (effect, True)) for effect in call.change.effects]
                self.values.note_earlier(call.change, call.value, row)

    def refuse_misfit(self, call: Call) -> None:
        """Note a call that fits no pack."""
        with self.lock:
            self.values.take_out(call.change)
            self._refused[_mark(call)] = call, ChangeTooLargeError(len(call.parts))

    def note_unknown(self, pack: Pack, written: Collection[int] = ()) -> bool:
        """Take note that nobody knows of the calls of a pack but of those that are `written`; tell whether all are."""
        unknown = [call for call in pack.calls if id(call) not in written]
        pack.calls = []  # each of them is answered for
        with self.lock:
            self._unknown.update((_mark(call), call) for call in unknown if call.number)
        return not unknown

    def lose(self, pack: Pack) -> None:
        """Note a pack that will not be sent."""
        with self.lock:
            pack.break_promises()
            self.note_lost(pack.calls)

    def note_lost(self, calls: Iterable[Call]) -> None:
        """Note calls that will not be sent."""
        self._lost.update((_mark(call), call) for call in calls if call.number)

    def note_present(self, keys: Iterable[Key]) -> None:
        """Note permanent rows that are in the table."""
        with self.lock:
            self.known.seen.update(keys)

    def doubt(self, other: Answers) -> None:
        """Look again who is there, and read anew what another unit of work has changed."""
        with self.lock:  # a thread that began in a hook may tell too
            self.known.seen.clear()  # it may have deleted a permanent row
            self.values.doubt(other.values)

    def leave_to_parent(self) -> None:
        """Let go of the lock, which a thread of the parent may have held at the fork, and of what the parent does."""
        self.lock, self.effects = threading.Lock(), []

    # What is told of it

    @property
    def refusals(self) -> list[ServiceError]:
        """The refusals so far, in the order of the calls."""
        found = sorted(self._refused.values(), key=lambda refused: refused[0].number)
        return [error for _, error in found]

    @property
    def unwritten(self) -> int:
        """The number of calls that were neither written nor refused, and never will be."""
        return len(self._lost)

    @property
    def unknown(self) -> list[Call]:
        """The calls that may be written or not."""
        return sorted(self._unknown.values(), key=lambda call: call.number)

    def is_never_written(self, call: Call) -> bool:
        """Tell whether a call was refused or lost."""
        return _mark(call) in self._lost or _mark(call) in self._refused

    def check_written(self, mark: int, cause: BaseException | None, reach: str) -> None:
        """Refuse what is not known to be written; `cause` and `reach` are of the unit of work, if it is stopped.

        Raises:
            ServiceError: The call was refused; this is why.
            UncommittedError: It was lost.
            UnknownOutcomeError: Nobody knows whether it is written.
        """
        refused = self._refused.get(mark)
        if refused is not None:
            raise refused[1]
        if mark in self._lost:
            raise UncommittedError(cause)
        if mark in self._unknown:
            raise UnknownOutcomeError(cause, OF_APP if reach == BEYOND else reach)
