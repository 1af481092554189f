"""Nothing half done: runs that are killed and go on, and runs at the same time, on a real engine with a file.

    .venv/bin/python -m benchmarks.crashes --minimal 100 --realistic 30 --together 8

Each round seeds an empty table, ends the command by SIGKILL at a seeded random moment of its writing (every third round
the engine as well, which is started again on its file), and runs the same command again. Then the table's digest
must be that of a run that was never stopped, and the audit must find nothing. Prints n of n, and how much was written
when the runs were killed. Exit code 1 when a round failed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from attrs import define, field, frozen

from benchmarks.command import SEED
from benchmarks.engine import LocalEngine, exit_on_signal
from seedbed.dynamo.digest import digest_of
from services import connect
from services.audit import audit
from services.errors import TableNotFoundError

AS_OF: Final = "2026-11-01"
TABLE: Final = "crashes"
WORLD: Final = [*SEED, "--seed", "7", "--as-of", AS_OF]
ROOT: Final = Path(__file__).resolve().parent.parent
POLL_SECONDS: Final = 0.002
DELAY_SECONDS: Final = 0.02
"""So long a pack is on its way, about."""
WORKERS: Final = (1, 4)
LONGEST_SECONDS: Final = 300


@frozen
class Writing:
    """What a run that is not stopped leaves, and how often its engine is seen writing."""

    digest: str
    rows: int
    times: int


@define
class Place:
    """An engine on a file of its own, in a folder that goes with it."""

    folder: Path
    engine: LocalEngine = field(init=False)
    url: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Start the engine."""
        self.engine = LocalEngine(self.folder / "engine.db")
        self.url = self.engine.start()

    def __enter__(self) -> Self:
        """Return the place itself."""
        return self

    def __exit__(self, *exc_info: object) -> None:
        """Stop the engine."""
        self.engine.stop()

    def written_at(self) -> int:
        """Tell when a file of the folder was last written, by the engine or by a command, in nanoseconds."""
        return max((written for _, written in _files(self.folder)), default=0)

    @property
    def options(self) -> list[str]:
        """What leads a command here."""
        return ["--endpoint-url", self.url, "--table", TABLE]

    def start(self, preset: str, workers: int) -> subprocess.Popen[str]:
        """Start to seed."""
        return self.run([*WORLD, "-e", preset, *self.options, "--workers", str(workers), "--json"])

    def run(self, command: Sequence[str]) -> subprocess.Popen[str]:
        """Start a command in the folder."""
        pipe = subprocess.PIPE
        path = os.pathsep.join([str(ROOT), *sys.path[1:]])
        environment = _environment() | {"PYTHONPATH": path}
        return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment, cwd=self.folder)

    def watch(self, process: subprocess.Popen[str], until: int | None = None) -> int:
        """Count how often the engine is seen writing, until a number of times or the run's end; return the count."""
        seen, last = 0, self.written_at()
        while process.poll() is None and seen != until:
            now = self.written_at()
            seen, last = seen + (now != last), now
            time.sleep(POLL_SECONDS)
        return seen

    def rows(self) -> int:
        """Count the rows that are there."""
        try:
            with connect(self.url, TABLE, is_made=False) as app:
                return digest_of(app.session.store).rows
        except TableNotFoundError:
            return 0

    def faults(self, wanted: Writing) -> list[str]:
        """Say what is wrong with the table."""
        with connect(self.url, TABLE, is_made=False) as app:
            found = audit(app.session.store)
        wrong = [finding.message for finding in found.findings[:3]]
        return wrong if found.digest == wanted.digest else [*wrong, f"digest {found.digest}, {found.rows} rows"]


def _files(folder: Path) -> Iterator[tuple[Path, int]]:
    for root, _, names in os.walk(folder):
        for path in (Path(root, name) for name in names):
            with suppress(FileNotFoundError):  # it may go meanwhile
                yield path, path.stat().st_mtime_ns


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("SEED")}


def ended(process: subprocess.Popen[str]) -> list[str]:
    """Wait for a run's end, and say what is wrong with how it ended."""
    _, err = process.communicate(timeout=LONGEST_SECONDS)
    return [] if process.returncode == 0 else [f"exit code {process.returncode}: {err.strip()[-300:]}"]


def unstopped(preset: str) -> Writing:
    """Make the world on an embedded engine for its digest, and on a real one to see how it writes.

    Raises:
        SystemExit: they differ already.
    """
    command = [*WORLD, "-e", preset, "--json", "digest"]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, env=_environment()).stdout)
    with tempfile.TemporaryDirectory() as folder, Place(Path(folder)) as place:
        process = place.start(preset, 1)
        wanted = Writing(told["digest"], told["rows"], place.watch(process))
        if wrong := ended(process) + place.faults(wanted):
            message = f"crashes: a run that nobody stopped is wrong: {wrong}"
            raise SystemExit(message)
    return wanted


def killed(preset: str, wanted: Writing, number: int, of: int, draw: random.Random) -> tuple[str, list[str]]:
    """Kill one run and go on with it; return how much was written then, and what is wrong in the end."""
    workers = WORKERS[number % len(WORKERS)]
    until = 1 + int((number + draw.random()) / of * wanted.times)  # spread evenly, one in each part of the writing
    with tempfile.TemporaryDirectory() as folder, Place(Path(folder)) as place:
        process = place.start(preset, workers)
        place.watch(process, until)
        time.sleep(draw.uniform(0, DELAY_SECONDS))
        process.kill()
        if number % 3 == 2:
            place.engine.kill()
            place.engine.start()
        process.communicate()
        rows = place.rows()
        written = "nothing" if rows == 0 else "all" if rows == wanted.rows else "a part"
        return written, ended(place.start(preset, workers)) + place.faults(wanted)


def crashes(preset: str, rounds: int, seed: int) -> bool:
    """Kill so many runs; return whether all of them went on well."""
    wanted = unstopped(preset)
    draw = random.Random(f"{seed}/{preset}")
    written: Counter[str] = Counter()
    right = 0
    for number in range(rounds):
        then, wrong = killed(preset, wanted, number, rounds, draw)
        written[then] += 1
        right += not wrong
        if wrong:
            print(f"  {preset}, round {number}, {then} was written: {'; '.join(wrong)}", flush=True)
    told = ", ".join(f"{count} with {what} written" for what, count in sorted(written.items()))
    print(f"{preset}: {right} of {rounds} killed runs went on to the same digest and a clean audit ({told}; ", end="")
    print(f"{wanted.rows:,} rows in some {wanted.times} writes)", flush=True)
    return right == rounds


def together(preset: str, processes: int) -> bool:
    """Seed the same world by several processes at once; return whether all ended well, with the right table."""
    wanted = unstopped(preset)
    with tempfile.TemporaryDirectory() as folder, Place(Path(folder)) as place:
        started = [place.start(preset, WORKERS[number % len(WORKERS)]) for number in range(processes)]
        wrong = [fault for process in started for fault in ended(process)]
        wrong += place.faults(wanted)
    print(f"{preset}: {processes} processes at once, {wrong or 'the same digest and a clean audit'}", flush=True)
    return not wrong


def main(arguments: Sequence[str]) -> int:
    """Run what is asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="benchmarks.crashes", description="Kill runs, go on, compare.")
    parser.add_argument("--minimal", type=int, default=10, metavar="N", help="minimal runs to kill")
    parser.add_argument("--realistic", type=int, default=3, metavar="N", help="realistic runs to kill")
    parser.add_argument("--together", type=int, default=8, metavar="N", help="processes at once, for each preset")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the moments; others with another seed")
    asked = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, exit_on_signal)  # so that no engine outlives a script that is stopped
    results = [
        crashes(preset, rounds, asked.seed)
        for preset, rounds in (("minimal", asked.minimal), ("realistic", asked.realistic))
        if rounds
    ]
    if asked.together:
        results += [together("minimal", asked.together), together("realistic", asked.together)]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
