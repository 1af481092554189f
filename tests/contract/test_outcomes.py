"""Every outcome is told as it is: written, refused, or unknown; and what is written but not delivered is told so."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectionClosedError
from hypothesis import given

from factories import PostFactory, UserFactory, using
from factories.errors import BuildFailureError
from services import errors
from services.audit import audit
from tests.contract.test_lost_answers import CALLS, prepare
from tests.contract.world import START, World, drift
from tests.faults import no_waiting
from tests.laws.effort import LAWS

URL = "http://faults.invalid"
WRITE, BATCH = "TransactWriteItems", "BatchWriteItem"
READS = ("GetItem", "BatchGetItem", "Query")
DENIED, EXPIRED = "AccessDeniedException", "ExpiredTokenException"
LOST_BEFORE, LOST_AFTER = "lost before", "lost after"
Plan = Callable[[str, int], str | None]


class Breaking:
    """Breaks calls of a client by a plan: told the operation and how many of it there were before, it names a fault."""

    def __init__(self, app: Any, plan: Plan) -> None:
        self._events = app.engine.client.meta.events
        self._plan = plan
        self._here = threading.local()  # packs are sent side by side
        self.counts: Counter[str] = Counter()

    def before(self, model: Any, **_: object) -> Any:
        self._here.fault = self._plan(model.name, self.counts[model.name])
        self.counts[model.name] += 1
        if self._here.fault in {DENIED, EXPIRED}:
            answer = {"Error": {"Code": self._here.fault, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
            return AWSResponse(URL, 400, HTTPHeaders(), None), answer
        if self._here.fault == LOST_BEFORE:
            raise ConnectionClosedError(endpoint_url=URL)
        return None

    def after(self, **_: object) -> None:
        if self._here.fault == LOST_AFTER:
            raise ConnectionClosedError(endpoint_url=URL)

    def __enter__(self) -> None:
        self._events.register_first("before-call.dynamodb.*", self.before, unique_id="breaking: before")
        self._events.register_last("after-call.dynamodb", self.after, unique_id="breaking: after")

    def __exit__(self, *exc_info: object) -> None:
        self._events.unregister("before-call.dynamodb.*", unique_id="breaking: before")
        self._events.unregister("after-call.dynamodb", unique_id="breaking: after")


@contextmanager
def broken(app: Any, plan: Plan) -> Iterator[None]:
    with no_waiting(app), Breaking(app, plan):
        yield


def writes(fault: str) -> Plan:
    return lambda operation, _ordinal: fault if operation == WRITE else None


def first_write_lost_then(fault: str, *, reads: str | None = None) -> Plan:
    def plan(operation: str, ordinal: int) -> str | None:
        if operation == WRITE:
            return LOST_AFTER if ordinal == 0 else fault
        return reads if operation in READS else None

    return plan


def at(world: World, name: str, ids: dict[str, str]) -> Any:
    with world.app.at(START + timedelta(days=1)):
        return CALLS[name](world.app, ids)


@pytest.fixture(scope="module")
def plain(module_opening):
    """What each call returns, and leaves, where nothing is broken."""
    found = {}
    for name in CALLS:
        world = World(module_opening())
        ids = prepare(world)
        found[name] = at(world, name, ids), world.rows()
    return found


TOLD_AS_UNKNOWN = (errors.UnknownOutcomeError, errors.DeletionStoppedError)


@pytest.mark.parametrize("name", CALLS)
def test_a_call_none_of_whose_tries_is_answered_is_told_as_written_where_it_is(open_app, plain, name):
    world = World(open_app())
    ids = prepare(world)
    with broken(world.app, writes(LOST_AFTER)):
        returned = at(world, name, ids)
    assert (returned, world.rows()) == plain[name]


@pytest.mark.parametrize("fault", [DENIED, EXPIRED])
@pytest.mark.parametrize("name", CALLS)
def test_a_call_whose_first_answer_is_lost_and_whose_retry_is_refused_is_told_as_written(open_app, plain, name, fault):
    world = World(open_app())
    ids = prepare(world)
    stopped = None
    with broken(world.app, first_write_lost_then(fault)):
        try:
            returned = at(world, name, ids)
        except (
            errors.DeletionStoppedError,
            errors.UndeliveredError,
        ) as error:  # of several writes the next one is refused
            stopped = error
    if stopped is not None:
        assert name in {"delete_post", "delete_comment", "create_post", "follow_user"}
        returned = at(world, name, ids)
    assert (returned, world.rows()) == plain[name]


@pytest.mark.parametrize("fault", [LOST_BEFORE, LOST_AFTER])
@pytest.mark.parametrize("name", CALLS)
def test_where_nothing_tells_a_call_is_told_as_unknown_and_the_same_call_again_completes_it(
    open_app, plain, name, fault
):
    world = World(open_app())
    ids = prepare(world)
    begun = []

    def plan(operation: str, _ordinal: int) -> str | None:
        if operation == WRITE:
            begun.append(operation)
            return fault
        return LOST_BEFORE if begun and operation in READS else None

    with broken(world.app, plan), pytest.raises(TOLD_AS_UNKNOWN, match="does not answer") as caught:
        at(world, name, ids)
    assert caught.value.is_unknown
    assert isinstance(caught.value.cause, errors.EndpointUnreachableError)

    returned = at(world, name, ids)

    assert (returned, world.rows()) == plain[name]


def test_the_same_call_after_a_while_is_another_call(world):
    ann = world.user()
    with broken(world.app, writes(LOST_BEFORE)), pytest.raises(errors.UnknownOutcomeError):
        world.post(ann)
    later = START + timedelta(hours=1)
    with world.app.at(later):
        assert world.post(ann).created_at == later
    assert len(list(world.app.posts.by_author(ann.id))) == 1


@pytest.mark.parametrize("lost", [LOST_BEFORE, LOST_AFTER])
def test_a_change_is_not_taken_for_what_it_made_alike(world, lost):
    ann = world.user()
    first = world.post(ann, caption="old")

    def plan(operation: str, _ordinal: int) -> str | None:
        return lost if operation == WRITE else LOST_BEFORE if operation == "BatchGetItem" else None

    with broken(world.app, plan), pytest.raises(errors.UnknownOutcomeError):
        world.app.posts.update_post(first.id, user_id=ann.id, caption="new")
    second = world.post(ann, caption="new")
    assert second.id != first.id
    assert world.app.posts.get(second.id) == second
    assert world.app.profiles.get(ann.id).posts_count == 2


def test_calls_that_are_alike_are_known_again_once_each(world):
    ann = world.user()
    with broken(world.app, writes(LOST_BEFORE)), pytest.raises(errors.UnknownOutcomeError):
        world.post(ann)
    posts = [world.post(ann) for _ in range(3)]
    assert len({post.id for post in posts}) == 3
    assert world.app.profiles.get(ann.id).posts_count == 3


class TestDelivery:
    """A transaction is committed, and what follows from it is refused."""

    REFUSALS = pytest.mark.parametrize("fault", [DENIED, EXPIRED, LOST_BEFORE])

    @staticmethod
    def reading(fault: str) -> Plan:
        return lambda operation, _ordinal: fault if operation in {"Query", "BatchGetItem", BATCH} else None

    @REFUSALS
    @pytest.mark.parametrize("name", ["create_post", "hide_post", "follow_user", "unfollow_user"])
    def test_what_is_written_is_told_as_written_and_the_same_call_again_completes_it(
        self, open_app, plain, name, fault
    ):
        world = World(open_app())
        ids = prepare(world)
        with broken(world.app, self.reading(fault)), pytest.raises(errors.UndeliveredError) as caught:
            at(world, name, ids)
        assert caught.value.value == plain[name][0]
        assert "the call is written" in str(caught.value)
        assert str(caught.value).startswith(str(caught.value.cause))
        assert not caught.value.is_unknown

        returned = at(world, name, ids)

        assert (returned, world.rows()) == plain[name]
        assert audit(world.app).findings == ()

    @REFUSALS
    def test_a_unit_of_work_tells_what_is_written_and_what_is_still_to_come(self, world, fault):
        ann, bob = world.user("ann"), world.user("bob")
        world.app.follows.follow_user(bob.id, ann.id)
        with (
            broken(world.app, self.reading(fault)),
            pytest.raises(errors.StoppedError) as stopped,
            world.app.unit_of_work() as unit,
        ):
            posts = [world.post(ann) for _ in range(3)]
        error = stopped.value
        assert (error.committed, error.unwritten, error.unknown, error.undelivered) == (3, 0, 0, 3)
        assert "feeds may lack" in str(error)
        assert [unit.stored(post) for post in posts] == posts
        assert world.app.profiles.get(ann.id).posts_count == 3

    def test_a_factory_says_that_its_posts_are_there(self, world):
        with using(world.app, seed=1):
            ann = UserFactory(followers=1)
            with broken(world.app, self.reading(DENIED)), pytest.raises(errors.StoppedError) as stopped:
                PostFactory.create_batch(3, author=ann)
        assert (stopped.value.committed, stopped.value.undelivered) == (3, 3)
        assert len(list(world.app.posts.by_author(ann.id))) == 3


class TestUnits:
    """What a unit of work tells of each call is so."""

    @staticmethod
    def seed(world: World, count: int) -> list[Any]:
        users = [world.user(f"user{number}") for number in range(count)]
        posts = [world.post(user) for user in users]
        likes = [world.app.likes.like_post(user.id, posts[0].id) for user in users]
        return [*users, *posts, *likes]

    @pytest.mark.parametrize("workers", [1, 4])
    def test_a_unit_whose_answers_are_all_lost_is_written_and_says_so(self, world, workers):
        world.app.session.store.leave_mark()
        with broken(world.app, writes(LOST_AFTER)), world.app.unit_of_work(workers=workers) as unit:
            values = self.seed(world, 60)
        assert (unit.committed, unit.unwritten, unit.unknown) == (180, 0, [])
        assert unit.stored(values[60]).likes_count == 60
        assert unit.stored(values[60]) == world.app.posts.get(values[60].id)
        assert drift(world.rows()) == []

    def test_what_cannot_be_looked_at_is_unknown_and_neither_written_nor_not(self, world):
        def plan(operation: str, ordinal: int) -> str | None:
            return LOST_AFTER if operation == WRITE and ordinal > 0 else LOST_BEFORE if operation in READS else None

        world.app.session.store.leave_mark()
        with (
            broken(world.app, plan),
            pytest.raises(errors.StoppedError, match="may be or not") as stopped,
            world.app.unit_of_work(workers=1) as unit,
        ):
            users = [world.user(f"user{number}") for number in range(60)]
        told = stopped.value
        assert (told.committed, told.unknown, told.unwritten) == (25, 25, 10)
        with pytest.raises(errors.UnknownOutcomeError, match="nobody knows whether"):
            unit.stored(users[30])
        with pytest.raises(errors.UncommittedError):
            unit.stored(users[55])
        assert len(world.app.profiles.get_many(user.id for user in users)) == 50

    def test_a_batch_of_a_factory_tells_each_object_s_outcome(self, world):
        def plan(operation: str, ordinal: int) -> str | None:
            return LOST_AFTER if operation == WRITE and ordinal > 0 else LOST_BEFORE if operation in READS else None

        world.app.session.store.leave_mark()
        with (
            using(world.app, seed=1),
            broken(world.app, plan),
            pytest.raises(
                BuildFailureError, match="25 of the batch failed, 25 of them may be there all the same, 25 were created"
            ) as caught,
        ):
            UserFactory.create_batch(50)
        assert len(caught.value.created) == 25
        assert {type(one.cause) for one in caught.value.failures} == {errors.UnknownOutcomeError}
        assert [one.is_unknown for one in caught.value.failures] == [True] * 25
        assert caught.value.is_unknown


FAULTS = st.sampled_from([None, None, None, LOST_BEFORE, LOST_AFTER, DENIED])


@LAWS
@given(
    faults=st.dictionaries(st.tuples(st.sampled_from([WRITE, *READS]), st.integers(0, 12)), FAULTS, max_size=12),
    lasting=st.sampled_from([None, LOST_BEFORE, LOST_AFTER, DENIED]),
    begin=st.integers(0, 6),
    count=st.integers(1, 60),
    workers=st.sampled_from([1, 3]),
)
def test_whatever_is_lost_or_refused_what_is_told_is_so(module_opening, faults, lasting, begin, count, workers):
    world = World(module_opening(workers=workers))

    def plan(operation: str, ordinal: int) -> str | None:
        if operation == WRITE and ordinal >= begin and lasting:
            return lasting
        return faults.get((operation, ordinal))

    values: list[Any] = []
    try:
        with broken(world.app, plan), world.app.unit_of_work() as unit:
            for number in range(count):
                values += [world.user(f"user{number}")]
    except errors.StoppedError as error:
        told = error.committed, error.unwritten, error.unknown
    else:
        told = count, 0, 0
    there = world.app.profiles.get_many(value.id for value in values)
    found = [(outcome(unit, value), value.id in there) for value in values]
    assert told == tuple(sum(one == name for one, _ in found) for name in ("written", "not written", "unknown"))
    assert {("written", False), ("not written", True)} & set(found) == set()
    assert drift(world.rows()) == []


def outcome(unit: Any, value: Any) -> str:
    try:
        unit.stored(value)
    except errors.UnknownOutcomeError:
        return "unknown"
    except errors.UncommittedError:
        return "not written"
    return "written"
