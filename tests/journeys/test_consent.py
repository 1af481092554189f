"""Nothing is written elsewhere than on this machine by a slip: without consent not one request leaves."""

from __future__ import annotations

import pytest
import typer

from seedbed.dynamo.engines import open_engine
from tests.journeys.front import embedded_front

WORLD = ("-e", "minimal", "--seed", "7", "--as-of", "2026-11-01")
REMOTE = "http://seed-test.invalid:8000"
WATCHED = """
import os, socket, sys
def told(*args, **kwargs):
    os.write(1, b"a request leaves\\n")
    raise OSError("no network here")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = told
sys.argv[1:] = {arguments!r}
from seedbed.command.cli import main
main()
"""
CREDENTIALS = "import os; os.environ |= {'AWS_ACCESS_KEY_ID': 'made-up', 'AWS_SECRET_ACCESS_KEY': 'made-up'}\n"
UNTAGGED = """
from seedbed.command import consent
consent._check_tags = lambda *_: None  # an engine on this machine is asked for them
"""
WRITES = {
    "seed": WORLD,
    "seed by default": (),
    "shell": ("shell", "-c", "UserFactory()"),
    "reset": ("reset", *WORLD, "-y"),
    "reset of all": ("reset", "--all", "-y"),
    "repair": ("audit", "--repair"),
    "mark": ("audit", "--mark"),
    "load": ("load", "world"),
    "import": ("import", "s3://bucket/world"),
}
READS = {
    "audit": ("audit",),
    "status": ("status",),
    "digest": ("digest",),
    "dump": ("dump", "new"),
    "report": ("report", "new.html"),
    "browse": ("browse", "--port", "0"),
}
INTO_BUCKETS = {
    "export": ("export", "s3://people/world", *WORLD),
    "import through": ("import", "world", "--through", "s3://people/world", "--endpoint-url", "http://127.0.0.1:1"),
}
AGREED = {"export": "people", "import through": "social"}
"""By which name: who agrees to an import agrees to the bucket that it goes through."""
AT_HOME = {"plan", "scenarios", "serve"}
"""What has no endpoint."""


def test_every_command_stands_in_these_lists():
    from factories.command.cli import app

    listed = {
        command[0]
        for command in (*WRITES.values(), *READS.values(), *INTO_BUCKETS.values())
        if command and command[0][0] != "-"
    }
    assert typer.main.get_command(app).commands.keys() == listed | AT_HOME


def line(command, *options):
    """An option before a subcommand is not one of all of them."""
    return [*command, *options]


@pytest.mark.parametrize("endpoint", [REMOTE, "aws"])
@pytest.mark.parametrize("command", WRITES.values(), ids=WRITES)
def test_without_consent_no_request_leaves(seed, command, endpoint):
    for given in ([], ["--yes", "another"]):
        if given and command[:2] == ("audit", "--mark"):
            continue  # which takes no --yes
        arguments = line(command, "--endpoint-url", endpoint, "--table", "people", *given)
        result = seed.python(WATCHED.format(arguments=arguments))
        assert (result.returncode, result.stdout) == (2, ""), (arguments, result.stderr)
        assert result.stderr.count("\n") == 1
        assert ("--yes people" if not given else "'another'") in result.stderr


@pytest.mark.parametrize("command", INTO_BUCKETS)
def test_into_a_bucket_without_consent_no_request_leaves(seed, command):
    for given in ([], ["--yes", "another"]):
        result = seed.python(UNTAGGED + WATCHED.format(arguments=[*INTO_BUCKETS[command], *given]))
        assert (result.returncode, result.stdout) == (2, ""), result.stderr
        assert result.stderr.count("\n") == 1
        assert (f"--yes {AGREED[command]}" if not given else "'another'") in result.stderr


@pytest.mark.parametrize("command", WRITES.values(), ids=WRITES)
def test_an_exported_variable_is_no_consent(seed, command):
    code = f"import os; os.environ['SEED_ENDPOINT_URL'] = {REMOTE!r}\n" + WATCHED.format(arguments=[*command])
    result = seed.python(code)
    assert (result.returncode, result.stdout) == (2, "")
    assert "--yes social" in result.stderr


@pytest.mark.parametrize("command", [one for name, one in WRITES.items() if name != "mark"])
def test_with_consent_they_go_there(seed, command):
    arguments = line(command, "--endpoint-url", REMOTE, "--table", "people", "--yes", "people")
    (seed.directory / "world").mkdir()
    result = seed.python(WATCHED.format(arguments=arguments))
    is_asked = "there is no manifest" in result.stderr or "Unable to locate credentials" in result.stderr  # of S3
    assert "a request leaves" in result.stdout or is_asked


@pytest.mark.parametrize("command", [*READS.values(), ("--dry-run", *WORLD), ("audit", "--repair", "--dry-run")])
def test_what_only_reads_asks_nobody(seed, command):
    result = seed.python(WATCHED.format(arguments=line(command, "--endpoint-url", REMOTE, "--table", "people")))
    assert "a request leaves" in result.stdout
    assert "--yes" not in result.stderr


def test_into_a_bucket_with_consent_it_goes_there(seed):
    code = CREDENTIALS + WATCHED.format(arguments=[*INTO_BUCKETS["export"], "--yes", "people"])
    assert "a request leaves" in seed.python(code).stdout


def test_into_a_bucket_on_this_machine_nobody_is_asked_unless_it_looks_like_production(seed):
    for bucket, leaves in (("people", True), ("prod", False)):
        code = CREDENTIALS + WATCHED.format(arguments=["export", f"s3://{bucket}/world", *WORLD])
        result = seed.python("import os; os.environ['AWS_ENDPOINT_URL_S3'] = 'http://127.0.0.1:1'\n" + code)
        assert ("a request leaves" in result.stdout) == leaves
        assert ("looks like production" in result.stderr) != leaves


@pytest.mark.parametrize("address", ["http://ada:secret@127.0.0.1:1", "http://ada:secret@seed-test.invalid"])
@pytest.mark.parametrize(
    "arguments", [INTO_BUCKETS["export"], ("audit", "--export", "s3://people/world"), INTO_BUCKETS["import through"]]
)
def test_where_buckets_are_is_said_without_a_password(seed, arguments, address):
    set_up = f"os.environ |= {{'AWS_ENDPOINT_URL_S3': {address!r}, 'AWS_MAX_ATTEMPTS': '1'}}\n"
    result = seed.python(CREDENTIALS + set_up + WATCHED.format(arguments=[*arguments]))
    assert result.returncode == 2
    assert "secret" not in result.stdout + result.stderr


PASSWORD = "http://ada:secret@127.0.0.1:1"


@pytest.mark.parametrize(
    "arguments",
    [
        ["export", "s3://ada:secret@people/world", *WORLD],
        ["audit", "--export", "s3://ada:secret@people/world"],
        ["--table", PASSWORD],
        ["-e", PASSWORD],
        ["-s", PASSWORD],
        ["--as-of", PASSWORD],
        ["--locale", PASSWORD],
        ["--cluster", PASSWORD],
        ["--cluster", "tcp://ada:secret@127.0.0.1:1", "--endpoint-url", "http://127.0.0.1:1"],
        [PASSWORD],
        ["dump", PASSWORD],
        ["load", PASSWORD, "--endpoint-url", "http://127.0.0.1:1"],
        ["report", PASSWORD],
        ["import", PASSWORD, "--endpoint-url", "http://127.0.0.1:1"],
        ["serve", "--host", PASSWORD],
        [f"--{PASSWORD}"],
        ["shell", "--as-of", PASSWORD],
        ["plan", "-e", PASSWORD],
        ["lint", "-f", PASSWORD],
    ],
)
def test_a_url_in_a_wrong_place_is_refused_without_its_password(seed, arguments):
    code = CREDENTIALS + "os.environ['AWS_ENDPOINT_URL_S3'] = 'http://127.0.0.1:1'\n"
    result = seed.python(code + WATCHED.format(arguments=[*arguments]))
    assert result.returncode in {2, 3}
    assert result.stderr.count("\n") == 1
    assert "secret" not in result.stdout + result.stderr


@pytest.mark.parametrize("place", ["s3://people/world", "world"])
def test_where_it_is_forbidden_nothing_is_exported(seed, place):
    code = CREDENTIALS + "os.environ['SEED_PROHIBIT'] = '1'\n"
    result = seed.python(code + WATCHED.format(arguments=["export", place, *WORLD, "--yes", "people"]))
    assert (result.returncode, result.stdout) == (2, "")
    assert "SEED_PROHIBIT is set" in result.stderr
    assert not (seed.directory / "world").exists()


@pytest.mark.parametrize("variable", ["AWS_PROFILE", "AWS_ENDPOINT_URL_S3"])
def test_a_configuration_that_will_not_do_is_told_in_one_line(seed, variable):
    refused = seed(*INTO_BUCKETS["export"], **{variable: "none"})
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    assert refused.stderr.startswith("seed: s3://: S3: ")


def test_an_import_goes_through_a_bucket_alone(seed):
    refused = seed("import", "world", "--through", "there", "--endpoint-url", REMOTE, "--yes", "social")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "--through wants s3://bucket/prefix" in refused.stderr


def test_on_this_machine_nobody_is_asked(seed):
    with embedded_front() as front:
        assert seed(*WORLD, "--endpoint-url", front.url).returncode == 0


@pytest.mark.parametrize("table", ["prod", "LIVE_data.production"])
def test_what_looks_like_production_wants_its_name_wherever_it_is(seed, table):
    with embedded_front() as front:
        place = ("--endpoint-url", front.url, "--table", table)
        refused = seed(*WORLD, *place)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "looks like production" in refused.stderr
        assert f"--yes {table}" in refused.stderr
        assert front.asked == []
        assert seed(*WORLD, *place, "--yes", table).returncode == 0


@pytest.mark.parametrize("table", ["products", "alive-reproduction"])
def test_what_does_not_look_like_it_does_not(seed, table):
    with embedded_front() as front:
        assert seed(*WORLD, "--endpoint-url", front.url, "--table", table).returncode == 0


def test_what_looks_like_production_can_be_said(seed):
    (seed.directory / "pyproject.toml").write_text("[tool.seedbed]\nproduction = '^people$'\n")
    with embedded_front() as front:
        assert seed(*WORLD, "--endpoint-url", front.url, "--table", "prod").returncode == 0
        assert "looks like production" in seed(*WORLD, "--endpoint-url", front.url, "--table", "people").stderr
        (seed.directory / "pyproject.toml").write_text("[tool.seedbed]\nproduction = '('\n")
        wrong = seed(*WORLD, "--endpoint-url", front.url, "--table", "people")
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)
    assert "must be a regular expression" in wrong.stderr


def tag(url, **tags):
    with open_engine(url) as engine:
        arn = engine.client.describe_table(TableName="people")["Table"]["TableArn"]
        engine.client.tag_resource(ResourceArn=arn, Tags=[{"Key": key, "Value": value} for key, value in tags.items()])


@pytest.mark.parametrize(
    ("tags", "is_refused"),
    [
        ({"env": "prod"}, True),
        ({"stage": "Live"}, True),
        ({"production": "yes"}, True),
        ({"env": "test", "cost": "team-prod-7"}, True),
        ({"env": "staging", "product": "alive"}, False),
    ],
    ids=str,
)
def test_a_table_whose_tags_look_like_production_wants_its_name(seed, tags, is_refused):
    place = ("--table", "people")
    with embedded_front() as front:
        assert seed(*WORLD, "--endpoint-url", front.url, *place).returncode == 0
        tag(front.url, **tags)
        for command in (("-s", "conversation"), ("reset", "--all", "-y")):
            refused = seed(*command, "--endpoint-url", front.url, *place)
            if not is_refused:
                assert refused.returncode == 0, refused.stderr
                continue
            assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
            assert "which looks like production" in refused.stderr
            assert "add --yes people" in refused.stderr
            assert seed(*command, "--endpoint-url", front.url, *place, "--yes", "people").returncode == 0


@pytest.mark.parametrize("value", ["1", "yes"])
def test_where_it_is_forbidden_it_is_whatever_is_typed(seed, value):
    with embedded_front() as front:
        for command in WRITES.values():
            arguments = line(command, "--endpoint-url", front.url, "--table", "people")
            result = seed(*arguments, SEED_PROHIBIT=value)
            assert (result.returncode, result.stdout) == (2, ""), (command, result.stderr)
            assert "SEED_PROHIBIT is set" in result.stderr
        assert seed(*WORLD, SEED_PROHIBIT=value).returncode == 2
        assert front.asked == []
        assert seed(*WORLD, "--endpoint-url", front.url, SEED_PROHIBIT="0").returncode == 0


def test_a_program_may_forbid_it_for_its_factories_too(seed):
    forbidden = """
import seedbed
from factories import UserFactory, using
from services import connect
with connect() as app, using(app):
    UserFactory()
    seedbed.prohibit("this is the shop's own process")
    print(UserFactory.build().handle != "")
    for make in (UserFactory, lambda: UserFactory.create_batch(2), lambda: UserFactory.create_each([{}])):
        try:
            make()
        except seedbed.ProhibitedError as error:
            print(error)
    print(app.audit().rows)
"""
    said = seed.python(forbidden).stdout.splitlines()
    assert said[0] == "True"
    assert said[1:4] == ["seeding is forbidden here: this is the shop's own process. Nothing was written"] * 3
    assert said[4:] == ["4"]
