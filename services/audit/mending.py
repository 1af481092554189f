"""Carrying out a repair: findings to steps, steps to transactions, refused ones left for the next round."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from seedbed.dynamo.actions import MAX_ACTIONS, Action, CheckRow, DeleteRow, Refused, UpdateRow
from seedbed.dynamo.rows import Key
from seedbed.dynamo.store import Store, chunks
from services.audit.findings import Finding, Kind, Remedy
from services.audit.shapes import Row
from services.audit.steps import Step, reads_of, step_of

LOOKED_AT = 1_000
"""Findings that are looked at again together, so that memory stays bounded."""

Keep = Callable[[Sequence[Row]], None]
"""Told the rows that are about to be deleted or changed, as they are."""


def packs_of(store: Store, findings: Sequence[Finding]) -> Iterator[list[Step]]:
    """Yield what mends findings, as transactions: which rows there are; only where that is right, the counters."""
    counters = [finding for finding in findings if finding.kind is Kind.COUNTER]
    others = [finding for finding in findings if finding.kind is not Kind.COUNTER]
    has_some = False
    for steps in _packs(store, others):
        has_some = True
        yield steps
    if not has_some:
        yield from _packs(store, counters)


def _packs(store: Store, findings: Sequence[Finding]) -> Iterator[list[Step]]:
    for chunk in chunks((finding for finding in findings if finding.remedy is not Remedy.PERSON), LOOKED_AT):
        rows = store.get_many(sorted({key for finding in chunk for key in reads_of(finding)}))
        yield from _fill_packs(_merge(step for finding in chunk if (step := step_of(finding, rows)) is not None))


def send(store: Store, steps: Sequence[Step], keep: Keep | None = None) -> Sequence[Step]:
    """Write steps in one transaction, without those that are refused; return what was written.

    Raises:
        UnavailableError: the engine did not do it.
    """
    while steps:
        actions = list(_actions(steps).values())
        if keep is not None:
            keep([row for step in steps for row in step.removed])
        try:
            store.transact(actions)
        except Refused as refused:
            wrong = {actions[place].key for place in refused.rows}
            steps = [step for step in steps if not any(action.key in wrong for action in step.actions)]
        else:
            return steps
    return ()


def keys_of(steps: Iterable[Step]) -> set[Key]:
    """Return the keys of the rows that steps put, change or delete."""
    return {action.key for step in steps for action in step.actions if not isinstance(action, CheckRow)}


def _merge(steps: Iterable[Step]) -> list[Step]:
    """Make one step of the updates of one row."""
    merged: dict[Key, Step] = {}
    for step in steps:
        first = step.actions[0]
        before = merged.get(first.key)
        merged[first.key] = step if before is None else _both(before, step)
    return list(merged.values())


def _both(one: Step, other: Step) -> Step:
    mine, theirs = one.actions[0], other.actions[0]
    if not (isinstance(mine, UpdateRow) and isinstance(theirs, UpdateRow)):
        # Whatever the number of reasons, a row is deleted once, and put where it was deleted in the next round.
        return other if isinstance(theirs, DeleteRow) else one
    update = UpdateRow(
        mine.key,
        {**mine.amounts, **theirs.amounts},
        {**mine.values, **theirs.values},
        {**mine.expect, **theirs.expect},
    )
    return Step((*one.findings, *other.findings), (update,), one.removed or other.removed)


def _actions(steps: Iterable[Step]) -> dict[Key, Action]:
    return {action.key: action for step in steps for action in step.actions}


def _fill_packs(steps: Iterable[Step]) -> Iterator[list[Step]]:
    """Put independent steps together: at most 100 actions, one a row."""
    pack: list[Step] = []
    actions: dict[Key, Action] = {}
    for step in steps:
        fresh = {action.key: action for action in step.actions if actions.get(action.key) != action}
        if len(actions) + len(fresh) > MAX_ACTIONS or fresh.keys() & actions.keys():
            yield pack
            pack, actions = [], {}
            fresh = {action.key: action for action in step.actions}
        pack.append(step)
        actions.update(fresh)
    if pack:
        yield pack
