"""Rows packed small, for a table on paper that holds millions: a third of a kilobyte each, where dicts take two.

A row is its *shape* (names and types, kept once) and its values, one after another. What stands in its keys already,
and its time where that stands in it twice, is a single sign.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from typing import Final, TypeAlias

from seedbed.dynamo.rows import Key, Row

_Shape: TypeAlias = tuple[tuple[str, str], ...]

_END: Final = "\0"
_FIRST, _SECOND, _TIME = "\1", "\2", "\3"
_SIGNS: Final = frozenset((_END, _FIRST, _SECOND, _TIME))
_PLAIN: Final = ("S", "N")
_JSON: Final = ""
_CREATED: Final = "created_at"
_PICKLED: Final = b"\x80"
"""With what pickles begin, and no packed row does."""


class PackedRows:
    """Rows by key; None for one that is known to be gone."""

    def __init__(self) -> None:
        self._partitions: dict[str, dict[str, bytes | None]] = {}
        self._numbers: dict[_Shape, int] = {}
        self._shapes: list[_Shape] = []

    def __contains__(self, key: Key) -> bool:
        """Tell whether a row is known, be it there or gone."""
        return key[1] in self._partitions.get(key[0], ())

    def get(self, key: Key) -> Row | None:
        """Return a row, None where it is gone or not known."""
        packed = self._partitions.get(key[0], {}).get(key[1])
        return None if packed is None else self._unpack(key, packed)

    def put(self, key: Key, row: Row | None) -> None:
        """Keep a row, or that it is gone."""
        packed = None if row is None else self._pack(key, row)
        self._partitions.setdefault(key[0], {})[key[1]] = packed

    def sorts(self, partition: str) -> Iterator[str]:
        """Yield the sort keys of a partition's rows that are there, in no order."""
        yield from (sort for sort, packed in self._partitions.get(partition, {}).items() if packed is not None)

    def __iter__(self) -> Iterator[Row]:
        """Yield all rows that are there."""
        for partition, rows in self._partitions.items():
            for sort, packed in rows.items():
                if packed is not None:
                    yield self._unpack((partition, sort), packed)

    def _pack(self, key: Key, row: Row) -> bytes:
        try:
            shape, values = _taken_apart(row)
        except (TypeError, ValueError):  # a value of other programs, such as bytes
            return pickle.dumps(row)
        text = _END.join(values)
        if _clashes(key, row):
            return pickle.dumps(row)
        for name, sign in zip(_names(key), (_FIRST, _SECOND), strict=True):
            text = text.replace(name, sign) if name else text
        return f"{self._number(shape)}{_END}{text}".encode("utf-8", "surrogatepass")

    def _number(self, shape: _Shape) -> int:
        number = self._numbers.get(shape)
        if number is None:
            number = self._numbers[shape] = len(self._shapes)
            self._shapes.append(shape)
        return number

    def _unpack(self, key: Key, packed: bytes) -> Row:
        if packed[:1] == _PICKLED:
            whole: Row = pickle.loads(packed)  # noqa: S301 - of our own making, in this process
            return whole
        number, _, text = packed.decode("utf-8", "surrogatepass").partition(_END)
        first, second = _names(key)
        values = text.replace(_FIRST, first).replace(_SECOND, second).split(_END)
        shape = self._shapes[int(number)]
        time = next((value for (name, _), value in zip(shape, values, strict=False) if name == _CREATED), "")
        row: Row = {"PK": {"S": key[0]}, "SK": {"S": key[1]}}
        for (name, kind), value in zip(shape, values, strict=False):  # no value splits into one text
            full = value.replace(_TIME, time)
            row[name] = {kind: full} if kind else json.loads(full)
        return row


def _taken_apart(row: Row) -> tuple[_Shape, list[str]]:
    """Return the names and types of a row, and its values as texts; its time is a sign in all others."""
    shape, values = [], []
    time = row.get(_CREATED, {}).get("S")
    for name, typed in row.items():
        if name in {"PK", "SK"}:
            continue
        ((kind, value),) = typed.items()
        is_plain = kind in _PLAIN
        text = value if is_plain else json.dumps(typed, separators=(",", ":"), ensure_ascii=False)
        shape.append((name, kind if is_plain else _JSON))
        values.append(text.replace(time, _TIME) if time and name != _CREATED and len(text) >= len(time) else text)
    return tuple(shape), values


def _names(key: Key) -> tuple[str, str]:
    return key[0].partition("#")[2], key[1].partition("#")[2]


def _clashes(key: Key, row: Row) -> bool:
    """Tell whether a text of the row holds a sign of ours."""
    texts = [value for typed in row.values() for value in typed.values() if isinstance(value, str)]
    return not _SIGNS.isdisjoint("".join((*key, *texts)))
