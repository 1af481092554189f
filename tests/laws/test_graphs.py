"""The laws of follow graphs: each pair once, nobody with oneself, the sizes asked for, the same key the same graph."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories.graphs import STRATEGIES, community, edges
from factories.graphs.bits import Bits
from tests.laws.effort import LAWS

KEYS = st.integers(0, 2**64 - 1)


def _pairs(follows):
    return [tuple(pair) for pair in follows.tolist()]


@st.composite
def crowds(draw):
    """How many each follows, what each cares for, and how many followers there is room for."""
    count = draw(st.integers(2, 40))
    each = st.lists(st.integers(0, count - 1), min_size=count, max_size=count)
    return draw(each), draw(st.lists(st.integers(0, 3), min_size=count, max_size=count)), draw(each)


@LAWS
@given(strategy=st.sampled_from(sorted(STRATEGIES)), count=st.integers(2, 60), mean=st.integers(1, 20), key=KEYS)
def test_every_pair_is_there_once_and_nobody_follows_oneself(strategy, count, mean, key):
    pairs = _pairs(edges(count, strategy, key, mean=mean))

    assert len(set(pairs)) == len(pairs) > 0
    assert all(follower != followee for follower, followee in pairs)
    assert {one for pair in pairs for one in pair} <= set(range(count))
    assert pairs == sorted(pairs)


@LAWS
@given(crowd=crowds(), key=KEYS)
def test_everybody_follows_exactly_as_many_as_wanted(crowd, key):
    wanted, topics, _ = crowd
    follows = community(np.array(wanted), Bits(key), topics=topics)

    assert np.bincount(follows[:, 0], minlength=len(wanted)).tolist() == wanted


@LAWS
@given(crowd=crowds(), key=KEYS)
def test_nobody_gets_more_followers_than_there_is_room_for_and_none_is_left_over(crowd, key):
    wanted, topics, room = crowd
    pairs = _pairs(community(np.array(wanted), Bits(key), topics=topics, room=np.array(room)))
    following, followers = (np.bincount([pair[end] for pair in pairs] or [0], minlength=len(wanted)) for end in (0, 1))
    if not pairs:
        following, followers = np.zeros(len(wanted)), np.zeros(len(wanted))

    assert (followers <= room).all()
    lacking = [one for one, number in enumerate(wanted) if following[one] < number]
    free = [one for one, number in enumerate(room) if followers[one] < number]
    assert all(one == other or (one, other) in pairs for one in lacking for other in free)


@pytest.mark.parametrize("strategy", ["random", "community"])
def test_a_user_follows_as_many_on_average_as_asked_for(strategy):
    follows = edges(3_000, strategy, 1, mean=10)

    numbers = np.bincount(follows[:, 0], minlength=3_000)
    assert (numbers.min(), numbers.max()) == (1, 19)
    assert abs(numbers.mean() - 10) < 0.5


@pytest.mark.parametrize(
    ("strategy", "checksum"),
    [
        ("random", "9862ee9eb71f8b00"),
        ("influencer", "4577476b2d32dd6f"),
        ("complete", "d47fa64c5d691338"),
        ("community", "5b06ff07f1e4729b"),
    ],
)
def test_a_key_gives_the_recorded_graph_on_every_machine(strategy, checksum):
    topics = [user % 5 for user in range(500)]
    follows = edges(500, strategy, 7, topics=topics)

    assert hashlib.sha256(follows.astype("<i4").tobytes()).hexdigest()[:16] == checksum


def test_another_key_gives_another_graph():
    assert _pairs(edges(50, "community", 1)) != _pairs(edges(50, "community", 2))
