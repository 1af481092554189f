"""Both sides of a finding, for a person: the row itself, and the rows that say something about it."""

from __future__ import annotations

from collections.abc import Iterator

from seedbed.dynamo.rows import Key
from seedbed.dynamo.scanning import pages
from seedbed.dynamo.store import Sessions, Store, store_of
from services.audit.shapes import Row, parts_of, text

WITNESSES = 100
"""Rows at most that are shown beside the row itself."""
_STRONG = {"USER", "CLAIM", "POST", "AUTHORED", "COMMENT"}
"""What says most is shown first."""


def sides(place: Store | Sessions, key: Key, *, segments: int = 1) -> list[Row]:
    """Return a row, if it is there, and then at most 100 rows whose key or attributes name what its key names.

    Users, claims, posts, listings and comments come first.

    Args:
        place: the app, or a store.
        key: the row's, as a finding has it; it may be missing.
        segments: how many scans read side by side (1 to 64).

    Raises:
        InvalidSettingError: `segments` is out of bounds.
        UnavailableError: the engine did not answer.

    Cost: 1 read, and 1 Scan per 1 MB.
    """
    store = store_of(place)
    row = store.get(key)
    # A short id would be found in half of all texts: it has to be the whole of one.
    names = {part for part in parts_of(key) if part} - {"CLAIM", "PROFILE", "POST"}
    witnesses = (one for page in pages(store, segments) for one in page if one != row and names & set(_names_in(one)))
    strong: list[Row] = []
    weak: list[Row] = []
    for witness in witnesses:
        group = strong if text(witness, "entity_type") in _STRONG else weak
        if len(group) < WITNESSES:
            group.append(witness)
    return ([] if row is None else [row]) + (strong + weak)[:WITNESSES]


def _names_in(row: Row) -> Iterator[str]:
    for value in row.values():
        written = value.get("S")
        if isinstance(written, str):
            yield written
            yield from written.split("#")
