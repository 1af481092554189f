"""Commands that write, killed (SIGKILL) at chosen writes: nothing is half, and the same command completes it.

A command runs in a forked child, which is killed where Python tells an audit hook of a file, or at what the engine is
asked.
"""

from __future__ import annotations

import itertools
import mmap
import os
import shlex
import shutil
import signal
import struct
import sys
import threading
from pathlib import Path
from uuid import uuid4

import pytest
import typer

from factories.command import cli
from seedbed.dynamo.digest import digest_of
from services import connect
from tests.forked import HAS_THREADS
from tests.journeys.front import embedded, serving
from tests.journeys.test_hostile_names import seed

pytestmark = pytest.mark.filterwarnings(HAS_THREADS)
WORLD = "-e minimal --seed 7 --as-of 2026-11-01"
OTHER = "-e minimal --seed 8 --as-of 2026-11-01"
RENAMES = {"os.rename"}
FILE_EVENTS = {"os.mkdir", "os.remove", "os.rmdir", "open"} | RENAMES
WRITES = {"CreateTable", "BatchWriteItem", "TransactWriteItems", "PutItem", "UpdateItem", "DeleteItem"}

TABLES = {"": WORLD, "load": "load {dump}", "reset": f"reset {OTHER} -y", "audit": "audit --repair --yes {table}"}
FILES = {
    "dump": ["dump made", "dump made.json.gz", "dump made --to sqlite", "dump made --to parquet"],
    "export": [f"export made {WORLD} --processes 1"],
    "report": ["report made.html"],
}
"""What each command that writes is killed at. A new one needs a row here, or in the table below."""
ELSEWHERE = {
    "serve": "its file is killed in test_serving.py",
    "import": "the engine imports, with or without the command",
    **dict.fromkeys(("browse", "shell"), "each call is one that a person makes"),
    **dict.fromkeys(("status", "digest", "plan", "scenarios", "lint"), "it writes nothing"),
}


def test_every_command_has_a_row():
    from seedbed.command import general

    groups = [typer.main.get_command(app).commands for app in (cli.app, general.app)]
    assert {"", *itertools.chain(*groups)} == {*TABLES, *FILES, *ELSEWHERE}


def run_in_child(arguments, prepare=lambda: None):
    """Run a command in a child, and return what it is known by."""
    pid = os.fork()
    if pid:
        return pid
    try:
        prepare()
        code = seed(*shlex.split(arguments)).code
    finally:
        os._exit(code if "code" in locals() else 99)


def end_of(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


class Killer:
    """Answers as an engine does, and kills a process at its n-th write: before it is done, or after."""

    def __init__(self, client):
        self.answer, self.aim = embedded(client), None
        self.lock = threading.Lock()

    def __call__(self, operation, parameters):
        with self.lock:
            number, begun, pid = self.aim or (0, None, None)
            is_hit = self.aim is not None and operation in WRITES and number == 1
            if self.aim is not None and operation in WRITES:
                self.aim = (number - 1, begun, pid)
            if not is_hit:
                return self.answer(operation, parameters)
            begun.wait()
            told = self.answer(operation, parameters) if self.is_after else None
            os.kill(pid[0], signal.SIGKILL)
            return told or (500, b"")

    def kill(self, number, arguments, *, is_after):
        """Run a command and kill it; return how it ended."""
        begun, pid = threading.Event(), []
        self.is_after, self.aim = is_after, (number, begun, pid)
        pid.append(run_in_child(arguments))
        begun.set()
        try:
            return end_of(pid[0])
        finally:
            self.aim = None


@pytest.fixture
def killer(engine):
    return Killer(engine.client)


@pytest.fixture
def url(killer):
    with serving(killer) as front:
        yield front.url


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def done(arguments):
    told = seed(*shlex.split(arguments))
    assert told.code == 0, told
    return told.out.decode()


def damage(url, table):
    """Take away rows that others prove."""
    with connect(url, table, is_made=False) as app:
        rows = [row for page in app.session.store.scan() for row in page]
        likes = [(row["PK"]["S"], row["SK"]["S"]) for row in rows if row["entity_type"] == {"S": "LIKE"}]
        app.session.write_batch((), likes[:20])


def prepare(command, url, table):
    place = f"--endpoint-url {url} --table {table}"
    if command in {"reset", "audit"}:
        done(f"{WORLD} {place}")
    if command == "reset":
        done(f"{OTHER} {place}")
    if command == "audit":
        damage(url, table)
    return place


def digest_at(url, table):
    with connect(url, table, is_made=False) as app:
        return str(digest_of(app))


@pytest.mark.parametrize("command", TABLES)
def test_a_table_is_completed_by_the_same_command(command, killer, url):
    done(f"dump dumped {WORLD}")
    arguments = f"{TABLES[command].format(dump='dumped', table='whole')} {prepare(command, url, 'whole')}"
    done(arguments)
    wanted = digest_at(url, "whole")
    killed = 0
    for number in STEPS[command]:
        table = f"killed-{uuid4()}"
        arguments = f"{TABLES[command].format(dump='dumped', table=table)} {prepare(command, url, table)}"

        end = killer.kill(number, arguments, is_after=number % 2 == 0)

        killed += end == -signal.SIGKILL
        assert end in {0, -signal.SIGKILL}
        done(arguments)
        assert digest_at(url, table) == wanted, number
        assert "every number is right" in done(f"audit --endpoint-url {url} --table {table}")
    assert killed == len(STEPS[command])


STEPS = {"": (1, 2, 3, 4), "load": (1, 2, 4, 7), "reset": (1, 2, 5), "audit": (1, 2)}
"""At which writes: the first ones make and mark the table, or begin a run."""


class Writes:
    """Counts, in a child, how often it changes what files are there or opens one to write, and kills it at the n-th."""

    def __init__(self, number=0, events=FILE_EVENTS):
        self.number, self.events = number, events
        self.shared, self.here = mmap.mmap(-1, 8), Path.cwd()

    @property
    def count(self):
        return struct.unpack("q", self.shared[:])[0]

    def begin(self):
        sys.addaudithook(self.hear)

    def hear(self, event, arguments):
        if event in self.events and self.is_write(event, *arguments):
            self.shared[:] = struct.pack("q", self.count + 1)
            if self.count == self.number:
                os.kill(os.getpid(), signal.SIGKILL)

    def is_write(self, event, path, *rest):
        if isinstance(path, int) or not Path(os.fsdecode(path)).absolute().is_relative_to(self.here):
            return False
        return event != "open" or bool(rest[1] & (os.O_WRONLY | os.O_RDWR))


def content():
    """All that is there by a name that was asked for; of a page, which tells the time, its end."""
    paths = (path for path in Path().rglob("*") if path.is_file() and ".making" not in path.parts)
    read = {str(path): path.read_bytes() for path in paths if str(path).startswith("made")}
    return {name: held.rpartition(b"<h2>")[2] if name.endswith("html") else held for name, held in read.items()}


def clear():
    for path in Path().iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.mark.parametrize("arguments", [*itertools.chain(*FILES.values())])
def test_a_file_is_whole_or_none_and_is_made_by_the_same_command(arguments, url):
    if not arguments.startswith("export"):
        done(f"{WORLD} --endpoint-url {url}")
        arguments = f"{arguments} --endpoint-url {url}"
    writes, renames = Writes(), Writes(events=RENAMES)
    assert end_of(run_in_child(arguments, writes.begin)) == 0
    clear()
    assert end_of(run_in_child(arguments, renames.begin)) == 0
    wanted = content()
    moments = [Writes(number) for number in (1, writes.count - 1)]
    for moment in [
        *moments,
        *(Writes(number, RENAMES) for number in sorted({*range(1, renames.count + 1)} & {1, 2, renames.count})),
    ]:
        clear()
        assert end_of(run_in_child(arguments, moment.begin)) == -signal.SIGKILL
        if content() != wanted:
            assert not {"made", "made.json.gz", "made.html", "made/manifest-summary.json"} & {*content()}
            done(arguments)
        else:
            seed(*shlex.split(arguments))  # refused where it is not to be replaced
        assert content() == wanted
        assert not [*Path().glob(".*")]
