"""Who reacts to a post: mostly followers of its author and people of the author's topic, who had joined by then."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from random import Random

import attrs

from factories.texts.topics import TOPICS, topic_of
from services import User

_FOLLOWERS, _ALIKE = 0.6, 0.25
"""The shares of those who follow the author, and of those of the author's topic; the rest is anybody. Our choice."""


class Crowd:
    """The users of a world by their place in it, and who of them follows whom."""

    def __init__(self, users: Sequence[User], followers_of: Callable[[int], Iterable[int]]) -> None:
        self._joined = [user.created_at for user in users]
        self._topics = [topic_of(user.id) for user in users]
        self._everybody = self._line(range(len(users)))
        self._followers_of = followers_of
        self._followed: tuple[int, _Line] | None = None  # an author's posts are neighbours
        by_topic: dict[str, list[int]] = {topic: [] for topic in TOPICS}
        for place in self._everybody.places:
            by_topic[self._topics[place]].append(place)
        self._by_topic = {topic: self._line(places) for topic, places in by_topic.items()}

    def around(self, author: int, at: datetime) -> Circle:
        """Return who may react to what the author at this place posts then."""
        followers, alike = self._followers(author).until(at), self._by_topic[self._topics[author]].until(at)
        return Circle(author, followers, alike, self._everybody.places, len(self._everybody.until(at)))

    def _followers(self, author: int) -> _Line:
        if self._followed is None or self._followed[0] != author:
            self._followed = author, self._line(self._followers_of(author))
        return self._followed[1]

    def _line(self, places: Iterable[int]) -> _Line:
        ordered = sorted(places, key=self._joined.__getitem__)
        return _Line(ordered, [self._joined[place] for place in ordered])


@attrs.frozen
class _Line:
    """Places of users by when they joined."""

    places: Sequence[int]
    joined: Sequence[datetime]

    def until(self, at: datetime) -> Sequence[int]:
        return self.places[: bisect_right(self.joined, at)]


@attrs.frozen
class Circle:
    """Followers and people alike who had joined; and all, by when they joined, so many of them before."""

    author: int
    followers: Sequence[int]
    alike: Sequence[int]
    everybody: Sequence[int]
    known: int

    def sample(self, count: int, random: Random) -> list[int]:
        """Return so many different users; the author, and who joined later, only where others are too few."""
        chosen = dict.fromkeys(_some(self.followers, count * _FOLLOWERS, random))
        chosen |= dict.fromkeys(_some(self.alike, count * _ALIKE, random))
        chosen.pop(self.author, None)
        known, everybody = self.known, self.everybody
        for _ in range(2 * (count - len(chosen))):  # enough, unless nearly everybody is wanted
            place = everybody[int(random.random() * known)]
            if place != self.author and len(chosen) < count:
                chosen[place] = None
        if len(chosen) < count:
            others = (everybody[place] for place in random.sample(range(known), known))
            chosen |= dict.fromkeys(place for place in [*others, *everybody[known:]] if place != self.author)
            chosen[self.author] = None
        return list(chosen)[:count]

    def one(self, random: Random) -> int:
        """Return any of them; the author only where there is nobody else."""
        part = random.random()
        among: Sequence[int] = ()
        if part < _FOLLOWERS and self.followers:
            among = self.followers
        elif part < _FOLLOWERS + _ALIKE and self.alike:
            among = self.alike
        place = self._any(among, random)
        return place if place != self.author else self._any(self.followers or among, random)

    def _any(self, among: Sequence[int], random: Random) -> int:
        """Choose of some, or where there are none of all who are known, who are not copied for it."""
        return random.choice(among) if among else self.everybody[random.choice(range(self.known))]


def _some(places: Sequence[int], share: float, random: Random) -> list[int]:
    return random.sample(places, min(len(places), round(share)))
