"""What people care for: everybody has one topic of their own, and a second one that they sometimes turn to.

Both are functions of the person's id alone, so whoever holds an id (a factory, a graph, another program) knows them.
Topics are heavy-tailed: the first is of about a third of all people, the last of one in forty (Zipf's law).
"""

from __future__ import annotations

from bisect import bisect_right
from hashlib import blake2b
from itertools import accumulate

TOPICS: tuple[str, ...] = (
    "food",
    "travel",
    "music",
    "fitness",
    "pets",
    "photography",
    "gaming",
    "fashion",
    "books",
    "films",
    "garden",
    "tech",
)
"""What people care for, most frequent first."""

_TAIL = 10
"""So many last characters of an id decide. Of a UUID of version 7 they are random bits and no time."""
_SHARES = tuple(accumulate(1 / rank for rank in range(1, len(TOPICS) + 1)))


def topic_of(person_id: str) -> str:
    """Return the topic of the person with this id. Cost: two microseconds."""
    return TOPICS[_ranks(person_id)[0]]


def interests_of(person_id: str) -> tuple[str, str]:
    """Return a person's topic, and another one that they turn to sometimes."""
    own, other = _ranks(person_id)
    return TOPICS[own], TOPICS[other]


def trait_of(person_id: str, name: str) -> float:
    """Return a number in [0, 1) that is this person's own, another one for every name."""
    digest = blake2b(person_id[-_TAIL:].encode("utf-8", "surrogatepass"), digest_size=4, person=name.encode()).digest()
    return int.from_bytes(digest, "big") / 2**32


def _ranks(person_id: str) -> tuple[int, int]:
    digest = blake2b(person_id[-_TAIL:].encode("utf-8", "surrogatepass"), digest_size=8).digest()
    own = _rank(int.from_bytes(digest[:4], "big"))
    other = _rank(int.from_bytes(digest[4:], "big"))
    return own, other if other != own else (own + 1) % len(TOPICS)


def _rank(bits: int) -> int:
    return bisect_right(_SHARES, bits / 2**32 * _SHARES[-1])
