"""Run the benchmarks, or those named: `python -m benchmarks [embedded] [command] …`. `make bench` runs them all."""

from __future__ import annotations

import importlib
import sys

ALL = ("embedded", "command", "graphs", "throughput", "audit", "growth", "stress")


def main(names: list[str]) -> int:
    """Run benchmarks one after another."""
    unknown = [name for name in names if name not in ALL]
    if unknown:
        print(
            f"benchmarks: no such benchmark: {', '.join(unknown)}; there are {', '.join(ALL)}",
            file=sys.stderr,
        )
        return 2
    for name in names or ALL:
        print(f"== {name}", flush=True)
        importlib.import_module(f"benchmarks.{name}").main()
        print(flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
