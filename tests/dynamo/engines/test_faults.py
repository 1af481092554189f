"""Each fault as a client meets it, embedded and over HTTP, and whether the engine did what it was asked."""

from __future__ import annotations

from collections import Counter

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from seedbed.dynamo.engines import embedded_engine, endpoint_engine
from seedbed.dynamo.engines.faults import HOSTILE, ONLY_FOR, Fault, Faults, Schedule
from seedbed.dynamo.schema import TABLE
from services.errors import InvalidSettingError
from tests.faults import no_waiting
from tests.journeys.front import embedded_front

BOTOCORES_TRIES = 4
COUNTED = {"PK": {"S": "POST#1"}, "SK": {"S": "POST"}}
ANSWERS = {
    Fault.THROTTLED: (400, "ProvisionedThroughputExceededException"),
    Fault.THROTTLING: (400, "ThrottlingException"),
    Fault.OVER_LIMIT: (400, "RequestLimitExceeded"),
    Fault.THROTTLED_ROWS: (400, "TransactionCanceledException"),
    Fault.CONFLICT: (400, "TransactionCanceledException"),
    Fault.IN_PROGRESS: (400, "TransactionInProgressException"),
    Fault.SERVER_ERROR: (500, "InternalServerError"),
    Fault.SERVER_ERROR_AFTER: (500, "InternalServerError"),
    Fault.UNAVAILABLE: (503, "ServiceUnavailable"),
}
LOST = {
    Fault.TIMEOUT_BEFORE: ReadTimeoutError,
    Fault.TIMEOUT_AFTER: ReadTimeoutError,
    Fault.RESET_BEFORE: ConnectionClosedError,
    Fault.RESET_AFTER: ConnectionClosedError,
}
DONE = {Fault.TIMEOUT_AFTER, Fault.RESET_AFTER, Fault.SERVER_ERROR_AFTER}


@pytest.fixture(scope="module", params=["embedded", "endpoint"])
def engine(request):
    if request.param == "embedded":
        with embedded_engine() as engine:
            yield engine
    else:
        with embedded_front() as front, endpoint_engine(front.url) as engine:
            yield engine


@pytest.fixture
def table(engine):
    """An empty table; afterwards it is gone."""
    engine.client.create_table(TableName="faults", **TABLE)
    with no_waiting():
        yield "faults"
    engine.client.delete_table(TableName="faults")


def add_one(client, table):
    """Count one more, by a transaction."""
    update = {"TableName": table, "Key": COUNTED, "UpdateExpression": "ADD likes_count :n"}
    return client.transact_write_items(
        TransactItems=[{"Update": update | {"ExpressionAttributeValues": {":n": {"N": "1"}}}}]
    )


def count(client, table):
    row = client.get_item(TableName=table, Key=COUNTED, ConsistentRead=True).get("Item", {})
    return int(row.get("likes_count", {"N": "0"})["N"])


def row(number):
    return {"PK": {"S": f"USER#{number}"}, "SK": {"S": "PROFILE"}}


def rows(client, table):
    return sorted(item["PK"]["S"] for item in client.scan(TableName=table, ConsistentRead=True)["Items"])


@pytest.mark.parametrize("fault", ANSWERS)
def test_an_error_answer_is_the_engines_own(engine, table, fault):
    with Faults(engine, lambda _: fault) as faults, pytest.raises(ClientError) as caught:
        add_one(engine.client, table)

    answer = caught.value.response
    assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]) == ANSWERS[fault]
    assert (count(engine.client, table) > 0) == (fault in DONE)
    assert faults.made[fault] == faults.calls in {1, BOTOCORES_TRIES}


@pytest.mark.parametrize(
    ("fault", "code"), [(Fault.THROTTLED_ROWS, "ThrottlingError"), (Fault.CONFLICT, "TransactionConflict")]
)
def test_a_cancelled_transaction_says_which_row(engine, table, fault, code):
    put = [{"Put": {"TableName": table, "Item": row(number)}} for number in range(3)]
    with Faults(engine, lambda _: fault), pytest.raises(ClientError) as caught:
        engine.client.transact_write_items(TransactItems=put)

    assert [reason["Code"] for reason in caught.value.response["CancellationReasons"]] == ["None", "None", code]
    assert rows(engine.client, table) == []


@pytest.mark.parametrize("fault", LOST)
def test_an_answer_that_is_lost_is_a_connections_error(engine, table, fault):
    with Faults(engine, lambda _: fault), pytest.raises(LOST[fault]):
        add_one(engine.client, table)

    assert (count(engine.client, table) > 0) == (fault in DONE)


def test_a_duplicate_is_done_twice(engine, table):
    put = {"TableName": table, "Item": COUNTED, "ConditionExpression": "attribute_not_exists(PK)"}
    with Faults(engine, lambda ordinal: Fault.TWICE if ordinal == 0 else None), pytest.raises(ClientError) as caught:
        engine.client.put_item(**put)

    assert caught.value.response["Error"]["Code"] == "ConditionalCheckFailedException"
    assert rows(engine.client, table) == ["POST#1"]


def test_a_slow_answer_is_right_and_late(engine, table):
    slept = []
    with Faults(engine, lambda _: Fault.SLOW, slow_seconds=7, sleep=slept.append):
        add_one(engine.client, table)

    assert (slept, count(engine.client, table)) == ([7], 1)


@pytest.mark.parametrize(("asked", "done"), [(1, []), (2, ["USER#1"]), (5, ["USER#1", "USER#3"])])
def test_a_batch_is_written_in_part(engine, table, asked, done):
    requests = [{"PutRequest": {"Item": row(number)}} for number in range(asked)]
    with Faults(engine, lambda _: Fault.UNPROCESSED):
        answer = engine.client.batch_write_item(RequestItems={table: requests})

    assert answer["UnprocessedItems"] == {table: requests[::2]}
    assert rows(engine.client, table) == done


def test_a_batch_is_read_in_part(engine, table):
    for number in range(4):
        engine.client.put_item(TableName=table, Item=row(number))
    with Faults(engine, lambda _: Fault.UNPROCESSED):
        answer = engine.client.batch_get_item(RequestItems={table: {"Keys": [row(number) for number in range(4)]}})

    assert sorted(item["PK"]["S"] for item in answer["Responses"][table]) == ["USER#1", "USER#3"]
    assert answer["UnprocessedKeys"] == {table: {"Keys": [row(0), row(2)]}}


@pytest.mark.parametrize("fault", ONLY_FOR)
def test_what_cannot_meet_a_fault_is_left_alone(engine, table, fault):
    with Faults(engine, lambda _: fault) as faults:
        engine.client.put_item(TableName=table, Item=row(1))

    assert rows(engine.client, table) == ["USER#1"]
    assert (faults.calls, faults.made) == (1, Counter())


def test_after_the_block_the_engine_is_in_peace(engine, table):
    with Faults(engine, lambda _: Fault.THROTTLED) as faults:
        pass
    add_one(engine.client, table)

    assert (faults.calls, count(engine.client, table)) == (0, 1)


def test_a_schedule_is_a_function_of_seed_and_ordinal_and_keeps_its_rates():
    drawn = [Schedule(7, HOSTILE)(ordinal) for ordinal in range(20_000)]

    assert drawn == [Schedule(7, HOSTILE)(ordinal) for ordinal in range(20_000)]
    assert drawn != [Schedule(8, HOSTILE)(ordinal) for ordinal in range(20_000)]
    assert {fault: pytest.approx(20_000 * rate, rel=0.25) for fault, rate in HOSTILE.items()} == {
        fault: drawn.count(fault) for fault in HOSTILE
    }


def test_every_fault_happens_on_a_bad_day():
    assert set(HOSTILE) == set(Fault)


@pytest.mark.parametrize("rates", [{Fault.CONFLICT: 1.5}, {Fault.CONFLICT: -0.1}, {"conflict": 0.1}])
def test_rates_that_are_no_shares_are_refused(rates):
    with pytest.raises(InvalidSettingError, match="rates must be shares of the calls by Fault"):
        Schedule(1, rates)
