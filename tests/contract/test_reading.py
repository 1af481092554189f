"""What reading calls make of ids that are none, and in what order things of one millisecond come."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.errors import ValidationError

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
READS = {
    "profiles.get": lambda app, bad: app.profiles.get(bad),
    "profiles.get_many": lambda app, bad: app.profiles.get_many([bad]),
    "posts.get": lambda app, bad: app.posts.get(bad),
    "posts.get_many": lambda app, bad: app.posts.get_many([bad]),
    "posts.by_author": lambda app, bad: app.posts.by_author(bad),
    "posts.delete_post": lambda app, bad: app.posts.delete_post(bad, user_id="u"),
    "likes.has_liked": lambda app, bad: app.likes.has_liked("u", bad),
    "likes.statuses": lambda app, bad: app.likes.statuses("u", [bad]),
    "likes.likers": lambda app, bad: app.likes.likers(bad),
    "likes.liked_posts": lambda app, bad: app.likes.liked_posts(bad),
    "comments.get": lambda app, bad: app.comments.get("p", bad),
    "comments.of_post": lambda app, bad: app.comments.of_post(bad),
    "comments.replies": lambda app, bad: app.comments.replies(bad, "c"),
    "follows.is_following": lambda app, bad: app.follows.is_following(bad, "u"),
    "follows.followers": lambda app, bad: app.follows.followers(bad),
    "follows.following": lambda app, bad: app.follows.following(bad),
    "feeds.read": lambda app, bad: app.feeds.read(bad),
}


def profile(app, name):
    return app.profiles.create_profile(email=f"{name}@example.com", username=name, handle=name, full_name=name)


@pytest.mark.parametrize("bad", [None, 7, "", "x" * 3_000, "USER#1"])
@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_a_read_by_what_is_no_id_is_refused_with_the_value(app, read, bad):
    with pytest.raises(ValidationError) as refused:
        read(app, bad)

    assert [(field.message, field.value) for field in refused.value.fields] == [("must be an id", bad)]


@pytest.mark.parametrize("bad", ["", "x" * 3_000])
def test_nobody_is_found_by_what_nobody_can_have(app, bad):
    assert app.profiles.find_by_handle(bad) is None
    assert app.profiles.find_by_email(bad) is None
    assert app.profiles.find_by_username(bad) is None


def test_posts_of_one_millisecond_come_newest_first(app):
    ada = profile(app, "ada")
    with app.at(NOON), app.unit_of_work():
        posts = [app.posts.create_post(author_id=ada.id, caption=str(number)) for number in range(20)]

    assert [post.caption for post in app.posts.by_author(ada.id)] == [post.caption for post in reversed(posts)]


def test_keyed_ids_of_one_millisecond_sort_by_their_number(app):
    with app.at(NOON):
        ids = []
        for number in (0, 9, 10, 255, 1_000_000):
            with app.at(NOON, f"seed/PostFactory/{number}"):
                ids.append(app.ids.new(NOON))

    assert ids == sorted(ids)
    assert len(set(ids)) == 5
