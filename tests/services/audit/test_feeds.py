from __future__ import annotations

import pytest

from services import connect
from services.audit import Kind
from services.rows import keys
from tests.services.audit.worlds import GHOST, World, edge_rows, item_row, ticking


def expected_item(world, reader, post, author):
    follow = world.row(keys.follow_key(reader, author))["created_at"]["S"]
    created_at = max(follow, world.row(keys.post_key(post))["created_at"]["S"])
    return {"reader_id": reader, "post_id": post, "author_id": author, "created_at": created_at, "is_read": False}


@pytest.mark.parametrize("reader", ["bob", "cat"])
def test_a_missing_item_is_delivered_as_the_app_would_have(world, reader):
    # Bob followed before the post was made, Cat after it.
    reader = getattr(world, reader)
    key = keys.feed_key(reader, world.post)
    item = world.row(key)

    world.remove(key)

    world.mends((Kind.MISSING_ITEM, key, None, None, expected_item(world, reader, world.post, world.ann)))
    assert world.row(key) == item


def test_an_item_of_a_post_that_is_gone_is_left_over(world):
    key = keys.feed_key(world.cat, GHOST)

    world.put(item_row(world.cat, GHOST, world.ann))

    world.mends((Kind.LEFT_OVER_ITEM, key, "post_id", GHOST, None))


def test_an_item_of_a_private_post_is_left_over(world):
    key = keys.feed_key(world.cat, world.private)

    world.put(item_row(world.cat, world.private, world.ann))

    world.mends((Kind.LEFT_OVER_ITEM, key, "post_id", world.private, None))


def test_an_item_of_somebody_who_is_not_followed_is_left_over(world):
    key = keys.feed_key(world.cat, world.other)

    world.put(item_row(world.cat, world.other, world.bob))

    world.mends((Kind.LEFT_OVER_ITEM, key, "post_id", world.other, None))


def test_an_item_in_another_authors_name_is_set_to_the_posts_author(world):
    key, before = keys.feed_key(world.cat, world.post), world.rows()

    world.set(key, author_id={"S": world.bob}, is_read={"BOOL": True})

    world.mends((Kind.CONTRADICTION, key, "author_id", world.bob, world.ann))
    assert world.row(key) == {**before[key], "is_read": {"BOOL": True}}


def test_an_item_with_a_reason_that_a_later_version_gave_is_kept(world):
    key = keys.feed_key(world.cat, world.other)

    world.put({**item_row(world.cat, world.other, world.bob), "reason": {"S": "suggested"}})

    assert world.audit().is_clean
    world.remove(keys.post_key(world.private))
    world.repair()
    assert world.row(key) is not None


def test_an_item_of_oneself_does_not_stand_for_one_that_is_missing(world):
    world.put(*edge_rows(world.ann, world.ann), item_row(world.ann, world.post, world.ann))
    key = keys.feed_key(world.bob, world.post)

    world.remove(key)

    assert (Kind.MISSING_ITEM, key) in [found[:2] for found in world.found()]


def test_items_follow_a_follow_that_stands_at_one_end_only(world):
    key = keys.follow_key(world.bob, world.ann)
    created_at = world.row(key)["created_at"]["S"]
    item = world.row(keys.feed_key(world.bob, world.post))

    world.remove(key)

    right = {"follower_id": world.bob, "followee_id": world.ann, "created_at": created_at}
    world.mends((Kind.MISSING_TWIN, key, None, None, right))
    assert world.row(keys.feed_key(world.bob, world.post)) == item


@pytest.mark.parametrize("mode", ["pull", "filling"])
def test_items_of_an_author_whose_posts_are_merged_are_allowed_and_not_required(world, mode):
    world.store.fan_out_limit = None
    world.set(keys.user_key(world.ann), feed_mode={"S": mode})
    world.remove(keys.feed_key(world.bob, world.post))

    assert world.audit().is_clean


@pytest.mark.parametrize("mode", ["pull", "filling", "clearing", "sideways"])
def test_a_small_author_whose_posts_are_merged_is_named_and_delivered_again(world, mode):
    key, before = keys.user_key(world.ann), world.rows()
    world.remove(keys.feed_key(world.bob, world.post), keys.feed_key(world.cat, world.post))

    world.set(key, feed_mode={"S": mode})

    assert (Kind.SHAPE, key, "feed_mode", mode, None) in world.found()
    assert world.repair().left == ()
    assert world.rows() == before


@pytest.mark.parametrize("mode", [None, "filling", "sideways"])
def test_an_author_with_more_followers_than_the_limit_is_merged_again(mode):
    with connect(validate=True, seed=7, clock=ticking(), fan_out_limit=1) as app:
        world = World(app)
        key, before = keys.user_key(world.ann), world.rows()

        world.set(key, feed_mode=None if mode is None else {"S": mode})

        world.restores(before, (Kind.SHAPE, key, "feed_mode", mode, "pull"))


def test_a_mode_that_nobody_knows_is_named_where_the_limit_is_not_known(world):
    world.store.fan_out_limit = None
    key = keys.user_key(world.ann)

    world.set(key, feed_mode={"S": "sideways"})

    world.leaves((Kind.SHAPE, key, "feed_mode", "sideways", None))


def test_an_item_of_an_author_whose_posts_are_merged_can_be_left_over(world):
    world.store.fan_out_limit = None
    world.set(keys.user_key(world.bob), feed_mode={"S": "pull"})
    world.put(item_row(world.cat, world.other, world.bob))

    world.mends((Kind.LEFT_OVER_ITEM, keys.feed_key(world.cat, world.other), "post_id", world.other, None))


@pytest.mark.parametrize("limit", [0, 1, 2])
def test_a_world_is_clean_below_at_and_above_the_fan_out_limit(limit):
    with connect(validate=True, seed=7, clock=ticking(), fan_out_limit=limit) as app:
        assert World(app).audit().findings == ()


def test_an_author_who_crosses_the_limit_either_way_leaves_a_clean_table():
    with connect(validate=True, seed=7, clock=ticking(), fan_out_limit=2) as app:
        world = World(app)
        dan = app.profiles.create_profile(email="d@example.org", username="dan", handle="dan", full_name="Dan").id
        app.feeds.mark_read(world.bob, world.post)
        has_mode = []
        for act in (app.follows.follow_user, app.follows.unfollow_user, app.follows.follow_user):
            act(dan, world.ann)
            app.posts.create_post(author_id=world.ann)
            has_mode.append("feed_mode" in world.row(keys.user_key(world.ann)))
            assert world.audit().findings == ()

        assert has_mode == [True, False, True]
