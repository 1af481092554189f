"""Two workers against one on a world behind an engine of 5 ms a call: seconds, conflicts, the memory of a worker.

Run as `python -m benchmarks.cluster [PRESET] [WORKERS …]` from the checkout, with nothing else at work on the machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from benchmarks.command import SEED
from benchmarks.meetings import meeting_engine, met


def main(preset: str = "realistic", *counts: str) -> None:
    """Print the figures."""
    seconds: dict[int, float] = {}
    for count in map(int, counts or ("1", "2")):
        with meeting_engine() as url:
            report = _seeded(preset, url, count)
            told = met(url)
        seconds[count] = report["seconds"]
        crew, share = report["crew"], told["conflicts"] / told["transactions"]
        print(
            f"{count} workers: {report['seconds']:.1f} s, {crew['slices']} slices, {crew['peak_bytes'] / 1e6:.0f} MB a "
            f"worker (wanted: 400), {told['conflicts']} conflicts in {told['transactions']:,} transactions, "
            f"{share:.2%} (wanted: 1 %), digest {report['digest'][:12]}"
        )
    first, *others = seconds
    for count in others:
        print(f"x{seconds[first] / seconds[count]:.2f} by {count} workers of {first} (wanted of 2: 1.7)")


def _seeded(preset: str, url: str, count: int) -> dict[str, Any]:
    command = [*SEED, "-e", preset, "--as-of", "2026-11-01", "--json"]
    command += ["--endpoint-url", url, "--cluster", f"local:{count}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


if __name__ == "__main__":
    main(*sys.argv[1:])
