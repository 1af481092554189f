"""The embedded engine against itself: does a bigger table cost more, and a transaction more than a batch?

Run as `python -m benchmarks.embedded` from the checkout. Ratios compare medians of one run in which the calls
take turns, so that a busy machine bends both alike.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from statistics import median
from typing import Any

from seedbed.dynamo.engines import Engine, embedded_engine

TABLE = "social"
SMALL, LARGE = 1_000, 100_000
CALLS = 500

_KEYS = ("PK", "SK", "GSI1PK", "GSI1SK")


Act = Callable[[], object]


def main() -> None:
    """Print the figures, each beside what it is compared with."""
    small, large = _filled(SMALL), _filled(LARGE)
    numbers = count(LARGE)
    print(f"median of {CALLS} calls, in milliseconds; tables of {SMALL:,} and {LARGE:,} rows\n")
    for name, prepare in (
        ("transaction of 2", partial(_like, numbers=numbers, likes=1)),
        ("transaction of 100", partial(_like, numbers=numbers, likes=99)),
        ("Query, a page of 25", _query),
        ("Query of GSI1, a page of 25", _query_index),
        ("Scan, a page of 25", _scan),
        ("BatchGetItem of 25", _get),
    ):
        at_small, at_large = _medians(partial(prepare, small), partial(prepare, large))
        print(f"{name:28} {at_small:8.3f} {at_large:8.3f}   x{at_large / at_small:.2f}")
    _compare_writes(large, numbers)


def _compare_writes(engine: Engine, numbers: Iterator[int]) -> None:
    transaction, batch = _medians(
        partial(_like, engine, numbers=numbers, likes=99), partial(_batch, engine, numbers=numbers)
    )
    per_transaction, per_batch = 100_000 / transaction, 25_000 / batch
    print(f"\nrows a second: {per_transaction:,.0f} in transactions of 100 (99 puts and a counter),")
    print(f"{per_batch:,.0f} in batches of 25 puts: x{per_transaction / per_batch:.2f}")


def _medians(*prepares: Callable[[], Act]) -> tuple[float, ...]:
    """Return the median milliseconds of each act; they take turns call by call, requests made beforehand."""
    taken: list[list[float]] = [[] for _ in prepares]
    for _ in range(CALLS):
        for times, act in zip(taken, [prepare() for prepare in prepares], strict=True):
            started = time.perf_counter()
            act()
            times.append((time.perf_counter() - started) * 1000)
    return tuple(median(times) for times in taken)


def _filled(rows: int) -> Engine:
    engine = embedded_engine()
    engine.client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in _KEYS],
        KeySchema=_schema("PK", "SK"),
        GlobalSecondaryIndexes=[
            {
                "IndexName": "GSI1",
                "KeySchema": _schema("GSI1PK", "GSI1SK"),
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )
    engine.client.put_item(TableName=TABLE, Item=_post_key() | {"likes_count": {"N": "0"}})
    numbers = count()
    for first in range(0, rows, 25):
        _batch(engine, numbers, post=f"old{first // 100}")()
    return engine


def _schema(partition: str, sort: str) -> list[Any]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


def _post_key() -> dict[str, Any]:
    return {"PK": {"S": "POST#hot"}, "SK": {"S": "POST"}}


def _rows(post: str, numbers: Iterator[int], size: int) -> list[dict[str, Any]]:
    return [
        {
            "PK": {"S": f"POST#{post}"},
            "SK": {"S": f"LIKE#{number:09}"},
            "GSI1PK": {"S": f"USER#{number // 40}"},
            "GSI1SK": {"S": f"LIKE#2026-01-01T00:00:00.000Z#{number}"},
            "entity_type": {"S": "LIKE"},
            "user_id": {"S": f"{number // 40}"},
            "post_id": {"S": post},
            "created_at": {"S": "2026-01-01T00:00:00.000Z"},
        }
        for number in (next(numbers) for _ in range(size))
    ]


def _like(engine: Engine, numbers: Iterator[int], likes: int) -> Act:
    puts: list[Any] = [
        {
            "Put": {
                "TableName": TABLE,
                "Item": row,
                "ConditionExpression": "attribute_not_exists(PK)",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }
        for row in _rows(f"new{next(numbers)}", numbers, likes)
    ]
    puts.append(_counter(likes))
    return partial(engine.client.transact_write_items, TransactItems=puts)


def _counter(likes: int) -> dict[str, Any]:
    return {
        "Update": {
            "TableName": TABLE,
            "Key": _post_key(),
            "UpdateExpression": "ADD likes_count :n",
            "ConditionExpression": "attribute_exists(PK)",
            "ExpressionAttributeValues": {":n": {"N": str(likes)}},
        }
    }


def _batch(engine: Engine, numbers: Iterator[int], post: str = "batch") -> Act:
    puts: list[Any] = [{"PutRequest": {"Item": row}} for row in _rows(post, numbers, 25)]
    return partial(engine.client.batch_write_item, RequestItems={TABLE: puts})


def _query(engine: Engine) -> Act:
    return partial(
        engine.client.query,
        TableName=TABLE,
        KeyConditionExpression="PK = :p AND begins_with(SK, :s)",
        ExpressionAttributeValues={":p": {"S": "POST#old3"}, ":s": {"S": "LIKE#"}},
        Limit=25,
    )


def _query_index(engine: Engine) -> Act:
    return partial(
        engine.client.query,
        TableName=TABLE,
        IndexName="GSI1",
        KeyConditionExpression="GSI1PK = :p",
        ExpressionAttributeValues={":p": {"S": "USER#3"}},
        ScanIndexForward=False,
        Limit=25,
    )


def _scan(engine: Engine) -> Act:
    return partial(engine.client.scan, TableName=TABLE, Limit=25)


def _get(engine: Engine) -> Act:
    keys: list[Any] = [{name: row[name] for name in ("PK", "SK")} for row in _rows("old0", count(), 25)]
    return partial(engine.client.batch_get_item, RequestItems={TABLE: {"Keys": keys}})


if __name__ == "__main__":
    main()
