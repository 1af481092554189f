"""Rows under a wrong key: their attributes name another place, and more speaks for that one than for the key.

A key outweighs an attribute, not all that names the row. What strays counts where its witnesses say, so that nothing
else is raised about it; where it belongs is for a person to see to.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

import attrs

from services.audit import shapes
from services.audit.faults import Seen, index_time, indexed_user
from services.audit.findings import Finding, Kind, Remedy, describe
from services.audit.shapes import Parts
from services.rows import keys

Numbers: TypeAlias = Mapping[str | None, int | None]

_PLACED = {"USER", "POST", "COMMENT", "LIKE", "FOLLOW", "FOLLOWER"}
"""Kinds that say in attributes what their key says, and that others name."""

# Who names a user or post: one pass over each table, whatever the number of rows that stray.
_VOTES = """
CREATE TEMP TABLE vote AS SELECT n, COUNT(*) AS total FROM (
    SELECT user AS n FROM claim UNION ALL SELECT author FROM authored UNION ALL SELECT post FROM authored
    UNION ALL SELECT author FROM post UNION ALL SELECT user FROM liking UNION ALL SELECT post FROM liking
    UNION ALL SELECT user FROM comment UNION ALL SELECT post FROM comment
    UNION ALL SELECT follower FROM edge UNION ALL SELECT followee FROM edge
    UNION ALL SELECT reader FROM feed UNION ALL SELECT post FROM feed UNION ALL SELECT user FROM run_user
) WHERE n IN (SELECT n FROM asked) GROUP BY n;
CREATE INDEX vote_n ON vote (n);
"""
_PAIRS = "CREATE INDEX edge_pair ON edge (follower, followee, side); CREATE INDEX liking_pair ON liking (post, user);"
_UNPAIRED = "DROP INDEX edge_pair; DROP INDEX liking_pair;"


def place_of(seen: Seen) -> Parts:
    """Return the place that a row's attributes name: that of its key, where they name none or agree."""
    if seen.shape.entity_type not in _PLACED:
        return seen.parts
    first, second = seen.parts
    for place, name in seen.shape.in_key:
        stored = shapes.text(seen.row, name) or seen.parts[place]
        first, second = (stored, second) if place == 0 else (first, stored)
    return first, second


@attrs.frozen
class _Verdict:
    """How many name the place of the attributes, and how many that of the key; `is_taken`: a row stands there."""

    named: int
    keyed: int
    is_taken: bool = False
    is_copy: bool = False

    @property
    def is_stray(self) -> bool:
        return self.named > self.keyed and (not self.is_taken or self.keyed == 0)


class Strays:
    """Judges rows whose attributes name another place than their key, when all others are in."""

    def __init__(self, database: sqlite3.Connection, numbers: Numbers) -> None:
        self._database = database
        self._numbers = numbers

    def settle(self, waiting: Sequence[Seen], judge: Callable[[Seen], None]) -> Iterable[Finding]:
        """Judge each by its key or where its witnesses say; return what stands under a wrong key."""
        if not waiting:
            return []
        self._ask(waiting)
        found = []
        for seen in sorted(waiting, key=lambda one: one.shape.entity_type not in {"USER", "POST"}):
            verdict = self._verdict(seen)
            if not verdict.is_stray:
                judge(seen)
                continue
            found.append(_finding(seen, verdict))
            if not verdict.is_taken and seen.shape.entity_type not in {"FOLLOW", "FOLLOWER"}:
                judge(seen._replace(parts=place_of(seen)))
        self._database.executescript(_UNPAIRED)
        return found

    def _ask(self, waiting: Sequence[Seen]) -> None:
        asked = {self._numbers[part] for seen in waiting for part in (*seen.parts, *place_of(seen)) if part}
        self._database.execute("CREATE TEMP TABLE asked (n INTEGER PRIMARY KEY)")
        self._database.executemany("INSERT INTO asked VALUES (?)", [(number,) for number in asked])
        self._database.executescript(_VOTES + _PAIRS)

    def _verdict(self, seen: Seen) -> _Verdict:
        kinds = {"COMMENT": self._comment, "LIKE": self._like, "FOLLOW": self._edge, "FOLLOWER": self._edge}
        return kinds.get(seen.shape.entity_type, self._one)(seen, place_of(seen))

    def _count(self, query: str, *values: int | str | None) -> int:
        total: int = self._database.execute(query, values).fetchone()[0]
        return total

    def _votes(self, entity_id: str) -> int:
        return self._count("SELECT COALESCE(SUM(total), 0) FROM vote WHERE n = ?", self._numbers[entity_id])

    def _one(self, seen: Seen, place: Parts) -> _Verdict:
        table = seen.shape.entity_type.lower()
        there = self._count(f"SELECT COUNT(*) FROM {table} WHERE n = ?", self._numbers[place[0]])  # noqa: S608 - our own names
        return _Verdict(self._votes(place[0]), self._votes(seen.parts[0]), bool(there))

    def _comment(self, seen: Seen, place: Parts) -> _Verdict:
        # Its index key repeats the comment's id; of two posts the one that is there.
        at = self._numbers[place[0]], place[1]
        there = bool(self._count("SELECT COUNT(*) FROM comment WHERE post = ? AND id = ?", *at))
        if place[1] != seen.parts[1]:
            return _Verdict(shapes.text(seen.row, "GSI1SK") == keys.comment_index_sort(place[1]), 0, there)
        return _Verdict(self._posts(place[0]), self._posts(seen.parts[0]), there)

    def _posts(self, post_id: str) -> int:
        return self._count("SELECT COUNT(*) FROM post WHERE n = ?", self._numbers[post_id])

    def _like(self, seen: Seen, place: Parts) -> _Verdict:
        pair = self._numbers[place[0]], self._numbers[place[1]]
        there = self._count("SELECT COUNT(*) FROM liking WHERE post = ? AND user = ?", *pair)
        is_indexed = indexed_user(seen.row) == place[1] and index_time(seen.row, place) is not None
        return _Verdict(int(is_indexed), 0, bool(there))

    def _edge(self, seen: Seen, place: Parts) -> _Verdict:
        is_first = seen.shape.entity_type == "FOLLOW"
        mine, other = (1, 2) if is_first else (2, 1)
        named, keyed = (self._pair(one, is_first=is_first) for one in (place, seen.parts))
        at = shapes.instant(seen.row)
        query = "SELECT COUNT(*) FROM edge WHERE follower = ? AND followee = ? AND side = ?"
        same = self._count(f"{query} AND at IS ?", *named, mine, at)
        is_taken = bool(self._count(query, *named, mine))
        votes = self._count(query, *named, other), self._count(query, *keyed, other)
        return _Verdict(votes[0], votes[1], is_taken, bool(same))

    def _pair(self, place: Parts, *, is_first: bool) -> tuple[int | None, int | None]:
        first, second = self._numbers[place[0]], self._numbers[place[1]]
        return (first, second) if is_first else (second, first)


def _finding(seen: Seen, verdict: _Verdict) -> Finding:
    named = next(name for place, name in seen.shape.in_key if place_of(seen)[place] != seen.parts[place])
    stored = shapes.text(seen.row, named)
    why = f"{named} is {stored!r}, and so say the rows that name it, not what the key says: the key is wrong"
    if verdict.is_copy:
        why = f"{named} is {stored!r}: a copy of that row, under a wrong key"
    remedy = Remedy.DELETE if verdict.is_copy else Remedy.PERSON
    return Finding(Kind.CONTRADICTION, seen.key, describe(seen.key, why), named, stored, None, remedy)
