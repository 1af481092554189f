"""`seed audit --repair`: a plan, shown; somebody who agrees; what is taken away, kept in a file."""

from __future__ import annotations

import base64
import json
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from factories.command.orders import ForeignTableError, interruptible, program
from seedbed.command.console import Console
from seedbed.command.errors import UsageError
from services.errors import ForeignRowsError

if TYPE_CHECKING:
    from factories.command.target import Target
    from services import App
    from services.audit import Audit, Finding, Plan, Repair


@attrs.frozen
class Consent:
    """What a repair may do: nothing but show its plan, so many rows, in which table; where it keeps what it removes."""

    is_dry: bool = False
    agreed_to: str | None = None
    at_most: int = 100
    removed: str | None = None


def repair(app: App, found: Audit, target: Target, consent: Consent, console: Console) -> tuple[list[str], bool, str]:
    """Repair a table as far as that is agreed to; return what to print, whether it is clean, and what was written.

    Raises:
        InterruptedCommandError: Ctrl-C stopped it.
        UsageError: the plan is larger than allowed, nobody agreed, or what it removes cannot be kept.
        ForeignTableError: the table is not ours alone, and nobody said that this is meant.
        ServiceError: the table cannot be used.
    """
    from services.audit import plan_repair  # noqa: PLC0415 - loads SQLite

    try:
        plan = plan_repair(app, found, segments=app.segments, is_beside_others=target.beside_others)
    except ForeignRowsError as error:
        raise (_usage_error(error) if target.beside_others else ForeignTableError(error)) from error
    if consent.is_dry:
        return _audit_and_plan(found, plan, target), found.is_clean, ""
    if plan.rows:
        _check_bound(plan, consent)
        _check_consent(plan, target, consent, console)
    kept = Kept(consent.removed, target.table)
    agreed = {"at_most": consent.at_most, "is_beside_others": target.beside_others}
    with interruptible(lambda: _stopped_line(target, kept)):
        done = app.repair(found, plan=plan, keep=kept.keep, **agreed)
    told = f"table {target.table}: {len(done.mended):,} mended" if done.mended else ""
    where = f", and what was deleted or changed is kept in {kept.path}" if told and kept.path else ""
    return _outcome_lines(found, done, target, kept), done.audit.is_clean, told + where


def _stopped_line(target: Target, kept: Kept) -> str:
    kept_in = f", and what was deleted or changed is kept in {kept.path}" if kept.path else ""
    command = f"{program()} audit --repair --dry-run {target.place}"
    return f"what was mended by then stays, each row whole{kept_in}. What is left is shown by: {command}"


def _usage_error(cause: ForeignRowsError) -> UsageError:
    remedy = (
        "`seed audit --mark --beside-others` says that those are ours which name one of our kinds, and leaves the mark"
    )
    return UsageError(f"{cause}. Nothing was written; {remedy}")


def _check_bound(plan: Plan, consent: Consent) -> None:
    if plan.rows > consent.at_most:
        message = (
            f"the repair would write {plan.rows:,} rows, and {consent.at_most:,} at most are allowed: look at them by "
            f"--dry-run, then allow them by --at-most {plan.rows}; nothing was written"
        )
        raise UsageError(message)


def _check_consent(plan: Plan, target: Target, consent: Consent, console: Console) -> None:
    if consent.agreed_to == target.table:
        return
    if consent.agreed_to is not None:
        message = f"--yes names the table {consent.agreed_to!r}, and this is {target.table!r}: nothing was written"
        raise UsageError(message)
    if not sys.stdin.isatty():
        message = (
            f"a repair asks before it writes {plan.rows:,} rows, and nobody is there to answer: look at them by "
            f"--dry-run, then add --yes {target.table}"
        )
        raise UsageError(message)
    import typer  # noqa: PLC0415 - only where somebody is asked

    console.close()  # what moves would write over the plan and the question
    console.print(*_plan_lines(plan))
    typer.confirm(f"Write these {plan.rows:,} rows in the table {target.table}?", abort=True, err=True)


def _plan_lines(plan: Plan) -> Iterator[str]:
    from factories.command.report import few  # noqa: PLC0415 - loads SQLite

    yield f"plan: {len(plan.mended):,} to be mended by writing {plan.rows:,} rows, {len(plan.removed):,} of them kept"
    yield from few([str(mended) for mended in plan.mended])


def _audit_and_plan(found: Audit, plan: Plan, target: Target) -> list[str]:
    from factories.command.report import audit_lines  # noqa: PLC0415 - loads SQLite

    if target.json:
        planned = [mended.to_json() for mended in plan.mended]
        return [json.dumps({**found.to_json(), "planned": planned, "rows_planned": plan.rows})]
    return [
        *audit_lines(found),
        *_plan_lines(plan),
        *_rest_lines(plan.audit.drift, target),
        "dry run: nothing was written",
    ]


def _outcome_lines(found: Audit, done: Repair, target: Target, kept: Kept) -> list[str]:
    from factories.command.report import audit_lines, few  # noqa: PLC0415 - loads SQLite

    mended = [one.to_json() for one in done.mended]
    if target.json:
        removed = {"removed": kept.path} if kept.path else {}
        return [json.dumps({**done.audit.to_json(), "mended": mended, **removed})]
    lines = list(audit_lines(found))
    if mended:
        lines += [f"mended: {len(mended):,}", *few([str(one) for one in done.mended])]
        lines += [f"what was deleted or changed is kept in {kept.path}"] if kept.path else []
        lines += audit_lines(done.audit)
    return [*lines, *_rest_lines(done.audit.drift, target)]


def _rest_lines(left: Sequence[Finding], target: Target) -> Iterator[str]:
    from services.audit import Remedy  # noqa: PLC0415 - loads SQLite

    a_persons = [finding for finding in left if finding.remedy is Remedy.PERSON]
    if a_persons:
        show = f"{shlex.join(['seed', 'audit', '--show', *a_persons[0].key])} {target.place}"
        yield f"left to a person: {len(a_persons):,}; both sides of one: {show}"


class Kept:
    """A file of rows that a repair deletes or changes, as they were: a line of DynamoDB's JSON each, written first."""

    def __init__(self, path: str | None, table: str) -> None:
        self.path: str | None = None
        self._wanted = path or f"removed-{table}-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}Z.jsonl"

    def keep(self, rows: Sequence[Any]) -> None:
        """Write rows down, before they are gone.

        Raises:
            UsageError: the file cannot be written, or is there already.
        """
        if not rows:
            return
        try:
            with Path(self._wanted).open("x" if self.path is None else "a", encoding="utf-8") as file:
                self.path = self._wanted
                file.writelines(json.dumps(row, default=_base64) + "\n" for row in rows)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            message = f"what a repair removes cannot be kept in {self._wanted}: {error.strerror}; it was not removed"
            raise UsageError(message) from error


def _base64(value: object) -> str:
    return base64.b64encode(bytes(value)).decode()  # type: ignore[call-overload] # a B: bytes, or boto3's Binary
