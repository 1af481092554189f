"""The same calls leave the same bytes on every engine, whatever the number of workers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from factories import CommentFactory, FollowFactory, PostFactory, Range, UserFactory, recycle, using
from factories.presets import PRESETS
from factories.seeding.seeder import Seeder
from seedbed.dynamo.digest import digest_of
from services import App
from services.audit import audit
from tests.contract.world import START, World, without_feeds


def seed_a_preset(app: App) -> None:
    with using(app, seed="digest"):
        Seeder(app, PRESETS["minimal"]).run()


def make_by_factories(app: App) -> None:
    with using(app, seed="digest"):
        users = UserFactory.create_batch(12, followers=Range(0, 3))
        with recycle(users):
            posts = PostFactory.create_batch(20, likes=Range(0, 9), comments=Range(0, 3))
            CommentFactory.create_batch(15, post=posts[0], replies=2)
            FollowFactory.create_batch(10)
        PostFactory(viral=True)


def call_services(app: App) -> None:
    """Everything that changes or takes away, one call at a time and queued."""
    world = World(app)
    users = world.users(9)
    with app.unit_of_work():
        posts = [world.post(users[0], caption=f"post {number}") for number in range(30)]
        for number, user in enumerate(users[1:]):
            app.follows.follow_user(user.id, users[0].id)
            app.likes.like_post(user.id, posts[number].id)
            app.likes.like_post(user.id, posts[0].id)
        comments = [world.comment(user, posts[0]) for user in users]
        replies = [world.comment(users[1], posts[0], comment) for comment in comments]
    app.profiles.update_profile(users[1].id, handle="renamed", bio=None)
    app.posts.update_post(posts[1].id, user_id=users[0].id, is_public=False)
    app.feeds.mark_read(users[1].id, posts[2].id)
    with app.unit_of_work():
        app.likes.unlike_post(users[3].id, posts[0].id)
        app.follows.unfollow_user(users[4].id, users[0].id)
        app.posts.delete_post(posts[3].id, user_id=users[0].id)
        app.comments.delete_comment(posts[0].id, replies[2].id, user_id=users[1].id)
        app.comments.delete_comment(posts[0].id, comments[5].id, user_id=users[5].id)


WORLDS = {"preset": seed_a_preset, "factories": make_by_factories, "services": call_services}


def left_by(app: App, make: Callable[[App], None]):
    """Every stored row, and the digest."""
    make(app)
    store = app.session.store
    found = audit(store, segments=2)
    assert found.findings == ()
    assert found.digest == str(digest_of(store))
    return World(app).rows(), found.digest


@pytest.fixture(scope="module")
def embedded_worlds():
    """What an embedded engine is left with, by one worker."""
    from services import connect

    worlds = {}
    for name, make in WORLDS.items():
        with connect(clock=lambda: START, seed="contract") as app:
            worlds[name] = left_by(app, make)
    return worlds


@pytest.mark.parametrize("workers", [1, 2, 8])
@pytest.mark.parametrize("name", WORLDS)
def test_the_same_calls_leave_the_same_bytes(open_app, embedded_worlds, name, workers):
    app = open_app(clock=lambda: START, workers=workers)

    rows, digest = left_by(app, WORLDS[name])

    assert (rows, digest) == embedded_worlds[name]
    assert len(rows) > len(without_feeds(rows)) > 100
