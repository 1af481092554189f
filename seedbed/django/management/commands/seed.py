"""`manage.py seed`: the command of the suite that the project declares.

All that `seed` takes is taken here too, and Django's own `--settings`, `--pythonpath`, `--traceback` and `--no-color`.
"""

from __future__ import annotations

import importlib
import sys
from argparse import Namespace
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

_OWN = ("--settings", "--pythonpath")
_OWN_FLAGS = ("--traceback", "--no-color", "--force-color", "--skip-checks")


class Parser(CommandParser):
    """Takes Django's own options, and leaves all else to `seed`."""

    def parse_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Namespace:
        """Return Django's own options; all else is in `args`."""
        known: Namespace
        known, rest = self.parse_known_args(args, namespace)
        known.args = rest
        return known


class Command(BaseCommand):
    """Fill the databases of the project through its services."""

    help = "Fill the databases through the services, as the suite of this project says."
    requires_system_checks: Sequence[str] = ()

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> Parser:
        """Return a parser of Django's own options alone."""
        del options
        parser = Parser(prog=f"{prog_name} {subcommand}", add_help=False, allow_abbrev=False)
        for name in _OWN:
            parser.add_argument(name)
        for name in _OWN_FLAGS:
            parser.add_argument(name, action="store_true")
        parser.add_argument("--verbosity", type=int, default=1)
        return parser

    def handle(self, *arguments: str, **options: Any) -> None:
        """Run the command; from a shell, its exit code is that of `seed`.

        Raises:
            SystemExit: A shell called it.
            CommandError: `call_command` did, and the exit code is not 0.
        """
        del options
        try:
            _run([*_suite(arguments), *arguments])
        except SystemExit as end:
            if self._called_from_command_line:
                raise
            if end.code:
                message = f"seed ended with exit code {end.code}"
                raise CommandError(message, returncode=end.code) from None


def _suite(arguments: Sequence[str]) -> list[str]:
    """Return what names the suite of the setting SEEDBED_SUITE, unless one is named by the arguments."""
    named = getattr(settings, "SEEDBED_SUITE", None)
    is_given = any(one.partition("=")[0] == "--suite" for one in arguments)
    return [] if named is None or is_given else ["--suite", named]


def _run(arguments: list[str]) -> None:
    # By its name: what is above, and what the project's other commands do not pay for.
    main = importlib.import_module("seedbed.command.cli").main
    before, sys.argv = sys.argv, ["seed", *arguments]
    try:
        main()
    finally:
        sys.argv = before
