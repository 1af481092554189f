"""The two ways into a table, in calls, units, dollars and hours: transactions through the services, or an import."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Any, Final

import attrs

from factories.planning.sizes import Sizes
from seedbed.dynamo import prices
from seedbed.dynamo.usage import Usage

PACK: Final = 100
"""Actions in one transaction."""
BATCH: Final = 25
"""Rows in one BatchWriteItem."""
FOLLOW_ACTIONS: Final = 2.3
"""Actions a follow in a pack that is a block of six by six (docs/design.md)."""
REPLIES: Final = 0.25
MICROSECONDS: Final[Mapping[str, float]] = {
    "USER": 300,
    "POST": 250,
    "LIKE": 60,
    "COMMENT": 110,
    "FOLLOW": 110,
    "FEED_ITEM": 15,
}
"""Processor time of one process for an entity, sent included: benchmarks/throughput.py on a 2-core machine of 2026."""
EXPORTED_MICROSECONDS: Final = 15
"""Beside that, for each row that is written into a file."""
SENT_SHARE: Final = 0.85
"""An export sends nothing: so much of the time is left."""
IMPORT_BYTES_A_SECOND: Final = 100_000_000
"""Our assumption, since AWS names no figure: an import reads so fast, 360 GB an hour."""


@attrs.frozen
class Way:
    """One way in. `table_seconds` is what the table itself takes, however many workers there are."""

    name: str
    calls: int
    write_units: int
    usd: float
    client_seconds: float
    table_seconds: float
    is_one_after_other: bool = False
    """An import begins when all is made; a table takes transactions while they are made."""

    def seconds(self, workers: int) -> float:
        """Tell how long it takes with so many processes."""
        client = self.client_seconds / workers
        return client + self.table_seconds if self.is_one_after_other else max(client, self.table_seconds)

    def as_json(self, workers: tuple[int, ...] = (1,)) -> dict[str, Any]:
        """Return what `--json` prints."""
        return {
            "calls": self.calls,
            "write_units": self.write_units,
            "usd": round(self.usd, 4),
            "hours": {str(number): round(self.seconds(number) / 3600, 3) for number in workers},
        }


def ways_in(sizes: Sizes, *, calls: int | None = None, write_units: int | None = None) -> tuple[Way, Way]:
    """Return transactions, then import; what a dry run has counted is taken for what is estimated else."""
    units = _units(sizes) if write_units is None else write_units
    client = sum(sizes.count(kind) * microseconds for kind, microseconds in MICROSECONDS.items()) / 1e6
    transactions = Way(
        "transactions",
        _calls(sizes) if calls is None else calls,
        units,
        units * prices.USD_PER_WRITE_UNIT,
        client,
        ramp_seconds(units),
    )
    objects = max(1, min(prices.IMPORT_OBJECTS, ceil(sizes.total / 100_000)))
    gigabytes = sizes.json_bytes / prices.GB
    imported = Way(
        "import",
        objects + 1,
        0,
        gigabytes * prices.USD_PER_GB_IMPORT + objects * prices.USD_PER_S3_PUT,
        SENT_SHARE * client + sizes.total * EXPORTED_MICROSECONDS / 1e6,
        sizes.json_bytes / IMPORT_BYTES_A_SECOND,
        is_one_after_other=True,
    )
    return transactions, imported


def ways_of(usage: Usage) -> tuple[Way, Way]:
    """Return both ways in for what a dry run has counted."""
    return ways_in(Sizes(usage.rows), calls=usage.total_calls, write_units=usage.write_units)


def cheaper(ways: tuple[Way, Way], workers: int) -> str:
    """Say which way costs less, and which is faster, and by how much."""
    cheap, dear = sorted(ways, key=lambda way: way.usd)
    quick, slow = sorted(ways, key=lambda way: way.seconds(workers))
    money = f"{as_usd(dear.usd - cheap.usd)} ({as_usd(cheap.usd)} for {as_usd(dear.usd)})"
    spared = as_time(slow.seconds(workers) - quick.seconds(workers))
    spared += f" with {workers} {'process' if workers == 1 else 'processes'}"
    if cheap.name == quick.name:
        return f"the way by {cheap.name} is cheaper by {money}, and faster by {spared}"
    return f"the way by {cheap.name} is cheaper by {money}, the one by {quick.name} faster by {spared}"


def as_usd(usd: float) -> str:
    """Write an amount for people."""
    return f"{usd:,.2f} USD" if usd >= 1 else f"{usd:.4f} USD"


def as_time(seconds: float) -> str:
    """Write a span for people."""
    for unit, size in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:,.1f} {unit}"
    return f"{seconds:,.1f} s"


def ramp_seconds(units: float, start: float = prices.TABLE_UNITS_NEW, most: float = prices.TABLE_UNITS_MOST) -> float:
    """Tell how long a new table takes for so many write units: twice as many each half hour, up to its quota."""
    seconds, rate = 0.0, start
    while rate < most and units > rate * prices.DOUBLES_SECONDS:
        units -= rate * prices.DOUBLES_SECONDS
        seconds += prices.DOUBLES_SECONDS
        rate = min(most, 2 * rate)
    return seconds + units / rate


def _units(sizes: Sizes) -> int:
    """Estimate the write units of all transactions: two a row and 1 KB, one an index entry, and the counters' rows."""
    users, posts, follows = (sizes.count(kind) for kind in ("USER", "POST", "FOLLOW"))
    likes, comments = sizes.count("LIKE"), sizes.count("COMMENT")
    rows = 2 * (5 * users + 2 * posts + 2 * follows + likes + comments) + likes + comments
    counters = 2 * (
        posts
        + (FOLLOW_ACTIONS - 2) * follows
        + _packs_of_posts(posts, likes)
        + _packs_of_posts(posts, comments)
        + REPLIES * comments
    )
    return round(rows + counters - 2 * posts + sizes.count("FEED_ITEM"))


def _packs_of_posts(posts: float, under: float) -> float:
    """Return how often a post's row is counted on: once in each pack that has something of it."""
    return max(posts, under / PACK) if under else 0


def _calls(sizes: Sizes) -> int:
    users, posts, follows = (sizes.count(kind) for kind in ("USER", "POST", "FOLLOW"))
    likes, comments = sizes.count("LIKE"), sizes.count("COMMENT")
    under = _packs_of_posts(posts, likes) + _packs_of_posts(posts, comments) + (1 + REPLIES) * comments + likes
    actions = 5 * users + 2.3 * posts + FOLLOW_ACTIONS * follows + under
    return ceil(actions / PACK + sizes.count("FEED_ITEM") / BATCH + posts / PACK)
