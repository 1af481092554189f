"""The embedded engine and plain moto, side by side: the same calls, the same answers, the same rows."""

from __future__ import annotations

from itertools import count, product
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws
from moto.dynamodb.exceptions import MultipleTransactionsException

from seedbed.dynamo.engines import embedded_engine
from seedbed.dynamo.engines.embedded.parameters import normal_number

_TABLE_NUMBERS = count()

partitions = st.sampled_from(["A", "B"])
sorts = st.sampled_from(["a1", "a2", "b1", "b2", "c"])
keys = st.builds(lambda pk, sk: {"PK": {"S": pk}, "SK": {"S": sk}}, partitions, sorts)
numbers = st.sampled_from(["0", "1", "-5", "2.5", "12345678901234567890"])
whole_numbers = st.sampled_from(["0", "1", "-5", "99"])
index_keys = st.one_of(
    st.just({}),
    st.builds(
        lambda pk, sk: {"GSI1PK": {"S": pk}, "GSI1SK": {"S": sk}},
        st.sampled_from(["X", "Y"]),
        st.sampled_from(["1", "2", "3"]),
    ),
    st.just({"GSI1PK": {"S": "X"}}),
)
extras = st.fixed_dictionaries(
    {},
    optional={
        "likes": numbers.map(lambda number: {"N": number}),
        "caption": st.sampled_from([{"S": "hi"}, {"S": ""}, {"S": "héllo"}]),
        "tags": st.sampled_from([{"SS": ["x"]}, {"SS": ["x", "y"]}]),
        "nested": st.sampled_from([{"M": {"a": {"S": "deep"}, "n": {"N": "1"}}}, {"M": {}}]),
        "entries": st.just({"L": [{"S": "one"}, {"N": "2"}]}),
        "is_public": st.booleans().map(lambda flag: {"BOOL": flag}),
        "nothing": st.just({"NULL": True}),
    },
)
items = st.builds(lambda key, index, extra: {**key, **index, **extra}, keys, index_keys, extras)

# Each with the values that it needs. Most of them fail on most rows.
conditions = st.sampled_from(
    [
        ({"ConditionExpression": "attribute_not_exists(PK)"}, {}),
        ({"ConditionExpression": "attribute_exists(PK)"}, {}),
        (
            {
                "ConditionExpression": "attribute_exists(#l) AND NOT attribute_exists(caption)",
                "ExpressionAttributeNames": {"#l": "likes"},
            },
            {},
        ),
        ({"ConditionExpression": "likes > :few"}, {":few": {"N": "0"}}),
        (
            {"ConditionExpression": "caption = :hi OR is_public = :yes"},
            {":hi": {"S": "hi"}, ":yes": {"BOOL": True}},
        ),
        ({"ConditionExpression": "contains(tags, :tag)"}, {":tag": {"S": "y"}}),
        ({"ConditionExpression": "nested.a = :deep"}, {":deep": {"S": "deep"}}),
        ({"ConditionExpression": "begins_with(caption, :h)"}, {":h": {"S": "h"}}),
    ]
)
updates = st.one_of(
    whole_numbers.map(lambda number: ("ADD likes :n", {":n": {"N": number}})),
    numbers.map(lambda number: ("ADD likes :n", {":n": {"N": number}})),
    whole_numbers.map(lambda number: ("SET caption = :c ADD likes :n", {":n": {"N": number}, ":c": {"S": "new"}})),
    st.sampled_from(
        [
            ("SET caption = :c", {":c": {"S": "set"}}),
            ("SET caption = :c, GSI1PK = :x", {":c": {"S": "set"}, ":x": {"S": "Y"}}),
            ("SET likes = likes + :n", {":n": {"N": "3"}}),
            ("SET likes = if_not_exists(likes, :n)", {":n": {"N": "3"}}),
            ("SET nested.a = :c", {":c": {"S": "changed"}}),
            ("SET PK = :c", {":c": {"S": "no"}}),
            ("SET caption = :c, caption = :c", {":c": {"S": "twice"}}),
            ("ADD caption :n", {":n": {"N": "1"}}),
            ("ADD tags :t", {":t": {"SS": ["z"]}}),
            ("DELETE tags :t", {":t": {"SS": ["x"]}}),
            ("REMOVE caption, GSI1SK", {}),
        ]
    ),
)


def _conditional(parameters: dict[str, Any], condition: tuple[Any, Any] | None, returns_old: bool) -> dict[str, Any]:
    """Add a condition to what may have values of its own."""
    if condition is None:
        return parameters
    expression, values = condition
    together = {**parameters.get("ExpressionAttributeValues", {}), **values}
    merged = {**parameters, **expression}
    if together:
        merged["ExpressionAttributeValues"] = together
    if returns_old:
        merged["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    return merged


def _update(key: Any, update: tuple[str, Any]) -> dict[str, Any]:
    expression, values = update
    parameters = {"Key": key, "UpdateExpression": expression}
    return {**parameters, "ExpressionAttributeValues": values} if values else parameters


maybe_condition = st.one_of(st.none(), conditions, conditions)
puts = st.builds(lambda item, c, old: _conditional({"Item": item}, c, old), items, maybe_condition, st.booleans())
deletes = st.builds(lambda key, c, old: _conditional({"Key": key}, c, old), keys, maybe_condition, st.booleans())
checks = st.builds(lambda key, c, old: _conditional({"Key": key}, c, old), keys, conditions, st.booleans())
changes = st.builds(
    lambda key, u, c, old: _conditional(_update(key, u), c, old),
    keys,
    updates,
    maybe_condition,
    st.booleans(),
)
actions = st.one_of(
    puts.map(lambda put: {"Put": put}),
    deletes.map(lambda delete: {"Delete": delete}),
    checks.map(lambda check: {"ConditionCheck": check}),
    changes.map(lambda change: {"Update": change}),
)


def _key_of(action: dict[str, Any]) -> str:
    (operation,) = action.values()
    row = operation.get("Item", operation.get("Key"))
    return f"{row['PK']} {row['SK']}"


# Mostly one action a key, sometimes two, which is an error of its own.
transactions = st.one_of(
    st.lists(actions, min_size=1, max_size=5, unique_by=_key_of),
    st.lists(actions, min_size=1, max_size=5, unique_by=_key_of),
    st.lists(actions, min_size=2, max_size=3),
)
writes = st.one_of(
    items.map(lambda item: {"PutRequest": {"Item": item}}),
    keys.map(lambda key: {"DeleteRequest": {"Key": key}}),
)
sort_conditions = st.one_of(
    st.just(("", {})),
    st.builds(
        lambda operator, value: (f" AND SK {operator} :s", {":s": {"S": value}}),
        st.sampled_from(["=", "<", "<=", ">", ">="]),
        st.sampled_from(["a1", "a3", "b2", "c"]),
    ),
    st.sampled_from([("a", "a2"), ("a", "c"), ("a2", "a2"), ("a2", "b1"), ("b1", "c")]).map(
        lambda bounds: (" AND SK BETWEEN :s AND :t", {":s": {"S": bounds[0]}, ":t": {"S": bounds[1]}})
    ),
    st.sampled_from(["a", "b", "z"]).map(lambda prefix: (" AND begins_with(SK, :s)", {":s": {"S": prefix}})),
)
page_options = st.fixed_dictionaries(
    {},
    optional={
        "Limit": st.integers(1, 4),
        "FilterExpression": st.sampled_from(["attribute_exists(caption)", "attribute_not_exists(likes)"]),
        "Select": st.just("COUNT"),
        "ProjectionExpression": st.sampled_from(["SK, caption", "nested.a, likes", "entries[0], SK"]),
    },
)


def _query(partition: str, sort: tuple[str, Any], options: dict[str, Any], start: Any, forward: bool) -> Any:
    condition, values = sort
    parameters = {
        "KeyConditionExpression": f"PK = :p{condition}",
        "ExpressionAttributeValues": {":p": {"S": partition}, **values},
        "ScanIndexForward": forward,
        **options,
    }
    if start is not None:
        parameters["ExclusiveStartKey"] = {"PK": {"S": partition}, "SK": {"S": start}}
    return "query", parameters


def _index_query(partition: str, sort: str, options: dict[str, Any], start: Any, forward: bool) -> Any:
    parameters = {
        "IndexName": "GSI1",
        "KeyConditionExpression": f"GSI1PK = :p{sort}",
        "ExpressionAttributeValues": {":p": {"S": partition}, **({":s": {"S": "2"}} if sort else {})},
        "ScanIndexForward": forward,
        **options,
    }
    if start is not None:
        parameters["ExclusiveStartKey"] = {**start, "GSI1PK": {"S": partition}, "GSI1SK": {"S": "2"}}
    return "query", parameters


returns = st.sampled_from(["NONE", "ALL_OLD"])
calls = st.one_of(
    transactions.map(lambda chosen: ("transact_write_items", {"TransactItems": chosen})),
    transactions.map(lambda chosen: ("transact_write_items", {"TransactItems": chosen})),
    st.lists(writes, min_size=1, max_size=6, unique_by=_key_of).map(lambda chosen: ("batch_write_item", chosen)),
    st.builds(lambda put, returned: ("put_item", {**put, "ReturnValues": returned}), puts, returns),
    st.builds(lambda delete, returned: ("delete_item", {**delete, "ReturnValues": returned}), deletes, returns),
    st.builds(
        lambda change, returned: ("update_item", {**change, "ReturnValues": returned}),
        changes,
        st.sampled_from(["NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"]),
    ),
    keys.map(lambda key: ("get_item", {"Key": key})),
    keys.map(lambda key: ("get_item", {"Key": key, "ProjectionExpression": "PK, nested.a, entries[1]"})),
    st.lists(keys, min_size=1, max_size=5, unique_by=str).map(lambda chosen: ("batch_get_item", chosen)),
    st.builds(_query, partitions, sort_conditions, page_options, st.one_of(st.none(), sorts), st.booleans()),
    st.builds(
        _index_query,
        st.sampled_from(["X", "Y"]),
        st.sampled_from(["", " AND GSI1SK >= :s", " AND GSI1SK < :s", " AND begins_with(GSI1SK, :s)"]),
        page_options,
        st.one_of(st.none(), keys),
        st.booleans(),
    ),
    st.builds(
        lambda options, start, segment: ("scan", {**options, **start, **segment}),
        page_options,
        st.one_of(st.just({}), keys.map(lambda key: {"ExclusiveStartKey": key})),
        st.one_of(st.just({}), st.integers(0, 2).map(lambda at: {"Segment": at, "TotalSegments": 3})),
    ),
    st.builds(lambda options: ("scan", {"IndexName": "GSI1", **options}), page_options),
)


def _addressed(method: str, parameters: Any, table: str) -> dict[str, Any]:
    """Put the table's name where the method wants it."""
    if method == "batch_write_item":
        return {"RequestItems": {table: parameters}}
    if method == "batch_get_item":
        return {"RequestItems": {table: {"Keys": parameters}}}
    if method == "transact_write_items":
        named = [
            {kind: {"TableName": table, **operation} for kind, operation in action.items()}
            for action in parameters["TransactItems"]
        ]
        return {"TransactItems": named}
    return {"TableName": table, **parameters}


def _outcome(client: Any, method: str, parameters: dict[str, Any]) -> Any:
    """Return what a caller sees, whether an answer or an error."""
    try:
        answer = getattr(client, method)(**parameters)
    except ClientError as error:
        answer = error.response
    return {name: _in_normal_form(value) for name, value in answer.items() if name not in _NOT_MOTOS}


# moto tells what nobody asked for of capacity.
_NOT_MOTOS = {"ResponseMetadata", "ConsumedCapacity", "ItemCollectionMetrics"}


def _in_normal_form(value: Any) -> Any:
    """Return an answer with its numbers as AWS writes them; moto's sums have noughts at their ends: "5.0"."""
    if isinstance(value, dict):
        return {
            name: normal_number(part) if name == "N" and isinstance(part, str) else _in_normal_form(part)
            for name, part in value.items()
        }
    return [_in_normal_form(part) for part in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def clients():
    with mock_aws(), embedded_engine(validate=True) as engine:
        plain = boto3.session.Session().client("dynamodb", region_name="us-east-1")
        yield engine.client, plain


def _is_as_moto_says(embedded, plain):
    """Of an action that is not valid AWS, as ours, cancels the transaction and says which; moto refuses it whole.

    And a row that two actions name is refused before any of them is looked at.
    """
    wrong = [reason for reason in embedded.get("CancellationReasons", ()) if reason["Code"] == "ValidationError"]
    if wrong:
        embedded = {"Error": {"Code": "ValidationException", "Message": wrong[0]["Message"]}}
    elif embedded.get("Error") == {"Code": "ValidationException", "Message": MultipleTransactionsException.msg}:
        return plain.get("Error", {}).get("Code") == "ValidationException"
    return embedded == plain


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    first=st.lists(items, max_size=8, unique_by=lambda item: str((item["PK"], item["SK"]))),
    then=st.lists(calls, min_size=1, max_size=8),
)
def test_every_call_is_answered_as_plain_moto_answers_it(clients, create_table, first, then):
    table = f"table-{next(_TABLE_NUMBERS)}"
    for client in clients:
        create_table(client, table)
        for item in first:
            client.put_item(TableName=table, Item=item)

    for method, parameters in then:
        embedded, plain = (_outcome(client, method, _addressed(method, parameters, table)) for client in clients)
        assert _is_as_moto_says(embedded, plain), (method, embedded, plain)

    for place in ({}, {"IndexName": "GSI1"}):
        embedded, plain = (_outcome(client, "scan", {"TableName": table, **place}) for client in clients)
        assert embedded == plain
    for client in clients:
        client.delete_table(TableName=table)


SORTS = ("a1", "a2", "b1", "b2", "c")
OPERATORS = ("=", "<", "<=", ">", ">=")
CONDITIONS = (
    *((f" AND SK {operator} :s", {":s": value}) for operator in OPERATORS for value in ("a1", "a3", "b1", "c")),
    *((" AND begins_with(SK, :s)", {":s": prefix}) for prefix in ("a", "b", "c", "z")),
    *((" AND SK BETWEEN :s AND :t", {":s": low, ":t": high}) for low, high in (("a", "a2"), ("a", "b2"), ("b1", "b2"))),
    ("", {}),
)


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("of_index", [True, False])
def test_every_page_of_every_query_is_plain_motos(clients, create_table, forward, of_index):
    table = f"table-{next(_TABLE_NUMBERS)}"
    names = ("GSI1PK", "GSI1SK") if of_index else ("PK", "SK")
    for client in clients:
        create_table(client, table)
        for sort in SORTS:
            index = {"GSI1PK": {"S": "P"}, "GSI1SK": {"S": sort}}
            client.put_item(TableName=table, Item={"PK": {"S": "P"}, "SK": {"S": sort}, **index})

    for (condition, values), limit, start in product(CONDITIONS, (1, 2, 9), (None, "a2", "b0")):
        parameters = {
            "KeyConditionExpression": f"{names[0]} = :p{condition.replace('SK', names[1])}",
            "ExpressionAttributeValues": {name: {"S": text} for name, text in {":p": "P", **values}.items()},
            "ScanIndexForward": forward,
            "Limit": limit,
        }
        if of_index:
            parameters["IndexName"] = "GSI1"
        if start is not None:
            index = {"GSI1PK": {"S": "P"}, "GSI1SK": {"S": start}} if of_index else {}
            parameters["ExclusiveStartKey"] = {"PK": {"S": "P"}, "SK": {"S": start}, **index}
        embedded, plain = (_outcome(client, "query", {"TableName": table, **parameters}) for client in clients)
        assert embedded == plain, parameters
