"""What looks at a table that is there, or takes away what a run made."""

from __future__ import annotations

from typing import Annotated

import typer

from factories.command.options import (
    AllowLarge,
    AsOf,
    BesideOthers,
    DigestEndpointUrl,
    DigestTableName,
    Env,
    Images,
    Json,
    Locale,
    NeededEndpointUrl,
    Scenarios,
    Seed,
    ThereTableName,
    Workers,
    Yes,
)
from factories.command.rules import (
    check_aims,
    check_consent,
    check_files_only,
    check_repair,
    refuse_table,
    refuse_world,
    target_of,
)
from seedbed.command.once import OnceCommand
from seedbed.command.parsing import count

app = typer.Typer(rich_markup_mode=None)


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
