"""How the command ends: its exit codes, and the one line on standard error that tells of an end that is not good."""

from __future__ import annotations

import errno
import sys
import traceback
from collections.abc import Callable
from enum import IntEnum
from typing import Any

import typer

from seedbed.command.signals import Request
from seedbed.command.streams import Output, printable, without_users

# What typer says of bad options; it was click's before typer had a parser of its own.
_BAD_USAGE: type[Any] = next(kind for kind in typer.BadParameter.__mro__ if kind.__base__ is Exception)


_OF_NAMES = {errno.ENAMETOOLONG, errno.EACCES, errno.ELOOP}
"""What a system refuses about the name of a file, before there is a question of what is in it."""


class Exit(IntEnum):
    """The exit codes, each its own."""

    DONE = 0
    DRIFT = 1
    USAGE = 2
    FAILED = 3
    HUNG_UP = 129
    STOPPED = 130
    BROKEN_PIPE = 141
    TERMINATED = 143


CODES = (
    "Exit codes: 0 done, 1 drift and nothing else, 2 bad input or a target that is refused, 3 a run that failed, "
    "130 stopped by Ctrl-C, 143 by SIGTERM, 129 by SIGHUP, 141 a reader that went away."
)


def run(command: Callable[[], Any], explain: Callable[[Exception], str] = str) -> int:
    """Run a command whose result is its exit code, and tell how it ended: of an error, what `explain` says of it."""
    output, request = Output(), Request()
    with request.heard():
        code = _code_of(command, output, explain, request)
        lost = output.flush()
    if code == Exit.STOPPED:
        code = request.code(code)
    if isinstance(lost, BrokenPipeError):
        return Exit.BROKEN_PIPE
    if lost is None or code not in {Exit.DONE, Exit.DRIFT}:
        return code
    return _complain(f"the output could not be written ({lost.strerror})", Exit.FAILED)


def _code_of(command: Callable[[], Any], output: Output, explain: Callable[[Exception], str], request: Request) -> int:
    try:
        with request.working():
            code = command()
    except SystemExit as leaving:  # Typer's, of a broken pipe, or of somebody's own code
        code = leaving.code
    except _BAD_USAGE as error:
        return _complain(error.format_message(), Exit.USAGE)
    except (typer.Abort, KeyboardInterrupt):
        return _complain("stopped", Exit.STOPPED)
    except Exception as error:  # noqa: BLE001 - the end of the command, which tells of every error
        return Exit.DONE if error is output.error else _tell(error, explain)
    if isinstance(code, str):
        return _complain(code, Exit.FAILED)
    return code if isinstance(code, int) else Exit.DONE


def _tell(error: Exception, explain: Callable[[Exception], str]) -> int:
    from seedbed.errors import ServiceError  # noqa: PLC0415 - `seed --help` is quick
    from seedbed.strategy.errors import FactoryError  # noqa: PLC0415 - as above

    if not isinstance(error, (FactoryError, ServiceError)):  # a bug: told whole, and not with drift's code
        said = explain(error)
        if said != str(error):
            return _complain(said, Exit.FAILED)
        if isinstance(error, OSError) and error.filename and error.errno in _OF_NAMES:
            return _complain(f"{error.filename}: {error.strerror}", Exit.USAGE)
        sys.stderr.write(_plain("".join(traceback.format_exception(error)), keep="\n"))
        return Exit.FAILED
    return _complain(explain(error), getattr(error, "exit_code", Exit.USAGE))


def _complain(message: str, code: int) -> int:
    sys.stderr.write(f"seed: {_plain(' '.join(message.split()))}\n")
    return code


def _plain(text: str, keep: str = "") -> str:
    """Write what moves no terminal and tells no password, also where something else was typed than an endpoint."""
    return printable(without_users(text), keep)
