"""A follow graph of 1,000,000 users and 10,000,000 follows, each strategy in a process of its own.

    .venv/bin/python -m benchmarks graphs

`complete` is as large as its answer, so it is measured with as many follows, which is 3,163 users.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

from benchmarks.command import line

USERS, MEAN = 1_000_000, 10
ALL_FOLLOW = 3_163
"""So many users have 10,000,000 follows when everybody follows everybody."""
SECONDS, MEGABYTES = 60, 4_096


def measure(strategy: str) -> None:
    """Make one graph in this process, and print what it took."""
    import numpy as np  # noqa: PLC0415 - part of what is measured

    from factories.graphs import edges  # noqa: PLC0415 - as above

    users = ALL_FOLLOW if strategy == "complete" else USERS
    topics = (np.arange(users) % 12).tolist() if strategy == "community" else ()
    started = time.perf_counter()
    follows = edges(users, strategy, 7, mean=MEAN, topics=topics)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line(f"{strategy}: {users:,} users, {len(follows):,} follows", seconds, SECONDS, unit="s")
    line("  peak memory", peak, MEGABYTES, unit="MB")


def main() -> None:
    """Measure and print."""
    for strategy in ("random", "influencer", "complete", "community"):
        subprocess.run([sys.executable, "-m", "benchmarks.graphs", strategy], check=True)


if __name__ == "__main__":
    measure(sys.argv[1])
