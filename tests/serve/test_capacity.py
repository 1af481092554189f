"""What a request took is told where it is asked for, by AWS's rules: reads by 4 KB, writes by 1 KB, indexes too."""

from __future__ import annotations

import pytest

T = {"TableName": "songs"}
TOTAL, INDEXES = ({"ReturnConsumedCapacity": level} for level in ("TOTAL", "INDEXES"))
KEYS = [{"AttributeName": "singer", "KeyType": "HASH"}, {"AttributeName": "number", "KeyType": "RANGE"}]


def index(name, *keys, **projection):
    schema = [{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)]
    return {"IndexName": name, "KeySchema": schema, "Projection": projection}


@pytest.fixture
def songs(place):
    place.engine.client.create_table(
        **T,
        KeySchema=KEYS,
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": kind}
            for name, kind in (("singer", "S"), ("number", "N"), ("genre", "S"))
        ],
        GlobalSecondaryIndexes=[index("by_genre", "genre", ProjectionType="KEYS_ONLY")],
        LocalSecondaryIndexes=[index("of_singer", "singer", "genre", ProjectionType="ALL")],
        BillingMode="PAY_PER_REQUEST",
    )
    return place


def key(number=1, singer="Ada"):
    return {"singer": {"S": singer}, "number": {"N": str(number)}}


def song(size_bytes=0, *, genre=None, number=1):
    extra = {} if genre is None else {"genre": {"S": genre}}
    return {**key(number), **extra, "text": {"S": "x" * size_bytes}}


def used(songs, action, request):
    status, answer = songs.send(action, request)
    assert status == 200, answer
    return answer["ConsumedCapacity"]


def put(songs, item):
    return used(songs, "PutItem", {**T, "Item": item, **INDEXES})


def updated(songs, expression, value, **more):
    values = {"ExpressionAttributeValues": {":v": {"S": value}}}
    return used(songs, "UpdateItem", {**T, "Key": key(), "UpdateExpression": expression, **values, **more})


def units(amount, **more):
    return {"CapacityUnits": amount, **more}


def test_nobody_who_does_not_ask_is_told(songs):
    batch = {"RequestItems": {"songs": [{"PutRequest": {"Item": song()}}]}}
    assert songs.send("PutItem", {**T, "Item": song()}) == (200, {})
    assert songs.send("BatchWriteItem", {**batch, "ReturnConsumedCapacity": "NONE"}) == (200, {"UnprocessedItems": {}})
    assert songs.send("TransactWriteItems", {"TransactItems": [{"Put": {**T, "Item": song()}}]}) == (200, {})


@pytest.mark.parametrize(("size_bytes", "wanted"), [(0, 1), (900, 1), (1100, 2), (9000, 9)])
def test_a_put_takes_a_unit_for_each_kilobyte(songs, size_bytes, wanted):
    assert used(songs, "PutItem", {**T, "Item": song(size_bytes), **TOTAL}) == {"TableName": "songs", **units(wanted)}


def test_a_write_is_measured_by_the_larger_of_before_and_after(songs):
    put(songs, song(3000))
    assert (
        updated(songs, "SET #t = :v", "short", ExpressionAttributeNames={"#t": "text"}, **TOTAL)["CapacityUnits"] == 3
    )
    assert updated(songs, "SET #t = :v", "shorter", ExpressionAttributeNames={"#t": "text"}, **TOTAL) == {
        "TableName": "songs",
        **units(1),
    }


def test_indexes_are_told_by_name_and_counted_in_the_total(songs):
    assert put(songs, song(3000, genre="folk")) == {
        "TableName": "songs",
        **units(7),
        "Table": units(3),
        "LocalSecondaryIndexes": {"of_singer": units(3)},
        "GlobalSecondaryIndexes": {"by_genre": units(1)},
    }


def test_an_entry_that_moves_is_taken_out_and_put_in(songs):
    put(songs, song(genre="folk"))
    moved = updated(songs, "SET genre = :v", "jazz", **INDEXES)
    assert moved["GlobalSecondaryIndexes"] == {"by_genre": units(2)}
    assert moved["CapacityUnits"] == 5


def test_an_index_that_holds_nothing_of_the_change_takes_nothing(songs):
    put(songs, song(genre="folk"))
    changed = updated(songs, "SET mood = :v", "gay", **INDEXES)
    assert "GlobalSecondaryIndexes" not in changed
    assert changed["LocalSecondaryIndexes"] == {"of_singer": units(1)}
    assert "LocalSecondaryIndexes" not in put(songs, song(number=2))


@pytest.mark.parametrize(
    ("size_bytes", "strong", "wanted"), [(0, False, 0.5), (0, True, 1), (4200, False, 1), (4200, True, 2)]
)
def test_a_get_takes_half_a_unit_for_each_four_kilobytes_unless_it_is_consistent(songs, size_bytes, strong, wanted):
    put(songs, song(size_bytes))
    assert used(songs, "GetItem", {**T, "Key": key(), "ConsistentRead": strong, **TOTAL})["CapacityUnits"] == wanted


def test_a_get_of_nothing_takes_the_least(songs):
    assert used(songs, "GetItem", {**T, "Key": key(), **INDEXES}) == {
        "TableName": "songs",
        **units(0.5),
        "Table": units(0.5),
    }


def test_a_query_takes_what_it_looks_at_together_and_not_what_it_returns(songs):
    for number in range(10):
        put(songs, song(1000, number=number))
    query = {**T, "KeyConditionExpression": "singer = :s", "ExpressionAttributeValues": {":s": {"S": "Ada"}}, **TOTAL}
    assert used(songs, "Query", query)["CapacityUnits"] == 1.5
    assert used(songs, "Query", {**query, "Select": "COUNT", "ConsistentRead": True})["CapacityUnits"] == 3
    assert used(songs, "Scan", {**T, "FilterExpression": "attribute_exists(nothing)", **TOTAL})["CapacityUnits"] == 1.5
    assert used(songs, "Query", {**query, "ExpressionAttributeValues": {":s": {"S": "Bo"}}})["CapacityUnits"] == 0.5


def test_an_index_is_read_by_the_size_of_its_entries(songs):
    for number in range(4):
        put(songs, song(5000, number=number, genre="folk"))
    query = {"KeyConditionExpression": "genre = :g", "ExpressionAttributeValues": {":g": {"S": "folk"}}}
    assert used(songs, "Query", {**T, "IndexName": "by_genre", **query, **INDEXES}) == {
        "TableName": "songs",
        **units(0.5),
        "Table": units(0),
        "GlobalSecondaryIndexes": {"by_genre": units(0.5)},
    }
    whole = used(songs, "Scan", {**T, "IndexName": "of_singer", **INDEXES})
    assert whole["LocalSecondaryIndexes"] == {"of_singer": units(2.5)}


def test_a_batch_is_told_by_tables_and_each_of_its_rows_is_measured_alone(songs):
    writes = [{"PutRequest": {"Item": song(1100)}}, {"DeleteRequest": {"Key": key(2)}}]
    things = [{"PutRequest": {"Item": {"id": {"S": "a"}}}}]
    written = used(songs, "BatchWriteItem", {"RequestItems": {"songs": writes, "things": things}, **TOTAL})
    assert written == [{"TableName": "songs", **units(3)}, {"TableName": "things", **units(1)}]
    asked = {"songs": {"Keys": [key(), key(9)]}, "things": {"Keys": [{"id": {"S": "a"}}], "ConsistentRead": True}}
    read = used(songs, "BatchGetItem", {"RequestItems": asked, **TOTAL})
    assert read == [{"TableName": "songs", **units(1)}, {"TableName": "things", **units(1)}]


def test_a_transaction_takes_twice_as_much_and_says_of_which_kind(songs):
    check = {"ConditionCheck": {**T, "Key": key(), "ConditionExpression": "attribute_exists(singer)"}}
    put(songs, song())
    request = {"TransactItems": [{"Put": {**T, "Item": song(1100, number=2)}}, check], **INDEXES}
    six = units(6, WriteCapacityUnits=6)
    assert used(songs, "TransactWriteItems", request) == [{"TableName": "songs", **six, "Table": six}]
    gets = {"TransactItems": [{"Get": {**T, "Key": key()}}, {"Get": {**T, "Key": key(8)}}], **TOTAL}
    assert used(songs, "TransactGetItems", gets) == [{"TableName": "songs", **units(4, ReadCapacityUnits=4)}]


def test_a_transaction_that_comes_again_with_its_token_only_reads(songs):
    request = {"TransactItems": [{"Put": {**T, "Item": song(1100)}}], "ClientRequestToken": "once", **TOTAL}
    assert used(songs, "TransactWriteItems", request) == [{"TableName": "songs", **units(4, WriteCapacityUnits=4)}]
    assert used(songs, "TransactWriteItems", request) == [{"TableName": "songs", **units(2, ReadCapacityUnits=2)}]


def test_what_is_refused_is_refused_as_without_the_question(songs):
    missing = {"TransactItems": [{"Delete": {**T, "Key": {"singer": {"S": "Ada"}}}}]}
    for request in (missing, {"TransactItems": [{"Put": {"TableName": "none", "Item": song()}}]}):
        assert songs.send("TransactWriteItems", {**request, **TOTAL}) == songs.send("TransactWriteItems", request)


def test_item_collections_are_told_of_tables_with_local_indexes_only(songs):
    size = {"ReturnItemCollectionMetrics": "SIZE"}
    collection = {"ItemCollectionKey": {"singer": {"S": "Ada"}}, "SizeEstimateRangeGB": [0, 1]}
    assert songs.send("PutItem", {**T, "Item": song(), **size})[1] == {"ItemCollectionMetrics": collection}
    assert songs.send("PutItem", {"TableName": "things", "Item": {"id": {"S": "a"}}, **size})[1] == {}
    writes = [{"PutRequest": {"Item": song()}}, {"DeleteRequest": {"Key": key(2)}}]
    batch = songs.send("BatchWriteItem", {"RequestItems": {"songs": writes}, **size})[1]
    assert batch["ItemCollectionMetrics"] == {"songs": [collection]}
