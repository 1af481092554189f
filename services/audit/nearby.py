"""A second look at what a pass found, of only what the findings are about: their partitions, and whom they name.

It decides findings whose evidence lies there: a count and what it counts, a row and the one that it needs or repeats.
What further witnesses prove (whose value, whose post, which time is right) only a whole pass decides. Where a row that
counts is not listed where it is looked for, that is a finding of the pass itself, and so looked at too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from seedbed.dynamo.rows import Key, Row, key_of
from seedbed.dynamo.store import Store, each
from services.audit import checks
from services.audit.facts import collecting
from services.audit.findings import Finding, Kind
from services.audit.shapes import parts_of
from services.rows import keys

NEAR = frozenset(
    {
        Kind.COUNTER,
        Kind.ORPHAN,
        Kind.MISSING_TWIN,
        Kind.MISSING_AUTHORED,
        Kind.STALE_AUTHORED,
        Kind.MISSING_CLAIM,
        Kind.MISSING_ITEM,
        Kind.LEFT_OVER_ITEM,
    }
)
"""Kinds that are decided by the rows near them."""

A_QUERY_IN_ROWS = 20
"""Reading one partition takes about as long as so many rows of a scan."""


def look_near(store: Store, found: Sequence[Finding], rows: int) -> list[Finding] | None:
    """Return what is wrong near what was found; None where only a pass over all `rows` tells, or costs less."""
    if any(finding.kind not in NEAR for finding in found):
        return None
    partitions = list(dict.fromkeys(chain.from_iterable(map(_partitions, found))))
    if A_QUERY_IN_ROWS * len(partitions) > rows:
        return None
    read: dict[Key, Row] = {}
    for partition in partitions:
        for page in each(store, partition, ""):
            read.update((key_of(row), row) for row in page)
            if A_QUERY_IN_ROWS * len(partitions) + len(read) > rows:
                return None
    read.update(store.get_many(sorted(_posts(read) - read.keys())))
    with collecting() as facts:
        facts.take(list(read.values()))
        facts.close_intake()
        return checks.findings(facts, store.fan_out_limit)[0]


def _partitions(finding: Finding) -> Iterator[str]:
    """Name the partitions that a finding is about: its own, and those of all users and posts that it names."""
    yield finding.key[0]
    expected = finding.expected.values() if isinstance(finding.expected, Mapping) else [finding.expected]
    for name in (*parts_of(finding.key), finding.stored, *expected):
        if isinstance(name, str) and name:
            yield keys.user_partition(name)
            yield keys.post_partition(name)


def _posts(read: Mapping[Key, Row]) -> set[Key]:
    """Return the keys of all posts that are listed in what was read: an author's posts are counted by themselves."""
    listed = keys.authored_key("", "")[1]
    return {keys.post_key(parts_of(key)[1]) for key in read if key[1].startswith(listed) and parts_of(key)[1]}
