"""What is read of the one DynamoDB table: rows by their keys, partitions in order, and all of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from seedbed.dynamo.calls import WORTH_ANOTHER_TRY, Calls
from seedbed.dynamo.errors import UnprocessedError
from seedbed.dynamo.queries import IndexPosition, Queries, Query
from seedbed.dynamo.rows import INDEX, SCHEMA_MARK, Key, Row, key_of
from seedbed.dynamo.store import READ_CHUNK, chunks
from seedbed.dynamo.wire import key_json

PAGE_ROWS = 3_000
"""Rows of one Scan: about a megabyte. Without a limit dynoxide reads all the rest of the table for a page."""
WORTH_OF_A_BATCH = (*WORTH_ANOTHER_TRY, UnprocessedError)
"""What is left undone is asked for again within the tries that the call has, not by tries of its own."""


class Reads(Queries):
    """Reads of one table; each call is tried again within a bound."""

    def __init__(self, name: str, calls: Calls) -> None:
        self.name = name
        self._calls = calls
        self._call = calls.send

    def get(self, key: Key) -> Row | None:
        """Return one row, read consistently. Cost: 1 GetItem."""
        answer = self._call("GetItem", "get_item", TableName=self.name, Key=key_json(key), ConsistentRead=True)
        return cast("Row | None", answer.get("Item"))

    def get_many(self, keys: Iterable[Key]) -> dict[Key, Row]:
        """Return the rows that exist, read consistently. Cost: 1 BatchGetItem per 100 keys.

        Raises:
            UnprocessedError: keys were left unread after all tries.
        """
        return self._get_chunks(keys)

    def find_present(self, keys: Iterable[Key]) -> set[Key]:
        """Return which rows exist, read consistently. Cost: 1 BatchGetItem per 100 keys, whose answer has keys alone.

        Raises:
            UnprocessedError: keys were left unread after all tries.
        """
        return set(self._get_chunks(keys, ProjectionExpression="PK, SK"))

    def _get_chunks(self, keys: Iterable[Key], **options: str) -> dict[Key, Row]:
        rows: dict[Key, Row] = {}
        for chunk in chunks(list(dict.fromkeys(keys)), READ_CHUNK):
            self._get_chunk([key_json(key) for key in chunk], rows, **options)
        return rows

    def look(self, keys: Sequence[Key]) -> dict[Key, Row]:
        """Return which of up to 100 rows are seen to be there, asked for once: for who has waited long already.

        Raises:
            UnavailableError: the engine did not answer.
            PermissionDeniedError: the engine refused the credentials.

        Cost: 1 BatchGetItem.
        """
        request = {self.name: {"Keys": [key_json(key) for key in keys], "ConsistentRead": True}}
        answer = self._call("BatchGetItem", "batch_get_item", worth=(), RequestItems=request)
        return {key_of(row): row for row in answer["Responses"].get(self.name, ())}

    def _get_chunk(self, left: list[Row], rows: dict[Key, Row], **options: str) -> None:
        for attempt in self._calls.tries("BatchGetItem", WORTH_OF_A_BATCH):
            with attempt:
                request = {self.name: {"Keys": left, "ConsistentRead": True, **options}}
                answer = self._calls.send_once("BatchGetItem", "batch_get_item", RequestItems=request)
                rows.update((key_of(row), row) for row in answer["Responses"].get(self.name, ()))
                left = answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", [])
                if left:
                    raise UnprocessedError("BatchGetItem", [key_of(key) for key in left])

    def find_rows(self, wanted: Query[str]) -> list[Row]:
        """Return rows of a partition by sort key, read consistently, at most `limit`. Cost: 1 Query per 1 MB."""
        start = None if wanted.after is None else key_json((wanted.partition, wanted.after))
        return self._query(wanted, ("PK", "SK"), start, ConsistentRead=True)

    def count(self, partition: str, prefix: str, *, limit: int) -> int:
        """Count rows of a partition, read consistently, up to `limit`; none is sent. Cost: 1 Query per 1 MB of them."""
        total, options = 0, dict[str, Any]()
        while total < limit:
            answer = self._call(
                "Query",
                "query",
                TableName=self.name,
                Select="COUNT",
                Limit=limit - total,
                KeyConditionExpression="PK = :p AND begins_with(SK, :s)",
                ExpressionAttributeValues={":p": {"S": partition}, ":s": {"S": prefix}},
                ConsistentRead=True,
                **options,
            )
            total += answer["Count"]
            if not answer.get("LastEvaluatedKey"):
                break
            options = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
        return total

    def find_in_index(self, wanted: Query[IndexPosition]) -> list[Row]:
        """Return keys of rows from the index, at most `limit`, eventually consistent. Cost: 1 Query per 1 MB."""
        start = None
        if wanted.after is not None:
            sort, key = wanted.after
            start = {**key_json(key), "GSI1PK": {"S": wanted.partition}, "GSI1SK": {"S": sort}}
        return self._query(wanted, ("GSI1PK", "GSI1SK"), start, IndexName=INDEX)

    def _query(self, wanted: Query[Any], names: tuple[str, str], start: Row | None, **options: Any) -> list[Row]:
        rows: list[Row] = []
        condition, values = f"{names[0]} = :p", {":p": {"S": wanted.partition}}
        if wanted.prefix:  # an empty text is none that AWS compares a key with
            condition, values[":s"] = f"{condition} AND begins_with({names[1]}, :s)", {"S": wanted.prefix}
        while wanted.limit is None or len(rows) < wanted.limit:
            if start is not None:
                options["ExclusiveStartKey"] = start
            if wanted.limit is not None:
                options["Limit"] = wanted.limit - len(rows)
            answer = self._call(
                "Query",
                "query",
                TableName=self.name,
                ScanIndexForward=not wanted.is_descending,
                KeyConditionExpression=condition,
                ExpressionAttributeValues=values,
                **options,
            )
            rows += answer["Items"]
            start = answer.get("LastEvaluatedKey")
            if not start:
                break
        return rows

    def scan(self, segment: int = 0, segments: int = 1) -> Iterator[list[Row]]:
        """Yield all base rows of a segment but the mark, consistently. Cost: 1 Scan per 1 MB, or `PAGE_ROWS` rows."""
        options: dict[str, Any] = {"Limit": PAGE_ROWS}
        if segments > 1:
            options |= {"Segment": segment, "TotalSegments": segments}
        while True:
            answer = self._call("Scan", "scan", TableName=self.name, ConsistentRead=True, **options)
            yield [row for row in answer["Items"] if row["PK"]["S"] != SCHEMA_MARK[0]]
            if not answer.get("LastEvaluatedKey"):
                return
            options["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
