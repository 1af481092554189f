"""What is wrong with a request is said before any action looks at it, in AWS's words and never by a traceback."""

from __future__ import annotations

from decimal import Decimal

import pytest
from botocore.session import get_session
from hypothesis import given
from hypothesis import strategies as st

from seedbed.dynamo.engines.embedded.parameters import AttributeValueError, normal_number

KEY = {"id": {"S": "a"}}
MODEL = get_session().get_service_model("dynamodb")

NULL = "Value null at '{}' failed to satisfy constraint: Member must not be null"
WRONG = {
    "no table": ("GetItem", {"Key": KEY}, NULL.format("tableName")),
    "neither table nor key": ("GetItem", {}, "2 validation errors detected"),
    "a number for a name": ("GetItem", {"TableName": 1, "Key": KEY}, "NUMBER_VALUE cannot be converted to String"),
    "a list for a name": ("GetItem", {"TableName": [], "Key": KEY}, "Unrecognized collection type"),
    "a map for a name": ("GetItem", {"TableName": {}, "Key": KEY}, "Start of structure"),
    "a truth for a number": ("Scan", {"TableName": "things", "Limit": True}, "TRUE_VALUE cannot be converted"),
    "a text for a number": ("Scan", {"TableName": "things", "Limit": "5"}, "STRING_VALUE cannot be converted"),
    "no rows at all": ("Scan", {"TableName": "things", "Limit": 0}, "greater than or equal to 1"),
    "a text for a truth": ("Query", {"TableName": "things", "ConsistentRead": "no"}, "STRING_VALUE"),
    "no such word": (
        "PutItem",
        {"TableName": "things", "Item": KEY, "ReturnValues": "SOME"},
        "Member must satisfy enum value set",
    ),
    "a list for a map": ("PutItem", {"TableName": "things", "Item": []}, "Start of list"),
    "no kind": ("PutItem", {"TableName": "things", "Item": KEY | {"x": {}}}, "is empty"),
    "two kinds": ("PutItem", {"TableName": "things", "Item": KEY | {"x": {"S": "a", "N": "1"}}}, "more than one"),
    "no such kind": ("PutItem", {"TableName": "things", "Item": KEY | {"x": {"Z": "a"}}}, "is empty"),
    "a number that is one": ("PutItem", {"TableName": "things", "Item": KEY | {"x": {"N": 1}}}, "NUMBER_VALUE"),
    "no number": ("PutItem", {"TableName": "things", "Item": KEY | {"x": {"N": "one"}}}, "numeric value: one"),
    "not nothing": ("PutItem", {"TableName": "things", "Item": KEY | {"x": {"NULL": False}}}, "value of true"),
    "no Base64": ("PutItem", {"TableName": "things", "Item": KEY | {"x": {"B": "?"}}}, "Base64"),
    "no texts": ("PutItem", {"TableName": "things", "Item": KEY | {"x": {"SS": []}}}, "may not be empty"),
    "no numbers": ("PutItem", {"TableName": "things", "Item": KEY | {"x": {"NS": []}}}, "may not be empty"),
    "no byte strings": ("PutItem", {"TableName": "things", "Item": KEY | {"x": {"BS": []}}}, "should not be empty"),
    "a text twice": ("PutItem", {"TableName": "things", "Item": KEY | {"x": {"SS": ["a", "a"]}}}, "duplicates"),
    "a number twice": ("PutItem", {"TableName": "things", "Item": KEY | {"x": {"NS": ["1", "1.0"]}}}, "duplicates"),
    "bytes twice": ("PutItem", {"TableName": "things", "Item": KEY | {"x": {"BS": ["YQ==", "YQ=="]}}}, "duplicates"),
}  # fmt: skip


@pytest.mark.parametrize(("action", "body", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_member_is_named(place, action, body, words):
    status, said = place.send(action, body)
    assert status == 400
    assert words in said["message"]


def test_too_deep_a_value_is_refused(place):
    value = {"S": "a"}
    for _ in range(40):
        value = {"L": [value]}
    _, said = place.send("PutItem", {"TableName": "things", "Item": KEY | {"x": value}})
    assert "Nesting Levels" in said["message"]


OFFERED = [
    "BatchGetItem",
    "BatchWriteItem",
    "CreateTable",
    "DeleteItem",
    "DeleteTable",
    "DescribeTable",
    "GetItem",
    "ListTables",
    "PutItem",
    "Query",
    "Scan",
    "TransactGetItems",
    "TransactWriteItems",
    "UpdateItem",
    "UpdateTable",
    "UpdateTimeToLive",
    "TagResource",
    "UntagResource",
]
ODD = [None, True, -1, 2**70, 1.5, "", "x" * 300, [], [None], {}, {"": None}, {"S": "a"}, [{"S": 1}]]


@pytest.mark.parametrize("action", OFFERED)
def test_whatever_a_member_is_the_answer_is_dynamodb_s_own(place, action):
    """Each member of each operation takes each odd value, beside right ones: no request may break the server."""
    members = MODEL.operation_model(action).input_shape.members
    right = {"TableName": "things", "Key": KEY, "Item": KEY}
    for name in members:
        for odd in ODD:
            status, said = place.send(action, {**{k: v for k, v in right.items() if k in members}, name: odd})
            assert status in {200, 400}, (name, odd, said)
    assert place.send("DescribeLimits", {})[0] == 200


@given(st.decimals(allow_nan=False, allow_infinity=False, places=5, min_value=-(10**9), max_value=10**9))
def test_a_number_keeps_its_value_and_has_one_form(number):
    form = normal_number(str(number))
    assert Decimal(form) == number
    assert normal_number(form) == form
    assert "E" not in form
    assert not form.startswith(("+", "00", "-00"))


FORMS = {"00042": "42", "1.5E2": "150", "-0": "0", "1.0": "1", "+1": "1", ".5": "0.5", "1E-3": "0.001", "5.": "5"}


@pytest.mark.parametrize(("given_", "form"), FORMS.items())
def test_a_number_has_dynamodb_s_form(given_, form):
    assert normal_number(given_) == form


@pytest.mark.parametrize("text", ["1" * 39, "1E126", "1E-131", "-1E126", "1e", "NaN", "Infinity", "", " 1", "1 ", "٣"])
def test_what_dynamodb_does_not_keep_is_refused(text):
    with pytest.raises(AttributeValueError):
        normal_number(text)


@pytest.mark.parametrize("text", ["9" * 38, "1E125", "1E-130", "1" * 38 + "0" * 80])
def test_what_it_keeps_is_taken(text):
    assert Decimal(normal_number(text)) == Decimal(text)
