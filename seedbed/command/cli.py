"""The command `seed`: finds the suite, and runs its command, or that of every suite.

Everything heavy is imported where it is used, so that `seed --help` is quick.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import typer

from seedbed.command import exits
from seedbed.command.later import load_orms_later
from seedbed.errors import ServiceError
from seedbed.plain import show
from seedbed.strategy.collecting import rarer_collections
from seedbed.strategy.errors import FactoryError
from seedbed.suite import Suite, get_suite
from seedbed.suite.errors import SuiteDeclarationError, SuiteNotFoundError
from seedbed.suite.parts import is_command, load_part
from seedbed.suite.references import load, why

_SUITE = "--suite"
_COMPLETION = ("--install-completion", "--show-completion")


class Command:
    """One run of the command. `suite` is known once it is found."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._arguments = list(arguments)
        self._suite: Suite | None = None

    def run(self) -> Any:
        """Find the suite, and run what is asked for; return the exit code.

        Raises:
            SuiteNotFoundError: There is no suite.
            SuiteError: It cannot be used.
        """
        path, arguments = _without_suite(self._arguments)
        if "--version" in arguments[:1]:
            return _print_version()
        from seedbed.command import general  # noqa: PLC0415 - as the module's docstring says

        if arguments[:1] and arguments[0].partition("=")[0] in _COMPLETION:
            return _main(typer.main.get_command(general.app), arguments, None)
        try:
            self._suite = get_suite(path)
        except SuiteNotFoundError:
            if not {"-h", "--help"} & {*arguments}:
                raise
            return _main(typer.main.get_command(general.app), arguments, None)
        return _main(_group_of(self._suite), arguments, self._suite)

    def explain(self, error: Exception) -> str:
        """Say in one line what an error is, as the suite does."""
        suite = self._suite
        try:
            explain: Any = None if suite is None else load_part(suite.name, "explain", suite.explain)
            said = None if explain is None else explain(error)
        except Exception as other:  # noqa: BLE001 - the suite's own code; what it was to explain is told all the same
            is_bug = not isinstance(error, (FactoryError, ServiceError))  # it is told whole then
            is_same = str(other) == str(error)  # the explain itself cannot be used
            return str(error) if is_bug or is_same else f"{error} (and the suite's explain failed: {why(other)})"
        return str(error) if said is None or not str(said).strip() else str(said)


def _without_suite(arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """Take `--suite module:name` out of the arguments, wherever it stands.

    Raises:
        UsageError: It is given twice, or without a name.
    """
    found, rest, waiting = [], list[str](), list(arguments)
    while waiting:
        this = waiting.pop(0)
        if this == "-c" and waiting:  # what the shell is to run
            rest += [this, waiting.pop(0)]
        elif this == _SUITE:
            found.append(waiting.pop(0) if waiting else "")
        elif this.startswith(f"{_SUITE}="):
            found.append(this.partition("=")[2])
        else:
            rest.append(this)
    if len(found) > 1 or "" in found:
        from seedbed.command.errors import UsageError  # noqa: PLC0415 - as the module's docstring says

        times = f"is given {len(found)} times: give it once" if len(found) > 1 else "needs a suite, written module:name"
        message = f"{_SUITE} {times}"
        raise UsageError(message)
    return (found[0] if found else None), rest


def _group_of(suite: Suite) -> Any:
    """Return the suite's command, with what every suite's has and it lacks; else that of every suite.

    Raises:
        SuiteImportError: Its name leads nowhere.
        SuiteDeclarationError: Its name leads to something else.
    """
    from seedbed.command import general  # noqa: PLC0415 - as the module's docstring says

    common: Any = typer.main.get_command(general.app)
    if suite.command is None:
        return common
    own: Any = load("command", suite.command) if isinstance(suite.command, str) else suite.command
    if not is_command(own):
        raise SuiteDeclarationError(suite.name, "command", f"{suite.command} is no Typer app, but {show(own)}")
    group: Any = typer.main.get_command(own) if isinstance(own, typer.Typer) else own
    for name, command in common.commands.items():
        if name not in group.commands:
            command.context_settings = {**command.context_settings, "obj": suite}
            group.add_command(command, name)
    return group


def _main(group: Any, arguments: list[str], suite: Suite | None) -> Any:
    if "_SEED_COMPLETE" in os.environ:
        import typer.completion  # noqa: PLC0415 - only where a shell asks

        typer.completion.completion_init()  # type: ignore[attr-defined]  # of a group with add_completion, Typer calls it itself
    group.invoke = _invoke_aloud(group.invoke)
    return group.main(args=arguments, prog_name="seed", standalone_mode=False, obj=suite)


def _invoke_aloud(invoke: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def aloud(context: Any) -> Any:
        try:
            return invoke(context)
        except KeyboardInterrupt as error:
            raise typer.Abort from error  # else Typer returns 130, as code of a shell may, and nothing is said

    return aloud


def _print_version() -> int:
    from importlib.metadata import version  # noqa: PLC0415 - reads the distribution

    from seedbed.command.console import Console  # noqa: PLC0415 - as the module's docstring says

    Console().print(f"seedbed {version('seedbed')}")
    return exits.Exit.DONE


def main() -> NoReturn:
    """Run the command; every error is one line on stderr."""
    load_orms_later()
    command = Command(sys.argv[1:])
    with rarer_collections():  # from the first import on
        code = exits.run(command.run, command.explain)
        gc.freeze()  # else the interpreter walks the whole world once more before it lets go of it
    sys.exit(code)


if __name__ == "__main__":
    main()
