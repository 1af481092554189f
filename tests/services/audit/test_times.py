from __future__ import annotations

import pytest

from services import keys
from services.audit import Kind
from tests.services.audit.worlds import BEFORE, LATER


def time_of(world, key):
    return world.row(key)["created_at"]["S"]


def date_back(world, key, created_at=BEFORE, **attributes):
    world.set(key, created_at={"S": created_at}, **attributes)


def a_like(world):
    return keys.like_key(world.post, world.bob)


def test_a_post_before_its_author_is_left(world):
    key, right = keys.post_key(world.private), time_of(world, keys.user_key(world.ann))

    date_back(world, key)
    date_back(world, keys.authored_key(world.ann, world.private))

    world.leaves((Kind.TIME, key, "created_at", BEFORE, right))


def test_a_like_before_its_post_and_its_user_is_left(world):
    key = a_like(world)
    index_key = {"S": keys.like_index_sort(BEFORE, world.post)}

    date_back(world, key, GSI1SK=index_key)

    world.leaves(
        (Kind.TIME, key, "created_at", BEFORE, time_of(world, keys.post_key(world.post))),
        (Kind.TIME, key, "created_at", BEFORE, time_of(world, keys.user_key(world.bob))),
    )


def test_a_like_between_its_user_and_its_post_is_left(world):
    key, right = a_like(world), time_of(world, keys.post_key(world.post))
    between = time_of(world, keys.user_key(world.bob))

    date_back(world, key, between, GSI1SK={"S": keys.like_index_sort(between, world.post)})

    world.leaves((Kind.TIME, key, "created_at", between, right))


def test_a_comment_before_its_post_is_left(world):
    key, right = keys.comment_key(world.other, world.elsewhere), time_of(world, keys.post_key(world.other))
    between = time_of(world, keys.user_key(world.ann))

    date_back(world, key, between)

    world.leaves((Kind.TIME, key, "created_at", between, right))


def test_a_comment_before_its_user_is_left(world):
    user_key, key = keys.user_key(world.cat), keys.comment_key(world.post, world.reply)
    stored = time_of(world, key)

    date_back(world, user_key, LATER, updated_at={"S": LATER})

    assert (Kind.TIME, key, "created_at", stored, LATER) in world.found()


def test_a_reply_before_its_parent_is_left(world):
    key, right = keys.comment_key(world.post, world.deep), time_of(world, keys.comment_key(world.post, world.reply))
    between = time_of(world, keys.post_key(world.post))

    date_back(world, key, between)

    world.leaves((Kind.TIME, key, "created_at", between, right))


def test_a_follow_before_either_end_is_left(world):
    follow, follower = keys.follow_key(world.bob, world.ann), keys.follower_key(world.ann, world.bob)
    users = [time_of(world, keys.user_key(user)) for user in (world.ann, world.bob)]

    date_back(world, follow)
    date_back(world, follower)

    world.leaves(*((Kind.TIME, key, "created_at", BEFORE, right) for key in (follow, follower) for right in users))


def test_a_listing_that_tells_another_time_than_its_post_is_left(world):
    key = keys.authored_key(world.ann, world.post)
    right = time_of(world, key)

    date_back(world, key, LATER)

    world.leaves((Kind.TIME, key, "created_at", LATER, right))


@pytest.mark.parametrize("reader", ["bob", "cat"])
def test_a_feed_item_before_the_later_of_post_and_follow_is_left(world, reader):
    key = keys.feed_key(getattr(world, reader), world.post)
    right = time_of(world, key)

    date_back(world, key, time_of(world, keys.user_key(world.cat)))

    world.leaves((Kind.TIME, key, "created_at", time_of(world, key), right))


@pytest.mark.parametrize("which", ["user", "post"])
def test_an_update_before_the_creation_is_left(world, which):
    key = keys.user_key(world.ann) if which == "user" else keys.post_key(world.post)
    right = time_of(world, key)

    world.set(key, updated_at={"S": BEFORE})

    world.leaves((Kind.TIME, key, "updated_at", BEFORE, right))
