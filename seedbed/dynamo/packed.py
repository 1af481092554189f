"""Rows packed small, for tables in memory that hold millions: a third of a kilobyte each, where dicts take two.

A row is its *shape* (names and types, kept once) and its values, one after another. What stands in its keys already,
and its time where that stands in it twice, is a single sign.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

import orjson

from seedbed.dynamo.canonical import CanonicalForm, canonical, quickly
from seedbed.dynamo.ordered import Shelves
from seedbed.dynamo.rows import Key, Row

_Column: TypeAlias = tuple[str, str]

_END: Final = "\0"
_FIRST, _SECOND, _TIME = "\1", "\2", "\3"
_PLAIN: Final = {"S", "N"}
_BOOL: Final = "BOOL"
_JSON: Final = ""
_BOOLS: Final = {True: "1", False: ""}
_CREATED: Final = "created_at"
_PICKLED: Final = b"\x80"
"""With what pickles begin, and no packed row does."""
_WRITTEN: Final = b"{"
"""With what a row in its canonical form begins, and no packed row does."""
_GONE: Final = b""
WRITTEN_FIRST = 100_000
"""So many rows are kept as they are written: a third of the time of packing, twice its room, 40 MB more."""


class _Shape:
    """What rows of one kind have in common: the names and types of their columns, those of the key left out."""

    __slots__ = ("columns", "is_timed", "number", "odd")

    def __init__(self, number: int, columns: tuple[_Column, ...]) -> None:
        self.number = number
        self.columns = columns
        self.odd = [column for column in columns if column[1] not in _PLAIN]
        self.is_timed = (_CREATED, "S") in columns

    def texts(self, row: Row) -> list[str]:
        """Return the values of a row as texts.

        Raises:
            KeyError: It is of another shape.
            TypeError: A value cannot be written as a text.
            ValueError: Nor can this one.
        """
        if not self.odd:
            return [row[name][kind] for name, kind in self.columns]
        return [row[name][kind] if kind in _PLAIN else _write(row[name], kind) for name, kind in self.columns]

    def row(self, texts: list[str]) -> Row:
        """Return the values that texts are of."""
        row: Row = {name: {kind: text} for (name, kind), text in zip(self.columns, texts, strict=False)}
        for name, kind in self.odd:
            text = row[name][kind]
            row[name] = json.loads(text) if kind == _JSON else {kind: bool(text)}
        return row


class Packing:
    """Packs the rows of one table, whose keys have these names and are texts; tables of other keys have none."""

    def __init__(self, *names: str) -> None:
        self._names = names
        self._shapes: list[_Shape] = []
        self._by_columns: dict[tuple[_Column, ...], _Shape] = {}
        self._by_names: dict[tuple[str, ...], _Shape] = {}  # the latest of those names

    def copy(self) -> Packing:
        """Return a packing that unpacks what this one packed, and learns of new shapes by itself."""
        copied = Packing(*self._names)
        copied._shapes = self._shapes.copy()
        copied._by_columns, copied._by_names = self._by_columns.copy(), self._by_names.copy()
        return copied

    def pack(self, key: Key, row: Row, size_bytes: int = 0) -> bytes:
        """Return a row in short, and what is noted as its size; it shares nothing with the row."""
        try:
            packed = self._pack(key, row, size_bytes) if self._names else None
        except (LookupError, TypeError, ValueError):  # a value of other programs, such as bytes
            packed = None
        return pickle.dumps((row, size_bytes)) if packed is None else packed

    def _pack(self, key: Key, row: Row, size_bytes: int) -> bytes | None:
        shape, texts = self._take_apart(row)
        first, second = key
        text = _END.join((first, second, *texts))
        if text.count(_END) != len(texts) + 1 or _FIRST in text or _SECOND in text or _TIME in text:
            return None  # it holds a sign of ours
        text = text[len(first) + len(second) + 2 :]
        time = row[_CREATED]["S"] if shape.is_timed else ""
        if time:
            text = text.replace(time, _TIME)
        if first := first.partition("#")[2]:
            text = text.replace(first, _FIRST)
        if second := second.partition("#")[2]:
            text = text.replace(second, _SECOND)
        return f"{shape.number} {size_bytes}{_END}{time}{_END}{text}".encode("utf-8", "surrogatepass")

    def _take_apart(self, row: Row) -> tuple[_Shape, list[str]]:
        names = tuple(row)
        shape = self._by_names.get(names)
        if shape is not None:
            try:
                return shape, shape.texts(row)
            except KeyError:
                pass
        shape = self._by_names[names] = self._shape(row)
        return shape, shape.texts(row)

    def _shape(self, row: Row) -> _Shape:
        columns = tuple((name, _kind(typed)) for name, typed in row.items() if name not in self._names)
        shape = self._by_columns.get(columns)
        if shape is None:
            shape = self._by_columns[columns] = _Shape(len(self._shapes), columns)
            self._shapes.append(shape)
        return shape

    def unpack(self, key: Key, packed: bytes) -> tuple[Row, int]:
        """Return a row anew, which nobody else has, and what was noted as its size."""
        if packed[:1] == _PICKLED:
            whole: tuple[Row, int] = pickle.loads(packed)  # noqa: S301 - of our own making, in this process
            return whole
        head, time, text = packed.decode("utf-8", "surrogatepass").split(_END, 2)
        number, _, size = head.partition(" ")
        first, second = key[0].partition("#")[2], key[1].partition("#")[2]
        text = text.replace(_FIRST, first).replace(_SECOND, second).replace(_TIME, time)
        row: Row = {name: {"S": part} for name, part in zip(self._names, key, strict=False)}
        row.update(self._shapes[int(number)].row(text.split(_END)))
        return row, int(size)

    def text(self, key: Key, packed: bytes) -> bytes:
        """Return a row in its canonical form."""
        return canonical(self.unpack(key, packed)[0])


class _FirstWritten(Packing):
    """Packs rows only where they are many."""

    def __init__(self, *names: str) -> None:
        super().__init__(*names)
        self._left = WRITTEN_FIRST

    def pack(self, key: Key, row: Row, size_bytes: int = 0) -> bytes:
        """Write one of the first rows, and pack the others; what is noted as its size is that of those alone."""
        if self._left and (written := quickly(row)) is not None:
            self._left -= 1
            return written
        return super().pack(key, row, size_bytes)

    def unpack(self, key: Key, packed: bytes) -> tuple[Row, int]:
        """Read a row anew, or unpack it."""
        return (orjson.loads(packed), 0) if packed[:1] == _WRITTEN else super().unpack(key, packed)

    def text(self, key: Key, packed: bytes) -> bytes:
        """Return a row in its canonical form."""
        return packed if packed[:1] == _WRITTEN else super().text(key, packed)


class PackedRows:
    """Rows by key; None for one that is known to be gone."""

    def __init__(self, packing: CanonicalForm | None = None) -> None:
        self._packing = packing or _FirstWritten("PK", "SK")
        self._shelves: Shelves = Shelves()

    def __contains__(self, key: Key) -> bool:
        """Tell whether a row is known, be it there or gone."""
        return self._shelves.get(*key) is not None

    def get(self, key: Key, unknown: Row | None = None) -> Row | None:
        """Return a row, None where it is gone; where it is not known, what is given for that."""
        packed = self._shelves.get(*key)
        if packed is None:
            return unknown
        return self._packing.unpack(key, packed)[0] if packed else None

    def put(self, key: Key, row: Row | None) -> None:
        """Keep a row, or that it is gone."""
        self._shelves.put(*key, _GONE if row is None else self._packing.pack(key, row))

    def sorts(self, partition: str) -> list[str]:
        """Return the sort keys of a partition's rows that are there, in order."""
        return [sort for sort, packed in self._shelves.shelf(partition) if packed]

    def rows(self, partition: str) -> list[Row]:
        """Return a partition's rows that are there, in order."""
        unpack = self._packing.unpack
        return [unpack((partition, sort), packed)[0] for sort, packed in self._shelves.shelf(partition) if packed]

    def partitions(self) -> list[str]:
        """Return all partitions, in order."""
        return list(self._shelves.partitions())

    def texts(self) -> Iterator[tuple[Key, bytes]]:
        """Yield the rows that are there in their canonical form, in no order; none may be put meanwhile."""
        for partition, sort, packed in self._shelves.items():
            if packed:
                key = partition, sort
                yield key, self._packing.text(key, packed)


def _kind(typed: dict[str, Any]) -> str:
    (kind,) = typed
    return kind if kind in _PLAIN or kind == _BOOL else _JSON


def _write(typed: dict[str, Any], kind: str) -> str:
    if kind == _BOOL:
        return _BOOLS[typed[kind]]
    return json.dumps(typed, separators=(",", ":"), ensure_ascii=False)
