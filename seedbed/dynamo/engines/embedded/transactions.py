"""TransactWriteItems as moto decides it, but undone key by key instead of from copies of whole tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import define, field
from moto.dynamodb.exceptions import (
    EmptyKeyAttributeException,
    ExpressionAttributeValuesEmpty,
    MockValidationException,
    MultipleTransactionsException,
    TransactionCanceledException,
    TransactWriteSingleOpException,
)

from seedbed.dynamo.engines.embedded.backend import EmbeddedBackend, RefusedError, require
from seedbed.dynamo.engines.embedded.expressions import Condition, condition_of, update_of
from seedbed.dynamo.engines.embedded.limits import (
    TRANSACTION_ACTIONS,
    check_count,
    check_names_used,
    check_transaction_bytes,
)
from seedbed.dynamo.engines.embedded.rows import Attributes, Key, Row, TableRows
from seedbed.dynamo.engines.embedded.tables import EMPTY_KEY_MESSAGE, EmbeddedTable
from seedbed.dynamo.engines.embedded.updates import UpdateRequest, update_row

if TYPE_CHECKING:
    from collections.abc import Iterable

Reason: TypeAlias = tuple[str | None, str | None, Attributes | None]
_DONE: Final[Reason] = (None, None, None)
_KINDS: Final = {"ConditionCheck", "Put", "Delete", "Update"}


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
    size_bytes: int = 0

    def claim(self, rows: TableRows, key: Key) -> None:
        """Take a key for one action.

        Raises:
            MultipleTransactionsException: another one has it already.
        """
        if (id(rows), key) in self.touched:
            raise MultipleTransactionsException
        self.touched.add((id(rows), key))

    def replace(self, rows: TableRows, write: tuple[Key, Row | None], previous: Row | None) -> None:
        """Write under a key, and note what stood there."""
        key, row = write
        self.written.append((rows, key, previous))
        rows.replace(key, row)
        if row is not None:
            self.size_bytes += row.size_bytes

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
    actions = [_check(backend, request) for request in requests]
    journal = _Journal()
    try:
        _attempt_all(actions, journal)
    except BaseException:
        journal.undo()
        raise


def _attempt_all(actions: Iterable[_Action], journal: _Journal) -> None:
    reasons = [_reason(action, journal) for action in actions]
    if reasons != [_DONE] * len(reasons):
        raise TransactionCanceledException(reasons)
    check_transaction_bytes(journal.size_bytes)


def _check(backend: EmbeddedBackend, request: dict[str, Any]) -> _Action:
    if len(request) != 1:
        raise TransactWriteSingleOpException
    ((kind, operation),) = request.items()
    if kind not in _KINDS:
        raise TransactWriteSingleOpException
    names = operation.get("ExpressionAttributeNames")
    values = operation.get("ExpressionAttributeValues")
    condition = condition_of(operation.get("ConditionExpression"), names, values)
    if values == {}:
        raise ExpressionAttributeValuesEmpty
    table = backend.table(operation["TableName"])
    if names or kind == "Update":
        _check_names(kind, operation, condition)
    return _Action(kind, operation, table, condition)


def _check_names(kind: str, operation: dict[str, Any], condition: Condition) -> None:
    used = list(condition.names_used)
    if kind == "Update":
        used += update_of(operation["UpdateExpression"]).names_used
    names = operation.get("ExpressionAttributeNames")
    check_names_used(names, used)


def _reason(action: _Action, journal: _Journal) -> Reason:
    """Do one action; return moto's triple of code, message and old row, all None if it was done.

    Raises:
        MultipleTransactionsException: another action has the same row.
        EmptyKeyAttributeException: a part of the key is empty.
    """
    try:
        if action.kind == "Put":
            key, row = action.table.admit(action.request["Item"])
            current = _claim(action, key, journal)
            journal.replace(action.table.rows, (key, row), current)
        else:
            _act_on_key(action, journal)
    except RefusedError as refusal:
        return "ConditionalCheckFailed", str(refusal.message), refusal.old
    except (MultipleTransactionsException, EmptyKeyAttributeException):
        raise
    except MockValidationException as refusal:
        return "ValidationError", str(refusal.message), None
    return _DONE


def _act_on_key(action: _Action, journal: _Journal) -> None:
    table, request = action.table, action.request
    key = table.key_of(request["Key"], empty_key_message=EMPTY_KEY_MESSAGE)
    current = _claim(action, key, journal)
    if action.kind == "Delete":
        journal.replace(table.rows, (key, None), current)
    elif action.kind == "Update":
        update = UpdateRequest(
            request["Key"],
            request["UpdateExpression"],
            request.get("ExpressionAttributeNames") or {},
            request.get("ExpressionAttributeValues") or {},
        )
        journal.replace(table.rows, (key, update_row(table, current, update)), current)


def _claim(action: _Action, key: Key, journal: _Journal) -> Row | None:
    """Return the row under a key that no action before has had, if the condition holds on it."""
    rows = action.table.rows
    journal.claim(rows, key)
    current = rows.get(key)
    if not (current is None and action.condition.holds_on_nothing):
        return_old = action.request.get("ReturnValuesOnConditionCheckFailure")
        require(current, action.condition, return_old=return_old)
    return current
