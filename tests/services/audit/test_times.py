from __future__ import annotations

import pytest

from seedbed.clock import moment_of_id
from seedbed.dynamo.rows import moment_text
from services.audit import Kind
from services.rows import keys
from tests.services.audit.worlds import BEFORE, LATER, row


def time_of(world, key):
    return world.row(key)["created_at"]["S"]


def date_back(world, key, created_at=BEFORE, **attributes):
    world.set(key, created_at={"S": created_at}, **attributes)


def a_like(world):
    return keys.like_key(world.post, world.bob)


@pytest.mark.parametrize("which", ["user", "post", "comment"])
@pytest.mark.parametrize("created_at", [BEFORE, LATER])
def test_a_row_whose_id_tells_another_time_is_set_to_that(world, which, created_at):
    key = {
        "user": keys.user_key(world.ann),
        "post": keys.post_key(world.private),
        "comment": keys.comment_key(world.post, world.reply),
    }[which]
    right, before = time_of(world, key), world.rows()

    date_back(world, key, created_at)

    world.restores(before, (Kind.TIME, key, "created_at", created_at, right))


def test_a_post_before_its_author_is_left(world):
    early = "01900000-0000-7000-8000-000000000001"
    post = {**world.row(keys.post_key(world.private)), "PK": {"S": keys.post_partition(early)}, "id": {"S": early}}
    told = moment_text(moment_of_id(early))
    world.put({**post, "created_at": {"S": told}})
    world.put(row(keys.authored_key(world.ann, early), "AUTHORED", post_id=early, created_at=told))
    world.add(keys.user_key(world.ann), "posts_count")

    right = time_of(world, keys.user_key(world.ann))
    world.leaves((Kind.TIME, keys.post_key(early), "created_at", told, right))


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


def test_a_follow_before_either_end_is_left(world):
    follow, follower = keys.follow_key(world.bob, world.ann), keys.follower_key(world.ann, world.bob)
    users = [time_of(world, keys.user_key(user)) for user in (world.ann, world.bob)]

    date_back(world, follow)
    date_back(world, follower)

    world.leaves(*((Kind.TIME, key, "created_at", BEFORE, right) for key in (follow, follower) for right in users))


def test_a_listing_is_of_the_time_of_its_post(world):
    key, before = keys.authored_key(world.ann, world.post), world.rows()
    right = time_of(world, key)

    date_back(world, key, LATER)

    world.restores(before, (Kind.TIME, key, "created_at", LATER, right))


@pytest.mark.parametrize("reader", ["bob", "cat"])
def test_a_feed_item_is_of_the_later_of_post_and_follow(world, reader):
    key, before = keys.feed_key(getattr(world, reader), world.post), world.rows()
    right = time_of(world, key)

    date_back(world, key, time_of(world, keys.user_key(world.cat)))

    world.restores(before, (Kind.TIME, key, "created_at", time_of(world, key), right))


@pytest.mark.parametrize("which", ["user", "post"])
def test_an_update_before_the_creation_is_left(world, which):
    key = keys.user_key(world.ann) if which == "user" else keys.post_key(world.post)
    right = time_of(world, key)

    world.set(key, updated_at={"S": BEFORE})

    world.leaves((Kind.TIME, key, "updated_at", BEFORE, right))
