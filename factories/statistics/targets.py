"""The targets: what each statistic is held against, from which size on, and where that comes from."""

from __future__ import annotations

from collections.abc import Mapping

from factories.statistics.statistic import Target

_KWAK = "Kwak et al., What is Twitter, WWW 2010"
_UGANDER = "Ugander et al., Anatomy of the Facebook Social Graph, 2011"
_LDBC = "LDBC Social Network Benchmark, data generator"
_OURS = "our choice"


def _target(low: float, high: float | None, least: tuple[int, str], source: str) -> Target:
    return Target(low=low, high=high, least=least[0], of=least[1], source=source)


TARGETS: Mapping[str, Target] = {
    "followers_tail_exponent": _target(
        1.9, 3.3, (1_000, "people with followers"), f"{_KWAK}: 2.28; fitted as Clauset et al. 2009"
    ),
    "followers_of_top_percent": _target(
        0.05, 0.6, (1_000, "people with followers"), f"{_OURS}; with the exponent 2.28 it nears 0.37 (Newman 2005)"
    ),
    "reciprocity": _target(0.15, 0.32, (500, "members"), f"{_KWAK}: 0.221 of connected pairs"),
    "clustering": _target(0.10, 0.45, (500, "members"), f"{_UGANDER}: 0.14 where somebody knows 100 others"),
    "giant_component": _target(0.99, 1, (50, "people"), f"{_UGANDER}: 0.999"),
    "mean_distance": _target(1, 5, (50, "members"), f"{_UGANDER}: 4.7 among 721 million; less among fewer"),
    "topic_affinity": _target(1.5, None, (50, "members"), f"{_LDBC}: 45 % of acquaintances by interest"),
    "likes_of_top_tenth": _target(0.15, 0.9, (100, "posts"), f"{_LDBC}: likes are heavy-tailed"),
    "likes_within_week": _target(0.9, 1, (500, "likes"), f"{_LDBC}: all within 7 days, of those who are members then"),
    "likes_daily_rhythm": _target(2, 20, (2_000, "likes"), f"{_OURS}: the liveliest hour over the quietest"),
    "effects_before_causes": _target(0, 0, (1, "rows"), "nothing happens before its cause"),
    "repeated_captions": _target(0, 0, (50, "posts"), f"{_OURS}: in a page of fifty nobody reads the same twice"),
    "repeated_comments": _target(0, 0, (50, "comments"), f"{_OURS}: nor among a post's first fifty comments"),
}
"""By the statistic's name, in the order of reports."""
