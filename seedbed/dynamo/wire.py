"""Actions as the JSON of DynamoDB's requests. Pure: nothing is sent here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seedbed.dynamo.actions import Action, DeleteRow, PutRow, UpdateRow
from seedbed.dynamo.rows import Key, Row


def key_json(key: Key) -> Row:
    """Write a key."""
    return {"PK": {"S": key[0]}, "SK": {"S": key[1]}}


def render(action: Action, table: str) -> dict[str, Any]:
    """Write one action of a TransactWriteItems; a refused one answers with the row that stood there."""
    if type(action) is PutRow:
        put = {
            "TableName": table,
            "Item": action.row,
            "ConditionExpression": "attribute_not_exists(PK)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        return {"Put": put}
    request: dict[str, Any] = {
        "TableName": table,
        "Key": key_json(action.key),
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    _expecting(request, action.expect)  # type: ignore[union-attr]
    if type(action) is UpdateRow:
        _updating(request, action)
        return {"Update": request}
    return {"Delete" if type(action) is DeleteRow else "ConditionCheck": request}


def nothing(key: Key, table: str) -> dict[str, Any]:
    """Write an action that does nothing, whatever is there."""
    always = "attribute_exists(PK) OR attribute_not_exists(PK)"
    return {"ConditionCheck": {"TableName": table, "Key": key_json(key), "ConditionExpression": always}}


def _expecting(request: dict[str, Any], expect: Mapping[str, Any]) -> None:
    condition = "attribute_exists(PK)"
    if expect:
        names = list(expect)
        condition += "".join(
            f" AND attribute_not_exists(#e{place})" if expect[name] is None else f" AND #e{place} = :e{place}"
            for place, name in enumerate(names)
        )
        request["ExpressionAttributeNames"] = {f"#e{place}": name for place, name in enumerate(names)}
        values = {f":e{place}": expect[name] for place, name in enumerate(names) if expect[name] is not None}
        if values:
            request["ExpressionAttributeValues"] = values
    request["ConditionExpression"] = condition


def _updating(request: dict[str, Any], action: UpdateRow) -> None:
    names = dict(request.get("ExpressionAttributeNames", {}))
    values = dict(request.get("ExpressionAttributeValues", {}))
    clauses: dict[str, list[str]] = {}
    for place, (name, amount) in enumerate(action.amounts.items()):
        clauses.setdefault("ADD", []).append(f"{name} :a{place}")
        values[f":a{place}"] = {"N": str(amount)}
    for place, (name, value) in enumerate(action.values.items()):
        names[f"#v{place}"] = name
        if value is None:
            clauses.setdefault("REMOVE", []).append(f"#v{place}")
        else:
            clauses.setdefault("SET", []).append(f"#v{place} = :v{place}")
            values[f":v{place}"] = value
    request["UpdateExpression"] = " ".join(f"{verb} {', '.join(parts)}" for verb, parts in clauses.items())
    if names:
        request["ExpressionAttributeNames"] = names
    if values:
        request["ExpressionAttributeValues"] = values
