"""What AWS says of a request before it holds it to the API's model: words of its own, which the model does not have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from seedbed.dynamo.engines.embedded.checks import RequestError
from seedbed.dynamo.engines.embedded.limits import BATCH_KEYS, BATCH_WRITES

_NAME_LENGTHS: Final = range(3, 256)
_OF_TABLES: Final = {
    "CreateTable",
    "DeleteTable",
    "DescribeTable",
    "DescribeTimeToLive",
    "UpdateTable",
    "UpdateTimeToLive",
}


def check_first(action: str, body: object) -> None:
    """Refuse what AWS refuses before anything else; what has other types than the API's is left to the model.

    Raises:
        RequestError: AWS refuses it, in these words.
    """
    if not isinstance(body, dict):
        return
    if action in _OF_TABLES:
        _check_name(action, body.get("TableName"))
    if action == "Query" and type(limit := body.get("Limit")) is int and limit < 1:
        raise RequestError(_constraint_error("Value at 'Limit'", "Member must have value greater than or equal to 1"))
    if action in _BATCHES and isinstance(batches := body.get("RequestItems"), dict):
        _check_batches(action, batches)


def _constraint_error(where: str, constraint: str) -> str:
    return f"1 validation error detected: {where} failed to satisfy constraint: {constraint}"


def _check_name(action: str, name: object) -> None:
    if name is None:
        raise RequestError("The parameter 'TableName' is required but was not present in the request")
    if not isinstance(name, str) or name.startswith("arn:") or len(name) in _NAME_LENGTHS:
        return
    if action != "CreateTable":
        raise RequestError("TableName must be at least 3 characters long and at most 255 characters long")
    least, most = _NAME_LENGTHS[0], _NAME_LENGTHS[-1]
    bound = f"greater than or equal to {least}" if len(name) < least else f"less than or equal to {most}"
    raise RequestError(_constraint_error(f"Value '{name}' at 'tableName'", f"Member must have length {bound}"))


def _check_batches(action: str, batches: Mapping[str, Any]) -> None:
    if not batches:
        raise RequestError(f"The requestItems parameter is required for {action}")
    for name, batch in batches.items():
        _BATCHES[action](name, batch)


def _check_gets(name: str, batch: Any) -> None:
    keys = batch.get("Keys") if isinstance(batch, dict) else None
    if isinstance(keys, list) and len(keys) > BATCH_KEYS:
        where = f"Value at 'RequestItems.{name}.member.Keys'"
        raise RequestError(_constraint_error(where, f"Member must have length less than or equal to {BATCH_KEYS}"))


def _check_writes(name: str, batch: Any) -> None:
    if isinstance(batch, list) and len(batch) > BATCH_WRITES:
        bounds = (
            f"Map value must satisfy constraint: [Member must have length less than or equal to {BATCH_WRITES}, "
            "Member must have length greater than or equal to 1]"
        )
        raise RequestError(_constraint_error(f"Value '{{{name}={batch}}}' at 'requestItems'", bounds))


_BATCHES: Final = {"BatchGetItem": _check_gets, "BatchWriteItem": _check_writes}
