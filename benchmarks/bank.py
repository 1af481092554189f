"""Exact at every instant: counters and all their rows, read at one instant while others write under faults.

    .venv/bin/python -m benchmarks.bank --snapshots 10000

On a real engine, for each vault of `tests/contract/bank.py`: three writers in units of work, under the faults of
`seedbed.dynamo.engines.faults.HOSTILE`, and two readers without any. Then the control for each counter, which is moved
in a call of its own and must be caught. Prints how many snapshots were right, and how many different counts they saw.
Exit code 1 when a snapshot was wrong, or a control was not.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Sequence

from benchmarks.engine import exit_on_signal, local_engine
from seedbed.dynamo.engines import Engine, open_engine
from seedbed.dynamo.engines.faults import HOSTILE, Faults, Schedule
from services import App, connect
from tests.contract.bank import COUNTERS, VAULTS, Bank, in_two_calls
from tests.contract.world import START, World, drift
from tests.faults import no_waiting


def engine_of(app: App) -> Engine:
    """Return the engine of an app that is no dry one.

    Raises:
        ValueError: it is one.
    """
    if app.engine is None:
        message = "a dry app has no engine"
        raise ValueError(message)
    return app.engine


def hold(url: str, kind: str, snapshots: int, seed: int) -> bool:
    """Take so many snapshots of one kind of vault; return whether all were right."""
    begun = time.perf_counter()
    with connect(url, f"bank-{kind}", seed=seed, clock=lambda: START) as app, open_engine(url) as reader:
        world = World(app)
        vault = VAULTS[kind](world)
        with no_waiting(app), Faults(engine_of(app), Schedule(f"{seed}/{kind}", HOSTILE)) as faults:
            found = Bank(app, reader.client, vault, snapshots).run(seed)
        found.wrong += drift(world.rows())
    print(f"{kind}: {found.snapshots:,} snapshots of {len(vault.keys)} rows, {len(found.wrong)} wrong", end="")
    print(f"; {sum(map(len, found.counts.values())):,} different counts, {faults.made.total():,} faults", end="")
    print(f", {time.perf_counter() - begun:.0f} s", flush=True)
    for wrong in found.wrong[:3]:
        print(f"  {wrong}", flush=True)
    return not found.wrong


def control(url: str, name: str, snapshots: int, seed: int) -> bool:
    """Move one counter in a call of its own; return whether that is caught."""
    with connect(url, f"bank-control-{name}", seed=seed, clock=lambda: START) as app, open_engine(url) as reader:
        vault = VAULTS[COUNTERS[name]](World(app))
        with in_two_calls(app, name):
            found = Bank(app, reader.client, vault, snapshots, is_control=True).run(seed)
    said = "caught" if found.wrong else "NOT caught"
    print(f"{name} in two calls: {said} after {found.snapshots:,} snapshots", flush=True)
    return bool(found.wrong)


def main(arguments: Sequence[str]) -> int:
    """Run what is asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="benchmarks.bank", description="Read counters and rows at one instant.")
    parser.add_argument("--snapshots", type=int, default=10_000, metavar="N", help="of each kind of vault")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of writes and faults")
    asked = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, exit_on_signal)  # so that no engine outlives a script that is stopped
    with local_engine() as url:
        results = [hold(url, kind, asked.snapshots, asked.seed) for kind in VAULTS]
        results += [control(url, name, asked.snapshots, asked.seed) for name in COUNTERS]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
