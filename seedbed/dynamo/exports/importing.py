"""ImportTable: a new table made by DynamoDB itself of an export that lies in a bucket."""

from __future__ import annotations

import hashlib
import posixpath
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, cast

from seedbed.dynamo.calls import Calls
from seedbed.dynamo.dumps import FILES, SUMMARY
from seedbed.dynamo.engines import Engine
from seedbed.dynamo.errors import DumpError, EngineError, NoImportsError, NotInBucketError
from seedbed.dynamo.exports.buckets import S3
from seedbed.dynamo.exports.layout import Export
from seedbed.dynamo.exports.places import Place
from seedbed.dynamo.pacing import Pacer
from seedbed.dynamo.schema import TABLE
from seedbed.dynamo.usage import Meter

FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 20.0
_NOT_THERE: Final = ("UnknownOperation", "NotImplemented", "UnsupportedOperation")
"""How codes begin by which engines say that they do not know a call."""
_UNDER_WAY: Final = "IN_PROGRESS"
_DONE: Final = "COMPLETED"


class Import:
    """One import, from a bucket into a table that is not there yet."""

    def __init__(self, engine: Engine, table: str) -> None:
        self._table = table
        self._url = engine.url
        self._calls = Calls(engine, Meter(), Pacer(None), engine.url)

    def check_new(self) -> None:
        """Refuse a table that is there already: an import makes a new one.

        Raises:
            DumpError: it is there.
            EngineError: the engine cannot tell.
            ServiceError: nothing answers, or the credentials will not do.
        """
        try:
            self._calls.send("DescribeTable", "describe_table", TableName=self._table)
        except EngineError as error:
            if error.code == "ResourceNotFoundException":
                return
            raise
        raise DumpError(self._table, "there is such a table already, and an import makes a new one: name another")

    def run(self, export: Export, progress: Callable[[int], None], pause: Callable[[float], None] = time.sleep) -> None:
        """Ask for the import, and wait until it has come to its end.

        Asked for again within hours, of the same export and table, it is the same import.

        Raises:
            DumpError: the export lies in no bucket, or has data of several places; or DynamoDB did not take all rows.
            NoImportsError: there is no ImportTable at this engine.
            ServiceError: as any call.
        """
        bucket, prefix = source_of(export)
        described = self._ask(
            "ImportTable",
            S3BucketSource={"S3Bucket": bucket, "S3KeyPrefix": prefix},
            InputFormat="DYNAMODB_JSON",
            InputCompressionType="GZIP",
            ClientToken=hashlib.sha256(repr((bucket, prefix, export.until, self._table)).encode()).hexdigest()[:36],
            TableCreationParameters={"TableName": self._table, **TABLE},
        )
        seconds = FIRST_PAUSE_SECONDS
        while described["ImportStatus"] == _UNDER_WAY:
            pause(seconds)
            seconds = min(2 * seconds, LONGEST_PAUSE_SECONDS)
            described = self._ask("DescribeImport", ImportArn=described["ImportArn"])
            progress(described.get("ImportedItemCount", 0))
        self._check_end(described)

    def _ask(self, operation: str, **parameters: Any) -> dict[str, Any]:
        method = "import_table" if operation == "ImportTable" else "describe_import"
        try:
            answer = self._calls.send(operation, method, **parameters)
        except EngineError as error:
            if not error.code.startswith(_NOT_THERE):
                raise
            raise NoImportsError(self._url, error.why) from error
        return cast("dict[str, Any]", answer["ImportTableDescription"])

    def _check_end(self, described: dict[str, Any]) -> None:
        status, errors = described["ImportStatus"], described.get("ErrorCount", 0)
        if status != _DONE:
            code, why = described.get("FailureCode", status), described.get("FailureMessage", "")
            raise DumpError(self._table, f"the import ended as {status} ({code}: {why})")
        if errors:
            raise DumpError(self._table, f"the import did not take {errors:,} rows: CloudWatch's log of it tells why")


def source_of(export: Export) -> tuple[str, str]:
    """Return the bucket and the prefix of an export's data, and of nothing else.

    Raises:
        NotInBucketError: it lies in a folder.
        DumpError: it tells changes only, or lies in several places.
    """
    if not str(export.place).startswith(S3):
        raise NotInBucketError(export.place)
    if not export.is_full:
        raise DumpError(export.place, "it tells what changed, and ImportTable takes whole exports only")
    folders = {posixpath.dirname(file.name) for file in export.files}
    if len(folders) != 1:
        raise DumpError(export.place, f"its data lie in {len(folders)} places, and an import reads one")
    return str(export.place).removeprefix(S3).partition("/")[0], f"{folders.pop()}/"


def copy(exports: Sequence[Export], to: Place) -> None:
    """Copy an export of a folder into another place, the summary last.

    Raises:
        DumpError: a file cannot be read, or be put there.
    """
    (export,) = exports
    with to.scratch() as scratch:
        for file in export.files:
            _put(export.place.fetch(file.name, scratch), to, posixpath.basename(file.name), scratch)
        for name in (FILES, SUMMARY):
            held = scratch / name
            held.write_bytes(export.place.read(posixpath.join(export.folder, name)))
            to.put_new(held, posixpath.join(to.root, name))


def _put(path: Path, to: Place, name: str, scratch: Path) -> None:
    held = scratch / "held"
    held.write_bytes(path.read_bytes())
    to.put(held, posixpath.join(to.root, "data", name))
