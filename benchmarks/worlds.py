"""Worlds for tests: a fresh app, and a private copy of a world of 20,000 rows.

Run as `python -m benchmarks.worlds` from the checkout. Each figure is the least of several rounds.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from factories import LikeFactory, PostFactory, UserFactory, using
from seedbed import recycle
from seedbed.dynamo.engines import Engine, embedded_engine
from services import connect

ROUNDS, CALLS = 7, 20


def main() -> None:
    """Print the figures."""
    with embedded_engine() as engine, embedded_engine() as empty:
        rows = _fill(engine)
        connect(engine=empty).close()
        fresh, app, copy, nothing = _least(_fresh, lambda: _open(engine), engine.copy, empty.copy)
        print(f"a fresh app: {fresh:.2f} ms (wanted: 2)")
        print(f"a copy of {rows:,} rows: {copy - nothing:.2f} ms more than one of none (wanted: 1)")
        print(f"  and the app on it: {app:.2f} ms")


def _fill(engine: Engine) -> int:
    with connect(engine=engine) as app, using(app, seed=1):
        users = UserFactory.create_batch(1_500)
        with recycle(users):
            posts = PostFactory.create_batch(3_000)
        with recycle(users, posts):
            LikeFactory.create_batch(8_000)
        return sum(len(rows) for rows in app.table.scan())


def _fresh() -> None:
    connect().close()


def _open(engine: Engine) -> None:
    with engine.copy() as copy, connect(engine=copy):
        pass


def _least(*calls: Callable[[], object]) -> list[float]:
    """Return the milliseconds that each call takes, measured by turns."""
    # The first round makes indexes, and loads what is loaded once.
    rounds = [[_milliseconds(call) for call in calls] for _ in range(ROUNDS + 1)]
    return [min(times) for times in zip(*rounds[1:], strict=True)]


def _milliseconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.perf_counter() - started) / CALLS * 1_000


if __name__ == "__main__":
    main()
