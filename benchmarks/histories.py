"""Every outcome as it is: processes that call the app behind a proxy at the socket, and whether their history holds.

    .venv/bin/python -m benchmarks.histories --calls 100000

For each kind of fault of `tests/histories/proxy.py`, and all of them mixed: so many processes like, follow, post,
comment, rename and look up at the same places, on a real engine, alone and in units of work. Then each register must be
linearizable up to the rows that are there in the end: what was said to be done is there, what was said to be refused is
not, of what is unknown it may be either; and every counter is the number of its rows. What nothing explains is printed
call by call. The same seed makes the same calls meet the same faults: `--kind "5xx" --seed 7` replays a history.
Exit code 1 when something was wrong.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence

from benchmarks.engine import exit_on_signal, local_engine
from tests.histories.proxy import NAMES
from tests.histories.runs import Run, in_processes

FIRST_OF_WRONG = 3
"""What is wrong is shown so many times a kind."""


def hold(run: Run) -> Counter[str]:
    """Run one kind; return what came of its calls, and how much of it is wrong."""
    begun = time.perf_counter()
    verdict = in_processes(run)
    count = verdict.outcomes + Counter(faults=verdict.made.total(), wrong=len(verdict.wrong))
    told = ", ".join(f"{count[name]:,} {name}" for name in ("done", "refused", "unknown"))
    print(
        f"{run.kind}: {len(verdict.events):,} calls, {count['faults']:,} faults: {told}, {count['wrong']} wrong", end=""
    )
    print(f" ({time.perf_counter() - begun:.0f} s)", flush=True)
    for wrong in verdict.wrong[:FIRST_OF_WRONG]:
        print(f"  {wrong}", flush=True)
    return count


def main(arguments: Sequence[str]) -> int:
    """Run what is asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="benchmarks.histories", description="Check histories under faults.")
    parser.add_argument("--calls", type=int, default=100_000, metavar="N", help="of all kinds and processes together")
    parser.add_argument("--kind", action="append", choices=NAMES, help="of fault; every one unless named")
    parser.add_argument("--processes", type=int, default=4, metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of calls and faults")
    asked = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, exit_on_signal)  # so that no engine outlives a script that is stopped
    kinds = asked.kind or list(NAMES)
    calls = -(-asked.calls // (len(kinds) * asked.processes))
    count: Counter[str] = Counter()
    with local_engine() as url:
        for kind in kinds:
            table = "histories-" + kind.replace(" ", "-")
            count += hold(Run(url, table, kind, asked.seed, calls, asked.processes))
    print(f"{count['done'] + count['refused'] + count['unknown']:,} calls: {count['wrong']} wrong", flush=True)
    return 1 if count["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
