"""Request bodies written by `json.dumps` instead of botocore's generic serialiser, for the two calls that carry rows.

Our rows are in DynamoDB's JSON already. botocore would walk every value of them against its model, and once more to
look for table names: half of the client's time for a transaction of 100 (docs/design.md has the figures). So the call
is made with no rows, and the body is put in just before it is signed, by botocore's own `before-call` event.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class ReadyBodies:
    """Sends TransactWriteItems and BatchWriteItem through a client with bodies of our own. Safe for threads."""

    def __init__(self, client: DynamoDBClient) -> None:
        self._client: Any = client
        self._local = threading.local()
        for operation in ("TransactWriteItems", "BatchWriteItem"):
            client.meta.events.register(f"before-call.dynamodb.{operation}", self._put_in)

    def transact_write_items(self, **parameters: Any) -> Mapping[str, Any]:
        """Send a TransactWriteItems; `parameters` as in boto3, with a ClientRequestToken."""
        with _Body(self._local, parameters):
            answer: Mapping[str, Any] = self._client.transact_write_items(TransactItems=[])
        return answer

    def batch_write_item(self, **parameters: Any) -> Mapping[str, Any]:
        """Send a BatchWriteItem; `parameters` as in boto3."""
        with _Body(self._local, parameters):
            answer: Mapping[str, Any] = self._client.batch_write_item(RequestItems={})
        return answer

    def _put_in(self, params: dict[str, Any], **_event: Any) -> None:
        body = getattr(self._local, "body", None)
        if body is not None:
            params["body"] = body


class _Body:
    """Holds a body ready for the calls of this thread while a call is made."""

    def __init__(self, local: threading.local, parameters: Mapping[str, Any]) -> None:
        self._local = local
        self._bytes = json.dumps(parameters, separators=(",", ":")).encode()

    def __enter__(self) -> None:
        self._local.body = self._bytes

    def __exit__(self, *_error: object) -> None:
        self._local.body = None
