"""What tells of a world, or opens one to look at."""

from __future__ import annotations

from typing import Annotated

import typer

from factories.command.options import (
    AllowLarge,
    AsOf,
    BesideOthers,
    DigestEndpointUrl,
    DigestTableName,
    EndpointUrl,
    Env,
    Host,
    Images,
    Json,
    Locale,
    NeededEndpointUrl,
    Scenarios,
    Seed,
    ShellAsOf,
    ShellEnv,
    ShellSeed,
    TableName,
    ThereTableName,
    Workers,
    Yes,
)
from factories.command.rules import (
    check_consent,
    need_endpoint,
    refuse_endpoint,
    refuse_world,
    target_of,
)
from seedbed.command.once import OnceCommand
from seedbed.command.parsing import count, positive

app = typer.Typer(rich_markup_mode=None)


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
