"""After an app is closed, every call fails at once and says so."""

# ruff: noqa: PT012 - what raises is the end of a unit of work, so its block must be in the block

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from factories import UserFactory, using
from services import connect, errors
from services.app import App
from services.audit import audit
from tests.contract.test_lost_answers import CALLS, prepare
from tests.contract.world import World

READS: dict[str, Callable[[App, dict[str, str]], object]] = {
    "a user": lambda app, ids: app.profiles.get(ids["ann"]),
    "users": lambda app, ids: app.profiles.get_many([ids["ann"]]),
    "a post": lambda app, ids: app.posts.get(ids["post"]),
    "likers": lambda app, ids: app.likes.likers(ids["post"]),
    "liked posts": lambda app, ids: app.likes.liked_posts(ids["bob"]),
    "comments": lambda app, ids: app.comments.of_post(ids["post"]),
    "followers": lambda app, ids: app.follows.followers(ids["ann"]),
    "a feed": lambda app, ids: app.feeds.read(ids["bob"]),
    "runs": lambda app, _: app.runs.all(),
    "a user who leaves": lambda app, ids: app.profiles.delete_profile(ids["ann"]),
    "an audit": lambda app, _: audit(app.session.store),
    "a unit of work": lambda app, _: app.unit_of_work().__enter__(),
    "a dry one": lambda app, _: app.unit_of_work(is_dry=True).__enter__(),
    "a rehearsal": lambda app, _: app.rehearsal().__enter__(),
}


def create(app: App, _ids: Any) -> None:
    with using(app):
        UserFactory()


@pytest.mark.parametrize("call", [*CALLS.values(), *READS.values(), create], ids=[*CALLS, *READS, "a factory"])
def test_a_call_fails_at_once_and_says_that_the_app_is_closed(world, call):
    ids = prepare(world)
    before = world.app.usage
    world.app.close()
    with pytest.raises(errors.AppClosedError, match="the app is closed: connect anew"):
        call(world.app, ids)
    assert world.app.usage.since(before).calls == {}


def test_services_that_were_taken_before_fail_too(world):
    ann = world.user()
    profiles, session = world.app.profiles, world.app.session
    world.app.close()
    with pytest.raises(errors.AppClosedError):
        profiles.get(ann.id)
    with pytest.raises(errors.AppClosedError):
        session.store.get(("A", "B"))


def test_a_call_in_a_unit_of_work_fails_at_once_and_what_was_queued_is_told_as_unwritten(world):
    ann = world.user()
    with pytest.raises(errors.StoppedError, match=r"the app is closed.*1 are not") as stopped, world.app.unit_of_work():
        world.post(ann)
        world.app.close()
        with pytest.raises(errors.AppClosedError):
            world.post(ann)
    assert isinstance(stopped.value.cause, errors.AppClosedError)


@pytest.mark.parametrize("is_dry", [False, True])
def test_an_app_of_its_own_engine_may_be_closed_twice_and_is_closed_when_its_block_is_left(is_dry):
    with connect(is_dry=is_dry) as app:
        ann = World(app).user()
    app.close()
    with pytest.raises(errors.AppClosedError):
        app.profiles.get(ann.id)


def test_another_app_of_the_same_table_goes_on(open_app):
    one = World(open_app())
    other = World(open_app(table=one.app.session.store.name, seed="other"))
    ann = one.user()
    one.app.close()
    assert other.app.profiles.get(ann.id) == ann


@pytest.mark.parametrize("travel", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])  # noqa: S301 - our own
def test_the_error_travels(travel):
    assert str(travel(errors.AppClosedError())) == str(errors.AppClosedError())
