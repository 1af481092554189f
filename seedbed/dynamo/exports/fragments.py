"""What is made of an export on the way: rows by the part that they will stand in, and counters that moved elsewhere.

A part is a range of the hashes of keys, so that parts are shuffled, as ImportTable wants them, and of one size. Each
writer has a folder of its own; nothing of it is an export yet (`finishing.py` makes one of all).
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from seedbed.dynamo.rows import SCHEMA_MARK, Key
from seedbed.dynamo.schema import Schema

PARTS_MAX: Final = 50_000
"""Objects that one ImportTable reads (AWS: Amazon DynamoDB developer guide, "Quotas", import from S3)."""
PART_ROWS: Final = 100_000
"""Rows in one part, about: some 15 MB, and 100 MB in memory while it is sorted."""
MOVED: Final = "moved.ndjson"
_HELD_BYTES: Final = 32_000_000
"""So much is held until it is written: parts are many, and files that are open at once are few."""

Moved = Mapping[Key, Mapping[str, int]]
"""By how much counters moved on rows that are another writer's."""


def parts_for(rows: int) -> int:
    """Tell in how many parts so many rows are best written."""
    return max(1, min(PARTS_MAX, -(-rows // PART_ROWS)))


def part_of(place: str, parts: int) -> int:
    """Tell in which part a row stands whose key's hash this is."""
    return int(place[:8], 16) * parts >> 32


def hash_of(key: Key) -> str:
    """Hash a key as the order of rows goes by."""
    return hashlib.sha256("\0".join(key).encode()).hexdigest()


PLAIN, NOTED, NOTE = b"0", b"1", b"2"
"""What a row is to a digest: content, content with a note in it, a note or the table's mark. Stands before its line."""


class Fragments:
    """Takes rows in any order, and writes them by their parts into a folder that is its own."""

    def __init__(self, folder: Path, parts: int, schema: Schema) -> None:
        self.counts: Counter[str] = Counter()
        self._folder = folder
        self._parts = parts
        self._schema = schema
        self._note_names = [json.dumps(name).encode() for name in schema.notes_in_rows]
        self._held: defaultdict[int, list[bytes]] = defaultdict(list)
        self._held_bytes = 0
        folder.mkdir(parents=True, exist_ok=True)

    def take(self, texts: Iterable[tuple[Key, bytes]]) -> None:
        """Keep rows in their canonical form, each once, by their keys."""
        held, parts, kind_of, counts = self._held, self._parts, self._schema.kind_of, Counter[str]()
        for key, text in texts:
            kind, place = kind_of(key) or _kind_in(text), hash_of(key)
            line = b"%b%b%b\n" % (place.encode(), self._sign(key, kind, text), text)
            held[part_of(place, parts)].append(line)
            counts[kind] += 1
            self._held_bytes += len(line)
            if self._held_bytes >= _HELD_BYTES:
                self.write()
        self.counts += counts

    def _sign(self, key: Key, kind: str, text: bytes) -> bytes:
        if kind in self._schema.notes or key == SCHEMA_MARK:
            return NOTE
        if any(name in text for name in self._note_names) and not self._schema.notes_in_rows.isdisjoint(
            json.loads(text)
        ):
            return NOTED
        return PLAIN

    def move(self, moved: Moved) -> None:
        """Keep by how much counters moved on rows that another writer has."""
        with (self._folder / MOVED).open("a", encoding="utf-8") as file:
            for key, amounts in moved.items():
                place = hash_of(key)
                for name, amount in amounts.items():
                    told = {"part": part_of(place, self._parts), "place": place, "name": name, "amount": amount}
                    file.write(json.dumps(told) + "\n")

    def write(self) -> None:
        """Write all that is held."""
        for part, lines in self._held.items():
            with gzip.open(fragment(self._folder, part), "ab", compresslevel=1) as file:
                file.write(b"".join(lines))
        self._held.clear()
        self._held_bytes = 0


def _kind_in(text: bytes) -> str:
    """Return of which type a row says that it is; "" where it says nothing."""
    return str(json.loads(text).get("entity_type", {}).get("S", ""))


def fragment(folder: Path, part: int) -> Path:
    """Name the file of a part in a writer's folder."""
    return folder / f"{part:05}"
