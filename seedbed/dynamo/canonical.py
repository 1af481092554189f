"""A row in the one form in which all engines write it alike: DynamoDB's JSON, names in order and no spaces."""

from __future__ import annotations

import json

import orjson

from seedbed.dynamo.rows import Key, Row

_encoded = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=repr).encode


def canonical(row: Row) -> bytes:
    """Write a row in its canonical form: as `json` does, by orjson where that writes the same in less time."""
    return quickly(row) or _encoded(row).encode()


def quickly(row: Row) -> bytes | None:
    """Write a row in its canonical form, if orjson can; it can be read anew by orjson then."""
    try:
        text = orjson.dumps(row, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # bytes, of other programs
        return None
    return text if text.isascii() and b"\x7f" not in text else None


class CanonicalForm:
    """Packs rows as they will be written: twice as large as `Packing` does, in a third of the time."""

    def pack(self, _key: Key, row: Row, _size_bytes: int = 0) -> bytes:
        """Write a row."""
        return canonical(row)

    def unpack(self, _key: Key, packed: bytes) -> tuple[Row, int]:
        """Read a row anew."""
        row: Row = orjson.loads(packed)
        return row, 0

    def text(self, _key: Key, packed: bytes) -> bytes:
        """Return a row in its canonical form."""
        return packed
