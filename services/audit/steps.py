"""What mends one finding: the rows to look at again first, and the actions that then go into one transaction.

Others may write to the table while an audit reads it, so nothing is deleted on its word alone: that an owner is gone
is read again, consistently, just before. Owners are written before what they own and no id comes twice, so an owner
that is not there then will not be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias, cast

import attrs

from services import keys
from services.actions import Action, CheckRow, DeleteRow, PutRow, UpdateRow
from services.audit.findings import Finding, Kind
from services.audit.shapes import CLAIMED, Row, parts_of, shape_of, text
from services.items import attribute
from services.keys import Key

RETENTION_SECONDS = 365 * 24 * 3_600
"""How long a feed item may stand (docs/table.md)."""

Rows: TypeAlias = Mapping[Key, Row]
Actions: TypeAlias = tuple[Action, ...]
NOTHING: Actions = ()
_TRUE = {"BOOL": True}


@attrs.frozen
class Step:
    """Findings that one group of actions mends, whole or not at all."""

    findings: tuple[Finding, ...]
    actions: Actions


@attrs.frozen
class Way:
    """How one kind of finding is mended: which rows to read, which actions follow, how to call it.

    `reads` is asked twice, the second time with what it asked for first.
    """

    reads: Callable[[Finding, Rows], tuple[Key, ...]]
    actions: Callable[[Finding, Rows], Actions]
    did: str


def _no_reads(_finding: Finding, _rows: Rows) -> tuple[Key, ...]:
    return ()


def _delete(finding: Finding, _rows: Rows) -> Actions:
    return (DeleteRow(finding.key),)


# Rows without their owner


def _owner(finding: Finding, _rows: Rows) -> tuple[Key, ...]:
    stored = str(finding.stored)
    if finding.attribute == "parent_comment_id":
        return (keys.comment_key(parts_of(finding.key)[0], stored),)
    return (keys.post_key(stored) if finding.attribute == "post_id" else keys.user_key(stored),)


def _delete_orphan(finding: Finding, rows: Rows) -> Actions:
    return NOTHING if _owner(finding, rows)[0] in rows else (DeleteRow(finding.key),)


# Claims


def _claimant(finding: Finding, _rows: Rows) -> tuple[Key, ...]:
    return (keys.user_key(str(finding.stored)),)


def _delete_claim(finding: Finding, rows: Rows) -> Actions:
    user_key = _claimant(finding, rows)[0]
    row = rows.get(user_key)
    named = claimed_attribute(finding.key)
    value = None if row is None else text(row, named)
    if value is None or CLAIMED[named](value) == finding.key:
        return NOTHING
    holder = {"user_id": {"S": str(finding.stored)}}
    return DeleteRow(finding.key, holder), CheckRow(user_key, {named: {"S": value}})


def claimed_attribute(key: Key) -> str:
    """Return the name of the attribute that a claim is on."""
    return next(name for name, make in CLAIMED.items() if key[0].startswith(make("")[0]))


# Rows that are missing


def _expected(finding: Finding) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", finding.expected)


def _put(finding: Finding, checks: Actions, **more: Any) -> Actions:
    values = {**_expected(finding), **more}
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


def _holder(finding: Finding, _rows: Rows) -> tuple[Key, ...]:
    return (keys.user_key(_expected(finding)["user_id"]),)


def _put_claim(finding: Finding, rows: Rows) -> Actions:
    user_key = _holder(finding, rows)[0]
    row = rows.get(user_key)
    named = claimed_attribute(finding.key)
    value = None if row is None else text(row, named)
    if value is None or CLAIMED[named](value) != finding.key:
        return NOTHING
    return _put(finding, (CheckRow(user_key, {named: {"S": value}}),))


def _put_twin(finding: Finding, _rows: Rows) -> Actions:
    ends = _expected(finding)
    follow = keys.follow_key(ends["follower_id"], ends["followee_id"])
    follower = keys.follower_key(ends["followee_id"], ends["follower_id"])
    return _put(finding, (CheckRow(follower if finding.key == follow else follow),))


def _put_authored(finding: Finding, _rows: Rows) -> Actions:
    author_id = parts_of(finding.key)[0]
    return _put(finding, (CheckRow(keys.post_key(parts_of(finding.key)[1]), {"author_id": {"S": author_id}}),))


def _put_item(finding: Finding, _rows: Rows) -> Actions:
    item = _expected(finding)
    if item["created_at"] is None:
        return NOTHING
    expires_at = int(datetime.fromisoformat(item["created_at"]).timestamp()) + RETENTION_SECONDS
    checks = (
        CheckRow(keys.follow_key(item["reader_id"], item["author_id"])),
        CheckRow(keys.post_key(item["post_id"]), {"author_id": {"S": item["author_id"]}, "is_public": _TRUE}),
    )
    return _put(finding, checks, expires_at=expires_at)


# Rows that do not belong


def _listed(finding: Finding, _rows: Rows) -> tuple[Key, ...]:
    return (keys.post_key(str(finding.stored)),)


def _delete_authored(finding: Finding, rows: Rows) -> Actions:
    post = rows.get(_listed(finding, rows)[0])
    if post is not None and text(post, "author_id") == parts_of(finding.key)[0]:
        return NOTHING
    return (DeleteRow(finding.key),)


def _item_and_edges(finding: Finding, rows: Rows) -> tuple[Key, ...]:
    reader_id, post_id = parts_of(finding.key)
    post = rows.get(keys.post_key(post_id))
    author_id = None if post is None else text(post, "author_id")
    row_keys = finding.key, keys.post_key(post_id)
    if author_id is None:
        return row_keys
    return *row_keys, keys.follow_key(reader_id, author_id), keys.follower_key(author_id, reader_id)


def _delete_item(finding: Finding, rows: Rows) -> Actions:
    item_key, post_key, *edges = _item_and_edges(finding, rows)
    item, post = rows.get(item_key), rows.get(post_key)
    if item is None or post is None:
        return NOTHING if item is None else (DeleteRow(item_key),)
    told = {name: post[name] for name in ("author_id", "is_public") if name in post}
    is_delivered = told.get("is_public") == _TRUE and item.get("author_id") == told.get("author_id")
    if is_delivered and any(edge in rows for edge in edges):
        return NOTHING
    return DeleteRow(item_key), CheckRow(post_key, told)


# Attributes that follow from others


def _set_counter(finding: Finding, _rows: Rows) -> Actions:
    name = str(finding.attribute)
    if finding.stored is None:
        # No condition says "still missing". Adding 0 makes it 0 or changes nothing; the next round sets it.
        return (UpdateRow(finding.key, {name: 0}, {}),)
    stored = {"N": str(finding.stored)} if isinstance(finding.stored, int) else finding.stored
    expect = {name: cast("Mapping[str, Any]", stored)}
    return (UpdateRow(finding.key, {}, {name: {"N": str(finding.expected)}}, expect),)


def _set_index(finding: Finding, _rows: Rows) -> Actions:
    name = str(finding.attribute)
    value = None if finding.expected is None else {"S": str(finding.expected)}
    expect = {name: {"S": finding.stored}} if isinstance(finding.stored, str) else {}
    return (UpdateRow(finding.key, {}, {name: value}, expect),)


ROW_WAYS: Mapping[Kind, Way] = {
    Kind.ORPHAN: Way(_owner, _delete_orphan, "deleted"),
    Kind.THREAD: Way(_no_reads, _delete, "deleted"),
    Kind.STALE_CLAIM: Way(_claimant, _delete_claim, "deleted"),
    Kind.STALE_AUTHORED: Way(_listed, _delete_authored, "deleted"),
    Kind.SELF_FOLLOW: Way(_no_reads, _delete, "deleted"),
    Kind.LEFT_OVER_ITEM: Way(_item_and_edges, _delete_item, "deleted"),
    Kind.MISSING_CLAIM: Way(_holder, _put_claim, "put"),
    Kind.MISSING_TWIN: Way(_no_reads, _put_twin, "put"),
    Kind.MISSING_AUTHORED: Way(_no_reads, _put_authored, "put"),
    Kind.MISSING_ITEM: Way(_no_reads, _put_item, "put"),
}
"""Which rows stand comes first: counters and index keys follow from it."""
ATTRIBUTE_WAYS: Mapping[Kind, Way] = {
    Kind.COUNTER: Way(_no_reads, _set_counter, "set to {expected}"),
    Kind.INDEX: Way(_no_reads, _set_index, "set to {expected}"),
}
