"""What each kind of row must look like by itself: key, attributes, their types, index keys, instants.

Read from docs/table.md, not from what the services write. A row is what its key says it is; its attributes are judged
against the key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, TypeAlias

import attrs

from services import keys
from services.audit.findings import Finding, Kind, Plain

Row: TypeAlias = Mapping[str, Mapping[str, Any]]
"""A row in DynamoDB's JSON."""

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
_INDEX_KEYS = ("GSI1PK", "GSI1SK")
_INDEXED = {"LIKE", "COMMENT"}


@attrs.frozen
class Shape:
    """One kind of row. `in_key` names the attributes that repeat the two parts of the key."""

    entity_type: str
    in_key: tuple[tuple[int, str], ...]
    required: tuple[tuple[str, str], ...]
    optional: tuple[tuple[str, str], ...] = ()
    instants: tuple[str, ...] = ("created_at",)


def _shape(
    entity_type: str, *in_key: str, required: str, optional: str = "", has_update: bool = False
) -> Shape:
    """Make a shape from texts: `in_key` are two names ("" is none), attributes are written as name:type."""
    named = tuple((place, name) for place, name in enumerate(in_key) if name)
    pairs = tuple(_typed(required)) + tuple((name, "S") for _, name in named)
    instants = ("created_at", "updated_at") if has_update else ("created_at",)
    texts = tuple((name, "S") for name in instants)
    return Shape(entity_type, named, pairs + texts, tuple(_typed(optional)), instants)


def _typed(text: str) -> Iterator[tuple[str, str]]:
    for word in text.split():
        name, _, letter = word.partition(":")
        yield name, letter or "S"


_CLAIM = _shape("CLAIM", required="user_id")
_USER = _shape(
    "USER",
    "id",
    required="email username handle full_name email_verified:BOOL",
    optional="bio profile_picture_url feed_mode",
    has_update=True,
)
_POST = _shape(
    "POST", "id", required="author_id caption tags:L is_public:BOOL", optional="image_url", has_update=True
)

SHAPES: Mapping[tuple[str, str], Shape] = {
    (keys.USER_PREFIX, keys.PROFILE): _USER,
    **{(prefix, keys.CLAIM): _CLAIM for prefix in keys.CLAIM_PREFIXES},
    (keys.POST_PREFIX, keys.POST): _POST,
    (keys.USER_PREFIX, keys.POST_PREFIX): _shape("AUTHORED", "", "post_id", required=""),
    (keys.POST_PREFIX, keys.LIKE_PREFIX): _shape("LIKE", "post_id", "user_id", required=""),
    (keys.POST_PREFIX, keys.COMMENT_PREFIX): _shape(
        "COMMENT", "post_id", "id", required="user_id content", optional="parent_comment_id"
    ),
    (keys.USER_PREFIX, keys.FOLLOW_PREFIX): _shape("FOLLOW", "follower_id", "followee_id", required=""),
    (keys.USER_PREFIX, keys.FOLLOWER_PREFIX): _shape("FOLLOWER", "followee_id", "follower_id", required=""),
    (keys.USER_PREFIX, keys.FEED_PREFIX): _shape(
        "FEED_ITEM", "reader_id", "post_id", required="author_id is_read:BOOL expires_at:N"
    ),
}
"""By the beginnings of partition key and sort key. Counters are judged where they are recounted."""


def split(key: keys.Key) -> tuple[Shape | None, str, str]:
    """Return a row's shape by its key, and the key's two ids ("" where it has none)."""
    partition, sort = key
    cut, sort_cut = partition.find("#") + 1, sort.find("#") + 1
    shape = SHAPES.get((partition[:cut], sort[:sort_cut] or sort))
    return shape, partition[cut:], sort[sort_cut:] if sort_cut else ""


def text(row: Row, name: str) -> str | None:
    """Return a text, None when there is none."""
    value = row.get(name)
    return None if value is None else value.get("S")


def instant(row: Row, name: str = "created_at") -> str | None:
    """Return an instant as it is written, None when it is malformed."""
    written = text(row, name)
    if written is None or not _INSTANT.fullmatch(written):
        return None
    try:
        datetime.fromisoformat(written)
    except ValueError:
        return None
    return written


def shown(value: Mapping[str, Any] | None) -> Plain:
    """Return an attribute as JSON shows it: a text as itself, all else as DynamoDB writes it."""
    if value is None:
        return None
    written: Plain = value.get("S")
    return json.loads(json.dumps(value, default=repr)) if written is None else written


def faults(row: Row, key: keys.Key, shape: Shape, parts: tuple[str, str]) -> Iterator[Finding]:
    """Judge a row by itself."""
    for name, letter in shape.required:
        value = row.get(name)
        if value is None or letter not in value:
            yield _mistyped(row, key, name, letter)
    for name, letter in shape.optional:
        if name in row and letter not in row[name]:
            yield _mistyped(row, key, name, letter)
    for place, name in shape.in_key:
        if text(row, name) not in {parts[place], None} or not parts[place]:
            yield _unlike_key(row, key, name, parts[place])
    if text(row, "entity_type") != shape.entity_type:
        yield _mistaken(row, key, shape)
    yield from _instants(row, key, shape)
    yield from _index(row, key, shape, parts)
    if "tags" in row and not all("S" in tag for tag in row["tags"].get("L", ())):
        yield _mistyped(row, key, "tags", "L of S")


def _mistyped(row: Row, key: keys.Key, name: str, letter: str) -> Finding:
    stored = row.get(name)
    what = "is missing" if stored is None else f"is of the type {next(iter(stored), '')}"
    return Finding(
        Kind.SHAPE, key, f"{name} {what}, must be of the type {letter}", name, shown(stored), letter
    )


def _unlike_key(row: Row, key: keys.Key, name: str, expected: str) -> Finding:
    stored = shown(row.get(name))
    return Finding(
        Kind.SHAPE, key, f"{name} is {stored!r}, the key says {expected!r}", name, stored, expected
    )


def _mistaken(row: Row, key: keys.Key, shape: Shape) -> Finding:
    stored = shown(row.get("entity_type"))
    message = f"entity_type is {stored!r}, by its key the row is {shape.entity_type!r}"
    return Finding(Kind.SHAPE, key, message, "entity_type", stored, shape.entity_type)


def unknown(row: Row, key: keys.Key) -> Finding:
    """Report a row whose key is none of the table's."""
    stored = shown(row.get("entity_type"))
    message = f"no row of this table has such a key; its entity_type is {stored!r}"
    return Finding(Kind.SHAPE, key, message, "entity_type", stored)


def _instants(row: Row, key: keys.Key, shape: Shape) -> Iterator[Finding]:
    created_at = instant(row)
    for name in shape.instants:
        moment = created_at if name == "created_at" else instant(row, name)
        stored = text(row, name)
        if moment is None and stored is not None:
            message = f"{name} is {stored!r}, must be UTC as YYYY-MM-DDTHH:MM:SS.mmmZ"
            yield Finding(Kind.SHAPE, key, message, name, stored)
        if moment is not None and created_at is not None and moment < created_at:
            message = f"{name} is {moment}, before created_at, {created_at}"
            yield Finding(Kind.TIME, key, message, name, moment, created_at)


def _index(row: Row, key: keys.Key, shape: Shape, parts: tuple[str, str]) -> Iterator[Finding]:
    if shape.entity_type not in _INDEXED:
        wanted: tuple[str | None, ...] = (None, None)
    elif (found := _index_key(row, shape, parts)) is None:
        return
    else:
        wanted = found
    for name, expected in zip(_INDEX_KEYS, wanted, strict=True):
        stored = row.get(name)
        if (None if stored is None else stored.get("S", stored)) != expected:
            message = f"{name} is {shown(stored)!r}, must be {expected!r}"
            yield Finding(Kind.INDEX, key, message, name, shown(stored), expected)


def _index_key(row: Row, shape: Shape, parts: tuple[str, str]) -> keys.Key | None:
    first, second = parts
    if shape.entity_type == "LIKE":
        created_at = instant(row)
        return (
            None
            if created_at is None
            else (keys.user_partition(second), keys.like_index_sort(created_at, first))
        )
    user_id = text(row, "user_id")
    return None if user_id is None else (keys.user_partition(user_id), keys.comment_index_sort(second))
