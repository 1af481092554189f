"""Names that would move a terminal, break a line or a page: every command prints them so that they are only read."""

from __future__ import annotations

import io
import re
import shlex
import sys
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
import typer

from factories.command import cli
from seedbed.command import exits, general
from seedbed.command.cli import Command
from seedbed.command.showing import COMMAND
from seedbed.command.streams import printable
from services import connect
from tests.hostile import NAMES, VERDICT
from tests.journeys.front import embedded_front

STREAMS = ("utf-8", "ascii", "cp1252")
WORLD = "-e minimal --seed 7 --as-of 2026-11-01"
GROUP = typer.main.get_command(cli.app)


class Terminal(io.BytesIO):
    """What a command's stream is written to."""

    name = "<stream>"


def seed(*arguments, encoding="utf-8"):
    """Run the command in this process; return its code and what both streams took."""
    streams = sys.stdin, sys.stdout, sys.stderr
    took = [Terminal(), Terminal()]
    sys.stdin = io.StringIO()
    opened = [io.TextIOWrapper(one, encoding) for one in took]  # kept: one that is let go of closes what it writes to
    sys.stdout, sys.stderr = opened
    command = Command(["--suite=factories.suite:suite", *arguments])
    try:
        code = exits.run(command.run, command.explain)
        sys.stderr.flush()
        return SimpleNamespace(code=code, out=took[0].getvalue(), err=took[1].getvalue(), encoding=encoding)
    finally:
        sys.stdin, sys.stdout, sys.stderr = streams


def check_harmless(done):
    """Nothing but lines that print reaches a stream, none of them is a name's, and nothing ends as a bug does."""
    said = (done.out + done.err).decode(done.encoding)
    assert "Traceback" not in said or COMMAND in said  # the user's own code
    assert said == printable(said, keep="\n")
    assert VERDICT not in said.splitlines()
    assert done.code in set(exits.Exit)
    return said


def text(value):
    return {"S": value}


def damage(row, number, name):
    """Give each text of a row a name, with another key of its kind, by either half of it; also name an attribute so."""
    told = {attribute: text(name) if "S" in value else value for attribute, value in row.items()}
    told |= {attribute: row[attribute] for attribute in ("PK", "SK", "entity_type") if attribute in row}
    first, second = row["PK"]["S"], row["SK"]["S"]
    yield {**told, "PK": text(f"{first}{number}{name}")}
    yield {**told, "SK": text(f"{second}{number}{name}")}
    yield {**row, name: text(name), "PK": text(f"{first}{number}")}


def hostile(rows):
    """Rows beside a world's: of each kind with each name in each place, some of nobody's, and posts with the names."""
    kinds = {row["entity_type"]["S"]: row for row in rows if "entity_type" in row}
    posts = [row for row in rows if row.get("entity_type") == text("POST")]
    for number, name in enumerate(NAMES.values()):
        for row in kinds.values():
            yield from damage(row, number, name)
        yield {"PK": text(f"{number}{name}"), "SK": text(name), name: text(name)}
        yield {"PK": text(f"USER#{number}{name}"), "SK": text("PROFILE"), "entity_type": text(name)}
        yield {**posts[number], "caption": text(name)}


@pytest.fixture(scope="module")
def front():
    with embedded_front() as front:
        yield front


@pytest.fixture(scope="module")
def rows(front):
    """A world's rows, and hostile ones beside them."""
    options = ["--endpoint-url", front.url, "--table", "first"]
    assert seed(*WORLD.split(), *options).code == 0
    with connect(front.url, "first", is_made=False) as app:
        rows = [row for page in app.session.store.scan() for row in page]
    return {(row["PK"]["S"], row["SK"]["S"]): row for row in [*rows, *hostile(rows)]}


@pytest.fixture
def place(front, rows):
    """A table of one's own with these rows."""
    table = f"hostile-{uuid4()}"
    with connect(front.url, table) as app:
        app.session.write_batch(list(rows.values()), ())
    return ["--endpoint-url", front.url, "--table", table]


@pytest.fixture(scope="module")
def dump(front, rows, tmp_path_factory):
    """The same rows in files."""
    path = tmp_path_factory.mktemp("dump") / "rows"
    with connect(front.url, "dumped") as app:
        app.session.write_batch(list(rows.values()), ())
        app.dump(path)
    return str(path)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr("uvicorn.Server.run", stop)


def shell_codes():
    values = ["PostFactory.build(caption=n)", "PostFactory(caption=n)", "Page([n], n)", "{n: n}"]
    yield from (f"[{value} for n in {[*NAMES.values()]!r}]" for value in values)
    yield "first(User)"
    yield "[row for page in app.session.store.scan() for row in page]"
    calls = ["raise ValueError(n)", "UserFactory(handle=n)", "PostFactory(author=n)", "app.profiles.get(n)"]
    yield from (f"n = {''.join(NAMES.values())!r}; {call}" for call in [*calls, "run_scenario(n)", "app.posts.like(n)"])


COMMANDS = {
    "": [f"{WORLD} --dry-run", f"{WORLD} --beside-others {{place}}"],
    "audit": [
        "{place}",
        "--json {place}",
        "--mark {place}",
        "--export {dump}",
        "--repair --dry-run --beside-others {place}",
        "--repair --dry-run --beside-others --json {place}",
        "--repair --yes {table} --beside-others --at-most 9999 {place}",
    ],
    "status": ["{place}", "--json {place}"],
    "digest": ["{place}", "--json {place}"],
    "reset": ["{place}", "--all --yes {table} --beside-others {place}"],
    "dump": ["rows {place}", "rows.db --to sqlite {place}", "files --to parquet {place}"],
    "load": ["{dump} {other}"],
    "export": [f"rows {WORLD}"],
    "import": ["{dump} {other}"],
    "plan": ["-e minimal"],
    "report": ["report.html {place}", "report.html --force --json {place}"],
    "serve": ["--port 0"],
    "browse": ["--port 0 {place}"],
    "scenarios": [""],
    "shell": [f"{{place}} -c {shlex.quote(code).replace('{', '{{').replace('}', '}}')}" for code in shell_codes()],
    "lint": ["-f UserFactory --strategy build"],
}
"""What each command is asked for in a table of hostile names. A new command needs a row."""


def test_every_command_has_a_row():
    assert {"", *GROUP.commands, *typer.main.get_command(general.app).commands} == {*COMMANDS}


@pytest.mark.parametrize("encoding", STREAMS)
@pytest.mark.parametrize("name", COMMANDS)
def test_what_a_table_holds_is_only_read(place, dump, tmp_path, name, encoding):
    other = [*place[:-1], f"{place[-1]}-2"]
    known = {"place": shlex.join(place), "other": shlex.join(other), "table": place[-1], "dump": dump}

    for asked in COMMANDS[name] if encoding == STREAMS[0] else COMMANDS[name][:1]:
        done = seed(*shlex.split(f"{name} {asked.format(**known)}"), encoding=encoding)

        check_harmless(done)
    for page in Path().glob("*.html"):
        assert not re.search("<script>alert|<img src=x", page.read_text("utf-8"))
    assert [*tmp_path.iterdir()] == [tmp_path / "here"]  # nothing beside the folder where the command runs


OPTIONS = [
    (name, option.opts[0])
    for name, command in {"": GROUP, **GROUP.commands}.items()
    for option in command.params
    if option.param_type_name == "argument" or not option.is_flag
]


@pytest.mark.parametrize(("name", "option"), OPTIONS)
def test_what_is_typed_is_only_read(front, monkeypatch, name, option):
    word = "".join(NAMES.values()).replace("\0", "")  # which no system hands to a command
    command = GROUP.commands.get(name, GROUP)
    count = next(one.nargs for one in command.params if option in one.opts)
    has_place = any("--endpoint-url" in one.opts for one in command.params)
    monkeypatch.setenv("SEED_ENV", "minimal")

    given = [option, *[word] * count] if option.startswith("-") else [word]
    place = ["--endpoint-url", front.url] if has_place and option != "--endpoint-url" else []
    check_harmless(seed(*([name] if name else []), *given, *place))
