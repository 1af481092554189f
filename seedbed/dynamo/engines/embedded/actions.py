"""The API's actions: moto's own where they are cheap, ours where many rows or AWS's rules are at stake."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field
from moto.dynamodb.exceptions import MockValidationException, TransactionCanceledException
from moto.dynamodb.responses import DynamoHandler

from seedbed.dynamo.engines.embedded.answers import PlainAttributes
from seedbed.dynamo.engines.embedded.backend import EmbeddedBackend
from seedbed.dynamo.engines.embedded.capacity import ASKING, Reckoning, is_asked
from seedbed.dynamo.engines.embedded.checks import placeholders_in
from seedbed.dynamo.engines.embedded.expressions import condition_of, read_as
from seedbed.dynamo.engines.embedded.key_conditions import in_order
from seedbed.dynamo.engines.embedded.legacy import is_legacy, modern
from seedbed.dynamo.engines.embedded.limits import (
    BATCH_KEYS,
    BATCH_WRITES,
    TRANSACTION_ACTIONS,
    TooManyItemsError,
    UnknownOperationError,
    UnreadableRequestError,
    check_count,
    check_names_used,
    check_no_duplicates,
)
from seedbed.dynamo.engines.embedded.paths import Path, read_paths, take
from seedbed.dynamo.engines.embedded.tables import EMPTY_KEY_MESSAGE, EmbeddedTable
from seedbed.dynamo.engines.embedded.tokens import TokenMemory, fingerprint_of
from seedbed.dynamo.engines.embedded.transactions import transact

if TYPE_CHECKING:
    from seedbed.dynamo.engines.embedded.rows import Attributes, Key, Row

# moto's own method for each action that it answers here.
_BY_MOTO: Final = {
    "CreateTable": "create_table",
    "DeleteItem": "delete_item",
    "DeleteTable": "delete_table",
    "DescribeLimits": "describe_limits",
    "DescribeTable": "describe_table",
    "DescribeTimeToLive": "describe_time_to_live",
    "GetItem": "get_item",
    "ListTables": "list_tables",
    "ListTagsOfResource": "list_tags_of_resource",
    "PutItem": "put_item",
    "Query": "query",
    "Scan": "scan",
    "TagResource": "tag_resource",
    "UntagResource": "untag_resource",
    "UpdateItem": "update_item",
    "UpdateTable": "update_table",
    "UpdateTimeToLive": "update_time_to_live",
}
_BREAKS: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""How moto breaks on what it does not expect; what it refuses is a JsonRESTError."""
_PARTS: Final = "SPECIFIC_ATTRIBUTES"
_NAMES: Final = "ExpressionAttributeNames"
_USERS_OF_NAMES: Final = ("FilterExpression", "KeyConditionExpression")
_OF_PROJECTION: Final = ("ProjectionExpression", "Select", _NAMES)
_ROW_ACTIONS: Final = {"DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem"}


class _MotoActions(DynamoHandler):
    """moto's handler, on a backend and a request that are handed to it."""

    def __init__(self, backend: EmbeddedBackend, body: dict[str, Any]) -> None:
        super().__init__()
        self._backend = backend
        self.body = body

    @property
    def dynamodb_backend(self) -> EmbeddedBackend:
        return self._backend


@define
class Actions:
    """Answers requests from one engine's tables. Not safe for threads: whoever calls holds the lock."""

    backend: EmbeddedBackend
    tokens: TokenMemory = field(factory=TokenMemory)

    def answer(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        """Do an action and return its answer in boto3's form, sharing nothing with the rows or the request.

        Raises:
            UnknownOperationError: this engine does not serve the action.
            UnreadableRequestError: a part of the request cannot be read, and moto does not say why in AWS's words.
            JsonRESTError: another of DynamoDB's errors.
        """
        try:
            if is_legacy(request):
                request = modern(request)
            return self._reckon(action, request) if is_asked(request) else self._do(action, request)
        except _BREAKS as error:
            raise UnreadableRequestError(error) from error

    def _do(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        own = _OWN.get(action)
        return self._by_moto(action, request) if own is None else own(self, request)

    def _reckon(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        """Do an action, and tell what it took beside its answer."""
        is_repeat = self.tokens.fingerprint(request.get("ClientRequestToken", "")) is not None
        reckoning = Reckoning(self.backend, action, request, is_repeat=is_repeat)
        answer = self._do(action, {name: value for name, value in request.items() if name not in ASKING})
        return answer | reckoning.report(answer)

    def _by_moto(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        if action not in _BY_MOTO:
            raise UnknownOperationError(action)
        if "KeyConditionExpression" in request:
            request = self._query_in_order(request)
        _read_conditions(request)
        if "ProjectionExpression" in request and request.get("Select", _PARTS) == _PARTS:  # else moto refuses it
            return self._project(action, request)
        # moto keeps parts of what creates and changes tables.
        body = request if action in _ROW_ACTIONS else copy.deepcopy(request)
        result = getattr(_MotoActions(self.backend, body), _BY_MOTO[action])().result or {}
        return {name: _boto_form(value) for name, value in result.items() if value is not None}

    def _query_in_order(self, request: dict[str, Any]) -> dict[str, Any]:
        rows, index_name = self.backend.table(request["TableName"]).rows, request.get("IndexName")
        place = rows if index_name is None else rows.find_index(index_name)
        return request if place is None else in_order(request, place.schema)

    def _project(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        """Let moto answer without the projection, which it reads in part only, and take what it asks of the answer."""
        paths = _projection(request, _USERS_OF_NAMES)
        rest = {name: value for name, value in request.items() if name not in _OF_PROJECTION}
        used = " ".join(request.get(member, "") for member in _USERS_OF_NAMES)
        names = {name: value for name, value in request.get(_NAMES, {}).items() if name in placeholders_in(used)}
        if names:
            rest[_NAMES] = names
        answer = self._by_moto(action, rest)
        if "Item" in answer:
            answer["Item"] = take(answer["Item"], paths)
        if "Items" in answer:
            answer["Items"] = [take(item, paths) for item in answer["Items"]]
        return answer

    def transact_write_items(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do all the actions or none, and what comes again with its token only once."""
        actions = request["TransactItems"]
        token = request.get("ClientRequestToken")
        if token is None:
            transact(self.backend, actions)
        else:
            self._transact_once(token, actions)
        return {}

    def _transact_once(self, token: str, actions: list[dict[str, Any]]) -> None:
        fingerprint = fingerprint_of(actions)
        if not self.tokens.was_done(token, fingerprint):
            transact(self.backend, actions)
            self.tokens.remember(token, fingerprint)

    def batch_write_item(self, request: dict[str, Any]) -> dict[str, Any]:
        """Put and delete up to 25 rows, each for itself."""
        batches = request["RequestItems"]
        _check_size(sum(map(len, batches.values())), BATCH_WRITES, "BatchWriteItem")
        writes = [write for name, batch in batches.items() for write in self._writes(name, batch)]
        check_no_duplicates((id(table), key) for table, key, _ in writes)
        for table, key, row in writes:
            table.rows.replace(key, row)
        return {"UnprocessedItems": {}}

    def _writes(self, name: str, batch: list[dict[str, Any]]) -> list[tuple[EmbeddedTable, Key, Row | None]]:
        table = self.backend.table(name)
        writes: list[tuple[EmbeddedTable, Key, Row | None]] = []
        for write in batch:
            if "PutRequest" in write:
                admitted = table.admit(write["PutRequest"]["Item"], empty_key_message=EMPTY_KEY_MESSAGE)
                writes.append((table, *admitted))
            else:
                writes.append((table, table.key_of(write["DeleteRequest"]["Key"]), None))
        return writes

    def batch_get_item(self, request: dict[str, Any]) -> dict[str, Any]:
        """Read up to 100 rows by their keys."""
        batches = request["RequestItems"]
        _check_size(sum(len(batch["Keys"]) for batch in batches.values()), BATCH_KEYS, "BatchGetItem")
        responses = {name: self._read_all(name, batch) for name, batch in batches.items()}
        return {"Responses": responses, "UnprocessedKeys": {}}

    def _read_all(self, name: str, batch: dict[str, Any]) -> list[Attributes]:
        table = self.backend.table(name)
        keys = [table.key_of(key) for key in batch["Keys"]]
        check_no_duplicates(keys)
        projections = _projection(batch)
        rows = (table.rows.get(key) for key in keys)
        return [_project(row, projections) for row in rows if row is not None]

    def transact_get_items(self, request: dict[str, Any]) -> dict[str, Any]:
        """Read up to 100 rows by their keys, at one moment.

        Raises:
            TransactionCanceledException: a key is none of its table's; it has a reason for each get.
        """
        gets = [action["Get"] for action in request["TransactItems"]]
        check_count(len(gets), TRANSACTION_ACTIONS, "transactItems")
        for get in gets:
            _projection(get)
        reasons: list[Any] = [self._reason(get) for get in gets]
        if any(code for code, _, _ in reasons):
            raise TransactionCanceledException(reasons)
        return {"Responses": [self._read(get) for get in gets]}

    def _reason(self, get: dict[str, Any]) -> tuple[str | None, str | None, None]:
        try:
            self.backend.table(get["TableName"]).key_of(get["Key"])
        except MockValidationException as refusal:
            return "ValidationError", str(refusal.message), None
        return None, None, None

    def _read(self, get: dict[str, Any]) -> dict[str, Any]:
        table = self.backend.table(get["TableName"])
        row = table.rows.get(table.key_of(get["Key"]))
        return {} if row is None else {"Item": _project(row, _projection(get))}


_OWN: Final = {
    "BatchGetItem": Actions.batch_get_item,
    "BatchWriteItem": Actions.batch_write_item,
    "TransactGetItems": Actions.transact_get_items,
    "TransactWriteItems": Actions.transact_write_items,
}


def _read_conditions(request: dict[str, Any]) -> None:
    """Read conditions before moto does, which breaks on some that are none; it has ours from memory then."""
    for member in ("ConditionExpression", "FilterExpression"):
        if member in request:
            with read_as(member):
                condition_of(request[member], request.get(_NAMES), request.get("ExpressionAttributeValues"))


def _check_size(count: int, most: int, action: str) -> None:
    if count > most:
        raise TooManyItemsError(action)


def _projection(request: dict[str, Any], others: tuple[str, ...] = ()) -> tuple[Path, ...]:
    """Read a projection; names that neither it nor another expression uses are refused."""
    names = request.get(_NAMES)
    paths = read_paths(request.get("ProjectionExpression"), names)
    text = " ".join(request.get(member, "") for member in ("ProjectionExpression", *others))
    check_names_used(names, placeholders_in(text))
    return paths


def _project(row: Row, paths: tuple[Path, ...]) -> Attributes:
    return take(row.attributes, paths) if paths else row.attributes


def _boto_form(value: object) -> object:
    """Copy moto's answer, in the types that boto3 would read from the wire."""
    if isinstance(value, PlainAttributes):
        return value.plain
    if isinstance(value, dict):
        return {name: _boto_form(member) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [_boto_form(element) for element in value]
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value
