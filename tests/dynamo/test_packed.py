"""Packed rows come back as they went in, whatever they hold, and take little room."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.dynamo.canonical import canonical
from seedbed.dynamo.packed import PackedRows, Packing

TEXTS = st.one_of(st.text(), st.sampled_from(["\0", "\1\2", "\3", "a\0b", "", "a", "2026-01-01T00:00:00.000Z", "A#1"]))
VALUES = st.recursive(
    st.one_of(
        st.builds(lambda text: {"S": text}, TEXTS),
        st.builds(lambda number: {"N": str(number)}, st.integers()),
        st.builds(lambda flag: {"BOOL": flag}, st.booleans()),
        st.just({"NULL": True}),
        st.builds(lambda blob: {"B": blob}, st.binary()),
        st.builds(lambda texts: {"SS": texts}, st.lists(TEXTS, max_size=3)),
    ),
    lambda inner: st.one_of(
        st.builds(lambda values: {"L": values}, st.lists(inner, max_size=3)),
        st.builds(lambda values: {"M": values}, st.dictionaries(TEXTS, inner, max_size=3)),
    ),
    max_leaves=4,
)
NAMES = st.one_of(TEXTS, st.sampled_from(["created_at", "updated_at", "GSI1PK", "id"]))
KEYS = st.tuples(TEXTS, TEXTS)


@pytest.fixture
def all_packed(monkeypatch):
    monkeypatch.setattr("seedbed.dynamo.packed.WRITTEN_FIRST", 0)


@given(st.lists(st.tuples(KEYS, st.dictionaries(NAMES, VALUES, max_size=6)), max_size=6), st.integers(0, 6))
def test_rows_come_back_as_they_went_in(rows, written_first):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seedbed.dynamo.packed.WRITTEN_FIRST", written_first)
        packed, plain = PackedRows(), {}
    for key, values in rows:
        row = {"PK": {"S": key[0]}, "SK": {"S": key[1]}} | {n: v for n, v in values.items() if n not in {"PK", "SK"}}
        packed.put(key, row)
        plain[key] = row

    assert {key: packed.get(key) for key in plain} == plain
    assert dict(packed.texts()) == {key: canonical(row) for key, row in plain.items()}
    assert {(first, second) for first in packed.partitions() for second in packed.sorts(first)} == plain.keys()
    assert all(key in packed for key in plain)


@given(KEYS, st.dictionaries(NAMES, VALUES, max_size=6), st.integers(0, 400_000))
def test_a_size_that_is_noted_comes_back_with_a_row_that_nobody_else_has(key, values, size_bytes):
    packing = Packing("PK", "SK")
    row = values | {"PK": {"S": key[0]}, "SK": {"S": key[1]}}

    packed = packing.pack(key, row, size_bytes)
    first, second = packing.unpack(key, packed), packing.unpack(key, packed)
    first[0]["PK"]["S"] = "changed"

    assert second == (row, size_bytes)


def test_rows_of_a_partition_come_in_order():
    rows = PackedRows()
    for sort in "cab":
        rows.put(("A", sort), {"PK": {"S": "A"}, "SK": {"S": sort}})
    rows.put(("A", "b"), None)

    assert (rows.sorts("A"), rows.sorts("B")) == (["a", "c"], [])


def test_what_is_gone_is_known_and_not_there():
    rows = PackedRows()
    rows.put(("A", "a"), {"PK": {"S": "A"}, "SK": {"S": "a"}, "x": {"N": "1"}})

    rows.put(("A", "a"), None)

    assert ("A", "a") in rows
    assert ("A", "b") not in rows
    assert (rows.get(("A", "a")), rows.partitions(), rows.sorts("A")) == (None, ["A"], [])


@pytest.mark.usefixtures("all_packed")
@pytest.mark.parametrize("kind", ["LIKE", "FEED_ITEM"])
def test_a_row_takes_a_third_of_a_kilobyte(kind):
    tracemalloc.start()
    rows = PackedRows()
    for number in range(10_000):
        post, user, at = f"{number // 50:036}", f"{number:036}", f"2026-01-01T00:00:0{number % 10}.000Z"
        row = {"user_id": {"S": user}, "post_id": {"S": post}, "created_at": {"S": at}, "entity_type": {"S": kind}}
        row |= {"GSI1PK": {"S": f"USER#{user}"}, "GSI1SK": {"S": f"LIKE#{at}#{post}"}}
        key = f"POST#{post}", f"LIKE#{user}"
        rows.put(key, {"PK": {"S": key[0]}, "SK": {"S": key[1]}, **row})
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()

    assert sum(len(rows.sorts(partition)) for partition in rows.partitions()) == 10_000
    assert used / 10_000 < 350
