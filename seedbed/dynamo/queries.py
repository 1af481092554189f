"""What is asked for of one partition, whoever reads it: a table, a dry run over it, or a session."""

from __future__ import annotations

from typing import Generic, NamedTuple, Protocol, TypeAlias, TypeVar

from seedbed.dynamo.rows import Key, Row

P = TypeVar("P")

IndexPosition: TypeAlias = tuple[str, Key]
"""A place in a partition of the index: index sort key, and the row's own key."""


class Query(NamedTuple, Generic[P]):
    """Rows of a partition whose sort keys begin with `prefix`, in their order, from behind `after`."""

    partition: str
    prefix: str
    after: P | None = None
    is_descending: bool = False
    limit: int | None = None


class Reader(Protocol):
    """Whoever reads rows of a partition."""

    def find_rows(self, wanted: Query[str]) -> list[Row]:
        """Return rows of a partition by sort key."""

    def find_in_index(self, wanted: Query[IndexPosition]) -> list[Row]:
        """Return keys of rows from a partition of the index, by its sort key."""


class Queries:
    """How a reader is asked by its callers: written here once."""

    def query(
        self: Reader,
        partition: str,
        prefix: str,
        *,
        after: str | None = None,
        is_descending: bool = False,
        limit: int | None = None,
    ) -> list[Row]:
        """Return rows whose sort keys begin with `prefix`, in their order, from behind `after`, at most `limit`.

        They are read consistently. Cost: 1 Query per 1 MB.
        """
        return self.find_rows(Query(partition, prefix, after, is_descending, limit))

    def query_index(
        self: Reader,
        partition: str,
        prefix: str,
        *,
        after: IndexPosition | None = None,
        is_descending: bool = False,
        limit: int | None = None,
    ) -> list[Row]:
        """Return the keys of rows from the index, as `query` does; eventually consistent. Cost: 1 Query per 1 MB."""
        return self.find_in_index(Query(partition, prefix, after, is_descending, limit))
