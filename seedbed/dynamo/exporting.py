"""Entities as tables of a database or of files, for people who want to query: one table an entity type.

An attribute is a column: texts and numbers as they are, a truth as 0 or 1, anything else as JSON. What an entity lacks
is NULL. Keys are columns too, so that rows can be joined.
"""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from seedbed.beside import beside
from seedbed.dynamo.dumps import check_free, check_name
from seedbed.dynamo.errors import DumpError
from seedbed.dynamo.rows import Row
from seedbed.dynamo.scanning import pages
from seedbed.dynamo.store import Store

KINDS: Final = ("sqlite", "parquet")
_FEW: Final = 10_000
"""Rows of a table that are turned into columns at once."""


def export(store: Store, path: Path, kind: str, *, segments: int = 1, progress: Callable[[int], None]) -> int:
    """Write the entities of a table into a new SQLite file, or a new folder of Parquet files; return their number.

    Raises:
        DumpError: there is something of the name already, it is no text, it cannot be written, or PyArrow is missing.
        ServiceError: the table cannot be read.

    Cost: 1 Scan per 1 MB. Memory: a page.
    """
    check_free(path)
    if kind == "parquet":
        check_name(path)
    try:
        with beside(path) as scratch:
            made = scratch / "made"
            rows = _to_sqlite(store, scratch / "made.db", segments, progress)
            if kind == "parquet":
                _to_parquet(scratch / "made.db", made, path)
                made.rename(path)
            else:
                (scratch / "made.db").rename(path)
    except (OSError, sqlite3.Error) as error:
        raise DumpError(path, f"it cannot be written ({error})") from error
    return rows


def _to_sqlite(store: Store, path: Path, segments: int, progress: Callable[[int], None]) -> int:
    columns: dict[str, dict[str, None]] = {}
    count = 0
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("PRAGMA journal_mode = OFF")
        file.execute("BEGIN")
        for rows in pages(store, segments):
            for row in rows:
                _insert(file, columns, row)
            count += len(rows)
            progress(count)
        file.execute("COMMIT")
    return count


def _insert(file: sqlite3.Connection, columns: dict[str, dict[str, None]], row: Row) -> None:
    table = row.get("entity_type", {}).get("S", "OTHER")
    known = columns.get(table)
    if known is None:
        known = columns[table] = dict.fromkeys(row)
        file.execute(f"CREATE TABLE {_quote(table)} ({', '.join(map(_quote, known))})")
    for name in row.keys() - known.keys():
        known[name] = None
        file.execute(f"ALTER TABLE {_quote(table)} ADD COLUMN {_quote(name)}")
    names, marks = ", ".join(map(_quote, row)), ", ".join("?" * len(row))
    file.execute(f"INSERT INTO {_quote(table)} ({names}) VALUES ({marks})", [plain(one) for one in row.values()])  # noqa: S608 - quoted names


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""').replace("\0", "\\0") + '"'  # SQLite's statements end at a zero


def plain(value: Mapping[str, Any]) -> str | int | float | None:
    """Return an attribute value as a database keeps it."""
    ((kind, inner),) = value.items()
    if kind == "S":
        return str(inner)
    if kind == "N":
        return _number(inner)
    if kind == "BOOL":
        return int(inner)
    return None if kind == "NULL" else json.dumps(_inside(value), ensure_ascii=False)


def _number(text: str) -> int | float | str:
    if not text.lstrip("-").isdigit():
        return float(text)
    return int(text) if len(text) < 19 else text  # noqa: PLR2004 - what 64 bits hold for sure


def _inside(value: Mapping[str, Any]) -> object:
    ((kind, inner),) = value.items()
    if kind == "L":
        return [_inside(one) for one in inner]
    if kind == "M":
        return {name: _inside(one) for name, one in inner.items()}
    if kind in {"SS", "NS", "BS"}:
        return [_inside({kind[0]: one}) for one in inner]
    if kind == "B":
        return inner if isinstance(inner, str) else base64.b64encode(inner).decode()
    return plain(value) if kind != "BOOL" else bool(inner)


def _to_parquet(database: Path, folder: Path, path: Path) -> None:
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra
        from pyarrow import parquet  # noqa: PLC0415 - as above
    except ModuleNotFoundError as error:
        raise DumpError(path, "Parquet needs PyArrow: pip install 'seedbed[parquet]'") from error
    folder.mkdir()
    with closing(sqlite3.connect(database)) as file:
        for (table,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            # A type is what a row says it is: as a path, it could lead anywhere.
            _write_table(file, table, folder / f"{quote(table, safe='')}.parquet", (pa, parquet))


def _write_table(file: sqlite3.Connection, table: str, path: Path, libraries: tuple[Any, Any]) -> None:
    pa, parquet = libraries
    read = file.execute(f"SELECT * FROM {_quote(table)}")  # noqa: S608 - a quoted name
    names = [column[0] for column in read.description]
    kinds = {name: _kind(file, table, name) for name in names}
    schema = pa.schema([(name, getattr(pa, kind)()) for name, kind in kinds.items()])
    with parquet.ParquetWriter(path, schema) as writer:
        while rows := read.fetchmany(_FEW):
            writer.write_table(pa.table(_columns(kinds, rows), schema=schema))


def _kind(file: sqlite3.Connection, table: str, name: str) -> str:
    """Return the one type of a column: a text where its values are of several."""
    found = {kind for (kind,) in file.execute(f"SELECT DISTINCT typeof({_quote(name)}) FROM {_quote(table)}")}  # noqa: S608 - quoted names
    found.discard("null")
    if found == {"integer"}:
        return "int64"
    return "float64" if found and found <= {"integer", "real"} else "string"


def _columns(kinds: Mapping[str, str], rows: Iterable[tuple[Any, ...]]) -> dict[str, list[Any]]:
    columns = zip(*rows, strict=True)
    return {
        name: [str(one) if one is not None and kind == "string" else one for one in column]
        for (name, kind), column in zip(kinds.items(), columns, strict=True)
    }
