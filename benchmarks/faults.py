"""A bad day for many seeds: every world is made under faults, and compared with the one made without.

    .venv/bin/python -m benchmarks.engine -- .venv/bin/python -m benchmarks.faults --seeds 50

At the endpoint that SEEDBED_ENDPOINT_URL names, else embedded; each seed makes a minimal world with 1 and with 4
workers, under the faults of `seedbed.dynamo.engines.faults.HOSTILE`, with waits as in production. Prints n of n, the
faults by kind, and what they cost in time. Exit code 1 when a world was not the same.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from attrs import frozen

from factories import using
from factories.presets import PRESETS
from factories.seeding.seeder import Seeder
from seedbed.dynamo.engines.faults import HOSTILE, Fault, Faults, Schedule
from services import App, connect
from services.audit import Audit, audit

AS_OF: Final = datetime(2026, 11, 1, tzinfo=UTC)
WORKERS: Final = (1, 4)


@frozen
class Day:
    """One world made: what is in the table then, how long it took, and what happened."""

    found: Audit
    seconds: float
    made: Counter[Fault]


def connected(workers: int = 1) -> App:
    """Connect to a table of its own."""
    return connect(
        os.environ.get("SEEDBED_ENDPOINT_URL"), f"faults-{uuid4()}", workers=workers, clock=lambda: AS_OF, seed=7
    )


def day(seed: int, workers: int, *, is_bad: bool) -> Day:
    """Make a seed's world, on a bad day or a good one."""
    with connected(workers) as app:
        begun = time.perf_counter()
        engine: Any = app.engine  # an app that is open has one
        with using(app, seed=seed), Faults(engine, Schedule(seed, HOSTILE if is_bad else {})) as faults:
            Seeder(app, PRESETS["minimal"]).run()
        return Day(audit(app.session.store), time.perf_counter() - begun, faults.made)


def main(arguments: Sequence[str]) -> int:
    """Run what is asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="benchmarks.faults", description="Make worlds under faults, and compare.")
    parser.add_argument("--seeds", type=int, default=50, metavar="N")
    seeds = parser.parse_args(arguments).seeds
    right, made, seconds = 0, Counter[Fault](), [0.0, 0.0]
    for seed in range(seeds):
        good = day(seed, 1, is_bad=False)
        bad = [day(seed, workers, is_bad=True) for workers in WORKERS]
        is_right = good.found.is_clean and all(one.found == good.found for one in bad)
        right += is_right
        for one in bad:
            made += one.made
        seconds = [seconds[0] + good.seconds, seconds[1] + sum(one.seconds for one in bad) / len(bad)]
        if not is_right:
            print(f"  seed {seed}: {[one.found for one in (good, *bad)]}", flush=True)
    told = ", ".join(f"{count} {fault}" for fault, count in made.most_common())
    print(f"{right} of {seeds} seeds: the rows, digest and audit of a good day ({len(WORKERS)} bad days each)")
    print(f"faults: {told}")
    print(f"a world: {seconds[0] / seeds:.2f} s on a good day, {seconds[1] / seeds:.2f} s on a bad one")
    return 0 if right == seeds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
