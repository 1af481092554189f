"""What AWS checks and remembers, and plain moto does not."""

from __future__ import annotations

from itertools import count

import pytest
from botocore.exceptions import ClientError

from seedbed.dynamo.engines.embedded.tokens import WINDOW_SECONDS, TokenMemory

COUNTER = {"PK": {"S": "A"}, "SK": {"S": "counter"}}


def add_one(token=None, number="1"):
    update = {
        "TableName": "social",
        "Key": COUNTER,
        "UpdateExpression": "ADD likes :n",
        "ExpressionAttributeValues": {":n": {"N": number}},
    }
    token_parameter = {} if token is None else {"ClientRequestToken": token}
    return {"TransactItems": [{"Update": update}], **token_parameter}


def likes(client):
    return client.get_item(TableName="social", Key=COUNTER)["Item"]["likes"]["N"]


def put(number, **attributes):
    return {"PK": {"S": "A"}, "SK": {"S": f"row{number:03}"}, **attributes}


def error_of(call, **parameters):
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return caught.value.response["Error"]["Code"]


def test_the_same_token_and_request_count_once(client):
    client.transact_write_items(**add_one("token"))
    client.transact_write_items(**add_one("token"))

    assert likes(client) == "1"


def test_without_a_token_each_request_counts(client):
    client.transact_write_items(**add_one())
    client.transact_write_items(**add_one())

    assert likes(client) == "2"


def test_the_same_token_with_another_request_is_refused(client):
    client.transact_write_items(**add_one("token"))

    refused = error_of(client.transact_write_items, **add_one("token", number="2"))

    assert refused == "IdempotentParameterMismatchException"
    assert likes(client) == "1"


def test_a_token_of_a_cancelled_transaction_is_free(client):
    check = {"TableName": "social", "Key": COUNTER, "ConditionExpression": "attribute_exists(PK)"}
    request = {"TransactItems": [{"ConditionCheck": check}], "ClientRequestToken": "token"}
    assert error_of(client.transact_write_items, **request) == "TransactionCanceledException"

    client.transact_write_items(**add_one("token"))

    assert likes(client) == "1"


def test_a_token_is_remembered_for_ten_minutes_from_its_success():
    now = [0.0]
    memory = TokenMemory(clock=lambda: now[0])
    memory.remember("token", b"request")

    now[0] = WINDOW_SECONDS - 1
    assert memory.was_done("token", b"request")
    now[0] = WINDOW_SECONDS
    assert not memory.was_done("token", b"another request")


def test_a_transaction_holds_100_actions_and_no_more(client, all_rows):
    puts = [{"Put": {"TableName": "social", "Item": put(number)}} for number in range(101)]

    assert error_of(client.transact_write_items, TransactItems=puts) == "ValidationException"
    assert all_rows(client) == []

    client.transact_write_items(TransactItems=puts[:100])
    assert len(all_rows(client)) == 100


def test_a_transaction_holds_4_mb_and_no_more(client, all_rows):
    large = {"text": {"S": "x" * 390_000}}
    puts = [{"Put": {"TableName": "social", "Item": put(number, **large)}} for number in range(11)]

    assert error_of(client.transact_write_items, TransactItems=puts) == "ValidationException"
    assert all_rows(client) == []

    client.transact_write_items(TransactItems=puts[:10])
    assert len(all_rows(client)) == 10


def test_a_batch_holds_25_writes_and_no_more(client, all_rows):
    writes = [{"PutRequest": {"Item": put(number)}} for number in range(26)]

    assert error_of(client.batch_write_item, RequestItems={"social": writes}) == "ValidationException"
    assert all_rows(client) == []

    client.batch_write_item(RequestItems={"social": writes[:25]})
    assert len(all_rows(client)) == 25


@pytest.mark.parametrize(
    "second", [{"PutRequest": {"Item": put(1, likes={"N": "1"})}}, {"DeleteRequest": {"Key": put(1)}}]
)
def test_a_batch_names_no_key_twice(client, all_rows, second):
    writes = [{"PutRequest": {"Item": put(1)}}, second]

    assert error_of(client.batch_write_item, RequestItems={"social": writes}) == "ValidationException"
    assert all_rows(client) == []


def test_a_wrong_row_in_a_batch_leaves_the_others_unwritten(client, all_rows):
    writes = [{"PutRequest": {"Item": put(1)}}, {"PutRequest": {"Item": {"PK": {"S": "A"}}}}]

    assert error_of(client.batch_write_item, RequestItems={"social": writes}) == "ValidationException"
    assert all_rows(client) == []


def test_a_batch_reads_100_keys_and_no_more(client):
    keys = [put(number) for number in range(101)]

    assert error_of(client.batch_get_item, RequestItems={"social": {"Keys": keys}}) == "ValidationException"
    assert client.batch_get_item(RequestItems={"social": {"Keys": keys[:100]}})["Responses"] == {"social": []}


def test_an_index_key_has_the_type_of_its_definition(client, all_rows):
    item = put(1, GSI1PK={"N": "1"}, GSI1SK={"S": "x"})

    assert error_of(client.put_item, TableName="social", Item=item) == "ValidationException"
    assert all_rows(client) == []


@pytest.mark.parametrize(
    "key", [{"PK": {"S": "A"}}, {"PK": {"S": "A"}, "SK": {"N": "1"}}, {**COUNTER, "more": {"S": "x"}}]
)
def test_a_key_must_be_the_tables(client, key):
    assert error_of(client.get_item, TableName="social", Key=key) == "ValidationException"


def test_an_update_that_fails_halfway_changes_nothing(client):
    client.put_item(TableName="social", Item={**COUNTER, "caption": {"S": "hi"}})
    values = {":n": {"N": "1"}}
    update = {"UpdateExpression": "ADD likes :n, caption :n", "ExpressionAttributeValues": values}

    assert error_of(client.update_item, TableName="social", Key=COUNTER, **update) == "ValidationException"

    assert client.get_item(TableName="social", Key=COUNTER)["Item"] == {**COUNTER, "caption": {"S": "hi"}}


def test_an_operation_without_an_answer_is_served(client):
    arn = client.describe_table(TableName="social")["Table"]["TableArn"]

    client.tag_resource(ResourceArn=arn, Tags=[{"Key": "made-by", "Value": "seed"}])

    assert client.list_tags_of_resource(ResourceArn=arn)["Tags"] == [{"Key": "made-by", "Value": "seed"}]


def test_an_operation_that_the_engine_does_not_serve_is_refused(client):
    assert error_of(client.list_backups) == "UnknownOperationException"


def test_an_index_made_later_holds_the_rows_of_before(client):
    numbers = count()
    for word in ("b", "a", "c"):
        client.put_item(TableName="social", Item=put(next(numbers), word={"S": word}, all={"S": "all"}))
    index = {
        "IndexName": "words",
        "KeySchema": [
            {"AttributeName": "all", "KeyType": "HASH"},
            {"AttributeName": "word", "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["likes"]},
    }
    names = ("PK", "SK", "GSI1PK", "GSI1SK", "all", "word")

    client.update_table(
        TableName="social",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        GlobalSecondaryIndexUpdates=[{"Create": index}],
    )

    query = {"KeyConditionExpression": "#a = :all", "ExpressionAttributeNames": {"#a": "all"}}
    read = client.query(
        TableName="social", IndexName="words", **query, ExpressionAttributeValues={":all": {"S": "all"}}
    )
    assert [item["word"]["S"] for item in read["Items"]] == ["a", "b", "c"]
