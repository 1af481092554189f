"""Exports as AWS writes them, made of rows: full and incremental, in a folder that a copy of a bucket would be."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

ARN = "arn:aws:dynamodb:eu-central-1:123456789012:table/social"
Row = Mapping[str, Any]


def write_full(root: Path, rows: Iterable[Row], *, files: int = 3, name: str = "01-full", **manifest: Any) -> Path:
    """Write a full export under `root`, as ExportTableToPointInTime does under its prefix."""
    lines = [{"Item": row} for row in rows]
    parts = [lines[number::files] for number in range(files)]
    folder = root / "AWSDynamoDB" / name
    told = {"exportType": "FULL_EXPORT", "exportTime": "2025-03-02T00:00:00.000Z", **manifest}
    return _write(folder, folder / "data", f"AWSDynamoDB/{name}/data", (parts, told))


def write_changes(
    root: Path, changes: Sequence[tuple[Row | None, Row | None]], *, name: str = "02-changes", **manifest: Any
) -> Path:
    """Write an incremental export: of each row what it was and what it is, None for none."""
    lines = []
    for old, new in changes:
        row = new or old or {}
        line: dict[str, Any] = {
            "Metadata": {"WriteTimestampMicros": {"N": "1740873600000000"}},
            "Keys": {"PK": row["PK"], "SK": row["SK"]},
        }
        lines.append(line | ({} if old is None else {"OldImage": old}) | ({} if new is None else {"NewImage": new}))
    folder = root / "AWSDynamoDB" / name
    told = {
        "exportType": "INCREMENTAL_EXPORT",
        "exportFromTime": "2025-03-02T00:00:00.000Z",
        "exportToTime": "2025-03-03T00:00:00.000Z",
        "outputView": "NEW_AND_OLD_IMAGES",
        **manifest,
    }
    return _write(folder, folder.parent / "data", "AWSDynamoDB/data", ([lines, []], told))


def _write(folder: Path, data: Path, key: str, what: tuple[Sequence[Sequence[Any]], dict[str, Any]]) -> Path:
    parts, told = what
    data.mkdir(parents=True, exist_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for number, lines in enumerate(parts):
        name = f"{folder.name}-{number}.json.gz"
        (data / name).write_bytes(gzip.compress("".join(f"{json.dumps(line)}\n" for line in lines).encode()))
        md5 = base64.b64encode(hashlib.md5((data / name).read_bytes(), usedforsecurity=False).digest()).decode()
        files.append({"itemCount": len(lines), "md5Checksum": md5, "etag": "x-1", "dataFileS3Key": f"p/{key}/{name}"})
    (folder / "manifest-files.json").write_text("".join(f"{json.dumps(file)}\n" for file in files))
    summary = {
        "version": "2023-08-01",
        "exportArn": f"{ARN}/export/{folder.name}",
        "tableArn": ARN,
        "s3Bucket": "b",
        "s3Prefix": "p",
        "manifestFilesS3Key": f"p/AWSDynamoDB/{folder.name}/manifest-files.json",
        "itemCount": sum(map(len, parts)),
        "outputFormat": "DYNAMODB_JSON",
        **told,
    }
    (folder / "manifest-summary.json").write_text(json.dumps(summary))
    (folder / "_started").touch()
    return folder
