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


def sought(condition, values=None, **more):
    given = {":i": KEY["id"]} if values is None else values
    values = {"ExpressionAttributeValues": given} if given else {}
    return "Query", {**T, "KeyConditionExpression": condition, **values, **more}


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
    "a filter that is none": (
        ("Scan", {**T, "FilterExpression": "amount ="}), INVALID, "Invalid FilterExpression: Syntax error"),
    "a filter by a reserved name": (
        ("Scan", {**T, "FilterExpression": "attribute_exists(year)"}), INVALID, "Invalid FilterExpression: Attribute name is a reserved"),
    "a condition by no function": (put("foo(words)"), INVALID, "Invalid ConditionExpression: Invalid function name; function: foo"),
    "a condition with too much": (
        put("attribute_exists(words, id)"), INVALID, "operator or function: attribute_exists, number of operands: 2"),
    "a query by a reserved name": (sought("year = :i"), INVALID, "Invalid KeyConditionExpression: Attribute name is a reserved"),
    "no condition on a key": (("Query", T), INVALID, "KeyConditionExpression parameter must be specified"),
    "an index that is not there": (
        ("Query", {**T, "IndexName": "nope", "KeyConditionExpression": "id = :v", "ExpressionAttributeValues": {":v": KEY["id"]}}),
        INVALID, "does not have the specified index: nope"),
    "a query by a name that is not given": (
        ("Query", {**T, "KeyConditionExpression": "#id = :v", "ExpressionAttributeValues": {":v": KEY["id"]}}),
        INVALID, "attribute name: #id"),
    "a query by a value that is not given": (sought("id = :z"), INVALID, "attribute value: :z"),
    "a query by two keys or": (sought("id = :i OR id = :i"), INVALID, "Invalid operator used in KeyConditionExpression: OR"),
    "a query by a size": (sought("id = :i AND size(words) = :i"), INVALID, "KeyConditionExpression: size"),
    "a query by what is not": (sought("NOT id = :i"), INVALID, "KeyConditionExpression: NOT"),
    "a query from a key on": (sought("id > :i"), INVALID, "Query key condition not supported"),
    "a query of another name": (sought("words = :i"), INVALID, "missed key schema element: id"),
    "a query of one key twice": (sought("id = :i AND id = :i"), INVALID, "only contain one condition per key"),
    "a query of three": (sought("id = :i AND a = :i AND b = :i"), INVALID, "length 1 or 2 only"),
    "a query into a document": (sought("tree.a = :i"), INVALID, "nested attributes"),
    "a query of values": (sought(":i = :i"), INVALID, "No key attribute specified"),
    "a query of names": (sought("id = words", {}), INVALID, "Multiple attribute names"),
    "half a query": (sought("id = :i AND"), INVALID, "Invalid KeyConditionExpression: Syntax error"),
    "a query by a number": (sought("id = :i", {":i": {"N": "1"}}), INVALID, "does not match schema type"),
    "a filter by the key": (sought("id = :i", FilterExpression="id = :i"), INVALID, "Primary key attribute: id"),
    "a limit of none": (sought("id = :i", Limit=0), INVALID, "Value at 'Limit' failed to satisfy constraint"),
    "a start at no key": (("Scan", {**T, "ExclusiveStartKey": {"x": {"S": "a"}}}), INVALID, "starting key is invalid"),
    "a start at more than a key": (
        ("Scan", {**T, "ExclusiveStartKey": {**KEY, "x": {"S": "a"}}}), INVALID, "starting key is invalid"),
    "a segment beyond the last": (("Scan", {**T, "Segment": 2, "TotalSegments": 2}), INVALID, "2 is not less than TotalSegments: 2"),
    "a read of half a path": (
        ("TransactGetItems", {"TransactItems": [{"Get": {**T, "Key": {"id": {"S": "none"}}, "ProjectionExpression": "!!!"}}]}),
        INVALID, 'Syntax error; token: "!", near: "!!"'),
    "values without an expression": (("PutItem", {**T, "Item": KEY, "ExpressionAttributeValues": V}), INVALID, "ConditionExpression is null"),
    "an update that is none, with values": (updated("FOO x", V), INVALID, 'token: "FOO", near: "FOO x"'),
    "a table's name with a space": (("Scan", {"TableName": "a table"}), INVALID, "regular expression pattern"),
    "too long a name": (("PutItem", {"TableName": "t" * 256, "Item": KEY}), INVALID, "length less than or equal to 255"),
    "a name of two letters": (("GetItem", {"TableName": "ab", "Key": KEY}), "ResourceNotFoundException", "not found"),
    "too short a name to make": (created(TableName="ab"), INVALID, "at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 3"),
    "no name to make": (created(TableName=None), INVALID, "The parameter 'TableName' is required but was not present"),
    "too short a name": (("DescribeTable", {"TableName": "ab"}), INVALID, "at least 3 characters"),
    "no such table": (("DescribeTimeToLive", {"TableName": "nope"}), "ResourceNotFoundException", "not found"),
    "a key that is not defined": (created(KeySchema=[{"AttributeName": "x", "KeyType": "HASH"}]), INVALID, "not defined"),
    "a sort key first": (created(KeySchema=[{"AttributeName": "id", "KeyType": "RANGE"}]), INVALID, "not a HASH key type"),
    "one name for both keys": (
        created(KeySchema=[{"AttributeName": "id", "KeyType": kind} for kind in ("HASH", "RANGE")]), INVALID, "have no definition"),
    "a type that is none": (
        created(AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "X"}]), INVALID, "enum value set: [B, N, S]"),
    "a local index of another partition key": (
        created(
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "at")],
            LocalSecondaryIndexes=[
                index(KeySchema=[{"AttributeName": "at", "KeyType": "HASH"}, {"AttributeName": "id", "KeyType": "RANGE"}])
            ],
        ),
        INVALID, "index hash key: at, table hash key: id"),
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
        ("UpdateTable", {**T, "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "nope"}}]}), "ResourceNotFoundException", "not found"),
    "units for what is paid by use": (
        ("UpdateTable", {**T, "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}),
        INVALID, "PAY_PER_REQUEST"),
    "what is off already": (
        ("UpdateTimeToLive", {**T, "TimeToLiveSpecification": {"Enabled": False, "AttributeName": "at"}}),
        INVALID, "TimeToLive is already disabled"),
    "a time to live of no table": (
        ("UpdateTimeToLive", {"TableName": "nope", "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "at"}}),
        "ResourceNotFoundException", "Table: nope not found"),
    "a tag of what is no table": (
        ("TagResource", {"ResourceArn": "no-arn", "Tags": [{"Key": "a", "Value": "b"}]}), INVALID, "Invalid TableArn"),
    "a tag of no table": (
        ("TagResource", {"ResourceArn": "arn:aws:dynamodb:us-east-1:000000000000:table/nope", "Tags": [{"Key": "a", "Value": "b"}]}),
        "ResourceNotFoundException", "table/nope not found"),
    "provisioned for nothing": (("UpdateTable", {**T, "BillingMode": "PROVISIONED"}), INVALID, "must be specified"),
    "no rows to write": (("BatchWriteItem", {"RequestItems": {}}), INVALID, "The requestItems parameter is required for BatchWriteItem"),
    "no rows to read": (("BatchGetItem", {"RequestItems": {}}), INVALID, "The requestItems parameter is required for BatchGetItem"),
    "too many rows to write": (
        ("BatchWriteItem", {"RequestItems": {"things": [{"DeleteRequest": {"Key": {"id": {"S": str(n)}}}} for n in range(26)]}}),
        INVALID, "Map value must satisfy constraint: [Member must have length less than or equal to 25"),
    "too many rows to read": (
        ("BatchGetItem", {"RequestItems": {"things": {"Keys": [{"id": {"S": str(n)}} for n in range(101)]}}}),
        INVALID, "'RequestItems.things.member.Keys' failed to satisfy constraint: Member must have length less than or equal to 100"),
    "too many rows over two tables": (
        ("BatchGetItem", {"RequestItems": {
            name: {"Keys": [{"id": {"S": str(n)}} for n in range(60)]} for name in ("things", "others")}}),
        INVALID, "Too many items requested for the BatchGetItem call"),
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


@pytest.mark.parametrize("condition", ["id = :i", "(id = :i)", ":i = id", "#i = :i"])
def test_a_key_condition_is_read_however_it_is_written(full, condition):
    names = {"ExpressionAttributeNames": {"#i": "id"}} if "#" in condition else {}
    assert full.send(*sought(condition, **names))[1]["Items"] == [ITEM]


ROW = {"who": {"S": "Ada"}, "num": {"N": "5"}}
SORTED = {
    "num = :a AND who = :w": [5],
    "who = :w and :a < num": [7, 9],
    "who = :w AND num BETWEEN :a AND :b": [5, 7],
    "(who = :w) AND (num >= :a)": [5, 7, 9],
}


@pytest.fixture
def sorted_rows(place):
    keys = [{"AttributeName": "who", "KeyType": "HASH"}, {"AttributeName": "num", "KeyType": "RANGE"}]
    types = [{"AttributeName": name, "AttributeType": kind} for name, kind in (("who", "S"), ("num", "N"))]
    assert place.send(*created(KeySchema=keys, AttributeDefinitions=types))[0] == 200
    for number in (1, 5, 7, 9):
        assert place.send("PutItem", {"TableName": "new", "Item": {**ROW, "num": {"N": str(number)}}})[0] == 200
    return place


@pytest.mark.parametrize(("condition", "wanted"), SORTED.items(), ids=SORTED)
def test_both_parts_of_a_key_are_read_in_any_order(sorted_rows, condition, wanted):
    values = {":w": {"S": "Ada"}, ":a": {"N": "5"}, ":b": {"N": "8"}}
    used = {name: value for name, value in values.items() if name in condition}
    query = {"TableName": "new", "KeyConditionExpression": condition, "ExpressionAttributeValues": used}
    status, answer = sorted_rows.send("Query", query)
    assert status == 200, answer
    assert [int(item["num"]["N"]) for item in answer["Items"]] == wanted


UNSORTED = {
    "who = :w AND num BETWEEN :a AND :b": "upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:9}",
    "who = :w AND begins_with(num, :a)": "operator or function: begins_with, operand type: N",
    "who = :w AND num = :s": "does not match schema type",
    "who = :w AND song = :a": "missed key schema element: num",
    "num = :a": "missed key schema element: who",
    "who = :w AND begins_with(:s, num)": "must have the key attribute as its first operand",
}


@pytest.mark.parametrize(("condition", "words"), UNSORTED.items(), ids=UNSORTED)
def test_a_condition_on_a_sort_key_that_cannot_be_followed_is_refused(sorted_rows, condition, words):
    values = {":w": {"S": "Ada"}, ":a": {"N": "9"}, ":b": {"N": "1"}, ":s": {"S": "text"}}
    used = {name: value for name, value in values.items() if name in condition}
    query = {"TableName": "new", "KeyConditionExpression": condition, "ExpressionAttributeValues": used}
    status, answer = sorted_rows.send("Query", query)
    assert (status, answer["__type"].rpartition("#")[2]) == (400, INVALID)
    assert words in answer["message"]


def test_a_second_index_needs_no_definitions_of_the_first(full):
    for name, kind in (("first", "S"), ("second", "N")):
        making = index(IndexName=f"by_{name}", KeySchema=[{"AttributeName": name, "KeyType": "HASH"}])
        types = [{"AttributeName": name, "AttributeType": kind}]
        changed = full.send(
            "UpdateTable", {**T, "AttributeDefinitions": types, "GlobalSecondaryIndexUpdates": [{"Create": making}]}
        )
        assert changed[0] == 200, changed
    table = full.send("DescribeTable", T)[1]["Table"]
    assert [one["IndexName"] for one in table["GlobalSecondaryIndexes"]] == ["by_first", "by_second"]
    again = {"Create": index(IndexName="by_first", KeySchema=[{"AttributeName": "first", "KeyType": "HASH"}])}
    status, answer = full.send("UpdateTable", {**T, "GlobalSecondaryIndexUpdates": [again]})
    assert (status, answer["message"]) == (400, "Attempting to create an index which already exists")


def test_units_that_a_table_has_already_are_refused(full):
    units = {"ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}}
    paid = {"TableName": "new", "BillingMode": "PROVISIONED", **units}
    assert full.send(*created(**paid))[0] == 200
    status, answer = full.send("UpdateTable", paid)
    assert status == 400
    assert answer["message"].startswith("The provisioned throughput for the table will not change.")
    more = {"ProvisionedThroughput": {"ReadCapacityUnits": 6, "WriteCapacityUnits": 5}}
    assert full.send("UpdateTable", {"TableName": "new", **more})[0] == 200


def test_a_tag_takes_the_place_of_the_one_of_its_key(full):
    arn = {"ResourceArn": full.send("DescribeTable", T)[1]["Table"]["TableArn"]}
    for value in ("test", "production"):
        full.send("TagResource", {**arn, "Tags": [{"Key": "env", "Value": value}]})
    assert full.send("ListTagsOfResource", arn)[1]["Tags"] == [{"Key": "env", "Value": "production"}]


def test_binary_begins_with_binary(full):
    scan = {
        **T,
        "FilterExpression": "begins_with(#b, :b) AND attribute_exists(id)",
        "ExpressionAttributeNames": {"#b": "blob"},
    }
    assert full.send("Scan", {**scan, "ExpressionAttributeValues": {":b": {"B": "AA=="}}})[1]["Count"] == 1
    assert full.send("Scan", {**scan, "ExpressionAttributeValues": {":b": {"B": "/w=="}}})[1]["Count"] == 0
