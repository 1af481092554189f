"""`Portrait`: all statistics of a world, from the facts that an audit collected.

People are all users, members those who have posted: a preset's audience only follows influencers, and would drown
what goes on among the members.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import attrs
import numpy as np

from factories.graphs import Edges, Ints
from factories.statistics.networks import Connections, reciprocity, tail, top_share
from factories.statistics.statistic import Statistic
from factories.statistics.targets import TARGETS
from factories.texts.topics import topic_of
from services.audit.facts import Facts

Figure: TypeAlias = tuple[float | None, int]
"""A value, and how many things were looked at."""

_PAGE = 50
_LIKES = 50_000
"""About so many likes are looked at for the statistics of time: those of every n-th post."""
_HOURS = 24
_SHOWN = ("followers_tail_exponent", "reciprocity", "clustering")

# A page of a world: fifty posts that follow each other in time.
_CAPTIONS = f"""
    SELECT COUNT(*) AS total, COUNT(*) - COUNT(DISTINCT page || ' ' || wording) AS repeated FROM (
        SELECT wording, (ROW_NUMBER() OVER (ORDER BY at DESC, n) - 1) / {_PAGE} AS page FROM post
    )
"""  # noqa: S608 - our own number
_COMMENTS = f"""
    SELECT COUNT(*) AS total, COUNT(*) - COUNT(DISTINCT post || ' ' || wording) AS repeated FROM (
        SELECT post, wording, ROW_NUMBER() OVER (PARTITION BY post ORDER BY at, id) AS place FROM comment
    ) WHERE place <= {_PAGE}
"""  # noqa: S608 - as above
_EARLY = """
    SELECT (SELECT COUNT(*) FROM {table}) AS total, COUNT(*) AS early FROM {table} AS c
    {joins} WHERE {wrong}
"""
_CAUSES = (
    ("post", "JOIN user AS a ON a.n = c.author", "c.at < a.at"),
    ("liking", "JOIN user AS a ON a.n = c.user JOIN post AS p ON p.n = c.post", "c.at < a.at OR c.at < p.at"),
    ("comment", "JOIN user AS a ON a.n = c.user JOIN post AS p ON p.n = c.post", "c.at < a.at OR c.at < p.at"),
    ("follow", "JOIN user AS a ON a.n = c.follower JOIN user AS b ON b.n = c.followee", "c.at < a.at OR c.at < b.at"),
)


@attrs.frozen
class Portrait:
    """What a table's world looks like, in the order of `TARGETS`."""

    statistics: tuple[Statistic, ...]

    def __getitem__(self, name: str) -> Statistic:
        """Return a statistic by its name."""
        return next(one for one in self.statistics if one.name == name)

    @property
    def held(self) -> tuple[Statistic, ...]:
        """The statistics that the world is large enough for."""
        return tuple(one for one in self.statistics if one.is_held)

    @property
    def missed(self) -> tuple[Statistic, ...]:
        """The statistics that are held against their target and miss it."""
        return tuple(one for one in self.statistics if not one.is_met)

    def as_json(self) -> dict[str, Any]:
        """Return what `--json` prints."""
        return {one.name: one.as_json() for one in self.statistics}

    def lines(self) -> Iterator[str]:
        """Yield the summary for people: how many figures are held, some of them, and what is otherwise elsewhere."""
        held, total = len(self.held), len(self.statistics)
        yield f"world: at this size {held} of {total} figures can be compared with real networks{self._verdict()}"
        yield from (f"  {one}" for one in self.held if one.name in _SHOWN or one in self.missed)

    def _verdict(self) -> str:
        missed = len(self.missed)
        if not missed:
            return ": all are alike" if self.held else ""
        return f": {len(self.held) - missed} alike, {missed} not (a matter of looks: the audit's numbers stand)"


def portrait_of(facts: Facts) -> Portrait:
    """Take all statistics.

    Cost: 0.02 seconds for the realistic preset; linear in follows, likes and comments, of which the times are sampled.
    """
    figures = {**_network(facts), **_likes(facts), **_order(facts)}
    return Portrait(tuple(Statistic(name, *figures[name], target) for name, target in TARGETS.items()))


def _array(facts: Facts, query: str, columns: int) -> Ints:
    values = np.fromiter((value for row in facts.ask(query) for value in row), np.int64)
    return values.reshape(-1, columns)


def _network(facts: Facts) -> Mapping[str, Figure]:
    people = _array(facts, "SELECT n FROM user ORDER BY n", 1)[:, 0]
    follows = _array(facts, "SELECT follower, followee FROM follow ORDER BY follower, followee", 2)
    follows = follows[np.isin(follows, people).all(axis=1)]
    pairs = np.searchsorted(people, follows).astype(np.int32)
    followers = np.bincount(pairs[:, 1], minlength=len(people))
    fit, followed = tail(followers), int((followers > 0).sum())
    return {
        "followers_tail_exponent": (fit.exponent if fit else None, followed),
        "followers_of_top_percent": (top_share(followers[followers > 0], 0.01) if len(pairs) else None, followed),
        "giant_component": (Connections(pairs, len(people)).giant() if len(people) else None, len(people)),
        **_members(facts, follows),
    }


def _members(facts: Facts, follows: Ints) -> Mapping[str, Figure]:
    authors = [(row["n"], topic_of(row["name"])) for row in facts.ask(_AUTHORS)]
    numbers = np.array([number for number, _ in authors], np.int64)
    pairs: Edges = np.searchsorted(numbers, follows[np.isin(follows, numbers).all(axis=1)]).astype(np.int32)
    size = len(numbers)
    if not len(pairs):
        return dict.fromkeys(("reciprocity", "clustering", "mean_distance", "topic_affinity"), (None, size))
    connections = Connections(pairs, size)
    return {
        "reciprocity": (reciprocity(pairs, size), size),
        "clustering": (connections.clustering(), size),
        "mean_distance": (connections.distance(), size),
        "topic_affinity": (_affinity(pairs, np.unique([topic for _, topic in authors], return_inverse=True)[1]), size),
    }


_AUTHORS = """
    SELECT n, id(n) AS name FROM user WHERE n IN (SELECT author FROM post) ORDER BY n
"""


def _affinity(pairs: Edges, topics: Ints) -> float:
    """Return how many times as many follows stay within a topic as would by chance."""
    shares = np.bincount(topics) / len(topics)
    return float((topics[pairs[:, 0]] == topics[pairs[:, 1]]).mean() / (shares**2).sum())


def _likes(facts: Facts) -> Mapping[str, Figure]:
    counts = _array(facts, _LIKED, 1)
    total = int(counts.sum())
    within, looked, hours = 0, 0, np.zeros(_HOURS, np.int64)
    for row in facts.ask(_TIMES.format(step=max(1, total // _LIKES))):
        hours[row["hour"]] += row["total"]
        looked, within = looked + row["total"], within + row["within"]
    quietest = int(hours.min())
    return {
        "likes_of_top_tenth": (top_share(counts[:, 0], 0.1) if total else None, len(counts)),
        "likes_within_week": (within / looked if looked else None, looked),
        "likes_daily_rhythm": (int(hours.max()) / quietest if quietest else None, looked),
    }


_LIKED = """
    SELECT COALESCE(l.total, 0)
    FROM post AS p LEFT JOIN (SELECT post AS n, COUNT(*) AS total FROM liking GROUP BY post) AS l USING (n)
"""
_TIMES = """
    SELECT CAST(substr(l.at, 12, 2) AS INTEGER) AS hour, COUNT(*) AS total,
        SUM(julianday(l.at) - julianday(p.at) <= 7) AS within
    FROM liking AS l JOIN post AS p ON p.n = l.post
    WHERE l.post % {step} = 0 AND l.at IS NOT NULL AND p.at IS NOT NULL GROUP BY hour
"""


def _order(facts: Facts) -> Mapping[str, Figure]:
    total = early = 0
    for table, joins, wrong in _CAUSES:
        answer = next(facts.ask(_EARLY.format(table=table, joins=joins, wrong=wrong)))
        total, early = total + answer["total"], early + answer["early"]
    return {
        "effects_before_causes": (early, total),
        "repeated_captions": _repetition(facts, _CAPTIONS),
        "repeated_comments": _repetition(facts, _COMMENTS),
    }


def _repetition(facts: Facts, query: str) -> Figure:
    answer = next(facts.ask(query))
    return answer["repeated"], answer["total"]
