"""What every check is: a query over the facts, and what its answers mean."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import attrs

from seedbed.dynamo.rows import Key
from services.audit.facts import Facts
from services.audit.findings import Finding, Kind, Remedy, describe
from services.rows import keys

MakeKey: TypeAlias = Callable[[str, str], Key]
"""Makes a row's key of the two ids in it."""


def user_key(user_id: str, _nothing: str) -> Key:
    """Name a user's row."""
    return keys.user_key(user_id)


def post_key(post_id: str, _nothing: str) -> Key:
    """Name a post's row."""
    return keys.post_key(post_id)


def claim_key(partition: str, _nothing: str) -> Key:
    """Name a claim's row by its partition."""
    return partition, keys.CLAIM


@attrs.frozen
class Check:
    """A query with the columns a and b (the key's ids), stored and expected, and more for its message.

    A check for rows that are missing has their attributes as columns, named in `row`, in place of stored and expected.
    Where `remedy` is to set what is right, and the facts do not tell that, it is a person's.
    """

    kind: Kind
    key: MakeKey
    attribute: str | None
    message: str
    query: str
    row: tuple[str, ...] = ()
    remedy: Remedy = Remedy.PERSON

    def findings(self, facts: Facts) -> Iterator[Finding]:
        """Ask, and say what the answers mean."""
        for answer in facts.ask(self.query):
            told_of = self._plain(answer)
            key = self.key(told_of["a"], told_of["b"])
            yield Finding(
                self.kind,
                key,
                describe(key, self.message.format_map(told_of)),
                told_of.get("attribute", self.attribute),
                told_of.get("stored"),
                {name: told_of[name] for name in self.row} if self.row else told_of["expected"],
                self._remedy(told_of),
            )

    def _remedy(self, told_of: dict[str, Any]) -> Remedy:
        if "remedy" in told_of:
            return Remedy(told_of["remedy"])
        is_open = self.remedy is Remedy.SET and told_of["expected"] is None
        return Remedy.PERSON if is_open else self.remedy

    def _plain(self, answer: sqlite3.Row) -> dict[str, Any]:
        values = {name: bool(answer[name]) if name.startswith("is_") else answer[name] for name in answer.keys()}  # noqa: SIM118 - a Row iterates over its values
        if self.kind is Kind.COUNTER and isinstance(values["stored"], str):
            values["stored"] = json.loads(values["stored"])  # no number: it comes as DynamoDB's JSON
        # What is right may be a truth value: it comes under a name that says so.
        return values | ({"expected": values["is_expected"]} if "is_expected" in values else {})
