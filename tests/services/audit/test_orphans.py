from __future__ import annotations

import pytest

from services.audit import Kind
from services.rows import keys
from tests.services.audit.worlds import GHOST, claim_row, comment_row, edge_rows, item_row, like_row, row


def test_a_like_of_a_user_who_is_gone_is_deleted(world):
    world.put(like_row(world.post, GHOST))
    world.add(keys.post_key(world.post), "likes_count")

    world.mends((Kind.ORPHAN, keys.like_key(world.post, GHOST), "user_id", GHOST, None))
    assert world.row(keys.like_key(world.post, GHOST)) is None
    assert world.row(keys.like_key(world.post, world.bob)) is not None


def test_a_like_of_a_post_that_is_gone_is_deleted(world):
    world.put(like_row(GHOST, world.bob))

    world.mends((Kind.ORPHAN, keys.like_key(GHOST, world.bob), "post_id", GHOST, None))


def lost_user(user_id):
    return Kind.LOST, keys.user_key(user_id), None, None, None


def lost_post(post_id):
    return Kind.LOST, keys.post_key(post_id), None, None, None


def test_a_comment_of_a_user_who_is_gone_is_content_and_proves_the_user(world):
    world.put(comment_row(world.post, "c1", GHOST), like_row(world.post, GHOST))
    world.add(keys.post_key(world.post), "comments_count")
    world.add(keys.post_key(world.post), "likes_count")

    world.leaves(lost_user(GHOST))


def test_a_comment_on_a_post_that_is_gone_is_content_and_proves_the_post(world):
    world.put(comment_row(GHOST, "c1", world.bob), like_row(GHOST, world.bob))

    world.leaves(lost_post(GHOST))


def test_a_comment_without_its_user_is_its_index_keys(world):
    comment = comment_row(GHOST, "c1", world.bob)
    del comment["user_id"]
    key = keys.comment_key(GHOST, "c1")

    world.put(comment)

    assert world.found() == [lost_post(GHOST), (Kind.SHAPE, key, "user_id", None, world.bob)]
    assert [finding.kind for finding in world.repair().left] == [Kind.LOST]
    assert world.row(key)["user_id"] == {"S": world.bob}


def test_a_post_of_a_user_who_is_gone_is_left_with_all_that_hangs_on_it(world):
    texts = {"author_id": GHOST, "caption": "boo", "updated_at": "2025-04-01T00:00:00.000Z", "id": "p1"}
    rest = {"tags": {"L": []}, "is_public": {"BOOL": True}, "likes_count": {"N": "1"}, "comments_count": {"N": "1"}}
    world.put(row(keys.post_key("p1"), "POST", **texts, **rest))
    world.put(like_row("p1", world.bob), comment_row("p1", "c1", world.cat))

    world.leaves(lost_user(GHOST))


def test_a_listing_under_an_author_who_is_gone_is_deleted(world):
    world.put(row(keys.authored_key(GHOST, world.post), "AUTHORED", post_id=world.post))

    world.mends((Kind.ORPHAN, keys.authored_key(GHOST, world.post), "PK", GHOST, None))


@pytest.mark.parametrize("ghost_follows", [True, False])
def test_a_follow_with_an_end_that_is_gone_is_deleted_at_both_ends(world, ghost_follows):
    ends = (GHOST, world.ann) if ghost_follows else (world.ann, GHOST)
    attribute = "follower_id" if ghost_follows else "followee_id"
    world.put(*edge_rows(*ends))
    world.add(keys.user_key(world.ann), "followers_count" if ghost_follows else "following_count")

    world.mends(
        (Kind.ORPHAN, keys.follow_key(*ends), attribute, GHOST, None),
        (Kind.ORPHAN, keys.follower_key(*reversed(ends)), attribute, GHOST, None),
    )


def test_a_claim_of_a_user_who_is_gone_is_deleted_and_its_value_is_free(world):
    partition, _ = keys.handle_key("Nobody")
    world.put(claim_row(partition, GHOST, "2025-03-01T00:00:00.000Z"))

    world.mends((Kind.ORPHAN, (partition, keys.CLAIM), "user_id", GHOST, None))
    assert world.app.profiles.is_handle_available("nobody")


def test_a_feed_item_of_a_reader_who_is_gone_is_deleted(world):
    world.put(item_row(GHOST, world.post, world.ann))

    world.mends((Kind.ORPHAN, keys.feed_key(GHOST, world.post), "reader_id", GHOST, None))


def test_a_reply_whose_parent_is_gone_is_left(world):
    world.put(comment_row(world.post, "c1", world.bob, "c0"))
    world.add(keys.post_key(world.post), "comments_count", 2)

    world.leaves((Kind.ORPHAN, keys.comment_key(world.post, "c1"), "parent_comment_id", "c0", None))


def test_a_reply_to_a_comment_of_another_post_is_left_and_the_message_names_that_post(world):
    world.put(comment_row(world.post, "c1", world.bob, world.elsewhere))
    world.add(keys.post_key(world.post), "comments_count", 2)

    (finding,) = world.audit().findings
    assert finding.message.endswith(f"the post has no such comment, the post {world.other} has")
    world.leaves((Kind.ORPHAN, keys.comment_key(world.post, "c1"), "parent_comment_id", world.elsewhere, None))


def test_a_reply_that_nobody_counts_is_none(world):
    world.put(comment_row(world.post, "c1", world.bob, "c0"))
    world.add(keys.post_key(world.post), "comments_count")

    key = keys.comment_key(world.post, "c1")
    world.mends((Kind.CONTRADICTION, key, "parent_comment_id", "c0", None))
    assert "parent_comment_id" not in world.row(key)


def test_replies_below_a_missing_parent_are_all_found_at_once_and_left(world):
    world.remove(keys.comment_key(world.post, world.top))

    world.leaves(
        (Kind.ORPHAN, keys.comment_key(world.post, world.reply), "parent_comment_id", world.top, None),
        (Kind.THREAD, keys.comment_key(world.post, world.deep), "parent_comment_id", world.reply, None),
    )


def test_replies_in_a_circle_that_no_counter_opens_are_left(world):
    top, reply, deep = (keys.comment_key(world.post, one) for one in (world.top, world.reply, world.deep))
    world.set(top, parent_comment_id={"S": world.reply})
    world.set(reply, replies_count={"N": "2"})

    found = world.found()
    assert {(Kind.THREAD, key) for key in (top, reply, deep)} <= {one[:2] for one in found}
    before = world.rows()
    assert world.repair().mended == ()
    assert world.rows() == before


def test_a_user_who_is_gone_is_one_finding_and_nothing_that_hangs_on_it_goes(world):
    world.remove(keys.user_key(world.bob))

    world.leaves(lost_user(world.bob))


def test_a_user_who_is_put_back_by_a_person_leaves_a_clean_table(world):
    bob, before = world.row(keys.user_key(world.bob)), world.rows()
    world.remove(keys.user_key(world.bob))
    world.repair()
    world.put({**bob, "followers_count": {"N": "0"}})

    assert world.repair().left == ()
    assert world.rows() == before
