"""Posts: publishing, reading, changing. Deleting is in test_deletion.py."""

from __future__ import annotations

import pytest

from services import errors
from tests.contract.world import World, drift, read_all

NOBODY = "01890000-0000-7000-8000-000000000000"


def test_a_new_post_is_stored_as_it_was_returned(world):
    ann = world.user()
    made = world.app.posts.create_post(
        author_id=ann.id,
        caption="hello 🙂",
        image_url="http://example.org/a.png",
        tags=["sun", "sea"],
        is_public=False,
    )
    assert world.app.posts.get(made.id) == made
    assert made.tags == ("sun", "sea")
    assert (made.likes_count, made.comments_count) == (0, 0)


def test_a_post_counts_with_its_author_in_one_transaction(world, watched):
    ann = world.user()
    post = world.post(ann)
    assert [len(actions) for actions in watched.sent] == [4, 3]
    assert world.app.profiles.get(ann.id).posts_count == 1
    assert (f"USER#{ann.id}", f"POST#{post.id}") in world.rows()
    assert drift(world.rows()) == []


def test_a_post_without_anything_said_is_empty_and_public(world):
    post = world.app.posts.create_post(author_id=world.user().id)
    assert (post.caption, post.image_url, post.tags, post.is_public) == ("", None, (), True)


def test_nobody_cannot_post(world):
    with pytest.raises(errors.UserNotFoundError) as refusal:
        world.app.posts.create_post(author_id=NOBODY)
    assert refusal.value.user_id == NOBODY
    assert world.rows() == {}


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("caption", "x" * 2201, "caption"),
        ("caption", None, "caption"),
        ("image_url", "example.org", "image_url"),
        ("tags", ["x"] * 31, "tags"),
        ("tags", "sun", "tags"),
        ("tags", None, "tags"),
        ("tags", ["sun", "x" * 51], "tags[1]"),
        ("tags", [""], "tags[0]"),
        ("tags", [7], "tags[0]"),
        ("is_public", "yes", "is_public"),
        ("author_id", "", "author_id"),
        ("author_id", "a#b", "author_id"),
        ("author_id", None, "author_id"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_written(world, watched, field, value, named):
    ann = world.user()
    with pytest.raises(errors.ValidationError) as refusal:
        world.app.posts.create_post(**{"author_id": ann.id, field: value})
    assert [wrong.field for wrong in refusal.value.fields] == [named]
    assert len(watched.sent) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("caption", "é" * 2200), ("tags", ("x" * 50,) * 30), ("tags", ())],
    ids=["caption", "tags", "no-tags"],
)
def test_the_longest_allowed_values_are_stored(world, field, value):
    post = world.post(world.user(), **{field: value})
    assert getattr(world.app.posts.get(post.id), field) == value


def test_an_unknown_post_is_an_error_with_the_id(app):
    with pytest.raises(errors.PostNotFoundError, match=f"no post has the id '{NOBODY}'") as refusal:
        app.posts.get(NOBODY)
    assert refusal.value.post_id == NOBODY


def test_many_posts_come_by_id_in_the_order_asked_for_without_the_missing(world):
    ann = world.user()
    one, two = world.post(ann), world.post(ann)
    assert list(world.app.posts.get_many([two.id, NOBODY, one.id, two.id]).items()) == [
        (two.id, two),
        (one.id, one),
    ]


def test_posts_of_an_author_come_newest_first_private_ones_too(world):
    ann, bob = world.user("ann"), world.user("bob")
    posts = [world.post(ann), world.post(ann, is_public=False), world.post(ann)]
    world.post(bob)
    assert list(world.app.posts.by_author(ann.id)) == posts[::-1]


def test_posts_of_an_author_show_current_counts(world):
    ann = world.user()
    post = world.post(ann)
    world.app.likes.like_post(ann.id, post.id)
    assert [found.likes_count for found in world.app.posts.by_author(ann.id)] == [1]


class TestUpdate:
    def test_fields_are_replaced_and_the_rest_stays(self, world):
        ann = world.user()
        post = world.post(ann, tags=["sun"], image_url="https://example.org/a.png")
        world.app.likes.like_post(ann.id, post.id)
        changed = world.app.posts.update_post(post.id, user_id=ann.id, caption="new", tags=["sea", "sky"])
        assert world.app.posts.get(post.id) == changed
        assert (changed.caption, changed.tags, changed.image_url) == ("new", ("sea", "sky"), post.image_url)
        assert changed.likes_count == 1
        assert changed.updated_at > post.updated_at

    def test_none_takes_an_image_away(self, world):
        ann = world.user()
        post = world.post(ann, image_url="https://example.org/a.png")
        assert world.app.posts.update_post(post.id, user_id=ann.id, image_url=None).image_url is None
        assert world.app.posts.get(post.id).image_url is None

    def test_only_the_author_changes_a_post(self, world):
        ann, bob = world.user("ann"), world.user("bob")
        post = world.post(ann)
        before = world.rows()
        with pytest.raises(errors.NotAuthorError) as refusal:
            world.app.posts.update_post(post.id, user_id=bob.id, caption="mine")
        assert str(refusal.value) == f"{bob.id!r} is not the author of the post {post.id!r}"
        assert (refusal.value.user_id, refusal.value.what) == (bob.id, f"the post {post.id!r}")
        assert world.rows() == before

    def test_an_unknown_post_cannot_be_changed(self, world):
        with pytest.raises(errors.PostNotFoundError):
            world.app.posts.update_post(NOBODY, user_id=world.user().id, caption="x")

    def test_wrong_fields_are_all_named(self, world):
        ann = world.user()
        post = world.post(ann)
        with pytest.raises(errors.ValidationError) as refusal:
            world.app.posts.update_post(post.id, user_id=ann.id, caption="x" * 2201, tags=None)
        assert [wrong.field for wrong in refusal.value.fields] == ["caption", "tags"]

    def test_a_field_that_there_is_not_is_a_type_error(self, world):
        ann = world.user()
        post = world.post(ann)
        with pytest.raises(TypeError, match="unknown fields: author_id, likes_count"):
            world.app.posts.update_post(post.id, user_id=ann.id, likes_count=5, author_id="x")


def test_a_thousand_and_more_posts_are_read_to_the_end(world: World):
    ann = world.user()
    with world.app.unit_of_work():
        posts = [world.post(ann) for _ in range(1_005)]
    assert len(world.app.posts.by_author(ann.id, limit=1_000)) == 1_000
    found = read_all(lambda **page: world.app.posts.by_author(ann.id, **page), limit=1_000)
    assert [post.id for post in found] == [post.id for post in reversed(posts)]
