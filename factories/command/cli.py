"""The command `seed`: its options, its errors and its exit codes. What it does is done elsewhere.

Everything heavy is imported where it is used, so that `seed --help` is quick.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any, NoReturn

import attrs
import typer

from factories.command.target import Target
from seedbed.command import exits
from seedbed.command.once import OnceCommand, OnceGroup, check_again, check_variables


class _Group(OnceGroup):
    """The command's group of subcommands, which knows what else a word in their place may mean."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find a subcommand.

        Raises:
            UnknownCommandError: there is none of this name.
        """
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            from factories.command.orders import UnknownCommandError

            raise UnknownCommandError(args[0], self.commands)
        return super().resolve_command(ctx, args)


app = typer.Typer(
    name="seed",
    cls=_Group,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


def _whole(text: str | int) -> int:
    try:
        return int(text)
    except ValueError as error:
        message = f"must be a whole number, not {text!r}"
        raise typer.BadParameter(message) from error


def _text(flag: str, variable: str, metavar: str, text: str) -> Any:
    return typer.Option(*flag.split(), envvar=variable, metavar=metavar, help=text)


def _number(flag: str, variable: str, text: str) -> Any:
    return typer.Option(flag, envvar=variable, metavar="N", parser=_whole, help=text)


def _env(default: str) -> Any:
    return _text("-e --env", "SEED_ENV", "PRESET", f"minimal, realistic, stress, or a .toml file; {default}.")


def _seed(default: str) -> Any:
    return _number("--seed", "SEED_SEED", f"The same seed, preset and date make the same world; {default}.")


def _as_of(default: str) -> Any:
    return _text("--as-of", "SEED_AS_OF", "DATE", f"Everything happens before this date (UTC); {default}.")


def _endpoint(default: str) -> Any:
    return _text("--endpoint-url", "SEED_ENDPOINT_URL", "URL", f"A DynamoDB endpoint, or 'aws'; {default}.")


def _table(missing: str) -> Any:
    return _text("--table", "SEED_TABLE", "NAME", f"The table; {missing}.")


_SCENARIO = (
    "A scenario, by name or as package.module:Class; may be given several times. A module of the working directory "
    "must be a scenario's home: have the class in it, or scenario, story, seed or factory in its name."
)
_WORKERS = "How many requests are sent side by side at an endpoint, 1 to 64; 4 unless given, embedded 1."
_LOCALE = "The people's language, such as de_DE, or several with commas between them; en_US unless given."

Env = Annotated[str | None, _env("realistic unless only scenarios are asked for")]
ShellEnv = Annotated[str | None, _env("none unless given")]
Scenarios = Annotated[list[str], _text("-s --scenario", "SEED_SCENARIO", "NAME", _SCENARIO)]
Seed = Annotated[int | None, _seed("0 unless given")]
ShellSeed = Annotated[
    int | None, _seed("0 for a world, unless given; what the shell itself makes is drawn anew, unless given")
]
BesideOthers = Annotated[
    bool,
    typer.Option("--beside-others", help="Go on in a table that holds rows of others too; those are left alone."),
]
AsOf = Annotated[str | None, _as_of("today unless given")]
ShellAsOf = Annotated[str | None, _as_of("today for a world, unless given; the machine's clock without one")]
EndpointUrl = Annotated[str | None, _endpoint("embedded in this process unless given")]
NeededEndpointUrl = Annotated[str | None, _endpoint("must be given")]
DigestEndpointUrl = Annotated[str | None, _endpoint("unless given, a world is made in this process")]
TableName = Annotated[str, _table("made when it is missing")]
ThereTableName = Annotated[str, _table("it must be there")]
DigestTableName = Annotated[str, _table("at an endpoint it must be there")]
Workers = Annotated[int | None, _number("--workers", "SEED_WORKERS", _WORKERS)]
Locale = Annotated[str | None, _text("--locale", "SEED_LOCALE", "LOCALE", _LOCALE)]
AllowLarge = Annotated[
    bool, typer.Option("--allow-large", help="Make a world of more than 10,000,000 rows; refused unless given.")
]
Yes = Annotated[
    str | None,
    typer.Option("--yes", metavar="TABLE", help="Agree to write in the table of this name, elsewhere than here too."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


@app.callback(invoke_without_command=True, epilog=exits.CODES)
def seed(
    context: typer.Context,
    env: Env = None,
    scenario: Scenarios = [],  # noqa: B006 - Typer copies it
    seed: Seed = None,
    as_of: AsOf = None,
    locale: Locale = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count everything exactly and write nothing.")] = False,
    endpoint_url: EndpointUrl = None,
    table: TableName = "social",
    workers: Workers = None,
    beside_others: BesideOthers = False,
    allow_large: AllowLarge = False,
    yes: Yes = None,
    json: Json = False,
) -> None:
    """Fill a DynamoDB table with a social world, through the app's own services, and audit every counter."""
    check_variables(context.command)
    target = context.obj = Target(
        endpoint_url, table, workers, seed, as_of, env, list(scenario), json, locale, beside_others, allow_large
    )
    if context.invoked_subcommand is not None:
        _check_taken_over(context, context.invoked_subcommand)
        return
    from factories.command import run
    from factories.command.orders import order_of

    order = order_of(target)
    if not dry_run:
        _check_consent(target, yes, "seed")
    raise typer.Exit(run.seed(order, is_dry=dry_run, is_json=json))


@app.command(cls=OnceCommand)
def audit(
    context: typer.Context,
    endpoint_url: NeededEndpointUrl = None,
    table: ThereTableName = "social",
    workers: Workers = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="Restore what other rows prove; shows a plan, and asks.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan of a repair, and write nothing.")] = False,
    yes: Annotated[
        str | None, typer.Option("--yes", "-y", metavar="TABLE", help="Do not ask: repair the table of this name.")
    ] = None,
    at_most: Annotated[
        int, typer.Option("--at-most", metavar="N", parser=_whole, help="Refuse a repair that writes more rows.")
    ] = 100,
    removed: Annotated[
        str | None,
        typer.Option("--removed", metavar="FILE", help="Where to keep what a repair deletes or changes; a new file."),
    ] = None,
    show: Annotated[
        tuple[str, str] | None,
        typer.Option("--show", metavar="PK SK", help="Print a row and all that say something about it."),
    ] = None,
    mark: Annotated[
        bool,
        typer.Option("--mark", help="Mark a table of ours from before there were marks; looks at all rows."),
    ] = False,
    beside_others: BesideOthers = False,
    json: Json = False,
) -> None:
    """Recount everything in a table; exit 1 on drift."""
    from factories.command import audits

    target = _merged(
        context, endpoint_url=endpoint_url, table=table, workers=workers, json=json, beside_others=beside_others
    )
    _check_aims(context)
    _check_repair(context, is_repair=repair)
    if show is not None:
        raise typer.Exit(audits.show(target, show))
    if (repair and not dry_run) or mark:
        _check_consent(target, yes, "mark" if mark else "repair")
    if mark:
        raise typer.Exit(audits.adopt(target))
    from factories.command.repairs import Consent

    raise typer.Exit(audits.audit(target, Consent(dry_run, yes, at_most, removed) if repair else None))


@app.command(cls=OnceCommand, short_help="Print one checksum of a table's content, or of a world.")
def digest(
    context: typer.Context,
    env: Env = None,
    scenario: Scenarios = [],  # noqa: B006 - Typer copies it
    seed: Seed = None,
    as_of: AsOf = None,
    locale: Locale = None,
    endpoint_url: DigestEndpointUrl = None,
    table: DigestTableName = "social",
    workers: Workers = None,
    allow_large: AllowLarge = False,
    json: Json = False,
) -> None:
    """Print the digest of all content at an endpoint; without one, that of the world which these options make."""
    from factories.command import digests

    target = _merged(
        context,
        env=env,
        scenario=list(scenario),
        seed=seed,
        as_of=as_of,
        locale=locale,
        endpoint_url=endpoint_url,
        table=table,
        workers=workers,
        allow_large=allow_large,
        json=json,
    )
    if target.endpoint_url is not None:
        _refuse_world(context, "--endpoint-url here: digest reads all that the table holds")
    else:
        _refuse_table(context)
    raise typer.Exit(digests.of_table(target) if target.endpoint_url is not None else digests.of_world(target))


@app.command(cls=OnceCommand, short_help="Tell which runs a table has, and how far each has come.")
def status(
    context: typer.Context,
    endpoint_url: NeededEndpointUrl = None,
    table: ThereTableName = "social",
    json: Json = False,
) -> None:
    """Tell which runs a table has, how far each has come, and how many users it made."""
    from factories.command import ledger

    raise typer.Exit(ledger.status(_merged(context, endpoint_url=endpoint_url, table=table, json=json)))


@app.command(cls=OnceCommand, short_help="Take away what a run made.")
def reset(
    context: typer.Context,
    env: Env = None,
    scenario: Scenarios = [],  # noqa: B006 - Typer copies it
    seed: Seed = None,
    as_of: AsOf = None,
    locale: Locale = None,
    endpoint_url: NeededEndpointUrl = None,
    table: ThereTableName = "social",
    workers: Workers = None,
    every: Annotated[bool, typer.Option("--all", help="Take away what all runs made.")] = False,
    yes: Yes = None,
    is_sure: Annotated[bool, typer.Option("-y", help="Do not ask, on this machine.")] = False,
    beside_others: BesideOthers = False,
    json: Json = False,
) -> None:
    """Take away what the run of these options made, through the services; others' rows and counts stay right.

    With its posts and comments go the comments and replies to them, whoever wrote those.
    """
    from factories.command import ledger

    if every:
        _refuse_world(context, "--all: that takes away what every run made")
    target = _merged(
        context,
        env=env,
        scenario=list(scenario),
        seed=seed,
        as_of=as_of,
        locale=locale,
        endpoint_url=endpoint_url,
        table=table,
        workers=workers,
        json=json,
        beside_others=beside_others,
    )
    _check_consent(target, yes, "reset")
    raise typer.Exit(ledger.reset(target, is_all=every, is_sure=is_sure or yes is not None))


@app.command(cls=OnceCommand, short_help="Write a table, or a world, into a file.")
def dump(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A new file (.gz), or the name of a new folder.")],
    env: Env = None,
    scenario: Scenarios = [],  # noqa: B006 - Typer copies it
    seed: Seed = None,
    as_of: AsOf = None,
    locale: Locale = None,
    endpoint_url: DigestEndpointUrl = None,
    table: DigestTableName = "social",
    workers: Workers = None,
    allow_large: AllowLarge = False,
    to: Annotated[
        str,
        typer.Option("--to", metavar="FORMAT", help="dump (AWS's export, for load and ImportTable), sqlite, parquet."),
    ] = "dump",
    json: Json = False,
) -> None:
    """Write all rows of a table at an endpoint into a new file; without one, those of the world of these options."""
    from factories.command import dumps
    from factories.command.orders import order_of

    target = _merged(
        context,
        env=env,
        scenario=list(scenario),
        seed=seed,
        as_of=as_of,
        locale=locale,
        endpoint_url=endpoint_url,
        table=table,
        workers=workers,
        allow_large=allow_large,
        json=json,
    )
    if target.endpoint_url is not None:
        _refuse_world(context, "--endpoint-url here: dump takes all that the table holds")
    order = order_of(target) if target.endpoint_url is None else None
    raise typer.Exit(dumps.dump(target, order, file, to=to))


@app.command(cls=OnceCommand, short_help="Fill an empty table from a file that dump wrote.")
def load(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="What dump wrote.")],
    endpoint_url: NeededEndpointUrl = None,
    table: TableName = "social",
    workers: Workers = None,
    yes: Yes = None,
    json: Json = False,
) -> None:
    """Write a dump into an empty table, and check that all is there; a load that was stopped goes on."""
    from factories.command import dumps

    target = _merged(context, endpoint_url=endpoint_url, table=table, workers=workers, json=json)
    _need_endpoint(target, "load")
    _check_consent(target, yes, "fill")
    raise typer.Exit(dumps.load(target, file))


@app.command(cls=OnceCommand, short_help="Serve a world as a DynamoDB endpoint, for any app to point at.")
def serve(
    context: typer.Context,
    env: ShellEnv = None,
    scenario: Scenarios = [],  # noqa: B006 - Typer copies it
    seed: Seed = None,
    as_of: AsOf = None,
    locale: Locale = None,
    table: TableName = "social",
    allow_large: AllowLarge = False,
    port: Annotated[
        int, typer.Option("--port", metavar="N", parser=_whole, help="Where to listen on this machine; 0 chooses.")
    ] = 8000,
    data: Annotated[
        str | None,
        typer.Option("--data", metavar="FILE", help="Keep the tables in this file, also when the server is killed."),
    ] = None,
) -> None:
    """Make the world that is asked for, if any, and serve it as a DynamoDB endpoint on this machine until Ctrl-C."""
    from factories.command import serving
    from factories.command.orders import order_of

    target = _merged(
        context,
        env=env,
        scenario=list(scenario),
        seed=seed,
        as_of=as_of,
        locale=locale,
        table=table,
        allow_large=allow_large,
    )
    _refuse_endpoint(context, target)
    raise typer.Exit(serving.serve(order_of(target, is_default_env=False), port=port, data=data))


@app.command(cls=OnceCommand)
def scenarios() -> None:
    """List the scenarios."""
    from factories.scenarios import scenarios as known
    from seedbed.command.console import Console

    Console().print(*(f"{name:<18} {description}" for name, description in known().items()))


@app.command(cls=OnceCommand, short_help="Open a Python shell on a table, or on a seeded world.")
def shell(
    context: typer.Context,
    env: ShellEnv = None,
    scenario: Scenarios = [],  # noqa: B006 - Typer copies it
    seed: ShellSeed = None,
    as_of: ShellAsOf = None,
    locale: Locale = None,
    endpoint_url: EndpointUrl = None,
    table: TableName = "social",
    workers: Workers = None,
    allow_large: AllowLarge = False,
    beside_others: BesideOthers = False,
    yes: Yes = None,
    command: Annotated[str | None, typer.Option("-c", metavar="CODE", help="Run this and exit.")] = None,
) -> None:
    """Open a Python shell with the factories, the app, scenarios and audit at hand; -e and -s seed a world first."""
    from factories.command import run
    from factories.command.orders import order_of

    target = _merged(
        context,
        env=env,
        scenario=list(scenario),
        seed=seed,
        as_of=as_of,
        locale=locale,
        endpoint_url=endpoint_url,
        table=table,
        workers=workers,
        allow_large=allow_large,
        beside_others=beside_others,
    )
    order = order_of(target, is_default_env=False)
    _check_consent(target, yes, "open a shell on")
    raise typer.Exit(run.shell(order, command))


def _check_taken_over(context: typer.Context, subcommand: str) -> None:
    """Refuse an option that the subcommand would ignore: `seed --dry-run audit --repair` must not write."""
    group: Any = context.command  # Typer's, whose types do not know its subcommands
    taken_over = {option.name for option in group.commands[subcommand].params} & set(attrs.fields_dict(Target))
    ignored = [name for name in context.params if _is_typed(context, name) and name not in taken_over]
    if ignored:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in ignored)
        from seedbed.command.errors import UsageError

        message = f"{options} cannot be used with {subcommand}"
        raise UsageError(message)


def _check_consent(target: Target, yes: str | None, what: str) -> None:
    from seedbed.command.consent import check_consent

    check_consent(target.endpoint_url, target.table, yes, what=what)


def _need_endpoint(target: Target, command: str) -> None:
    if target.endpoint_url is None:
        from seedbed.command.errors import UsageError

        message = f"{command} needs --endpoint-url: an embedded table would end with the command"
        raise UsageError(message)


def _refuse_endpoint(context: typer.Context, target: Target) -> None:
    """Refuse to serve what is served already, also where a variable names it: the world would go elsewhere."""
    del context
    if target.endpoint_url is not None:
        from seedbed.command.errors import UsageError

        message = f"serve makes an endpoint of its own: leave out --endpoint-url ({target.endpoint_url})"
        raise UsageError(message)


def _check_aims(context: typer.Context) -> None:
    """Refuse to be asked for more than one thing: only the first would be done."""
    aims = [name for name in ("show", "mark", "repair") if _is_typed(context, name)]
    if len(aims) > 1:
        from seedbed.command.errors import UsageError

        message = f"--{aims[0]} cannot be used with --{aims[1]}"
        raise UsageError(message)


def _check_repair(context: typer.Context, *, is_repair: bool) -> None:
    """Refuse what only a repair has a use for."""
    asked = [name for name in ("dry_run", "yes", "at_most", "removed") if _is_typed(context, name)]
    if asked and not is_repair:
        from seedbed.command.errors import UsageError

        message = f"--{asked[0].replace('_', '-')} is for --repair"
        raise UsageError(message)


def _refuse_world(context: typer.Context, beside: str) -> None:
    """Refuse to name a world where all that the table holds is meant: it may hold others, or less."""
    contexts: list[Any] = [context.parent, context]  # Typer's, which its types do not know
    asked = [
        name for name in ("env", "scenario", "seed", "as_of", "locale") if any(_is_typed(one, name) for one in contexts)
    ]
    if asked:
        from seedbed.command.errors import UsageError

        option = asked[0].replace("_", "-")
        message = f"--{option} cannot be used with {beside}"
        raise UsageError(message)


def _refuse_table(context: typer.Context) -> None:
    """Refuse to name a table where none is looked at."""
    contexts: list[Any] = [context.parent, context]
    if any(_is_typed(one, "table") for one in contexts):
        from seedbed.command.errors import UsageError

        message = "--table needs --endpoint-url here: digest makes a world in this process, and reads no table"
        raise UsageError(message)


def _merged(context: typer.Context, **own: Any) -> Target:
    """Take a subcommand's own options where they were typed, else those before it or of the environment.

    Raises:
        UsageError: one was typed in both places.
    """
    before: Target = context.obj
    parent: Any = context.parent
    again = [name for name, value in own.items() if value is not True and _is_typed(context, name)]
    check_again([name for name in again if _is_typed(parent, name)], str(context.info_name))
    return attrs.evolve(before, **{name: value for name, value in own.items() if _is_typed(context, name)})


def _is_typed(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def explain(error: Exception) -> str:
    """Say in one line what an error is, and what can be done about it."""
    from factories.command.remedies import with_remedy

    return with_remedy(error)


def main() -> NoReturn:
    """Run the command, as the suite of this program, whichever is declared where it is run."""
    from seedbed.command.cli import Command

    command = Command(["--suite=factories.suite:suite", *sys.argv[1:]])
    sys.exit(exits.run(command.run, command.explain))


if __name__ == "__main__":
    main()
