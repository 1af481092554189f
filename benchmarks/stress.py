"""The stress preset, about two million rows, on a real local engine: time, memory, calls, and the audit's verdict.

    .venv/bin/python -m benchmarks.stress

The engine keeps its rows in memory and has a core of its own where the system can give it one.
"""

from __future__ import annotations

import json
from typing import Any

from benchmarks.command import SEED, line, measured
from benchmarks.engine import local_engine

WORLD = ["-e", "stress", "--seed", "7", "--as-of", "2026-11-01", "--table", "stress", "--json"]


def main() -> None:
    """Measure and print."""
    with local_engine(is_apart=True) as url:
        output, seconds, cpu, megabytes = measured(*SEED, *WORLD, "--endpoint-url", url)
    report: dict[str, Any] = json.loads(output)
    entities = sum(report["created"].values())
    line("seed -e stress, local engine, making the world", report["seconds"], 360, unit="s")
    line("  with the audit, whole process", seconds, 360, unit="s")
    line("  peak memory of the client", megabytes, 400, unit="MB")
    line("  API calls an entity", report["calls"] / entities, 0.03, unit="")
    print(f"  {entities:,} entities, {report['rows']:,} rows, {report['calls']:,} calls, {cpu:.1f} s of processor")
    print(f"  audit: {len(report['audit']['findings'])} findings over {report['audit']['counters']:,} counters")


if __name__ == "__main__":
    main()
