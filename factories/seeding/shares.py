"""A world in shares: each of them what some of the preset's users own, about as many rows as any other share."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate, pairwise

from factories.planning.sizes import sizes_of
from factories.presets import Preset

SHARE_ROWS = 40_000
"""What one process holds at a time: with it a process peaks at 320 MB, with 150,000 at 670 (`benchmarks.export`)."""


def shares_of(preset: Preset, least: int = 1) -> list[range]:
    """Cut a preset's users into shares of a size, in order: so many at least, where there are so many users."""
    number = max(least, -(-sizes_of(preset).total // SHARE_ROWS))
    ends = list(accumulate(_weights(preset)))
    edges = {bisect_left(ends, ends[-1] * part / number) + 1 for part in range(1, number)}
    return [range(*pair) for pair in pairwise(sorted({0, *edges, preset.users}))]


def _weights(preset: Preset) -> Iterable[float]:
    """Yield about how many rows each user owns: influencers, who stand first, have followers beside."""
    sizes = sizes_of(preset)
    fans = preset.influencer_followers
    followers = 2 * (fans.min + (fans.max - fans.min) / 4)
    rest = max(1.0, (sizes.total - preset.influencers * followers) / preset.users)
    for place in range(preset.users):
        yield rest + followers * (place < preset.influencers)
