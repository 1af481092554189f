"""Judging one row by itself: types, key, instants, limits, index keys.

A row is what its key says it is; its attributes are judged against the key. Attributes that the contract does not
know are nobody's business. What another attribute of the same row proves is what a repair sets. Nearly every row is
right, so nothing is written down until something is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from seedbed.clock import moment_of_id
from seedbed.dynamo.rows import Key, moment_text
from services.audit.findings import Finding, Kind, Plain, Remedy, describe
from services.audit.shapes import LIMITS, REMEMBERED, TAGS, Parts, Row, Shape, as_json, instant, shape_of, text
from services.rows import keys
from services.rows.items import run_faults, run_of

_INDEXED = {"LIKE", "COMMENT"}
_NOT_INDEXED = (None, None)
_TIMED = {"USER": 0, "POST": 0, "COMMENT": 1}
"""Rows whose own id tells their time, and where in the key it stands."""
_VERSION_7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII)
_INDEX_SORT = re.compile(rf"{keys.LIKE_PREFIX}(.{{24}})#(.+)", re.DOTALL)


class Seen(NamedTuple):
    """A row, and what its key says."""

    row: Row
    key: Key
    shape: Shape
    parts: Parts
    agrees: bool = False
    """Whether it is known to have what each such row has, and to repeat its key: see `Shape.agrees`."""

    def wrong(self, name: str, why: str, expected: Plain = None, *, kind: Kind = Kind.SHAPE) -> Finding:
        """Report an attribute of which nobody knows what is right."""
        stored = as_json(self.row.get(name))
        message = describe(self.key, f"{name} is {_name(stored)}, {why}")
        return Finding(kind, self.key, message, name, stored, expected)

    def proven(self, name: str, why: str, expected: Plain, *, kind: Kind = Kind.SHAPE) -> Finding:
        """Report an attribute that is set to what the rest of the row proves."""
        found = self.wrong(name, why, expected, kind=kind)
        return Finding(kind, found.key, found.message, name, found.stored, expected, Remedy.SET)


def foreign(row: Row, key: Key) -> Finding:
    """Report a row that is not ours."""
    stored, shape = as_json(row.get("entity_type")), shape_of(key)
    is_like_ours = shape is not None and stored == shape.entity_type
    lacks = f"it lacks most of what a {stored} has"
    message = describe(key, f"not ours: {lacks}" if is_like_ours else f"not ours: its entity_type is {_name(stored)}")
    return Finding(Kind.FOREIGN, key, message, "entity_type", stored)


def _name(stored: Plain) -> str:
    return "missing" if stored is None else repr(stored)


def faults(seen: Seen) -> list[Finding]:
    """Judge a row by itself."""
    texts = _limits(seen) if seen.shape.entity_type in LIMITS else ()
    is_plain = seen.agrees and not seen.shape.optional and "tags" not in seen.row
    typed = () if is_plain else _types(seen)
    named = () if seen.agrees else _key(seen)
    found = [*typed, *named, *_instants(seen), *texts, *_index(seen)]
    is_readable_run = seen.shape.entity_type == "RUN" and not found
    return [*_note(seen)] if is_readable_run else found


def _note(seen: Seen) -> Iterator[Finding]:
    row = dict(seen.row)
    return (seen.wrong(name, why) for name, why in run_faults(row, run_of(row)))


def _types(seen: Seen) -> list[Finding]:
    row, shape = seen.row, seen.shape
    wrong = [pair for pair in shape.required if pair[0] not in row or pair[1] not in row[pair[0]]]
    wrong += [pair for pair in shape.optional if pair[0] in row and pair[1] not in row[pair[0]]]
    if "tags" in row and not all("S" in tag for tag in row["tags"].get("L", ())):
        wrong.append(("tags", "L of S"))
    return [] if not wrong else list(_wrong_types(seen, wrong))


def _wrong_types(seen: Seen, wrong: Sequence[tuple[str, str]]) -> Iterator[Finding]:
    for name, letter in wrong:
        why, right = f"must be of the type {letter}", _right(seen, name)
        yield seen.wrong(name, why, letter) if right is None else seen.proven(name, f"must be {right!r}", right)


def _right(seen: Seen, name: str) -> str | None:
    """Return what the rest of a row says that a text must be; None where it does not say."""
    in_key = {named: seen.parts[place] for place, named in seen.shape.in_key}
    if name in in_key:
        return in_key[name]
    if name == "created_at":
        return time_of(seen) or index_time(seen.row, seen.parts)
    if name == "user_id" and seen.shape.entity_type == "COMMENT":
        return indexed_user(seen.row)
    return None


def time_of(seen: Seen) -> str | None:
    """Return the time that a row's own id tells; None where there is none, or the id is of another making."""
    place = _TIMED.get(seen.shape.entity_type)
    return None if place is None else _id_time(seen.parts[place])


@lru_cache(REMEMBERED)
def _id_time(entity_id: str) -> str | None:
    if not _VERSION_7.fullmatch(entity_id):
        return None
    try:
        return moment_text(moment_of_id(entity_id))
    except ValueError:
        return None


def index_time(row: Row, parts: Parts) -> str | None:
    """Return the time that a like's index key tells; None where it tells none."""
    found = _INDEX_SORT.fullmatch(text(row, "GSI1SK") or "")
    return instant({"at": {"S": found[1]}}, "at") if found is not None and found[2] == parts[0] else None


def indexed_user(row: Row) -> str | None:
    """Return the user in whose part of the index a row stands; None where it is nobody's."""
    partition = text(row, "GSI1PK") or ""
    user_id = partition.removeprefix(keys.USER_PREFIX)
    return user_id if user_id and user_id != partition else None


def _key(seen: Seen) -> list[Finding]:
    row, shape, parts = seen.row, seen.shape, seen.parts
    found = []
    for place, name in shape.in_key:
        stored = text(row, name)
        if stored != parts[place] and stored is not None:
            found.append(seen.proven(name, f"the key says {parts[place]!r}", parts[place]))
    if text(row, "entity_type") != shape.entity_type:
        report = seen.wrong if text(row, "entity_type") is not None else seen.proven
        found.append(report("entity_type", f"by its key it is {shape.entity_type!r}", shape.entity_type))
    return found


def _instants(seen: Seen) -> Sequence[Finding]:
    created_at, by_id = instant(seen.row), time_of(seen)
    if len(seen.shape.instants) == 1 and created_at is not None and by_id in {None, created_at}:
        return ()
    return list(_wrong_instants(seen, created_at, by_id))


def _wrong_instants(seen: Seen, created_at: str | None, by_id: str | None) -> Iterator[Finding]:
    if created_at is not None and by_id not in {None, created_at}:
        yield seen.proven("created_at", f"the id tells {by_id}", by_id, kind=Kind.TIME)
    since = by_id or created_at
    for name in seen.shape.instants:
        moment = instant(seen.row, name)
        if moment is None and text(seen.row, name) is not None:
            right = _right(seen, name)
            why = "must be UTC as YYYY-MM-DDTHH:MM:SS.mmmZ"
            yield seen.wrong(name, why) if right is None else seen.proven(name, why, right)
        elif name != "created_at" and moment is not None and since is not None and moment < since:
            yield seen.wrong(name, f"before created_at, {since}", since, kind=Kind.TIME)


def _limits(seen: Seen) -> Iterator[Finding]:
    for name, least, most in LIMITS[seen.shape.entity_type]:
        stored = text(seen.row, name)
        if stored is not None and not least <= len(stored) <= most:
            yield seen.wrong(name, f"which are {len(stored)} characters, the app allows {least} to {most}")
    tags = [tag["S"] for tag in seen.row.get("tags", {}).get("L", ()) if "S" in tag]
    if len(tags) > TAGS[0] or not all(1 <= len(tag) <= TAGS[1] for tag in tags):
        yield seen.wrong("tags", f"the app allows {TAGS[0]} of 1 to {TAGS[1]} characters")


def _index(seen: Seen) -> Sequence[Finding]:
    row, is_indexed = seen.row, seen.shape.entity_type in _INDEXED
    if not is_indexed and "GSI1PK" not in row:
        return ()
    stored = text(row, "GSI1PK"), text(row, "GSI1SK")
    elsewhere = _NOT_INDEXED if _is_in_the_way(stored) else stored
    expected = _index_keys(seen, stored) if is_indexed else elsewhere
    if stored == expected:
        return ()
    names = zip(("GSI1PK", "GSI1SK"), stored, expected, strict=True)
    return [
        seen.proven(name, f"must be {right!r}", right, kind=Kind.INDEX)
        for name, is_there, right in names
        if is_there != right
    ]


def _is_in_the_way(stored: tuple[str | None, str | None]) -> bool:
    """Tell whether a row that is none of a user's likes and comments stands among them in the index."""
    partition, sort = stored
    return bool(partition and sort) and str(sort).startswith(keys.INDEXED_PREFIXES)


def _index_keys(seen: Seen, stored: tuple[str | None, str | None]) -> tuple[str | None, str | None]:
    """Return the keys by which a row must stand in the index; where it contradicts itself, those that are stored."""
    row, (first, second) = seen.row, seen.parts
    if seen.shape.entity_type == "COMMENT":
        user_id = text(row, "user_id")
        is_told = user_id is not None and indexed_user(row) is None
        return keys.user_partition(str(user_id)) if is_told else stored[0], keys.comment_index_sort(second)
    moment = instant(row)
    is_told = moment is not None and index_time(row, seen.parts) is None
    return keys.user_partition(second), keys.like_index_sort(str(moment), first) if is_told else stored[1]
