"""How the time of a world grows with its rows, from 10,000 to 1,000,000, on a real local engine.

    .venv/bin/python -m benchmarks.growth

Worlds of one shape and five sizes, each in an engine of its own. The exponent is the slope of the straight line that
fits log(seconds) over log(rows) best: 1 where twice the rows take twice the time.
"""

from __future__ import annotations

import json
import statistics
import tempfile
from math import log
from pathlib import Path
from typing import Any

from benchmarks.command import SEED, line, measured
from benchmarks.engine import local_engine

SIZES = (40, 120, 400, 1_200, 4_000)
"""Users; some 270 rows each."""
SHAPE = """
users = {users}
influencers = 0
follows_per_user = 10
posts_per_user = [5, 15]
likes_per_post = [5, 15]
comments_per_post = [1, 5]
"""


def made(users: int, folder: Path) -> tuple[int, float]:
    """Make a world; return its rows and the seconds that making it took."""
    path = folder / "world.toml"
    path.write_text(SHAPE.format(users=users))
    with local_engine(is_apart=True) as url:
        world = ["-e", str(path), "--seed", "7", "--as-of", "2026-11-01", "--json"]
        output, *_ = measured(*SEED, *world, "--endpoint-url", url)
    report: dict[str, Any] = json.loads(output)
    return report["rows"], report["seconds"]


def main() -> None:
    """Measure and print."""
    points = []
    with tempfile.TemporaryDirectory() as folder:
        for users in SIZES:
            rows, seconds = made(users, Path(folder))
            points.append((log(rows), log(seconds)))
            print(f"  {rows:>9,} rows {seconds:8.2f} s   {1e6 * seconds / rows:6.1f} us a row", flush=True)
    slope, _ = statistics.linear_regression(*zip(*points, strict=True))
    line("growth exponent of the time over the rows, local engine", slope, 1.05, unit="")


if __name__ == "__main__":
    main()
