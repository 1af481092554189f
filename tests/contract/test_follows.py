"""Follows: two rows each, and the counts at both ends."""

from __future__ import annotations

import pytest

from services import errors
from tests.contract.world import drift, read_all

NOBODY = "01890000-0000-7000-8000-000000000000"


def test_a_follow_counts_at_both_ends_in_one_transaction(world, watched):
    ann, bob = world.user("ann"), world.user("bob")
    watched.sent.clear()
    follow = world.app.follows.follow_user(ann.id, bob.id)
    assert [len(actions) for actions in watched.sent] == [4]
    assert (follow.follower_id, follow.followee_id) == (ann.id, bob.id)
    assert world.app.profiles.get(ann.id).following_count == 1
    assert world.app.profiles.get(bob.id).followers_count == 1
    assert world.app.follows.is_following(ann.id, bob.id)
    assert not world.app.follows.is_following(bob.id, ann.id)


def test_following_twice_counts_once_and_returns_the_first_follow(world):
    ann, bob = world.user("ann"), world.user("bob")
    first = world.app.follows.follow_user(ann.id, bob.id)
    assert world.app.follows.follow_user(ann.id, bob.id) == first
    assert drift(world.rows()) == []


def test_two_may_follow_each_other(world):
    ann, bob = world.user("ann"), world.user("bob")
    world.app.follows.follow_user(ann.id, bob.id)
    world.app.follows.follow_user(bob.id, ann.id)
    counts = {(user.followers_count, user.following_count) for user in world.app.follows.followers(ann.id)}
    assert counts == {(1, 1)}


def test_unfollowing_takes_both_rows_and_counts_back(world):
    ann, bob = world.user("ann"), world.user("bob")
    before = world.rows()
    world.app.follows.follow_user(ann.id, bob.id)
    assert world.rows() != before
    world.app.follows.unfollow_user(ann.id, bob.id)
    assert world.rows() == before
    assert not world.app.follows.is_following(ann.id, bob.id)


def test_unfollowing_where_there_is_no_follow_changes_nothing(world):
    ann, bob = world.user("ann"), world.user("bob")
    before = world.rows()
    world.app.follows.unfollow_user(ann.id, bob.id)
    world.app.follows.unfollow_user(ann.id, NOBODY)
    assert world.rows() == before


@pytest.mark.parametrize("call", ["follow_user", "unfollow_user"])
def test_nobody_follows_oneself(world, call):
    ann = world.user()
    before = world.rows()
    with pytest.raises(errors.SelfFollowError, match=f"'{ann.id}' cannot follow oneself") as refusal:
        getattr(world.app.follows, call)(ann.id, ann.id)
    assert refusal.value.user_id == ann.id
    assert world.rows() == before


@pytest.mark.parametrize("follower_is_missing", [True, False])
def test_whoever_is_not_there_is_named(world, follower_is_missing):
    ann = world.user()
    before = world.rows()
    pair = (NOBODY, ann.id) if follower_is_missing else (ann.id, NOBODY)
    with pytest.raises(errors.UserNotFoundError) as refusal:
        world.app.follows.follow_user(*pair)
    assert refusal.value.user_id == NOBODY
    assert world.rows() == before


def test_of_two_missing_users_the_follower_is_named(app):
    with pytest.raises(errors.UserNotFoundError) as refusal:
        app.follows.follow_user("one", "two")
    assert refusal.value.user_id == "one"


@pytest.mark.parametrize("call", ["follow_user", "unfollow_user"])
def test_what_is_no_id_is_named(app, watched, call):
    with pytest.raises(errors.ValidationError) as refusal:
        getattr(app.follows, call)("", "a#b")
    assert [field.field for field in refusal.value.fields] == ["follower_id", "followee_id"]
    assert watched.sent == []


def test_both_lists_come_by_the_time_of_sign_up(world):
    ann, bob, cid, dan = (world.user(name) for name in ("ann", "bob", "cid", "dan"))
    for follower, followee in ((dan, bob), (ann, bob), (bob, dan), (bob, cid)):
        world.app.follows.follow_user(follower.id, followee.id)
    assert [user.id for user in world.app.follows.followers(bob.id)] == [ann.id, dan.id]
    assert [user.id for user in world.app.follows.following(bob.id)] == [cid.id, dan.id]


def test_a_thousand_and_more_followers_are_read_to_the_end(world):
    ann, users = world.user(), world.users(1_002)
    with world.app.unit_of_work():
        for user in users:
            world.app.follows.follow_user(user.id, ann.id)
    found = read_all(lambda **page: world.app.follows.followers(ann.id, **page), limit=1_000)
    assert [user.id for user in found] == [user.id for user in users]
    assert world.app.profiles.get(ann.id).followers_count == 1_002
    assert drift(world.rows()) == []
