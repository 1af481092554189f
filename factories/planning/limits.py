"""What a world meets first as it grows: each limit, how much of it the world takes, and what helps."""

from __future__ import annotations

from typing import Any, Final

import attrs

from factories.planning.sizes import Sizes
from seedbed.dynamo import prices

EMBEDDED_BYTES_A_ROW: Final = 1_100
PAPER_BYTES_A_ROW: Final = 350
"""A row of a dry run, or of an export's slice (docs/design.md)."""
PERSON_BYTES: Final = 1_500
"""What a process holds of each of the preset's users while it makes a world."""
MACHINE_BYTES: Final = 4_000_000_000
USERS_A_SECOND: Final = prices.PARTITION_UNITS / 2
"""New users of one run: their notes share a partition, and each is two units."""


@attrs.frozen
class Limit:
    """A limit, and how often this world would fill it: above 1 it is passed."""

    name: str
    share: float
    remedy: str

    def as_json(self) -> dict[str, Any]:
        """Return what `--json` prints."""
        return {"limit": self.name, "share": round(self.share, 4), "remedy": self.remedy}


def limits_of(sizes: Sizes) -> list[Limit]:
    """Return all limits, the one that is nearest first."""
    day = 24 * 3600
    found = [
        Limit(
            "the embedded engine's rows in 4 GB of memory",
            sizes.total * EMBEDDED_BYTES_A_ROW / MACHINE_BYTES,
            "an engine of its own, by --endpoint-url; or seed export",
        ),
        Limit(
            "a dry run's rows in 4 GB of memory",
            sizes.total * PAPER_BYTES_A_ROW / MACHINE_BYTES,
            "seed plan, or seed export, whose slices are small",
        ),
        Limit(
            "the preset's users in 4 GB of each process",
            sizes.count("USER") * PERSON_BYTES / MACHINE_BYTES,
            "fewer users with more likes each, or a larger machine",
        ),
        Limit(
            "a day of 40,000 write units a second, a table's quota",
            sizes.total * 2.2 / (prices.TABLE_UNITS_MOST * day),
            "a higher quota and warm throughput; or seed export and import",
        ),
        Limit(
            "a day of one partition for the notes of new users (500 a second)",
            sizes.count("USER") / (USERS_A_SECOND * day),
            "several runs, by several seeds; or seed export and import",
        ),
        Limit(
            "an hour of the hottest post's partition",
            sizes.likes_most * 2 / (prices.PARTITION_UNITS * 3600),
            "likes of many posts in turn; or seed export and import",
        ),
        Limit(
            "an hour of the partition of who has the most followers",
            sizes.followers_most * 2 / (prices.PARTITION_UNITS * 3600),
            "follows of many in turn; or seed export and import",
        ),
        Limit(
            "the 15 TB that imports read at once",
            sizes.json_bytes / (prices.IMPORT_TB * 1e12),
            "several tables, or transactions",
        ),
    ]
    return sorted(found, key=lambda limit: -limit.share)
