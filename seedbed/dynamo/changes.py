"""What a service wants to write, as one immutable value: the Change and its parts.

    Change = rows to put (must not exist) + rows to delete (must exist) + counters to add to (their row must exist)
           + attributes to set (their row must exist) + rows that must exist

Every rule that needs the state of the table is a condition on the write. Each part knows what its refusal means.
How Changes become transactions is told in `packing.py`, when they are sent in `unit_of_work.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import attrs

from seedbed.dynamo.rows import Key, Row, key_of
from seedbed.errors import InvalidSettingError, ServiceError

Refusal: TypeAlias = Callable[[Row | None], ServiceError | None]
"""Told the row that stood there (None: none did), returns what the caller is to hear; None: it was so already."""

Expected: TypeAlias = Mapping[str, Mapping[str, Any] | None]
"""Attributes that a row must have, in DynamoDB's JSON, for a write to go through; None: must not have."""

NOTHING_EXPECTED: Expected = {}

Moves: TypeAlias = dict[Key, dict[str, int]]
"""By how much counters move, by their rows."""


def already(_row: Row | None) -> None:
    """Refuse nothing: what stood there is what was wanted (already liked, or an earlier try got through)."""


def unless(error: type[ServiceError], *values: Any) -> Refusal:
    """Refuse with `error(*values)`, made only when it is needed."""
    return lambda _row: error(*values)


def meets(row: Mapping[str, Any], expect: Expected) -> bool:
    """Tell whether a row has the attributes that are expected of it."""
    for name, value in expect.items():  # noqa: SIM110 - mostly nothing is, and a generator would cost more
        if row.get(name) != value:
            return False
    return True


def move(moves: Moves, key: Key, amounts: Mapping[str, int], sign: int = 1) -> None:
    """Add up by how much the counters of a row move."""
    moved = moves.get(key)
    if moved is None:
        moved = moves[key] = {}
    for name, amount in amounts.items():
        moved[name] = moved.get(name, 0) + sign * amount


@attrs.frozen
class Put:
    """A row that must not exist yet.

    `size_bytes` is its size when that may be more than 1 KB, else 0. A permanent row goes only when a user leaves.
    """

    key: Key
    row: Row
    refused: Refusal = already
    size_bytes: int = 0
    permanent: bool = False


@attrs.frozen
class Delete:
    """A row that must exist, and have what is expected once all that its pack adds to it is added."""

    key: Key
    refused: Refusal = already
    expect: Expected = NOTHING_EXPECTED


@attrs.frozen
class Add:
    """Counters to move by `amounts`; their row must exist."""

    key: Key
    amounts: Mapping[str, int]
    refused: Refusal


@attrs.frozen
class Set:
    """Attributes to set (None: to remove); their row must exist and have what is expected."""

    key: Key
    values: Mapping[str, Mapping[str, Any] | None]
    refused: Refusal
    expect: Expected = NOTHING_EXPECTED


@attrs.frozen
class Exists:
    """A row that must exist. One that is permanent is asked for once in a unit of work: by a check, or a read."""

    key: Key
    refused: Refusal
    expect: Expected = NOTHING_EXPECTED
    permanent: bool = False


Part: TypeAlias = Put | Delete | Add | Set | Exists
"""One row's share in a Change."""


def expected_by(part: Part) -> Expected:
    """Return the attributes that a part expects of its row."""
    return NOTHING_EXPECTED if isinstance(part, Put | Add) else part.expect


class Effect:
    """What production does after a Change is written. Effects are grouped and handed over at commit."""

    __slots__ = ()


@attrs.frozen
class Change:
    """What one service call writes, whole or not at all. The first put or delete is the row that the call is about."""

    puts: tuple[Put, ...] = ()
    deletes: tuple[Delete, ...] = ()
    adds: tuple[Add, ...] = ()
    sets: tuple[Set, ...] = ()
    exists: tuple[Exists, ...] = ()
    effects: tuple[Effect, ...] = ()

    def check_keys(self) -> None:
        """See that each put names its row's own key: engines write by the row's, and look for refusals by the other.

        Raises:
            InvalidSettingError: One does not, or the puts are no tuple.
        """
        if type(self.puts) is not tuple:
            raise self._untupled()
        for put in self.puts:
            found = key_of(put.row)
            if found != put.key:
                what, rule = "the key of a Put's row", f"that of the Put, {put.key!r}"
                raise InvalidSettingError(what, found, rule)

    def parts(self) -> tuple[Part, ...]:
        """Return all parts; a refusal of an earlier one is the one that is answered.

        Raises:
            InvalidSettingError: Some are no tuple: `Change(adds=(Add(...)))` lacks its comma.
        """
        try:
            return self.sets + self.puts + self.deletes + self.adds + self.exists
        except TypeError as error:
            raise self._untupled() from error

    def _untupled(self) -> InvalidSettingError:
        every = attrs.asdict(self, recurse=False).items()
        name, value = next(one for one in every if not isinstance(one[1], tuple))
        return InvalidSettingError(f"{name} of a Change", value, f"a tuple, as in Change({name}=(...,))")
