"""What carries tables and worlds into files, and back."""

from __future__ import annotations

from typing import Annotated

import typer

from factories.command.options import (
    AllowLarge,
    AsOf,
    DigestEndpointUrl,
    DigestTableName,
    Env,
    Images,
    Json,
    Locale,
    NeededEndpointUrl,
    Scenarios,
    Seed,
    TableName,
    Workers,
    Yes,
)
from factories.command.rules import (
    check_bucket,
    check_consent,
    check_through,
    need_endpoint,
    refuse_world,
    target_of,
)
from seedbed.command.once import OnceCommand
from seedbed.command.parsing import positive

app = typer.Typer(rich_markup_mode=None)


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
