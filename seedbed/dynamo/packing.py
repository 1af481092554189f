"""Packing: many Changes into few transactions, one action an item, nothing split.

A `Pack` is one transaction in the making; a `Packer` holds the Changes that wait and fills packs from them. Counters
on one row are summed into one action; a counter on a row that the same pack puts is folded into the put. A Change
goes into the pack of the row that it needs, or a later one. Nothing is sent here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, KeysView, Mapping
from itertools import islice
from typing import NamedTuple

import attrs

from seedbed.dynamo.actions import MAX_ACTIONS, MAX_BYTES, UNIT_BYTES, Action
from seedbed.dynamo.changes import Add, Exists, Part, Put
from seedbed.dynamo.row_actions import Call, Slot
from seedbed.dynamo.rows import Key, Row
from seedbed.errors import ServiceError

PASSED_OVER = 8
"""So many Changes that do not fit are passed over before a pack counts as full."""
_FULL = MAX_ACTIONS - 1  # and the row itself
LOOKED_AT = 200
"""So many waiting Changes of a row are looked at for those that move only counters that the pack moves already."""


@attrs.define
class Known:
    """Permanent rows: `seen` are in the table, `promised` are in a pack that has not come back yet."""

    seen: set[Key] = attrs.Factory(set)
    promised: set[Key] = attrs.Factory(set)


class Answer(NamedTuple):
    """What a call is told that a transaction refused: an error, or None where it was so already; the row that stood."""

    call: Call
    error: ServiceError | None
    row: Row | None


class Pack:
    """One transaction in the making."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._slots: dict[Key, Slot] = {}
        self._bytes = 0
        self.calls: list[Call] = []
        self.permanent: set[Key] = set()
        self.promises: set[Key] = set()

    def row_uses(self) -> Iterator[tuple[Key, bool]]:
        """Yield the rows that this pack acts on, and whether that commutes with others of its kind."""
        for key, slot in self._slots.items():
            yield key, slot.commutes

    @property
    def rows(self) -> KeysView[Key]:
        """The rows that this pack acts on, in the order in which they came."""
        return self._slots.keys()

    @property
    def is_full(self) -> bool:
        """Tell whether no further item fits."""
        return len(self._slots) >= MAX_ACTIONS

    def take(self, call: Call) -> bool:
        """Take a Change in whole; False, and unchanged, when it does not fit."""
        parts, fresh, size = self._room_for(call.parts)
        if parts is None or len(self._slots) + fresh > MAX_ACTIONS or self._bytes + size > MAX_BYTES:
            return False
        self._bytes += size
        for part in parts:
            self._absorb(call, part)
        if len(parts) < len(call.parts):
            self._lean(call)
        self.calls.append(call)
        return True

    def _room_for(self, parts: Iterable[Part]) -> tuple[list[Part] | None, int, int]:
        """Return the parts that the pack must say, None where it cannot, how many of them are new items, and bytes."""
        said, fresh, size = [], 0, 0
        for part in parts:
            slot = self._slots.get(part.key)
            if slot is None:
                if type(part) is Exists and self._is_known(part):
                    continue
                fresh += 1
                size += max(part.size_bytes, UNIT_BYTES) if type(part) is Put else UNIT_BYTES
            elif not slot.takes(part):
                return None, 0, 0
            said.append(part)
        return said, fresh, size

    def _lean(self, call: Call) -> None:
        """Note the rows that this pack takes for granted, since another one, not back yet, puts or checks them."""
        for part in call.parts:
            if part.key not in self._slots and part.key not in self._known.seen:
                self.promises.add(part.key)

    def _is_known(self, part: Exists) -> bool:
        if not part.permanent or part.expect:
            return False
        return part.key in self._known.seen or part.key in self._known.promised

    def _absorb(self, call: Call, part: Part) -> None:
        slot = self._slots.get(part.key)
        if slot is None:
            slot = self._slots[part.key] = Slot(part.key)
        slot.absorb(call, part)
        if (type(part) is Put or type(part) is Exists) and part.permanent:
            self.permanent.add(part.key)

    def promise(self) -> None:
        """Let later packs rely on the permanent rows that this one puts or checks."""
        self._known.promised |= self.permanent

    def keep_promises(self) -> None:
        """Say that this pack is in the table."""
        self._known.seen |= self.permanent
        self._known.promised -= self.permanent

    def break_promises(self) -> None:
        """Say that this pack is not in the table as it was."""
        self._known.promised -= self.permanent

    def relies_on_nothing_broken(self) -> bool:
        """Tell whether every permanent row that this pack took for granted is in the table."""
        return self.promises <= self._known.seen

    def actions(self) -> list[Action]:
        """Return the transaction's actions."""
        return [slot.action() for slot in self._slots.values()]

    def sizes(self) -> dict[Key, int]:
        """Return the size in bytes of the rows put that may be larger than 1 KB."""
        return {slot.key: slot.size_bytes for slot in self._slots.values() if slot.size_bytes > UNIT_BYTES}

    def answers(self, rows: Mapping[int, Row | None]) -> dict[int, Answer]:
        """Answer the calls that refused actions are owed to, by identity.

        A call that needs a row of a refused one, and would be refused for that first, gets no answer yet: it is asked
        again without the other, and so hears what a single call would.

        `rows`: the position of each refused action and the row that stood there.
        """
        owed = self._answers_owed(rows)
        answers: dict[int, Answer] = {}
        absent: set[Key] = set()
        for call in self.calls:
            if id(call) not in owed:
                continue
            place, answer = owed[id(call)]
            is_answered = not any(part.key in absent for part in call.parts[:place])
            if is_answered:
                answers[id(call)] = answer
            if not is_answered or answer.error is not None:
                absent.update(put.key for put in call.change.puts)
        return answers

    def _answers_owed(self, rows: Mapping[int, Row | None]) -> dict[int, tuple[int, Answer]]:
        """Return for each call the first of its parts that is refused, and the answer of that part."""
        slots = list(self._slots.values())
        owed: dict[int, tuple[int, Answer]] = {}
        for position, row in rows.items():
            slot = slots[position]
            for call, error in slot.culprits(row):
                place = [part.key for part in call.parts].index(slot.key)
                if id(call) not in owed or place < owed[id(call)][0]:
                    owed[id(call)] = place, Answer(call, error, row)
        return owed


class _RowCalls:
    """Who wrote a row last, and who asked for it or added to it since."""

    __slots__ = ("readers", "writer")

    def __init__(self, writer: Call | None = None) -> None:
        self.writer = writer
        self.readers: list[Call] = []


class _Hot:
    """The rows that a pack touches, as long as Changes wait for them."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self._keys = deque(keys)
        self._known = set(self._keys)

    @property
    def key(self) -> Key | None:
        """The row whose Changes come next."""
        return self._keys[0] if self._keys else None

    def add(self, keys: Iterable[Key]) -> None:
        """Add those that are not there."""
        for key in keys:
            if key not in self._known:
                self._known.add(key)
                self._keys.append(key)

    def take_turns(self) -> None:
        """Let the next row come first."""
        self._keys.rotate(-1)

    def drop(self) -> None:
        """Take out the row that came first."""
        self._known.discard(self._keys.popleft())


class Packer:
    """Holds Changes that wait, and fills packs from them.

    Two Changes commute when they share only counters and rows that must exist; all others keep their order. Among
    those that commute, a pack prefers the ones that touch rows it touches already. Changes with two counters (follows)
    grow from both ends in turn, and those between rows that are in the pack go first: so a pack is a block of some six
    followers by six followees, with 2.3 actions a follow, not 3. Cost: a few dictionary look-ups a part.
    """

    def __init__(self, known: Known) -> None:
        self._known = known
        self._rows: dict[Key, _RowCalls] = {}
        self._ready: deque[Call] = deque()
        self._by_row: dict[Key, deque[Call]] = {}
        self._open: Pack | None = None
        self._passed: list[Call] = []
        self._waiting: dict[int, Call] = {}
        self._asked: set[Key] = set()
        self.is_due = False
        """Whether so many Changes of one row wait since the last packs that they fill one."""
        self.misfits: list[Call] = []
        """Changes that fit no pack, not even an empty one: they were taken out, and hold up nothing."""

    @property
    def waiting(self) -> int:
        """The number of Changes that are in no pack yet."""
        return len(self._waiting)

    def take_asked(self, least: int) -> list[Key]:
        """Return the permanent rows that waiting Changes need and nobody here writes; none where they are too few."""
        known, asked = self._known, self._asked
        asked -= known.seen
        asked -= known.promised
        if len(asked) < least:
            return []
        self._asked = set()
        return sorted(key for key in asked if self._rows[key].writer is None)

    def add(self, call: Call) -> None:
        """Queue a Change behind those that it does not commute with."""
        self._waiting[id(call)] = call
        for part in call.parts:
            if type(part) is Exists and part.permanent and not part.expect:
                self._asked.add(part.key)
            if type(part) is Add or type(part) is Exists:
                self._after_writer(call, part.key)
            else:
                self._after_all(call, part.key)
        if call.is_twice:
            self._note_packed(call)
            self.misfits.append(call)
        elif not call.waits_for:
            self._make_ready(call)

    def _after_writer(self, call: Call, key: Key) -> None:
        state = self._rows.get(key)
        if state is None:
            state = self._rows[key] = _RowCalls()
        elif state.writer is not None:
            self._wait(call, state.writer)
        state.readers.append(call)

    def _after_all(self, call: Call, key: Key) -> None:
        state = self._rows.get(key)
        if state is None:
            self._rows[key] = _RowCalls(call)
            return
        if state.writer is not None:
            self._wait(call, state.writer)
        for reader in state.readers:
            self._wait(call, reader)
        self._rows[key] = _RowCalls(call)

    @staticmethod
    def _wait(call: Call, other: Call) -> None:
        if other is call:
            call.is_twice = True
        elif not other.is_packed:
            other.followers.append(call)
            call.waits_for += 1

    def _make_ready(self, call: Call) -> None:
        self._ready.append(call)
        for part in call.change.adds:
            row = self._by_row.setdefault(part.key, deque())
            row.append(call)
            if not len(row) % _FULL:
                self.is_due = True

    def packs(self, *, is_last: bool) -> Iterator[Pack]:
        """Yield full packs, in an order that keeps to the Changes' own; with `is_last` also the one begun."""
        self.is_due = False
        while self._waiting:
            pack = self._open or Pack(self._known)
            is_filled = self._fill(pack)
            self._open = None if is_filled else pack
            if not is_filled:
                break
            pack.promise()
            yield pack
        if not self._waiting:
            self._forget()
        if is_last and self._open is not None:
            pack, self._open = self._open, None
            pack.promise()
            yield pack

    def _forget(self) -> None:
        self._rows.clear()
        self._by_row.clear()
        self._ready.clear()
        self._waiting.clear()
        self._asked.clear()

    def drop(self) -> list[Call]:
        """Take out all calls that no pack was yielded for, in the order of the calls."""
        calls = [*(self._open.calls if self._open else ()), *self._waiting.values()]
        self._open = None
        self._forget()
        return calls

    def _fill(self, pack: Pack) -> bool:
        """Fill a pack; False when it ran out of Changes before it was full."""
        hot, within, looked = _Hot(pack.rows), deque[Call](), set[Key]()
        while not pack.is_full and len(self._passed) < PASSED_OVER:
            call = self._first(within) or self._next(hot)
            if call is None:
                break
            if not pack.take(call):
                self._passed.append(call)
                continue
            self._note_packed(call)
            hot.add(part.key for part in call.change.puts + call.change.adds if part.key in self._by_row)
            if call.counted_together:
                within.extend(self._within(pack, call, looked))
        misfit = self._passed.pop(0) if self._passed and not pack.calls else None
        is_filled = pack.is_full or bool(self._passed)
        self._ready.extendleft(reversed(self._passed))
        self._passed.clear()
        if misfit is None:
            return is_filled
        self._note_packed(misfit)
        self.misfits.append(misfit)
        return self._fill(pack)

    def _note_packed(self, call: Call) -> None:
        call.is_packed = True
        del self._waiting[id(call)]
        for follower in call.followers:
            follower.waits_for -= 1
            if not follower.waits_for:
                self._make_ready(follower)
        call.followers = []

    def _within(self, pack: Pack, call: Call, looked: set[Key]) -> Iterator[Call]:
        """Find the Changes of a Change's rows that move only counters which the pack moves already."""
        rows = pack.rows
        for key in [part.key for part in call.change.adds if part.key not in looked]:
            looked.add(key)
            for other in islice(self._by_row.get(key, ()), LOOKED_AT):
                if other.counted_together and not other.is_packed and other.counted_together <= rows:
                    yield other

    def _next(self, hot: _Hot) -> Call | None:
        while (key := hot.key) is not None:
            call = self._first(self._by_row.get(key))
            if call is not None:
                if call.counted_together:
                    hot.take_turns()
                return call
            self._by_row.pop(key, None)
            hot.drop()
        return self._first(self._ready)

    def _first(self, calls: deque[Call] | None) -> Call | None:
        while calls:
            call = calls.popleft()
            if self._may_go(call):
                return call
        return None

    def _may_go(self, call: Call) -> bool:
        return not call.is_packed and not any(call is passed for passed in self._passed)
