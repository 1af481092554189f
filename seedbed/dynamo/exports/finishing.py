"""From fragments to an export: each part sorted, counters that moved elsewhere added up, the manifest last.

DuckDB adds the counters up, out of core. A place that lacks `manifest-summary.json` holds no export. One export at a
time holds `_started`: what a killed one left in a folder is known by it, and taken away by the next.
"""

from __future__ import annotations

import gzip
import json
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import attrs

from seedbed.beside import is_there
from seedbed.dynamo.canonical import canonical
from seedbed.dynamo.digest import SIZE, share_of
from seedbed.dynamo.dumps import FILES, STARTED, SUMMARY, Manifest, Part, sums, write_manifest
from seedbed.dynamo.errors import DumpError
from seedbed.dynamo.exports.fragments import MOVED, NOTE, NOTED, fragment
from seedbed.dynamo.exports.images import MEMORY_LEAST_MB, open_database
from seedbed.dynamo.exports.places import MAKING, Place
from seedbed.dynamo.store import chunks

_OUT: Final = (
    rf"\d{{5}}\.json\.gz|{re.escape(FILES)}|{re.escape(SUMMARY)}|(tmp_)?sums\.parquet|spilled/duckdb_temp[^/]+"
)
_OURS: Final = re.compile(
    rf"{STARTED}|{re.escape(FILES)}|data/([0-9a-f]{{32}}/)?\d{{5}}\.json\.gz"
    rf"|{re.escape(MAKING)}/(out/({_OUT})|(mark|whole|of-\d+|\d+)/(\d{{5}}|{re.escape(MOVED)}))"
)
"""What an export of ours writes before its end, by its names within the place."""
_LEVEL: Final = 3
"""Of gzip: a third of the time of 6, and a tenth more bytes."""
_AT_ONCE: Final = 500
"""Rows that are compressed at a time."""
_SIGN: Final = 64
_TEXT: Final = 65
"""Where, in a line of a fragment, the sign and the row begin: its hash comes first."""
_SUMS: Final = """
    COPY (
        SELECT part, place, name, SUM(amount)::BIGINT AS amount FROM read_ndjson(?, columns = {
            part: 'INTEGER', place: 'VARCHAR', name: 'VARCHAR', amount: 'BIGINT'
        }) GROUP BY part, place, name HAVING SUM(amount) <> 0 ORDER BY part
    ) TO '%s' (FORMAT parquet)
"""
_OF_PART: Final = "SELECT place, name, amount FROM read_parquet(?) WHERE part = ?"


@attrs.frozen
class Work:
    """What has to be known to finish a part, in any process."""

    folders: tuple[Path, ...]
    sums: Path | None
    out: Path
    notes_in_rows: frozenset[str]


@attrs.frozen
class Finished:
    """A part: its file, its rows, and their share of the digest."""

    part: Part
    digest: int


# The place


@contextmanager
def begin(place: Place) -> Iterator[bool]:
    """Hold a place for an export; give whether it held what an export left that did not come to its end.

    Raises:
        DumpError: it holds an export, or something else, or another export is being written there.
    """
    left = _find_rest(place)
    started = posixpath.join(place.root, STARTED)
    with place.hold(started):
        for name in _find_rest(place):  # looked at again: an export may have ended meanwhile
            if name != started:
                place.remove(name)
        yield bool(left)


def _find_rest(place: Place) -> list[str]:
    """Return what a stopped export left.

    Raises:
        DumpError: there is an export, or what is not of one.
    """
    found = list(place.names())
    within = [posixpath.relpath(name, place.root or ".") for name in found]
    if SUMMARY in within:
        raise DumpError(place, "it holds an export already: name another place, or take it away")
    strange = [short for short in within if not _OURS.fullmatch(short)]
    if found and (strange or not _is_ours(place, within)):
        what = f", such as {strange[0]}" if strange else ""
        raise DumpError(place, f"it is not empty{what}, and not what a stopped export of ours left: name another place")
    return found


def _is_ours(place: Place, within: Sequence[str]) -> bool:
    return STARTED in within and b'"seedbed"' in place.read(posixpath.join(place.root, STARTED))


# Parts


def add_up(folders: Sequence[Path], out: Path, *, memory_mb: int) -> Path | None:
    """Add up by how much counters moved on rows of other writers, out of core; None where none did.

    Raises:
        DumpError: DuckDB is missing.
        OSError: it could not go on.
    """
    files = [str(folder / MOVED) for folder in folders if is_there(folder / MOVED)]
    if not files:
        return None
    result = out / "sums.parquet"
    with open_database(str(out), out, memory_mb) as database:
        database.execute(_SUMS % str(result).replace("'", "''"), [files])
    return result


def finish_part(work: Work, number: int) -> Finished | None:
    """Write one part, sorted; None where no row is in it. Memory: the part.

    Raises:
        DumpError: counters moved on rows that no writer has.
        OSError: it cannot be written.
    """
    lines = sorted(line for folder in work.folders for line in _lines(fragment(folder, number)))
    if not lines:
        return None
    moved = _moves(work, number)
    digest, name = 0, f"data/{number:05}.json.gz"
    path = work.out / f"{number:05}.json.gz"
    with path.open("wb") as raw, gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) as file:
        for some in chunks(lines, _AT_ONCE):
            texts = [(line[:_SIGN], line[_TEXT:]) for line in some]
            if moved:
                texts = [(place, _add_amounts(text, moved.pop(place, None))) for place, text in texts]
            file.write(b"".join([b'{"Item":%b}\n' % text for _, text in texts]))
            digest += sum(_digest(work, line[_SIGN:_TEXT], text) for line, (_, text) in zip(some, texts, strict=True))
    if moved:
        raise DumpError(name, f"counters moved on {len(moved)} rows that nobody made: this is a fault of seedbed")
    return Finished(Part(name, len(lines), *sums(path)), digest % SIZE)


def _lines(path: Path) -> list[bytes]:
    return gzip.decompress(path.read_bytes()).splitlines() if is_there(path) else []


def _moves(work: Work, number: int) -> dict[bytes, dict[str, int]]:
    if work.sums is None:
        return {}
    moved: dict[bytes, dict[str, int]] = {}
    with open_database(str(work.out), work.out, MEMORY_LEAST_MB) as database:
        for place, name, amount in database.execute(_OF_PART, [str(work.sums), number]).fetchall():
            moved.setdefault(place.encode(), {})[name] = amount
    return moved


def _add_amounts(text: bytes, amounts: Mapping[str, int] | None) -> bytes:
    """Add to a row's counters what moved on it elsewhere."""
    if not amounts:
        return text
    row = json.loads(text)
    for name, amount in amounts.items():
        row[name] = {"N": str(int(row.get(name, {"N": 0})["N"]) + amount)}
    return canonical(row)


def _digest(work: Work, sign: bytes, text: bytes) -> int:
    if sign == NOTE:
        return 0
    if sign == NOTED:
        text = canonical({name: value for name, value in json.loads(text).items() if name not in work.notes_in_rows})
    return share_of(text)


# The whole


def finish(
    place: Place, work: Work, made: Iterable[Finished | None], told: Manifest, progress: Callable[[int], None]
) -> Manifest:
    """Put all parts in their place as they come, and the manifest last; return it. `told` lacks parts and digest.

    Raises:
        DumpError: a part, or the manifest, cannot be put there.
    """
    parts, digest, rows = [], 0, 0
    for finished in made:
        if finished is None:
            continue
        part = finished.part
        file = posixpath.basename(part.name)
        part = attrs.evolve(part, name=posixpath.join(place.data, file))
        place.put(work.out / file, posixpath.join(place.root, part.name))
        parts.append(part)
        digest, rows = digest + finished.digest, rows + part.rows
        progress(rows)
    manifest = attrs.evolve(told, rows=rows, digest=f"{digest % SIZE:064x}", parts=tuple(parts))
    write_manifest(work.out, work.out, manifest)
    for name in (FILES, SUMMARY):  # the summary last: without one there is no export
        place.put_new(work.out / name, posixpath.join(place.root, name))
    return manifest
