"""A table on paper that several threads write to: nothing is lost, and every refusal is one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from seedbed.dynamo.actions import CheckRow, DeleteRow, PutRow, Refused, UpdateRow
from seedbed.dynamo.canonical import canonical
from seedbed.dynamo.changes import Add, Change, Delete, Exists, Put, already
from seedbed.dynamo.memory import PAGE_ROWS, DryTable
from services.rows.schema import SCHEMA

POST = ("POST-1", "POST")
THREADS, LIKES = 8, 300


def _row(key, **attributes):
    return {"PK": {"S": key[0]}, "SK": {"S": key[1]}, "entity_type": {"S": "LIKE"}, **attributes}


def test_what_several_threads_write_is_all_there_and_counted():
    table = DryTable(None, "social", SCHEMA)
    table.transact([PutRow(POST, _row(POST, likes_count={"N": "0"}))])

    def like(number):
        for like in range(LIKES):
            key = (f"POST-{like % 40}", f"LIKE-{number}-{like}")
            shaped = {f"shape_{like % 7}_{number % 3}": {"S": "x"}}
            table.transact([PutRow(key, _row(key, **shaped)), UpdateRow(POST, {"likes_count": 1}, {}, {})])
            table.query(key[0], "LIKE")

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(like, range(THREADS)))

    rows = [row for page in table.scan() for row in page]
    assert table.get(POST)["likes_count"] == {"N": str(THREADS * LIKES)}
    assert len(rows) == THREADS * LIKES + 1
    assert all(
        f"shape_{int(row['SK']['S'].split('-')[2]) % 7}_{int(row['SK']['S'].split('-')[1]) % 3}" in row
        for row in rows
        if row["SK"] != {"S": "POST"}
    )


# A part of a world


def test_a_part_takes_rows_that_are_not_here_for_those_of_others_and_counts_on_them():
    table = DryTable(None, "social", SCHEMA)
    table.hold_a_part()
    mine, theirs = ("POST-1", "POST"), ("USER-2", "PROFILE")
    table.transact([PutRow(mine, _row(mine)), CheckRow(theirs, {}), UpdateRow(theirs, {"following_count": 1}, {}, {})])
    table.transact([UpdateRow(theirs, {"following_count": 2, "posts_count": -1}, {}, {})])
    table.transact([UpdateRow(mine, {"likes_count": 4}, {}, {})])

    assert table.moved == {theirs: {"following_count": 3, "posts_count": -1}}
    assert [row for page in table.scan() for row in page] == [_row(mine, likes_count={"N": "4"})]


@pytest.mark.parametrize(
    "action",
    [
        PutRow(POST, _row(POST)),
        DeleteRow(("USER-2", "PROFILE"), {}),
        UpdateRow(("USER-2", "PROFILE"), {}, {"bio": {"S": "x"}}, {}),
        CheckRow(POST, {"likes_count": {"N": "1"}}),
    ],
    ids=["put of what is here", "delete", "set", "check of what is here"],
)
def test_of_rows_of_others_a_part_sets_and_deletes_nothing_and_its_own_conditions_hold(action):
    table = DryTable(None, "social", SCHEMA)
    table.hold_a_part()
    table.transact([PutRow(POST, _row(POST))])
    with pytest.raises(Refused):
        table.transact([action, UpdateRow(("USER-3", "PROFILE"), {"following_count": 1}, {}, {})])
    assert table.moved == {}


def test_a_table_that_forgets_is_as_it_was_when_new():
    table = DryTable(None, "social", SCHEMA)
    table.hold_a_part()
    table.transact([PutRow(POST, _row(POST)), UpdateRow(("USER-3", "PROFILE"), {"following_count": 1}, {}, {})])
    table.forget()
    assert ([row for page in table.scan() for row in page], table.moved) == ([], {})
    table.transact([PutRow(POST, _row(POST))])
    assert table.get(POST) == _row(POST)


def change(put, counted, **expected):
    exists = (Exists(("USER-2", "PROFILE"), already, expected),)
    return Change(puts=(Put(put, _row(put)),), adds=(Add(counted, {"likes_count": 2}, already),), exists=exists)


def test_a_change_given_to_a_part_as_it_is_leaves_what_its_transaction_does():
    alone, sent = DryTable(None, "social", SCHEMA), DryTable(None, "social", SCHEMA)
    alone.hold_a_part()
    sent.hold_a_part()
    post = _row(POST, likes_count={"N": "1"}, text={"S": "Größe 東京\x7f"})
    for table in (alone, sent):
        table.transact([PutRow(POST, post)])
    for number, counted in enumerate((POST, ("POST-9", "POST"), POST)):
        like = (f"POST-{number}", "LIKE-1")
        assert alone.apply(change(like, counted))
        sent.transact([PutRow(like, _row(like)), UpdateRow(counted, {"likes_count": 2}, {})])

    assert dict(alone.texts()) == dict(sent.texts())
    assert alone.moved == sent.moved == {("POST-9", "POST"): {"likes_count": 2}}
    assert alone.get(POST) == {**post, "likes_count": {"N": "5"}}


@pytest.mark.parametrize(
    "refused",
    [change(POST, POST), change(("POST-1", "LIKE-1"), POST, bio={"S": "x"}), Change(deletes=(Delete(POST),))],
    ids=["a put of what is here", "something expected of a row", "a delete"],
)
def test_a_part_takes_no_change_as_it_is_that_may_be_refused(refused):
    table = DryTable(None, "social", SCHEMA)
    table.hold_a_part()
    table.transact([PutRow(POST, _row(POST))])

    assert not table.apply(refused)
    assert (dict(table.texts()), table.moved) == ({POST: canonical(_row(POST))}, {})


def test_a_row_that_is_put_anew_has_none_of_the_counts_of_the_one_before():
    table = DryTable(None, "social", SCHEMA)
    table.hold_a_part()
    table.transact([PutRow(POST, _row(POST))])
    assert table.apply(change(("POST-1", "LIKE-1"), POST))
    table.write_batch([_row(POST)], ())
    assert table.get(POST) == _row(POST)


def test_a_table_that_is_no_part_takes_no_change_as_it_is():
    assert not DryTable(None, "social", SCHEMA).apply(change(("POST-1", "LIKE-1"), POST))


def test_a_scan_of_a_part_has_what_is_counted_on_a_row_before_its_turn_comes():
    table = DryTable(None, "social", SCHEMA)
    table.hold_a_part()
    posts = [(f"POST-{number:05}", "POST") for number in range(PAGE_ROWS + 1)]
    table.write_batch([_row(post, likes_count={"N": "0"}) for post in posts], [])

    pages = table.scan()
    first = next(pages)
    assert table.apply(Change(adds=(Add(posts[-1], {"likes_count": 2}, already),)))
    (last,) = next(pages)

    assert {row["likes_count"]["N"] for row in first} == {"0"}
    assert (last["PK"]["S"], last["likes_count"]) == (posts[-1][0], {"N": "2"})
