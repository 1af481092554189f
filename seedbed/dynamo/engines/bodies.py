"""Request bodies written by `json.dumps` instead of botocore's generic serialiser, for the two calls that carry rows.

Our rows are in DynamoDB's JSON already. botocore would walk every value of them against its model, and once more to
look for table names: half of the client's time for a transaction of 100 (docs/design.md has the figures). So the call
is made with no rows, and the body is put in just before it is signed, by botocore's own `before-call` event.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_BODY: Final = "seedbed-body"
"""Where a call's parameters bring its body, and its context keeps it until it is put in."""


class ReadyBodies:
    """Sends TransactWriteItems and BatchWriteItem through a client with bodies of our own. Safe for threads."""

    def __init__(self, client: DynamoDBClient) -> None:
        self._client: Any = client
        events: Any = client.meta.events  # its types know only handlers that return nothing
        for operation in ("TransactWriteItems", "BatchWriteItem"):
            events.register(f"provide-client-params.dynamodb.{operation}", _take_out)
            events.register(f"before-call.dynamodb.{operation}", _put_in)

    def transact_write_items(self, **parameters: Any) -> Mapping[str, Any]:
        """Send a TransactWriteItems; `parameters` as in boto3, with a ClientRequestToken."""
        answer: Mapping[str, Any] = self._client.transact_write_items(TransactItems=[], **_ready(parameters))
        return answer

    def batch_write_item(self, **parameters: Any) -> Mapping[str, Any]:
        """Send a BatchWriteItem; `parameters` as in boto3."""
        answer: Mapping[str, Any] = self._client.batch_write_item(RequestItems={}, **_ready(parameters))
        return answer


def _ready(parameters: Mapping[str, Any]) -> dict[str, bytes]:
    return {_BODY: json.dumps(parameters, separators=(",", ":")).encode()}


def _take_out(params: dict[str, Any], context: dict[str, Any], **_event: Any) -> None:
    if _BODY in params:
        context[_BODY] = params.pop(_BODY)


def _put_in(params: dict[str, Any], context: dict[str, Any], **_event: Any) -> None:
    if _BODY in context:
        params["body"] = context[_BODY]
