"""The rows that exports come to, by DuckDB, out of core: of each key the newest image, a page at a time.

A full export is streamed; what incremental ones say of a key (`NewImage`, or that it is gone) stands before it. So
memory holds what changed and no more, and that too goes to disk where it does not fit.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import attrs

from seedbed.dynamo.errors import DumpError
from seedbed.dynamo.exports.layout import DataFile, Export
from seedbed.dynamo.rows import SCHEMA_MARK, Row

MEMORY_MB: Final = 1_024
"""What DuckDB keeps in memory; the rest of what it works at is in temporary files."""
MEMORY_LEAST_MB: Final = 128
"""What one thread of DuckDB needs to read JSON; it gets as many threads as there are such parts."""
PAGE_ROWS: Final = 3_000
_BLOCK: Final = 1 << 20
_SIGNS: Final = re.compile(r"[*?[]")

# A line of a full export is {"Item": …}; of changes {"Keys": …, "NewImage": …, "OldImage": …, "Metadata": …}.
_FULL: Final = """
    SELECT json->'$.Item' AS image, json->>'$.Item.PK.S' AS pk, json->>'$.Item.SK.S' AS sk, filename AS file
    FROM read_ndjson_objects(?, filename = true, compression = 'gzip', maximum_object_size = 8000000)
"""
_CHANGES: Final = """
    INSERT INTO changes
    SELECT json->'$.NewImage', json->>'$.Keys.PK.S', json->>'$.Keys.SK.S', filename, ?,
        TRY_CAST(json->>'$.Metadata.WriteTimestampMicros.N' AS BIGINT)
    FROM read_ndjson_objects(?, filename = true, compression = 'gzip', maximum_object_size = 8000000)
"""
_UNCHANGED: Final = f"""
    SELECT image FROM ({_FULL}) AS row
    WHERE NOT EXISTS (SELECT 1 FROM newest AS n WHERE n.pk = row.pk AND n.sk = row.sk)
"""  # noqa: S608 - our own names
_CHANGED: Final = "SELECT image FROM newest WHERE image IS NOT NULL"
_TAKEN: Final = f"INSERT INTO seen SELECT hash(pk, sk), file, pk IS NULL OR sk IS NULL FROM ({_FULL})"  # noqa: S608 - as above
_COUNTED: Final = "SELECT file, COUNT(*), SUM(is_wrong::INTEGER) FROM seen GROUP BY file"
_COUNTED_CHANGES: Final = """
    SELECT file, COUNT(*), SUM((pk IS NULL OR sk IS NULL)::INTEGER) FROM changes WHERE export = ? GROUP BY file
"""
_TABLES: Final = """
    CREATE TABLE seen (hash UBIGINT, file VARCHAR, is_wrong BOOLEAN);
    CREATE TABLE changes (image VARCHAR, pk VARCHAR, sk VARCHAR, file VARCHAR, export INTEGER, micros BIGINT);
"""
_NEWEST: Final = """
    CREATE TABLE newest AS
    SELECT pk, sk, arg_max({image: image}, (export, micros)).image AS image FROM changes GROUP BY pk, sk
"""
_AGAIN: Final = "SELECT 1 FROM seen GROUP BY hash HAVING COUNT(*) > 1 LIMIT 1"
_TWICE: Final = f"""
    SELECT pk, sk FROM (SELECT hash FROM seen GROUP BY hash HAVING COUNT(*) > 1) AS twice
        JOIN ({_FULL}) AS row ON hash(row.pk, row.sk) = twice.hash
    GROUP BY pk, sk HAVING COUNT(*) > 1 LIMIT 1
"""  # noqa: S608 - as above


@attrs.define
class Images:
    """The rows of exports, checked: in tables of DuckDB, and in the exports' own files."""

    database: Any
    exports: Sequence[Export]
    paths: dict[str, DataFile]
    """The files as this machine has them: of what is in a bucket, copies."""
    full: list[str] = attrs.Factory(list)

    def pages(self) -> Iterator[list[Row]]:
        """Yield the newest image of each key but those that are gone, in no order, and without the table's mark.

        Raises:
            DumpError: a file cannot be read.
        """
        if self.full:
            yield from self._pages(_UNCHANGED if len(self.exports) > 1 else _FULL, [self.full])
        yield from self._pages(_CHANGED, [])

    def _pages(self, query: str, values: list[Any]) -> Iterator[list[Row]]:
        with _reading(self.exports[0]):
            answer = self.database.execute(query, values)
        while True:
            with _reading(self.exports[0]):
                found = answer.fetchmany(PAGE_ROWS)
            if not found:
                return
            rows = (json.loads(image) for image, *_ in found)
            yield [row for row in rows if row["PK"]["S"] != SCHEMA_MARK[0]]


@contextmanager
def images_of(exports: Sequence[Export], *, memory_mb: int = MEMORY_MB) -> Iterator[Images]:
    """Check all files of exports, and give what they come to for the block.

    Raises:
        DumpError: a file is damaged or cut off, holds other rows, or a key stands in it twice; or DuckDB is missing.

    Cost: reads each file two times. On disk meanwhile: some 20 bytes a row, what is in a bucket, and what changed.
    """
    with tempfile.TemporaryDirectory(prefix="seedbed-export-") as scratch:
        folder = Path(scratch)
        with _checked(exports[0]), open_database(exports[0].folder, folder, memory_mb) as database:
            images = Images(database, exports, {})
            database.execute(_TABLES)
            for ordinal, export in enumerate(exports):
                _take(images, ordinal, export, folder)
            _check_keys(images)
            database.execute(_NEWEST)
            yield images


@contextmanager
def open_database(name: str, folder: Path, memory_mb: int) -> Iterator[Any]:
    """Lend DuckDB for the block, with its temporary files in a folder; `name` is what it is wanted for.

    Raises:
        DumpError: it is not installed.
        OSError: it could not go on, most often since the disk is full.
    """
    try:
        import duckdb  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise DumpError(name, "exports want DuckDB: pip install 'seedbed[export]'") from error
    settings: dict[str, Any] = {
        "memory_limit": f"{memory_mb}MB",
        "temp_directory": str(folder / "spilled"),
        "preserve_insertion_order": False,
        "threads": max(1, min(os.cpu_count() or 1, memory_mb // MEMORY_LEAST_MB)),
        "autoinstall_known_extensions": False,
    }
    with closing(duckdb.connect(config=settings)) as database:  # its tables too go there where they do not fit
        try:
            yield database
        except duckdb.Error as error:
            raise OSError(errno.EIO, str(error).partition("\n")[0]) from error


def _take(images: Images, ordinal: int, export: Export, folder: Path) -> None:
    """Take an export's files in, each checked by its sum and the number of its rows."""
    paths = {str(_fetch(export, file, folder)): file for file in export.files}
    images.paths |= paths
    if not paths:
        return
    with _reading(export):
        if export.is_full:
            images.full = _literal(paths)
            images.database.execute(_TAKEN, [images.full])
            counts = images.database.execute(_COUNTED).fetchall()
        else:
            images.database.execute(_CHANGES, [ordinal, _literal(paths)])
            counts = images.database.execute(_COUNTED_CHANGES, [ordinal]).fetchall()
    _check_counts(paths, {file: (rows, wrong) for file, rows, wrong in counts})


def _fetch(export: Export, file: DataFile, folder: Path) -> Path:
    path = export.place.fetch(file.name, folder)
    if file.md5 is not None and _md5(path) != file.md5:
        raise DumpError(file.name, "it is damaged, or cut off: its checksum is another than the manifest's")
    return path


def _md5(path: Path) -> str:
    """Return a file's MD5 as S3 writes it."""
    found = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return base64.b64encode(found.digest()).decode()


def _literal(paths: Iterable[str]) -> list[str]:
    """Write paths so that DuckDB, which takes each for a pattern, reads no other files."""
    return [_SIGNS.sub(r"[\g<0>]", path) for path in paths]


def _check_counts(paths: dict[str, DataFile], counts: dict[str, tuple[int, int]]) -> None:
    for path, file in paths.items():
        rows, wrong = counts.get(path, (0, 0))
        if rows != file.rows:
            raise DumpError(file.name, f"it has {rows:,} rows, and the manifest counts {file.rows:,}")
        if wrong:
            raise DumpError(
                file.name, f"{wrong:,} of its rows have no PK and SK as texts: it is of another kind of table"
            )


def _check_keys(images: Images) -> None:
    """Refuse a full export in which a key stands twice: no table has that.

    Raises:
        DumpError: one does.
    """
    if not images.full:
        return
    with _reading(images.exports[0]):
        again = images.database.execute(_AGAIN).fetchone()
        twice = again and images.database.execute(_TWICE, [images.full]).fetchone()
    if twice:
        raise DumpError(images.exports[0].folder, f"the row {twice[0]!r} {twice[1]!r} is in it twice")


@contextmanager
def _checked(export: Export) -> Iterator[None]:
    """Say in one line why DuckDB could not go on.

    Raises:
        DumpError: it could not.
        OSError: it is another's.
    """
    try:
        yield
    except OSError as error:
        if error.errno != errno.EIO:  # what else goes wrong in the block is not DuckDB's
            raise
        raise DumpError(export.folder, f"it cannot be looked at ({error.strerror})") from error


@contextmanager
def _reading(export: Export) -> Iterator[None]:
    """Say in one line what DuckDB cannot read.

    Raises:
        DumpError: it could not.
    """
    import duckdb  # noqa: PLC0415 - loaded by then

    try:
        yield
    except duckdb.Error as error:
        raise DumpError(export.folder, f"it cannot be read ({str(error).partition(chr(10))[0]})") from error
