from __future__ import annotations

import pytest

from services.audit import Kind
from services.rows import keys

COUNTERS = {
    "posts_count": (lambda world: keys.user_key(world.ann), 2),
    "followers_count": (lambda world: keys.user_key(world.ann), 2),
    "following_count": (lambda world: keys.user_key(world.ann), 1),
    "likes_count": (lambda world: keys.post_key(world.post), 1),
    "comments_count": (lambda world: keys.post_key(world.post), 3),
    "replies_count": (lambda world: keys.comment_key(world.post, world.top), 1),
}
each_counter = pytest.mark.parametrize(
    ("name", "key_of", "right"), [(name, *rest) for name, rest in COUNTERS.items()], ids=COUNTERS
)


@each_counter
@pytest.mark.parametrize("stored", [0, 9, -4])
def test_a_counter_that_is_off_is_set_to_the_recount(world, name, key_of, right, stored):
    key = key_of(world)

    world.set(key, **{name: {"N": str(stored)}})

    world.mends((Kind.COUNTER, key, name, stored, right))
    assert world.row(key)[name] == {"N": str(right)}


@each_counter
def test_a_missing_counter_is_put(world, name, key_of, right):
    key = key_of(world)

    world.set(key, **{name: None})

    world.mends((Kind.COUNTER, key, name, None, right))
    assert world.row(key)[name] == {"N": str(right)}


@pytest.mark.parametrize("stored", [{"S": "many"}, {"N": "1.5"}, {"N": "1E+30"}, {"NULL": True}, {"L": [{"S": "x"}]}])
def test_a_counter_that_is_no_whole_number_is_set_to_the_recount(world, stored):
    key = keys.post_key(world.post)

    world.set(key, likes_count=stored)
    stored = world.row(key)["likes_count"]

    world.mends((Kind.COUNTER, key, "likes_count", stored, 1))
    assert world.row(key)["likes_count"] == {"N": "1"}


def test_all_counters_of_a_row_are_mended_together(world):
    key = keys.user_key(world.ann)
    world.set(key, posts_count={"N": "7"}, followers_count={"S": "7"}, following_count=None)

    world.mends(
        (Kind.COUNTER, key, "posts_count", 7, 2),
        (Kind.COUNTER, key, "followers_count", {"S": "7"}, 2),
        (Kind.COUNTER, key, "following_count", None, 1),
    )


def test_the_message_names_row_attribute_stored_and_right(world):
    key = keys.post_key(world.post)

    world.set(key, likes_count={"N": "7"})

    (finding,) = world.audit().findings
    assert finding.message == f"{key[0]} {key[1]}: likes_count is 7, must be 1"


def test_the_audit_says_how_many_counters_it_recounted(world):
    # 3 of each of 3 users, 2 of each of 3 posts, 1 of each of 4 comments.
    assert world.audit().counters == 3 * 3 + 2 * 3 + 4
