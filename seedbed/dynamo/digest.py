"""The digest of a table's content: one checksum that tells whether two tables hold the same.

It is the sum, modulo 2**256, of each row's SHA-256. So it does not depend on the order in which rows are read, several
scans can take part in it, and it needs the memory of one page. A row's canonical form is DynamoDB's JSON with sorted
names and no spaces: our rows hold whole numbers and no sets, which every engine writes alike.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from seedbed.dynamo.canonical import canonical
from seedbed.dynamo.rows import Row
from seedbed.dynamo.scanning import pages
from seedbed.dynamo.schema import Schema
from seedbed.dynamo.store import Sessions, Store, store_of

SIZE = 2**256


def share_of(text: bytes) -> int:
    """Return what a row in its canonical form adds to a digest."""
    return int.from_bytes(hashlib.sha256(text).digest(), "big")


class Digest:
    """Takes rows in, in any order; `str` of it is the digest so far: 64 hexadecimal digits, zeros for no rows."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self.rows = 0
        self._sum = 0

    def take(self, rows: Iterable[Row]) -> None:
        """Add rows. A row counts as often as it is taken, so that a duplicate shows."""
        notes, within = self._schema.notes, self._schema.notes_in_rows
        for row in rows:
            if row.get("entity_type", {}).get("S") in notes:
                continue
            if not within.isdisjoint(row):
                row = {name: value for name, value in row.items() if name not in within}  # noqa: PLW2901 - its content
            self.rows += 1
            self._sum += share_of(canonical(row))
        self._sum %= SIZE

    def __str__(self) -> str:
        """Write it in hexadecimal."""
        return f"{self._sum:064x}"


def digest_of(place: Store | Sessions, *, segments: int = 1) -> Digest:
    """Digest all rows of a table but notes, such as those of a run.

    Args:
        place: the app, or a store. What this thread's unit of work has queued is sent first, where it is an app.
        segments: how many scans read side by side (1 to 64); the digest is the same for any number.

    Raises:
        InvalidSettingError: `segments` is out of bounds.
        UnavailableError: the engine did not answer.

    Cost: 1 Scan per 1 MB.
    """
    store = store_of(place)
    digest = Digest(store.schema)
    for rows in pages(store, segments):
        digest.take(rows)
    return digest
