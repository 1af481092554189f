"""The table: retries, what is left undone, and the translation of every engine error. Nothing waits here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)

from seedbed.dynamo.actions import CheckRow, DeleteRow, PutRow, Refused, UpdateRow
from seedbed.dynamo.engines import Engine
from seedbed.dynamo.engines.answers import ATTEMPTS
from seedbed.dynamo.reading import PAGE_ROWS
from seedbed.dynamo.table import Table
from services import errors
from services.rows.schema import SCHEMA
from tests.faults import no_waiting

KEY = ("USER#1", "PROFILE")
ROW = {"PK": {"S": "USER#1"}, "SK": {"S": "PROFILE"}, "entity_type": {"S": "USER"}}


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with no_waiting():
        yield


class Client:
    """Gives scripted answers to whatever is asked; the last one for ever."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def answer(**parameters: Any) -> Any:
            self.asked.append((method, parameters))
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return answer


def table(client: Client) -> Table:
    return Table(
        Engine(kind="endpoint", client=client, close=lambda: None, is_checked=True),
        "social",
        SCHEMA,
        endpoint_url="http://there",
    )


def failed(code: str, status: int = 400, **more: Any) -> ClientError:
    answer = {"Error": {"Code": code, "Message": "because"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer | more, "AnyOperation")


def cancelled(*codes: str, item: Any = None) -> ClientError:
    reasons = [{"Code": code} | ({"Item": item} if item and code == "ConditionalCheckFailed" else {}) for code in codes]
    return failed("TransactionCanceledException", CancellationReasons=reasons)


def unreachable() -> EndpointConnectionError:
    return EndpointConnectionError(endpoint_url="http://there")


WORTH_ANOTHER_TRY = {
    "throttled": failed("ThrottlingException"),
    "too much": failed("ProvisionedThroughputExceededException"),
    "conflict": failed("TransactionConflictException"),
    "in progress": failed("TransactionInProgressException"),
    "conflict as a reason": cancelled("None", "TransactionConflict"),
    "throttled as a reason": cancelled("ThrottlingError", "None"),
    "too much as a reason": cancelled("ProvisionedThroughputExceeded"),
    "engine's own trouble": failed("InternalServerError", 500),
    "unreachable": unreachable(),
    "too slow": ReadTimeoutError(endpoint_url="http://there"),
    "too slow to connect": ConnectTimeoutError(endpoint_url="http://there"),
    "too many, says a proxy": failed("429", 429),
    "too slow, says a proxy": failed("408", 408),
    "a page of a proxy": failed("404", 404),
    "cancelled for no reason": failed("TransactionCanceledException"),
    "cancelled for another transaction's reasons": cancelled("None", "ConditionalCheckFailed"),
    "cancelled for another row": cancelled("ConditionalCheckFailed", item={"PK": {"S": "A"}, "SK": {"S": "B"}}),
    "cancelled for no row": cancelled("ConditionalCheckFailed", item="none"),
}


@pytest.mark.parametrize("trouble", WORTH_ANOTHER_TRY)
def test_what_may_pass_is_tried_again(trouble):
    client = Client(WORTH_ANOTHER_TRY[trouble], WORTH_ANOTHER_TRY[trouble], {})
    store = table(client)
    store.transact([CheckRow(KEY)])
    assert [method for method, _ in client.asked] == ["transact_write_items"] * 3
    assert store.meter.read().calls == {"TransactWriteItems": 3}


LOST = [ReadTimeoutError(endpoint_url="http://there"), failed("InternalServerError", 500), failed("404", 404), []]


@pytest.mark.parametrize("later", [failed("AccessDeniedException"), failed("ValidationException"), unreachable()])
@pytest.mark.parametrize("lost", LOST)
def test_a_write_is_in_doubt_once_an_answer_was_lost_whatever_a_later_try_says(lost, later):
    with pytest.raises(errors.ServiceError) as told:
        table(Client(lost, later)).transact([CheckRow(KEY)])
    assert told.value.is_unknown


MISMATCH = failed("IdempotentParameterMismatchException")


@pytest.mark.parametrize("later", [failed("AccessDeniedException"), cancelled("ConditionalCheckFailed")])
@pytest.mark.parametrize("lost", LOST)
def test_a_token_that_was_used_tells_that_the_write_of_the_lost_answer_is_done(lost, later):
    client = Client(lost, later, MISMATCH)
    store = table(client)
    store.transact([PutRow(KEY, ROW)])
    assert store.meter.read().rows_put == 1
    tokens = {asked["ClientRequestToken"] for _, asked in client.asked}
    assert len(tokens) == 1
    assert "ConditionCheck" in client.asked[-1][1]["TransactItems"][0]


@pytest.mark.parametrize(
    ("later", "error"),
    [(failed("AccessDeniedException"), errors.PermissionDeniedError), (cancelled("ConditionalCheckFailed"), Refused)],
)
@pytest.mark.parametrize("lost", LOST)
def test_a_token_that_was_not_used_is_spent_so_that_what_is_on_its_way_comes_to_nothing(lost, later, error):
    client = Client(lost, later, {})
    with pytest.raises(error) as told:
        table(client).transact([PutRow(KEY, ROW)])
    assert not told.value.is_unknown
    assert len(client.asked) == 3


@pytest.mark.parametrize("lost", LOST)
def test_a_refusal_whose_token_cannot_be_spent_is_in_doubt(lost):
    client = Client(lost, cancelled("ConditionalCheckFailed"), failed("AccessDeniedException"))
    with pytest.raises(errors.PermissionDeniedError) as told:
        table(client).transact([PutRow(KEY, ROW)])
    assert told.value.is_unknown


def test_a_refusal_after_no_lost_answer_costs_no_more():
    client = Client(failed("ThrottlingException"), cancelled("ConditionalCheckFailed"))
    with pytest.raises(Refused):
        table(client).transact([PutRow(KEY, ROW)])
    assert len(client.asked) == 2


@pytest.mark.parametrize("refusal", [failed("AccessDeniedException"), failed("ThrottlingException"), unreachable()])
def test_a_write_that_every_try_refused_is_not_in_doubt(refusal):
    with pytest.raises(errors.ServiceError) as told:
        table(Client(refusal)).transact([CheckRow(KEY)])
    assert not told.value.is_unknown


@pytest.mark.parametrize("lost", LOST)
def test_a_read_leaves_nothing_in_doubt(lost):
    with pytest.raises(errors.ServiceError) as told:
        table(Client(lost)).get(KEY)
    assert not told.value.is_unknown


@pytest.mark.parametrize(
    ("trouble", "error", "text"),
    [
        ("throttled", errors.ThrottledError, "TransactWriteItems was throttled 8 times"),
        ("throttled as a reason", errors.ThrottledError, "TransactWriteItems was throttled 8 times"),
        ("conflict", errors.ContentionError, "TransactWriteItems met conflicting transactions 8 times"),
        ("conflict as a reason", errors.ContentionError, "TransactWriteItems met conflicting transactions 8 times"),
        ("engine's own trouble", errors.EngineError, "TransactWriteItems failed with InternalServerError: because"),
        ("unreachable", errors.EndpointUnreachableError, "the endpoint http://there does not answer"),
        ("too slow", errors.EndpointUnreachableError, "the endpoint http://there does not answer"),
    ],
)
def test_what_does_not_pass_is_told_after_eight_tries(trouble, error, text):
    client = Client(WORTH_ANOTHER_TRY[trouble])
    with pytest.raises(error, match=text) as told:
        table(client).transact([CheckRow(KEY)])
    assert len(client.asked) == ATTEMPTS + told.value.is_unknown  # one more asks whether it was done
    causes = {type(told.value.__cause__), type(getattr(told.value.__cause__, "__cause__", None))}
    assert type(WORTH_ANOTHER_TRY[trouble]) in causes


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (failed("AccessDeniedException"), errors.PermissionDeniedError),
        (NoCredentialsError(), errors.PermissionDeniedError),
        (failed("ValidationException"), errors.EngineError),
        (failed("ResourceNotFoundException"), errors.EngineError),
        (failed("UnknownOperationException", 500), errors.EngineError),
        (ParamValidationError(report="Item is missing"), errors.EngineError),
        (cancelled("ValidationError", "None"), errors.EngineError),
        (failed("Teapot", 403), errors.PermissionDeniedError),
    ],
    ids=["denied", "no-credentials", "invalid", "no-table", "unknown", "parameters", "reason", "forbidden"],
)
def test_what_cannot_pass_is_told_at_once(trouble, error):
    client = Client(trouble)
    with pytest.raises(error) as told:
        table(client).transact([CheckRow(KEY)])
    assert len(client.asked) == 1
    assert told.value.__cause__ is trouble
    assert told.value.operation == "TransactWriteItems"


def test_a_refusal_names_places_and_the_rows_that_stood_there():
    client = Client(cancelled("None", "ConditionalCheckFailed", "None", item=ROW))
    with pytest.raises(Refused) as refused:
        table(client).transact([CheckRow(KEY)] * 3)
    assert refused.value.rows == {1: ROW}
    assert len(client.asked) == 1


def test_a_refusal_where_nothing_stood_names_none():
    with pytest.raises(Refused) as refused:
        table(Client(cancelled("ConditionalCheckFailed"))).transact([CheckRow(KEY)])
    assert refused.value.rows == {0: None}


def test_a_refusal_beside_a_conflict_is_a_refusal():
    with pytest.raises(Refused) as refused:
        table(Client(cancelled("TransactionConflict", "ConditionalCheckFailed"))).transact([CheckRow(KEY)] * 2)
    assert set(refused.value.rows) == {1}


def test_each_action_is_rendered_with_its_condition():
    client = Client({})
    row = ROW | {"GSI1PK": {"S": "x"}}
    table(client).transact(
        [
            PutRow(KEY, row),
            UpdateRow(KEY, {"likes_count": 2}, {"bio": None, "name": {"S": "n"}}, {"id": {"S": "1"}}),
            DeleteRow(KEY, {"likes_count": {"N": "0"}}),
            CheckRow(KEY),
        ]
    )
    ((_, request),) = client.asked
    common = {"TableName": "social", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    key = {"Key": {"PK": {"S": KEY[0]}, "SK": {"S": KEY[1]}}}
    assert request["TransactItems"] == [
        {"Put": common | {"Item": row, "ConditionExpression": "attribute_not_exists(PK)"}},
        {
            "Update": common
            | key
            | {
                "ConditionExpression": "attribute_exists(PK) AND #e0 = :e0",
                "UpdateExpression": "ADD likes_count :a0 REMOVE #v0 SET #v1 = :v1",
                "ExpressionAttributeNames": {"#e0": "id", "#v0": "bio", "#v1": "name"},
                "ExpressionAttributeValues": {":e0": {"S": "1"}, ":a0": {"N": "2"}, ":v1": {"S": "n"}},
            }
        },
        {
            "Delete": common
            | key
            | {
                "ConditionExpression": "attribute_exists(PK) AND #e0 = :e0",
                "ExpressionAttributeNames": {"#e0": "likes_count"},
                "ExpressionAttributeValues": {":e0": {"N": "0"}},
            }
        },
        {"ConditionCheck": common | key | {"ConditionExpression": "attribute_exists(PK)"}},
    ]


def test_write_units_are_counted_of_what_was_written():
    store = table(Client({}))
    store.sizes[KEY] = 1_500
    store.transact([PutRow(KEY, ROW), PutRow(("A", "LIKE#1"), ROW | {"GSI1PK": {"S": "x"}}), CheckRow(("B", "C"))])
    used = store.meter.read()
    # 1,500 bytes are 2 units, twice in a transaction; a small row 1, twice, and 1 of its index entry.
    assert (used.write_units, used.rows_put, used.rows_deleted) == (2 * 2 + 2 + 1, 2, 0)


def test_a_write_that_failed_is_counted_as_a_call_only():
    store = table(Client(failed("ValidationException")))
    with pytest.raises(errors.EngineError):
        store.transact([PutRow(KEY, ROW)])
    assert (store.meter.read().calls, store.meter.read().rows_put) == ({"TransactWriteItems": 1}, 0)


def rows(count: int) -> list[dict[str, Any]]:
    return [
        {"PK": {"S": "P"}, "SK": {"S": f"FEED#{number}"}, "entity_type": {"S": "FEED_ITEM"}} for number in range(count)
    ]


class TestBatches:
    def test_only_what_was_left_undone_is_sent_again(self):
        left = [{"PutRequest": {"Item": row}} for row in rows(3)[1:]]
        client = Client(*({"UnprocessedItems": {"social": undone}} for undone in (left, left[1:], [])))
        store = table(client)
        store.write_batch(rows(3), [])
        assert [len(request["RequestItems"]["social"]) for _, request in client.asked] == [3, 2, 1]
        assert store.meter.read().rows_put == 3

    def test_twenty_five_go_together(self):
        client = Client({"UnprocessedItems": {}})
        table(client).write_batch(rows(20), [("P", f"FEED#old{number}") for number in range(31)])
        assert [len(request["RequestItems"]["social"]) for _, request in client.asked] == [25, 25, 1]

    def test_what_stays_undone_is_named(self):
        client = Client(
            {"UnprocessedItems": {"social": [{"DeleteRequest": {"Key": {"PK": {"S": "P"}, "SK": {"S": "S"}}}}]}}
        )
        with pytest.raises(errors.UnprocessedError, match="BatchWriteItem left 1 keys undone") as told:
            table(client).write_batch([], [("P", "S")])
        assert told.value.missing == (("P", "S"),)
        assert len(client.asked) == ATTEMPTS

    def test_only_the_keys_left_unread_are_asked_again(self):
        found = rows(2)
        keys = [{"PK": row["PK"], "SK": row["SK"]} for row in found]
        client = Client(
            {"Responses": {"social": found[:1]}, "UnprocessedKeys": {"social": {"Keys": keys[1:]}}},
            {"Responses": {"social": found[1:]}},
        )
        read = table(client).get_many([("P", "FEED#0"), ("P", "FEED#1"), ("P", "FEED#0")])
        assert list(read.values()) == found
        assert [request["RequestItems"]["social"]["Keys"] for _, request in client.asked] == [keys, keys[1:]]
        assert all(request["RequestItems"]["social"]["ConsistentRead"] for _, request in client.asked)

    def test_keys_that_stay_unread_are_named(self):
        key = {"PK": {"S": "P"}, "SK": {"S": "S"}}
        client = Client({"Responses": {}, "UnprocessedKeys": {"social": {"Keys": [key]}}})
        with pytest.raises(errors.UnprocessedError, match="BatchGetItem left 1 keys undone") as told:
            table(client).get_many([("P", "S")])
        assert told.value.missing == (("P", "S"),)

    def test_a_hundred_keys_go_together(self):
        client = Client({"Responses": {"social": []}})
        table(client).get_many([("P", f"{number}") for number in range(201)])
        assert [len(request["RequestItems"]["social"]["Keys"]) for _, request in client.asked] == [100, 100, 1]


class TestQueries:
    def test_a_query_goes_on_where_a_megabyte_ended(self):
        made = rows(3)
        last = {"PK": made[0]["PK"], "SK": made[0]["SK"]}
        client = Client({"Items": made[:1], "LastEvaluatedKey": last}, {"Items": made[1:]})
        assert table(client).query("P", "FEED#", limit=5) == made
        assert [request["Limit"] for _, request in client.asked] == [5, 4]
        assert [request.get("ExclusiveStartKey") for _, request in client.asked] == [None, last]

    def test_a_query_stops_at_its_limit(self):
        client = Client({"Items": rows(2), "LastEvaluatedKey": {"PK": {"S": "P"}, "SK": {"S": "FEED#1"}}})
        assert len(table(client).query("P", "FEED#", limit=2)) == 2
        assert len(client.asked) == 1

    def test_a_scan_goes_on_to_the_end(self):
        made = rows(3)
        last = {"PK": made[0]["PK"], "SK": made[0]["SK"]}
        client = Client({"Items": made[:1], "LastEvaluatedKey": last}, {"Items": made[1:]})
        assert list(table(client).scan(1, 4)) == [made[:1], made[1:]]
        assert [request["Segment"] for _, request in client.asked] == [1, 1]
        assert {request["Limit"] for _, request in client.asked} == {PAGE_ROWS}  # dynoxide reads all rows without
        assert client.asked[1][1]["ExclusiveStartKey"] == last
