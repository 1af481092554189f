"""What an audit finds and what a repair did, as values. Nothing here reads a table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeAlias

import attrs

from seedbed.dynamo.rows import Key

Plain: TypeAlias = str | int | bool | Mapping[str, Any] | None
"""A value as JSON shows it; a mapping is a whole row, or a value of an unexpected type as DynamoDB writes it."""


class Kind(StrEnum):
    """What can be wrong."""

    COUNTER = "counter"
    """A counter is missing, no number, negative, or not the number of rows that it counts."""
    ORPHAN = "orphan"
    """The user, post or comment that a row belongs to is gone."""
    THREAD = "thread"
    """From a reply no chain of parents leads to a comment on the post: it goes in a circle or ends at an orphan."""
    MISSING_CLAIM = "missing_claim"
    """A user's e-mail address, username or handle is not claimed by that user."""
    STALE_CLAIM = "stale_claim"
    """A claim on a value that its owner does not have."""
    DUPLICATE = "duplicate"
    """A user has a unique value of another user."""
    MISSING_TWIN = "missing_twin"
    """A follow stands at one of its two ends only."""
    SELF_FOLLOW = "self_follow"
    """Somebody follows oneself."""
    MISSING_AUTHORED = "missing_authored"
    """A post is not listed under its author."""
    STALE_AUTHORED = "stale_authored"
    """A post is listed that is gone, or is somebody else's."""
    MISSING_ITEM = "missing_item"
    """A public post is not in a follower's feed, and its author's posts are not merged by readers."""
    LEFT_OVER_ITEM = "left_over_item"
    """A feed has a post that is gone, not public, another author's, or of somebody not followed."""
    INDEX = "index"
    """The keys by which a row stands in the index are wrong."""
    TIME = "time"
    """A row is older than its cause, or tells another time than the row that it repeats."""
    SHAPE = "shape"
    """An attribute is missing, malformed, beyond the app's limits, or not what the key says."""
    CONTRADICTION = "contradiction"
    """Two rows, or two attributes of one, that must say the same do not."""
    LOST = "lost"
    """A row is gone, and other rows prove that it was there."""
    FOREIGN = "foreign"
    """A row that is not ours: it is named, and nobody's business."""


MENDABLE = frozenset(Kind) - {Kind.LOST, Kind.FOREIGN}
"""Kinds of which a repair mends what other rows prove."""


class Remedy(StrEnum):
    """What a repair does about a finding. All that holds content is left to a person."""

    PUT = "put"
    """Put the row that is missing."""
    SET = "set"
    """Set the attribute to what is right; None takes it away."""
    DELETE = "delete"
    """Delete the row: it holds no content."""
    PERSON = "a person"
    """Only a person knows what is right."""


@attrs.frozen
class Finding:
    """One thing that is wrong with one row; the message names the row, what is stored and what is right.

    `stored` and `expected` are of the attribute. Of a row that is missing, `expected` is the whole row beside its key.
    `remedy` tells what a repair does.
    """

    kind: Kind
    key: Key
    message: str
    attribute: str | None = None
    stored: Plain = None
    expected: Plain = None
    remedy: Remedy = Remedy.PERSON

    def to_json(self) -> dict[str, Any]:
        """Return what `json.dumps` takes."""
        return {
            "kind": self.kind.value,
            "key": list(self.key),
            "message": self.message,
            "attribute": self.attribute,
            "stored": self.stored,
            "expected": self.expected,
            "remedy": self.remedy.value,
        }

    @property
    def place(self) -> tuple[str, Key, str]:
        """What the finding is about, without what stands there: findings are sorted by it."""
        return self.kind.value, self.key, self.attribute or ""


def describe(key: Key, why: str) -> str:
    """Write a finding's message."""
    return f"{key[0]} {key[1]}: {why}"


@attrs.frozen
class Audit:
    """What a recount of the whole table found, sorted by kind, key and attribute, and the table's digest."""

    rows: int
    counters: int
    findings: tuple[Finding, ...]
    digest: str
    in_motion: tuple[Finding, ...] = ()
    """What one look saw and another did not, or what a run that is not complete has still to bring: no drift."""

    @property
    def is_clean(self) -> bool:
        """Tell whether nothing of ours is wrong."""
        return not self.drift

    @property
    def drift(self) -> tuple[Finding, ...]:
        """What is wrong with our own rows."""
        return tuple(finding for finding in self.findings if finding.kind is not Kind.FOREIGN)

    def to_json(self) -> dict[str, Any]:
        """Return what `json.dumps` takes."""
        return {
            "rows": self.rows,
            "counters": self.counters,
            "findings": [finding.to_json() for finding in self.findings],
            **({"in_motion": [finding.to_json() for finding in self.in_motion]} if self.in_motion else {}),
        }


@attrs.frozen
class Mended:
    """A finding, and what was done about it: "deleted", "put", "set to 3", "removed"."""

    finding: Finding
    did: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.finding.message}: {self.did}"

    def to_json(self) -> dict[str, Any]:
        """Return what `json.dumps` takes."""
        return {**self.finding.to_json(), "did": self.did}


@attrs.frozen
class Repair:
    """What a repair did, in order, and the audit after it."""

    mended: tuple[Mended, ...]
    audit: Audit

    @property
    def left(self) -> tuple[Finding, ...]:
        """What is still wrong."""
        return self.audit.findings

    def to_json(self) -> dict[str, Any]:
        """Return what `json.dumps` takes."""
        return {
            "mended": [mended.to_json() for mended in self.mended],
            "left": [finding.to_json() for finding in self.left],
        }
