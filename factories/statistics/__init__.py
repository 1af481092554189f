"""Whether a world is believable: statistics of what a table holds, each beside its target and the target's source.

They are taken from the facts that the audit collects, in the audit's own pass, and know nothing of how the world was
made. They are no business of its verdict: a world may be right and odd. `docs/world.md` tells what they mean.
"""

from __future__ import annotations

from factories.statistics.portrait import Portrait, portrait_of
from factories.statistics.statistic import Statistic

__all__ = ["Portrait", "Statistic", "portrait_of"]
