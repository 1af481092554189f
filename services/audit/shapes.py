"""What kinds of rows there are by their keys, and which attributes each has, as docs/table.md says it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import Any, TypeAlias

import attrs

from seedbed.dynamo.rows import Key
from services.rows import keys
from services.validation import (
    BIO_MAX,
    CAPTION_MAX,
    COMMENT_MAX,
    FULL_NAME_MAX,
    TAG_MAX,
    TAGS_MAX,
    URL_MAX,
    Fields,
)

Row: TypeAlias = Mapping[str, Mapping[str, Any]]
"""A row in DynamoDB's JSON."""
Parts: TypeAlias = tuple[str, str]
"""The two ids of a key; "" where it has none."""

REMEMBERED = 1_024
"""Instants that are remembered: a row's own is asked for several times, and one of many rows often the same."""
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)


@attrs.frozen
class Shape:
    """One kind of row: its attributes with their types; `in_key` repeat the two parts of the key."""

    entity_type: str
    in_key: tuple[tuple[int, str], ...]
    required: tuple[tuple[str, str], ...]
    optional: tuple[tuple[str, str], ...]
    instants: tuple[str, ...]

    @cached_property
    def _read(self) -> Callable[[Row], tuple[Mapping[str, Any], ...]]:
        return itemgetter("entity_type", *(name for name, _ in self.required))

    @cached_property
    def _letters(self) -> tuple[str, ...]:
        return ("S", *(letter for _, letter in self.required))

    def agrees(self, row: Row, parts: Parts) -> bool:
        """Tell whether a row has all that each such row has, of the right types, and repeats what its key says.

        Nearly every row does, so this is what most of them cost.
        """
        try:
            letters = tuple(map(next, map(iter, self._read(row))))
        except KeyError:
            return False
        if letters != self._letters or row["entity_type"]["S"] != self.entity_type:
            return False
        for place, name in self.in_key:  # noqa: SIM110 - a generator would cost more than all the rest
            if row[name]["S"] != parts[place]:
                return False
        return True

    @cached_property
    def known(self) -> frozenset[str]:
        """The names of all attributes that such a row may have in this version."""
        counters = _COUNTERS.get(self.entity_type, ())
        names = (name for name, _ in (*self.required, *self.optional))
        return frozenset(("PK", "SK", "GSI1PK", "GSI1SK", "entity_type", *names, *counters))


_COUNTERS = {
    "USER": ("posts_count", "followers_count", "following_count"),
    "POST": ("likes_count", "comments_count"),
    "COMMENT": ("replies_count",),
}
LIMITS: Mapping[str, tuple[tuple[str, int, int], ...]] = {
    "USER": (("full_name", 1, FULL_NAME_MAX), ("bio", 0, BIO_MAX), ("profile_picture_url", 1, URL_MAX)),
    "POST": (("caption", 0, CAPTION_MAX), ("image_url", 1, URL_MAX)),
    "COMMENT": (("content", 1, COMMENT_MAX),),
}
"""How many characters the app lets a text have. Unique values are judged with their claims."""
TAGS = TAGS_MAX, TAG_MAX


def _shape(entity_type: str, *in_key: str, attributes: str = "", optional: str = "") -> Shape:
    """Make a shape: a name for each part of the key ("": none), and attributes as "name name:TYPE" (texts)."""
    named = tuple((place, name) for place, name in enumerate(in_key) if name)
    typed = _types_of(f"created_at {attributes}")
    instants = tuple(name for name, _ in typed if name.endswith(("_at", "as_of")) and name != "expires_at")
    return Shape(entity_type, named, (*typed, *((name, "S") for _, name in named)), _types_of(optional), instants)


def _types_of(names: str) -> tuple[tuple[str, str], ...]:
    pairs = (word.partition(":") for word in names.split())
    return tuple((name, letter or "S") for name, _, letter in pairs)


_USER = _shape(
    "USER",
    "id",
    attributes="updated_at email username handle full_name email_verified:BOOL",
    optional="bio profile_picture_url feed_mode run",
)
_POST = _shape(
    "POST",
    "id",
    attributes="updated_at author_id caption tags:L is_public:BOOL",
    optional="image_url",
)
_COMMENT = _shape("COMMENT", "post_id", "id", attributes="user_id content", optional="parent_comment_id")
_ITEM = _shape("FEED_ITEM", "reader_id", "post_id", attributes="author_id is_read:BOOL expires_at:N")

_RUN = _shape(
    "RUN",
    "",
    "name",
    attributes="seed as_of code_version worlds phase",
    optional="preset scenario locale marks_users:BOOL shards:N report",
)

SHAPES: Mapping[Parts, Shape] = {
    (keys.USER_PREFIX, keys.PROFILE): _USER,
    **{(prefix, keys.CLAIM): _shape("CLAIM", attributes="user_id") for prefix in keys.CLAIM_PREFIXES},
    (keys.POST_PREFIX, keys.POST): _POST,
    (keys.USER_PREFIX, keys.POST_PREFIX): _shape("AUTHORED", "", "post_id"),
    (keys.POST_PREFIX, keys.LIKE_PREFIX): _shape("LIKE", "post_id", "user_id"),
    (keys.POST_PREFIX, keys.COMMENT_PREFIX): _COMMENT,
    (keys.USER_PREFIX, keys.FOLLOW_PREFIX): _shape("FOLLOW", "follower_id", "followee_id"),
    (keys.USER_PREFIX, keys.FOLLOWER_PREFIX): _shape("FOLLOWER", "followee_id", "follower_id"),
    (keys.USER_PREFIX, keys.FEED_PREFIX): _ITEM,
    ("", keys.RUN_PREFIX): _RUN,
    (keys.RUN_PREFIX, keys.USER_PREFIX): _shape("RUN_USER", "", "user_id"),
    (keys.RUN_PREFIX, keys.SLICE_PREFIX): _shape("RUN_SLICE", "", "slice", attributes="made"),
}
"""By the beginnings of partition key and sort key. Counters are judged where they are recounted."""

CLAIMED = {"email": keys.email_key, "username": keys.username_key, "handle": keys.handle_key}
"""The unique values of a user, and how the claim on each is named."""


def is_valid(attribute: str, value: str) -> bool:
    """Tell whether the app lets a unique value be so."""
    fields = Fields(attribute)
    if attribute == "email":
        fields.email(attribute, value)
    else:
        fields.name(attribute, value)
    return fields.is_right


def shape_of(key: Key) -> Shape | None:
    """Tell what kind of row a key names."""
    partition, sort = key
    return SHAPES.get((partition[: partition.find("#") + 1], sort[: sort.find("#") + 1] or sort))


def is_ours(row: Row, shape: Shape, parts: Parts) -> bool:
    """Tell whether a row says of itself that it is of the kind that its key names.

    It does so by its entity type, beside at least half of what each such row has; where that type is damaged, by all
    that such a row has, nothing else, and the ids of its key. What its neighbours are makes no row ours.
    """
    has = len([1 for name, letter in shape.required if letter in row.get(name, ())])
    if text(row, "entity_type") == shape.entity_type:
        return 2 * has >= len(shape.required)
    is_whole = has == len(shape.required) and row.keys() <= shape.known and instant(row) is not None
    return is_whole and bool(shape.in_key) and all(text(row, name) == parts[place] for place, name in shape.in_key)


def parts_of(key: Key) -> Parts:
    """Return the two ids of a key."""
    partition, sort = key
    cut = sort.find("#") + 1
    return partition[partition.find("#") + 1 :], sort[cut:] if cut else ""


def text(row: Row, name: str) -> str | None:
    """Return a text, None when there is none."""
    value = row.get(name)
    return None if value is None else value.get("S")


def instant(row: Row, name: str = "created_at") -> str | None:
    """Return an instant as it is written, None when it is malformed."""
    written = text(row, name)
    return None if written is None else _instant(written)


@lru_cache(REMEMBERED)
def _instant(written: str) -> str | None:
    if not _INSTANT.fullmatch(written):
        return None
    try:
        datetime.fromisoformat(written)
    except ValueError:
        return None
    return written


def as_json(value: Mapping[str, Any] | None) -> str | dict[str, Any] | None:
    """Return an attribute as JSON shows it: a text as itself, all else as DynamoDB writes it."""
    if value is None:
        return None
    written: str | None = value.get("S")
    if written is not None:
        return written
    other: dict[str, Any] = json.loads(json.dumps(value, default=repr))
    return other
