"""The shell: Python with factories, app, scenarios and audit at hand. `cli.py` reads its options."""

from __future__ import annotations

import ast
import code
import functools
import importlib.util
import linecache
import secrets
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from traceback import TracebackException
from typing import Any

import factories
from factories.scenarios import find_scenario, run_scenario, scenario, scenarios
from factories.texts.locales import using
from seedbed.command.streams import printable
from seedbed.strategy.binding import find_binding
from services import entities

COMMAND = "<command>"
"""What a traceback calls the code that was given."""
_FACTORIES = (
    "UserFactory",
    "PostFactory",
    "LikeFactory",
    "CommentFactory",
    "FollowFactory",
    "FeedItemFactory",
)
_ENTITIES = ("User", "Post", "Like", "Comment", "Follow", "FeedItem", "FeedEntry", "Page")
_TOOLS = ("Range", "recycle", "using", "reset_sequences")


def namespace(app: Any) -> dict[str, Any]:
    """Return what the shell knows by name."""
    return {
        "app": app,
        **{name: getattr(factories, name) for name in (*_FACTORIES, *_TOOLS)},
        **{name: getattr(entities, name) for name in _ENTITIES},
        "scenario": scenario,
        "scenarios": scenarios,
        "find_scenario": find_scenario,
        "run_scenario": functools.partial(run_scenario, app=app),
        "audit": app.audit,
        "datetime": datetime,
        "timedelta": timedelta,
        "UTC": UTC,
    }


def open_shell(
    app: Any, *, command: str | None = None, seed: int | str | None = None, people: Sequence[str] = ()
) -> int:
    """Run `command`, or what is piped in; else ask for Python line by line. Return the exit code.

    The binding of `app` in force is used. Without one, objects are drawn from `seed`, or from a new random
    one, so that nothing clashes with what an earlier shell made in the same table. The banner names `people`.
    """
    binding = find_binding()
    is_bound = binding.app is app
    chosen = secrets.token_hex(4) if seed is None else seed
    with using(binding if is_bound else app, seed=chosen) as bound:
        known = namespace(app)
        if command is not None:
            return run_command(command, known)
        if not sys.stdin.isatty():
            return run_command(sys.stdin.read(), known)
        return _interact(known, _banner(app, bound.seed, people))


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
        _run(text, known)
    except SystemExit as leaving:
        return _exit_code(leaving)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the user's own code: whatever it raises is told
        sys.stderr.write(printable("".join(_told(error)), keep="\n"))
        return 1
    finally:
        linecache.cache.pop(COMMAND, None)
    return 0


def _run(text: str, known: dict[str, Any]) -> None:
    tree = ast.parse(text, COMMAND)
    if len(tree.body) == 1 and isinstance(only := tree.body[0], ast.Expr):
        value = eval(compile(ast.Expression(only.value), COMMAND, "eval"), known)  # noqa: S307 - the user's own code
        if value is not None:
            sys.stdout.write(f"{value!r}\n")
        return
    exec(compile(tree, COMMAND, "exec"), known)  # noqa: S102 - as above


def _told(error: Exception) -> list[str]:
    """Tell an error with the command's own lines, without those of the libraries below."""
    told = TracebackException.from_exception(error)
    own = [frame for frame in told.stack if frame.filename == COMMAND]
    told.stack[:] = own
    lines = ["Traceback (most recent call last):\n", *told.stack.format()] if own else []
    return [*lines, *told.format_exception_only()]


def _exit_code(leaving: SystemExit) -> int:
    if leaving.code is None or isinstance(leaving.code, int):
        return leaving.code or 0
    sys.stderr.write(printable(f"{leaving.code}\n", keep="\n"))
    return 1


# Line by line


def _banner(app: Any, seed: int | str, people: Sequence[str]) -> str:
    return "\n".join(
        (
            f"Seedbed on {app.place}, seed {seed!r}. At hand:",
            f"  {', '.join(_FACTORIES)}",
            "  app, recycle, Range, using, audit(), scenarios(), run_scenario(name), and the entities",
            *([f"  look at {', '.join(people)}: app.profiles.find_by_handle(handle)"] if people else []),
            "",
        )
    )


def _interact(known: dict[str, Any], banner: str) -> int:
    try:
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
    start_ipython(argv=[], user_ns=known, config=config)


def _plain(known: dict[str, Any], banner: str) -> None:
    with suppress(ImportError):  # not on every platform
        import readline  # noqa: PLC0415 - changes how input() reads
        import rlcompleter  # noqa: PLC0415 - as above

        readline.set_completer(rlcompleter.Completer(known).complete)
        readline.parse_and_bind("tab: complete")
    code.interact(banner=f"Python {sys.version.split()[0]}\n{banner}", local=known, exitmsg="")
