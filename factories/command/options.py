"""The options of the social suite's command that several of its subcommands take."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from seedbed.command.parsing import whole_number


def _text(flag: str, variable: str, metavar: str, text: str) -> Any:
    return typer.Option(*flag.split(), envvar=variable, metavar=metavar, help=text)


def _number(flag: str, variable: str, text: str) -> Any:
    return typer.Option(flag, envvar=variable, metavar="N", parser=whole_number, help=text)


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
Images = Annotated[
    str | None,
    _text(
        "--images",
        "SEED_IMAGES",
        "KIND",
        "How pictures are stored: url (paths that seed serve answers; so unless given), data (in the row, for any "
        "browser) or none.",
    ),
]
Host = Annotated[
    str,
    typer.Option(
        "--host",
        metavar="HOST",
        help="Where else to listen, such as 0.0.0.0; a token is asked for then. This machine alone unless given.",
    ),
]
AllowLarge = Annotated[
    bool, typer.Option("--allow-large", help="Make a world of more than 10,000,000 rows; refused unless given.")
]
Yes = Annotated[
    str | None,
    typer.Option("--yes", metavar="TABLE", help="Agree to write in the table of this name, elsewhere than here too."),
]
Cluster = Annotated[
    str | None,
    _text(
        "--cluster",
        "SEED_CLUSTER",
        "WHERE",
        "Make the world by many processes: local:N starts N workers here, tcp://host:8786 names a Dask scheduler.",
    ),
]
Shard = Annotated[
    str | None,
    _text("--shard", "SEED_SHARD", "I/N", "Make one shard of the world, as process I (from 0) of N of a job array."),
]
Piece = Annotated[
    str | None,
    typer.Option("--slice", metavar="PHASE:FIRST-LAST", help="Make one slice of a run again, such as likes:100-199."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
