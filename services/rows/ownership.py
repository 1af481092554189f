"""Whose rows a table holds: ours say so, by the table's mark and by their own entity type. All others are foreign.

A row that is foreign is never touched; who writes much, or takes away, asks here first whether there are any.
"""

from __future__ import annotations

from collections.abc import Iterable

from seedbed.dynamo.mark import check_known, version_of
from seedbed.dynamo.rows import SCHEMA_MARK, Row, key_of
from seedbed.dynamo.scanning import pages
from seedbed.dynamo.store import Sessions, Store, store_of
from seedbed.settings import check_flags
from services.errors import ForeignRowsError
from services.rows import keys


def is_ours(row: Row) -> bool:
    """Tell whether a row says of itself what its key says: which kind of ours it is."""
    stored = row.get("entity_type", {}).get("S")
    return bool(stored) and stored == keys.entity_type(key_of(row))


def version(store: Store) -> int | None:
    """Return the version of the table's mark, also of one that came since the table was opened."""
    return store.version if store.version is not None else version_of(store.get(SCHEMA_MARK))


def adopt(place: Store | Sessions, *, segments: int = 1, is_beside_others: bool = False) -> int:
    """Leave the mark on a table that was made before tables bore one; return how many rows are ours.

    Args:
        place: the app, or a store.
        segments: how many scans read side by side (1 to 64).
        is_beside_others: mark it also where others have rows in it.

    Raises:
        InvalidSettingError: `segments` is out of bounds, or `is_beside_others` no truth value.
        NewerSchemaError: the table is of a newer version of the schema.
        ForeignRowsError: it holds rows that are not ours; it is as it was.

    Cost: 1 Scan per 1 MB, and 1 transaction of 1 action.
    """
    check_flags(is_beside_others=is_beside_others)
    store = store_of(place)
    check_known(store)
    ours = 0
    for rows in pages(store, segments):
        strange = None if is_beside_others else _stranger(rows)
        if strange is not None:
            raise ForeignRowsError(store.name, strange)
        ours += sum(map(is_ours, rows))
    store.leave_mark()
    return ours


def _stranger(rows: Iterable[Row]) -> str | None:
    strange = next((key_of(row) for row in rows if not is_ours(row)), None)
    return None if strange is None else f"holds rows that are not ours, such as {strange[0]!r} {strange[1]!r}"


def check_ours(place: Store | Sessions, *, is_beside_others: bool = False) -> None:
    """Refuse a table that is not ours alone.

    All of a small table is looked at, and of a larger one its first part: rows lie in the order of hashes, so whoever
    has much there shows. An audit reads all of it.

    Args:
        place: the app, or a store.
        is_beside_others: let it pass all the same; only a newer version is refused then.

    Raises:
        NewerSchemaError: the table is of a newer version of the schema.
        ForeignRowsError: it holds rows that are not ours, or rows and no mark.

    Cost: 1 Scan.
    """
    store = store_of(place)
    check_known(store)
    if is_beside_others:
        return
    part = next((rows for rows in store.scan() if rows), [])
    strange = _stranger(part)
    if strange is not None:
        raise ForeignRowsError(store.name, strange)
    if part and version(store) is None:
        raise ForeignRowsError(store.name, "holds rows, and no mark that says that they are ours")
