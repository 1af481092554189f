"""The audit: recounts the raw table and trusts nothing that the services believe; `repair` restores what rows prove.

    found = audit(app)
    if not found.is_clean:
        done = repair(app, found)

It reads every row of the base table, and where something seems wrong once more: what two looks do not see alike is in
motion, and no drift. A repair looks again before it writes.
"""

from __future__ import annotations

from collections.abc import Callable

from seedbed.dynamo.scanning import check_segments
from seedbed.dynamo.store import Sessions, Store, store_of
from seedbed.plain import whole_number
from seedbed.settings import check_flags, check_functions
from services.audit.evidence import sides
from services.audit.exports import audit_export, exports_of
from services.audit.facts import Facts
from services.audit.findings import MENDABLE, Audit, Finding, Kind, Mended, Remedy, Repair
from services.audit.looking import confirm, look
from services.audit.mending import Keep
from services.audit.repairing import Plan, check_repairable, make_plan, repair_store
from services.errors import InvalidSettingError

__all__ = [
    "MENDABLE",
    "Audit",
    "Facts",
    "Finding",
    "Kind",
    "Mended",
    "Plan",
    "Remedy",
    "Repair",
    "audit",
    "audit_export",
    "exports_of",
    "plan_repair",
    "repair",
    "sides",
]


def audit(
    place: Store | Sessions,
    *,
    segments: int = 1,
    progress: Callable[[int], None] | None = None,
    onlooker: Callable[[Facts], None] | None = None,
) -> Audit:
    """Recount everything and check every row against the others.

    Args:
        place: the app, or a store. What this thread's unit of work has queued is sent first, where it is an app.
        segments: how many scans read side by side (1 to 64); several pay where the network is what takes the time.
        progress: told the number of rows read so far, after each page.
        onlooker: shown the facts when the checks are done, to draw conclusions of its own from the same pass.

    Raises:
        InvalidSettingError: `segments` is out of bounds, or a function cannot be called.
        UnavailableError: the engine did not answer.

    Cost: 1 Scan per 1 MB, and where something seems wrong 1 Query for each partition that it is about; the same again
    where that does not decide it, 4 times at most. Memory grows by 0.2 KB a
    user and post; a temporary file takes some 100 bytes a row.
    """
    check_segments(segments)
    check_functions(progress=progress, onlooker=onlooker)
    store = store_of(place)
    return confirm(store, look(store, segments, progress, onlooker), segments)


def plan_repair(place: Store | Sessions, found: Audit, *, segments: int = 1, is_beside_others: bool = False) -> Plan:
    """Say what a repair would do, to the end, and write nothing.

    Args:
        place: the app, or a store, that was audited.
        found: what the audit found.
        segments: as of `audit`.
        is_beside_others: repair our own rows also in a table that holds others.

    Raises:
        InvalidSettingError: a setting is wrong, or `found` is no Audit.
        NewerSchemaError: the table is of a newer version of the schema.
        ForeignRowsError: it holds rows that are not ours, or rows and no mark.
        UnavailableError: the engine did not answer.

    Cost: a round is 1 batch read per 100 rows that findings name, and 1 audit. Memory: the rows that would be written.
    """
    check_segments(segments)
    check_flags(is_beside_others=is_beside_others)
    store = store_of(place)
    _check_audit(found)
    check_repairable(store, found, is_beside_others=is_beside_others)
    return make_plan(store, found, segments)


def repair(
    place: Store | Sessions,
    found: Audit,
    *,
    segments: int = 1,
    at_most: int | None = None,
    is_beside_others: bool = False,
    keep: Keep | None = None,
    plan: Plan | None = None,
) -> Repair:
    """Restore what other rows prove, by conditional writes only, and audit again.

    An attribute is set to what the key, or the majority of the rows that repeat it, says; missing twins, claims,
    listings and feed items are put; counters are set to the recount. Deleted is only what holds no content and belongs
    to nobody: a claim, a listing, a feed item, a follow, a like. Content, and what nobody proves, is left to a person,
    as is every row with attributes that this version does not know. What somebody else changed meanwhile stays.
    Stopped half way, an audit and a repair again complete it.

    Args:
        place: the app, or a store, that was audited.
        found: what the audit found.
        segments: as of `audit`.
        at_most: how many rows may be put, changed or deleted; None for any number.
        is_beside_others: repair our own rows also in a table that holds others.
        keep: told the rows that are deleted or changed, as they are, before each transaction.
        plan: what `plan_repair` said, to do just that.

    Raises:
        InvalidSettingError: a setting is wrong, or `found` is no Audit.
        NewerSchemaError: the table is of a newer version of the schema.
        ForeignRowsError: it holds rows that are not ours, or rows and no mark.
        TooManyRepairsError: it would write more rows than `at_most`; nothing was written by this plan.
        UnavailableError: the engine did not answer.

    Cost: that of the plan, 1 transaction per 100 actions, and 2 audits.
    """
    check_segments(segments)
    check_flags(is_beside_others=is_beside_others)
    store = store_of(place)
    _check_audit(found)
    check_repairable(store, found, is_beside_others=is_beside_others)
    _check_repair(at_most, keep, plan)
    return repair_store(store, found, segments=segments, at_most=at_most, keep=keep, plan=plan)


def _check_repair(at_most: object, keep: object, plan: object) -> None:
    count = whole_number(at_most)
    if at_most is not None and (count is None or count < 0):
        raise InvalidSettingError("at_most", at_most, "a whole number, 0 or more, or None")
    check_functions(keep=keep)
    if plan is not None and not isinstance(plan, Plan):
        raise InvalidSettingError("plan", plan, "what plan_repair said, or None")


def _check_audit(found: object) -> None:
    if not isinstance(found, Audit):
        raise InvalidSettingError("found", found, "what an audit found")
