"""A world as files, against the same world through a local engine; one process against two; the audit of the files.

    .venv/bin/python -m benchmarks.export [PRESET]

All in one run, since only ratios tell: `stress` unless a preset is named. The engine keeps its rows in memory and has a
core of its own where the system can give it one; the export has all cores, as whoever runs it has.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.command import SEED, line, measured
from benchmarks.engine import local_engine

DAY = ["--seed", "7", "--as-of", "2026-11-01", "--json"]


def through_engine(preset: str) -> dict[str, Any]:
    """Make the world by transactions; return what the command reports."""
    with local_engine(is_apart=True) as url:
        output, *_ = measured(*SEED, "-e", preset, *DAY, "--table", "export", "--endpoint-url", url)
    report: dict[str, Any] = json.loads(output)
    return report


def exported(preset: str, folder: Path, *, processes: int) -> tuple[dict[str, Any], float, float]:
    """Export the world; return what the command reports, its seconds in all, and its largest process's megabytes."""
    shutil.rmtree(folder, ignore_errors=True)
    asked = ["export", str(folder), "-e", preset, *DAY, "--processes", str(processes)]
    output, seconds, _, megabytes = measured(*SEED, *asked)
    return json.loads(output), seconds, megabytes


def main(preset: str = "stress") -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "export"
        engine = through_engine(preset)
        one, seconds_of_one, _ = exported(preset, folder, processes=1)
        two, seconds_of_two, megabytes = exported(preset, folder, processes=2)
        output, audit_seconds, _, audit_megabytes = measured(*SEED, "audit", "--export", str(folder), "--json")
    rows, faster = two["rows"], engine["seconds"] / seconds_of_two
    print(f"  {rows:,} rows; by transactions {engine['seconds']:.1f} s, exported in {seconds_of_two:.1f} s")
    line("export, two processes, times as fast as a local engine", faster, 3, unit="x")
    line("  two processes against one", seconds_of_one / seconds_of_two, 1.7, unit="x")
    line("  peak memory of the largest process", megabytes, 400, unit="MB")
    line("  the same digest", float(one["digest"] == two["digest"] == engine["digest"]), 1, unit="")
    rate = f"{1e6 * audit_seconds / rows:.1f} us a row"
    findings = len(json.loads(output)["findings"])
    print(f"  audit of the export: {audit_seconds:.1f} s, {rate}, {audit_megabytes:.0f} MB, {findings} findings")


if __name__ == "__main__":
    main(*sys.argv[1:])
