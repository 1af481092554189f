"""Factories in forked children: nobody is made twice, and what stands around the fork stands there."""

from __future__ import annotations

import gc
import threading

import pytest

from factories import PostFactory, UserFactory, recycle, using
from seedbed.strategy.binding import current_binding
from seedbed.strategy.collecting import CONTAINERS, rarer_collections
from seedbed.unbound import Source, drawing_from
from services.errors import ForkedError
from tests.forked import HAS_THREADS, in_child, in_children

pytestmark = pytest.mark.filterwarnings(HAS_THREADS)


def distinct(people):
    return len({person.handle for person in people}) == len({person.id for person in people}) == len(people)


def test_children_and_parent_make_different_people_in_one_binding(app):
    UserFactory()
    children = in_children([lambda: UserFactory.create_batch(5), lambda: UserFactory.create_batch(5)])
    assert distinct([*children[0], *children[1], *UserFactory.create_batch(5)])


@pytest.mark.parametrize("is_drawn_before", [True, False])
def test_children_and_parent_build_different_people_where_nothing_is_bound(is_drawn_before):
    with drawing_from(Source("forks")):
        before = UserFactory.build_batch(is_drawn_before * 2)
        children = in_children([lambda: UserFactory.build_batch(5), lambda: UserFactory.build_batch(5)])
        assert distinct([*before, *children[0], *children[1], *UserFactory.build_batch(5)])


def test_a_child_that_binds_anew_draws_as_its_parent_would(app):
    def build():
        with using(app, seed=7):
            return UserFactory.build().handle

    assert in_child(build) == build()


def test_a_child_that_draws_unbound_from_a_source_of_its_own_draws_as_its_parent_would():
    def build():
        with drawing_from(Source("forks")):
            return UserFactory.build().handle

    assert in_child(build) == build()


def test_a_childs_seed_says_where_it_comes_from(app):
    with using(app, seed=7):
        seed = in_child(lambda: current_binding().seed)
        assert seed.startswith("7/fork-")
        assert current_binding().seed == 7


def test_what_is_recycled_at_the_fork_is_recycled_in_the_child(app):
    user = UserFactory()
    with recycle(user):
        assert in_child(PostFactory).author_id == user.id


def test_a_child_that_a_hook_forks_creates_for_itself_and_leaves_the_call_to_its_parent(app):
    answers = []

    class Forking(UserFactory):
        @classmethod
        def _create(cls, model, *args, **values):
            answers.append(in_child(lambda: app.profiles.get(UserFactory().id).handle))
            return super()._create(model, *args, **values)

    users = Forking.create_batch(2)
    assert [app.profiles.get(user.id) for user in users] == users
    assert len({*answers, *(user.handle for user in users)}) == 4


def test_what_a_parents_unit_of_work_holds_is_not_told_in_a_child(app):
    with app.unit_of_work() as unit:
        user = UserFactory()
        with pytest.raises(ForkedError):
            in_child(lambda: unit.stored(user))
        assert unit.stored(user) == user


def test_a_collectors_threshold_that_another_thread_raised_is_put_back_in_the_child():
    raised, release = threading.Event(), threading.Event()

    def hold():
        with rarer_collections():
            raised.set()
            release.wait(10)

    before = gc.get_threshold()
    thread = threading.Thread(target=hold)
    thread.start()
    raised.wait(10)
    assert gc.get_threshold()[0] == CONTAINERS
    assert in_child(gc.get_threshold) == before
    with rarer_collections():
        assert in_child(gc.get_threshold)[0] == CONTAINERS
    release.set()
    thread.join()
    assert gc.get_threshold() == before
