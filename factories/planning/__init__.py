"""A world on paper: how many rows a preset makes, what both ways in cost, and which limit it meets first."""

from __future__ import annotations

from factories.planning.limits import Limit, limits_of
from factories.planning.partitions import Course, simulate
from factories.planning.sizes import Sizes, sizes_of
from factories.planning.ways import Way, cheaper, ways_in, ways_of

__all__ = ["Course", "Limit", "Sizes", "Way", "cheaper", "limits_of", "simulate", "sizes_of", "ways_in", "ways_of"]
