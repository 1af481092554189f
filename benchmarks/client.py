"""What a client costs this machine, by turns with what it is compared with: requests, likes, batches, single objects.

    .venv/bin/python -m benchmarks.client [wire] [likes] [batches] [objects]

Costs are processor time of this process, so a busy machine bends them less than seconds; ratios are medians over rounds
whose sides take turns. "botocore's way" is `SEEDBED_WIRE=botocore`. The engine of `batches` is pinned to no core: where
two cores are busy with others' work, nothing is left to overlap with, and its ratio says so.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

from benchmarks.engine import local_engine
from benchmarks.throughput import fresh, raw_seconds, rows_of, seconds
from factories import LikeFactory, PostFactory, UserFactory, recycle, using
from seedbed.dynamo.actions import Action, PutRow, UpdateRow
from seedbed.dynamo.engines import endpoint_engine
from seedbed.dynamo.engines.ways import VARIABLE, way_to
from seedbed.dynamo.wire import render

ROUNDS = 5
REQUESTS, ROWS = 100, 100
LIKES, POSTS, LIKERS = 10_000, 20, 500
OBJECTS = 100
_NUMBERS = count()


def cost(act: Callable[[], object]) -> float:
    """Measure the processor time of one act, in seconds."""
    started = time.process_time()
    act()
    return time.process_time() - started


@contextmanager
def by_botocore(*, is_so: bool = True) -> Iterator[None]:
    """Let engines that are opened in the block be reached by all of botocore's layers."""
    os.environ[VARIABLE] = "botocore" if is_so else ""
    try:
        yield
    finally:
        del os.environ[VARIABLE]


def line(what: str, figures: dict[str, list[float]], unit: str) -> None:
    """Print the median of each side, and how many times it costs the last one's."""
    *_, own = figures.values()
    sides = []
    for side, found in figures.items():
        ratio = statistics.median(other / ours for other, ours in zip(found, own, strict=True))
        sides.append(f"{side} {statistics.median(found):.2f} (x{ratio:.2f})")
    print(f"{what}, {unit}: {', '.join(sides)}", flush=True)


# Requests


class _Nobody(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer is one packet, else the next request waits for an acknowledgement

    def do_POST(self) -> None:
        """Say that all is done."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def nobody() -> Iterator[str]:
    """Serve an endpoint that does nothing, in a process of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Nobody)
    pid = os.fork()
    if not pid:
        server.serve_forever()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        server.server_close()


def _actions() -> list[Action]:
    names = ("GSI1PK", "GSI1SK", "entity_type", "user_id", "post_id", "created_at")
    rows = [{name: {"S": f"{name}#{number:032}"} for name in ("PK", "SK", *names)} for number in range(ROWS - 1)]
    puts = [PutRow((row["PK"]["S"], row["SK"]["S"]), row) for row in rows]
    return [*puts, UpdateRow(("POST#1", "POST"), {"likes_count": ROWS - 1}, {})]


def wire() -> None:
    """Send transactions of 100 rows to nobody."""
    parameters: dict[str, Any] = {
        "TransactItems": [render(action, "social") for action in _actions()],
        "ClientRequestToken": "t" * 36,
    }
    figures: dict[str, list[float]] = {"boto3": [], "botocore's way": [], "ours": []}
    with nobody() as url, endpoint_engine(url) as engine:
        with by_botocore():
            layers = way_to(engine)
        ways = [
            lambda: engine.client.transact_write_items(**parameters),
            lambda: layers("TransactWriteItems", "transact_write_items", parameters),
            lambda: ours("TransactWriteItems", "transact_write_items", parameters),
        ]
        ours: Any = way_to(engine)
        for number in range(ROUNDS + 1):
            for found, way in zip(figures.values(), ways, strict=True):
                taken = cost(lambda way=way: [way() for _ in range(REQUESTS)])  # type: ignore[misc]
                if number:  # the first round learns
                    found.append(taken / REQUESTS / ROWS * 1e6)
    line("a row of a transaction of 100", figures, "microseconds")


# Likes


def _likes(url: str | None) -> float:
    with fresh(url) as app, using(app, seed=next(_NUMBERS)):
        users = UserFactory.create_batch(LIKERS)
        posts = PostFactory.create_batch(POSTS, author=users[0])
        with recycle(users, posts):
            return cost(lambda: LikeFactory.create_batch(LIKES)) / LIKES * 1e6


def likes() -> None:
    """Like 10,000 times in one batch, on a real local engine."""
    figures: dict[str, list[float]] = {"botocore's way": [], "ours": []}
    with local_engine() as url:
        for _ in range(ROUNDS):
            for found, is_so in zip(figures.values(), (True, False), strict=True):
                with by_botocore(is_so=is_so):
                    found.append(_likes(url))
    line("a like, the client's share", figures, "microseconds")


def batches() -> None:
    """Like 20 times 500, a post each, against BatchWriteItem of the same rows: in seconds, nothing pinned."""
    figures: dict[str, list[float]] = {"raw": [], "ours": []}
    with local_engine() as url:
        for _ in range(ROUNDS):
            with fresh(url) as app, using(app, seed=next(_NUMBERS)):
                users = UserFactory.create_batch(LIKERS)
                posts = PostFactory.create_batch(POSTS, author=users[0])
                with recycle(users):
                    figures["ours"].append(seconds(partial(_like_each, posts)))
                rows = [row for row in rows_of(app) if row["entity_type"]["S"] == "LIKE"]
            figures["raw"].append(raw_seconds(url, rows))
    line("20 batches of 500 likes", figures, "seconds")


def _like_each(posts: list[Any]) -> None:
    for post in posts:
        LikeFactory.create_batch(LIKES // POSTS, post=post)


# Single objects


def objects() -> None:
    """Make single objects on the embedded engine, as unit tests do."""
    for factory in (UserFactory, PostFactory, LikeFactory):
        figures: dict[str, list[float]] = {"botocore's way": [], "ours": []}
        for _ in range(ROUNDS):
            for found, is_so in zip(figures.values(), (True, False), strict=True):
                with by_botocore(is_so=is_so), fresh(None) as app, using(app, seed=next(_NUMBERS)):
                    factory()
                    found.append(cost(lambda make=factory: [make() for _ in range(OBJECTS)]) / OBJECTS * 1e3)  # type: ignore[misc]
        line(f"{factory.__name__}()", figures, "milliseconds")


def main() -> None:
    """Measure what is named, else all."""
    figures = {figure.__name__: figure for figure in (wire, likes, batches, objects)}
    for name in [name for name in figures if name in sys.argv] or figures:
        figures[name]()


if __name__ == "__main__":
    main()
