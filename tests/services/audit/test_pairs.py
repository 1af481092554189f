from __future__ import annotations

import pytest

from services.audit import Kind
from services.rows import keys
from tests.services.audit.worlds import BEFORE, GHOST, LATER, claim_row, edge_rows, row

CLAIMS = {
    "email": keys.email_key("Ann@example.org"),
    "username": keys.username_key("Ann_1"),
    "handle": keys.handle_key("TheAnn"),
}
each_claim = pytest.mark.parametrize("key", CLAIMS.values(), ids=CLAIMS)


# Claims


@each_claim
def test_a_missing_claim_is_put_as_it_was(world, key):
    claim = world.row(key)

    world.remove(key)

    right = {"user_id": world.ann, "created_at": claim["created_at"]["S"]}
    world.mends((Kind.MISSING_CLAIM, key, None, None, right))
    assert world.row(key) == claim


@pytest.mark.parametrize(
    "key", [keys.email_key("old@example.org"), keys.username_key("old"), keys.handle_key("TheOld")]
)
def test_a_claim_that_no_longer_matches_is_deleted(world, key):
    signed_up = world.row(keys.user_key(world.ann))["created_at"]["S"]

    world.put(claim_row(key[0], world.ann, signed_up))

    world.mends((Kind.STALE_CLAIM, key, "user_id", world.ann, None))


def test_a_claim_that_is_not_lower_case_protects_nothing_and_is_deleted(world):
    signed_up = world.row(keys.user_key(world.ann))["created_at"]["S"]
    key = keys.handle_key("")[0] + "TheAnn", keys.CLAIM

    world.put(claim_row(key[0], world.ann, signed_up))

    world.mends((Kind.STALE_CLAIM, key, "user_id", world.ann, None))


@each_claim
def test_a_claim_in_another_users_name_is_given_back(world, key):
    claim = world.row(key)
    bob = world.row(keys.user_key(world.bob))

    world.set(key, user_id={"S": world.bob}, created_at=bob["created_at"])

    world.mends((Kind.STALE_CLAIM, key, "user_id", world.bob, world.ann))
    assert world.row(key) == claim


def test_two_users_with_one_value_are_left_to_a_person(world):
    world.set(keys.user_key(world.bob), handle={"S": "tHEaNN"})
    world.remove(keys.handle_key("TheBob"))

    world.leaves((Kind.DUPLICATE, keys.user_key(world.bob), "handle", "theann", None))


def test_of_two_users_with_one_value_and_no_claim_the_first_gets_it(world):
    key = keys.handle_key("TheAnn")
    world.set(keys.user_key(world.bob), handle={"S": "theann"})
    world.remove(keys.handle_key("TheBob"), key)

    done = world.repair()

    assert [(mended.finding.kind, mended.did) for mended in done.mended] == [(Kind.MISSING_CLAIM, "put")]
    assert [finding.kind for finding in done.left] == [Kind.DUPLICATE]
    assert world.row(key)["user_id"] == {"S": world.ann}


# Listings


def test_a_post_that_is_not_listed_is_listed_again(world):
    key = keys.authored_key(world.ann, world.post)
    listing = world.row(key)

    world.remove(key)

    right = {"post_id": world.post, "created_at": listing["created_at"]["S"]}
    world.mends((Kind.MISSING_AUTHORED, key, None, None, right))
    assert world.row(key) == listing


def test_a_listing_of_a_post_that_is_gone_is_deleted(world):
    key = keys.authored_key(world.ann, GHOST)

    world.put(row(key, "AUTHORED", post_id=GHOST))

    world.mends((Kind.STALE_AUTHORED, key, "post_id", GHOST, None))


def test_a_listing_of_somebody_elses_post_is_deleted(world):
    key = keys.authored_key(world.bob, world.post)

    world.put(row(key, "AUTHORED", post_id=world.post))

    world.mends((Kind.STALE_AUTHORED, key, "post_id", world.post, None))
    assert world.row(keys.post_key(world.post)) is not None


# Follows


@pytest.mark.parametrize("end", ["FOLLOW", "FOLLOWER"])
def test_a_follow_that_stands_at_one_end_only_gets_its_other_end(world, end):
    key = keys.follow_key(world.bob, world.ann) if end == "FOLLOW" else keys.follower_key(world.ann, world.bob)
    twin = world.row(key)

    world.remove(key)

    right = {"follower_id": world.bob, "followee_id": world.ann, "created_at": twin["created_at"]["S"]}
    world.mends((Kind.MISSING_TWIN, key, None, None, right))
    assert world.row(key) == twin


def test_somebody_who_follows_oneself_no_longer_does(world):
    world.put(*edge_rows(world.cat, world.cat))
    world.add(keys.user_key(world.cat), "followers_count")
    world.add(keys.user_key(world.cat), "following_count")

    world.mends(
        (Kind.SELF_FOLLOW, keys.follow_key(world.cat, world.cat), "followee_id", world.cat, None),
        (Kind.SELF_FOLLOW, keys.follower_key(world.cat, world.cat), "followee_id", world.cat, None),
    )


@pytest.mark.parametrize("end", [0, 1])
def test_following_oneself_at_one_end_only_is_one_finding(world, end):
    self_follow = edge_rows(world.cat, world.cat)[end]
    world.put(self_follow)
    world.add(keys.user_key(world.cat), "followers_count")
    world.add(keys.user_key(world.cat), "following_count")

    key = self_follow["PK"]["S"], self_follow["SK"]["S"]
    world.mends((Kind.SELF_FOLLOW, key, "followee_id", world.cat, None))


def test_two_ends_of_a_follow_that_tell_different_times_are_left_where_no_item_tells(world):
    key = keys.follower_key(world.ann, world.bob)

    world.set(key, created_at={"S": LATER})

    world.leaves((Kind.TIME, key, "created_at", LATER, None))


@pytest.mark.parametrize("end", ["FOLLOW", "FOLLOWER"])
def test_of_two_ends_of_a_follow_the_one_that_items_tell_is_right(world, end):
    key = keys.follow_key(world.cat, world.ann) if end == "FOLLOW" else keys.follower_key(world.ann, world.cat)
    right, before = world.row(key)["created_at"]["S"], world.rows()

    world.set(key, created_at={"S": LATER})

    world.restores(before, (Kind.TIME, key, "created_at", LATER, right))


# A unique value that cannot be read


def test_a_user_whose_handle_is_malformed_gets_what_the_claim_says(world):
    key = keys.user_key(world.ann)

    world.set(key, handle={"N": "5"})

    world.mends((Kind.SHAPE, key, "handle", {"N": "5"}, "theann"))
    assert world.row(CLAIMS["handle"]) is not None


@pytest.mark.parametrize("handle", ["TheAnna", "theann_", "heAnn", "XTheAnn", "Robert"])
def test_a_handle_that_the_users_own_claim_contradicts_is_what_the_claim_says_with_its_capitals(world, handle):
    key, claim = keys.user_key(world.ann), world.row(CLAIMS["handle"])

    world.set(key, handle={"S": handle})

    ((*found, right),) = world.found()
    assert found == [Kind.CONTRADICTION, key, "handle", handle]
    assert right == {"Robert": "theann", "heAnn": "theAnn", "theann_": "theann"}.get(handle, "TheAnn")
    world.mends((*found, right))
    assert world.row(CLAIMS["handle"]) == claim


def test_of_two_users_with_one_handle_the_one_with_another_claim_gets_that_back(world):
    key, claims = keys.user_key(world.bob), [world.row(keys.handle_key(name)) for name in ("TheAnn", "TheBob")]

    world.set(key, handle={"S": "TheAnn"})

    world.mends((Kind.DUPLICATE, key, "handle", "TheAnn", "Thebob"))
    assert [world.row(keys.handle_key(name)) for name in ("TheAnn", "TheBob")] == claims


def test_a_claim_that_is_older_than_its_user_is_as_old_as_that(world):
    key, before = CLAIMS["handle"], world.rows()
    right = world.row(key)["created_at"]["S"]

    world.set(key, created_at={"S": BEFORE})

    world.restores(before, (Kind.TIME, key, "created_at", BEFORE, right))
