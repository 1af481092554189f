"""What mends one finding: the actions that go into one transaction, and what they take away.

Nothing is done on an audit's word alone: the rows are read again, and every write rests on what was read. Nothing that
this version does not know is deleted, nor anything that holds content.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias, cast

import attrs

from seedbed.dynamo.actions import Action, CheckRow, DeleteRow, PutRow, UpdateRow
from seedbed.dynamo.rows import Key, attribute
from services.audit.findings import Finding, Kind, Remedy
from services.audit.shapes import CLAIMED, Row, parts_of, shape_of, text
from services.rows import items, keys
from services.rows.ownership import is_ours

RETENTION = timedelta(days=365)
"""How long a feed item may stand (docs/table.md)."""

Rows: TypeAlias = Mapping[Key, Row]
Actions: TypeAlias = tuple[Action, ...]
NOTHING: Actions = ()
_TRUE = {"BOOL": True}


@attrs.frozen
class Step:
    """Findings that one group of actions mends, whole or not at all; `removed` are rows as they were before it."""

    findings: tuple[Finding, ...]
    actions: Actions
    removed: tuple[Row, ...] = ()


def reads_of(finding: Finding) -> tuple[Key, ...]:
    """Return the rows that are looked at again before a finding is mended."""
    if finding.remedy is Remedy.PUT and finding.kind is Kind.MISSING_CLAIM:
        return (_holder(finding),)
    if finding.remedy is Remedy.DELETE:
        return (finding.key, *_OWNERS.get(finding.kind, _no_owner)(finding))
    return (finding.key,)


def step_of(finding: Finding, rows: Rows) -> Step | None:
    """Return what mends a finding, by rows that were read just now; None where nothing is to be done any more."""
    if finding.remedy is Remedy.PUT:
        actions = _PUTS[finding.kind](finding, rows)
        return Step((finding,), actions) if actions else None
    row = rows.get(finding.key)
    if row is None or finding.attribute is None:
        return None
    return _deletion(finding, row, rows) if finding.remedy is Remedy.DELETE else _setting(finding, row)


# What is deleted: a mirror, a listing, a feed item, a like, a claim of nobody


def _owner(finding: Finding) -> tuple[Key, ...]:
    stored = str(finding.stored)
    return (keys.post_key(stored) if finding.attribute == "post_id" else keys.user_key(stored),)


def _no_owner(_finding: Finding) -> tuple[Key, ...]:
    return ()


def _post(finding: Finding) -> tuple[Key, ...]:
    return (keys.post_key(parts_of(finding.key)[1]),)


_OWNERS: Mapping[Kind, Callable[[Finding], tuple[Key, ...]]] = {
    Kind.ORPHAN: _owner,
    Kind.LEFT_OVER_ITEM: _post,
    Kind.STALE_AUTHORED: _post,
    Kind.STALE_CLAIM: _owner,
}


def _deletion(finding: Finding, row: Row, rows: Rows) -> Step | None:
    shape = shape_of(finding.key)
    if shape is None or not is_ours(dict(row)) or not row.keys() <= shape.known:
        return None
    owner = next((key for key in _OWNERS.get(finding.kind, _no_owner)(finding)), None)
    if finding.kind is Kind.ORPHAN and owner in rows:
        return None
    # Whoever has an owner that is there is deleted as long as that one stays as it was.
    checks = () if owner is None or owner not in rows else (CheckRow(owner, _says(rows[owner])),)
    return Step((finding,), (DeleteRow(finding.key, _whole(row)), *checks), (row,))


def _whole(row: Row) -> Mapping[str, Any]:
    return {name: value for name, value in row.items() if name not in {"PK", "SK"}}


def _says(owner: Row) -> Mapping[str, Any]:
    """Return what a row that is left says that others rest on: no count, and no time at which it was changed."""
    return {name: owner[name] for name in ("author_id", "is_public", *CLAIMED) if name in owner}


# Rows that are missing


def _expectation(finding: Finding) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", finding.expected)


def _put(finding: Finding, checks: Actions, **more: Any) -> Actions:
    values = {**_expectation(finding), **more}
    shape = shape_of(finding.key)
    if shape is None or None in values.values():
        return NOTHING
    row = {
        "PK": {"S": finding.key[0]},
        "SK": {"S": finding.key[1]},
        "entity_type": {"S": shape.entity_type},
        **{name: attribute(value) for name, value in values.items()},
    }
    return PutRow(finding.key, row), *checks


def _holder(finding: Finding) -> Key:
    return keys.user_key(_expectation(finding)["user_id"])


def claimed_attribute(key: Key) -> str:
    """Return the name of the attribute that a claim is on."""
    return next(name for name, make in CLAIMED.items() if key[0].startswith(make("")[0]))


def _put_claim(finding: Finding, rows: Rows) -> Actions:
    user_key = _holder(finding)
    row = rows.get(user_key)
    named = claimed_attribute(finding.key)
    value = None if row is None else text(row, named)
    if value is None or CLAIMED[named](value) != finding.key:
        return NOTHING
    return _put(finding, (CheckRow(user_key, {named: {"S": value}}),))


def _put_note(finding: Finding) -> Actions:
    run_name, user_id = parts_of(finding.key)
    return _put(finding, (CheckRow(keys.user_key(user_id), {items.MADE_BY: {"S": run_name}}),))


def _put_twin(finding: Finding, _rows: Rows) -> Actions:
    ends = _expectation(finding)
    if finding.key[0].startswith(keys.RUN_PREFIX):
        return _put_note(finding)
    follow = keys.follow_key(ends["follower_id"], ends["followee_id"])
    follower = keys.follower_key(ends["followee_id"], ends["follower_id"])
    return _put(finding, (CheckRow(follower if finding.key == follow else follow),))


def _put_authored(finding: Finding, _rows: Rows) -> Actions:
    return _put(finding, (CheckRow(keys.post_key(parts_of(finding.key)[1])),))


def _put_item(finding: Finding, _rows: Rows) -> Actions:
    item = _expectation(finding)
    if item["created_at"] is None:
        return NOTHING
    expires_at = int((datetime.fromisoformat(item["created_at"]) + RETENTION).timestamp())
    checks = (
        CheckRow(keys.follow_key(item["reader_id"], item["author_id"])),
        CheckRow(keys.post_key(item["post_id"]), {"author_id": {"S": item["author_id"]}, "is_public": _TRUE}),
    )
    return _put(finding, checks, expires_at=expires_at)


_PUTS: Mapping[Kind, Callable[[Finding, Rows], Actions]] = {
    Kind.MISSING_CLAIM: _put_claim,
    Kind.MISSING_TWIN: _put_twin,
    Kind.MISSING_AUTHORED: _put_authored,
    Kind.MISSING_ITEM: _put_item,
}


# Attributes that others prove


def _setting(finding: Finding, row: Row) -> Step | None:
    name = str(finding.attribute)
    stored, right = row.get(name), _attribute(finding.expected)
    if stored == right:
        return None
    update = UpdateRow(finding.key, {}, {name: right}, {name: stored})
    return Step((finding,), (update,), (row,))


def _attribute(value: object) -> Mapping[str, Any] | None:
    return None if value is None else attribute(cast("str | int | bool", value))


def did(finding: Finding) -> str:
    """Say what was done about a finding that was mended."""
    if finding.remedy is Remedy.SET:
        return "removed" if finding.expected is None else f"set to {finding.expected}"
    return {Remedy.DELETE: "deleted", Remedy.PUT: "put"}[finding.remedy]
