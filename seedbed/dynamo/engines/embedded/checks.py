"""What AWS refuses of a whole request and moto takes: names, placeholders and expressions that do not fit together.

Messages are AWS's. They are checked of what comes over the wire, and of a client that validates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from moto.dynamodb.exceptions import MockValidationException

from seedbed.dynamo.engines.embedded.expressions import update_of
from seedbed.portable import Portable

EXPRESSIONS: Final = (
    "ConditionExpression",
    "FilterExpression",
    "KeyConditionExpression",
    "ProjectionExpression",
    "UpdateExpression",
)
_LEGACY_NAMES: Final = (
    "AttributesToGet",
    "AttributeUpdates",
    "ConditionalOperator",
    "Expected",
    "KeyConditions",
    "QueryFilter",
    "ScanFilter",
)
_TABLE: Final = re.compile(r"[a-zA-Z0-9_.-]+")
_ARN: Final = re.compile(r"arn:[^:]*:dynamodb:[^:]*:\d*:table/(?P<name>.+)")
_NAME_LENGTH: Final = 255
_USED: Final = re.compile(r"[#:][A-Za-z0-9_]+")
_PLACEHOLDERS: Final = {
    "ExpressionAttributeNames": (re.compile(r"#[A-Za-z0-9_]+"), "name used in the document path"),
    "ExpressionAttributeValues": (re.compile(r":[A-Za-z0-9_]+"), "value used in expression"),
}
_EXPRESSION_OF: Final = {
    "Query": "FilterExpression",
    "Scan": "FilterExpression",
    "UpdateItem": "UpdateExpression",
}
"""Which expression AWS misses where there are values and none; elsewhere it is the condition."""
_INVALID: Final = "One or more parameter values were invalid: "


class RequestError(Portable, MockValidationException):
    """The parts of a request do not fit together."""

    def __init__(self, why: str) -> None:
        super().__init__(why)


def placeholders_in(expression: str) -> frozenset[str]:
    """Return the placeholders of names and values that an expression uses."""
    return frozenset(_USED.findall(expression))


def check(action: str, request: Mapping[str, Any]) -> None:
    """Check a request as AWS does before it looks at a table.

    Raises:
        RequestError: a part does not fit the others.
    """
    for part in _parts(request):
        if isinstance(name := part.get("TableName"), str):
            _check_table(name)
        _check_legacy(part)
        _check_expressions(action, part)
    rule = _RULES.get(action)
    if rule is not None:
        rule(request)


def _parts(request: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the request, and the requests in it that have expressions of their own."""
    yield request
    for item in request.get("TransactItems", ()):
        yield from item.values()
    for batch in request.get("RequestItems", {}).values():
        if isinstance(batch, dict):
            yield batch


def _check_table(name: str) -> None:
    arn = _ARN.fullmatch(name)
    bare = name if arn is None else arn["name"]
    if not _TABLE.fullmatch(bare):
        raise RequestError(
            f"1 validation error detected: Value '{name}' at 'tableName' failed to satisfy constraint: "
            f"Member must satisfy regular expression pattern: {_TABLE.pattern}"
        )
    if len(bare) > _NAME_LENGTH:
        raise RequestError(
            f"1 validation error detected: Value '{name}' at 'tableName' failed to satisfy constraint: "
            f"Member must have length less than or equal to {_NAME_LENGTH}"
        )


def _check_legacy(part: Mapping[str, Any]) -> None:
    legacy = [name for name in _LEGACY_NAMES if name in part]
    expressions = [name for name in EXPRESSIONS if name in part]
    if legacy and expressions:
        raise RequestError(
            "Can not use both expression and non-expression parameters in the same request: Non-expression "
            f"parameters: {{{', '.join(legacy)}}} Expression parameters: {{{', '.join(expressions)}}}"
        )


def _check_expressions(action: str, part: Mapping[str, Any]) -> None:
    expressions = {name: part[name] for name in EXPRESSIONS if name in part}
    for name, text in expressions.items():
        if not text.strip():
            raise RequestError(f"Invalid {name}: The expression can not be empty;")
    if "UpdateExpression" in expressions:
        update_of(expressions["UpdateExpression"])  # its syntax is looked at first
    for member, (syntax, what) in _PLACEHOLDERS.items():
        given = part.get(member)
        if given is not None:
            _check_given(member, given, syntax, expressions, action)
        _check_used(member, given or {}, what, expressions)


def _check_given(
    member: str, given: Mapping[str, Any], syntax: re.Pattern[str], used: Mapping[str, str], action: str
) -> None:
    if not used:
        why = "" if member == "ExpressionAttributeNames" else f": {_EXPRESSION_OF.get(action, EXPRESSIONS[0])} is null"
        raise RequestError(f"{member} can only be specified when using expressions{why}")
    if not given:
        raise RequestError(f"{member} must not be empty")
    for key in given:
        if not syntax.fullmatch(key):
            raise RequestError(f'{member} contains invalid key: Syntax error; key: "{key}"')


def _check_used(member: str, given: Mapping[str, Any], what: str, expressions: Mapping[str, str]) -> None:
    sign = "#" if member == "ExpressionAttributeNames" else ":"
    used = {token: name for name, text in expressions.items() for token in _USED.findall(text) if token[0] == sign}
    for token, name in used.items():
        if token not in given:
            kind = "name" if sign == "#" else "value"
            raise RequestError(
                f"Invalid {name}: An expression attribute {what} is not defined; attribute {kind}: {token}"
            )
    unused = [key for key in given if key not in used]
    if unused:
        raise RequestError(f"Value provided in {member} unused in expressions: keys: {{{', '.join(unused)}}}")


# Tables


def _check_create(request: Mapping[str, Any]) -> None:
    names = {one["AttributeName"] for one in request.get("AttributeDefinitions", ())}
    check_schema(request.get("KeySchema", ()), names)
    seen: set[str] = set()
    for index in (*request.get("GlobalSecondaryIndexes", ()), *request.get("LocalSecondaryIndexes", ())):
        if index["IndexName"] in seen:
            raise RequestError(f"{_INVALID}Duplicate index name: {index['IndexName']}")
        seen.add(index["IndexName"])
        check_schema(index["KeySchema"], names)
        _check_projection(index["Projection"])
    if request.get("LocalSecondaryIndexes") and len(request["KeySchema"]) == 1:
        raise RequestError(
            f"{_INVALID}Table KeySchema does not have a range key, which is required when specifying a "
            "LocalSecondaryIndex"
        )
    for index in request.get("LocalSecondaryIndexes", ()):
        _check_local(index, request["KeySchema"])
    _check_throughput(request)


def _check_local(index: Mapping[str, Any], schema: Any) -> None:
    if len(index["KeySchema"]) == 1:
        raise RequestError(f"{_INVALID}Index KeySchema does not have a range key for index: {index['IndexName']}")
    own, tables = index["KeySchema"][0]["AttributeName"], schema[0]["AttributeName"]
    if own != tables:
        raise RequestError(
            f"{_INVALID}Index KeySchema does not have the same leading hash key as table KeySchema for index: "
            f"{index['IndexName']}. index hash key: {own}, table hash key: {tables}"
        )


def check_schema(schema: Any, defined: set[str]) -> None:
    """Refuse a key schema that is none, or has attributes that are not defined.

    Raises:
        RequestError: it is such.
    """
    kinds = [one["KeyType"] for one in schema]
    if kinds[:1] == ["RANGE"]:
        raise RequestError("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
    if kinds[1:] == ["HASH"]:
        raise RequestError("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
    names = [one["AttributeName"] for one in schema]
    if len({*names}) != len(names):
        raise RequestError("Invalid KeySchema: Some index key attribute have no definition")
    missing = [name for name in names if name not in defined]
    if missing:
        raise RequestError(
            f"{_INVALID}Some index key attributes are not defined in AttributeDefinitions. "
            f"Keys: [{', '.join(missing)}], AttributeDefinitions: [{', '.join(sorted(defined))}]"
        )


def _check_projection(projection: Mapping[str, Any]) -> None:
    kind, others = projection.get("ProjectionType"), projection.get("NonKeyAttributes")
    if kind is None:
        raise RequestError(f"{_INVALID}Unknown ProjectionType: null")
    if kind == "INCLUDE" and not others:
        raise RequestError(f"{_INVALID}ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
    if kind != "INCLUDE" and others:
        raise RequestError(f"{_INVALID}ProjectionType is {kind}, but NonKeyAttributes is specified")


def _check_throughput(request: Mapping[str, Any]) -> None:
    if request.get("BillingMode") == "PAY_PER_REQUEST" and "ProvisionedThroughput" in request:
        raise RequestError(
            f"{_INVALID}Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
            "PAY_PER_REQUEST"
        )


_CHANGES: Final = (
    "ProvisionedThroughput",
    "BillingMode",
    "StreamSpecification",
    "GlobalSecondaryIndexUpdates",
    "SSESpecification",
    "ReplicaUpdates",
    "DeletionProtectionEnabled",
    "TableClass",
    "OnDemandThroughput",
    "WarmThroughput",
)


def _check_update(request: Mapping[str, Any]) -> None:
    if not any(request.get(name) not in (None, []) for name in _CHANGES):
        raise RequestError(
            "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or "
            "SSESpecification or ReplicaUpdates is required"
        )
    if request.get("BillingMode") == "PROVISIONED" and "ProvisionedThroughput" not in request:
        raise RequestError(f"{_INVALID}ProvisionedThroughput must be specified when BillingMode is PROVISIONED")
    _check_throughput(request)
    for update in request.get("GlobalSecondaryIndexUpdates", ()):
        if not update:
            kinds = ", ".join(f"GlobalSecondaryIndexUpdate.{kind}" for kind in ("Update", "Create", "Delete"))
            raise RequestError(f"{_INVALID}One of {kinds} must not be null")
        if "Create" in update:
            _check_projection(update["Create"]["Projection"])


def _check_query(request: Mapping[str, Any]) -> None:
    if "KeyConditions" not in request and "KeyConditionExpression" not in request:
        raise RequestError(
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."
        )


def _check_gets(request: Mapping[str, Any]) -> None:
    seen = []
    for item in request["TransactItems"]:
        get = item.get("Get", {})
        one = get.get("TableName"), get.get("Key")
        if one in seen:
            raise RequestError("Transaction request cannot include multiple operations on one item")
        seen.append(one)


def _check_writes(request: Mapping[str, Any]) -> None:
    for item in request["TransactItems"]:
        if len(item) != 1:
            raise RequestError("TransactItems can only contain one of Check, Put, Update or Delete")


def _check_scan(request: Mapping[str, Any]) -> None:
    segment, total = request.get("Segment"), request.get("TotalSegments")
    if segment is not None and total is not None and segment >= total:
        raise RequestError(
            "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
            f"Segment: {segment} is not less than TotalSegments: {total}"
        )


_RULES: Final = {
    "CreateTable": _check_create,
    "Query": _check_query,
    "Scan": _check_scan,
    "TransactGetItems": _check_gets,
    "TransactWriteItems": _check_writes,
    "UpdateTable": _check_update,
}
