"""What a call costs, counted in rows and keys that it looks at, not in time: a bigger table adds nothing."""

from __future__ import annotations

import copy
import sys
import tracemalloc
from collections import Counter

import pytest

from seedbed.dynamo import ordered, packed
from seedbed.dynamo.engines import embedded_engine
from seedbed.dynamo.engines.embedded import rows

SIZES = (40, 400)


def _row(number):
    return {
        "PK": {"S": f"P{number // 20}"},
        "SK": {"S": f"S{number % 20:02}"},
        "GSI1PK": {"S": f"G{number // 20}"},
        "GSI1SK": {"S": f"{number:05}"},
    }


def _like(client, number):
    put = {"TableName": "social", "Item": {"PK": {"S": "P1"}, "SK": {"S": f"like{number}"}}}
    update = {
        "TableName": "social",
        "Key": {"PK": {"S": "P1"}, "SK": {"S": "S05"}},
        "UpdateExpression": "ADD likes :n",
        "ExpressionAttributeValues": {":n": {"N": "1"}},
    }
    client.transact_write_items(TransactItems=[{"Put": put}, {"Update": update}])


def _refused(client, _):
    put = {"TableName": "social", "Item": {"PK": {"S": "P1"}, "SK": {"S": "new"}}}
    check = {"TableName": "social", "Key": {"PK": {"S": "no"}, "SK": {"S": "no"}}}
    check["ConditionExpression"] = "attribute_exists(PK)"
    with pytest.raises(client.exceptions.TransactionCanceledException):
        client.transact_write_items(TransactItems=[{"Put": put}, {"ConditionCheck": check}])


def _query(client, _):
    values = {":p": {"S": "P1"}, ":s": {"S": "S1"}}
    condition = "PK = :p AND begins_with(SK, :s)"
    client.query(TableName="social", KeyConditionExpression=condition, ExpressionAttributeValues=values, Limit=5)


def _query_index(client, _):
    condition, values = "GSI1PK = :p", {":p": {"S": "G1"}}
    client.query(
        TableName="social",
        IndexName="GSI1",
        KeyConditionExpression=condition,
        ExpressionAttributeValues=values,
        ScanIndexForward=False,
    )


def _scan_a_late_page(client, _):
    start = {"PK": {"S": "P1"}, "SK": {"S": "S05"}}
    client.scan(TableName="social", Limit=5, ExclusiveStartKey=start)


def _work(act, *arguments):
    """Count the calls of our Python functions while a call runs, and the copies of whatever kind."""
    files = {ordered.__file__, packed.__file__, rows.__file__, copy.__file__}
    seen = Counter()

    def trace(frame, event, _):
        if event == "call" and frame.f_code.co_filename in files:
            seen[frame.f_code.co_name] += 1

    sys.setprofile(trace)
    try:
        act(*arguments)
    finally:
        sys.setprofile(None)
    return seen


def _filled(create_table, size):
    engine = embedded_engine()
    create_table(engine.client)
    for number in range(size):
        engine.client.put_item(TableName="social", Item=_row(number))
    engine.client.scan(TableName="social")
    return engine


@pytest.mark.parametrize("act", [_like, _refused, _query, _query_index, _scan_a_late_page])
def test_a_call_does_the_same_work_in_a_table_ten_times_as_large(create_table, act):
    work = []
    for size in SIZES:
        with _filled(create_table, size) as engine:
            act(engine.client, 0)  # what is read once and remembered
            work.append(_work(act, engine.client, 1))

    assert work[0].total() > 0
    assert work[0] == work[1]


def test_reading_a_table_page_by_page_looks_at_each_row_once(create_table):
    with _filled(create_table, 400) as engine:

        def read_all():
            pages = engine.client.get_paginator("scan").paginate(TableName="social", PaginationConfig={"PageSize": 10})
            assert sum(page["Count"] for page in pages) == 400

        seen = _work(read_all)

    # Beside the rows, each of the 40 pages looks at one row more and at the two partitions it begins in.
    assert seen["__getitem__"] <= 400 + 40 * 3


def test_keys_come_in_order_however_they_were_added_and_taken():
    keys = ordered.SortedMap()
    for key in (5, 3, 9):
        keys[key] = str(key)
    assert keys.order() == [3, 5, 9]
    for key in range(20, 60):
        keys[key] = str(key)
    keys[4] = "4"
    assert (keys.pop(5), keys.pop(59)) == ("5", "59")
    assert keys.order() == [3, 4, 9, *range(20, 59)]
    keys[1] = "1"
    keys[1] = "one"
    assert keys.order() == [1, 3, 4, 9, *range(20, 59)]
    assert (keys[1], len(keys)) == ("one", 43)


def test_an_emptied_partition_leaves_nothing_behind():
    shelves = ordered.Shelves()
    shelves.put("P", "a", b"A")
    shelves.put("P", "b", b"B")

    assert (shelves.take("P", "a"), len(shelves), shelves.count) == (b"A", 1, 1)
    assert (shelves.take("P", "b"), len(shelves), shelves.count) == (b"B", 0, 0)
    assert shelves.take("P", "b") is None


def _put(client, number):
    client.put_item(TableName="social", Item=_row(number))


def test_a_partition_of_one_keeps_it_wherever_it_stands():
    shelves = ordered.Shelves()
    for number in range(600):
        shelves.put(f"P{number:03}", number, b"%d" % number)
        shelves.put(f"P{number:03}", number, b"again %d" % number)

    assert [*shelves] == [(f"P{number:03}", number, b"again %d" % number) for number in range(600)]
    assert (shelves.count, shelves.get("P007", 8), shelves.get("P599", 7)) == (600, None, None)
    shelves.put("P599", 1, b"one")
    assert (shelves.positions("P599"), shelves.get("P599", 599)) == ([1, 599], b"again 599")
    assert (shelves.take("P599", 1), shelves.take("P599", 599), shelves.take("P599", 599)) == (
        b"one",
        b"again 599",
        None,
    )
    assert (shelves.count, len(shelves)) == (599, 599)


def test_an_index_costs_nothing_until_it_is_read_and_then_each_write_its_place(client):
    seen = [
        _work(_put, client, 1)["move"],
        _work(_query_index, client, 0)["move"],
        _work(_query_index, client, 0)["move"],
        _work(_put, client, 2)["move"],
    ]

    assert seen == [0, 1, 0, 1]


def test_a_row_of_its_own_partition_takes_a_third_of_a_kilobyte(client):
    rows = [{"PK": {"S": f"USER#{n:036}"}, "SK": {"S": "PROFILE"}, "id": {"S": f"{n:036}"}} for n in range(5_000)]
    client.put_item(TableName="social", Item=rows.pop())
    tracemalloc.start()
    for row in rows:
        client.put_item(TableName="social", Item=row)
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()

    assert used / len(rows) < 350
