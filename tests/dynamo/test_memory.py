"""A table on paper that several threads write to: nothing is lost, and every refusal is one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from seedbed.dynamo.actions import PutRow, UpdateRow
from seedbed.dynamo.memory import DryTable
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
