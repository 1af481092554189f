"""`seed plan`: what a preset's world takes, both ways in, before anything of it is made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from factories.planning import cheaper, limits_of, simulate, sizes_of, ways_in
from factories.planning.ways import as_time, as_usd
from seedbed.command.console import Console
from seedbed.command.errors import UsageError
from seedbed.dynamo import prices

if TYPE_CHECKING:
    from factories.command.orders import Order
    from factories.command.target import Target
    from factories.planning import Sizes, Way

WORKERS = (1, 8, 64)
LIKES_A_SECOND = 10_000
"""Of one process, about, when nothing hinders it."""
LIMITS_SHOWN = 4
KINDS = {
    "USER": "users",
    "POST": "posts",
    "LIKE": "likes",
    "COMMENT": "comments",
    "FOLLOW": "follows",
    "FEED_ITEM": "feed items",
}


def plan(target: Target, order: Order, processes: int | None) -> int:
    """Print what a preset's world takes; return the exit code.

    Raises:
        UsageError: no preset is named: of a scenario a dry run tells.
    """
    if order.preset is None or order.scenarios:
        message = "plan is for presets: of a scenario --dry-run tells, exactly and in a moment"
        raise UsageError(message)
    workers = WORKERS if processes is None else (processes,)
    sizes = sizes_of(order.preset)
    ways = ways_in(sizes)
    console = Console()
    if target.json:
        console.print(json.dumps(_as_json(str(order.env), sizes, ways, workers)))
    else:
        console.print(*_lines(str(order.env), sizes, ways, workers))
    return 0


def _as_json(name: str, sizes: Sizes, ways: tuple[Way, Way], workers: tuple[int, ...]) -> dict[str, Any]:
    course = simulate(sizes.likes_most, LIKES_A_SECOND * workers[-1])
    return {
        "preset": name,
        "rows": sizes.total,
        "rows_by_kind": dict(sizes.rows),
        "table_bytes": sizes.table_bytes,
        "json_bytes": sizes.json_bytes,
        **{way.name: way.as_json(workers) for way in ways},
        "cheaper": min(ways, key=lambda way: way.usd).name,
        "verdict": cheaper(ways, workers[-1]),
        "hottest_post": {
            "likes": sizes.likes_most,
            "seconds": course.seconds,
            "throttled_seconds": course.throttled_seconds,
        },
        "limits": [limit.as_json() for limit in limits_of(sizes)],
    }


def _lines(name: str, sizes: Sizes, ways: tuple[Way, Way], workers: tuple[int, ...]) -> Iterator[str]:
    yield f"{name}: about {sizes.total:,} rows, {_bytes(sizes.table_bytes)} in the table; nothing was made"
    for kind, said in KINDS.items():
        yield f"  {said:<14}{sizes.count(kind):>18,}"
    yield f"  {'':<14}" + "".join(f"{way.name:>18}" for way in ways)
    yield f"  {'API calls':<14}" + "".join(f"{way.calls:>18,}" for way in ways)
    yield f"  {'write units':<14}" + "".join(f"{way.write_units:>18,}" for way in ways)
    yield f"  {'on AWS':<14}" + "".join(f"{as_usd(way.usd):>18}" for way in ways)
    for number in workers:
        label = f"{number} process{'es' if number > 1 else ''}"
        yield f"  {label:<14}" + "".join(f"{as_time(way.seconds(number)):>18}" for way in ways)
    yield f"an export has {_bytes(sizes.json_bytes)} before it is compressed; the table costs {_storage(sizes)} a month"
    yield cheaper(ways, workers[-1])
    yield from _hottest(sizes, workers[-1])
    yield from _limits(sizes)


def _hottest(sizes: Sizes, workers: int) -> Iterator[str]:
    course = simulate(sizes.likes_most, LIKES_A_SECOND * workers)
    calm = "no second of it throttled" if course.is_calm else f"{course.throttled_seconds:,} s of them throttled"
    yield f"the hottest post: {sizes.likes_most:,} likes, which its partition takes in {course.seconds:,} s ({calm})"


def _limits(sizes: Sizes) -> Iterator[str]:
    yield "what it meets first (docs/scale.md):"
    for limit in limits_of(sizes)[:LIMITS_SHOWN]:
        passed = f"passed {limit.share:,.1f} times" if limit.share > 1 else f"{limit.share:.0%} of it"
        yield f"  {limit.name}: {passed}" + (f"; {limit.remedy}" if limit.share > 1 else "")


def _storage(sizes: Sizes) -> str:
    return as_usd(sizes.table_bytes / prices.GB * prices.USD_PER_GB_MONTH)


def _bytes(size: int) -> str:
    for unit, least in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if size >= least:
            return f"{size / least:,.1f} {unit}"
    return f"{size / 1e3:,.1f} kB"
