"""Answers that say 200 and are none: every operation, by botocore's whole way from the wire. Nothing waits here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seedbed.dynamo.actions import CheckRow, PutRow, Refused
from seedbed.dynamo.engines import embedded_engine, endpoint_engine
from seedbed.dynamo.rows import key_of
from seedbed.dynamo.table import Table
from services import errors
from services.rows.schema import SCHEMA
from tests.faults import no_waiting
from tests.journeys.front import Front, embedded, serving


def row(sort: str) -> dict[str, Any]:
    index = {"GSI1PK": {"S": "USER#1"}, "GSI1SK": {"S": f"LIKE#{sort}"}}
    return {"PK": {"S": "POST#1"}, "SK": {"S": sort}, "entity_type": {"S": "LIKE"}, **index}


ROWS = [row(f"LIKE#{number}") for number in range(3)]
KEYS = [key_of(one) for one in ROWS]
ABSENT = ("POST#1", "LIKE#9")

CALLS: dict[str, Callable[[Table], Any]] = {
    "DescribeTable": lambda table: table.ensure(is_made=False),
    "GetItem": lambda table: table.get(KEYS[0]),
    "BatchGetItem": lambda table: table.get_many([*KEYS, ABSENT]),
    "Query": lambda table: table.query("POST#1", "LIKE#"),
    "Query of the index": lambda table: table.query_index("USER#1", "LIKE#"),
    "Scan": lambda table: [one for part in table.scan() for one in part],
    "TransactWriteItems": lambda table: table.transact([PutRow(("POST#1", "LIKE#new"), row("LIKE#new"))]),
    "BatchWriteItem": lambda table: table.write_batch([row("LIKE#new")], [KEYS[0]]),
}


class Garbling:
    """Gives what is said of an operation in place of the engine's answers, so many times."""

    def __init__(self, client: Any) -> None:
        self._engine = embedded(client)
        self.operation, self.times, self.asked = "", 0, 0
        self.garble: Callable[[bytes], bytes] = lambda text: text
        self.is_done = True

    def __call__(self, operation: str, parameters: dict[str, Any]) -> tuple[int, bytes]:
        if operation != self.operation or self.times <= 0:
            return self._engine(operation, parameters)
        self.times -= 1
        self.asked += 1
        return 200, self.garble(self._engine(operation, parameters)[1] if self.is_done else b"{}")


@pytest.fixture(scope="module")
def _module_table() -> Iterator[tuple[Table, Garbling, Front]]:
    with embedded_engine() as engine:
        garbling = Garbling(engine.client)
        with serving(garbling) as front, endpoint_engine(front.url) as endpoint, no_waiting():
            table = Table(endpoint, "malformed", SCHEMA, endpoint_url=front.url)
            table.ensure()
            yield table, garbling, front


@pytest.fixture
def table_and_garbling(_module_table) -> tuple[Table, Garbling]:
    table, garbling, _ = _module_table
    garbling.times = 0
    table.write_batch(ROWS, [("POST#1", "LIKE#new")])
    return table, garbling


def play(table: Table, name: str) -> Any:
    """What a call returns, and the rows that are there then."""
    try:
        returned = CALLS[name](table)
    except Refused as refused:
        returned = refused.rows
    return returned, [one for part in table.scan() for one in part]


BODIES = {
    "nothing": b"",
    "white space": b" \n",
    "null": b"null",
    "a list": b"[]",
    "a text": b'"done"',
    "a number": b"0",
    "a page": b"<html><body>Please sign in.</body></html>",
    "no text at all": b"\xff\xfe{}",
    "another operation's": b'{"Table": {}}',
    "another service's": b'{"Buckets": []}',
    "an error's": b'{"__type": "InternalServerError", "message": "oh"}',
}


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("name", CALLS)
def test_what_is_no_answer_is_asked_again(table_and_garbling, name, body):
    table, garbling = table_and_garbling
    wanted = play(table, name)
    table.write_batch(ROWS, [("POST#1", "LIKE#new")])
    garbling.operation, garbling.is_done, garbling.asked = name.split()[0], False, 0
    garbling.garble, garbling.times = lambda _: BODIES[body], 2
    assert play(table, name) == wanted
    assert garbling.asked == 2


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("name", CALLS)
def test_what_is_no_answer_for_ever_is_an_error_of_the_engine_and_never_done_or_absent(table_and_garbling, name, body):
    table, garbling = table_and_garbling
    garbling.operation, garbling.is_done = name.split()[0], False
    garbling.garble, garbling.times = lambda _: BODIES[body], 1_000
    with pytest.raises(errors.EngineError) as told:
        CALLS[name](table)
    assert told.value.operation == name.split()[0]
    assert told.value.is_unknown == (name in {"TransactWriteItems", "BatchWriteItem"})


@pytest.mark.parametrize("name", CALLS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10, deadline=None)
@given(share=st.floats(0, 1, exclude_max=True))
def test_an_answer_that_was_cut_anywhere_is_asked_again(table_and_garbling, name, share):
    table, garbling = table_and_garbling
    garbling.times = 0
    table.write_batch(ROWS, [("POST#1", "LIKE#new")])
    wanted = play(table, name)
    table.write_batch(ROWS, [("POST#1", "LIKE#new")])
    garbling.operation, garbling.is_done, garbling.asked = name.split()[0], True, 0
    garbling.garble, garbling.times = lambda text: text[: int(share * len(text))], 2
    assert play(table, name) == wanted
    assert garbling.asked >= 1


WRONG = [None, "x", 7, [None], ["x"], [{}], [{"PK": {"S": "A"}, "SK": {"S": "B"}}], {"malformed": "x"}]
NEEDED = {
    "DescribeTable": ["Table"],
    "GetItem": ["Item"],
    "BatchGetItem": ["Responses"],
    "Query": ["Items"],
    "Query of the index": ["Items"],
    "Scan": ["Items"],
    "BatchWriteItem": ["UnprocessedItems"],
}
OPTIONAL = {"BatchGetItem": ["UnprocessedKeys"], "Query": ["LastEvaluatedKey"], "Scan": ["LastEvaluatedKey"]}
MEMBERS = [
    (name, member, wrong)
    for members, wrongs in ((NEEDED, WRONG), (OPTIONAL, WRONG[1:]))
    for name, ones in members.items()
    for member in ones
    for wrong in wrongs
    # No Item is an answer: there is no row. So is a key of our own shape, to go on from.
    if (name, wrong) != ("GetItem", None)
]


@pytest.mark.parametrize(("name", "member", "wrong"), MEMBERS, ids=lambda value: json.dumps(value)[:20])
def test_a_member_of_another_shape_makes_no_answer(table_and_garbling, name, member, wrong):
    table, garbling = table_and_garbling
    wanted = play(table, name)
    table.write_batch(ROWS, [("POST#1", "LIKE#new")])

    def garble(text: bytes) -> bytes:
        return json.dumps({**json.loads(text), member: wrong}).encode()

    garbling.operation, garbling.is_done, garbling.asked = name.split()[0], True, 0
    garbling.garble, garbling.times = garble, 2
    assert play(table, name) == wanted
    assert garbling.asked == 2


def test_rows_that_nobody_asked_for_make_no_answer(table_and_garbling):
    table, garbling = table_and_garbling
    other = json.dumps({"Responses": {"malformed": [row("LIKE#8")]}, "UnprocessedKeys": {}}).encode()
    garbling.operation, garbling.garble, garbling.times = "BatchGetItem", lambda _: other, 1
    assert list(table.get_many(KEYS)) == KEYS


def test_a_list_that_is_shorter_than_it_says_makes_no_answer(table_and_garbling):
    table, garbling = table_and_garbling

    def shorten(text: bytes) -> bytes:
        answer = json.loads(text)
        return json.dumps({**answer, "Items": answer["Items"][:-1]}).encode()

    garbling.operation, garbling.garble, garbling.times = "Query", shorten, 1
    assert [key_of(one) for one in table.query("POST#1", "LIKE#")] == KEYS


def test_a_page_that_says_to_go_on_where_it_began_makes_no_answer(table_and_garbling):
    table, garbling = table_and_garbling

    def back(text: bytes) -> bytes:
        here = {"PK": {"S": KEYS[0][0]}, "SK": {"S": KEYS[0][1]}}
        return json.dumps({**json.loads(text), "LastEvaluatedKey": here}).encode()

    garbling.operation, garbling.garble, garbling.times = "Query", back, 1
    assert [key_of(one) for one in table.query("POST#1", "LIKE#", after=KEYS[0][1])] == KEYS[1:]


@pytest.mark.usefixtures("_module_table")
def test_a_refusal_that_is_cut_is_asked_again():
    with embedded_engine() as engine:
        real = embedded(engine.client)
        cut = [2]

        def answer(operation: str, parameters: dict[str, Any]) -> tuple[int, bytes]:
            status, text = real(operation, parameters)
            if status == 400 and operation == "TransactWriteItems" and cut[0]:
                cut[0] -= 1
                return status, text[: len(text) // 2]
            return status, text

        with serving(answer) as front, endpoint_engine(front.url) as endpoint:
            table = Table(endpoint, "malformed", SCHEMA, endpoint_url=front.url)
            table.ensure()
            cut[0] = 2
            with pytest.raises(Refused) as refused:
                table.transact([CheckRow(ABSENT)])
    assert refused.value.rows == {0: None}
    assert cut == [0]
