"""Nothing half done by any command: each is killed at random moments on a real engine, and the same command goes on.

    .venv/bin/python -m benchmarks.kills --rounds 10
    .venv/bin/python -m benchmarks.kills --rounds 20 load repair

Each round copies a folder that was made ready (an engine's file, a dump), starts the command, ends it by SIGKILL after
so many writes or so much time (every third round the engine as well, where the command writes through it), and gives
the same command again. That must end well, or say in one line of exit code 2 why there is nothing to do. Then all is as
a run that was never stopped leaves it: the table's digest, what the audit finds, the files that were asked for. No file
may lie by the name that was asked for before it is whole, nothing may be left beside it, and of a repair each row that
is gone is kept. Seeding has its own script, `crashes.py`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from attrs import frozen
from pyarrow import parquet

from benchmarks.command import SEED
from benchmarks.crashes import AS_OF, DELAY_SECONDS, LONGEST_SECONDS, TABLE, Place
from benchmarks.engine import exit_on_signal
from services import connect
from services.audit import audit
from services.errors import TableNotFoundError

WORLD: Final = ["-e", "minimal", "--seed", "7", "--as-of", AS_OF]
OTHER: Final = ["-e", "minimal", "--seed", "8", "--as-of", AS_OF]
REFUSED: Final = 2
KINDS: Final = ("LIKE", "POST")

Rows = dict[tuple[str, str], Any]


def _rows(place: Place) -> Rows:
    with connect(place.url, TABLE, is_made=False) as app:
        return {(row["PK"]["S"], row["SK"]["S"]): row for page in app.session.store.scan() for row in page}


def damage(place: Place) -> None:
    """Take away rows that others prove, put likes of nobody, and spoil counters."""
    rows = _rows(place)
    of = {kind: sorted(key for key, row in rows.items() if row["entity_type"]["S"] == kind) for kind in KINDS}
    like = rows[of["LIKE"][0]]
    ghosts = [f"0195500c-0000-7000-8000-{number:012}" for number in range(100)]
    stray = [
        {**like, "SK": {"S": f"LIKE#{ghost}"}, "user_id": {"S": ghost}, "GSI1PK": {"S": f"USER#{ghost}"}}
        for ghost in ghosts
    ]
    wrong = [{**rows[key], "likes_count": {"N": "7000"}} for key in of["POST"]]
    with connect(place.url, TABLE, is_made=False) as app:
        app.session.store.write_batch([*stray, *wrong], of["LIKE"][-20:])


@frozen
class Command:
    """A command, what it is given, and what is made ready for it."""

    words: list[str]
    before: tuple[list[str], ...] = ()
    prepare: Callable[[Place], None] = lambda _place: None
    is_here: bool = True
    """It reads or writes the table at the engine."""
    is_writer: bool = False
    """It writes there, so the engine is killed too."""


COMMANDS: Final = {
    "load": Command(["load", "dumped"], (["dump", "dumped", *WORLD],), is_writer=True),
    "reset": Command(["reset", *OTHER, "-y"], (WORLD, OTHER), is_writer=True),
    "repair": Command(["audit", "--repair", "--at-most", "500", "--yes", TABLE], (WORLD,), damage, is_writer=True),
    "dump": Command(["dump", "made"], (WORLD,)),
    "dump.gz": Command(["dump", "made.json.gz"], (WORLD,)),
    "sqlite": Command(["dump", "made", "--to", "sqlite"], (WORLD,)),
    "parquet": Command(["dump", "made", "--to", "parquet"], (WORLD,)),
    "report": Command(["report", "made.html"], (WORLD,)),
    "export": Command(["export", "made", *WORLD, "--processes", "1"], is_here=False),
    "export 2": Command(["export", "made", *WORLD, "--processes", "2"], is_here=False),
}


@frozen
class State:
    """What a command leaves: the table by its digest and findings, and the files that were asked for."""

    digest: str
    findings: list[str]
    files: dict[str, str]


def files(folder: Path) -> dict[str, str]:
    """Tell what lies by the name that was asked for; of a page, which says when it was made, its end."""
    paths = [path for path in folder.glob("made*") for path in (path, *path.rglob("*")) if path.is_file()]
    contents = {path: path.read_bytes() for path in paths if ".making" not in path.parts}
    return {
        str(path.relative_to(folder)): hashlib.sha256(_told(path, held)).hexdigest() for path, held in contents.items()
    }


def _told(path: Path, held: bytes) -> bytes:
    """Return what a file tells: an engine gives attributes in any order, and so columns stand in any."""
    if path.suffix == ".html":
        return held.rpartition(b"<h2>")[2]
    if path.suffix == ".parquet":
        return _sorted(parquet.read_table(path).to_pylist())
    if held.startswith(b"SQLite"):
        with closing(sqlite3.connect(path)) as file:
            file.row_factory = sqlite3.Row
            names = [name for (name,) in file.execute("SELECT name FROM sqlite_master ORDER BY name")]
            rows = [{"": name, **row} for name in names for row in file.execute(f'SELECT * FROM "{name}"')]  # noqa: S608 - our own
        return _sorted(rows)
    return held


def _sorted(rows: list[dict[str, Any]]) -> bytes:
    return "\n".join(sorted(json.dumps(row, sort_keys=True, default=str) for row in rows)).encode()


def state(place: Place) -> State:
    """Look at all that a command left."""
    try:
        with connect(place.url, TABLE, is_made=False) as app:
            found = audit(app.session.store)
        return State(found.digest, [finding.message for finding in found.findings], files(place.folder))
    except TableNotFoundError:
        return State("", [], files(place.folder))


def half(found: dict[str, str], wanted: dict[str, str]) -> list[str]:
    """Tell which files are taken for whole ones, and are none."""
    whole = {"made", "made.json.gz", "made.html", "made/manifest-summary.json"}
    is_taken = bool(whole & {*found}) or any(name.endswith(".parquet") for name in found)
    return ["a half file lies there: " + ", ".join(sorted(found))] if is_taken and found != wanted else []


def unkept(before: Rows, place: Place) -> list[str]:
    """Tell which rows a repair took away and did not keep."""
    if not before:
        return []
    lines = [line for path in place.folder.glob("removed-*") for line in path.read_text().splitlines()]
    kept = [json.loads(line) for line in lines]
    after = _rows(place)
    lost = [key for key, row in before.items() if key not in after and row not in kept]
    return [f"{len(lost)} rows are gone and not kept, {lost[0]}"] if lost else []


class Trial:
    """One command, made ready in a folder."""

    def __init__(self, name: str, folder: Path) -> None:
        self.command = COMMANDS[name]
        self.folder = folder
        with Place(folder) as place:
            for words in self.command.before:
                self.must(place, words)
            self.command.prepare(place)
            self.before = _rows(place) if name == "repair" else {}
        with tempfile.TemporaryDirectory() as copy, self.place(copy) as place:
            began, process = time.monotonic(), place.run(self.line(place))
            self.times = place.watch(process)
            self.seconds = time.monotonic() - began
            if self.ended(process)[0]:
                message = f"kills: {name} ends badly when nobody stops it: {self.ended(process)[1]}"
                raise SystemExit(message)
            self.wanted = state(place)

    def place(self, copy: str) -> Place:
        """Copy what is ready, and start an engine there."""
        shutil.copytree(self.folder, copy, dirs_exist_ok=True)
        return Place(Path(copy))

    def line(self, place: Place) -> list[str]:
        """The whole command."""
        return [*SEED, *self.command.words, *(place.options if self.command.is_here else [])]

    def must(self, place: Place, words: Sequence[str]) -> None:
        """Run what makes ready.

        Raises:
            SystemExit: it did not end well.
        """
        options = [] if words[0] == "dump" else place.options
        code, err = self.ended(place.run([*SEED, *words, *options]))
        if code:
            message = f"kills: {words} ends badly: {err}"
            raise SystemExit(message)

    @staticmethod
    def ended(process: Any) -> tuple[int, str]:
        """Wait for an end; return its code and what was said of it."""
        _, err = process.communicate(timeout=LONGEST_SECONDS)
        return process.returncode, err.strip()

    def wait(self, place: Place, process: Any, share: float, number: int) -> None:
        """Wait for the moment: on even rounds so many writes, on odd ones such a share of the time."""
        if number % 2:
            time.sleep(share * self.seconds)
        else:
            place.watch(process, 1 + int(share * self.times))

    def kill(self, number: int, of: int, draw: random.Random) -> tuple[str, list[str]]:
        """Kill one run and give the command again; return what that said, and what is wrong in the end."""
        with tempfile.TemporaryDirectory() as copy, self.place(copy) as place:
            process = place.run(self.line(place))
            self.wait(place, process, (number + draw.random()) / of, number)
            time.sleep(draw.uniform(0, DELAY_SECONDS))
            is_over = process.poll() is not None
            process.kill()
            if self.command.is_writer and number % 3 == 2:
                place.engine.kill()
                place.engine.start()
            process.communicate()
            wrong = half(files(place.folder), self.wanted.files)
            code, err = self.ended(place.run(self.line(place)))
            said = "over before" if is_over else "going on" if code == 0 else "refused, all being there"
            return said, [*wrong, *self.faults(place, code, err)]

    def faults(self, place: Place, code: int, err: str) -> list[str]:
        """Tell what is wrong with how the command ended the second time, and with what is there then."""
        found, wrong = state(place), []
        if code not in {0, REFUSED} or (code == REFUSED and err.count("\n")):
            wrong.append(f"exit code {code}: {err[-600:]}")
        if found != self.wanted:
            wrong.append(f"{found} is not {self.wanted} ({err[-600:]})")
        left = sorted(path.name for path in place.folder.glob(".*"))
        return [*wrong, *(f"{name} is left lying" for name in left), *(unkept(self.before, place))]


def kills(name: str, rounds: int, seed: int) -> bool:
    """Kill a command so often; return whether each went on well."""
    draw, said, right = random.Random(f"{seed}/{name}"), Counter[str](), 0
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(name, Path(folder))
        for number in range(rounds):
            then, wrong = trial.kill(number, rounds, draw)
            said[then] += 1
            right += not wrong
            if wrong:
                print(f"  {name}, round {number}, {then}: {'; '.join(wrong)}", flush=True)
    told = ", ".join(f"{count} {what}" for what, count in sorted(said.items()))
    print(f"{name}: {right} of {rounds} are well in the end ({told}; {trial.times} writes)", flush=True)
    return right == rounds


def main(arguments: Sequence[str]) -> int:
    """Run what is asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="benchmarks.kills", description="Kill commands, go on, compare.")
    parser.add_argument("names", nargs="*", choices=[*COMMANDS, []], metavar="NAME", help=", ".join(COMMANDS))
    parser.add_argument("--rounds", type=int, default=10, metavar="N", help="runs of each to kill")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the moments; others with another seed")
    asked = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, exit_on_signal)  # so that no engine outlives a script that is stopped
    results = [kills(name, asked.rounds, asked.seed) for name in asked.names or COMMANDS]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
