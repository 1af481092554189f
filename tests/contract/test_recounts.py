"""Recounts over every engine: rows are counted by the engine, without being sent, and over more than one part."""

from __future__ import annotations

import pytest

from services.entities import Recount
from services.errors import PostNotFoundError, UserNotFoundError


def people(app, count):
    with app.unit_of_work():
        return [
            app.profiles.create_profile(
                email=f"p{number}@example.com", username=f"p_{number}", handle=f"p_{number}", full_name=f"P {number}"
            )
            for number in range(count)
        ]


def test_counters_are_recounted_from_their_rows(app):
    ada, bob, cleo = people(app, 3)
    post = app.posts.create_post(author_id=ada.id, caption="Hello")
    first = app.comments.create_comment(bob.id, post.id, "first")
    second = app.comments.create_comment(cleo.id, post.id, "second", first.id)
    for fan in (bob, cleo):
        app.likes.like_post(fan.id, post.id)
        app.follows.follow_user(fan.id, ada.id)

    assert app.recounts.of_post(post.id) == [
        Recount(name="likes_count", stored=2, rows=2),
        Recount(name="comments_count", stored=2, rows=2),
    ]
    assert app.recounts.of_user(ada.id) == [
        Recount(name="posts_count", stored=1, rows=1),
        Recount(name="followers_count", stored=2, rows=2),
        Recount(name="following_count", stored=0, rows=0),
    ]
    assert app.recounts.of_thread(post.id) == {
        first.id: Recount(name="replies_count", stored=1, rows=1),
        second.id: Recount(name="replies_count", stored=0, rows=0),
    }


def test_no_row_is_sent_and_what_is_over_the_bound_is_not_counted(app, monkeypatch):
    monkeypatch.setattr("services.recounts.ROWS_MAX", 4)
    fans = people(app, 5)
    post = app.posts.create_post(author_id=fans[0].id, caption="Hello")
    with app.unit_of_work():
        for fan in fans:
            app.likes.like_post(fan.id, post.id)
    before = app.usage
    likes, comments = app.recounts.of_post(post.id)
    assert (likes.rows, likes.is_exact, comments.is_exact) == (None, False, True)
    assert app.usage.since(before).calls == {"GetItem": 2, "Query": 2}


def test_what_is_not_there_cannot_be_recounted(app):
    with pytest.raises(PostNotFoundError):
        app.recounts.of_post("nothing")
    with pytest.raises(UserNotFoundError):
        app.recounts.of_user("nobody")
    assert app.recounts.of_thread("nothing") == {}


def test_what_a_unit_of_work_has_queued_is_counted(app):
    ada, bob = people(app, 2)
    with app.unit_of_work():
        post = app.posts.create_post(author_id=ada.id, caption="Hello")
        app.likes.like_post(bob.id, post.id)
        assert app.recounts.of_post(post.id)[0] == Recount(name="likes_count", stored=1, rows=1)


def test_people_of_a_run_and_some_of_a_table_are_listed(app):
    with app.runs.recording("a run"):
        made = people(app, 5)
    first = app.runs.people("a run", limit=3)
    rest = app.runs.people("a run", limit=3, cursor=first.cursor)
    assert [user.id for user in (*first, *rest)] == sorted(user.id for user in made)
    assert rest.cursor is None
    assert list(app.runs.people("another")) == []
    assert {user.id for user in app.profiles.some(limit=9)} == {user.id for user in made}
    assert len(app.profiles.some(limit=2)) == 2
