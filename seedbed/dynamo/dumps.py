"""A table as a file that can be kept and shared: in the layout of AWS's export, which ImportTable reads too.

A name that ends in `.gz` is one file of rows with its manifest beside it (`world.json.gz.manifest.json`); any other
a folder with `manifest-summary.json`, `manifest-files.json` and `data/`. Rows are gzip JSON lines, `{"Item": {…}}`,
in the order of their keys' hashes: shuffled, as ImportTable wants them, and the same bytes of the same table.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from threading import BoundedSemaphore
from typing import IO, Any, Final

import attrs

from seedbed.beside import beside, is_there
from seedbed.dynamo.digest import Digest, digest_of
from seedbed.dynamo.errors import DumpError, NotEmptyError
from seedbed.dynamo.mark import check_known
from seedbed.dynamo.rows import SCHEMA_MARK, Key, Row, key_of
from seedbed.dynamo.scanning import pages
from seedbed.dynamo.store import WRITE_CHUNK, Store, chunks

FORMAT: Final = 1
LOADING: Final[Key] = (SCHEMA_MARK[0], "LOADING")
"""Beside the table's mark, where no scan looks: the digest of what is being loaded, until it is."""
SUMMARY: Final = "manifest-summary.json"
STARTED: Final = "_started"
"""AWS's export leaves a file of this name first; ours says in it that it is ours."""
FILES: Final = "manifest-files.json"
PART_ROWS: Final = 200_000
"""Rows in one file of a folder: some 30 MB, of which an import reads many side by side."""
_SHELVES: Final = 64
"""A table is sorted a 64th at a time: so much of it is in memory."""
_AHEAD: Final = 4
"""Batches that wait for each worker."""

Progress = Callable[[int], None]


@attrs.frozen
class Part:
    """One file of rows, by its name beside the manifest."""

    name: str
    rows: int
    sha256: str
    md5: str


@attrs.frozen
class Manifest:
    """What a dump holds."""

    table: str
    schema: int
    """The version of the app's schema."""
    rows: int
    counts: dict[str, int]
    """Rows by their entity type."""
    digest: str
    parts: tuple[Part, ...]


# Out


def dump(store: Store, path: Path, *, segments: int = 1, progress: Progress | None = None) -> Manifest:
    """Write all rows of a table into a new file, or a new folder: whole or not at all.

    Raises:
        DumpError: there is something of the name already, or it cannot be written.
        ServiceError: the table cannot be read.

    Cost: 1 Scan per 1 MB. Memory: a 64th of the table. On disk meanwhile: twice the result.
    """
    check_new(path)
    try:
        with beside(path) as scratch:
            manifest = _write(store, scratch, path, segments, progress or (lambda _rows: None))
            _put_in_place(scratch / "dump", path)
    except OSError as error:
        raise DumpError(path, f"it cannot be written ({error.strerror or error})") from error
    return manifest


def check_new(path: Path) -> None:
    """Refuse a place where a dump cannot be put.

    Raises:
        DumpError: there is something of the name already, or no folder for it.
    """
    check_free(path)
    with naming(path):  # the summary's is longer
        if is_there(_summary(path)) and not _is_left(path):
            raise DumpError(_summary(path), "it exists already")


def _is_left(path: Path) -> bool:
    """Tell whether a dump that was killed left its manifest, before its rows were there."""
    try:
        _read_summary(path)
    except DumpError:
        return False
    return True


def check_free(path: Path) -> None:
    """Refuse a place where nothing can be put.

    Raises:
        DumpError: there is something of the name already, or no folder for it.
    """
    with naming(path):
        if is_there(path):
            raise DumpError(path, "it exists already")
        if not path.absolute().parent.is_dir():
            raise DumpError(path, f"there is no folder {path.absolute().parent}")


@contextmanager
def naming(path: Path | str) -> Iterator[None]:
    """Let the block look for a file of this name.

    Raises:
        DumpError: the system takes it for no name: it is too long, or has a NUL in it, say.
    """
    if "\0" in str(path):
        raise DumpError(path, "no file can be called so (it has a NUL in it)")
    try:
        yield
    except OSError as error:
        raise DumpError(path, f"no file can be called so ({error.strerror})") from error


def check_name(path: Path) -> None:
    """Refuse a name that is no text, which the libraries that read and write columns cannot open.

    Raises:
        DumpError: it is none.
    """
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        raise DumpError(path, "its name is no UTF-8, and cannot be opened: name another") from error


def _write(store: Store, scratch: Path, path: Path, segments: int, progress: Progress) -> Manifest:
    digest, counts = Digest(store.schema), Counter[str]()
    with _shelves(scratch) as shelves:
        for rows in chain([_mark(store)], pages(store, segments)):
            _sort_in(shelves, rows)
            counts.update(row.get("entity_type", {}).get("S", "") for row in rows)
            digest.take(row for row in rows if row["PK"]["S"] != SCHEMA_MARK[0])
            progress(counts.total())
    folder = scratch / "dump"
    folder.mkdir()
    size = None if _is_single(path) else PART_ROWS
    parts = tuple(_write_parts(folder, path, _sort(scratch), size))
    table, version = store.name, store.version or store.schema.version
    manifest = Manifest(table, version, counts.total(), dict(sorted(counts.items())), str(digest), parts)
    write_manifest(folder, path, manifest)
    return manifest


def _mark(store: Store) -> list[Row]:
    mark = store.get(SCHEMA_MARK)
    return [] if mark is None else [mark]


@contextmanager
def _shelves(scratch: Path) -> Iterator[list[IO[str]]]:
    with ExitStack() as stack:
        yield [
            stack.enter_context(gzip.open(scratch / f"{shelf:02}", "wt", 1, encoding="utf-8"))
            for shelf in range(_SHELVES)
        ]


def _sort_in(shelves: list[IO[str]], rows: Iterable[Row]) -> None:
    for row in rows:
        place = hashlib.sha256("\0".join(key_of(row)).encode()).hexdigest()
        line = json.dumps({"Item": row}, sort_keys=True, separators=(",", ":"))
        shelves[int(place[:8], 16) % _SHELVES].write(f"{place}{line}\n")


def _sort(scratch: Path) -> Iterator[str]:
    for shelf in range(_SHELVES):
        with gzip.open(scratch / f"{shelf:02}", "rt", encoding="utf-8") as lines:
            yield from (line[64:] for line in sorted(lines))


def _write_parts(folder: Path, path: Path, lines: Iterator[str], size: int | None) -> Iterator[Part]:
    if size is None:
        yield _write_part(folder, path.name, lines)
        return
    (folder / "data").mkdir()
    for number, some in enumerate(chunks(lines, size)):
        yield _write_part(folder, f"data/{number:05}.json.gz", iter(some))


def _write_part(folder: Path, name: str, lines: Iterator[str]) -> Part:
    rows = 0
    with (folder / name).open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as file:
        for line in lines:
            file.write(line.encode())
            rows += 1
    return Part(name, rows, *sums(folder / name))


def sums(path: Path) -> tuple[str, str]:
    """Return a file's SHA-256, and its MD5 as S3 writes it."""
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            sha256.update(block)
            md5.update(block)
    return sha256.hexdigest(), base64.b64encode(md5.digest()).decode()


def _put_in_place(folder: Path, path: Path) -> None:
    if not _is_single(path):
        folder.rename(path)
        return
    for name in (
        _summary(path).name,
        path.name,
    ):  # rows last: a manifest alone is no dump, and the next one replaces it
        (folder / name).replace(path.with_name(name))


# The manifest: AWS's own words, and ours


def _is_single(path: Path) -> bool:
    return path.suffix == ".gz"


def _summary(path: Path) -> Path:
    return path.with_name(f"{path.name}.manifest.json") if _is_single(path) else path / SUMMARY


def write_manifest(folder: Path, path: Path, manifest: Manifest) -> None:
    """Write the manifest of a dump that is to lie at `path` into a folder: in AWS's own words, and ours."""
    ours = attrs.asdict(manifest) | {"format": FORMAT}
    told = {
        "version": "2020-06-30",
        "itemCount": manifest.rows,
        "outputFormat": "DYNAMODB_JSON",
        "exportType": "FULL_EXPORT",
        "manifestFilesS3Key": FILES,
        "seedbed": ours,
    }
    summary = folder / (_summary(path).name)
    summary.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    if not _is_single(path):
        lines = [
            {"itemCount": part.rows, "md5Checksum": part.md5, "dataFileS3Key": part.name} for part in manifest.parts
        ]
        (folder / FILES).write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")


def read_manifest(path: Path, schema: int) -> Manifest:
    """Read what a dump holds, and check that it is whole; `schema` is the newest version that the program knows.

    Raises:
        DumpError: there is none, or it is another program's, newer, or damaged.

    Cost: reads each file once.
    """
    manifest = _read_summary(path)
    if manifest.schema > schema:
        raise DumpError(path, f"its rows are of schema version {manifest.schema}, and this program knows {schema}")
    for part in manifest.parts:
        place = _place(path, part)
        if not place.is_file():
            raise DumpError(path, f"{part.name} is missing")
        if sums(place)[0] != part.sha256:
            raise DumpError(path, f"{part.name} is damaged, or cut off: its checksum is another")
    return manifest


def _read_summary(path: Path) -> Manifest:
    place = _summary(path)
    try:
        told = json.loads(place.read_bytes())
    except FileNotFoundError as error:
        is_begun = (path / STARTED).is_file()
        rest = ": an export was begun there and did not come to its end, so begin it again" if is_begun else ""
        raise DumpError(path, f"there is no {place.name}{rest}") from error
    except (OSError, ValueError) as error:
        raise DumpError(path, f"{place.name} cannot be read ({error})") from error
    ours = told.get("seedbed") if isinstance(told, dict) else None
    if not isinstance(ours, dict):
        raise DumpError(path, "it was made by another program")
    if ours.get("format") != FORMAT:
        raise DumpError(path, f"it is of format {ours.get('format')}, and this program knows {FORMAT}")
    try:
        parts = tuple(Part(**part) for part in ours["parts"])
        return Manifest(**{**{n: v for n, v in ours.items() if n != "format"}, "parts": parts})
    except (KeyError, TypeError) as error:
        raise DumpError(path, f"{place.name} is damaged ({error})") from error


def _place(path: Path, part: Part) -> Path:
    return path if _is_single(path) else path / part.name


def rows_of(path: Path, manifest: Manifest) -> Iterator[Row]:
    """Yield the rows of a dump, in the file's order."""
    for part in manifest.parts:
        with gzip.open(_place(path, part), "rt", encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)["Item"]


# In


def load(store: Store, path: Path, *, workers: int = 1, progress: Progress | None = None) -> Manifest:
    """Write a dump's rows into an empty table, and check by its digest that all are there.

    A load that was stopped goes on by the same call: what is written is written again.

    Raises:
        DumpError: the dump is not whole, or not ours, and nothing was written; or somebody else wrote meanwhile.
        NotEmptyError: the table holds rows, and not those of a load of the same dump that was stopped.
        NewerSchemaError: the table is of a newer version.
        ServiceError: the engine did not do it.

    Cost: 1 BatchWriteItem per 25 rows, and a scan.
    """
    manifest = read_manifest(path, store.schema.version)
    check_known(store)
    _check_empty(store, manifest)
    store.write_batch([_loading(manifest)], [])
    _write_all(store, rows_of(path, manifest), workers, progress or (lambda _rows: None))
    found = str(digest_of(store))
    if found != manifest.digest:
        raise DumpError(path, f"the table's digest is {found}, not {manifest.digest}: somebody else wrote into it")
    store.write_batch([], [LOADING])
    return manifest


def _loading(manifest: Manifest) -> Row:
    pk, sk = LOADING
    return {"PK": {"S": pk}, "SK": {"S": sk}, "entity_type": {"S": "LOADING"}, "digest": {"S": manifest.digest}}


def _check_empty(store: Store, manifest: Manifest) -> None:
    if not any(any(rows) for rows in store.scan()):
        return
    under_way = store.get(LOADING)
    if under_way is None or under_way.get("digest") != {"S": manifest.digest}:
        raise NotEmptyError(store.name)


def _write_all(store: Store, rows: Iterator[Row], workers: int, progress: Progress) -> None:
    done = 0
    batches = chunks((row for row in rows if row["PK"]["S"] != SCHEMA_MARK[0]), 4 * WRITE_CHUNK)
    if workers == 1:
        for batch in batches:
            store.write_batch(batch, [])
            done += len(batch)
            progress(done)
        return
    for count in _side_by_side(lambda batch: store.write_batch(batch, []), batches, workers):
        done += count
        progress(done)


def _side_by_side(write: Callable[[Any], None], batches: Iterator[Any], workers: int) -> Iterator[int]:
    room = BoundedSemaphore(_AHEAD * workers)
    tasks: list[Future[None]] = []
    with ThreadPoolExecutor(workers, thread_name_prefix="seedbed-load") as pool:
        for batch in batches:
            room.acquire()  # so many wait at most; one that failed ends it
            if any(task.done() and task.exception() for task in tasks):
                break
            tasks = [task for task in tasks if not task.done() or task.exception()]
            task = pool.submit(write, batch)
            task.add_done_callback(lambda _task: room.release())
            tasks.append(task)
            yield len(batch)
    for task in tasks:
        task.result()
