"""The command's own figures: the realistic preset on the embedded engine, and what starting costs.

    .venv/bin/python -m benchmarks.command

Prints each figure beside its bound. Processor seconds are of the whole process, as the operating system counts them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SEED = [sys.executable, "-m", "seedbed", "--suite=factories.suite:suite"]
"""The command as the checkout has it."""
WATCHED = "import factories, sys; print([m for m in ('moto', 'boto3.resources', 'boto3') if m in sys.modules])"


def measured(*arguments: str) -> tuple[str, float, float, float]:
    """Run a command; return its output, wall seconds, processor seconds and peak megabytes.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    started = time.perf_counter()
    process = subprocess.Popen([*arguments], stdout=subprocess.PIPE, text=True)
    output = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, arguments)
    seconds = time.perf_counter() - started
    return output, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def line(what: str, figure: float, bound: float, *, unit: str) -> None:
    """Print a figure beside its bound, and their ratio."""
    print(f"{what:<58}{figure:>10.3f} {unit:<4} bound {bound:>7.3f}   ratio {figure / bound:5.2f}")


def main() -> None:
    """Measure and print."""
    output, seconds, cpu, megabytes = measured(
        *SEED, "-e", "realistic", "--seed", "7", "--as-of", "2026-11-01", "--json"
    )
    report: dict[str, Any] = json.loads(output)
    entities = sum(report["created"].values())
    line("seed -e realistic, embedded, whole process", seconds, 15, unit="s")
    line("  of it making the world", report["seconds"], 15, unit="s")
    line("  peak memory", megabytes, 500, unit="MB")
    line("  API calls an entity", report["calls"] / entities, 0.06, unit="")
    print(f"  {entities:,} entities, {report['rows']:,} rows, {report['calls']:,} calls, {cpu:.1f} s of processor")
    print(f"  audit: {len(report['audit']['findings'])} findings over {report['audit']['counters']:,} counters")
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder, "world.html"))
        reports = sorted(measured(*SEED, "report", file, "--force", "-e", "realistic", "--json")[1] for _ in range(5))
    line("seed report -e realistic, whole process, median of 5", reports[2], 3, unit="s")
    helps = sorted(measured(*SEED, "--help")[2] for _ in range(5))
    line("seed --help, processor, median of 5", helps[2], 0.3, unit="s")
    bare = sorted(measured(sys.executable, "-c", "pass")[2] for _ in range(15))
    imports = sorted(measured(sys.executable, "-c", "import seedbed")[2] for _ in range(15))
    line("import seedbed, processor, median of 15", (imports[7] - bare[7]) * 1000, 50, unit="ms")
    print(f"import factories loads, of moto and boto3: {measured(sys.executable, '-c', WATCHED)[0].strip()}")


if __name__ == "__main__":
    main()
