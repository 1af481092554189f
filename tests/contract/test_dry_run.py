"""Dry runs: everything is checked and counted, and nothing is sent. The property is in tests/laws."""

# ruff: noqa: PT012 - what raises is the end of a unit of work, so its block must be in the block

from __future__ import annotations

import pytest

from services import errors
from tests.contract.world import World, drift


def seed(world: World) -> None:
    users = [world.user(f"user{number}") for number in range(30)]
    for user in users:
        post = world.post(user, caption="x" * 2_000)
        for other in users[:10]:
            world.app.likes.like_post(other.id, post.id)
            world.comment(other, post)
    for user in users[1:]:
        world.app.follows.follow_user(user.id, users[0].id)


def test_a_dry_run_counts_what_the_real_run_costs(open_app):
    real, dry = World(open_app()), World(open_app())
    with real.app.unit_of_work() as written:
        seed(real)
    with dry.app.unit_of_work(is_dry=True) as played:
        seed(dry)
    assert played.usage == written.usage
    assert played.usage.total_calls > 5
    assert played.usage.write_units > 1_000
    assert played.usage.usd == pytest.approx(played.usage.write_units * 0.625 / 1_000_000)


def test_a_dry_run_writes_nothing_and_shows_what_it_would_write(open_app):
    real, dry = World(open_app()), World(open_app())
    with real.app.unit_of_work():
        seed(real)
    with dry.app.unit_of_work(is_dry=True):
        seed(dry)
        assert dry.app.profiles.find_by_handle("user0") is not None
        assert dry.rows() == real.rows()
    assert dry.rows() == {}
    assert dry.app.profiles.find_by_handle("user0") is None


def test_a_dry_run_lies_over_what_is_there(world):
    ann, bob = world.user("ann"), world.user("bob")
    post = world.post(ann)
    before = world.rows()
    with world.app.unit_of_work(is_dry=True) as unit:
        like = world.app.likes.like_post(bob.id, post.id)
        world.app.follows.follow_user(bob.id, ann.id)
        late = world.post(ann)
        assert world.feed(bob) == [late.id, post.id]
        assert [user.id for user in world.app.likes.likers(post.id)] == [bob.id]
        assert [found.id for found in world.app.likes.liked_posts(bob.id)] == [post.id]
        assert drift(world.rows()) == []
        world.app.posts.delete_post(post.id, user_id=ann.id)
        assert world.feed(bob) == [late.id]
        assert [found.id for found in world.app.posts.by_author(ann.id)] == [late.id]
        assert unit.stored(late) == world.app.posts.get(late.id)
        with pytest.raises(errors.GoneError):
            unit.stored(like)
    assert world.rows() == before


def test_a_dry_run_refuses_what_the_real_run_would(world):
    world.user("ann")
    with (
        pytest.raises(errors.RefusedChangesError) as refusal,
        world.app.unit_of_work(is_dry=True) as unit,
    ):
        world.user("ann")
        world.user("bob")
    assert [type(error) for error in refusal.value.exceptions] == [errors.EmailTakenError]
    assert unit.committed == 1


def test_a_dry_run_cannot_begin_inside_one_that_writes(world):
    with world.app.unit_of_work():
        with pytest.raises(errors.InvalidSettingError) as refusal, world.app.unit_of_work(is_dry=True):
            pass
        ann = world.user()
    assert refusal.value.setting == "is_dry"
    assert world.app.profiles.get(ann.id) == ann


def test_a_unit_inside_a_dry_run_is_dry(world):
    with world.app.unit_of_work(is_dry=True), world.app.unit_of_work():
        world.user()
    assert world.rows() == {}


def test_an_app_may_be_dry_altogether(open_app, app):
    with open_app(is_dry=True) as dry:
        ann = dry.profiles.create_profile(email="ann@example.org", username="ann_1", handle="ann", full_name="Ann")
        assert dry.profiles.get(ann.id) == ann
        assert dry.usage.calls == {"TransactWriteItems": 1, "GetItem": 1}
    assert World(app).rows() == {}
