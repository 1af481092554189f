"""Throttles, conflicts, lost answers and more, one kind at a time and all of them: the table is as without faults."""

from __future__ import annotations

from datetime import timedelta

import pytest

from factories import LikeFactory, using
from factories.errors import BuildFailureError
from seedbed.dynamo.engines.answers import ATTEMPTS
from seedbed.dynamo.engines.faults import HOSTILE, Fault, Faults, Schedule
from services import errors
from services.audit import audit
from tests.contract.test_digest import call_services, left_by, make_by_factories, seed_a_preset
from tests.contract.test_lost_answers import CALLS, play, prepare
from tests.contract.world import START, World
from tests.faults import no_waiting


def two_of_three(fault):
    return lambda ordinal: fault if ordinal % 3 else None


@pytest.fixture(scope="module")
def plain_results(module_opening):
    """What each call returns and leaves without faults."""
    return {name: play(World(module_opening()), call) for name, call in CALLS.items()}


@pytest.mark.parametrize("fault", Fault)
def test_every_call_gives_under_each_fault_what_it_gives_without(open_app, plain_results, fault):
    results, made = {}, 0
    for name, call in CALLS.items():
        world = World(open_app())
        ids = prepare(world)
        app = world.app
        with (
            no_waiting(app),
            Faults(app.engine, two_of_three(fault), sleep=lambda _: None) as faults,
            app.at(START + timedelta(days=1), "the call"),
        ):
            returned = call(app, ids)
        results[name] = returned, world.rows()
        made += faults.made[fault]
        assert audit(app.session.store).findings == ()
    assert results == plain_results
    assert made > 0


@pytest.fixture(scope="module")
def plain_worlds(module_opening):
    """What is left without faults, by what makes it."""
    return {
        make: left_by(module_opening(clock=lambda: START), make)
        for make in (seed_a_preset, make_by_factories, call_services)
    }


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("make", [seed_a_preset, make_by_factories, call_services])
def test_a_bad_day_leaves_the_same_bytes(open_app, plain_worlds, make, seed, workers):
    app = open_app(clock=lambda: START, workers=workers)

    with no_waiting(app), Faults(app.engine, Schedule(seed, HOSTILE), sleep=lambda _: None) as faults:
        make(app)

    assert left_by(app, lambda _: None) == plain_worlds[make]
    assert faults.made.total() > 3


def test_an_engine_that_only_conflicts_is_given_up_and_going_on_completes(open_app, plain_worlds):
    app = open_app(clock=lambda: START)
    with (
        no_waiting(app),
        Faults(app.engine, lambda ordinal: Fault.CONFLICT if ordinal > 2 else None),
        pytest.raises(errors.StoppedError, match="met conflicting transactions 8 times"),
    ):
        seed_a_preset(app)

    assert left_by(app, seed_a_preset) == plain_worlds[seed_a_preset]


BOUNDED = sorted(set(Fault) - {Fault.SLOW, Fault.TWICE, Fault.UNPROCESSED})
ONE_WRITE = {
    "a service call": lambda app, user, post: app.likes.like_post(user.id, post.id),
    "a factory call": lambda _app, user, post: LikeFactory(user=user, post=post),
    "a batch": lambda _app, user, post: LikeFactory.create_batch(1, user=user, post=post),
}


@pytest.mark.parametrize("fault", BOUNDED)
@pytest.mark.parametrize("write", ONE_WRITE.values(), ids=ONE_WRITE)
def test_one_place_tries_again_and_the_engine_is_asked_eight_times_at_most(world, fault, write):
    ann = world.user()
    post = world.post(ann)
    with (
        no_waiting(world.app),
        using(world.app),
        Faults(world.app.engine, lambda _ordinal: fault) as faults,
        pytest.raises((errors.UnavailableError, BuildFailureError)),
    ):
        write(world.app, ann, post)
    # Where answers are lost, the write's token is spent, and the row is looked at, once each.
    assert ATTEMPTS <= faults.made[fault] <= ATTEMPTS + 2
