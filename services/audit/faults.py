"""Judging one row by itself: types, key, instants, index keys.

A row is what its key says it is; its attributes are judged against the key. Attributes that the contract does not
know are nobody's business. Nearly every row is right, so nothing is written down until something is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from services import keys
from services.audit.findings import Finding, Kind, Plain, told
from services.audit.shapes import Parts, Row, Shape, instant, shown, text
from services.keys import Key

_INDEXED = {"LIKE", "COMMENT"}
_NOT_INDEXED = (None, None)


class Seen(NamedTuple):
    """A row, and what its key says."""

    row: Row
    key: Key
    shape: Shape
    parts: Parts

    def wrong(self, name: str, why: str, expected: Plain = None, *, kind: Kind = Kind.SHAPE) -> Finding:
        """Report an attribute."""
        stored = shown(self.row.get(name))
        message = told(self.key, f"{name} is {'missing' if stored is None else repr(stored)}, {why}")
        return Finding(kind, self.key, message, name, stored, expected)


def unknown(row: Row, key: Key) -> Finding:
    """Report a row whose key is none of the table's."""
    stored = shown(row.get("entity_type"))
    message = told(key, f"no row of this table has such a key; its entity_type is {stored!r}")
    return Finding(Kind.SHAPE, key, message, "entity_type", stored)


def faults(seen: Seen) -> list[Finding]:
    """Judge a row by itself."""
    return [*_types(seen), *_key(seen), *_instants(seen), *_index(seen)]


def _types(seen: Seen) -> list[Finding]:
    row, shape = seen.row, seen.shape
    wrong = [pair for pair in shape.required if pair[0] not in row or pair[1] not in row[pair[0]]]
    wrong += [pair for pair in shape.optional if pair[0] in row and pair[1] not in row[pair[0]]]
    if "tags" in row and not all("S" in tag for tag in row["tags"].get("L", ())):
        wrong.append(("tags", "L of S"))
    return [seen.wrong(name, f"must be of the type {letter}", letter) for name, letter in wrong]


def _key(seen: Seen) -> list[Finding]:
    row, _, shape, parts = seen
    found = []
    for place, name in shape.in_key:
        stored = text(row, name)
        if stored != parts[place] and stored is not None:
            found.append(seen.wrong(name, f"the key says {parts[place]!r}", parts[place]))
    if text(row, "entity_type") != shape.entity_type:
        why = f"by its key it is {shape.entity_type!r}"
        found.append(seen.wrong("entity_type", why, shape.entity_type))
    return found


def _instants(seen: Seen) -> Sequence[Finding]:
    created_at = instant(seen.row)
    if len(seen.shape.instants) == 1:
        return () if created_at is not None else list(_wrong_instants(seen, created_at))
    return list(_wrong_instants(seen, created_at))


def _wrong_instants(seen: Seen, created_at: str | None) -> Iterator[Finding]:
    for name in seen.shape.instants:
        moment = instant(seen.row, name)
        if moment is None and text(seen.row, name) is not None:
            yield seen.wrong(name, "must be UTC as YYYY-MM-DDTHH:MM:SS.mmmZ")
        elif moment is not None and created_at is not None and moment < created_at:
            yield seen.wrong(name, f"before created_at, {created_at}", created_at, kind=Kind.TIME)


def _index(seen: Seen) -> Sequence[Finding]:
    row = seen.row
    stored = text(row, "GSI1PK"), text(row, "GSI1SK")
    is_indexed = seen.shape.entity_type in _INDEXED
    expected = (_index_key(seen) or stored) if is_indexed else _NOT_INDEXED
    if stored == expected:
        return ()
    names = zip(("GSI1PK", "GSI1SK"), stored, expected, strict=True)
    return [
        seen.wrong(name, f"must be {right!r}", right, kind=Kind.INDEX)
        for name, is_there, right in names
        if is_there != right
    ]


def _index_key(seen: Seen) -> Key | None:
    """Return the keys by which a row must stand in the index, None when its attributes do not say."""
    row, (first, second) = seen.row, seen.parts
    if seen.shape.entity_type == "LIKE":
        moment = instant(row)
        return None if moment is None else (keys.user_partition(second), keys.like_index_sort(moment, first))
    user_id = text(row, "user_id")
    return None if user_id is None else (keys.user_partition(user_id), keys.comment_index_sort(second))
