"""Whether a command may write: never where it is forbidden, and elsewhere than on this machine only by consent.

Consent is the name of the table, or of an export's bucket: typed on a terminal, or given by `--yes NAME`. It is asked
for before anything is sent. A table whose tags look like production wants `--yes`, which says that too; they are read
once it is agreed to go there.
"""

from __future__ import annotations

import re
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Final

from seedbed.command.errors import UsageError
from seedbed.dynamo.addresses import AWS, address_of
from seedbed.dynamo.errors import PermissionDeniedError
from seedbed.dynamo.exports.buckets import S3, bucket_of, endpoint_url
from seedbed.prohibition import check_allowed

LIVE: Final = r"(?i)(^|[^a-z])(prod|production|live)([^a-z]|$)"
"""What in a table's name or in a tag looks like production, unless `[tool.seedbed] production` says otherwise."""


def check_consent(endpoint_url: str | None, table: str, yes: str | None, *, what: str, is_asking: bool = True) -> None:
    """Refuse to write where nobody agreed to it; `what` says what would be done. It may be asked for on a terminal.

    Raises:
        ProhibitedError: seeding is forbidden here.
        UsageError: nobody agreed, or to another table.
    """
    check_allowed()
    if yes is not None and yes != table:
        message = f"--yes names the table {yes!r}, and this is {table!r}: nothing was written"
        raise UsageError(message)
    if yes == table or endpoint_url is None:
        return
    real = _real(endpoint_url)
    if re.search(_live(), table):
        message = f"the table {table!r} at {real} looks like production: to {what} it all the same, add --yes {table}"
        raise UsageError(message)
    if not address_of(real).is_loopback:
        _ask(real, table, what, is_asking=is_asking)
    _check_tags(endpoint_url, table, what)


def check_bucket(place: str, yes: str | None, *, what: str, agreed: str | None = None) -> None:
    """Refuse to write in `s3://bucket/prefix` where nobody agreed to it; a folder is here, and wants no consent.

    Args:
        place: the bucket and prefix, or a folder.
        yes: the name that was given by `--yes`.
        what: what would be done.
        agreed: the name by which `--yes` agrees to it; the bucket's own unless given.

    Raises:
        ProhibitedError: seeding is forbidden here.
        UsageError: nobody agreed, or to another bucket.
        DumpError: it names no bucket.
    """
    check_allowed()
    if not place.startswith(S3):
        return
    bucket = bucket_of(place)
    name = agreed or bucket
    if yes is not None and yes != name:
        message = f"--yes names the bucket {yes!r}, and this is {name!r}: nothing was written"
        raise UsageError(message)
    if yes == name:
        return
    real = endpoint_url()
    if re.search(_live(), bucket):
        message = f"the bucket {bucket!r} at {real} looks like production: to {what} it all the same, add --yes {name}"
        raise UsageError(message)
    if not address_of(real).is_loopback:
        _ask(real, bucket, what, is_asking=True, kind="bucket", name=name)


def _check_tags(endpoint_url: str, table: str, what: str) -> None:
    for tag in _tags(endpoint_url, table):
        if re.search(_live(), tag):
            message = (
                f"the table {table!r} has the tag {tag!r}, which looks like production: to {what} it all the same, add "
                f"--yes {table}"
            )
            raise UsageError(message)


def _real(endpoint_url: str) -> str:
    """Return where an endpoint really is: AWS's configuration may send `aws` to this machine."""
    if endpoint_url != AWS:
        return endpoint_url
    from seedbed.dynamo.engines import open_engine  # noqa: PLC0415 - loads boto3

    with open_engine(AWS) as engine:
        return str(engine.client.meta.endpoint_url)


def _tags(endpoint_url: str, table: str) -> list[str]:
    from seedbed.dynamo.engines.tags import tags_of  # noqa: PLC0415 - loads boto3

    try:
        return tags_of(endpoint_url, table)
    except PermissionDeniedError:
        sys.stderr.write(f"note: dynamodb:ListTagsOfResource is not allowed, so no tag of {table} was looked at\n")
        return []


def _ask(real: str, table: str, what: str, *, is_asking: bool, kind: str = "table", name: str | None = None) -> None:
    if not (is_asking and sys.stdin.isatty()):
        message = (
            f"{real} is not this machine: to {what} its {kind} {table!r} wants consent, and nobody is there to ask. "
            f"Add --yes {name or table}"
        )
        raise UsageError(message)
    import typer  # noqa: PLC0415 - only where somebody is asked

    typed = typer.prompt(f"{real} is not this machine. To {what} its {kind}, type the {kind}'s name", err=True)
    if typed.strip() != table:
        message = f"{typed!r} is not {table!r}: nothing was written"
        raise UsageError(message)


@cache
def _live() -> str:
    """Return what looks like production: of the nearest pyproject.toml that says it.

    Raises:
        UsageError: it says no pattern.
    """
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (file := folder / "pyproject.toml").is_file():
            pattern = _setting(file)
            if pattern is not None:
                return pattern
    return LIVE


def _setting(file: Path) -> str | None:
    try:
        pattern = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {}).get("seedbed", {}).get("production")
        return None if pattern is None else re.compile(pattern).pattern
    except (OSError, ValueError, TypeError, AttributeError, re.error) as error:
        message = f"{file}: [tool.seedbed] production must be a regular expression ({error})"
        raise UsageError(message) from error
