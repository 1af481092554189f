"""A user who leaves takes all that is theirs along; everybody else's counts stay right, whatever comes in between."""

from __future__ import annotations

import pytest

from services import errors
from services.audit import audit
from tests.contract.world import Stop, Watched, World, drift

NOBODY = "01890000-0000-7000-8000-000000000000"


def _entangle(world: World) -> tuple:
    """Ann has posts, likes, comments with replies and follows of all kinds, all with others'."""
    app = world.app
    ann, bob, cid = world.user("ann"), world.user("bob"), world.user("cid")
    for one, other in ((ann, bob), (bob, ann), (cid, ann), (ann, cid), (cid, bob)):
        app.follows.follow_user(one.id, other.id)
    hers, his = world.post(ann), world.post(bob)
    for user in (ann, bob, cid):
        app.likes.like_post(user.id, hers.id)
        app.likes.like_post(user.id, his.id)
    world.comment(cid, hers, world.comment(bob, hers))
    world.comment(cid, his, world.comment(ann, his, world.comment(cid, his, world.comment(ann, his))))
    world.comment(bob, his)
    return ann, bob, cid, his


def test_who_leaves_takes_everything_along(world):
    ann, bob, cid, his = _entangle(world)
    world.app.profiles.delete_profile(ann.id)
    rows = world.rows()
    assert drift(rows) == []
    assert audit(world.app.session.store).findings == ()
    assert not [key for key, row in rows.items() if any(ann.id in str(value) for value in row.values())]
    post = world.app.posts.get(his.id)
    assert (post.likes_count, post.comments_count) == (2, 1)
    assert world.app.profiles.get(bob.id).followers_count == 1
    assert world.app.profiles.get(cid.id).following_count == 1
    assert world.feed(cid) == [his.id]
    assert world.user("ann").handle == "ann"  # the claims are free


def test_somebody_who_is_gone_may_leave_again(world):
    ann, *_ = _entangle(world)
    world.app.profiles.delete_profile(ann.id)
    before = world.rows()
    world.app.profiles.delete_profile(ann.id)
    world.app.profiles.delete_profile(NOBODY)
    assert world.rows() == before
    with pytest.raises(errors.ValidationError):
        world.app.profiles.delete_profile("")


def test_leaving_may_be_stopped_at_any_write_and_is_completed_by_another(open_app):
    whole = World(open_app())
    whole.app.profiles.delete_profile(_entangle(whole)[0].id)
    expected = whole.rows()
    for stop_at in range(40):
        world = World(open_app())
        ann, *_ = _entangle(world)
        with Watched(world.app) as watched:
            watched.stop_at = stop_at
            try:
                world.app.profiles.delete_profile(ann.id)
            except Stop:
                assert drift(world.rows()) == []
            else:
                break
        world.app.profiles.delete_profile(ann.id)
        assert world.rows() == expected
    assert 5 < stop_at < 39


def test_who_follows_likes_and_comments_meanwhile_loses_that_too(world, open_app):
    ann, *_, his = _entangle(world)
    late = World(open_app(table=world.app.session.store.name, seed="late"))
    dora = late.user("dora")
    todo = [
        lambda: late.app.follows.follow_user(dora.id, ann.id),
        lambda: late.app.likes.like_post(ann.id, late.post(dora).id),
        lambda: late.post(ann),
        lambda: late.app.follows.follow_user(ann.id, dora.id),
        lambda: late.comment(ann, his),
    ]
    with Watched(world.app) as watched:
        watched.after = lambda: todo and todo.pop()()
        world.app.profiles.delete_profile(ann.id)
    rows = world.rows()
    assert todo == []
    assert drift(rows) == []
    assert not [key for key, row in rows.items() if any(ann.id in str(value) for value in row.values())]
    assert late.app.profiles.get(dora.id).followers_count == 0


def test_a_unit_of_work_looks_again_who_is_there_after_somebody_left(world):
    ann, bob = world.user("ann"), world.user("bob")
    first, second = world.post(bob), world.post(bob)

    def like_leave_and_like() -> None:
        with world.app.unit_of_work():
            world.app.likes.like_post(ann.id, first.id)
            world.app.profiles.delete_profile(ann.id)
            world.app.likes.like_post(ann.id, second.id)

    with pytest.raises(errors.RefusedChangesError) as refusal:
        like_leave_and_like()
    assert [type(error) for error in refusal.value.exceptions] == [errors.UserNotFoundError]
    assert drift(world.rows()) == []
    assert world.app.posts.get(second.id).likes_count == 0


def test_an_author_who_loses_followers_below_the_limit_is_delivered_again(small_world):
    world, app = small_world, small_world.app
    star, fans = world.user("star"), world.users(4, "fan")
    post = world.post(star)
    for fan in fans:
        app.follows.follow_user(fan.id, star.id)
    app.profiles.delete_profile(fans[0].id)
    assert [world.feed(fan) for fan in fans[1:]] == [[post.id]] * 3
    assert audit(app.session.store).findings == ()
