"""The audit of a table that lies in files: AWS's export of it, or one of ours; no engine is asked.

What such files hold stands still, so that one look decides: the same checks as of a table, and the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from seedbed.dynamo.exports.images import MEMORY_LEAST_MB, MEMORY_MB, images_of
from seedbed.dynamo.exports.layout import Export, exports_in
from seedbed.dynamo.exports.places import place_of
from seedbed.plain import whole_number
from seedbed.settings import check_functions
from services.audit.facts import Facts
from services.audit.findings import Audit
from services.audit.looking import look_at
from services.errors import InvalidSettingError
from services.rows.schema import SCHEMA

FAN_OUT_LIMIT = 1_000
"""The app's own, where nothing else is said (`services.app`, which stands above the audit)."""


def exports_of(names: Sequence[object]) -> list[Export]:
    """Return the exports that lie in folders, or in buckets under `s3://bucket/prefix`: the full one first.

    Raises:
        DumpError: there is none, it is no export of ours to read, or several do not belong together.
        InvalidSettingError: a name is none.
    """
    if not names or not all(isinstance(name, (str, Path)) and str(name) for name in names):
        raise InvalidSettingError("names", names, "folders, or s3://bucket/prefix")
    return exports_in([place_of(str(name)) for name in names], SCHEMA.version)


def audit_export(
    *names: str | Path,
    fan_out_limit: int | None = FAN_OUT_LIMIT,
    memory_mb: int = MEMORY_MB,
    progress: Callable[[int], None] | None = None,
    onlooker: Callable[[Facts], None] | None = None,
) -> Audit:
    """Recount everything in exports of one table, a full one and those that tell what changed after it.

    Args:
        names: folders, or `s3://bucket/prefix`; all exports that lie there, at any depth, are of one table.
        fan_out_limit: above how many followers the app merges an author's posts on read.
        memory_mb: what DuckDB keeps in memory, 128 or more.
        progress: told the number of rows read so far, after each page.
        onlooker: shown the facts when the checks are done.

    Raises:
        DumpError: there is no export, it is damaged, newer, of another format, or several do not belong together; or
            DuckDB, or boto3 for a bucket, is not installed.
        InvalidSettingError: a setting is wrong.

    Cost: reads each file two times. Memory: `memory_mb`, 32 MB for the facts, and 0.2 KB a user and post. On disk
    meanwhile: some 120 bytes a row, what incremental exports say, and what is in a bucket.
    """
    limit, memory = whole_number(fan_out_limit), whole_number(memory_mb)
    if fan_out_limit is not None and (limit is None or limit < 0):
        raise InvalidSettingError("fan_out_limit", fan_out_limit, "a whole number, 0 or more, or None")
    if memory is None or memory < MEMORY_LEAST_MB:
        raise InvalidSettingError("memory_mb", memory_mb, f"a whole number, {MEMORY_LEAST_MB} or more")
    check_functions(progress=progress, onlooker=onlooker)
    with images_of(exports_of(names), memory_mb=memory) as images:
        return look_at(images.pages(), SCHEMA, limit, progress, onlooker)
