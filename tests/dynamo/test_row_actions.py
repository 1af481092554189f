"""A call that waits to be written: which of its rows tells whether it is, and what that row says."""

from __future__ import annotations

from typing import Any

import pytest

from seedbed.dynamo.changes import Add, Change, Delete, Exists, Put, Set, already, unless
from seedbed.dynamo.row_actions import Call, Slot
from services import errors

KEY, OTHER = ("A", "row"), ("B", "row")
ROW = {"PK": {"S": "A"}, "SK": {"S": "row"}, "s": {"S": "old"}}
gone = unless(errors.ChangedMeanwhileError, "it")
PUT, DELETE = Put(KEY, ROW), Delete(KEY)
SET = Set(KEY, {"s": {"S": "new"}, "t": None}, gone)
ADD, EXISTS = Add(OTHER, {"n": 1}, gone), Exists(OTHER, gone)


@pytest.mark.parametrize(
    ("change", "telling"),
    [
        (Change(puts=(PUT, Put(OTHER, ROW)), adds=(ADD,)), PUT),
        (Change(deletes=(DELETE,), adds=(ADD,)), DELETE),
        (Change(sets=(SET,), exists=(EXISTS,)), SET),
        (Change(adds=(ADD,)), None),
        (Change(exists=(EXISTS,)), None),
        (Change(), None),
    ],
    ids=["put", "delete", "set", "add", "exists", "nothing"],
)
def test_the_row_that_a_call_is_about_tells_whether_it_is_written(change, telling):
    assert Call(change).telling is telling


def standing(row: Any) -> Any:
    return None if row is not None and row["s"] == {"S": "ours"} else errors.ChangedMeanwhileError("it")


WRITTEN = {
    "a put that stands": (Put(KEY, ROW), ROW, True),
    "a put that is not there": (Put(KEY, ROW), None, False),
    "a put in whose place is another's": (Put(KEY, ROW, standing), ROW, False),
    "a put in whose place is ours": (Put(KEY, ROW, standing), ROW | {"s": {"S": "ours"}}, True),
    "a delete of what is gone": (Delete(KEY, already), None, True),
    "a delete of what stands": (Delete(KEY, already), ROW, False),
    "a delete of what others may have deleted": (Delete(KEY, gone), None, False),
    "a set that is so": (SET, ROW | {"s": {"S": "new"}}, True),
    "a set that is half so": (SET, ROW | {"s": {"S": "new"}, "t": {"S": "there"}}, False),
    "a set that is not so": (SET, ROW, False),
    "a set of what is gone": (SET, None, False),
}


@pytest.mark.parametrize(("part", "row", "is_written"), WRITTEN.values(), ids=WRITTEN)
def test_what_stands_there_says_whether_a_call_is_written(part, row, is_written):
    field = {Put: "puts", Delete: "deletes", Set: "sets"}[type(part)]
    assert Call(Change(**{field: (part,)})).is_written(row) is is_written


def test_what_is_about_no_row_of_its_own_is_never_known_to_be_written():
    assert not Call(Change(adds=(ADD,))).is_written(ROW)
    assert not Call(Change(adds=(ADD,))).is_written(None)


def test_a_call_afresh_is_the_same_and_in_no_pack():
    call = Call(Change(puts=(PUT,)), "value", 7)
    call.is_packed, call.waits_for = True, 2
    call.followers.append(Call(Change()))
    again = call.afresh()
    assert again is not call
    assert (again.change, again.value, again.number) == (call.change, "value", 7)
    assert (again.is_packed, again.waits_for, again.followers, again.parts) == (False, 0, [], (PUT,))


def test_a_slot_has_no_size_until_a_row_is_put():
    assert Slot(KEY).size_bytes == 0
