"""Run the benchmarks, or those named: `python -m benchmarks [embedded] [command] …`. `make bench` runs them all.

Each runs in a process of its own: what one of them held in memory would count as the next one's, since a process
begins with its parent's peak.
"""

from __future__ import annotations

import subprocess
import sys

ALL = (
    "embedded",
    "command",
    "serving",
    "worlds",
    "pages",
    "graphs",
    "throughput",
    "client",
    "audit",
    "growth",
    "stress",
    "export",
)


def main(names: list[str]) -> int:
    """Run benchmarks one after another; return the exit code of the first that failed."""
    unknown = [name for name in names if name not in ALL]
    if unknown:
        print(
            f"benchmarks: no such benchmark: {', '.join(unknown)}; there are {', '.join(ALL)}",
            file=sys.stderr,
        )
        return 2
    failed = 0
    for name in names or ALL:
        print(f"== {name}", flush=True)
        failed = failed or subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode
        print(flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
