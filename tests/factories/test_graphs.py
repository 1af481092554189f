"""FollowFactory.create_graph."""

from __future__ import annotations

import pytest

from factories import FollowFactory, UserFactory, graphs
from factories.errors import DuplicateUserError, InvalidCountError, TooFewUsersError, UnknownStrategyError
from factories.texts.locales import using


@pytest.mark.parametrize("strategy", ["random", "influencer", "complete", "community"])
def test_a_graph_has_each_follow_once_and_counts_are_exact(app, strategy):
    users = UserFactory.create_batch(12)
    follows = FollowFactory.create_graph(users, strategy=strategy)
    pairs = [(follow.follower_id, follow.followee_id) for follow in follows]
    assert len(set(pairs)) == len(pairs) > 0
    assert all(follower != followee for follower, followee in pairs)
    for user in users:
        stored = app.profiles.get(user.id)
        assert stored.following_count == sum(follower == user.id for follower, _ in pairs)
        assert stored.followers_count == sum(followee == user.id for _, followee in pairs)


def test_in_a_complete_graph_everybody_follows_everybody(app):
    users = UserFactory.create_batch(4)
    assert len(FollowFactory.create_graph(users, strategy="complete")) == 12


def test_in_an_influencer_graph_everybody_follows_the_first(app):
    users = UserFactory.create_batch(10)
    FollowFactory.create_graph(users, strategy="influencer")
    assert app.profiles.get(users[0].id).followers_count == 9


def test_the_same_seed_gives_the_same_graph(app):
    users = UserFactory.create_batch(8)

    def graph(seed):
        with using(app, seed=seed):
            return {(f.follower_id, f.followee_id) for f in FollowFactory.create_graph(users)}

    assert graph(1) == graph(1)
    assert graph(1) != graph(2)


def test_an_unknown_strategy_names_the_near_ones(app):
    with pytest.raises(UnknownStrategyError, match="no follow graph is called 'complet': did you mean complete"):
        FollowFactory.create_graph(UserFactory.create_batch(2), strategy="complet")


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_users_are_refused(app, count):
    with pytest.raises(TooFewUsersError, match=f"two users or more, not {count}"):
        FollowFactory.create_graph(UserFactory.create_batch(count))


def test_a_user_given_twice_is_refused(app):
    ada, ben = UserFactory.create_batch(2)
    with pytest.raises(DuplicateUserError, match=ada.id):
        FollowFactory.create_graph([ada, ben, ada])


def test_a_complete_graph_of_more_follows_than_anybody_means_is_refused_before_it_is_drawn():
    with pytest.raises(InvalidCountError, match="at most 10,000,000, not 99999990000000"):
        graphs.edges(10_000_000, "complete", 1)
