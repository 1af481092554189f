from __future__ import annotations

import pytest

from services.audit import Kind, repair
from services.errors import ForeignRowsError
from services.rows import keys
from tests.services.audit.worlds import GHOST, LATER, row


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
def test_a_row_with_a_key_of_no_kind_is_foreign_and_no_drift(world, key):
    world.put(row(key, "SESSION"))
    before = world.rows()

    found = world.audit()

    assert world.found() == [(Kind.FOREIGN, key, "entity_type", "SESSION", None)]
    assert found.is_clean
    with pytest.raises(ForeignRowsError, match=key[0]):
        repair(world.store, found)
    assert repair(world.store, found, is_beside_others=True).mended == ()
    assert world.rows() == before


@pytest.mark.parametrize(
    ("key", "entity_type"),
    [
        (("USER#1", "FOLLOW#2"), None),
        (("POST#9", "LIKE#1"), None),
        (("USER#1", "PROFILE"), {"S": "Member"}),
        (("EMAIL#x", "CLAIM"), {"N": "1"}),
    ],
)
def test_a_row_of_our_shape_that_does_not_say_that_it_is_ours_is_foreign(world, key, entity_type):
    one = {**row(key, ""), "user_id": {"S": "1"}, "entity_type": entity_type}
    world.put({name: value for name, value in one.items() if value is not None})
    before = world.rows()

    assert [finding[:2] for finding in world.found()] == [(Kind.FOREIGN, key)]
    world.set(keys.post_key(world.post), likes_count={"N": "9"})
    done = repair(world.store, world.audit(), is_beside_others=True)

    assert [mended.finding.attribute for mended in done.mended] == ["likes_count"]
    assert world.rows() == before


@pytest.mark.parametrize("kind", [Kind.FOREIGN, Kind.SHAPE])
def test_many_rows_of_others_are_named_up_to_a_bound(world, kind):
    world.put(*({"PK": {"S": f"ORDER#{number}"}, "SK": {"S": "ORDER"}} for number in range(1_010)))
    if kind is Kind.SHAPE:
        world.set(keys.post_key(world.post), caption={"N": "1"})
    found = [finding.kind for finding in world.audit().findings]
    assert found.count(Kind.FOREIGN) == 1_000
    assert found.count(Kind.SHAPE) == (kind is Kind.SHAPE)


@pytest.mark.parametrize(("stored", "shown"), [({"S": "LIKED"}, "LIKED"), ({"S": "POST"}, "POST")])
def test_an_entity_type_of_another_kind_is_left(world, stored, shown):
    key = keys.like_key(world.post, world.bob)

    world.set(key, entity_type=stored)

    world.leaves((Kind.SHAPE, key, "entity_type", shown, "LIKE"))


@pytest.mark.parametrize(("stored", "shown"), [({"N": "1"}, {"N": "1"}), (None, None)])
def test_a_row_of_ours_without_an_entity_type_gets_it_back(world, stored, shown):
    key, before = keys.like_key(world.post, world.bob), world.rows()

    world.set(key, entity_type=stored)

    world.restores(before, (Kind.SHAPE, key, "entity_type", shown, "LIKE"))


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


CONTENT = {
    ("user", "full_name"),
    ("user", "email_verified"),
    ("user", "updated_at"),
    ("post", "caption"),
    ("post", "tags"),
    ("comment", "content"),
    ("item", "is_read"),
}
"""What no other row knows."""


@each_attribute
@pytest.mark.parametrize("stored", [None, {"M": {}}])
def test_an_attribute_that_is_missing_or_of_a_wrong_type_is_one_finding(world, kind, name, letter, stored):
    key, before = ATTRIBUTES[kind][0](world), world.rows()

    world.set(key, **{name: stored})

    ((*found, expected),) = world.found()
    assert found == [Kind.SHAPE, key, name, stored]
    if (kind, name) in CONTENT:
        assert expected == letter
        world.leaves((*found, expected))
    else:
        world.restores(before, (*found, expected))


@pytest.mark.parametrize("name", ["bio", "profile_picture_url"])
def test_an_optional_attribute_of_a_wrong_type_is_left(world, name):
    key = keys.user_key(world.cat)

    world.set(key, **{name: {"N": "1"}})

    world.leaves((Kind.SHAPE, key, name, {"N": "1"}, "S"))


def test_a_mode_of_a_wrong_type_is_what_the_number_of_followers_says(world):
    key, before = keys.user_key(world.cat), world.rows()

    world.set(key, feed_mode={"N": "1"})

    world.restores(before, (Kind.SHAPE, key, "feed_mode", {"N": "1"}, None))


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
def test_an_attribute_that_is_not_what_the_key_says_is_set_to_that(world, kind, name):
    key, before = ATTRIBUTES[kind][0](world), world.rows()
    right = world.row(key)[name]["S"]

    world.set(key, **{name: {"S": GHOST}})

    world.restores(before, (Kind.SHAPE, key, name, GHOST, right))


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
def test_a_malformed_instant_is_what_the_id_tells(world, written):
    key, before = keys.post_key(world.private), world.rows()
    right = world.row(key)["created_at"]["S"]

    world.set(key, created_at={"S": written})

    world.restores(before, (Kind.SHAPE, key, "created_at", written, right))


def test_a_malformed_instant_that_nothing_else_tells_is_left(world):
    key = keys.post_key(world.private)

    world.set(key, updated_at={"S": "yesterday"})

    world.leaves((Kind.SHAPE, key, "updated_at", "yesterday", None))


LIMITS = {
    "user": {"full_name": (0, 101), "bio": (501,)},
    "post": {"caption": (2_201, 5_000)},
    "comment": {"content": (0, 501, 5_000)},
}


@pytest.mark.parametrize(
    ("kind", "name", "length"),
    [(kind, name, length) for kind, names in LIMITS.items() for name, lengths in names.items() for length in lengths],
)
def test_a_text_beyond_the_apps_limits_is_left(world, kind, name, length):
    key = ATTRIBUTES[kind][0](world)

    world.set(key, **{name: {"S": "x" * length}})

    ((*found, stored, expected),) = world.found()
    assert (found, stored, expected) == ([Kind.SHAPE, key, name], "x" * length, None)
    world.leaves((*found, stored, expected))


@pytest.mark.parametrize("tags", [["t"] * 31, ["x" * 51], [""]], ids=["31", "51 letters", "no letter"])
def test_tags_beyond_the_apps_limits_are_left(world, tags):
    key, stored = keys.post_key(world.post), {"L": [{"S": tag} for tag in tags]}

    world.set(key, tags=stored)

    world.leaves((Kind.SHAPE, key, "tags", stored, None))


@pytest.mark.parametrize("handle", ["", "ab", "x" * 31, "with space"])
def test_a_handle_that_the_app_does_not_allow_is_what_the_claim_says(world, handle):
    key = keys.user_key(world.ann)

    world.set(key, handle={"S": handle})

    world.mends((Kind.CONTRADICTION, key, "handle", handle, "theann"))


def test_a_handle_that_the_app_does_not_allow_and_its_claim_are_named(world):
    key, claim = keys.user_key(world.ann), world.row(keys.handle_key("TheAnn"))
    world.remove(keys.handle_key("TheAnn"))
    world.put({**claim, "PK": {"S": keys.handle_key("a b")[0]}})

    world.set(key, handle={"S": "a b"})

    world.leaves((Kind.SHAPE, key, "handle", "a b", None))


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


def test_index_keys_and_attributes_of_a_later_version_are_kept(world):
    for key in (keys.post_key(world.private), keys.user_key(world.ann), keys.feed_key(world.bob, world.post)):
        world.set(key, GSI1PK={"S": "TOPIC#1"}, GSI1SK={"S": "2025"}, GSI2PK={"S": "x"}, mood={"M": {"a": {"N": "1"}}})

    assert world.audit().findings == ()


def test_a_row_that_must_not_stand_in_the_index_is_taken_out(world):
    key = keys.post_key(world.private)
    index = {"GSI1PK": keys.user_partition(world.bob), "GSI1SK": keys.like_index_sort("2025", world.private)}

    world.set(key, **{name: {"S": value} for name, value in index.items()})

    world.mends(*((Kind.INDEX, key, name, value, None) for name, value in index.items()))
    assert [post.id for post in world.app.likes.liked_posts(world.bob)] == [world.post]


THEIRS = [
    {"PK": {"S": partition}, "SK": {"S": sort}, **attributes}
    for partition, sort, attributes in [
        ("USER#42", "PROFILE", {"entity_type": {"S": "USER"}, "name": {"S": "Bob"}}),
        ("USER#43", "PROFILE", {"entity_type": {"S": "USER"}, "created_at": {"S": LATER}}),
        ("USER#42", "FOLLOW#43", {"since": {"S": "2020"}}),
        ("USER#44", "FOLLOW#42", {"entity_type": {"S": "FOLLOW"}, "since": {"S": "2020"}}),
        ("USER#42", "FOLLOW#42", {}),
        ("USER#42", "FEED#9", {"entity_type": {"S": "FEED_ITEM"}, "t": {"S": "keep"}}),
        ("USER#42", "POST#9", {"post_id": {"S": "9"}}),
        ("POST#9", "LIKE#42", {"emoji": {"S": "x"}, "user_id": {"S": "42"}, "post_id": {"S": "9"}}),
        ("EMAIL#bob@x.org", "CLAIM", {"user_id": {"S": "42"}, "created_at": {"S": LATER}}),
        ("RUN#1", "USER#42", {"user_id": {"S": "42"}}),
    ]
]


def test_a_neighbour_makes_no_row_ours_and_none_of_others_rows_is_written(world):
    ids = {"user_id": {"S": world.ann}, "author_id": {"S": world.ann}}
    beside_ours = [
        {"PK": {"S": f"USER#{world.ann}"}, "SK": {"S": "FOLLOW#43"}, **ids},
        {"PK": {"S": f"POST#{world.post}"}, "SK": {"S": "COMMENT#9"}, **ids},
        {"PK": {"S": f"POST#{world.post}"}, "SK": {"S": "LIKE#42"}, "entity_type": {"S": "LIKE"}},
    ]
    world.put(*THEIRS, *beside_ours)
    world.set(keys.post_key(world.other), likes_count={"N": "9"})
    before = world.rows()

    found = world.audit()
    done = repair(world.store, found, is_beside_others=True)

    foreign = [finding for finding in found.findings if finding.kind is Kind.FOREIGN]
    assert len(foreign) == len(THEIRS) + len(beside_ours)
    assert [mended.finding.key for mended in done.mended] == [keys.post_key(world.other)]
    after = world.rows()
    assert [key for key in before if before[key] != after.get(key)] == [keys.post_key(world.other)]
    assert after.keys() == before.keys()
