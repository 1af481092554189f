"""A call that waits to be written, and the one action on an item, summed up from the parts of several Changes.

What a slot can say at once: a put with the counters that came after it folded in; counters and attributes of a row; a
delete, whose expectations count in what its own pack adds; or only that a row is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import attrs

from seedbed.dynamo.actions import Action, CheckRow, DeleteRow, PutRow, UpdateRow
from seedbed.dynamo.changes import Add, Change, Delete, Part, Put, Set, expected_by, meets
from seedbed.dynamo.rows import Key, Row
from seedbed.errors import ServiceError

_ALONE: frozenset[Key] = frozenset()


@attrs.define(eq=False)
class Call:
    """A service call that waits to be written: its Change, the parts of it, and the value that it returned."""

    change: Change
    value: object = None
    number: int = 0
    waits_for: int = 0
    followers: list[Call] = attrs.Factory(list)
    is_packed: bool = False
    is_twice: bool = False
    """Whether it says two things about one row, which no transaction takes."""
    is_again: bool = False
    """Whether an earlier call wanted to write the same, and may have done so."""
    parts: tuple[Part, ...] = attrs.field(init=False)
    counted_together: frozenset[Key] = attrs.field(init=False, default=_ALONE)
    """The rows on which it counts, where they are several."""

    def __attrs_post_init__(self) -> None:
        """Put together once what packing asks for several times."""
        self.parts = self.change.parts()
        if len(self.change.adds) > 1:
            self.counted_together = frozenset([part.key for part in self.change.adds])

    @property
    def telling(self) -> Set | Put | Delete | None:
        """The part whose row tells whether the Change is written: the row that the call is about."""
        first = self.parts[0] if self.parts else None
        return first if isinstance(first, Set | Put | Delete) else None

    def is_written(self, row: Row | None) -> bool:
        """Tell by the row of the telling part whether the Change is written, or was so already."""
        part = self.telling
        if type(part) is Set:
            return row is not None and all(row.get(name) == value for name, value in part.values.items())
        if type(part) is Put:
            return row is not None and part.refused(row) is None
        return type(part) is Delete and row is None and part.refused(None) is None

    def afresh(self) -> Call:
        """Return the same call, in no pack."""
        return Call(self.change, self.value, self.number, is_again=self.is_again)


_NONE: Mapping[str, Any] = MappingProxyType({})
"""Most slots are a put, and have none of these."""


@attrs.define(eq=False)
class Slot:
    """The one action on an item, summed up from the parts of several Changes."""

    key: Key
    row: Row | None = None
    is_row_ours: bool = False
    is_delete: bool = False
    amounts: Mapping[str, int] = _NONE
    values: Mapping[str, Any] = _NONE
    expect: Mapping[str, Any] = _NONE
    size_bytes: int = 0
    parts: list[tuple[Call, Part]] = attrs.Factory(list)

    @property
    def commutes(self) -> bool:
        """Tell whether this action commutes with others of its kind: it adds to counters or asks for the row only."""
        return self.row is None and not (self.is_delete or self.values or self.expect)

    def takes(self, part: Part) -> bool:
        """Tell whether one action can say both what it says already and this part."""
        if self.is_delete or type(part) is Put:
            return False
        if type(part) is Add:
            return not self.values
        if type(part) is Delete:
            return self.row is None and not self.values and not self.expect
        expect = expected_by(part)
        if self.row is not None:
            return meets(self.row, expect)
        return not (self.values or (self.expect and expect) or (type(part) is Set and self.expect))

    def absorb(self, call: Call, part: Part) -> None:
        """Say this part too."""
        self.parts.append((call, part))
        if type(part) is Add:
            self._add(part)
        elif type(part) is Put:
            self.row, self.size_bytes = part.row, part.size_bytes
        elif self.row is None:
            self._demand(part)
        elif type(part) is Set:
            self._fold(part.values)

    def _demand(self, part: Part) -> None:
        self.expect = {**self.expect, **expected_by(part)}
        if type(part) is Delete:
            self.is_delete = True
        elif type(part) is Set:
            self.values = {**self.values, **part.values}

    def _add(self, part: Add) -> None:
        if self.row is None:
            added = {name: self.amounts.get(name, 0) + amount for name, amount in part.amounts.items()}
            self.amounts = {**self.amounts, **added}
            return
        row = self.row
        self._fold({name: {"N": str(int(row[name]["N"]) + amount)} for name, amount in part.amounts.items()})

    def _fold(self, values: Any) -> None:  # noqa: ANN401 - attributes in DynamoDB's JSON
        if not self.is_row_ours and self.row is not None:
            self.row, self.is_row_ours = dict(self.row), True
        row = self.row if self.row is not None else {}
        for name, value in values.items():
            if value is None:
                row.pop(name, None)
            else:
                row[name] = value

    def action(self) -> Action:
        """Return the action that is sent."""
        if self.row is not None:
            return PutRow(self.key, self.row)
        if self.is_delete:
            return DeleteRow(self.key, self._expect_before())
        amounts = {name: amount for name, amount in self.amounts.items() if amount}
        if amounts or self.values:
            return UpdateRow(self.key, amounts, self.values, self.expect)
        return CheckRow(self.key, self.expect)

    def _expect_before(self) -> dict[str, Any]:
        # A delete expects what stands once the pack's own counters are added; the condition sees what stood before.
        expect = dict(self.expect)
        for name, amount in self.amounts.items():
            if name in expect:
                expect[name] = {"N": str(int(expect[name]["N"]) - amount)}
        return expect

    def culprits(self, row: Row | None) -> Iterator[tuple[Call, ServiceError | None]]:
        """Name the calls that a refusal of this action is owed to, each with its answer (None: it was so already)."""
        for call, part in self.parts:
            if self._is_owed_to(part, row):
                yield call, part.refused(row)

    def _is_owed_to(self, part: Part, row: Row | None) -> bool:
        if self.row is not None or type(part) is Put:
            return type(part) is Put
        if row is None or type(part) is Delete:
            return True
        return not meets(row, expected_by(part))
