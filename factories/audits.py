"""`seed audit`: recount a table, mend it, or say that it is ours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from factories.console import Console
from factories.orders import ForeignTableError, UsageError
from factories.run import audited
from services.errors import ForeignRowsError

if TYPE_CHECKING:
    from factories.target import Target
    from services import App
    from services.audit import Audit


def _connected(target: Target) -> App:
    if target.endpoint_url is None:
        message = (
            "audit needs --endpoint-url (or SEED_ENDPOINT_URL): the embedded engine's data end with each command, "
            "and seed audits them before that"
        )
        raise UsageError(message)
    from services import connect  # noqa: PLC0415 - the AWS client takes a third of a second

    return connect(target.endpoint_url, target.table, workers=target.workers, is_made=False)


def audit(target: Target, *, is_repair: bool) -> int:
    """Recount a table; return 1 on drift that is left.

    Raises:
        UsageError: no endpoint is named.
        ServiceError: there is no table of this name, or it cannot be used.
    """
    with Console(is_quiet=target.json) as console, _connected(target) as app:
        found = audited(app, console)
        lines, is_clean = _repaired(app, found, target) if is_repair else _verdict(found, target)
    for line in lines:
        console.print(line)
    return 0 if is_clean else 1


def _verdict(found: Audit, target: Target) -> tuple[list[str], bool]:
    from factories.report import audit_lines  # noqa: PLC0415 - loads SQLite

    lines = [json.dumps(found.to_json())] if target.json else list(audit_lines(found))
    return lines, found.is_clean


def _repaired(app: App, found: Audit, target: Target) -> tuple[list[str], bool]:
    from factories.report import audit_lines, few  # noqa: PLC0415 - loads SQLite

    done = app.repair(found)
    mended = [one.to_json() for one in done.mended]
    if target.json:
        return [json.dumps({**done.audit.to_json(), "mended": mended})], done.audit.is_clean
    lines = list(audit_lines(found))
    if mended:
        told = [f"{one['message']}: {one['did']}" for one in mended]
        lines += [f"mended: {len(mended):,}", *few(told), *audit_lines(done.audit)]
    return lines, done.audit.is_clean


def adopt(target: Target) -> int:
    """Mark a table that was made before tables bore a mark; return the exit code.

    Raises:
        UsageError: no endpoint is named.
        ForeignTableError: the table holds rows of others, and nobody said that this is meant.
        ServiceError: there is no table of this name, or it cannot be used.
    """
    from services.ownership import adopt as adopt_rows  # noqa: PLC0415 - the AWS client takes a third of a second

    with _connected(target) as app:
        try:
            rows = adopt_rows(app, segments=app.segments, is_beside_others=target.beside_others)
        except ForeignRowsError as error:
            raise ForeignTableError(error) from error
    said = {"adopted": rows} if target.json else None
    Console().print(json.dumps(said) if said else f"table {target.table}: marked as ours, with {rows:,} rows")
    return 0
