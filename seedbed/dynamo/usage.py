"""What calls of the table cost: counted where they are sent, so that a summary never estimates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import attrs

from seedbed import forks

USD_PER_MILLION_WRITE_UNITS = 0.625
"""On demand, us-east-1, since November 2024 (secondary sources; AWS's own price list has the last word)."""


@attrs.frozen
class Usage:
    """A count of what was sent: API calls by operation, rows put, rows deleted, write units.

    `rows` is how many rows of each entity type there are more (or fewer) for it.
    """

    calls: Counter[str] = attrs.Factory(Counter)
    rows: Counter[str] = attrs.Factory(Counter)
    rows_put: int = 0
    rows_deleted: int = 0
    write_units: int = 0

    @property
    def total_calls(self) -> int:
        """All API calls."""
        return sum(self.calls.values())

    @property
    def usd(self) -> float:
        """What the write units cost on AWS, on demand."""
        return self.write_units * USD_PER_MILLION_WRITE_UNITS / 1_000_000

    def since(self, before: Usage) -> Usage:
        """Return what was added since an earlier count."""
        rows = Counter(self.rows)
        rows.subtract(before.rows)
        return Usage(
            self.calls - before.calls,
            rows,
            self.rows_put - before.rows_put,
            self.rows_deleted - before.rows_deleted,
            self.write_units - before.write_units,
        )


class Meter:
    """Counts, for several threads at once."""

    def __init__(self) -> None:
        self._lock = forks.new_lock()
        self._calls: Counter[str] = Counter()
        self._rows: Counter[str] = Counter()
        self._rows_put = self._rows_deleted = self._write_units = 0

    def count_call(self, operation: str) -> None:
        """Count one API call."""
        with self._lock:
            self._calls[operation] += 1

    def count_writes(self, *, puts: Sequence[str], deletes: Sequence[str], units: int) -> None:
        """Count rows, by their entity types, and write units that an answered call wrote."""
        with self._lock:
            self._rows.update(puts)
            self._rows.subtract(deletes)
            self._rows_put += len(puts)
            self._rows_deleted += len(deletes)
            self._write_units += units

    def read(self) -> Usage:
        """Return the count so far."""
        with self._lock:
            return Usage(
                Counter(self._calls),
                Counter(self._rows),
                self._rows_put,
                self._rows_deleted,
                self._write_units,
            )
