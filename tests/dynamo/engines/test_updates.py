"""The short way of plain updates against moto's own."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto.core.exceptions import JsonRESTError

from seedbed.dynamo.engines import embedded_engine
from seedbed.dynamo.engines.embedded.updates import UpdateRequest, update_by_moto, update_row

KEY = {"PK": {"S": "A"}, "SK": {"S": "a"}}

numbers = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.sampled_from(["0", "-0", "00", "+1", "1.0", "1e3", "007", " 1", "999999999999999999"]),
)
values = st.one_of(
    numbers.map(lambda number: {"N": number}),
    st.text(max_size=3).map(lambda text: {"S": text}),
    st.sampled_from([{"BOOL": True}, {"NULL": True}, {"SS": ["x"]}, {"L": [{"S": "x"}]}, {"M": {"a": {"N": "1"}}}]),
)
names = st.sampled_from(["likes", "caption", "GSI1PK", "PK", "size", "#n", "#m", "nested.a", "list[0]"])
steps = st.tuples(st.sampled_from(["ADD", "SET"]), names, st.sampled_from([":v", ":w", ":missing"]))
rows = st.fixed_dictionaries({}, optional={"likes": values, "caption": values, "nested": values})


def _expression(chosen):
    clauses = {}
    for verb, name, value in chosen:
        clauses.setdefault(verb, []).append(f"{name} {value}" if verb == "ADD" else f"{name} = {value}")
    return " ".join(f"{verb} {', '.join(parts)}" for verb, parts in clauses.items())


def _outcome(update, *arguments):
    try:
        row = update(*arguments)
    except (JsonRESTError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        return type(error), str(error)
    return row.attributes, row.size_bytes


@pytest.fixture(scope="module")
def table(create_table):
    with embedded_engine() as engine:
        create_table(engine.client)
        yield engine._close.__self__._actions.backend.table("social")


@settings(max_examples=500, deadline=None)
@given(
    attributes=rows,
    chosen=st.lists(steps, min_size=1, max_size=3),
    values=st.fixed_dictionaries({":v": values, ":w": values}),
)
def test_the_short_way_makes_the_row_that_moto_makes(table, attributes, chosen, values):
    try:
        _, previous = table.admit({**KEY, **attributes})
    except JsonRESTError:
        return
    request = UpdateRequest(KEY, _expression(chosen), {"#n": "named", "#m": "likes"}, values)

    short, by_moto = (_outcome(update, table, previous, request) for update in (update_row, update_by_moto))

    assert short == by_moto


def test_an_updated_row_leaves_the_one_before_as_it_was(table):
    _, previous = table.admit({**KEY, "likes": {"N": "1"}})
    request = UpdateRequest(KEY, "ADD likes :n", {}, {":n": {"N": "41"}})

    assert update_row(table, previous, request).attributes == {**KEY, "likes": {"N": "42"}}
    assert previous.attributes == {**KEY, "likes": {"N": "1"}}
