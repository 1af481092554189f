"""The packed service path against writing rows behind the services' back, and against one call at a time.

    .venv/bin/python -m benchmarks.throughput [embedded] [local]

Each pair is measured in turns on one engine, and its ratio is the median over the rounds, so a busy machine bends both
alike. Raw is `BatchWriteItem` of the very same rows, 25 a call, one after another, through a boto3 client with boto3's
own settings: no rules, no counters. "plain moto" is what such a script uses inside a test's process (`mock_aws`); on
the embedded engine raw is shown through that engine too, whose rows cost less than making a factory_boy object does.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from itertools import count
from typing import Any

import boto3
from moto import mock_aws

from benchmarks.engine import local_engine
from factories import LikeFactory, PostFactory, UserFactory, recycle, using
from factories.scenarios import run_scenario
from factories.scenarios.active_community import ActiveCommunity
from seedbed.dynamo.schema import TABLE
from services import App, connect

ROUNDS = 5
LIKES, POSTS, LIKERS, USERS = 10_000, 20, 500, 1_000
CHUNK = 25
_NUMBERS = count()


def seconds(act: Callable[[], object]) -> float:
    """Time one act."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def fresh(endpoint_url: str | None) -> App:
    """Connect to a new table."""
    return connect(endpoint_url, f"bench-{time.time_ns()}", seed=next(_NUMBERS))


def rows_of(app: App) -> list[dict[str, Any]]:
    """Return all rows of a table."""
    return [row for page in app.session.store.scan() for row in page]


def write_raw(client: Any, table: str, rows: list[dict[str, Any]]) -> None:
    """Write rows as a script behind the services' back does."""
    for start in range(0, len(rows), CHUNK):
        requests = [{"PutRequest": {"Item": row}} for row in rows[start : start + CHUNK]]
        client.batch_write_item(RequestItems={table: requests})


@contextmanager
def raw_table(endpoint_url: str | None) -> Iterator[tuple[Any, str]]:
    """Give a plain boto3 client and a new table of our schema: at an endpoint, or in plain moto."""
    if endpoint_url is None:
        with mock_aws():
            yield _made(boto3.client("dynamodb", region_name="us-east-1"))
        return
    local: Any = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    yield _made(boto3.client("dynamodb", region_name="us-east-1", endpoint_url=endpoint_url, **local))


def _made(client: Any) -> tuple[Any, str]:
    table = f"raw-{time.time_ns()}"
    client.create_table(TableName=table, **TABLE)
    return client, table


def raw_seconds(endpoint_url: str | None, rows: list[dict[str, Any]]) -> float:
    """Time raw writes of these rows into a new table."""
    with raw_table(endpoint_url) as (client, table):
        return seconds(lambda: write_raw(client, table, rows))


def through_engine_seconds(app: App, rows: list[dict[str, Any]]) -> float:
    """Time raw writes of these rows, over themselves, through the embedded engine's own client."""
    engine: Any = app.engine
    return seconds(lambda: write_raw(engine.client, app.table.name, rows))


def line(what: str, ours: list[float], others: list[float], *, least: float | None) -> None:
    """Print medians, and the median ratio: how many times faster ours is; and its bound, where there is one."""
    ratio = statistics.median(other / own for own, other in zip(ours, others, strict=True))
    bound = "(no bound: docs/design.md, Throughput)" if least is None else f"(at least {least:g})"
    print(
        f"  {what:<58}{statistics.median(ours):8.2f} s{statistics.median(others):9.2f} s   x{ratio:5.2f}   {bound}",
        flush=True,
    )


def likes(endpoint_url: str | None) -> None:
    """10,000 likes: against raw, and against one `like_post` at a time."""
    ours, raw, direct, singles = [], [], [], []
    for _ in range(ROUNDS):
        with fresh(endpoint_url) as app, using(app, seed=next(_NUMBERS)):
            users = UserFactory.create_batch(LIKERS)
            posts = PostFactory.create_batch(POSTS, author=users[0])
            with recycle(users, posts):
                ours.append(seconds(lambda: LikeFactory.create_batch(LIKES)))
            rows = [row for row in rows_of(app) if row["entity_type"]["S"] == "LIKE"]
            if endpoint_url is None:
                direct.append(through_engine_seconds(app, rows))
        raw.append(raw_seconds(endpoint_url, rows))
        singles.append(_one_by_one(endpoint_url))
    line("10,000 likes / raw" + (" (plain moto)" if endpoint_url is None else ""), ours, raw, least=1)
    if direct:
        line("10,000 likes / raw through the embedded engine itself", ours, direct, least=None)
    line("10,000 likes / one like_post at a time", ours, singles, least=8 if endpoint_url else None)


def _one_by_one(endpoint_url: str | None) -> float:
    """Time a fifth of the likes, one call at a time, and scale it up."""
    with fresh(endpoint_url) as app, using(app, seed=next(_NUMBERS)):
        users = UserFactory.create_batch(LIKERS)
        posts = PostFactory.create_batch(POSTS // 5, author=users[0])

        def act() -> None:
            for post in posts:
                for user in users:
                    app.likes.like_post(user.id, post.id)

        return seconds(act) * 5


def users(endpoint_url: str | None) -> None:
    """1,000 users against raw writes of the same rows, whose values were made beforehand."""
    ours, raw, direct = [], [], []
    for _ in range(ROUNDS):
        with fresh(endpoint_url) as app, using(app, seed=next(_NUMBERS)):
            ours.append(seconds(lambda: UserFactory.create_batch(USERS)))
            rows = rows_of(app)
            if endpoint_url is None:
                direct.append(through_engine_seconds(app, rows))
        raw.append(raw_seconds(endpoint_url, rows))
    line("1,000 users / raw" + (" (plain moto)" if endpoint_url is None else ""), ours, raw, least=0.9)
    if direct:
        line("1,000 users / raw through the embedded engine itself", ours, direct, least=None)


class OneByOne:
    """An app whose unit of work packs nothing: each call is written at once."""

    def __init__(self, app: App) -> None:
        self._app = app

    def __getattr__(self, name: str) -> Any:
        """Give what the app has."""
        return getattr(self._app, name)

    @contextmanager
    def unit_of_work(self) -> Iterator[OneByOne]:
        """Let every call through at once."""
        yield self

    def stored(self, value: Any) -> Any:
        """Return the value as it is."""
        return value


def community(engine: Callable[[], AbstractContextManager[str | None]], *, least: float | None) -> None:
    """`active-community` of 100 users, packed, against the same through services one call at a time, once.

    Each in an engine of its own: what an earlier round left would count as the later one's.
    """
    ours = [_community_seconds(engine, lambda app: app) for _ in range(ROUNDS)]
    loop = [_community_seconds(engine, OneByOne)] * ROUNDS
    line("active-community of 100 users / a loop over the services", ours, loop, least=least)


def _community_seconds(engine: Callable[[], AbstractContextManager[str | None]], wrap: Callable[[App], Any]) -> float:
    with engine() as endpoint_url, fresh(endpoint_url) as app, using(wrap(app), seed=1) as binding:
        return seconds(lambda: run_scenario(ActiveCommunity(users=100), binding.app))


def influencer(endpoint_url: str | None) -> None:
    """`UserFactory(influencer=True)`: 1,001 followers."""
    taken, calls = [], 0
    for _ in range(ROUNDS):
        with fresh(endpoint_url) as app, using(app, seed=next(_NUMBERS)):
            before = app.usage
            taken.append(seconds(lambda: UserFactory(influencer=True)))
            calls = app.usage.since(before).total_calls
    print(f"  UserFactory(influencer=True): {statistics.median(taken):.2f} s (at most 1.5), {calls} calls (at most 75)")


def measure(name: str, endpoint_url: str | None) -> None:
    """Print all figures of one engine."""
    print(f"{name}: ours, the other, how many times faster ours is (median of {ROUNDS} rounds)", flush=True)
    for figure in (likes, users, influencer):
        figure(endpoint_url)


def main() -> None:
    """Measure the embedded engine and a real local one."""
    wanted = [name for name in ("embedded", "local") if name in sys.argv] or ["embedded", "local"]
    if "embedded" in wanted:
        measure("embedded engine", None)
        community(nullcontext, least=None)
    if "local" in wanted:
        with local_engine(is_apart=True) as url:
            measure("local engine (dynoxide, in memory)", url)
        community(partial(local_engine, is_apart=True), least=8)


if __name__ == "__main__":
    main()
