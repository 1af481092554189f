"""`seed audit`: recount a table, mend it, or say that it is ours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from factories.command.orders import ForeignTableError, program, working
from factories.command.repairs import Consent, repair
from factories.command.run import audit_table
from factories.command.target import real_place
from seedbed.command.console import Console
from seedbed.command.errors import UsageError
from services.errors import ForeignRowsError
from services.validation import is_utf8

if TYPE_CHECKING:
    from collections.abc import Sequence

    from factories.command.target import Target
    from services import App
    from services.audit import Audit


def _connect(target: Target) -> App:
    if target.endpoint_url is None:
        message = (
            "audit needs --endpoint-url (or SEED_ENDPOINT_URL): the embedded engine's data end with each command, "
            "and seed audits them before that"
        )
        raise UsageError(message)
    from services import connect  # noqa: PLC0415 - the AWS client takes a third of a second

    app = connect(target.endpoint_url, target.table, workers=target.workers, is_made=False)
    real_place(Console(is_quiet=target.json), target.endpoint_url, app.endpoint_url)
    return app


def audit(target: Target, consent: Consent | None = None) -> int:
    """Recount a table, and repair it where there is consent; return 1 on drift that is left.

    Raises:
        UsageError: no endpoint is named, or a repair is not agreed to.
        ForeignTableError: a table that is to be repaired is not ours alone.
        ServiceError: there is no table of this name, or it cannot be used.
    """
    with Console(is_quiet=target.json) as console, _connect(target) as app, working():
        found = audit_table(app, console)
        lines, is_clean = _verdict(found, target)
        done = ""
        if consent is not None:
            lines, is_clean, done = repair(app, found, target, consent, console)
    if done:
        console.report(*lines, done=done, again=f"{program()} audit {target.place}")
    else:
        console.print(*lines)
    return 0 if is_clean else 1


def audit_files(target: Target, names: Sequence[str]) -> int:
    """Recount the exports of a table; return 1 on drift.

    Raises:
        DumpError: there is no export, it is damaged, or several do not belong together.
    """
    from services.audit import audit_export, exports_of  # noqa: PLC0415 - loads SQLite

    with Console(is_quiet=target.json) as console:
        first = exports_of(names)[0]
        if not first.is_full:
            console.warn(f"there is no full export: of what did not change since {first.since} nothing is known")
        with working():
            found = audit_export(*names, progress=lambda rows: console.advance("audit", rows, None))
    lines, is_clean = _verdict(found, target)
    console.print(*lines)
    return 0 if is_clean else 1


def _verdict(found: Audit, target: Target) -> tuple[list[str], bool]:
    from factories.command.report import audit_lines  # noqa: PLC0415 - loads SQLite

    lines = [json.dumps(found.to_json())] if target.json else list(audit_lines(found))
    return lines, found.is_clean


def show(target: Target, key: tuple[str, str]) -> int:
    """Print a row and those that say something about it, as lines of JSON or one object; return the exit code.

    Raises:
        UsageError: no endpoint is named, the key can be none, or no row says anything about it.
        ServiceError: there is no table of this name, or it cannot be used.
    """
    if not all(key):
        message = "--show takes the PK and the SK of one row, and neither is ever empty: put both in quotes"
        raise UsageError(message)
    if not all(map(is_utf8, key)):
        message = f"--show takes the PK and the SK of one row, and {key[0]!r} {key[1]!r} is no text"
        raise UsageError(message)
    from services.audit import sides  # noqa: PLC0415 - loads SQLite

    with _connect(target) as app:
        rows = sides(app, key, segments=app.segments)
    if not rows:
        message = f"the table {target.table} has no row {key[0]!r} {key[1]!r}, and none that names it"
        raise UsageError(message)
    is_there = (rows[0]["PK"]["S"], rows[0]["SK"]["S"]) == key
    whole = {"row": rows[0] if is_there else None, "others": rows[1:] if is_there else rows}
    Console(is_quiet=target.json).print(*(json.dumps(one, default=repr) for one in ([whole] if target.json else rows)))
    return 0


def adopt(target: Target) -> int:
    """Mark a table that was made before tables bore a mark; return the exit code.

    Raises:
        UsageError: no endpoint is named.
        ForeignTableError: the table holds rows of others, and nobody said that this is meant.
        ServiceError: there is no table of this name, or it cannot be used.
    """
    from services.rows.ownership import adopt as adopt_rows  # noqa: PLC0415 - the AWS client takes a third of a second

    with _connect(target) as app, working():
        try:
            rows = adopt_rows(app, segments=app.segments, is_beside_others=target.beside_others)
        except ForeignRowsError as error:
            raise ForeignTableError(error) from error
    text = f"table {target.table}: marked as ours, with {rows:,} rows"
    Console().report(json.dumps({"adopted": rows}) if target.json else text, done=text)
    return 0
