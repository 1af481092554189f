"""A world's final rows as files for ImportTable, made without an engine: the app plays on paper, and its rows are kept.

with opened("s3://bucket/prefix") as (place, _), place.scratch() as scratch:
for each writer:  write_rows(app, scratch / "0", parts)
complete(place, scratch, counts, parts, ...)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from seedbed.dynamo.canonical import canonical
from seedbed.dynamo.dumps import Manifest
from seedbed.dynamo.engines import open_engine
from seedbed.dynamo.errors import DumpError, LeftInBucketError
from seedbed.dynamo.exports.finishing import Finished, Work, add_up, begin, finish, finish_part
from seedbed.dynamo.exports.fragments import Fragments, parts_for
from seedbed.dynamo.exports.images import MEMORY_MB, images_of
from seedbed.dynamo.exports.importing import Import, copy, source_of
from seedbed.dynamo.exports.layout import exports_in
from seedbed.dynamo.exports.places import Place, place_of
from seedbed.dynamo.mark import mark_row
from seedbed.dynamo.memory import DryTable
from seedbed.dynamo.rows import SCHEMA_MARK
from seedbed.dynamo.store import Sessions, store_of
from services.errors import InvalidSettingError
from services.rows.schema import SCHEMA

__all__ = [
    "LeftInBucketError",
    "Manifest",
    "Place",
    "complete",
    "hold_a_part",
    "import_table",
    "mark",
    "opened",
    "parts_for",
    "write_rows",
]

Mapped = Callable[[Callable[[int], Finished | None], Iterable[int]], Iterator[Finished | None]]
"""Does the same for each number, here or in other processes, and yields what comes of it in order."""


@contextmanager
def opened(name: str) -> Iterator[tuple[Place, bool]]:
    """Hold a folder, or `s3://bucket/prefix`, for an export; tell whether a stopped one had left something there.

    Raises:
        DumpError: it holds an export, or something else, another one is being written there, or it cannot be written.
    """
    place = place_of(name, is_new=True)
    with begin(place) as is_again:
        try:
            yield place, is_again
        except OSError as error:
            rest = "There is no export yet: the next one there begins anew"
            raise DumpError(place, f"it cannot be written ({error.strerror}). {rest}") from error


def hold_a_part(app: Sessions) -> None:
    """Let an app that plays on paper take rows that it has not made for those of another one."""
    _paper_of(app).hold_a_part()


def write_rows(app: Sessions, folder: Path, parts: int) -> Counter[str]:
    """Write all that an app holds on paper into a writer's folder, and forget it; return the rows of each type."""
    paper = _paper_of(app)
    fragments = Fragments(folder, parts, SCHEMA)
    fragments.take(paper.texts())
    fragments.write()
    fragments.move(paper.moved or {})
    paper.forget()
    return fragments.counts


def _paper_of(app: Sessions) -> DryTable:
    """Return the table that an app of a dry run plays on.

    Raises:
        InvalidSettingError: it is no app of a dry run.
    """
    store = store_of(app)
    if not isinstance(store, DryTable):
        raise InvalidSettingError("app", store.name, "an app that plays on paper: connect(is_dry=True)")
    return store


def mark(folder: Path, parts: int) -> Counter[str]:
    """Write the table's mark, as a writer of its own."""
    fragments = Fragments(folder, parts, SCHEMA)
    fragments.take([(SCHEMA_MARK, canonical(mark_row(SCHEMA)))])
    fragments.write()
    return fragments.counts


def complete(
    place: Place,
    scratch: Path,
    counts: Mapping[Path, Mapping[str, int]],
    parts: int,
    *,
    table: str,
    mapped: Mapped = map,
    memory_mb: int = MEMORY_MB,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Manifest:
    """Make the export of all writers' fragments: `counts` has their folders.

    Raises:
        DumpError: it cannot be written.
    """
    out = scratch / "out"
    out.mkdir()
    folders = tuple(counts)
    moved = add_up(folders, out, memory_mb=memory_mb)
    work = Work(folders, moved, out, SCHEMA.notes_in_rows)
    total = sum((Counter(one) for one in counts.values()), Counter[str]())
    told = Manifest(table, SCHEMA.version, 0, dict(sorted(total.items())), "", ())
    return finish(place, work, mapped(partial(finish_part, work), range(parts)), told, progress)


def import_table(
    name: str,
    endpoint_url: str,
    table: str,
    *,
    through: str | None = None,
    progress: Callable[[int], None] = lambda _rows: None,
) -> str | None:
    """Let DynamoDB make a new table of a full export; return the export's digest, None where it is AWS's own.

    Args:
        name: where the export lies: `s3://bucket/prefix`, or a folder that is copied to `through` first.
        endpoint_url: the engine: "aws", or a URL.
        table: the table's name.
        through: `s3://bucket/prefix`, new or empty.
        progress: told the number of rows that are in so far.

    Raises:
        DumpError: the export is none that an import takes, the table is there, or not all rows were taken.
        ServiceError: the engine has no ImportTable, does not answer, or the credentials will not do.
    """
    exports = exports_in([place_of(name)], SCHEMA.version)
    if len(exports) > 1:
        raise DumpError(name, f"{len(exports)} exports lie there, and ImportTable takes a full one alone")
    with open_engine(endpoint_url) as engine:
        work = Import(engine, table)
        work.check_new()
        if through is not None:
            with images_of(exports):  # reads all of it: nothing is copied that cannot be imported
                pass
            with opened(through) as (copied, _):
                copy(exports, copied)
            exports = exports_in([copied], SCHEMA.version)
        source_of(exports[0])
        work.run(exports[0], progress)
    return exports[0].digest
