"""Parameters of DynamoDB's first years do what the expressions that took their place do."""

from __future__ import annotations

import pytest

T = {"TableName": "things"}
KEY = {"id": {"S": "a"}}
ITEM = {**KEY, "amount": {"N": "5"}, "words": {"S": "some text"}, "tags": {"SS": ["x", "y"]}}
FAILED, INVALID = "ConditionalCheckFailedException", "ValidationException"


@pytest.fixture
def full(place):
    assert place.send("PutItem", {**T, "Item": ITEM})[0] == 200
    return place


def condition(operator, *values):
    return {"ComparisonOperator": operator} | ({"AttributeValueList": [*values]} if values else {})


FILTERS = {
    "EQ": ({"amount": condition("EQ", {"N": "5"})}, 1),
    "EQ of another": ({"amount": condition("EQ", {"N": "6"})}, 0),
    "NE": ({"amount": condition("NE", {"N": "6"})}, 1),
    "LE": ({"amount": condition("LE", {"N": "4"})}, 0),
    "LT": ({"amount": condition("LT", {"N": "6"})}, 1),
    "GE": ({"amount": condition("GE", {"N": "5"})}, 1),
    "GT": ({"amount": condition("GT", {"N": "5"})}, 0),
    "BETWEEN": ({"amount": condition("BETWEEN", {"N": "5"}, {"N": "9"})}, 1),
    "IN": ({"amount": condition("IN", {"N": "4"}, {"N": "5"})}, 1),
    "BEGINS_WITH": ({"words": condition("BEGINS_WITH", {"S": "some"})}, 1),
    "CONTAINS": ({"tags": condition("CONTAINS", {"S": "y"})}, 1),
    "NOT_CONTAINS": ({"tags": condition("NOT_CONTAINS", {"S": "z"})}, 1),
    "NOT_CONTAINS of nothing": ({"none": condition("NOT_CONTAINS", {"S": "z"})}, 0),
    "NULL": ({"none": condition("NULL")}, 1),
    "NOT_NULL": ({"none": condition("NOT_NULL")}, 0),
    "both": ({"amount": condition("EQ", {"N": "5"}), "none": condition("NOT_NULL")}, 0),
}


@pytest.mark.parametrize(("chosen", "count"), FILTERS.values(), ids=FILTERS)
def test_a_filter_of_old_keeps_what_it_names(full, chosen, count):
    assert full.send("Scan", {**T, "ScanFilter": chosen})[1]["Count"] == count
    keys = {"KeyConditions": {"id": condition("EQ", KEY["id"])}}
    assert full.send("Query", {**T, **keys, "QueryFilter": chosen})[1]["Count"] == count
    status, _ = full.send("PutItem", {**T, "Item": ITEM, "Expected": chosen})
    assert status == (200 if count else 400)


def test_one_of_two_conditions_is_enough_where_that_is_said(full):
    chosen = {"amount": condition("EQ", {"N": "5"}), "none": condition("NOT_NULL")}
    assert full.send("Scan", {**T, "ScanFilter": chosen, "ConditionalOperator": "OR"})[1]["Count"] == 1


EXPECTED = {
    "the value": ({"amount": {"Value": {"N": "5"}}}, None),
    "another value": ({"amount": {"Value": {"N": "6"}}}, FAILED),
    "that it is not there": ({"amount": {"Exists": False}}, FAILED),
    "that another is not there": ({"none": {"Exists": False}}, None),
    "that it is there, without a value": ({"amount": {"Exists": True}}, INVALID),
    "nothing, with a value": ({"amount": {"Exists": False, "Value": {"N": "5"}}}, INVALID),
    "both ways": ({"amount": {"Exists": False, **condition("NULL")}}, INVALID),
    "too many values": ({"amount": condition("EQ", {"N": "5"}, {"N": "6"})}, INVALID),
    "values without an operator": ({"amount": {"AttributeValueList": [{"N": "5"}]}}, INVALID),
}


@pytest.mark.parametrize(("expected", "kind"), EXPECTED.values(), ids=EXPECTED)
def test_what_is_expected_decides_over_every_write(full, expected, kind):
    for action, what in (("PutItem", {"Item": ITEM}), ("UpdateItem", {"Key": KEY}), ("DeleteItem", {"Key": KEY})):
        status, answer = full.send(action, {**T, **what, "Expected": expected})
        assert (status, answer.get("__type", "").rpartition("#")[2] or None) == (400 if kind else 200, kind)


def test_updates_of_old_set_add_and_take_away(full):
    updates = {
        "amount": {"Action": "ADD", "Value": {"N": "2"}},
        "tags": {"Action": "DELETE", "Value": {"SS": ["x"]}},
        "words": {"Action": "DELETE"},
        "new": {"Value": {"S": "set"}},
    }
    answer = full.send("UpdateItem", {**T, "Key": KEY, "AttributeUpdates": updates, "ReturnValues": "ALL_NEW"})[1]
    assert answer["Attributes"] == {**KEY, "amount": {"N": "7"}, "tags": {"SS": ["y"]}, "new": {"S": "set"}}
    missing = {"new": {"Action": "PUT"}}
    status, refusal = full.send("UpdateItem", {**T, "Key": KEY, "AttributeUpdates": missing})
    assert (status, "Only DELETE action is allowed" in refusal["message"]) == (400, True)


def test_only_the_attributes_to_get_come_back(full):
    wanted = {"amount": ITEM["amount"]}
    chosen = {"AttributesToGet": ["amount", "none"]}
    assert full.send("GetItem", {**T, "Key": KEY, **chosen})[1]["Item"] == wanted
    assert full.send("Scan", {**T, **chosen})[1]["Items"] == [wanted]
    batch = full.send("BatchGetItem", {"RequestItems": {"things": {"Keys": [KEY], **chosen}}})
    assert batch[1]["Responses"] == {"things": [wanted]}
    status, _ = full.send("GetItem", {**T, "Key": KEY, "AttributesToGet": ["amount", "amount"]})
    assert status == 400
