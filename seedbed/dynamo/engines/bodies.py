"""Request bodies by orjson instead of botocore's generic serialiser, for the two calls that carry rows.

Our rows are in DynamoDB's JSON already. botocore would walk every value of them against its model, and once more to
look for table names: half of the client's time for a transaction of 100 (docs/design.md has the figures). So the call
is made with no rows, and the body is put in just before it is signed, by botocore's own `before-call` event.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_BODY: Final = "seedbed-body"
"""Where a call's parameters bring its body, and its context keeps it until it is put in."""
_WITHOUT: Final[Mapping[str, Mapping[str, Any]]] = {
    "BatchWriteItem": {"RequestItems": {}},
    "TransactWriteItems": {"TransactItems": []},
}


def write_body(parameters: Mapping[str, Any]) -> bytes:
    """Write a call's parameters as DynamoDB's JSON."""
    try:
        return orjson.dumps(parameters)
    except TypeError:  # half a surrogate pair, or a number of more than 64 bits: DynamoDB says what is wrong with it
        return json.dumps(parameters, separators=(",", ":")).encode()


class ReadyBodies:
    """Sends calls through a client, the rows of TransactWriteItems and BatchWriteItem past it. Safe for threads."""

    def __init__(self, client: DynamoDBClient) -> None:
        self._client: Any = client
        events: Any = client.meta.events  # its types know only handlers that return nothing
        for operation in _WITHOUT:
            events.register(f"provide-client-params.dynamodb.{operation}", _take_out)
            events.register(f"before-call.dynamodb.{operation}", _put_in)

    def __call__(self, operation: str, method: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Make a call by a client's method; `parameters` as in boto3, a TransactWriteItems' with ClientRequestToken."""
        send = getattr(self._client, method)
        answer: Mapping[str, Any]
        if operation in _WITHOUT:
            answer = send(**_WITHOUT[operation], **{_BODY: write_body(parameters)})
        else:
            answer = send(**parameters)
        return answer


def _take_out(params: dict[str, Any], context: dict[str, Any], **_event: Any) -> None:
    if _BODY in params:
        context[_BODY] = params.pop(_BODY)


def _put_in(params: dict[str, Any], context: dict[str, Any], **_event: Any) -> None:
    if _BODY in context:
        params["body"] = context[_BODY]
