"""The command's options: what stands before a subcommand says the same as behind it, or is refused."""

from __future__ import annotations

import attrs
import pytest
import typer
from typer.testing import CliRunner

from factories import audits, cli, digests, ledger, run
from factories.orders import UsageError
from factories.target import Target

GROUP = typer.main.get_command(cli.app)
VALUES = {
    "env": ("-e", "minimal"),
    "scenario": ("-s", "popular-post"),
    "seed": ("--seed", 7),
    "as_of": ("--as-of", "2026-11-01"),
    "locale": ("--locale", "de_DE"),
    "dry_run": ("--dry-run",),
    "endpoint_url": ("--endpoint-url", "http://there"),
    "table": ("--table", "other"),
    "workers": ("--workers", 3),
    "json": ("--json",),
    "beside_others": ("--beside-others",),
}
OTHERS = {"env": "stress", "seed": 8, "as_of": "2026-11-02", "table": "third", "workers": 5}
DOORS = (
    (audits, "audit"),
    (run, "shell"),
    (digests, "of_table"),
    (digests, "of_world"),
    (ledger, "status"),
    (ledger, "reset"),
)
ENVIRONMENT = {parameter.name: parameter.envvar for parameter in GROUP.params if parameter.envvar}
PAIRS = [(name, option) for name in GROUP.commands for option in VALUES]


@pytest.fixture(autouse=True)
def asked(monkeypatch):
    """What the command would do: each door that it may go through notes what it is given, and that is all."""
    asked = []
    for variable in ENVIRONMENT.values():
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("factories.orders.order_of", lambda target, **_: target)
    for module, name in DOORS:
        monkeypatch.setattr(module, name, lambda *given, name=name, **more: asked.append((name, given, more)) or 0)
    return asked


def targets(asked, *arguments):
    """Run the command; return what it is asked to do, or the error's text."""
    asked.clear()
    result = CliRunner().invoke(cli.app, [str(argument) for argument in arguments])
    if isinstance(result.exception, UsageError):
        return str(result.exception)
    return list(asked) if result.exit_code == 0 else result.exit_code


def given(option):
    return [str(part) for part in VALUES[option]]


def takes(subcommand, option):
    return option in {parameter.name for parameter in GROUP.commands[subcommand].params}


def test_every_option_of_the_command_is_looked_at():
    assert set(VALUES) == {parameter.name for parameter in GROUP.params}
    assert set(VALUES) - {"dry_run"} == set(attrs.fields_dict(Target))


@pytest.mark.parametrize(("subcommand", "option"), [pair for pair in PAIRS if takes(*pair)])
def test_an_option_says_before_a_subcommand_what_it_says_behind_it(asked, subcommand, option):
    plain = targets(asked, subcommand)
    behind = targets(asked, subcommand, *given(option))
    before = targets(asked, *given(option), subcommand)
    assert before == behind != plain


@pytest.mark.parametrize(("subcommand", "option"), [pair for pair in PAIRS if not takes(*pair)])
def test_an_option_that_a_subcommand_would_ignore_is_refused_before_it(asked, subcommand, option):
    flag = f"--{option.replace('_', '-')}"
    assert targets(asked, *given(option), subcommand) == f"{flag} cannot be used with {subcommand}"
    assert asked == []


@pytest.mark.parametrize(("subcommand", "option"), [pair for pair in PAIRS if takes(*pair) and pair[1] in OTHERS])
def test_an_option_behind_a_subcommand_beats_the_one_before_it(asked, subcommand, option):
    name = VALUES[option][0]
    behind = targets(asked, subcommand, name, OTHERS[option])
    both = targets(asked, *given(option), subcommand, name, OTHERS[option])
    assert both == behind != targets(asked, *given(option), subcommand)


@pytest.mark.parametrize(("subcommand", "option"), [pair for pair in PAIRS if takes(*pair) and pair[1] in ENVIRONMENT])
def test_a_variable_says_what_the_option_says_unless_that_is_given(asked, monkeypatch, subcommand, option):
    plain, behind = targets(asked, subcommand), targets(asked, subcommand, *given(option))
    monkeypatch.setenv(ENVIRONMENT[option], given(option)[1])
    by_variable = targets(asked, subcommand)
    assert by_variable == behind != plain
    if option in OTHERS:
        beaten = targets(asked, subcommand, VALUES[option][0], OTHERS[option])
        monkeypatch.delenv(ENVIRONMENT[option])
        assert beaten == targets(asked, subcommand, VALUES[option][0], OTHERS[option]) != by_variable
