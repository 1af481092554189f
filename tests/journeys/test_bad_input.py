"""What cannot be done is told in one line, with exit code 2, before anything is written."""

from __future__ import annotations

import os
import socket

import pytest

from tests.journeys.conftest import one_line
from tests.journeys.front import embedded, refusal, serving

MINIMAL = ["-e", "minimal"]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["-e", "realistc"],
            "no preset is called 'realistc': did you mean realistic? (your own: a file that ends in .toml)",
        ),
        (
            ["-e", "x"],
            "no preset is called 'x': known are minimal, realistic, stress (your own: a file that ends in .toml)",
        ),
        (
            ["-s", "popular"],
            "no scenario is called 'popular': did you mean popular-post? (your own: package.module:ClassName)",
        ),
        (
            ["-s", "nowhere:Mine"],
            "the scenario 'nowhere:Mine' cannot be imported: ModuleNotFoundError: No module named 'nowhere'",
        ),
        (["-e", "none.toml"], "none.toml is no preset: it cannot be read (No such file or directory)"),
        (["-e", "folder.toml"], "folder.toml is no preset: it cannot be read (Is a directory)"),
        (["-e", "pipe.toml"], "pipe.toml is no preset: it cannot be read (a pipe is no file)"),
        (
            ["-e", ""],
            "no preset is called '': known are minimal, realistic, stress (your own: a file that ends in .toml)",
        ),
        (
            ["audit", "--repair", "--at-most=-1"],
            "Invalid value for '--at-most': must be 0 or more, not -1",
        ),
        (
            ["audit", "--show", "", "PROFILE", "--endpoint-url", "http://127.0.0.1:1"],
            "--show takes the PK and the SK of one row, and neither is ever empty: put both in quotes",
        ),
        (
            ["audit", "--show", "\udcff", "PROFILE", "--endpoint-url", "http://127.0.0.1:1"],
            r"--show takes the PK and the SK of one row, and '\udcff' 'PROFILE' is no text",
        ),
        (["--workers", "0"], "workers must be a whole number from 1 to 64, not 0"),
        (["--workers=-1"], "workers must be a whole number from 1 to 64, not -1"),
        (
            ["--workers", "many"],
            "Invalid value for '--workers' (env var: 'SEED_WORKERS'): must be a whole number, not 'many'",
        ),
        (["--seed", "1.5"], "Invalid value for '--seed' (env var: 'SEED_SEED'): must be a whole number, not '1.5'"),
        (["--as-of", "yesterday"], "--as-of must be a date such as 2026-11-01, not 'yesterday'"),
        (["--as-of", "2026-02-30"], "--as-of must be a date such as 2026-11-01, not '2026-02-30'"),
        (["--as-of", "1971-12-31"], "--as-of must be a date of the years 1972 to 9998, not '1971-12-31'"),
        (["--as-of", "9999-01-01"], "--as-of must be a date of the years 1972 to 9998, not '9999-01-01'"),
        (["--as-of", "0001-01-01T00+05"], "--as-of must be a date such as 2026-11-01, not '0001-01-01T00+05'"),
        (
            ["--endpoint-url", "localhost:8000"],
            "'localhost:8000' cannot be used as an endpoint: give a URL such as http://localhost:8000, or aws",
        ),
        (["--table", "a b"], "'a b' is no table name: 3 to 255 of letters, digits, '_', '-' and '.'"),
        (
            ["-e", "huge.toml", "--dry-run"],
            (
                "huge.toml would make some 6,760,025,150 rows, and 10,000,000 is the limit: make it smaller, or add "
                "--allow-large"
            ),
        ),
        (["--nope"], "No such option: --nope"),
        (["nope"], "No such command 'nope'."),
        (["audit", "--zzz"], "No such option: --zzz"),
        (
            ["reset", "--all", "-y", "--seed", "8", "--endpoint-url", "http://127.0.0.1:1"],
            "--seed cannot be used with --all: that takes away what every run made",
        ),
        (["--dry-run", "audit", "--repair"], "--dry-run cannot be used with audit"),
        (["--json", "--seed", "1", "scenarios"], "--json, --seed cannot be used with scenarios"),
        (
            ["audit"],
            (
                "audit needs --endpoint-url (or SEED_ENDPOINT_URL): the embedded engine's data end with each command, "
                "and seed audits them before that"
            ),
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_what_is_wrong_is_told_in_one_line(seed, arguments, line):
    (seed.directory / "folder.toml").mkdir()
    os.mkfifo(seed.directory / "pipe.toml")
    (seed.directory / "huge.toml").write_text("users = 1000000\nposts_per_user = [1000, 1000]\n")

    assert one_line(seed(*arguments)) == line


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (b"users = 1.5", "users: must be a whole number from 1 to 1,000,000, not 1.5"),
        (
            b"user = 5\nverified = 2\nlikes_per_post = [5, 2]\nposts_per_user = [-1, 2]\nusers = true",
            (
                "user: there is no such field, did you mean users?; verified: must be a share from 0 to 1, not 2; "
                "likes_per_post: must be [least, most], and [5, 2] is the wrong way round; posts_per_user: must be "
                "[least, most], whole numbers from 0 to 1,000,000, not [-1, 2]; users: must be a whole number from 1 "
                "to 1,000,000, not True"
            ),
        ),
        (b"users = ", "it is not TOML: Invalid value (at end of document)"),
        (
            b"\xff",
            "it is not TOML: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
        ),
    ],
    ids=["no number", "all named", "no toml", "no text"],
)
def test_a_wrong_preset_file_is_told_field_by_field(seed, text, wrong):
    (seed.directory / "mine.toml").write_bytes(text)

    assert one_line(seed("-e", "mine.toml")) == f"mine.toml is no preset: {wrong}"


# Endpoints


@pytest.mark.parametrize("command", [[*MINIMAL, "--dry-run"], ["audit"], ["shell", "-c", "1"]])
def test_a_closed_port_is_told(seed, command):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"

        line = one_line(seed(*command, "--endpoint-url", url))

    assert line == f'the endpoint {url} does not answer: Could not connect to the endpoint URL: "{url}/"'


def test_an_endpoint_that_never_answers_is_given_up(seed):
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"

        line = one_line(seed(*MINIMAL, "--endpoint-url", url))

    assert line == f'the endpoint {url} does not answer: Read timeout on endpoint URL: "{url}/"'


@pytest.mark.parametrize(
    ("status", "body", "line"),
    [
        (
            200,
            b"<html>Hello</html>",
            "DescribeTable failed with NotDynamoDB: whatever answers there is no DynamoDB: check the endpoint",
        ),
        (404, b"<html>No</html>", "DescribeTable failed with 404: <html>No</html>"),
        (404, b"", "DescribeTable failed with 404: is this a DynamoDB endpoint?"),
    ],
    ids=["a page", "no page", "nothing"],
)
def test_an_endpoint_that_is_no_dynamodb_is_told(seed, status, body, line):
    with serving(lambda _operation, _parameters: (status, body)) as front:
        assert one_line(seed(*MINIMAL, "--endpoint-url", front.url)) == line

    assert set(front.asked) == {"DescribeTable"}


@pytest.mark.parametrize("code", ["AccessDeniedException", "ExpiredTokenException"])
def test_a_missing_permission_is_told(seed, code):
    with serving(lambda operation, _parameters: refusal(code, f"not authorized: dynamodb:{operation}")) as front:
        line = one_line(seed(*MINIMAL, "--endpoint-url", front.url))

    assert line == "no permission for DescribeTable: not authorized: dynamodb:DescribeTable"
    assert set(front.asked) <= {"DescribeTable", "ListTagsOfResource"}


def test_an_engine_without_transactions_is_told_and_gets_no_table(seed, engine):
    real = embedded(engine.client)

    def answer(operation, parameters):
        if operation == "TransactWriteItems":
            return refusal("UnknownOperationException", "no transactions here")
        return real(operation, parameters)

    with serving(answer) as front:
        line = one_line(seed(*MINIMAL, "--endpoint-url", front.url))

    assert line == (
        f"the engine at {front.url} has no transactions (no transactions here): use one that has TransactWriteItems"
    )
    assert front.asked == ["DescribeTable", "DescribeTable", "TransactWriteItems"]


@pytest.mark.parametrize("command", [MINIMAL, ["audit", "--repair"]])
def test_a_table_of_another_shape_is_told_and_left_alone(seed, engine, command):
    engine.client.create_table(
        TableName="social",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    with serving(embedded(engine.client)) as front:
        line = one_line(seed(*command, "--endpoint-url", front.url))

    assert line == (
        "the table 'social' is of another shape (its keys are [('id', 'HASH')], ours PK and SK; it has no index GSI1): "
        "name another table with --table"
    )
    assert set(front.asked) <= {"DescribeTable", "ListTagsOfResource"}


def test_an_audit_makes_no_table(seed, engine):
    with serving(embedded(engine.client)) as front:
        line = one_line(seed("audit", "--endpoint-url", front.url, "--table", "nowhere", "--repair"))

    assert line == "there is no table 'nowhere': name another with --table, or seed it first"
    assert engine.client.list_tables()["TableNames"] == []


# Failures of a run that was begun


def test_an_engine_that_breaks_down_half_way_is_exit_code_3_and_says_how_to_go_on(seed, engine):
    real = embedded(engine.client)

    def answer(operation, parameters):
        if front.asked.count("TransactWriteItems") > 3:
            return refusal("LimitExceededException", "the disk is full")
        return real(operation, parameters)

    with serving(answer) as front:
        result = seed(*MINIMAL, "--as-of", "2026-11-01", "--endpoint-url", front.url, "--json")

    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (3, "", 1)
    assert "the disk is full" in result.stderr
    assert result.stderr.endswith(
        f"Go on with: seed -e minimal --seed 0 --as-of 2026-11-01 --endpoint-url {front.url} --table social\n"
    )


LONG = "x" * 300


@pytest.mark.parametrize(
    "arguments",
    [
        ["dump", LONG],
        ["dump", LONG, "--to", "sqlite"],
        ["dump", LONG, "--to", "parquet"],
        ["load", LONG, "--endpoint-url", "http://127.0.0.1:1"],
        ["report", LONG],
        ["export", LONG],
        ["audit", "--export", LONG],
        ["import", LONG, "--endpoint-url", "http://127.0.0.1:1"],
        ["-e", f"{LONG}.toml"],
        ["serve", "--data", LONG, "--port", "0"],
    ],
    ids=lambda arguments: " ".join(arguments).replace(LONG, "LONG"),
)
def test_a_name_that_no_file_can_have_is_told_in_one_line(seed, arguments):
    refused = one_line(seed(*arguments))

    assert LONG in refused
    assert "File name too long" in refused or "unable to open database file" in refused
