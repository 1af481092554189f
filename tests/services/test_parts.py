"""A part of a world, played without packs: its services answer, and leave, what they do where Changes are packed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services import connect, exports
from services.errors import RefusedChangesError

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def played(play, *, in_part):
    with connect(is_dry=True, clock=lambda: NOW, seed=7) as app:
        if in_part:
            exports.hold_a_part(app)
        said = play(app)
        return said, str(app.digest()), app.usage.calls["TransactWriteItems"]


def person(app, name):
    return app.profiles.create_profile(email=f"{name}@example.com", username=name, handle=name, full_name=name)


def work(app):
    with app.unit_of_work() as unit:
        ann, bob = person(app, "ann"), person(app, "bob")
        post = app.posts.create_post(author_id=ann.id, caption="Grüße")
        follow = app.follows.follow_user(bob.id, ann.id)
        app.likes.like_post(bob.id, post.id)
        app.profiles.update_profile(bob.id, bio="new")
        app.comments.create_comment(user_id=ann.id, post_id=post.id, content="Hi")
        later = app.posts.create_post(author_id=ann.id, caption="Later")
        values = [unit.stored(value) for value in (ann, bob, post, follow, later)]
    return [*values, app.feeds.read(bob.id).items, app.posts.get(post.id)]


def take_twice(app):
    made = []

    def take():
        with app.unit_of_work():
            ann, _, bob = person(app, "ann"), person(app, "ann"), person(app, "bob")
            made.append(app.posts.create_post(author_id=ann.id, caption="Hello"))
            for _ in range(2):
                app.likes.like_post(bob.id, made[0].id)

    with pytest.raises(RefusedChangesError) as caught:
        take()
    return str(caught.value), app.posts.get(made[0].id).likes_count


@pytest.mark.parametrize("play", [work, take_twice])
def test_a_part_answers_and_leaves_what_packs_do(play):
    assert played(play, in_part=True)[:2] == played(play, in_part=False)[:2]


def test_nothing_of_a_part_that_only_puts_and_counts_is_packed():
    def play(app):
        with app.unit_of_work():
            ann, bob = person(app, "ann"), person(app, "bob")
            post = app.posts.create_post(author_id=ann.id, caption="Hello")
            app.likes.like_post(bob.id, post.id)
        return app.posts.get(post.id).likes_count

    assert played(play, in_part=True)[::2] == (1, 0)
