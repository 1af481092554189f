"""Likes: once each, counted with their post."""

from __future__ import annotations

import pytest

from services import errors
from tests.contract.world import drift, read_all

NOBODY = "01890000-0000-7000-8000-000000000000"


def test_a_like_counts_with_its_post_in_one_transaction(world, watched):
    ann = world.user()
    post = world.post(ann)
    watched.sent.clear()
    like = world.app.likes.like_post(ann.id, post.id)
    assert [len(actions) for actions in watched.sent] == [3]
    assert (like.user_id, like.post_id) == (ann.id, post.id)
    assert world.app.posts.get(post.id).likes_count == 1
    assert world.app.likes.has_liked(ann.id, post.id)


def test_liking_twice_counts_once_and_returns_the_first_like(world):
    ann = world.user()
    post = world.post(ann)
    first = world.app.likes.like_post(ann.id, post.id)
    assert world.app.likes.like_post(ann.id, post.id) == first
    assert world.app.posts.get(post.id).likes_count == 1


def test_unliking_takes_the_like_and_its_count_back(world):
    ann = world.user()
    post = world.post(ann)
    before = world.rows()
    world.app.likes.like_post(ann.id, post.id)
    assert world.rows() != before
    world.app.likes.unlike_post(ann.id, post.id)
    assert world.rows() == before
    assert not world.app.likes.has_liked(ann.id, post.id)


def test_unliking_what_is_not_liked_changes_nothing(world):
    ann = world.user()
    post = world.post(ann)
    before = world.rows()
    world.app.likes.unlike_post(ann.id, post.id)
    world.app.likes.unlike_post(ann.id, NOBODY)
    assert world.rows() == before


def test_a_like_again_after_an_unlike_counts_anew(world):
    ann = world.user()
    post = world.post(ann)
    first = world.app.likes.like_post(ann.id, post.id)
    world.app.likes.unlike_post(ann.id, post.id)
    second = world.app.likes.like_post(ann.id, post.id)
    assert second.created_at > first.created_at
    assert drift(world.rows()) == []


def test_a_post_that_is_not_there_cannot_be_liked(world):
    ann = world.user()
    before = world.rows()
    with pytest.raises(errors.PostNotFoundError) as refusal:
        world.app.likes.like_post(ann.id, NOBODY)
    assert refusal.value.post_id == NOBODY
    assert world.rows() == before


def test_nobody_cannot_like(world):
    post = world.post(world.user())
    before = world.rows()
    with pytest.raises(errors.UserNotFoundError) as refusal:
        world.app.likes.like_post(NOBODY, post.id)
    assert refusal.value.user_id == NOBODY
    assert world.rows() == before


def test_of_a_missing_post_and_a_missing_user_the_post_is_named(world):
    with pytest.raises(errors.PostNotFoundError):
        world.app.likes.like_post(NOBODY, NOBODY)


@pytest.mark.parametrize("call", ["like_post", "unlike_post"])
@pytest.mark.parametrize("wrong", ["", "a#b", None, "x" * 51, 7, "\ud800"])
def test_what_is_no_id_is_named(app, watched, call, wrong):
    with pytest.raises(errors.ValidationError) as refusal:
        getattr(app.likes, call)(wrong, wrong)
    assert [(field.field, field.message) for field in refusal.value.fields] == [
        ("user_id", "must be an id"),
        ("post_id", "must be an id"),
    ]
    assert watched.sent == []


def test_likers_come_by_the_time_of_their_sign_up(world):
    ann, bob, cid = world.user("ann"), world.user("bob"), world.user("cid")
    post = world.post(ann)
    for user in (cid, ann):
        world.app.likes.like_post(user.id, post.id)
    assert [user.id for user in world.app.likes.likers(post.id)] == [ann.id, cid.id]
    assert bob.id not in [user.id for user in world.app.likes.likers(post.id)]
    assert world.app.likes.likers(post.id).items[0] == world.app.profiles.get(ann.id)


def test_liked_posts_come_last_liked_first_with_current_counts(world):
    ann, bob = world.user("ann"), world.user("bob")
    posts = [world.post(ann) for _ in range(4)]
    for place in (1, 3, 0):
        world.app.likes.like_post(bob.id, posts[place].id)
    world.app.likes.like_post(ann.id, posts[3].id)
    liked = world.app.likes.liked_posts(bob.id)
    assert [post.id for post in liked] == [posts[0].id, posts[3].id, posts[1].id]
    assert [post.likes_count for post in liked] == [1, 2, 1]


def test_statuses_tell_for_each_of_many_posts(world):
    ann = world.user()
    with world.app.unit_of_work():
        posts = [world.post(ann) for _ in range(101)]
        for post in posts[::2]:
            world.app.likes.like_post(ann.id, post.id)
    wanted = [*(post.id for post in posts), NOBODY]
    statuses = world.app.likes.statuses(ann.id, wanted)
    assert list(statuses) == wanted
    assert statuses == {post_id: post_id in {post.id for post in posts[::2]} for post_id in wanted}


def test_a_thousand_and_more_likers_are_read_to_the_end(world):
    ann = world.user()
    users = world.users(1_003)
    post = world.post(ann)
    with world.app.unit_of_work():
        for user in users:
            world.app.likes.like_post(user.id, post.id)
    found = read_all(lambda **page: world.app.likes.likers(post.id, **page), limit=1_000)
    assert [user.id for user in found] == [user.id for user in users]
    assert world.app.posts.get(post.id).likes_count == 1_003
