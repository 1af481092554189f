"""What the command is told once: an option, or a variable that there is. The rest would be dropped without a word."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from typer.core import TyperCommand, TyperGroup

from seedbed.command.parsing import refuse
from seedbed.prohibition import VARIABLE
from seedbed.suite.discovery import VARIABLE as SUITE

PREFIX = "SEED_"


class OnceCommand(TyperCommand):
    """A subcommand whose options are each given once, but for those that may be given several times."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the options.

        Raises:
            UsageError: one is given twice.
        """
        _check_once(self, ctx, args)
        return super().parse_args(ctx, args)


class OnceGroup(TyperGroup):
    """A group of which the same is true."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the options before a subcommand.

        Raises:
            UsageError: one is given twice.
        """
        _check_once(self, ctx, args)
        return super().parse_args(ctx, args)


def _check_once(command: Any, context: Any, args: list[str]) -> None:
    _, _, order = command.make_parser(context).parse_args(args=list(args))
    for option, times in Counter(order).items():
        if times > 1 and not (getattr(option, "multiple", False) or getattr(option, "is_flag", False)):
            refuse(f"{max(option.opts, key=len)} is given {times} times: give it once")


def check_again(names: Iterable[str], subcommand: str) -> None:
    """Refuse options that are given before a subcommand and behind it.

    Raises:
        UsageError: there are some.
    """
    options = ", ".join(f"--{name.replace('_', '-')}" for name in names)
    if options:
        refuse(f"{options} is given before {subcommand} and behind it: give it once")


def check_variables(group: Any, environment: Mapping[str, str] = os.environ) -> None:
    """Refuse variables that look like the command's own, and would be dropped.

    Raises:
        UsageError: a variable is set for an option that has none, or its name is misspelt.
    """
    options = [*group.params, *(option for command in group.commands.values() for option in command.params)]
    known = {VARIABLE, SUITE, *(option.envvar for option in options if option.envvar)}
    without = {PREFIX + str(option.name).upper(): max(option.opts, key=len) for option in options if not option.envvar}
    for name, value in sorted(environment.items()):
        if name.startswith(PREFIX) and name not in known and value:
            _check_variable(name, known, without)


def _check_variable(name: str, known: Collection[str], without: Mapping[str, str]) -> None:
    if name in without:
        refuse(f"{name} is no variable of seed: give {without[name]} instead")
    if close := get_close_matches(name, [*known, *without], n=1, cutoff=0.8):
        meant = close[0] if close[0] in known else without[close[0]]
        refuse(f"{name} is no variable of seed: did you mean {meant}?")
