"""`seed digest`: one checksum of what a table holds, or of a world that is made for it in this process."""

from __future__ import annotations

import json

from factories.command.orders import order_of, working
from factories.command.target import Target, real_place
from seedbed.command.console import Console


def of_table(target: Target) -> int:
    """Print the digest of all content of a table at an endpoint; return the exit code.

    Raises:
        ServiceError: there is no table of this name, or it cannot be used.
    """
    from services import connect  # noqa: PLC0415 - the AWS client takes a third of a second

    with connect(target.endpoint_url, target.table, workers=target.workers, is_made=False) as app, working():
        real_place(Console(is_quiet=target.json), target.endpoint_url, app.endpoint_url)
        digest = app.digest()
    return _tell(target, str(digest), digest.rows)


def of_world(target: Target) -> int:
    """Make a world in the embedded engine, and print its digest; return the exit code, 1 on drift.

    Raises:
        FactoryError: the options name no world, or it could not be made.
    """
    from factories.command.run import report_of  # noqa: PLC0415 - loads the factories

    with Console(is_quiet=target.json) as console:
        report = report_of(order_of(target), console, is_dry=False)
    return _tell(target, report.audit.digest, report.content_rows, is_right=report.audit.is_clean)


def _tell(target: Target, digest: str, rows: int, *, is_right: bool = True) -> int:
    Console().print(json.dumps({"digest": digest, "rows": rows}) if target.json else digest)
    return 0 if is_right else 1
