"""Carrying out a repair: findings to steps, steps to transactions, refused ones left for the next round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from services import keys
from services.actions import MAX_ACTIONS, Action, DeleteRow, Refused, UpdateRow
from services.audit.findings import Finding, Kind, Mended
from services.audit.shapes import Row, parts_of, text
from services.audit.steps import ATTRIBUTE_WAYS, ROW_WAYS, Step, Way
from services.keys import Key
from services.store import Store, chunks

LOOKED_AT = 1_000
"""Findings that are looked at again together, so that memory stays bounded."""


class Mender:
    """Mends what can be mended, and remembers what it did."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._done: dict[object, Mended] = {}
        self._before: dict[object, Finding] = {}

    def mended(self, left: Iterable[Finding]) -> tuple[Mended, ...]:
        """Return what was done, without what is as wrong as before."""
        places = {finding.place for finding in left}
        return tuple(mended for place, mended in self._done.items() if place not in places)

    def mend(self, findings: Sequence[Finding]) -> bool:
        """Mend which rows there are, or where that is right, their attributes; tell whether anything was written.

        A recount over a table that is written to can be off; so an attribute is set when two audits say the same of it.

        Raises:
            UnavailableError: the engine did not do it.
        """
        sure = [finding for finding in findings if self._before.get(finding.place) == finding]
        self._before = {finding.place: finding for finding in findings if finding.kind in ATTRIBUTE_WAYS}
        return self._mend(findings, ROW_WAYS) or self._mend(sure, ATTRIBUTE_WAYS)

    def _mend(self, findings: Sequence[Finding], ways: Mapping[Kind, Way]) -> bool:
        has_written = False
        threads = _Threads(self._store)
        for chunk in chunks((finding for finding in findings if finding.kind in ways), LOOKED_AT):
            sure = [finding for finding in chunk if finding.kind is not Kind.THREAD or threads.is_adrift(finding.key)]
            for pack in _packed(_merged(self._steps(sure, ways))):
                for step in self._send(pack):
                    has_written = True
                    self._note(step, ways)
        return has_written

    def _steps(self, findings: Sequence[Finding], ways: Mapping[Kind, Way]) -> Iterator[Step]:
        rows: dict[Key, Row] = {}
        for _ in range(2):
            wanted = {key for finding in findings for key in ways[finding.kind].reads(finding, rows)}
            rows.update(self._store.get_many(sorted(wanted - rows.keys())))
        for finding in findings:
            if actions := ways[finding.kind].actions(finding, rows):
                yield Step((finding,), actions)

    def _send(self, steps: Sequence[Step]) -> Sequence[Step]:
        """Write steps in one transaction, without those that are refused; return what was written."""
        while steps:
            actions = list(_actions(steps).values())
            try:
                self._store.transact(actions)
            except Refused as refused:
                wrong = {actions[place].key for place in refused.rows}
                steps = [step for step in steps if not any(action.key in wrong for action in step.actions)]
            else:
                return steps
        return ()

    def _note(self, step: Step, ways: Mapping[Kind, Way]) -> None:
        for finding in step.findings:
            did = ways[finding.kind].did.format(expected=finding.expected)
            first = self._done.get(finding.place)
            self._done[finding.place] = Mended(finding if first is None else first.finding, did)


class _Threads:
    """Looks replies up once more, from parent to parent."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[Key, bool] = {}

    def is_adrift(self, key: Key) -> bool:
        """Tell whether no chain of parents leads from a comment to the post."""
        post_id = parts_of(key)[0]
        passed: set[Key] = set()
        while key not in passed and key not in self._known:
            passed.add(key)
            row = self._store.get(key)
            parent_id = None if row is None else text(row, "parent_comment_id")
            if parent_id is None:
                self._known[key] = row is None
            else:
                key = keys.comment_key(post_id, parent_id)
        is_adrift = self._known.get(key, True)
        self._known.update(dict.fromkeys(passed, is_adrift))
        return is_adrift


def _merged(steps: Iterable[Step]) -> list[Step]:
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
    return Step((*one.findings, *other.findings), (update,))


def _actions(steps: Iterable[Step]) -> dict[Key, Action]:
    return {action.key: action for step in steps for action in step.actions}


def _packed(steps: Iterable[Step]) -> Iterator[list[Step]]:
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
