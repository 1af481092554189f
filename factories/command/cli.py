"""The command `seed`: its options, its errors and its exit codes. What it does is done elsewhere.

Its subcommands are in `groups`. Everything heavy is imported where it is used, so that `seed --help` is quick.
"""

from __future__ import annotations

from typing import Annotated

import typer

from factories.command.groups import files, shows, tables
from factories.command.options import (
    AllowLarge,
    AsOf,
    BesideOthers,
    Cluster,
    EndpointUrl,
    Env,
    Images,
    Json,
    Locale,
    Piece,
    Scenarios,
    Seed,
    Shard,
    TableName,
    Workers,
    Yes,
)
from factories.command.rules import (
    Group,
    check_consent,
    check_taken_over,
)
from factories.command.target import Target
from seedbed.command import exits
from seedbed.command.once import check_variables

app = typer.Typer(
    name="seed",
    cls=Group,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
for group in (tables, files, shows):
    app.add_typer(group.app)


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


def explain(error: Exception) -> str:
    """Say in one line what an error is, and what can be done about it."""
    from factories.command.remedies import with_remedy

    return with_remedy(error)
