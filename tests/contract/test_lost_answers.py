"""A write took place and its answer was lost: the retry counts nothing twice and tells the caller the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Self

import pytest
from botocore.exceptions import ConnectionClosedError

from tests.contract.world import START, Rows, World, drift
from tests.faults import no_waiting


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with no_waiting():
        yield


class Losing:
    """Loses the first answer of each write: the engine has done it, the caller sees a closed connection."""

    WRITES = ("TransactWriteItems", "BatchWriteItem")

    def __init__(self, client: Any) -> None:
        self._events = client.meta.events
        self._body = ""
        self._seen: set[str] = set()
        self.is_on = False
        self.is_for_ever = False
        self.lost = 0

    def __enter__(self) -> Self:
        self._events.register_first("provide-client-params.dynamodb.*", self._note, unique_id="losing: note")
        self._events.register_last("after-call.dynamodb", self._lose, unique_id="losing: lose")
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._events.unregister("provide-client-params.dynamodb.*", unique_id="losing: note")
        self._events.unregister("after-call.dynamodb", unique_id="losing: lose")

    def _note(self, params: Any, **_: object) -> None:
        self._body = json.dumps(params)

    def _lose(self, model: Any, http_response: Any, **_: object) -> None:
        is_first = self._body not in self._seen
        if self.is_on and model.name in self.WRITES and http_response.status_code == 200:
            self._seen.add(self._body)
            if is_first or self.is_for_ever:
                self.lost += 1
                raise ConnectionClosedError(endpoint_url="http://engine")


@pytest.fixture
def losing(app) -> Iterator[Losing]:
    with Losing(app.session.store.engine.client) as losing:
        yield losing


PEOPLE = ("ann", "bob", "cid")


def prepare(world: World) -> dict[str, str]:
    """Three people, a post of ann's that bob likes and has read, with a comment and a reply."""
    ids = {name: world.user(name).id for name in PEOPLE}
    app = world.app
    app.follows.follow_user(ids["bob"], ids["ann"])
    ids["post"] = app.posts.create_post(author_id=ids["ann"], caption="hello").id
    app.likes.like_post(ids["bob"], ids["post"])
    ids["comment"] = app.comments.create_comment(ids["bob"], ids["post"], "yes").id
    ids["reply"] = app.comments.create_comment(ids["cid"], ids["post"], "no", ids["comment"]).id
    return ids


CALLS: dict[str, Callable[[Any, dict[str, str]], object]] = {
    "create_profile": lambda app, _: app.profiles.create_profile(
        email="new@example.org", username="new_name", handle="new", full_name="New"
    ),
    "update_profile": lambda app, ids: app.profiles.update_profile(ids["ann"], bio="hi"),
    "update_handle": lambda app, ids: app.profiles.update_profile(ids["ann"], handle="zoe", bio="hi"),
    "update_all_claims": lambda app, ids: app.profiles.update_profile(
        ids["ann"], handle="zoe", email="zoe@example.org", username="zoe_name"
    ),
    "update_case": lambda app, ids: app.profiles.update_profile(ids["ann"], handle="ANN"),
    "create_post": lambda app, ids: app.posts.create_post(author_id=ids["ann"]),
    "update_post": lambda app, ids: app.posts.update_post(ids["post"], user_id=ids["ann"], caption="new"),
    "hide_post": lambda app, ids: app.posts.update_post(ids["post"], user_id=ids["ann"], is_public=False),
    "delete_post": lambda app, ids: app.posts.delete_post(ids["post"], user_id=ids["ann"]),
    "like_post": lambda app, ids: app.likes.like_post(ids["cid"], ids["post"]),
    "unlike_post": lambda app, ids: app.likes.unlike_post(ids["bob"], ids["post"]),
    "create_comment": lambda app, ids: app.comments.create_comment(ids["ann"], ids["post"], "hm"),
    "create_reply": lambda app, ids: app.comments.create_comment(ids["ann"], ids["post"], "hm", ids["reply"]),
    "delete_comment": lambda app, ids: app.comments.delete_comment(ids["post"], ids["comment"], user_id=ids["bob"]),
    "follow_user": lambda app, ids: app.follows.follow_user(ids["cid"], ids["ann"]),
    "unfollow_user": lambda app, ids: app.follows.unfollow_user(ids["bob"], ids["ann"]),
    "mark_read": lambda app, ids: app.feeds.mark_read(ids["bob"], ids["post"]),
    "deliver": lambda app, ids: app.feeds.deliver(ids["bob"], ids["post"], ids["ann"]),
}


def play(world: World, call: Callable[[Any, dict[str, str]], object]) -> tuple[object, Rows]:
    ids = prepare(world)
    with world.app.at(START + timedelta(days=1), "the call"):
        return call(world.app, ids), world.rows()


@pytest.mark.parametrize("name", CALLS)
def test_a_call_whose_answer_is_lost_is_retried_exactly(open_app, name):
    plain = World(open_app())
    wanted = play(plain, CALLS[name])
    world = World(open_app())
    with Losing(world.app.session.store.engine.client) as losing:
        ids = prepare(world)
        losing.is_on = True
        with world.app.at(START + timedelta(days=1), "the call"):
            returned = CALLS[name](world.app, ids)
        losing.is_on = False
    assert losing.lost >= (name != "deliver")
    assert (returned, world.rows()) == wanted
    assert drift(world.rows()) == []


def test_a_whole_unit_whose_answers_are_lost_is_the_unit_that_was_answered(open_app):
    def seed(world: World) -> tuple[list[object], Rows]:
        with world.app.unit_of_work() as unit:
            users = [world.user(f"user{number}") for number in range(30)]
            post = world.post(users[0])
            values: list[Any] = [post, *users]
            values += [world.app.likes.like_post(user.id, post.id) for user in users]
            values += [world.comment(user, post) for user in users]
            values += [world.app.follows.follow_user(user.id, users[0].id) for user in users[1:]]
        return [unit.stored(value) for value in values], world.rows()

    wanted = seed(World(open_app()))
    world = World(open_app())
    with Losing(world.app.session.store.engine.client) as losing:
        losing.is_on = True
        found = seed(world)
    assert losing.lost > 3
    assert found == wanted
    assert drift(found[1]) == []


def test_where_no_try_is_answered_the_row_is_looked_at_and_tells_that_it_is_written(world, losing):
    ann = world.user("ann")
    post = world.post(ann)
    before = world.app.usage
    losing.is_on = losing.is_for_ever = True
    changed = world.app.posts.update_post(post.id, user_id=ann.id, caption="new")
    # At an endpoint one more asks by the token whether it was done.
    assert world.app.usage.since(before).calls["TransactWriteItems"] == 8 + world.app.session.store.is_remote
    losing.is_on = False
    assert changed == world.app.posts.get(post.id)


def test_a_count_is_read_again_only_where_a_lost_answer_left_it_in_doubt(world, losing):
    with world.app.unit_of_work() as unit:
        ann, bob = world.user("ann"), world.user("bob")
        post = world.post(ann)
        losing.is_on = True
        assert world.app.posts.get(post.id) == post
        losing.is_on = False
        world.app.likes.like_post(bob.id, post.id)
    before = world.app.usage
    assert unit.stored(post).likes_count == 1
    assert unit.stored(bob) == bob
    assert world.app.usage.since(before).calls == {}
    assert unit.stored(ann).posts_count == 1
    assert unit.stored(ann).posts_count == 1
    # An engine that knows the token again answers the retry as it did the write, and leaves no doubt.
    assert world.app.usage.since(before).total_calls <= 1
