"""TransactWriteItems as moto decides it, but undone key by key instead of from copies of whole tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import define, field
from moto.dynamodb.exceptions import (
    ExpressionAttributeValuesEmpty,
    MultipleTransactionsException,
    TransactionCanceledException,
    TransactWriteSingleOpException,
    ValidationException,
)
from moto.dynamodb.responses import validate_attributes_used, validate_put_has_empty_keys

from services.engines.embedded.backend import EmbeddedBackend, RefusedError, require, updated
from services.engines.embedded.expressions import Condition, condition_of, update_of
from services.engines.embedded.limits import TRANSACTION_ACTIONS, check_count, check_transaction_bytes
from services.engines.embedded.rows import Attributes, Key, Row, TableRows
from services.engines.embedded.tables import EmbeddedTable

_EMPTY_KEY = (
    "One or more parameter values are not valid. "
    "The AttributeValue for a key attribute cannot contain an empty string value. Key: {}"
)
_KINDS = {"ConditionCheck", "Put", "Delete", "Update"}


@define
class _Action:
    """One action that moto's own first round of checks has passed."""

    kind: str
    request: dict[str, Any]
    table: EmbeddedTable
    condition: Condition


@define
class _Journal:
    """What stood under the keys that a transaction has touched."""

    touched: set[tuple[int, Key]] = field(factory=set)
    written: list[tuple[TableRows, Key, Row | None]] = field(factory=list)

    def claim(self, rows: TableRows, key: Key) -> None:
        """Take a key for one action; a second one must not have it."""
        if (id(rows), key) in self.touched:
            raise MultipleTransactionsException
        self.touched.add((id(rows), key))

    def replace(self, rows: TableRows, key: Key, row: Row | None) -> None:
        """Write, and note what stood there."""
        self.written.append((rows, key, rows.replace(key, row)))

    def undo(self) -> None:
        """Put everything back."""
        for rows, key, previous in reversed(self.written):
            rows.replace(key, previous)


def transact(backend: EmbeddedBackend, requests: list[dict[str, Any]]) -> None:
    """Do all the actions or none.

    Raises:
        TransactionCanceledException: a condition does not hold; it has a reason for each action.
        JsonRESTError: another of moto's, when the request is wrong.
    """
    check_count(len(requests), TRANSACTION_ACTIONS, "transactItems")
    actions = [_checked(backend, request) for request in requests]
    journal = _Journal()
    try:
        _attempt_all(actions, journal)
    except BaseException:
        journal.undo()
        raise


def _attempt_all(actions: Iterable[_Action], journal: _Journal) -> None:
    reasons = [_reason(action, journal) for action in actions]
    if any(code is not None for code, _, _ in reasons):
        raise TransactionCanceledException(reasons)
    check_transaction_bytes(sum(row.size_bytes for rows, key, _ in journal.written if (row := rows.get(key))))


def _checked(backend: EmbeddedBackend, request: dict[str, Any]) -> _Action:
    if len(request) != 1:
        raise TransactWriteSingleOpException
    ((kind, operation),) = request.items()
    if kind not in _KINDS:
        raise ValidationException("Unsupported transaction operation")
    table = backend.table(operation["TableName"])
    names = operation.get("ExpressionAttributeNames")
    condition = condition_of(
        operation.get("ConditionExpression"), names, operation.get("ExpressionAttributeValues")
    )
    if operation.get("ExpressionAttributeValues") == {}:
        raise ExpressionAttributeValuesEmpty
    names_used = [*condition.names_used]
    if kind == "Update":
        validate_put_has_empty_keys(operation["Key"], table.definition, custom_error_msg=_EMPTY_KEY)
        names_used += update_of(operation["UpdateExpression"]).names_used
    if names:
        validate_attributes_used(names, names_used, validation_error_prefix=False)
    return _Action(kind, operation, table, condition)


def _reason(action: _Action, journal: _Journal) -> tuple[Any, Any, Any]:
    """Do one action; return moto's triple of code, message and old row, all None if it was done."""
    try:
        if action.kind == "Put":
            _put(action, journal)
        else:
            _act_on_key(action, journal)
    except RefusedError as refusal:
        return "ConditionalCheckFailed", str(refusal.message), refusal.old
    return None, None, None


def _put(action: _Action, journal: _Journal) -> None:
    table = action.table
    key, row = table.admit(action.request["Item"])
    journal.claim(table.rows, key)
    _require(action, table.rows.get(key))
    journal.replace(table.rows, key, row)


def _act_on_key(action: _Action, journal: _Journal) -> None:
    table, request = action.table, action.request
    key = table.key_of(request["Key"])
    journal.claim(table.rows, key)
    current = table.rows.get(key)
    _require(action, current)
    if action.kind == "Delete":
        journal.replace(table.rows, key, None)
    elif action.kind == "Update":
        journal.replace(table.rows, key, _updated(action, current))


def _require(action: _Action, current: Row | None) -> None:
    if "ConditionExpression" in action.request:
        require(
            action.table,
            current,
            action.condition.operation,
            return_old=action.request.get("ReturnValuesOnConditionCheckFailure"),
        )


def _updated(action: _Action, current: Row | None) -> Row:
    request = action.request
    key: Attributes = request["Key"]
    return updated(
        action.table,
        key,
        current,
        request["UpdateExpression"],
        request.get("ExpressionAttributeNames"),
        request.get("ExpressionAttributeValues"),
    )
