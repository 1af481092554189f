"""Every instant that a row can hold is taken, from 1970 to 9999; any other is refused by name, wherever it comes in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from seedbed.clock import moment_of_id
from services import errors
from services.audit import audit
from tests.contract.world import World, read_all

FIRST = datetime(1970, 1, 1, tzinfo=UTC)
LAST = datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)
FITTING = [FIRST, FIRST + timedelta(milliseconds=1), LAST - timedelta(days=364), LAST]
NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001 - that is the point
OTHERS = [
    "2026-01-01",
    date(2026, 1, 1),
    NAIVE,
    1_767_225_600,
    1_767_225_600.5,
    FIRST - timedelta(microseconds=1),
    datetime(1969, 12, 31, tzinfo=UTC),
    datetime.min.replace(tzinfo=UTC),
    datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
    datetime.max.replace(tzinfo=timezone(-timedelta(hours=12))),
]


@pytest.mark.parametrize("moment", FITTING, ids=str)
def test_a_world_of_any_instant_is_whole(world, moment):
    app = world.app
    with app.at(moment):
        ann, bob = world.user("ann"), world.user("bob")
        app.follows.follow_user(bob.id, ann.id)
        posts = [world.post(ann) for _ in range(3)]
        app.likes.like_post(bob.id, posts[0].id)
        comment = world.comment(bob, posts[0])
        item = app.feeds.deliver(bob.id, posts[0].id, ann.id)
    assert {one.created_at for one in (ann, bob, *posts, comment, item)} == {moment}
    assert {moment_of_id(one.id) for one in (ann, bob, *posts, comment)} == {moment}
    assert item.expires_at == int(moment.timestamp()) + 365 * 86_400
    assert world.feed(bob) == [post.id for post in reversed(posts)]
    assert audit(app.session.store).findings == ()


def test_lists_are_in_order_from_the_first_instant_to_the_last(world):
    app = world.app
    with app.at(FIRST):
        ann, bob = world.user("ann"), world.user("bob")
        app.follows.follow_user(bob.id, ann.id)
    posts = []
    for moment in FITTING:
        with app.at(moment):
            posts.append(world.post(ann))
            app.likes.like_post(bob.id, posts[-1].id)
    newest_first = [post.id for post in reversed(posts)]
    assert [post.id for post in read_all(lambda **page: app.posts.by_author(ann.id, **page), 2)] == newest_first
    assert [post.id for post in read_all(lambda **page: app.likes.liked_posts(bob.id, **page), 2)] == newest_first
    assert world.feed(bob) == newest_first
    assert audit(app.session.store).findings == ()


@pytest.mark.parametrize("moment", OTHERS, ids=repr)
def test_the_clock_stands_at_no_other_instant(world, moment):
    with (
        pytest.raises(errors.InvalidSettingError, match="the moment that the clock is to stand at must be") as refusal,
        world.app.at(moment),
    ):
        world.user()
    assert refusal.value.value is moment
    with pytest.raises(errors.InvalidSettingError), world.app.clock.at(moment):
        world.user()
    assert world.rows() == {}


@pytest.mark.parametrize("moment", [*OTHERS, None], ids=repr)
def test_a_clock_that_tells_another_instant_is_named(open_app, moment):
    world = World(open_app(clock=lambda: moment))
    with pytest.raises(errors.InvalidSettingError, match="what the clock tells must be") as refusal:
        world.user()
    assert refusal.value.value is moment
    assert world.rows() == {}


@pytest.mark.parametrize("clock", [NAIVE, "now", 7], ids=repr)
def test_a_clock_that_cannot_be_asked_is_refused_when_it_is_given(open_app, clock):
    with pytest.raises(errors.InvalidSettingError, match="clock must be") as refusal:
        open_app(clock=clock)
    assert refusal.value.value is clock


@pytest.mark.parametrize("moment", OTHERS, ids=repr)
def test_no_id_is_made_for_another_instant(world, moment):
    with pytest.raises(errors.InvalidSettingError):
        world.app.ids.new(moment)


def test_an_id_that_tells_no_instant_is_none_of_a_post(world):
    ann, bob = world.user("ann"), world.user("bob")
    for act in (world.app.feeds.mark_read, lambda reader, post: world.app.feeds.deliver(reader, post, ann.id)):
        with pytest.raises(errors.ValidationError) as refusal:
            act(bob.id, "ffffffff-ffff-7fff-8000-000000000000")
        assert [field.field for field in refusal.value.fields] == ["post_id"]
