"""Many threads on one embedded engine: every acknowledged write is there, none is there in half."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

THREADS, TRANSACTIONS, POSTS = 16, 40, 3


@pytest.fixture(autouse=True)
def hasty_threads():
    """Change threads a thousand times as often as usual: what can come between, does."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(usual / 1000)
    yield
    sys.setswitchinterval(usual)


def _like(post, user):
    put = {
        "TableName": "social",
        "Item": {
            "PK": {"S": post},
            "SK": {"S": f"LIKE#{user}"},
            "GSI1PK": {"S": f"USER#{user}"},
            "GSI1SK": {"S": post},
        },
        "ConditionExpression": "attribute_not_exists(PK)",
    }
    update = {
        "TableName": "social",
        "Key": {"PK": {"S": post}, "SK": {"S": "POST"}},
        "UpdateExpression": "ADD likes_count :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }
    return [{"Put": put}, {"Update": update}]


def test_sixteen_threads_lose_nothing_and_count_nothing_twice(client, all_rows):
    def work(thread):
        """Like each post as one of half as many users, so that half of the likes are refused; then read."""
        accepted = 0
        for number in range(TRANSACTIONS):
            try:
                client.transact_write_items(TransactItems=_like(f"POST#{number % POSTS}", f"{thread // 2}-{number}"))
                accepted += 1
            except client.exceptions.TransactionCanceledException:
                client.query(
                    TableName="social",
                    KeyConditionExpression="PK = :p",
                    ExpressionAttributeValues={":p": {"S": f"POST#{number % POSTS}"}},
                )
                client.scan(TableName="social", Limit=10)
        return accepted

    with ThreadPoolExecutor(THREADS) as pool:
        accepted = sum(pool.map(work, range(THREADS)))

    rows = all_rows(client)
    likes = [row for row in rows if row["SK"]["S"].startswith("LIKE#")]
    counted = sum(int(row["likes_count"]["N"]) for row in rows if row["SK"]["S"] == "POST")
    assert (accepted, len(likes), counted) == (THREADS * TRANSACTIONS // 2,) * 3


def test_half_of_a_transaction_is_never_seen(client):
    pair = [{"PK": {"S": "P"}, "SK": {"S": side}} for side in ("left", "right")]

    def write(number):
        puts = [{"Put": {"TableName": "social", "Item": {**key, "n": {"N": f"{number}"}}}} for key in pair]
        refused = {
            "ConditionCheck": {
                "TableName": "social",
                "Key": {"PK": {"S": "no"}, "SK": {"S": "no"}},
                "ConditionExpression": "attribute_exists(PK)",
            }
        }
        try:
            client.transact_write_items(TransactItems=puts + [refused] * (number % 2))
        except ClientError:
            return

    def read(_):
        items = client.transact_get_items(TransactItems=[{"Get": {"TableName": "social", "Key": key}} for key in pair])[
            "Responses"
        ]
        return [item.get("Item", {}).get("n", {}).get("N") for item in items]

    with ThreadPoolExecutor(THREADS) as pool:
        written = [pool.submit(write, number) for number in range(200)]
        seen = [pool.submit(read, number) for number in range(200)]
        halves = [found.result() for found in seen]
        for future in written:
            future.result()

    assert all(left == right for left, right in halves)
    assert all(left is None or int(left) % 2 == 0 for left, _ in halves)
