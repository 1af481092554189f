"""Comments and replies. Deleting is in test_deletion.py."""

from __future__ import annotations

import pytest

from services import errors
from tests.contract.world import drift

NOBODY = "01890000-0000-7000-8000-000000000000"


def test_a_comment_counts_with_its_post_in_one_transaction(world, watched):
    ann = world.user()
    post = world.post(ann)
    watched.sent.clear()
    comment = world.comment(ann, post)
    assert [len(actions) for actions in watched.sent] == [3]
    assert world.app.comments.get(post.id, comment.id) == comment
    assert world.app.posts.get(post.id).comments_count == 1


def test_a_reply_counts_with_its_post_and_its_parent(world, watched):
    ann = world.user()
    post = world.post(ann)
    parent = world.comment(ann, post)
    watched.sent.clear()
    reply = world.comment(ann, post, parent)
    assert [len(actions) for actions in watched.sent] == [4]
    assert reply.parent_comment_id == parent.id
    assert world.app.comments.get(post.id, parent.id).replies_count == 1
    assert world.app.posts.get(post.id).comments_count == 2


def test_replies_go_to_any_depth(world):
    ann = world.user()
    post = world.post(ann)
    chain = [world.comment(ann, post)]
    for _ in range(30):
        chain.append(world.comment(ann, post, chain[-1]))
    assert drift(world.rows()) == []
    assert [comment.replies_count for comment in world.app.comments.of_post(post.id)] == [1] * 30 + [0]


def test_white_space_around_the_content_is_cut_off(world):
    ann = world.user()
    post = world.post(ann)
    comment = world.comment(ann, post, content="  \n so it is\t ")
    assert comment.content == "so it is"
    assert world.app.comments.get(post.id, comment.id).content == "so it is"


@pytest.mark.parametrize("content", ["", "   ", "\n\t", "x" * 501, None, 7])
def test_content_that_is_empty_or_too_long_after_trimming_is_refused(world, watched, content):
    ann = world.user()
    post = world.post(ann)
    watched.sent.clear()
    with pytest.raises(errors.ValidationError) as refusal:
        world.comment(ann, post, content=content)
    assert [field.field for field in refusal.value.fields] == ["content"]
    assert watched.sent == []


def test_five_hundred_characters_within_white_space_are_stored(world):
    ann = world.user()
    post = world.post(ann)
    comment = world.comment(ann, post, content=f" {'é' * 500} ")
    assert world.app.comments.get(post.id, comment.id).content == "é" * 500


def test_all_wrong_fields_are_named(app):
    with pytest.raises(errors.ValidationError) as refusal:
        app.comments.create_comment("", "a#b", " ", 7)
    assert [field.field for field in refusal.value.fields] == [
        "user_id",
        "post_id",
        "parent_comment_id",
        "content",
    ]


def test_nobody_cannot_comment(world):
    post = world.post(world.user())
    before = world.rows()
    with pytest.raises(errors.UserNotFoundError):
        world.app.comments.create_comment(NOBODY, post.id, "hi")
    assert world.rows() == before


def test_a_post_that_is_not_there_cannot_be_commented_on(world):
    ann = world.user()
    before = world.rows()
    with pytest.raises(errors.PostNotFoundError):
        world.app.comments.create_comment(ann.id, NOBODY, "hi")
    assert world.rows() == before


def test_the_parent_must_be_a_comment_of_the_same_post(world):
    ann = world.user()
    post, other = world.post(ann), world.post(ann)
    elsewhere = world.comment(ann, other)
    before = world.rows()
    for parent_id in (elsewhere.id, NOBODY):
        with pytest.raises(errors.CommentNotFoundError) as refusal:
            world.app.comments.create_comment(ann.id, post.id, "hi", parent_id)
        assert (refusal.value.post_id, refusal.value.comment_id) == (post.id, parent_id)
    assert world.rows() == before


def test_an_unknown_comment_is_an_error_with_both_ids(world):
    post = world.post(world.user())
    with pytest.raises(errors.CommentNotFoundError) as refusal:
        world.app.comments.get(post.id, NOBODY)
    assert str(refusal.value) == f"the post {post.id!r} has no comment of the id {NOBODY!r}"


def test_comments_of_a_post_come_oldest_first_replies_among_them(world):
    ann = world.user()
    post, other = world.post(ann), world.post(ann)
    first = world.comment(ann, post)
    reply = world.comment(ann, post, first)
    world.comment(ann, other)
    last = world.comment(ann, post)
    assert [comment.id for comment in world.app.comments.of_post(post.id)] == [first.id, reply.id, last.id]


def test_replies_are_the_direct_ones_oldest_first(world):
    ann = world.user()
    post = world.post(ann)
    top, other = world.comment(ann, post), world.comment(ann, post)
    one = world.comment(ann, post, top)
    world.comment(ann, post, other)
    world.comment(ann, post, one)
    two = world.comment(ann, post, top)
    assert [comment.id for comment in world.app.comments.replies(post.id, top.id)] == [one.id, two.id]


def test_a_few_replies_among_very_many_comments_cost_few_queries(world):
    ann = world.user()
    post = world.post(ann)
    with world.app.unit_of_work():
        top = world.comment(ann, post)
        for _ in range(1_500):
            world.comment(ann, post)
        last = world.comment(ann, post, top)
    before = world.app.usage
    assert [reply.id for reply in world.app.comments.replies(post.id, top.id, limit=1)] == [last.id]
    assert world.app.usage.since(before).calls["Query"] <= 6
