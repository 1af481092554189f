from __future__ import annotations

import pytest

from services import keys
from services.audit import Kind
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


def test_a_comment_of_a_user_who_is_gone_is_deleted(world):
    world.put(comment_row(world.post, "c1", GHOST))
    world.add(keys.post_key(world.post), "comments_count")

    world.mends((Kind.ORPHAN, keys.comment_key(world.post, "c1"), "user_id", GHOST, None))


def test_a_comment_on_a_post_that_is_gone_is_deleted(world):
    world.put(comment_row(GHOST, "c1", world.bob))

    world.mends((Kind.ORPHAN, keys.comment_key(GHOST, "c1"), "post_id", GHOST, None))


def test_an_orphan_that_does_not_say_whose_it_is_has_one_owner_missing(world):
    comment = comment_row(GHOST, "c1", world.bob)
    del comment["user_id"]
    key = keys.comment_key(GHOST, "c1")

    world.put(comment)

    found = world.found()
    assert found == [(Kind.ORPHAN, key, "post_id", GHOST, None), (Kind.SHAPE, key, "user_id", None, "S")]
    assert world.repair().left == ()


def test_a_post_of_a_user_who_is_gone_is_deleted_with_all_that_hangs_on_it(world):
    texts = {"author_id": GHOST, "caption": "boo", "updated_at": "2025-04-01T00:00:00.000Z", "id": "p1"}
    rest = {"tags": {"L": []}, "is_public": {"BOOL": True}, "likes_count": {"N": "1"}, "comments_count": {"N": "1"}}
    world.put(row(keys.post_key("p1"), "POST", **texts, **rest))
    world.put(like_row("p1", world.bob), comment_row("p1", "c1", world.cat))
    before = world.rows()

    world.mends((Kind.ORPHAN, keys.post_key("p1"), "author_id", GHOST, None))
    gone = {keys.post_key("p1"), keys.like_key("p1", world.bob), keys.comment_key("p1", "c1")}
    assert world.rows().keys() == before.keys() - gone


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


def test_a_reply_whose_parent_is_gone_is_deleted(world):
    world.put(comment_row(world.post, "c1", world.bob, "c0"))
    world.add(keys.post_key(world.post), "comments_count")

    world.mends((Kind.ORPHAN, keys.comment_key(world.post, "c1"), "parent_comment_id", "c0", None))


def test_a_reply_to_a_comment_of_another_post_is_deleted_and_the_message_names_that_post(world):
    world.put(comment_row(world.post, "c1", world.bob, world.elsewhere))
    world.add(keys.post_key(world.post), "comments_count")

    (finding,) = world.audit().findings
    assert finding.message.endswith(f"the post has no such comment, the post {world.other} has")
    world.mends((Kind.ORPHAN, keys.comment_key(world.post, "c1"), "parent_comment_id", world.elsewhere, None))


def test_replies_to_an_orphan_go_with_it(world):
    world.put(comment_row(world.post, "c1", GHOST, replies=1), comment_row(world.post, "c2", world.bob, "c1", 1))
    world.put(comment_row(world.post, "c3", world.cat, "c2"))
    world.add(keys.post_key(world.post), "comments_count", 3)
    orphans = {keys.comment_key(world.post, name) for name in ("c1", "c2", "c3")}
    before = world.rows()

    world.mends((Kind.ORPHAN, keys.comment_key(world.post, "c1"), "user_id", GHOST, None))
    assert world.rows().keys() == before.keys() - orphans


def test_replies_below_a_missing_parent_are_all_found_at_once(world):
    world.remove(keys.comment_key(world.post, world.top))
    world.add(keys.post_key(world.post), "comments_count", -1)

    world.mends(
        (Kind.ORPHAN, keys.comment_key(world.post, world.reply), "parent_comment_id", world.top, None),
        (Kind.THREAD, keys.comment_key(world.post, world.deep), "parent_comment_id", world.reply, None),
    )
    assert world.app.posts.get(world.post).comments_count == 0


def test_replies_in_a_circle_are_deleted_with_those_below(world):
    top, reply, deep = (keys.comment_key(world.post, one) for one in (world.top, world.reply, world.deep))
    world.set(top, parent_comment_id={"S": world.reply})
    world.set(reply, replies_count={"N": "2"})
    world.set(top, created_at=world.row(reply)["created_at"])

    world.mends(
        (Kind.THREAD, top, "parent_comment_id", world.reply, None),
        (Kind.THREAD, reply, "parent_comment_id", world.top, None),
        (Kind.THREAD, deep, "parent_comment_id", world.reply, None),
    )


def test_a_reply_to_itself_is_deleted(world):
    key = keys.comment_key(world.post, world.deep)
    world.set(key, parent_comment_id={"S": world.deep}, replies_count={"N": "1"})
    world.add(keys.comment_key(world.post, world.reply), "replies_count", -1)

    world.mends((Kind.THREAD, key, "parent_comment_id", world.deep, None))


def test_a_user_who_is_gone_takes_everything_along_and_nobody_elses(world):
    world.remove(keys.user_key(world.bob))

    done = world.repair()

    assert done.audit.is_clean
    assert world.app.posts.get(world.post).likes_count == 0
    assert world.app.posts.get(world.post).comments_count == 0
    assert [user.id for user in world.app.follows.followers(world.ann)] == [world.cat]
    assert not [key for key, one in world.rows().items() if world.bob in str((key, one))]
