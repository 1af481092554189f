"""Deleting posts and comments with all that hangs on them: counters exact at every moment, safe to run again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services import errors
from services.app import App
from services.entities import Comment, Post, User
from tests.contract.world import Stop, Watched, World, drift

NOBODY = "01890000-0000-7000-8000-000000000000"


def thread(world: World, user: User, post: Post, width: int, depth: int) -> Comment:
    """A comment with so many replies, and under the last one a chain of so many."""
    top = world.comment(user, post)
    last = top
    for _ in range(width):
        last = world.comment(user, post, top)
    for _ in range(depth):
        last = world.comment(user, post, last)
    return top


def big_post(world: World, users: int, width: int, depth: int) -> tuple[User, Post, Comment]:
    crowd = world.users(users)
    with world.app.unit_of_work():
        post = world.post(crowd[0])
        world.app.follows.follow_user(crowd[1].id, crowd[0].id)
        for user in crowd:
            world.app.likes.like_post(user.id, post.id)
        top = thread(world, crowd[1], post, width, depth)
        world.comment(crowd[0], post)
    return crowd[0], post, top


class TestPosts:
    def test_a_post_goes_with_all_that_hangs_on_it_and_nothing_else(self, world):
        ann, bob = world.user("ann"), world.user("bob")
        world.app.follows.follow_user(bob.id, ann.id)
        other = world.post(ann)
        world.app.likes.like_post(bob.id, other.id)
        before = world.rows()
        post = world.post(ann)
        world.app.likes.like_post(bob.id, post.id)
        world.comment(ann, post, world.comment(bob, post))
        assert len(world.rows()) == len(before) + 6
        world.app.posts.delete_post(post.id, user_id=ann.id)
        assert world.rows() == before

    def test_counters_are_exact_after_every_transaction_of_a_large_deletion(self, world, watched):
        ann, post, _ = big_post(world, users=260, width=130, depth=130)
        assert world.app.posts.get(post.id).likes_count == 260
        assert world.app.posts.get(post.id).comments_count == 262
        found: list[str] = []
        watched.sent.clear()
        watched.after = lambda: found.extend(drift(world.rows()))
        world.app.posts.delete_post(post.id, user_id=ann.id)
        assert found == []
        assert 5 < len(watched.sent) <= 8
        assert {row["entity_type"]["S"] for row in world.rows().values()} == {
            "USER",
            "CLAIM",
            "FOLLOW",
            "FOLLOWER",
        }
        assert world.app.profiles.get(ann.id).posts_count == 0

    def test_a_post_leaves_the_feeds_before_anything_else_goes(self, world, watched, open_app):
        ann, bob = world.user("ann"), world.user("bob")
        world.app.follows.follow_user(bob.id, ann.id)
        post = world.post(ann)
        world.app.likes.like_post(bob.id, post.id)
        reader = World(open_app(table=world.app.session.store.name))
        seen: list[tuple[bool, list[str]]] = []
        watched.after = lambda: seen.append((reader.app.likes.has_liked(bob.id, post.id), reader.feed(bob)))
        assert reader.feed(bob) == [post.id]
        world.app.posts.delete_post(post.id, user_id=ann.id)
        assert seen == [(True, []), (False, [])]

    def test_only_the_author_deletes(self, world):
        ann, bob = world.user("ann"), world.user("bob")
        post = world.post(ann)
        before = world.rows()
        with pytest.raises(errors.NotAuthorError) as refusal:
            world.app.posts.delete_post(post.id, user_id=bob.id)
        assert (refusal.value.user_id, refusal.value.what) == (bob.id, f"the post {post.id!r}")
        assert world.rows() == before

    def test_a_post_that_is_gone_cannot_be_deleted_again(self, world):
        ann = world.user()
        post = world.post(ann)
        world.app.posts.delete_post(post.id, user_id=ann.id)
        with pytest.raises(errors.PostNotFoundError):
            world.app.posts.delete_post(post.id, user_id=ann.id)

    def test_inside_a_unit_of_work_it_comes_after_what_was_queued(self, world):
        ann = world.user()
        with world.app.unit_of_work():
            post, other = world.post(ann), world.post(ann)
            world.app.likes.like_post(ann.id, post.id)
            world.app.posts.delete_post(post.id, user_id=ann.id)
            world.app.likes.like_post(ann.id, other.id)
        assert [found.id for found in world.app.posts.by_author(ann.id)] == [other.id]
        assert drift(world.rows()) == []

    def test_likes_and_comments_that_arrive_meanwhile_go_too(self, world, open_app):
        ann, bob = world.user("ann"), world.user("bob")
        before = world.rows()
        post = world.post(ann)
        world.app.likes.like_post(ann.id, post.id)
        world.comment(ann, post)
        late = World(open_app(table=world.app.session.store.name))
        arrivals = [
            lambda: late.app.likes.like_post(bob.id, post.id),
            lambda: late.app.comments.create_comment(bob.id, post.id, "late"),
            lambda: late.app.likes.unlike_post(bob.id, post.id),
        ]
        with Watched(world.app) as watched:
            watched.before = lambda _actions: arrivals.pop(0)() if arrivals else None
            world.app.posts.delete_post(post.id, user_id=ann.id)
        assert arrivals == []
        left = world.rows()
        assert left == before

    def test_others_who_never_stop_are_named_in_the_end(self, world, open_app):
        ann = world.user("ann")
        fans = world.users(60)
        post = world.post(ann)
        other = World(open_app(table=world.app.session.store.name))
        with Watched(world.app) as watched:
            watched.before = lambda _actions: other.app.likes.like_post(fans.pop().id, post.id)
            with pytest.raises(errors.ChangedMeanwhileError, match="call again") as refusal:
                world.app.posts.delete_post(post.id, user_id=ann.id)
        assert refusal.value.what == f"the post {post.id!r}"
        assert drift(world.rows()) == []
        world.app.posts.delete_post(post.id, user_id=ann.id)
        assert world.app.profiles.get(ann.id).posts_count == 0


class TestComments:
    def test_a_comment_goes_with_all_replies_below_it_and_nothing_else(self, world):
        ann, bob = world.user("ann"), world.user("bob")
        post = world.post(ann)
        parent = world.comment(ann, post)
        world.comment(bob, post, parent)
        before = world.rows()
        top = world.comment(bob, post, parent)
        world.comment(ann, post, world.comment(ann, post, top))
        world.comment(bob, post, top)
        world.app.comments.delete_comment(post.id, top.id, user_id=bob.id)
        assert world.rows() == before

    def test_counters_are_exact_after_every_transaction_of_a_large_deletion(self, world, watched):
        _, post, top = big_post(world, users=2, width=150, depth=150)
        found: list[str] = []
        watched.sent.clear()
        watched.after = lambda: found.extend(drift(world.rows()))
        world.app.comments.delete_comment(post.id, top.id, user_id=top.user_id)
        assert found == []
        assert 3 < len(watched.sent) <= 6
        assert world.app.posts.get(post.id).comments_count == 1

    def test_only_who_wrote_it_deletes_it(self, world):
        ann, bob = world.user("ann"), world.user("bob")
        post = world.post(ann)
        comment = world.comment(bob, post)
        before = world.rows()
        with pytest.raises(errors.NotAuthorError) as refusal:
            world.app.comments.delete_comment(post.id, comment.id, user_id=ann.id)
        assert refusal.value.what == f"the comment {comment.id!r}"
        assert world.rows() == before

    def test_an_unknown_comment_cannot_be_deleted(self, world):
        ann = world.user()
        post = world.post(ann)
        with pytest.raises(errors.CommentNotFoundError):
            world.app.comments.delete_comment(post.id, NOBODY, user_id=ann.id)

    def test_replies_that_arrive_meanwhile_go_too(self, world, open_app):
        ann, bob = world.user("ann"), world.user("bob")
        post = world.post(ann)
        before = world.rows()
        top = world.comment(ann, post)
        late = World(open_app(table=world.app.session.store.name, seed="late"))
        arrivals = [lambda: late.comment(bob, post, top), lambda: late.comment(bob, post, top)]
        with Watched(world.app) as watched:
            watched.before = lambda _actions: arrivals.pop(0)() if arrivals else None
            world.app.comments.delete_comment(post.id, top.id, user_id=ann.id)
        assert arrivals == []
        assert world.rows() == before

    def test_others_who_never_stop_are_named_in_the_end(self, world, open_app):
        ann = world.user("ann")
        post = world.post(ann)
        top = world.comment(ann, post)
        other = World(open_app(table=world.app.session.store.name, seed="other"))
        with Watched(world.app) as watched:
            watched.before = lambda _actions: other.comment(ann, post, top)
            with pytest.raises(errors.ChangedMeanwhileError) as refusal:
                world.app.comments.delete_comment(post.id, top.id, user_id=ann.id)
        assert refusal.value.what == f"the comment {top.id!r}"
        assert drift(world.rows()) == []


@pytest.mark.parametrize("what", ["post", "comment"])
def test_stopped_at_any_write_the_same_call_again_completes_it(open_app: Callable[..., App], what: str):
    def play(world: World) -> Callable[[], None]:
        ann, post, top = big_post(world, users=102, width=3, depth=100)
        if what == "post":
            return lambda: world.app.posts.delete_post(post.id, user_id=ann.id)
        return lambda: world.app.comments.delete_comment(post.id, top.id, user_id=top.user_id)

    whole = World(open_app())
    delete = play(whole)
    with Watched(whole.app) as watched:
        delete()
    assert watched.written >= 2
    for place in range(watched.written):
        world = World(open_app())
        delete = play(world)
        with Watched(world.app) as stopped:
            stopped.stop_at = place
            with pytest.raises(Stop):
                delete()
        assert drift(world.rows()) == []
        delete()
        assert world.rows() == whole.rows(), f"stopped at write {place} of {watched.written}"
