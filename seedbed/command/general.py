"""The options and subcommands of `seed` that every suite has. What they do is done elsewhere."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from seedbed.command import exits
from seedbed.command.once import OnceCommand, OnceGroup, check_again, check_variables
from seedbed.command.parsing import count, whole_number
from seedbed.suite import Suite


class _Group(OnceGroup):
    """The group of subcommands, which says what a word in their place may mean."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find a subcommand.

        Raises:
            UsageError: There is none of this name.
        """
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            from seedbed.command.errors import UsageError
            from seedbed.command.listing import meanings
            from seedbed.strategy.errors import near

            message = f"no such command {args[0]!r}: {near(args[0], [*self.commands, *meanings(ctx.obj, args[0])])}"
            raise UsageError(message)
        return super().resolve_command(ctx, args)


app = typer.Typer(
    name="seed",
    cls=_Group,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


_SCENARIO = "A scenario, by name or as package.module:Class; may be given several times."
_TARGET = "Where the suite's app is to be opened, as its open takes it; a world that is thrown away unless given."
Env = Annotated[
    str | None,
    typer.Option("--env", "-e", envvar="SEED_ENV", metavar="PRESET", help="A preset of the suite's planner."),
]
Scenarios = Annotated[
    list[str], typer.Option("--scenario", "-s", envvar="SEED_SCENARIO", metavar="NAME", help=_SCENARIO)
]
Seed = Annotated[
    int | None,
    typer.Option(
        "--seed",
        envvar="SEED_SEED",
        metavar="N",
        parser=whole_number,
        help="The same seed draws the same; else 0.",
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", envvar="SEED_AS_OF", metavar="DATE", help="The app's time, where the suite can set it."),
]
Target = Annotated[str | None, typer.Option("--target", envvar="SEED_TARGET", metavar="PLACE", help=_TARGET)]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
SuitePath = Annotated[
    str | None,
    typer.Option(
        "--suite", metavar="MODULE:NAME", help="The suite; that of SEEDBED_SUITE or pyproject.toml unless given."
    ),
]
Version = Annotated[bool, typer.Option("--version", help="Print the version and exit.")]

Strategies = Annotated[
    list[str],
    typer.Option("--strategy", metavar="NAME", help="build, stub, create or create_batch; may be given several times."),
]


@app.callback(invoke_without_command=True, epilog=exits.CODES)
def seed(
    context: typer.Context,
    env: Env = None,
    scenario: Scenarios = [],  # noqa: B006 - Typer copies it
    seed: Seed = None,
    as_of: AsOf = None,
    target: Target = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Make all of it and keep nothing.")] = False,
    json: Json = False,
    suite: SuitePath = None,
    version: Version = False,
) -> None:
    """Make a world through the services of an app, as its suite tells them, and recount every counter."""
    del suite, version  # `cli.py` reads them, before it knows whose command this is
    check_variables(context.command)
    if context.invoked_subcommand is not None:
        _check_taken_over(context, context.invoked_subcommand)
        return
    from seedbed.command import running

    order = running.Order(tuple(scenario), env, seed or 0, running.moment_of(as_of), target, dry_run)
    raise typer.Exit(running.seed(_suite(context), order, is_json=json))


@app.command(cls=OnceCommand)
def audit(context: typer.Context, target: Target = None, json: Json = False) -> None:
    """Recount every declared counter; exit 1 on drift."""
    from seedbed.command import running

    said = _merge(context, target=target, json=json)
    raise typer.Exit(running.audit(_suite(context), said["target"], is_json=said["json"]))


@app.command(cls=OnceCommand)
def scenarios(context: typer.Context) -> None:
    """List the scenarios, and presets where there are."""
    from seedbed.command.console import Console
    from seedbed.command.listing import lines

    Console().print(*lines(_suite(context)))


@app.command(cls=OnceCommand, short_help="Open a Python shell on the app.")
def shell(
    context: typer.Context,
    env: Env = None,
    scenario: Scenarios = [],  # noqa: B006 - Typer copies it
    seed: Seed = None,
    as_of: AsOf = None,
    target: Target = None,
    command: Annotated[str | None, typer.Option("-c", metavar="CODE", help="Run this and exit.")] = None,
) -> None:
    """Open a Python shell with the factories, the app, scenarios and audit at hand; -e and -s make a world first."""
    from seedbed.command import running
    from seedbed.command.workbench import shell as open_shell

    said = _merge(context, env=env, scenario=scenario, seed=seed, as_of=as_of, target=target)
    order = running.Order(
        tuple(said["scenario"]), said["env"], said["seed"] or 0, running.moment_of(said["as_of"]), said["target"]
    )
    raise typer.Exit(open_shell(_suite(context), order, command, is_seeded=said["seed"] is not None))


@app.command(cls=OnceCommand, short_help="Show the app in a browser.")
def browse(
    context: typer.Context,
    env: Env = None,
    scenario: Scenarios = [],  # noqa: B006 - Typer copies it
    seed: Seed = None,
    as_of: AsOf = None,
    target: Target = None,
    port: Annotated[
        int, typer.Option("--port", metavar="N", parser=count, help="Where to listen on this machine; 0 chooses.")
    ] = 8001,
    host: Annotated[
        str,
        typer.Option("--host", metavar="HOST", help="Where else to listen, such as 0.0.0.0; with a token then."),
    ] = "127.0.0.1",
) -> None:
    """Show the app in a browser, by the pages that the suite has, until Ctrl-C; -e and -s make a world first."""
    from seedbed.command import browsing, running

    said = _merge(context, env=env, scenario=scenario, seed=seed, as_of=as_of, target=target)
    order = running.Order(
        tuple(said["scenario"]), said["env"], said["seed"] or 0, running.moment_of(said["as_of"]), said["target"]
    )
    raise typer.Exit(browsing.browse(_suite(context), order, port=port, host=host))


@app.command(cls=OnceCommand, short_help="Try every factory, trait and strategy, each in a throw-away world.")
def lint(
    context: typer.Context,
    factory: Annotated[
        list[str],
        typer.Option("--factory", "-f", metavar="NAME", help="Only this factory; may be given several times."),
    ] = [],  # noqa: B006 - as above
    strategy: Strategies = [],  # noqa: B006 - as above
    json: Json = False,
) -> None:
    """Try every factory, every trait alone and in pairs, every strategy, each in a throw-away world, and recount there.

    All that is found is told; exit 1 where there is something.
    """
    from seedbed.command.linting import lint as run_lint

    is_json = json or bool(_before(context, "json"))
    raise typer.Exit(run_lint(_suite(context), tuple(factory), tuple(strategy), is_json=is_json))


def _suite(context: typer.Context) -> Suite:
    found: Suite = context.obj
    return found


def _merge(context: typer.Context, **own: Any) -> dict[str, Any]:
    """Take a subcommand's own options where they were typed, else those before it.

    Raises:
        UsageError: one was typed in both places.
    """
    parent: Any = context.parent
    again = [name for name, value in own.items() if value is not True and _is_typed(context, name)]
    check_again([name for name in again if _is_typed(parent, name)], str(context.info_name))
    return {name: value if _is_typed(context, name) else _before(context, name, value) for name, value in own.items()}


def _before(context: typer.Context, name: str, default: Any = None) -> Any:
    parent: Any = context.parent
    return default if parent is None else parent.params.get(name) or default


def _is_typed(context: Any, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _check_taken_over(context: typer.Context, subcommand: str) -> None:
    """Refuse an option that the subcommand would ignore: `seed --dry-run shell` must not write."""
    group: Any = context.command  # Typer's, whose types do not know its subcommands
    taken_over = {option.name for option in group.commands[subcommand].params}
    ignored = [name for name in context.params if _is_typed(context, name) and name not in taken_over]
    if ignored:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in ignored)
        from seedbed.command.errors import UsageError

        message = f"{options} cannot be used with {subcommand}"
        raise UsageError(message)
