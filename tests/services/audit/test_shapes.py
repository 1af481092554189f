from __future__ import annotations

import pytest

from services import keys
from services.audit import Kind
from tests.services.audit.worlds import GHOST, row


@pytest.mark.parametrize(
    "key",
    [
        ("SESSION#1", "SESSION"),
        ("nothing", "at all"),
        (keys.user_partition("a"), "SETTINGS"),
        (keys.post_partition(""), keys.POST),
        (keys.handle_key("x")[0], keys.PROFILE),
    ],
)
def test_a_row_with_a_key_of_no_kind_is_left(world, key):
    world.put(row(key, "SESSION"))

    world.leaves((Kind.SHAPE, key, "entity_type", "SESSION", None))


@pytest.mark.parametrize(
    ("stored", "shown"), [({"S": "LIKED"}, "LIKED"), ({"S": "POST"}, "POST"), ({"N": "1"}, {"N": "1"})]
)
def test_an_entity_type_that_is_not_the_keys_is_left(world, stored, shown):
    key = keys.like_key(world.post, world.bob)

    world.set(key, entity_type=stored)

    world.leaves((Kind.SHAPE, key, "entity_type", shown, "LIKE"))


ATTRIBUTES = {
    "user": (
        lambda world: keys.user_key(world.ann),
        {"id": "S", "full_name": "S", "email_verified": "BOOL", "updated_at": "S"},
    ),
    "claim": (lambda _world: keys.handle_key("TheAnn"), {"created_at": "S", "user_id": "S"}),
    "post": (
        lambda world: keys.post_key(world.private),
        {"author_id": "S", "caption": "S", "tags": "L", "is_public": "BOOL"},
    ),
    "authored": (lambda world: keys.authored_key(world.ann, world.post), {"post_id": "S", "created_at": "S"}),
    "like": (lambda world: keys.like_key(world.post, world.bob), {"post_id": "S", "user_id": "S", "created_at": "S"}),
    "comment": (lambda world: keys.comment_key(world.post, world.top), {"content": "S", "user_id": "S", "id": "S"}),
    "follow": (lambda world: keys.follow_key(world.bob, world.ann), {"follower_id": "S", "followee_id": "S"}),
    "follower": (lambda world: keys.follower_key(world.ann, world.bob), {"follower_id": "S", "followee_id": "S"}),
    "item": (
        lambda world: keys.feed_key(world.bob, world.post),
        {"author_id": "S", "is_read": "BOOL", "expires_at": "N", "reader_id": "S", "post_id": "S"},
    ),
}
CASES = [(kind, name, letter) for kind, (_, types) in ATTRIBUTES.items() for name, letter in types.items()]
each_attribute = pytest.mark.parametrize(("kind", "name", "letter"), CASES, ids=lambda part: part)


@each_attribute
def test_a_missing_attribute_is_the_only_finding_and_is_left(world, kind, name, letter):
    key = ATTRIBUTES[kind][0](world)

    world.set(key, **{name: None})

    world.leaves((Kind.SHAPE, key, name, None, letter))


@each_attribute
def test_an_attribute_of_a_wrong_type_is_the_only_finding_and_is_left(world, kind, name, letter):
    key = ATTRIBUTES[kind][0](world)

    world.set(key, **{name: {"M": {}}})

    world.leaves((Kind.SHAPE, key, name, {"M": {}}, letter))


@pytest.mark.parametrize("name", ["bio", "profile_picture_url", "feed_mode"])
def test_an_optional_attribute_of_a_wrong_type_is_left(world, name):
    key = keys.user_key(world.cat)

    world.set(key, **{name: {"N": "1"}})

    world.leaves((Kind.SHAPE, key, name, {"N": "1"}, "S"))


def test_tags_that_are_no_texts_are_left(world):
    key, tags = keys.post_key(world.post), {"L": [{"S": "a"}, {"N": "1"}]}

    world.set(key, tags=tags)

    world.leaves((Kind.SHAPE, key, "tags", tags, "L of S"))


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("user", "id"),
        ("authored", "post_id"),
        ("like", "post_id"),
        ("like", "user_id"),
        ("comment", "id"),
        ("follow", "follower_id"),
        ("follow", "followee_id"),
        ("follower", "follower_id"),
        ("follower", "followee_id"),
        ("item", "reader_id"),
        ("item", "post_id"),
    ],
)
def test_an_attribute_that_is_not_what_the_key_says_is_left_and_the_key_counts(world, kind, name):
    key = ATTRIBUTES[kind][0](world)
    right = world.row(key)[name]["S"]

    world.set(key, **{name: {"S": GHOST}})

    world.leaves((Kind.SHAPE, key, name, GHOST, right))


@pytest.mark.parametrize(
    "written",
    [
        "",
        "yesterday",
        "2025-03-01T00:00:00Z",
        "2025-03-01T00:00:00.000+00:00",
        "2025-03-01 00:00:00.000Z",
        "2025-02-30T00:00:00.000Z",
        "2025-03-01T25:00:00.000Z",
        "٢٠٢٥-03-01T00:00:00.000Z",
    ],
)
def test_a_malformed_instant_is_left(world, written):
    key = keys.post_key(world.private)

    world.set(key, created_at={"S": written})

    world.leaves((Kind.SHAPE, key, "created_at", written, None))


def test_attributes_that_the_contract_does_not_know_are_nobodys_business(world):
    world.set(keys.user_key(world.ann), favourite_colour={"S": "green"})

    assert world.audit().is_clean


# The index


@pytest.mark.parametrize("name", ["GSI1PK", "GSI1SK"])
@pytest.mark.parametrize("kind", ["like", "comment"])
@pytest.mark.parametrize("stored", ["USER#somebody else", None])
def test_a_wrong_index_key_is_set_right(world, kind, name, stored):
    key = ATTRIBUTES[kind][0](world)
    right = world.row(key)[name]["S"]

    world.set(key, **{name: None if stored is None else {"S": stored}})

    world.mends((Kind.INDEX, key, name, stored, right))
    assert [post.id for post in world.app.likes.liked_posts(world.bob)] == [world.post]


def test_two_wrong_index_keys_of_a_row_are_set_right_together(world):
    key = keys.like_key(world.post, world.bob)
    before = world.row(key)
    world.set(key, GSI1PK={"S": "x"}, GSI1SK={"S": "y"})

    world.mends(
        (Kind.INDEX, key, "GSI1PK", "x", before["GSI1PK"]["S"]), (Kind.INDEX, key, "GSI1SK", "y", before["GSI1SK"]["S"])
    )
    assert world.row(key) == before


def test_a_row_that_must_not_stand_in_the_index_is_taken_out(world):
    key = keys.post_key(world.private)
    index = {"GSI1PK": keys.user_partition(world.bob), "GSI1SK": keys.like_index_sort("2025", world.private)}

    world.set(key, **{name: {"S": value} for name, value in index.items()})

    world.mends(*((Kind.INDEX, key, name, value, None) for name, value in index.items()))
    assert [post.id for post in world.app.likes.liked_posts(world.bob)] == [world.post]
