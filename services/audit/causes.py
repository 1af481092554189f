"""Rows whose user or post is gone, and rows older than it: one query a kind of row."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import attrs

from services.audit.checking import MakeKey, post_key
from services.audit.facts import Facts
from services.audit.findings import Finding, Kind, Remedy, describe
from services.rows import keys


@attrs.frozen
class Cause:
    """What a row cannot be without: the attribute that names it, the fact's column, and the table that it is in."""

    attribute: str
    column: str
    table: str

    def columns(self) -> str:
        """Write what is asked about it."""
        name, row = self.column, f"{self.column}_row"
        return f"id(c.{name}) AS {name}, {row}.n IS NULL AND NOT {self._is_lost} AS {name}_gone, {row}.at AS {name}_at"

    @property
    def _is_lost(self) -> str:
        # One that others prove is a finding of its own, and what hangs on it none.
        table, named = self.table, self.column
        return f"EXISTS (SELECT 1 FROM lost_{table} AS lost WHERE lost.n = c.{named})"  # noqa: S608 - our own names

    def join(self) -> str:
        """Write where it is looked up."""
        return f"LEFT JOIN {self.table} AS {self.column}_row ON {self.column}_row.n = c.{self.column}"

    def wrong(self, differs: str) -> str:
        """Write when something is wrong with it."""
        row = f"{self.column}_row"
        gone = f"({row}.n IS NULL AND c.{self.column} IS NOT NULL AND NOT {self._is_lost})"
        return f"{gone} OR c.at {differs} {row}.at" if differs else gone


@attrs.frozen
class Child:
    """A kind of row, its key, and its causes. `differs` tells when its time is wrong; "": another check does.

    One without its cause is deleted: posts and comments are not among them, since they prove their author.
    """

    table: str
    key: MakeKey
    ids: tuple[str, str]
    causes: tuple[Cause, ...]
    differs: str = "<"

    def findings(self, facts: Facts) -> Iterator[Finding]:
        """Find the rows with a cause that is gone or younger."""
        columns = ", ".join(cause.columns() for cause in self.causes)
        joins = " ".join(cause.join() for cause in self.causes)
        wrong = " OR ".join(cause.wrong(self.differs) for cause in self.causes)
        query = f"""
            SELECT {self.ids[0]} AS a, {self.ids[1]} AS b, c.at AS at, {columns}
            FROM {self.table} AS c {joins} WHERE {wrong}
        """  # noqa: S608 - our own names
        for answer in facts.ask(query):
            for cause in self.causes:
                yield from self._findings_of(answer, cause)

    def _findings_of(self, answer: sqlite3.Row, cause: Cause) -> Iterator[Finding]:
        key, named, at = self.key(answer["a"], answer["b"]), answer[cause.column], answer["at"]
        cause_at = answer[f"{cause.column}_at"]
        if answer[f"{cause.column}_gone"]:
            if named is not None:
                why = describe(key, f"{cause.attribute} is {named!r}, there is no such {cause.table}")
                yield Finding(Kind.ORPHAN, key, why, cause.attribute, named, remedy=Remedy.DELETE)
        elif at is not None and cause_at is not None and _differs(at, cause_at, self.differs):
            why = describe(key, f"created_at is {at}, before the {cause.table} {named!r}, {cause_at}")
            yield Finding(Kind.TIME, key, why, "created_at", at, cause_at)


def _differs(at: str, cause_at: str, differs: str) -> bool:
    return bool(differs) and at < cause_at


_POST, _USER = Cause("post_id", "post", "post"), Cause("user_id", "user", "user")
_ENDS = Cause("follower_id", "follower", "user"), Cause("followee_id", "followee", "user")

CHILDREN = (
    Child("post", post_key, ("id(c.n)", "''"), (Cause("author_id", "author", "user"),)),
    Child("authored", keys.authored_key, ("id(c.author)", "id(c.post)"), (Cause("PK", "author", "user"),), ""),
    Child("liking", keys.like_key, ("id(c.post)", "id(c.user)"), (_POST, _USER)),
    Child("comment", keys.comment_key, ("id(c.post)", "c.id"), (_POST, _USER)),
    Child("follow", keys.follow_key, ("id(c.follower)", "id(c.followee)"), _ENDS),
    Child("follower", keys.follower_key, ("id(c.followee)", "id(c.follower)"), _ENDS),
    Child("feed", keys.feed_key, ("id(c.reader)", "id(c.post)"), (Cause("reader_id", "reader", "user"),), ""),
)
