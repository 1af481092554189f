"""What a follow, an unfollow or a post could not deliver is settled by the next call, or by a repair."""

from __future__ import annotations

import pytest

from services import errors
from tests.contract.world import World


@pytest.fixture
def throttle(app):
    """Let deliveries be refused, or not, in an app's store."""
    store = app.session.store
    write_batch = store.write_batch

    def refuse(_puts, _deletes):
        raise errors.ThrottledError("BatchWriteItem", 1)

    def switch(*, is_on):
        store.write_batch = refuse if is_on else write_batch

    yield switch
    del store.write_batch


def throttled(call, *arguments):
    with pytest.raises(errors.ServiceError):
        call(*arguments)


@pytest.mark.parametrize("is_read", [True, False])
@pytest.mark.parametrize("settled_by", ["the same call", "a repair"])
def test_an_item_of_an_earlier_follow_is_made_new(world: World, throttle, is_read, settled_by):
    app = world.app
    ann, bob = world.user("ann"), world.user("bob")
    app.follows.follow_user(bob.id, ann.id)
    post = world.post(ann)
    if is_read:
        app.feeds.mark_read(bob.id, post.id)
    throttle(is_on=True)
    throttled(app.follows.unfollow_user, bob.id, ann.id)
    throttled(app.follows.follow_user, bob.id, ann.id)
    throttle(is_on=False)
    assert {finding.kind for finding in app.audit().findings} == {"time"}

    if settled_by == "a repair":
        app.repair(app.audit())
    else:
        app.follows.follow_user(bob.id, ann.id)
        assert not app.feeds.read(bob.id).items[0].is_read

    assert app.audit().findings == ()
    assert world.feed(bob) == [post.id]


def test_an_item_of_a_follow_that_ended_is_taken_away_by_the_same_call(world: World, throttle):
    app = world.app
    ann, bob = world.user("ann"), world.user("bob")
    app.follows.follow_user(bob.id, ann.id)
    world.post(ann)
    throttle(is_on=True)
    throttled(app.follows.unfollow_user, bob.id, ann.id)
    throttle(is_on=False)
    assert [finding.kind for finding in app.audit().findings] == ["left_over_item"]

    app.follows.unfollow_user(bob.id, ann.id)

    assert app.audit().findings == ()
