"""Rows of tables whose keys are of any kind, or have no sort key, come back as they were put."""

from __future__ import annotations

import pytest

KINDS = {
    "S": [{"S": "\0\1"}, {"S": "A#1"}, {"S": "a"}],
    "N": [{"N": "1.5"}, {"N": "9"}, {"N": "10"}],
    "B": [{"B": b"x"}],
}
VALUES = {
    "texts": {"L": [{"S": "A#1"}, {"BOOL": True}]},
    "blobs": {"BS": [b"1"]},
    "created_at": {"S": ""},
    "m": {"M": {}},
}


def _create(client, kinds):
    client.create_table(
        TableName="other",
        AttributeDefinitions=[{"AttributeName": f"k{n}", "AttributeType": kind} for n, kind in enumerate(kinds)],
        KeySchema=[{"AttributeName": f"k{n}", "KeyType": ["HASH", "RANGE"][n]} for n, _ in enumerate(kinds)],
        BillingMode="PAY_PER_REQUEST",
    )


@pytest.mark.parametrize("kinds", ["S", "N", "B", "SS", "SN", "NS", "NN", "BB", "SB"])
def test_a_row_comes_back_whatever_its_key_is_made_of(client, kinds):
    _create(client, kinds)
    rows = [
        {"v": {"S": "A#1"}, "k0": first} | ({"k1": KINDS[kinds[1]][0]} if len(kinds) == 2 else {}) | VALUES
        for first in KINDS[kinds[0]]
    ]
    for row in rows:
        client.put_item(TableName="other", Item=row)

    keys = [{name: row[name] for name in row if name in {"k0", "k1"}} for row in rows]
    assert client.scan(TableName="other")["Items"] == rows
    assert [client.get_item(TableName="other", Key=key)["Item"] for key in keys] == rows


def test_a_row_that_is_read_is_the_readers_own(client):
    _create(client, "S")
    client.put_item(TableName="other", Item={"k0": {"S": "A"}, "v": {"L": [{"S": "x"}]}})

    client.get_item(TableName="other", Key={"k0": {"S": "A"}})["Item"]["v"]["L"].clear()

    assert client.scan(TableName="other")["Items"] == [{"k0": {"S": "A"}, "v": {"L": [{"S": "x"}]}}]
