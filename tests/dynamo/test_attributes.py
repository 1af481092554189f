"""Rows of an app's own: what their values are written as, on every engine alike, and what cannot be written."""

from __future__ import annotations

import datetime as dt
import enum
import json
import uuid
from contextlib import nullcontext
from decimal import Decimal
from typing import Any

import pytest

from seedbed.dynamo import (
    Add,
    Change,
    Delete,
    Exists,
    Put,
    Schema,
    Session,
    Set,
    Table,
    already,
    open_engine,
    row_of,
    unless,
)
from seedbed.dynamo.actions import PutRow, UpdateRow
from seedbed.dynamo.engines.bodies import write_body
from seedbed.errors import InvalidSettingError, ServiceError

KEY = ("BOOK#1", "BOOK")
SCHEMA = Schema(1, "2026-01-01T00:00:00.000Z", lambda key: key[1], lambda _key: False, {})
State: Any = enum.Enum("State", {"LENT": "lent"}, type=str)
Floor: Any = enum.Enum("Floor", {"THIRD": 3}, type=int)
PLACES = {
    "an attribute": {"S": State.LENT},
    "a number": {"N": enum.Enum("Text", {"THREE": "3"}, type=str).THREE},
    "in a list": {"L": [{"S": State.LENT}]},
    "in a map": {"M": {"state": {"S": State.LENT}}},
    "in a set": {"SS": [State.LENT]},
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("is_set", [False, True])
def test_the_embedded_engine_keeps_a_member_of_a_str_enum_as_the_text_that_an_endpoint_gets(place, is_set):
    with open_engine(None) as engine:
        table = Table(engine, "library", SCHEMA)
        table.ensure()
        row = row_of(KEY, "BOOK")
        table.transact([PutRow(KEY, row if is_set else row | {"state": PLACES[place]})])
        if is_set:
            table.transact([UpdateRow(KEY, {}, {"state": PLACES[place]})])
        stored = table.get(KEY)
    assert stored is not None
    assert repr(stored["state"]) == repr(json.loads(write_body(PLACES[place])))  # repr, since a member equals its text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("lent", {"S": "lent"}),
        (State.LENT, {"S": "lent"}),
        (3, {"N": "3"}),
        (Floor.THIRD, {"N": "3"}),
        (True, {"BOOL": True}),
        (("a", State.LENT), {"L": [{"S": "a"}, {"S": "lent"}]}),
    ],
)
def test_what_a_row_holds_is_written_as_plain_values(value, written):
    assert repr(row_of(KEY, "BOOK", state=value)["state"]) == repr(written)


def test_what_is_none_is_absent():
    assert "state" not in row_of(KEY, "BOOK", state=None)


REFUSED = {
    "float": 1.5,
    "Decimal": Decimal(1),
    "bytes": b"x",
    "list": ["a"],
    "set": {"a"},
    "dict": {"S": "a"},
    "UUID": uuid.UUID(int=1),
    "moment": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    "object": object(),
    "tuple of numbers": (1, 2),
    "tuple with None": ("a", None),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_value_that_no_row_holds_is_refused_by_its_name_before_it_waits_in_a_pack(kind):
    with pytest.raises(InvalidSettingError, match="state must be a text, a whole number, a bool or a tuple of texts"):
        row_of(KEY, "BOOK", state=REFUSED[kind])


@pytest.mark.parametrize("key", [("BOOK#2", "BOOK"), ("BOOK#1", "LOAN"), "BOOK#1"])
@pytest.mark.parametrize("is_queued", [False, True])
def test_a_put_of_another_key_than_its_row_has_is_refused_and_nothing_is_written(key, is_queued):
    with open_engine(None) as engine:
        table = Table(engine, "library", SCHEMA)
        table.ensure()
        session = Session(table)
        change = Change(puts=(Put(key, row_of(KEY, "BOOK")),))
        with pytest.raises(InvalidSettingError, match=r"the key of a Put's row must be that of the Put, .*BOOK"):  # noqa: SIM117
            with session.unit_of_work() if is_queued else nullcontext():
                session.apply(change, None)
        assert [row for page in table.scan() for row in page] == []
        session.apply(Change(puts=(Put(KEY, row_of(KEY, "BOOK")),)), None)
        assert session.get(KEY) == row_of(KEY, "BOOK")


def test_an_attribute_may_be_called_key_and_none_takes_the_place_of_the_row_s_own():
    assert row_of(KEY, "BOOK", key="a")["key"] == {"S": "a"}
    for name in ("PK", "SK", "entity_type"):
        for value in ("x", None):
            with pytest.raises(InvalidSettingError, match=f"attribute {name} must be left to the key and the type"):
                row_of(KEY, "BOOK", **{name: value})


@pytest.mark.parametrize("is_queued", [False, True])
@pytest.mark.parametrize(
    "said",
    [
        {"puts": Put(KEY, {})},
        {"deletes": Delete(KEY)},
        {"adds": [Add(KEY, {"loans_count": 1}, unless(ServiceError))]},
        {"sets": Set(KEY, {}, already)},
        {"exists": Exists(KEY, already)},
    ],
    ids=lambda said: next(iter(said)),
)
def test_parts_of_a_change_that_are_no_tuple_are_named(said, is_queued):
    name = next(iter(said))
    with open_engine(None) as engine:
        table = Table(engine, "library", SCHEMA)
        table.ensure()
        session = Session(table)
        rule = rf"{name} of a Change must be a tuple, as in Change\({name}=\(...,\)\)"
        with pytest.raises(InvalidSettingError, match=rule):  # noqa: SIM117
            with session.unit_of_work() if is_queued else nullcontext():
                session.apply(Change(**said), None)
        assert [row for page in table.scan() for row in page] == []
