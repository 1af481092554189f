"""Bursts: a few times a month a topic is everybody's for 72 hours (LDBC SNB's generator calls them flash mobs)."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from factories.rhythm import awake
from factories.texts.topics import TOPICS, interests_of
from seedbed.strategy.randomness import KeyedRandom, key_of
from services import User

_SPAN = timedelta(hours=72)
_EVERY = timedelta(days=10)
"""A flash mob begins in each: three a month."""
_JOINS = 0.3
"""The share of posts that are part of one, where the author's topics have any. Our choice."""


class FlashMobs:
    """The flash mobs between two moments, and when people post."""

    def __init__(self, earliest: datetime, latest: datetime) -> None:
        self._latest = latest
        self._begun: dict[str, list[datetime]] = {topic: [] for topic in TOPICS}
        for ordinal in range((latest - earliest) // _EVERY):
            random = KeyedRandom(key_of("flash mob", ordinal))
            self._begun[random.choice(TOPICS)].append(earliest + _EVERY * (ordinal + random.random()))

    def post(self, author: User, random: Random) -> tuple[datetime, str | None]:
        """Draw when an author posts, and on what: None is for what they mostly post on."""
        part = random.random()
        if random.random() < _JOINS:
            mobs = [
                (begun, topic)
                for topic in interests_of(author.id)
                for begun in self._begun[topic]
                if author.created_at <= begun <= self._latest - _SPAN
            ]
            if mobs:
                begun, topic = random.choice(mobs)
                return awake(begun, begun + _SPAN, part), topic
        return awake(author.created_at, self._latest, part), None
