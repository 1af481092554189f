"""The command's streams: closed, full, gone, or of a poor encoding, they neither stop a run nor hide how it ended."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from factories.command.report import Report
from seedbed.command.exits import CODES, Exit
from seedbed.command.streams import printable, without_users
from seedbed.dynamo.usage import Usage
from services.audit import Audit, Finding, Kind

SHELL = ["/bin/bash", "-c"]
WORLD = ["-e", "minimal", "--seed", "7", "--as-of", "2026-11-01"]
NEEDS_FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
TERMINAL = "\x1b[2J\x1b]0;title\x07\rall right\x9b31m\u202eevil"


def run(seed, redirection, *arguments, encoding="utf-8"):
    """Run the command by a shell with a redirection; return its exit code and what reached the streams."""
    line = shlex.join(seed.line(*arguments))
    return subprocess.run(
        [*SHELL, f"({line}; echo $? >code) {redirection}"],
        cwd=seed.directory,
        env=seed.environment(PYTHONIOENCODING=encoding),
        capture_output=True,
        timeout=100,
        check=False,
    )


def code_of(seed):
    return int((seed.directory / "code").read_text())


def commands(place):
    return {
        "seed": [*WORLD, *place.options],
        "dry": [*WORLD, "--dry-run"],
        "audit": ["audit", *place.options],
        "status": ["status", *place.options],
        "digest": ["digest", *place.options],
        "scenarios": ["scenarios"],
        "shell": ["shell", *place.options, "-c", "print('x')"],
        "reset": ["reset", "-y", *WORLD, *place.options],
        "help": ["--help"],
    }


@pytest.fixture
def there(seed, place):
    """A table with a run in it."""
    assert seed(*WORLD, *place.options).returncode == 0
    return place


# Logs


@pytest.mark.parametrize("redirection", ["2>&-", pytest.param("2>/dev/full", marks=NEEDS_FULL), "2> >(true)"])
def test_a_log_that_cannot_be_written_stops_no_run(seed, place, redirection):
    run(seed, redirection, *commands(place)["seed"])

    assert code_of(seed) == Exit.DONE
    with place.app() as app:
        assert [run.is_done for run in app.runs.all()] == [True]
        assert app.audit().is_clean


# Reports


@pytest.mark.parametrize("redirection", [">&-", pytest.param(">/dev/full", marks=NEEDS_FULL)])
@pytest.mark.parametrize("name", ["seed", "dry", "audit", "status", "digest", "scenarios", "shell", "reset"])
def test_a_report_that_cannot_be_written_is_told_on_the_other_stream(seed, there, redirection, name):
    result = run(seed, redirection, *commands(there)[name])

    said = result.stderr.decode()
    assert code_of(seed) == Exit.FAILED
    assert "could not be written (" in said.splitlines()[-1]
    assert "Traceback" not in said


@NEEDS_FULL
def test_a_lost_report_says_how_to_have_it_again(seed, place):
    result = run(seed, ">/dev/full", *commands(place)["seed"], "--json")

    line = result.stderr.decode().splitlines()[-1]
    assert "every number is right" in line
    again = shlex.split(line.partition("To have it again: seed ")[2])
    (told,) = json.loads(seed(*again).stdout)["runs"]
    assert (told["is_done"], told["preset"], told["users"] > 0) == (True, "minimal", True)
    report = told["report"]
    assert (report["created"]["users"], report["audit"]["findings"]) == (told["users"], [])
    with place.app() as app:
        audit = app.audit()
    assert (report["digest"], audit.findings) == (audit.digest, ())


def like_lost(app):
    (row, *_) = [row for rows in app.session.store.scan() for row in rows if row["entity_type"]["S"] == "LIKE"]
    app.session.write_batch((), [(row["PK"]["S"], row["SK"]["S"])])


EFFECTS = {
    "reset": (["reset", "-y", *WORLD], "is gone from table {table}, with ", "status"),
    "repair": (["audit", "--repair", "--yes", "{table}"], "table {table}: 1 mended", "audit"),
    "mark": (["audit", "--mark"], "table {table}: marked as ours, with ", None),
    "slice": ([*WORLD, "--slice", "users:0-3"], "slice users:0-3: is in table {table}", None),
    "dump": (["dump", "new.gz"], " rows are in new.gz", None),
    "load": (["load", "world.gz", "--table", "{table}-2"], " rows of world.gz are in table {table}-2", "audit"),
    "export": (["export", "folder", *WORLD], " rows are in folder, in 1 object", "audit"),
    "report": (["report", "world.html"], "the report is in world.html", None),
}


@NEEDS_FULL
@pytest.mark.parametrize("is_json", [False, True], ids=["", "json"])
@pytest.mark.parametrize("name", EFFECTS)
def test_what_was_done_is_told_though_its_report_is_lost(seed, there, name, is_json):
    arguments, done, again = EFFECTS[name]
    if name == "repair":
        with there.app() as app:
            like_lost(app)
    if name == "load":
        assert seed("dump", "world.gz", *there.options).returncode == 0
    here = [] if name == "export" else there.options if name != "load" else there.options[:2]
    asked = [part.format(table=there.table) for part in arguments]

    result = run(seed, ">/dev/full", *asked, *here, *(["--json"] if is_json else []))

    line = result.stderr.decode().splitlines()[-1]
    assert (code_of(seed), done.format(table=there.table) in line) == (Exit.FAILED, True), line
    said, _, command = line.partition(". To have it again: seed ")
    assert "could not be written (No space left on device)" in said
    assert bool(command) == bool(again)
    if command:
        assert command.startswith(again)
        assert seed(*shlex.split(command)).returncode == 0


def test_a_report_that_was_heard_is_not_kept(seed, there):
    (told,) = json.loads(seed("status", "--json", *there.options).stdout)["runs"]

    assert told["report"] is None


def test_a_report_of_very_many_findings_is_kept_in_part():
    finding = Finding(Kind.COUNTER, ("A", "B"), "m" * 100)
    audit = Audit(1, 1, (finding,) * 5_000, "d")
    unsaid = dict.fromkeys(["preset", "seed", "as_of", "is_dry_run", "endpoint", "table", "audience"])
    report = Report(**unsaid, scenarios=(), usage=Usage(), seconds=1.0, audit=audit, faces=())

    text = report.short_json(300_000)

    told = json.loads(text)["audit"]
    assert len(text) <= 300_000
    assert len(told["findings"]) + told["findings_left_out"] == 5_000
    assert len(told["findings"]) > 500


@pytest.mark.parametrize("name", ["seed", "audit", "status", "scenarios", "shell", "help"])
def test_a_reader_that_went_away_has_a_code_of_its_own(seed, there, name):
    result = run(seed, "| true", *commands(there)[name])

    assert code_of(seed) in {Exit.BROKEN_PIPE, Exit.DONE}  # what fits the pipe before `true` ends is written
    assert b"Traceback" not in result.stderr


def test_endless_output_ends_with_its_reader(seed):
    result = run(seed, "| head -n 1", "shell", "-c", "while True: print(1)")

    assert (code_of(seed), result.stdout, result.stderr) == (Exit.BROKEN_PIPE, b"1\n", b"")


def test_nothing_left_to_tell_on_is_told_by_the_code(seed):
    run(seed, ">&- 2>&-", *WORLD, "--dry-run")

    assert code_of(seed) == Exit.FAILED


# Input


@pytest.mark.parametrize("redirection", ["<&-", "</dev/null", "<&- >&- 2>&-"])
@pytest.mark.parametrize(("name", "code"), [("reset", Exit.USAGE), ("shell", Exit.DONE)])
def test_nobody_to_ask_is_no_error_of_ours(seed, there, redirection, name, code):
    result = run(seed, redirection, name, *(WORLD if name == "reset" else []), *there.options)

    assert code_of(seed) == code
    assert b"Traceback" not in result.stderr


def test_input_that_is_no_text_is_told(seed):
    (seed.directory / "odd").write_bytes(b"\xff\x00\xfe")

    result = run(seed, "<odd", "shell")

    assert code_of(seed) == Exit.DRIFT  # as python does
    assert b"Error" in result.stderr


# Encodings and terminals


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8", "utf-16"])
@pytest.mark.parametrize(
    "arguments", [["-e", "minimal", "--locale", "ja_JP"], ["scenarios"], ["--help"], ["-e", "日本"]]
)
def test_every_text_fits_every_encoding(seed, encoding, arguments):
    result = run(seed, "", *arguments, encoding=encoding)

    assert code_of(seed) == (Exit.USAGE if "日本" in arguments else Exit.DONE)
    assert "Traceback" not in (result.stdout + result.stderr).decode(encoding, "replace")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1"])
def test_the_shell_prints_any_caption(seed, encoding):
    result = run(seed, "", "shell", "-c", "print(PostFactory(caption='日本 😀 é').caption)", encoding=encoding)

    assert (code_of(seed), result.stderr) == (0, b"")
    assert result.stdout.startswith(rb"\u65e5\u672c \U0001f600 ")


@pytest.fixture
def hostile(there):
    """A table with a row whose key and values would move a terminal, and fake a verdict."""
    key = f"{TERMINAL}\naudit: every number is right"
    with there.app() as app:
        app.engine.client.put_item(
            TableName=there.table,
            Item={"PK": {"S": f"POST#{key}"}, "SK": {"S": f"LIKE#{key}"}, "entity_type": {"S": "LIKE"}},
        )
    return there


@pytest.mark.parametrize("arguments", [["audit"], ["audit", "--json"], ["audit", "--repair", "--dry-run"], ["digest"]])
def test_what_a_table_holds_moves_no_terminal(seed, hostile, arguments):
    result = run(seed, "", *arguments, *hostile.options)

    check_plain(result)
    assert not [line for line in result.stdout.splitlines() if line.startswith(b"audit: every number is right")]
    assert result.stdout.count(b"every number is right\n") <= 1  # the true one: such a row is none of ours


@pytest.mark.parametrize(
    "arguments",
    [
        [TERMINAL],
        ["-e", TERMINAL],
        ["-e", f"{TERMINAL}.toml"],
        ["-s", TERMINAL],
        ["-s", f"{TERMINAL}:X"],
        ["-s", f"x:{TERMINAL}"],
        ["--as-of", TERMINAL],
        ["--seed", TERMINAL],
        ["--locale", TERMINAL],
        ["--table", TERMINAL],
        ["--endpoint-url", TERMINAL],
        ["--endpoint-url", f"http://{TERMINAL}"],
        ["--workers", TERMINAL],
        [f"--{TERMINAL}"],
        ["audit", f"--{TERMINAL}"],
        ["scenarios", TERMINAL],
        ["shell", "-c", "raise ValueError('\\x1b[2J')"],
        ["shell", "-c", "raise SystemExit('\\x1b[2J')"],
    ],
)
def test_what_is_typed_moves_no_terminal(seed, arguments):
    result = run(seed, "", *arguments)

    check_plain(result)
    assert code_of(seed) in {Exit.USAGE, Exit.DRIFT}


@pytest.mark.parametrize("name", ["ENV", "SCENARIO", "AS_OF", "SEED", "LOCALE", "TABLE", "ENDPOINT_URL", "WORKERS"])
def test_what_the_environment_says_moves_no_terminal(seed, name):
    result = seed(**{f"SEED_{name}": TERMINAL})

    assert result.returncode == Exit.USAGE
    assert result.stdout + result.stderr == printable(result.stdout + result.stderr, keep="\n")


def test_a_file_moves_no_terminal(seed):
    (seed.directory / "mine.toml").write_text(f'users = 3\n"{TERMINAL.encode("unicode_escape").decode()}" = 1\n')
    (seed.directory / "mine_scenarios.py").write_text(f"raise ValueError({TERMINAL!r})\n")

    for arguments in (["-e", "mine.toml"], ["-s", "mine_scenarios:X"]):
        check_plain(run(seed, "", *arguments))


def check_plain(result):
    """Nothing but lines that print reaches either stream."""
    said = (result.stdout + result.stderr).decode()
    assert said
    assert said == printable(said, keep="\n")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("tcp://u:secret@host:1 is away", "tcp://host:1 is away"),
        ("no preset 'http://secret@host'", "no preset 'http://host'"),
        ("s3://u:secret@bucket/a@b", "s3://bucket/a@b"),
        ("a path, http:/u:secret@host", "a path, http:/host"),
        ("see http://host/@me, http://a:s@b/c", "see http://host/@me, http://b/c"),
        ("look at @ada, ada@example.com", "look at @ada, ada@example.com"),
    ],
)
def test_urls_in_any_text_lose_their_users_and_nothing_else(text, shown):
    assert without_users(text) == shown


def test_escapes_are_valid_json():
    text = "".join(map(chr, [*range(160), 0x202E, 0xD800, 0xFFFF]))

    assert json.loads(printable(json.dumps(text))) == text


# Codes


def test_the_codes_are_told_where_people_look(seed):
    words = " ".join(seed("--help").stdout.split())
    page = " ".join((Path(__file__).resolve().parents[2] / "docs" / "command.md").read_text("utf-8").split())

    assert " ".join(CODES.split()) in words
    for code in Exit:
        assert f"{code.value} " in CODES
        assert f"{code.value} " in page.partition("Exit codes: ")[2][:250]
    assert len({*Exit}) == len(Exit)


def test_a_bug_is_told_whole_and_not_with_drifts_code(seed):
    broken = "from factories.command import ledger; ledger.status = lambda _: 1 / 0"
    run = "import sys; sys.argv[1:] = ['status']; from seedbed.command.cli import main; main()"

    result = seed.python(f"{broken}; {run}")

    assert result.returncode == Exit.FAILED
    assert "ZeroDivisionError" in result.stderr


def test_what_the_command_tells_to_type_works_as_typed(seed):
    script = Path(sys.executable).parent / "seed"
    typed = os.path.relpath(script, seed.directory)
    told = subprocess.run(
        [typed, *WORLD], cwd=seed.directory, env=seed.environment(), capture_output=True, text=True, check=True
    )
    line = next(line for line in told.stdout.splitlines() if " shell " in line).partition(": ")[2]

    again = subprocess.run(
        [*SHELL, f"{line} -c 'app.usage.rows[\"USER\"] > 9'"],
        cwd=seed.directory,
        env=seed.environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (again.returncode, again.stdout) == (0, "True\n")
