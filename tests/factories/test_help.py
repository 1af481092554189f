"""The help tells the truth: each default that it names is the one that the command has."""

from __future__ import annotations

import re

import pytest
from typer.testing import CliRunner

from factories.command import cli
from factories.command.orders import UnknownCommandError, moment_of, order_of
from factories.command.target import Target
from seedbed.command.errors import UsageError
from services import connect
from tests.journeys.front import embedded_front

NEEDED = ("audit", "status", "reset")


def told(command):
    """What the help says of each option."""
    text = " ".join(CliRunner().invoke(cli.app, [*command, "--help"]).output.split())
    parts = re.split(r" (?:-\w, )?--([a-z-]+)(?: [A-Z]+)? ", text)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("command", NEEDED)
def test_an_endpoint_that_must_be_given_is_said_to_be(command, monkeypatch):
    monkeypatch.delenv("SEED_ENDPOINT_URL", raising=False)

    result = CliRunner().invoke(cli.app, [command])

    assert isinstance(result.exception, UsageError)
    assert f"{command} needs --endpoint-url" in str(result.exception)
    assert "must be given" in told([command])["endpoint-url"]
    assert "it must be there" in told([command])["table"]


@pytest.mark.parametrize("command", [[], ["shell"]])
def test_who_can_do_without_an_endpoint_says_so(command):
    assert "embedded in this process unless given" in told(command)["endpoint-url"]
    assert "made when it is missing" in told(command)["table"]


def test_the_defaults_of_a_world_are_those_that_are_told():
    order, of_shell = order_of(Target()), order_of(Target(), is_default_env=False)

    assert (order.env, order.seed, order.locale, order.as_of) == ("realistic", 0, "en_US", moment_of(None))
    for command in ([], ["digest"], ["reset"]):
        said = told(command)
        assert "realistic unless only scenarios are asked for" in said["env"]
        assert "0 unless given" in said["seed"]
        assert "today unless given" in said["as-of"]
        assert "en_US unless given" in said["locale"]
    said = told(["shell"])
    assert (of_shell.env, of_shell.is_seeded, of_shell.is_dated) == (None, False, False)
    assert "none unless given" in said["env"]
    assert "drawn anew" in said["seed"]
    assert "the machine's clock without one" in said["as-of"]


@pytest.mark.parametrize("command", [[], ["audit"], ["digest"], ["reset"], ["shell"]])
def test_the_default_of_workers_is_the_one_that_is_told(command):
    with embedded_front() as front, connect(front.url) as there, connect() as here:
        assert f"{there.workers} unless given, embedded {here.workers}" in told(command)["workers"]


def test_no_command_promises_an_option_that_it_has_not():
    assert set(told(["status"])) == {"endpoint-url", "table", "json", "help"}


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("minimal", "-e minimal"),
        ("realistc", "-e realistic"),
        ("Stress", "-e stress"),
        ("mine.toml", "-e mine.toml"),
        ("popular-post", "-s popular-post"),
        ("edge_cases", "-s edge-cases"),
        ("package.module:Mine", "-s package.module:Mine"),
        ("audt", "audit"),
        ("statsu", "status"),
        ("scenario", "scenarios"),
        ("help", "--help"),
    ],
)
def test_a_word_that_is_no_subcommand_gets_what_it_may_mean(word, meant):
    result = CliRunner().invoke(cli.app, [word])

    assert isinstance(result.exception, UnknownCommandError)
    assert f"did you mean {meant}" in str(result.exception)


@pytest.mark.parametrize(
    ("target", "meant"),
    [
        (Target(env="popular-post"), "no preset is called 'popular-post': did you mean -s popular-post?"),
        (Target(scenario=["minimal"]), "no scenario is called 'minimal': did you mean -e minimal?"),
    ],
)
def test_a_preset_for_a_scenario_and_the_reverse_get_the_option(target, meant):
    with pytest.raises(UsageError) as refusal:
        order_of(target)

    assert str(refusal.value) == meant
