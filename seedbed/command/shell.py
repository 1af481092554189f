"""A Python shell: code that is given, or a prompt; what is shown of an entity; what Tab offers. It knows no app."""

from __future__ import annotations

import ast
import code
import importlib.util
import linecache
import sys
from contextlib import suppress
from typing import Any

from seedbed.command.completion import Completer
from seedbed.command.showing import COMMAND, show, show_value, tell_error
from seedbed.command.signals import exit_at_request
from seedbed.command.streams import printable
from seedbed.scenarios import forgetting


def run_or_ask(known: dict[str, Any], banner: str, command: str | None) -> int:
    """Run `command`, or what is piped in; else ask for Python line by line. Return the exit code.

    Raises:
        BrokenPipeError: the reader of what it prints went away.
    """
    if command is not None:
        return run_command(command, known)
    if not sys.stdin.isatty():
        return run_command(sys.stdin.read(), known)
    return interact(known, banner)


# Code that was given


def run_command(text: str, known: dict[str, Any]) -> int:
    """Run code as `python -c` does; of a single expression, show the value, unless it is None.

    Returns the exit code. 0: done; 1: an error, told on stderr; else what `sys.exit` was given.

    Raises:
        BrokenPipeError: the reader of what it prints went away.
    """
    lines = text.splitlines(keepends=True)
    linecache.cache[COMMAND] = (len(text), None, lines, COMMAND)
    known.setdefault("__name__", "__main__")
    try:
        value = forgetting.call("the code", None, lambda: _run(text, known))
        if value is not None:
            sys.stdout.write(f"{printable(show(value))}\n")
    except SystemExit as leaving:
        return _exit_code(leaving)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the user's own code: whatever it raises is told
        tell_error(error)
        return 1
    finally:
        linecache.cache.pop(COMMAND, None)
    return 0


def _run(text: str, known: dict[str, Any]) -> Any:
    tree = ast.parse(text, COMMAND)
    if len(tree.body) == 1 and isinstance(only := tree.body[0], ast.Expr):
        return eval(compile(ast.Expression(only.value), COMMAND, "eval"), known)  # noqa: S307 - the user's own code
    exec(compile(tree, COMMAND, "exec"), known)  # noqa: S102 - as above
    return None


def _exit_code(leaving: SystemExit) -> int:
    if leaving.code is None or isinstance(leaving.code, int):
        return leaving.code or 0
    sys.stderr.write(printable(f"{leaving.code}\n", keep="\n"))
    return 1


# Line by line


def interact(known: dict[str, Any], banner: str) -> int:
    """Ask for Python line by line, with IPython where that is installed; return the exit code."""
    try:
        with exit_at_request():
            if importlib.util.find_spec("IPython") is None:
                _plain(known, banner)
            else:
                _ipython(known, banner)
    except SystemExit as leaving:
        return _exit_code(leaving)
    return 0


def _ipython(known: dict[str, Any], banner: str) -> None:
    from IPython import start_ipython  # noqa: PLC0415 - an extra
    from traitlets.config import Config  # noqa: PLC0415 - comes with it

    config = Config()
    config.TerminalInteractiveShell.banner2 = banner
    config.InteractiveShellApp.exec_lines = ["from seedbed.command.showing import into_ipython", "into_ipython()"]
    start_ipython(argv=[], user_ns=known, config=config)


def _plain(known: dict[str, Any], banner: str) -> None:
    with suppress(ImportError):  # not on every platform
        import readline  # noqa: PLC0415 - changes how input() reads

        readline.set_completer(Completer(known).complete)
        readline.parse_and_bind("tab: complete")
    before = sys.displayhook, sys.excepthook
    sys.displayhook, sys.excepthook = show_value, lambda _kind, error, _trace: tell_error(error)
    try:
        code.interact(banner=f"Python {sys.version.split()[0]}\n{banner}", local=known, exitmsg="")
    finally:
        sys.displayhook, sys.excepthook = before
