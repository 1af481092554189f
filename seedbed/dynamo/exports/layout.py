"""What exports a place holds, by their manifests: AWS's own (ExportTableToPointInTime), and ours in the same words.

AWS writes `prefix/AWSDynamoDB/<id>/manifest-summary.json` and `manifest-files.json`; the data of a full export lie in
`<id>/data/`, those of incremental ones in `AWSDynamoDB/data/`. Developer guide, "DynamoDB table export output format".
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import attrs

from seedbed.dynamo.dumps import FILES, FORMAT, SUMMARY
from seedbed.dynamo.errors import DumpError
from seedbed.dynamo.exports.places import Place

FULL: Final = "FULL_EXPORT"
INCREMENTAL: Final = "INCREMENTAL_EXPORT"
_JSON: Final = "DYNAMODB_JSON"


@attrs.frozen
class DataFile:
    """One file of rows, by its whole name; `md5` as S3 writes it, None where the manifest does not say."""

    name: str
    rows: int
    md5: str | None


@attrs.frozen
class Export:
    """One export of a table."""

    place: Place
    folder: str
    is_full: bool
    table: str
    """Which table it is of: its ARN, or its name."""
    since: str
    """From when on an incremental one tells what changed."""
    until: str
    """Of when its rows are; "" where nobody says."""
    files: tuple[DataFile, ...]
    digest: str | None = None
    """Of an export of ours: the digest of its rows."""


def exports_in(places: Sequence[Place], schema: int) -> list[Export]:
    """Return the exports that lie in these places, a full one first, then what changed after it, in order.

    `schema` is the newest version that the program knows.

    Raises:
        DumpError: there is none; one is damaged, newer, or of another program's format; or they do not belong together.
    """
    found = [_export(place, summary, schema) for place in places for summary in _summaries(place)]
    found.sort(key=lambda export: (not export.is_full, export.since, export.until))
    _check_together(found)
    return found


def _summaries(place: Place) -> list[str]:
    here = posixpath.join(place.root, SUMMARY)
    found = [here] if place.has(here) else place.find(SUMMARY)
    if not found:
        raise DumpError(place, f"there is no {SUMMARY}: it is no export, or one that did not come to its end")
    return found


def _check_together(exports: Sequence[Export]) -> None:
    """Refuse what is of several tables, or does not go on where the one before ends.

    Raises:
        DumpError: they do not belong together.
    """
    for export in exports[1:]:
        if export.table != exports[0].table:
            raise DumpError(export.folder, f"it is of {export.table}, and {exports[0].folder} of {exports[0].table}")
        if export.is_full:
            raise DumpError(export.folder, f"it is a full export, and {exports[0].folder} is one too: name one of them")
    for before, after in pairwise(exports):
        if before.until and after.since > before.until:
            raise DumpError(
                after.folder, f"it tells what changed since {after.since}, and {before.folder} ends at {before.until}"
            )


def _export(place: Place, summary: str, schema: int) -> Export:
    told = _object(place, summary)
    _check_format(told, summary, schema)
    folder = posixpath.dirname(summary)
    is_full = told.get("exportType", FULL) == FULL
    files = tuple(_files(place, folder, _text(told, "manifestFilesS3Key")))
    if (count := told.get("itemCount")) is not None and count != sum(file.rows for file in files):
        raise DumpError(summary, f"it counts {count:,} rows, and its files {sum(file.rows for file in files):,}")
    ours = told.get("seedbed", {})
    table = _text(told, "tableArn") or _text(ours, "table")
    until = _text(told, "exportTime") if is_full else _text(told, "exportToTime")
    digest = _text(ours, "digest") or None
    return Export(place, folder, is_full, table, _text(told, "exportFromTime"), until, files, digest)


def _check_format(told: Mapping[str, Any], summary: str, schema: int) -> None:
    form, kind, ours = told.get("outputFormat"), told.get("exportType", FULL), told.get("seedbed", {})
    if form != _JSON:
        raise DumpError(summary, f"its rows are {form}, and only {_JSON} can be read")
    if kind not in {FULL, INCREMENTAL}:
        raise DumpError(summary, f"it is of the type {kind}, and this program knows {FULL} and {INCREMENTAL}")
    if ours.get("format", FORMAT) != FORMAT:
        raise DumpError(summary, f"it is of format {ours['format']}, and this program knows {FORMAT}")
    if ours.get("schema", schema) > schema:
        raise DumpError(summary, f"its rows are of schema version {ours['schema']}, and this program knows {schema}")


def _files(place: Place, folder: str, key: str) -> Iterator[DataFile]:
    manifest = posixpath.join(folder, posixpath.basename(key) or FILES)
    if not place.has(manifest):
        raise DumpError(manifest, "it is missing")
    try:
        lines = [json.loads(line) for line in place.read(manifest).decode().splitlines() if line.strip()]
        told = [(line["dataFileS3Key"], int(line["itemCount"]), line.get("md5Checksum")) for line in lines]
    except (ValueError, KeyError, TypeError) as error:
        raise DumpError(manifest, f"it is damaged ({error})") from error
    for name, rows, md5 in told:
        yield DataFile(_where(place, folder, name), rows, md5)


def _where(place: Place, folder: str, key: str) -> str:
    """Find a data file: where its key says, or where a copy of the export has it.

    Raises:
        DumpError: it is nowhere.
    """
    base, above = posixpath.basename(key), posixpath.dirname(folder)
    within = posixpath.join("data", base)
    candidates = dict.fromkeys(
        [posixpath.join(folder, key), posixpath.join(folder, within), posixpath.join(above, within), key]
    )
    found = next((name for name in candidates if place.has(name)), None)
    if found is None:
        raise DumpError(posixpath.join(folder, within), "it is missing, and the manifest names it")
    return found


def _object(place: Place, name: str) -> dict[str, Any]:
    try:
        told = json.loads(place.read(name))
    except ValueError as error:
        raise DumpError(name, f"it cannot be read ({error})") from error
    if not isinstance(told, dict) or not isinstance(told.get("seedbed", {}), dict):
        raise DumpError(name, "it is no manifest of an export")
    return told


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    return value if isinstance(value, str) else ""
