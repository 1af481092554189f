"""The command's options: what stands before a subcommand says the same as behind it, or is refused."""

from __future__ import annotations

import signal
import sys

import attrs
import pytest
import typer
from typer.testing import CliRunner

from factories.command import audits, browsing, cli, digests, dumps, exports, ledger, plans, reports, run, serving
from factories.command.groups import files, shows
from factories.command.target import Target
from seedbed.command import exits
from seedbed.command.cli import Command
from seedbed.command.errors import UsageError

GROUP = typer.main.get_command(cli.app)
VALUES = {
    "env": ("-e", "minimal"),
    "scenario": ("-s", "popular-post"),
    "seed": ("--seed", 7),
    "as_of": ("--as-of", "2026-11-01"),
    "locale": ("--locale", "de_DE"),
    "images": ("--images", "data"),
    "dry_run": ("--dry-run",),
    "endpoint_url": ("--endpoint-url", "http://there"),
    "table": ("--table", "other"),
    "workers": ("--workers", 3),
    "json": ("--json",),
    "allow_large": ("--allow-large",),
    "beside_others": ("--beside-others",),
    "yes": ("--yes", "social"),
    "cluster": ("--cluster", "local:2"),
    "shard": ("--shard", "0/2"),
    "piece": ("--slice", "likes:0-9"),
}
OTHERS = {"env": "stress", "seed": 8, "as_of": "2026-11-02", "table": "third", "workers": 5}
DOORS = (
    (audits, "audit"),
    (browsing, "browse"),
    (run, "shell"),
    (digests, "of_table"),
    (digests, "of_world"),
    (dumps, "dump"),
    (dumps, "load"),
    (exports, "export"),
    (exports, "import_table"),
    (plans, "plan"),
    (ledger, "status"),
    (ledger, "reset"),
    (serving, "serve"),
    (reports, "report"),
)
ENVIRONMENT = {parameter.name: parameter.envvar for parameter in GROUP.params if parameter.envvar}
PAIRS = [(name, option) for name in GROUP.commands for option in VALUES]
ARGUMENTS = {
    "dump": ["a file"],
    "export": ["a folder"],
    "import": ["a folder"],
    "load": ["a file"],
    "report": ["a file"],
}


# A digest of a world refuses a table that is typed, and leaves one of the environment to what needs it.
VARIABLES = [
    (name, option)
    for name, option in PAIRS
    if option in ENVIRONMENT
    and option in {parameter.name for parameter in GROUP.commands[name].params}
    and (name, option) != ("digest", "table")
]


@pytest.fixture(autouse=True)
def asked(monkeypatch):
    """What the command would do: each door that it may go through notes what it is given, and that is all."""
    asked = []
    for variable in ENVIRONMENT.values():
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("factories.command.orders.order_of", lambda target, **_: target)
    monkeypatch.setattr("seedbed.command.consent.check_consent", lambda *_, **__: None)
    for group in (files, shows):
        monkeypatch.setattr(group, "need_endpoint", lambda *_: None)
    for module, name in DOORS:
        monkeypatch.setattr(module, name, lambda *given, name=name, **more: asked.append((name, given, more)) or 0)
    return asked


def targets(asked, *arguments):
    """Run the command; return what it is asked to do, or the error's text."""
    asked.clear()
    named = next((argument for argument in arguments if argument in GROUP.commands), None)
    result = CliRunner().invoke(cli.app, [str(argument) for argument in (*arguments, *ARGUMENTS.get(named, ()))])
    if isinstance(result.exception, UsageError):
        return str(result.exception)
    return list(asked) if result.exit_code == 0 else result.exit_code


def given(option):
    return [str(part) for part in VALUES[option]]


def takes(subcommand, option):
    """Tell whether an option is the same before a subcommand and behind it."""
    is_there = option in {parameter.name for parameter in GROUP.commands[subcommand].params}
    return is_there and option in attrs.fields_dict(Target)


def test_every_option_of_the_command_is_looked_at():
    assert set(VALUES) == {parameter.name for parameter in GROUP.params}
    assert set(VALUES) - {"dry_run", "yes", "cluster", "shard", "piece"} == set(attrs.fields_dict(Target))


@pytest.mark.parametrize(("subcommand", "option"), [pair for pair in PAIRS if takes(*pair)])
def test_an_option_says_before_a_subcommand_what_it_says_behind_it(asked, subcommand, option):
    plain = targets(asked, subcommand)
    behind = targets(asked, subcommand, *given(option))
    before = targets(asked, *given(option), subcommand)
    assert before == behind != plain


@pytest.mark.parametrize(("subcommand", "option"), [pair for pair in PAIRS if not takes(*pair)])
def test_an_option_that_a_subcommand_would_ignore_is_refused_before_it(asked, subcommand, option):
    flag = "--slice" if option == "piece" else f"--{option.replace('_', '-')}"
    assert targets(asked, *given(option), subcommand) == f"{flag} cannot be used with {subcommand}"
    assert asked == []


@pytest.mark.parametrize(("subcommand", "option"), [pair for pair in PAIRS if takes(*pair) and pair[1] in OTHERS])
def test_an_option_before_a_subcommand_and_behind_it_is_refused(asked, subcommand, option):
    flag = f"--{option.replace('_', '-')}"
    both = targets(asked, *given(option), subcommand, VALUES[option][0], OTHERS[option])
    assert both == f"{flag} is given before {subcommand} and behind it: give it once"
    assert asked == []


@pytest.mark.parametrize("subcommand", ["", *GROUP.commands])
@pytest.mark.parametrize("option", OTHERS)
def test_an_option_that_is_given_twice_is_refused(asked, subcommand, option):
    if subcommand and not takes(subcommand, option):
        return
    again = [VALUES[option][0], OTHERS[option]]
    for twice in ([*given(option), *again], [*again, *again]):
        told = targets(asked, *[subcommand][: bool(subcommand)], *twice)
        assert told == f"--{option.replace('_', '-')} is given 2 times: give it once"
    assert asked == []


@pytest.mark.parametrize("option", ["at_most", "removed", "yes"])
def test_a_repairs_option_that_is_given_twice_is_refused(asked, option):
    flag = f"--{option.replace('_', '-')}"
    assert targets(asked, "audit", "--repair", flag, "1", flag, "2") == f"{flag} is given 2 times: give it once"


def test_a_flag_may_be_given_again_and_a_scenario_beside_another(asked):
    assert targets(asked, "status", "--json", "--json") == targets(asked, "--json", "status", "--json")
    both = targets(asked, "shell", "-s", "popular-post", "-s", "edge-cases")
    assert both[0][1][0].scenario == ["popular-post", "edge-cases"]


@pytest.mark.parametrize(
    ("aims", "told"),
    [
        (["--show", "PK", "SK", "--repair"], "--show cannot be used with --repair"),
        (["--mark", "--repair"], "--mark cannot be used with --repair"),
        (["--show", "PK", "SK", "--mark"], "--show cannot be used with --mark"),
        (["--mark", "--yes", "social"], "--yes is for --repair"),
        (["--show", "PK", "SK", "--dry-run"], "--dry-run is for --repair"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_an_audit_is_asked_for_one_thing(asked, aims, told):
    assert targets(asked, "audit", *aims) == told
    assert asked == []


@pytest.mark.parametrize(
    ("variable", "told"),
    [
        ("SEED_DRY_RUN", "give --dry-run instead"),
        ("SEED_JSON", "give --json instead"),
        ("SEED_REPAIR", "give --repair instead"),
        ("SEED_YES", "give --yes instead"),
        ("SEED_DRYRUN", "did you mean --dry-run?"),
        ("SEED_ENDPOINT", "did you mean SEED_ENDPOINT_URL?"),
        ("SEED_SUITE", "did you mean SEEDBED_SUITE?"),
        ("SEED_WORKER", "did you mean SEED_WORKERS?"),
        ("SEED_SCENARIOS", "did you mean SEED_SCENARIO?"),
    ],
)
@pytest.mark.parametrize("subcommand", ["", "audit", "reset", "scenarios"])
def test_a_variable_that_would_be_dropped_is_refused(asked, monkeypatch, subcommand, variable, told):
    monkeypatch.setenv(variable, "1")
    assert targets(asked, *[subcommand][: bool(subcommand)]) == f"{variable} is no variable of seed: {told}"
    assert asked == []


@pytest.mark.parametrize(("variable", "value"), [("SEED_DRY_RUN", ""), ("SEED_OF_ANOTHER_PROGRAM", "1")])
def test_variables_of_others_are_left_alone(asked, monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    assert [name for name, _, _ in targets(asked, "status")] == ["status"]


def test_a_digest_of_a_world_reads_no_table(asked):
    assert targets(asked, "digest", "--table", "other").startswith("--table needs --endpoint-url")
    assert targets(asked, "--table", "other", "digest").startswith("--table needs --endpoint-url")


@pytest.mark.parametrize(("subcommand", "option"), VARIABLES)
def test_a_variable_says_what_the_option_says_unless_that_is_given(asked, monkeypatch, subcommand, option):
    plain, behind = targets(asked, subcommand), targets(asked, subcommand, *given(option))
    monkeypatch.setenv(ENVIRONMENT[option], given(option)[1])
    by_variable = targets(asked, subcommand)
    assert by_variable == behind != plain
    if option in OTHERS:
        beaten = targets(asked, subcommand, VALUES[option][0], OTHERS[option])
        monkeypatch.delenv(ENVIRONMENT[option])
        assert beaten == targets(asked, subcommand, VALUES[option][0], OTHERS[option]) != by_variable


STOPPING = {
    signal.SIGINT: exits.Exit.STOPPED,
    signal.SIGTERM: exits.Exit.TERMINATED,
    signal.SIGHUP: exits.Exit.HUNG_UP,
}


@pytest.mark.parametrize("number", STOPPING)
@pytest.mark.parametrize("name", [None, *sorted(GROUP.commands)])
def test_what_stops_a_command_is_told_by_every_command(name, number, monkeypatch, capfd):
    for stream in ("stdout", "stderr"):  # the command puts its own in their place
        monkeypatch.setattr(sys, stream, getattr(sys, stream))
    kind = typer.core.TyperGroup if name is None else typer.core.TyperCommand
    monkeypatch.setattr(
        kind, "invoke" if name is None else "make_context", lambda *_, **__: signal.raise_signal(number)
    )
    before = [signal.getsignal(one) for one in STOPPING]

    command = Command(["--suite=factories.suite:suite", *([name] if name else [])])
    code = exits.run(command.run, command.explain)
    sys.stderr.flush()

    assert (code, *capfd.readouterr()) == (STOPPING[number], "", "seed: stopped\n")
    assert [signal.getsignal(one) for one in STOPPING] == before
