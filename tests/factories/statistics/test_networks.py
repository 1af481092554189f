"""The figures of networks: on graphs that can be counted by hand, and on those that the strategies make."""

from __future__ import annotations

import numpy as np
import pytest

from factories.graphs import edges
from factories.statistics.networks import Connections, reciprocity, tail, top_share


def _pairs(*pairs):
    return np.array(pairs, np.int32).reshape(-1, 2)


TRIANGLE_WITH_A_TAIL = _pairs((0, 1), (1, 0), (1, 2), (2, 0), (2, 3))
"""0, 1 and 2 know each other, 3 knows 2, and nobody knows 4."""


def test_reciprocity_counts_connected_pairs_and_not_follows():
    assert reciprocity(TRIANGLE_WITH_A_TAIL, 5) == 1 / 4
    assert reciprocity(_pairs(), 5) == 0


def test_clustering_is_the_mean_over_people_with_two_neighbours():
    assert Connections(TRIANGLE_WITH_A_TAIL, 5).clustering() == pytest.approx((1 + 1 + 1 / 3) / 3)
    assert Connections(_pairs((0, 1), (0, 2), (0, 3)), 4).clustering() == 0


def test_the_giant_component_is_a_share_of_all():
    assert Connections(TRIANGLE_WITH_A_TAIL, 5).giant() == 4 / 5
    assert Connections(_pairs((0, 1), (2, 3), (3, 4)), 6).giant() == 1 / 2
    assert Connections(_pairs(), 3).giant() == 1 / 3


def test_distance_goes_along_connections_either_way():
    assert Connections(_pairs((0, 1), (2, 1)), 3).distance() == pytest.approx((1 + 2 + 1 + 1 + 2 + 1) / 6)


def test_the_top_share_is_of_the_largest_one_at_least():
    assert top_share(np.array([1, 7, 2]), 0.01) == 0.7
    assert top_share(np.array([0, 0]), 0.5) == 0


@pytest.mark.parametrize("exponent", [1.8, 2.28, 3.0])
def test_the_tail_of_a_power_law_has_its_exponent(exponent):
    parts = (np.arange(20_000) + 0.5) / 20_000
    numbers = np.floor(9.5 * parts ** (-1 / (exponent - 1)) + 0.5).astype(np.int64)
    found = tail(numbers)

    assert found.exponent == pytest.approx(exponent, abs=0.05)


def test_too_few_numbers_have_no_tail():
    assert tail(np.arange(1, 50)) is None
    assert tail(np.arange(1, 51)) is not None


def test_community_has_what_a_random_graph_has_not():
    topics = [user % 8 for user in range(3_000)]
    real = edges(3_000, "community", 1, mean=10, topics=topics)
    random = edges(3_000, "random", 1, mean=10)

    assert 0.18 <= reciprocity(real, 3_000) <= 0.27
    assert reciprocity(random, 3_000) < 0.01
    assert 0.12 <= Connections(real, 3_000).clustering() <= 0.28
    assert Connections(random, 3_000).clustering() < 0.02
    followers = [np.bincount(graph[:, 1], minlength=3_000) for graph in (real, random)]
    assert 2.0 <= tail(followers[0]).exponent <= 3.3
    assert tail(followers[1]).exponent > 4
    assert top_share(followers[0], 0.01) > 4 * top_share(followers[1], 0.01)


@pytest.mark.parametrize("key", range(5))
def test_a_community_of_twenty_thousand_is_near_the_published_figures(key):
    topics = [user % 12 for user in range(20_000)]
    follows = edges(20_000, "community", key, mean=10, topics=topics)
    connections = Connections(follows, 20_000)

    assert tail(np.bincount(follows[:, 1])).exponent == pytest.approx(2.28, abs=0.3)
    assert reciprocity(follows, 20_000) == pytest.approx(0.221, abs=0.04)
    assert 0.1 <= connections.clustering() <= 0.25
    assert connections.giant() >= 0.999
    assert 2.5 <= connections.distance() <= 5
