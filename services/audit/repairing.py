"""Repairs: a plan, played through on paper first, and then carried out as it was shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from seedbed.dynamo.mark import check_known
from seedbed.dynamo.memory import DryTable
from seedbed.dynamo.rows import Key, key_of
from seedbed.dynamo.store import Store
from services.audit.findings import Audit, Finding, Kind, Mended, Remedy, Repair
from services.audit.looking import confirm, look
from services.audit.mending import Keep, keys_of, packs_of, send
from services.audit.shapes import Row
from services.audit.steps import Step, did
from services.errors import ForeignRowsError, TooManyRepairsError
from services.rows.ownership import version

ROUNDS = 20
"""Times that a plan looks again: a deleted row leaves counters to set, a set one others to follow."""
TRIES = 3
"""Times that a repair is planned anew because others changed what it was about to mend."""


@attrs.frozen
class Plan:
    """What a repair would do, in order, as transactions; and the audit of what it would leave."""

    packs: tuple[tuple[Step, ...], ...]
    audit: Audit

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps."""
        return tuple(step for pack in self.packs for step in pack)

    @property
    def mended(self) -> tuple[Mended, ...]:
        """What would be mended, and how."""
        return _mendings(self.steps, self.audit.findings)

    @property
    def rows(self) -> int:
        """How many rows would be put, changed or deleted."""
        return len(keys_of(self.steps))

    @property
    def removed(self) -> tuple[Row, ...]:
        """The rows that would be deleted or changed, as they are: each once, as it is before the first step."""
        first: dict[Key, Row] = {}
        for row in (row for step in self.steps for row in step.removed):
            first.setdefault(key_of(dict(row)), row)
        return tuple(first.values())


def _mendings(steps: Iterable[Step], left: Sequence[Finding]) -> tuple[Mended, ...]:
    """Return what was done, once a place, without what is as wrong as before."""
    done: dict[object, Mended] = {}
    for step in steps:
        for finding in step.findings:
            first = done.get(finding.place)
            done[finding.place] = Mended(finding if first is None else first.finding, did(finding))
    places = {finding.place for finding in left}
    return tuple(mended for place, mended in done.items() if place not in places)


def check_repairable(store: Store, found: Audit, *, is_beside_others: bool) -> None:
    """Refuse to repair a table without our mark, or, unless that is meant, one that is not ours alone.

    Raises:
        NewerSchemaError: the table is of a newer version of the schema.
        ForeignRowsError: it holds rows that are not ours, and that is not meant; or rows and no mark, so that none is
            known to be ours.
    """
    check_known(store)
    strange = next((finding for finding in found.findings if finding.kind is Kind.FOREIGN), None)
    if strange is not None and not is_beside_others:
        raise ForeignRowsError(store.name, f"holds rows that are not ours, such as {' '.join(map(repr, strange.key))}")
    if version(store) is None and (found.drift if is_beside_others else found.rows):
        raise ForeignRowsError(store.name, "holds rows, and no mark that says that they are ours")


def make_plan(store: Store, found: Audit, segments: int) -> Plan:
    """Play a repair through, with nothing sent, until nothing more can be mended.

    What `found` says is looked at again first: only what stands as it says is mended.
    """
    dry = DryTable(store, store.name, store.schema)
    dry.fan_out_limit = store.fan_out_limit
    packs: list[tuple[Step, ...]] = []
    last, before = found, {repr(finding) for finding in found.findings}
    for _ in range(ROUNDS):
        if not any(finding.remedy is not Remedy.PERSON for finding in last.findings):
            break
        last = look(dry, segments)
        sure = [one for one in last.findings if packs or repr(one) in before]
        sure = [one for one in sure if one.kind is not Kind.COUNTER or repr(one) in before]
        before = {repr(finding) for finding in last.findings}
        written = [tuple(steps) for pack in packs_of(dry, sure) if (steps := send(dry, pack))]
        packs += written
        if not written and not _is_new(last, sure):
            break
    return Plan(tuple(packs), last)


def _is_new(last: Audit, sure: Sequence[Finding]) -> bool:
    """Tell whether there are counters that one more look will make sure of."""
    return any(one.kind is Kind.COUNTER and one not in sure for one in last.findings)


def carry_out(store: Store, plan: Plan, keep: Keep | None = None) -> list[Step]:
    """Write what a plan says, as long as the rows are as it says; return what was written.

    Raises:
        UnavailableError: the engine did not do it; a repair again completes it.
    """
    return [step for pack in plan.packs for step in send(store, pack, keep)]


def _once(keep: Keep) -> Keep:
    """Keep of a row that is changed twice what it was before the first time: so the file puts all back."""
    before: set[Key] = set()

    def keep_first(rows: Sequence[Row]) -> None:
        fresh = {key: row for row in rows if (key := key_of(dict(row))) not in before}
        keep(list(fresh.values()))
        before.update(fresh)

    return keep_first


def repair_store(
    store: Store, found: Audit, *, segments: int, at_most: int | None, keep: Keep | None, plan: Plan | None
) -> Repair:
    """Plan, carry out, and look again, until nothing mendable is left or nothing can be done about it.

    Raises:
        TooManyRepairsError: it would write more rows than `at_most`.
    """
    done: list[Step] = []
    keys: set[Key] = set()
    keep = None if keep is None else _once(keep)
    last = found
    for _ in range(TRIES):
        plan = plan or make_plan(store, last, segments)
        if not plan.packs:
            last = found if found.is_clean else confirm(store, look(store, segments), segments)
            break
        planned = keys | keys_of(plan.steps)
        if at_most is not None and len(planned) > at_most:
            raise TooManyRepairsError(len(planned), at_most)
        written = carry_out(store, plan, keep)
        done += written
        keys |= keys_of(written)
        is_whole = len(written) == len(plan.steps)
        last, plan = confirm(store, look(store, segments), segments), None
        if is_whole and not any(finding.remedy is not Remedy.PERSON for finding in last.findings):
            break
    return Repair(_mendings(done, last.findings), last)
