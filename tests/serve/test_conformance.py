"""What a served engine answers is what AWS answers: in what it takes, and in how it names what it refuses."""

# ruff: noqa: E501 - a table of requests, each on its line
from __future__ import annotations

import pytest

T = {"TableName": "things"}
KEY = {"id": {"S": "a"}}
ITEM = {
    **KEY,
    "words": {"S": "text"},
    "amount": {"N": "5"},
    "blob": {"B": "AP8="},
    "parts": {"L": [{"S": "x"}, {"N": "1"}, {"M": {"k": {"S": "v"}}}]},
    "tree": {"M": {"a": {"N": "1"}, "b": {"M": {"c": {"S": "deep"}}}}},
}
INVALID, CANCELLED, FAILED = "ValidationException", "TransactionCanceledException", "ConditionalCheckFailedException"


@pytest.fixture
def full(place):
    assert place.send("PutItem", {**T, "Item": ITEM})[0] == 200
    return place


PROJECTIONS = {
    "words": ({"words": {"S": "text"}}, {}),
    "parts[0]": ({"parts": {"L": [{"S": "x"}]}}, {}),
    "parts[1], parts[0]": ({"parts": {"L": [{"S": "x"}, {"N": "1"}]}}, {}),
    "#p[2].#k": ({"parts": {"L": [{"M": {"k": {"S": "v"}}}]}}, {"#p": "parts", "#k": "k"}),
    "tree.b.c, tree.a": ({"tree": ITEM["tree"]}, {}),
    "parts[9], nothing, words.deep, parts[1].x": ({}, {}),
}


@pytest.mark.parametrize(("expression", "wanted"), PROJECTIONS.items(), ids=PROJECTIONS)
def test_a_projection_takes_what_its_paths_name(full, expression, wanted):
    item, names = wanted
    asked = {"ProjectionExpression": expression} | ({"ExpressionAttributeNames": names} if names else {})
    assert full.send("GetItem", {**T, "Key": KEY, **asked})[1]["Item"] == item
    assert full.send("Scan", {**T, **asked})[1]["Items"] == [item]
    batch = full.send("BatchGetItem", {"RequestItems": {"things": {"Keys": [KEY], **asked}}})
    assert batch[1]["Responses"]["things"] == [item]


def got(**more):
    return "GetItem", {**T, "Key": KEY, **more}


def put(condition, values=None, **more):
    given = {} if values is None else {"ExpressionAttributeValues": values}
    return "PutItem", {**T, "Item": KEY, "ConditionExpression": condition, **given, **more}


def updated(expression, values=None):
    given = {} if values is None else {"ExpressionAttributeValues": values}
    return "UpdateItem", {**T, "Key": KEY, "UpdateExpression": expression, **given}


def written(*items):
    return "TransactWriteItems", {"TransactItems": [*items]}


def created(**more):
    plain = {
        "TableName": "new",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    return "CreateTable", plain | more


def index(**more):
    plain = {
        "IndexName": "by_id",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    return plain | more


V = {":v": {"N": "1"}}
GET = {"Get": {**T, "Key": KEY}}
REFUSED = {
    "a name that is not given": (got(ProjectionExpression="#x"), INVALID, "not defined; attribute name: #x"),
    "a name that is not used": (
        got(ProjectionExpression="words", ExpressionAttributeNames={"#x": "y"}), INVALID, "unused in expressions: keys: {#x}"),
    "a name without its sign": (
        got(ProjectionExpression="words", ExpressionAttributeNames={"x": "y"}), INVALID, 'Syntax error; key: "x"'),
    "names without an expression": (got(ExpressionAttributeNames={"#x": "y"}), INVALID, "only be specified when using"),
    "a reserved name": (got(ProjectionExpression="name"), INVALID, "reserved keyword; reserved keyword: name"),
    "a path twice": (got(ProjectionExpression="tree, tree.a"), INVALID, "paths overlap with each other"),
    "half a path": (got(ProjectionExpression="tree."), INVALID, "Syntax error"),
    "no path": (got(ProjectionExpression=" "), INVALID, "The expression can not be empty"),
    "two dots": (got(ProjectionExpression="a..b"), INVALID, "Syntax error"),
    "a negative place": (got(ProjectionExpression="parts[-1]"), INVALID, "Syntax error"),
    "an empty key": (("GetItem", {**T, "Key": {"id": {"S": ""}}}), INVALID, "cannot contain an empty string value"),
    "too long a key": (("DeleteItem", {**T, "Key": {"id": {"S": "k" * 2049}}}), INVALID, "maximum size limit"),
    "another's key": (("GetItem", {**T, "Key": {"x": {"S": "a"}}}), INVALID, "does not match the schema"),
    "a value that is not given": (put("amount = :v"), INVALID, "attribute value: :v"),
    "a value that is not used": (put("attribute_exists(id)", V), INVALID, "unused in expressions: keys: {:v}"),
    "no condition": (put(""), INVALID, "Invalid ConditionExpression: The expression can not be empty"),
    "both ways to say it": (put("attribute_exists(id)", Expected={}), INVALID, "Can not use both expression and"),
    "a text that is no number": (put("amount < :v", {":v": {"S": "9"}}), FAILED, ""),
    "the size of a number": (put("size(amount) = :v", V), FAILED, ""),
    "the size of nothing": (put("size(nothing) > :v", V), FAILED, ""),
    "a sum of too many digits": (updated("ADD amount :v", {":v": {"N": "0." + "1" * 38}}), INVALID, "significant digits"),
    "another key": (updated("SET id = :v", {":v": {"S": "b"}}), INVALID, "part of the key"),
    "an update that is none": (updated("FOO x"), INVALID, "Syntax error"),
    "a row that is read twice": (("TransactGetItems", {"TransactItems": [GET, GET]}), INVALID, "multiple operations on one"),
    "a row that is written twice": (
        written({"Put": {**T, "Item": KEY}}, {"Delete": {**T, "Key": KEY}}), INVALID, "multiple operations on one"),
    "two actions in one": (written({"Put": {**T, "Item": KEY}, "Delete": {**T, "Key": KEY}}), INVALID, "only contain one of"),
    "a key that is none": (written({"Delete": {**T, "Key": {"x": {"S": "a"}}}}), CANCELLED, "[ValidationError]"),
    "a read of a key that is none": (
        ("TransactGetItems", {"TransactItems": [{"Get": {**T, "Key": {"x": {"S": "a"}}}}]}), CANCELLED, "[ValidationError]"),
    "an update of the wrong type": (
        written({"Update": {**T, "Key": KEY, "UpdateExpression": "SET words = words + :v", "ExpressionAttributeValues": V}}),
        CANCELLED, "[ValidationError]"),
    "no condition on a key": (("Query", T), INVALID, "KeyConditionExpression parameter must be specified"),
    "an index that is not there": (
        ("Query", {**T, "IndexName": "nope", "KeyConditionExpression": "id = :v", "ExpressionAttributeValues": {":v": KEY["id"]}}),
        INVALID, "does not have the specified index: nope"),
    "a query by a name that is not given": (
        ("Query", {**T, "KeyConditionExpression": "#id = :v", "ExpressionAttributeValues": {":v": KEY["id"]}}),
        INVALID, "attribute name: #id"),
    "a table's name with a space": (("Scan", {"TableName": "a table"}), INVALID, "regular expression pattern"),
    "too short a name": (("DescribeTable", {"TableName": "ab"}), INVALID, "at least 3 characters"),
    "no such table": (("DescribeTimeToLive", {"TableName": "nope"}), "ResourceNotFoundException", "not found"),
    "a key that is not defined": (created(KeySchema=[{"AttributeName": "x", "KeyType": "HASH"}]), INVALID, "not defined"),
    "a sort key first": (created(KeySchema=[{"AttributeName": "id", "KeyType": "RANGE"}]), INVALID, "not a HASH key type"),
    "one name for both keys": (
        created(KeySchema=[{"AttributeName": "id", "KeyType": kind} for kind in ("HASH", "RANGE")]), INVALID, "same name"),
    "two indexes of one name": (created(GlobalSecondaryIndexes=[index(), index()]), INVALID, "Duplicate index name"),
    "an index of nothing": (created(GlobalSecondaryIndexes=[index(Projection={})]), INVALID, "Unknown ProjectionType"),
    "an index that includes nothing": (
        created(GlobalSecondaryIndexes=[index(Projection={"ProjectionType": "INCLUDE"})]), INVALID, "NonKeyAttributes is not"),
    "a local index without a sort key": (created(LocalSecondaryIndexes=[index()]), INVALID, "does not have a range key"),
    "paid for and not": (
        created(ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}), INVALID, "PAY_PER_REQUEST"),
    "no change": (("UpdateTable", T), INVALID, "At least one of"),
    "a change of nothing": (("UpdateTable", {**T, "GlobalSecondaryIndexUpdates": [{}]}), INVALID, "must not be null"),
    "an index on what is not defined": (
        ("UpdateTable", {**T, "GlobalSecondaryIndexUpdates": [{"Create": index(KeySchema=[{"AttributeName": "q", "KeyType": "HASH"}])}]}),
        INVALID, "not defined in AttributeDefinitions"),
    "an index that is not there to delete": (
        ("UpdateTable", {**T, "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "nope"}}]}), INVALID, "nope"),
    "provisioned for nothing": (("UpdateTable", {**T, "BillingMode": "PROVISIONED"}), INVALID, "must be specified"),
    "no rows to write": (("BatchWriteItem", {"RequestItems": {}}), INVALID, "greater than or equal to 1"),
    "an old filter": (("Scan", {**T, "ScanFilter": {"x": {"ComparisonOperator": "NULL"}}}), INVALID, "does not serve ScanFilter"),
}  # fmt: skip


@pytest.mark.parametrize(("request_", "kind", "words"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_together_is_refused_in_aws_s_words(full, request_, kind, words):
    status, said = full.send(*request_)
    assert (status, said.get("__type", "").rpartition("#")[2]) == (400, kind)
    assert words in (said.get("message") or said.get("Message") or "")
    assert full.send(*got())[1]["Item"] == ITEM


def test_tables_are_listed_by_name_from_behind_any_name(full):
    for name in ("zebra", "apple"):
        assert full.send(*created(TableName=name))[0] == 200
    assert full.send("ListTables", {})[1]["TableNames"] == ["apple", "things", "zebra"]
    first = full.send("ListTables", {"Limit": 2})[1]
    assert first == {"TableNames": ["apple", "things"], "LastEvaluatedTableName": "things"}
    assert full.send("ListTables", {"ExclusiveStartTableName": "mango"})[1]["TableNames"] == ["things", "zebra"]


def test_an_update_that_changes_nothing_makes_the_row(full):
    assert full.send("UpdateItem", {**T, "Key": {"id": {"S": "new"}}})[0] == 200
    assert full.send("GetItem", {**T, "Key": {"id": {"S": "new"}}})[1]["Item"] == {"id": {"S": "new"}}
    assert full.send("UpdateItem", {**T, "Key": KEY})[0] == 200
    assert full.send(*got())[1]["Item"] == ITEM
