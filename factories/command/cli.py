"""The command `seed`: its options, its errors and its exit codes. What it does is done elsewhere.

Everything heavy is imported where it is used, so that `seed --help` is quick.
"""

from __future__ import annotations

import sys
from typing import Annotated, NoReturn

import typer

from factories.command.options import (
    AllowLarge,
    AsOf,
    BesideOthers,
    Cluster,
    DigestEndpointUrl,
    DigestTableName,
    EndpointUrl,
    Env,
    Host,
    Images,
    Json,
    Locale,
    NeededEndpointUrl,
    Piece,
    Scenarios,
    Seed,
    Shard,
    ShellAsOf,
    ShellEnv,
    ShellSeed,
    TableName,
    ThereTableName,
    Workers,
    Yes,
)
from factories.command.rules import (
    Group,
    check_aims,
    check_bucket,
    check_consent,
    check_files_only,
    check_repair,
    check_taken_over,
    check_through,
    need_endpoint,
    refuse_endpoint,
    refuse_table,
    refuse_world,
    target_of,
)
from factories.command.target import Target
from seedbed.command import exits
from seedbed.command.once import OnceCommand, check_variables
from seedbed.command.parsing import count, positive

app = typer.Typer(
    name="seed",
    cls=Group,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


@app.callback(invoke_without_command=True, epilog=exits.CODES)
def seed(
    context: typer.Context,
    env: Env = None,
    scenario: Scenarios = [],  # noqa: B006 - Typer copies it
    seed: Seed = None,
    as_of: AsOf = None,
    locale: Locale = None,
    images: Images = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count everything exactly and write nothing.")] = False,
    endpoint_url: EndpointUrl = None,
    table: TableName = "social",
    workers: Workers = None,
    beside_others: BesideOthers = False,
    allow_large: AllowLarge = False,
    yes: Yes = None,
    json: Json = False,
    cluster: Cluster = None,
    shard: Shard = None,
    piece: Piece = None,
) -> None:
    """Fill a DynamoDB table with a social world, through the app's own services, and audit every counter."""
    check_variables(context.command)
    target = context.obj = Target(
        endpoint_url, table, workers, seed, as_of, env, list(scenario), json, locale, beside_others, allow_large, images
    )
    if context.invoked_subcommand is not None:
        check_taken_over(context, context.invoked_subcommand)
        return
    from factories.command import run
    from factories.command.crew import crew_of
    from factories.command.orders import order_of

    crew = crew_of(cluster, shard, piece, target, is_dry=dry_run)
    order = order_of(target, crew=crew)
    if not dry_run:
        check_consent(target, yes, "seed")
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
        int, typer.Option("--at-most", metavar="N", parser=count, help="Refuse a repair that writes more rows.")
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
    export: Annotated[
        list[str],
        typer.Option(
            "--export",
            metavar="DIR|s3://...",
            help="Recount an export of a table (AWS's, or of seed export and dump) in place of a table; several times "
            "for a full one and the incremental ones after it.",
        ),
    ] = [],  # noqa: B006 - Typer copies it
    beside_others: BesideOthers = False,
    json: Json = False,
) -> None:
    """Recount everything in a table, or in an export of one; exit 1 on drift."""
    from factories.command import audits

    if export:
        check_files_only(context)
        raise typer.Exit(audits.audit_files(target_of(context), export))
    target = target_of(context)
    check_aims(context)
    check_repair(context, is_repair=repair)
    if show is not None:
        raise typer.Exit(audits.show(target, show))
    if (repair and not dry_run) or mark:
        check_consent(target, yes, "mark" if mark else "repair")
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
    images: Images = None,
    endpoint_url: DigestEndpointUrl = None,
    table: DigestTableName = "social",
    workers: Workers = None,
    allow_large: AllowLarge = False,
    json: Json = False,
) -> None:
    """Print the digest of all content at an endpoint; without one, that of the world which these options make."""
    from factories.command import digests

    target = target_of(context)
    if target.endpoint_url is not None:
        refuse_world(context, "--endpoint-url here: digest reads all that the table holds")
    else:
        refuse_table(context)
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

    raise typer.Exit(ledger.status(target_of(context)))


@app.command(cls=OnceCommand, short_help="Take away what a run made.")
def reset(
    context: typer.Context,
    env: Env = None,
    scenario: Scenarios = [],  # noqa: B006 - Typer copies it
    seed: Seed = None,
    as_of: AsOf = None,
    locale: Locale = None,
    images: Images = None,
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
        refuse_world(context, "--all: that takes away what every run made")
    target = target_of(context)
    check_consent(target, yes, "reset")
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
    images: Images = None,
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

    target = target_of(context)
    if target.endpoint_url is not None:
        refuse_world(context, "--endpoint-url here: dump takes all that the table holds")
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

    target = target_of(context)
    need_endpoint(target, "load")
    check_consent(target, yes, "fill")
    raise typer.Exit(dumps.load(target, file))


@app.command(cls=OnceCommand, short_help="Write a world as files for AWS's ImportTable.")
def export(
    context: typer.Context,
    place: Annotated[str, typer.Argument(metavar="DIR|s3://...", help="A new or empty folder, or a bucket's prefix.")],
    env: Env = None,
    scenario: Scenarios = [],  # noqa: B006 - Typer copies it
    seed: Seed = None,
    as_of: AsOf = None,
    locale: Locale = None,
    images: Images = None,
    table: TableName = "social",
    processes: Annotated[
        int | None,
        typer.Option("--processes", metavar="N", parser=positive, help="How many make it; as many as processors."),
    ] = None,
    allow_large: AllowLarge = False,
    yes: Annotated[
        str | None,
        typer.Option(
            "--yes", metavar="BUCKET", help="Agree to write in the bucket of this name, elsewhere than here too."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Write the final rows of a world as gzip DynamoDB JSON, made through the services without an engine."""
    from factories.command import exports
    from factories.command.orders import order_of

    target = target_of(context)
    check_bucket(place, yes, "export into")
    raise typer.Exit(exports.export(target, order_of(target), place, processes=processes))


@app.command("import", cls=OnceCommand, short_help="Make a new table of an export, by AWS's ImportTable.")
def import_(
    context: typer.Context,
    place: Annotated[
        str, typer.Argument(metavar="DIR|s3://...", help="A full export: of seed export or dump, or AWS's own.")
    ],
    endpoint_url: NeededEndpointUrl = None,
    table: TableName = "social",
    workers: Workers = None,
    through: Annotated[
        str | None,
        typer.Option("--through", metavar="s3://...", help="Where a folder's export is copied first: new or empty."),
    ] = None,
    yes: Yes = None,
    json: Json = False,
) -> None:
    """Let DynamoDB make a new table of an export that lies in a bucket, and audit it; exit 1 on drift."""
    from factories.command import exports

    target = target_of(context)
    need_endpoint(target, "import")
    check_consent(target, yes, "import into")
    check_through(through, target, yes)
    raise typer.Exit(exports.import_table(target, place, through))


@app.command(cls=OnceCommand, short_help="Tell what a world costs, both ways in, and make nothing.")
def plan(
    context: typer.Context,
    env: Env = None,
    processes: Annotated[
        int | None,
        typer.Option("--processes", metavar="N", parser=positive, help="By how many; 1, 8 and 64 unless given."),
    ] = None,
    json: Json = False,
) -> None:
    """Tell what a preset's world takes: rows, calls, write units, dollars, hours, and which limit it meets first."""
    from factories.command import plans
    from factories.command.orders import order_of

    target = target_of(context)
    raise typer.Exit(plans.plan(target, order_of(target), processes))


@app.command(cls=OnceCommand, short_help="Write a page with the figures and plots of a table, or of a world.")
def report(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The HTML file to write.")],
    env: Env = None,
    scenario: Scenarios = [],  # noqa: B006 - Typer copies it
    seed: Seed = None,
    as_of: AsOf = None,
    locale: Locale = None,
    images: Images = None,
    endpoint_url: DigestEndpointUrl = None,
    table: DigestTableName = "social",
    workers: Workers = None,
    allow_large: AllowLarge = False,
    is_forced: Annotated[bool, typer.Option("--force", help="Replace the file where it is there already.")] = False,
    json: Json = False,
) -> None:
    """Audit a table at an endpoint, or a world of these options, and write its figures with plots as one HTML file."""
    from factories.command import reports
    from factories.command.orders import order_of

    target = target_of(context)
    if target.endpoint_url is not None:
        refuse_world(context, "--endpoint-url here: report looks at all that the table holds")
    order = order_of(target) if target.endpoint_url is None else None
    raise typer.Exit(reports.report(target, order, file, is_forced=is_forced))


@app.command(cls=OnceCommand, short_help="Serve a world as a DynamoDB endpoint, for any app to point at.")
def serve(
    context: typer.Context,
    env: ShellEnv = None,
    scenario: Scenarios = [],  # noqa: B006 - Typer copies it
    seed: Seed = None,
    as_of: AsOf = None,
    locale: Locale = None,
    images: Images = None,
    table: TableName = "social",
    allow_large: AllowLarge = False,
    port: Annotated[
        int,
        typer.Option("--port", metavar="N", parser=count, help="Where to listen on this machine; 0 chooses."),
    ] = 8000,
    host: Host = "127.0.0.1",
    data: Annotated[
        str | None,
        typer.Option("--data", metavar="FILE", help="Keep the tables in this file, also when the server is killed."),
    ] = None,
) -> None:
    """Make the world that is asked for, if any, and serve it as a DynamoDB endpoint on this machine until Ctrl-C."""
    from factories.command import serving
    from factories.command.orders import order_of

    target = target_of(context)
    refuse_endpoint(target)
    raise typer.Exit(serving.serve(order_of(target, is_default_env=False), port=port, data=data, host=host))


@app.command(cls=OnceCommand, short_help="Show a table in a browser: people, posts, threads, feeds.")
def browse(
    context: typer.Context,
    endpoint_url: NeededEndpointUrl = None,
    table: ThereTableName = "social",
    port: Annotated[
        int,
        typer.Option("--port", metavar="N", parser=count, help="Where to listen on this machine; 0 chooses."),
    ] = 8001,
    host: Host = "127.0.0.1",
    read_only: Annotated[bool, typer.Option("--read-only", help="Only show: no likes, follows or comments.")] = False,
    yes: Yes = None,
) -> None:
    """Show the people, posts, threads and feeds of a table in a browser, made from the services, until Ctrl-C.

    Likes, follows and comments are calls of the services. Elsewhere than on this machine they want --yes TABLE.
    """
    from factories.command import browsing

    target = target_of(context)
    need_endpoint(target, "browse", "seed serve makes a world of its own to look at")
    raise typer.Exit(browsing.browse(target, yes, port=port, host=host, is_read_only=read_only))


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
    images: Images = None,
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

    target = target_of(context)
    order = order_of(target, is_default_env=False)
    check_consent(target, yes, "open a shell on")
    raise typer.Exit(run.shell(order, command))


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
