"""Forked and spawned children at one engine, at once: each gets its own answers, and all that they make is there."""

from __future__ import annotations

import multiprocessing
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import uuid4

import pytest

from factories import LikeFactory, PostFactory, UserFactory, recycle, using
from seedbed.dynamo.changes import Change
from seedbed.dynamo.scanning import pages
from services.app import connect
from services.errors import ForkedError, StoppedError, UncommittedError, UnknownOutcomeError
from tests.contract.test_outcomes import LOST_BEFORE, broken, writes
from tests.contract.world import drift
from tests.forked import HAS_THREADS, in_child, in_children

pytestmark = pytest.mark.filterwarnings(HAS_THREADS)
READS = 30
ROUNDS = 10
MADE = 20


@pytest.fixture(autouse=True)
def bound(app):
    with using(app, seed="forks"):
        yield


def is_shared(endpoint_url):
    """Tell whether children write to the table of their parent: the embedded engine is copied with its process."""
    return endpoint_url is not None


def ids_of(app, kind):
    rows = [row for rows in pages(app.session.store, 1) for row in rows]
    return {row["id"]["S"] for row in rows if row["entity_type"]["S"] == kind}


def misread(app, users):
    """Read all users again and again; return those that came back as somebody else, or not at all."""
    wanted = [user.id for user in users] * (READS // len(users))
    found = [app.profiles.get_many([user_id]) for user_id in wanted]
    return [user_id for user_id, answer in zip(wanted, found, strict=True) if [*answer] != [user_id]]


def test_children_that_read_at_once_get_their_own_rows(app):
    users = UserFactory.create_batch(30)
    for _ in range(ROUNDS):
        assert misread(app, users[:10]) == []  # so that there is a connection to inherit
        assert in_children([partial(misread, app, users[place::3]) for place in range(3)]) == [[]] * 3


def test_children_of_a_parent_with_many_connections_at_work_do_not_touch_them(app):
    users = UserFactory.create_batch(8)
    stop = threading.Event()

    def read(user):
        wrong = []
        while not stop.is_set():
            wrong += misread(app, [user])
        return wrong

    with ThreadPoolExecutor(4) as pool:
        reading = [pool.submit(read, user) for user in users[:4]]
        found = in_children([partial(misread, app, users)] * 2)
        stop.set()
        assert [one.result() for one in reading] == [[]] * 4
    assert found == [[]] * 2


def make(app):
    """Make users, and posts with likes, through one binding; return what create said."""
    users = UserFactory.create_batch(MADE)
    with recycle(users):
        posts = [PostFactory(likes=3) for _ in range(5)]
        LikeFactory.create_batch(5)
    return [user.id for user in users], [post.id for post in posts]


def test_all_that_children_create_at_once_is_there_and_nobody_is_made_twice(app, endpoint_url):
    UserFactory()
    made = [*in_children([partial(make, app)] * 3), make(app)]
    users = [user for users, _ in made for user in users]
    posts = [post for _, posts in made for post in posts]
    assert len(set(users)) == len(users) == 4 * MADE
    assert len(set(posts)) == len(posts) == 20
    if is_shared(endpoint_url):
        assert set(users) < ids_of(app, "USER")
        assert set(posts) < ids_of(app, "POST")


def test_what_children_leave_counts_right(app, world):
    in_children([partial(make, app)] * 2)
    make(app)
    assert drift(world.rows()) == []


def test_a_child_inside_a_unit_of_work_that_is_sending_neither_waits_nor_commits_it(open_app):
    app = open_app(workers=4)
    with using(app, seed="parent"):
        with app.unit_of_work() as unit:
            users = UserFactory.create_batch(600)  # more than wait before the first are sent
            child = in_child(lambda: _leave(app, unit, users))
        assert child == "this unit of work was begun before the process was forked, and is its parent's: begin another"
        assert unit.committed == 600
        assert {user.id for user in users} == ids_of(app, "USER")


def _leave(app, unit, users):
    app.posts.by_author(users[0].id)  # a read, which would wait for what is queued
    unit.close()
    try:
        unit.stored(users[0])
    except ForkedError as error:
        return str(error)
    return None


def _takes_nothing(app, unit, user, change):
    """Use an inherited unit of work in every way; return what it says of itself after it."""
    with unit.listening():
        app.profiles.get_many([user.id])
        UserFactory()  # commits at once, and tells who listens
    told = []
    for use in (lambda: unit.add(change, None, is_again=False), unit.commit, lambda: unit.stored(user)):
        try:
            use()
        except (ForkedError, UncommittedError) as error:
            told.append(type(error) if isinstance(error, ForkedError) else type(error.__cause__))
    unit.drop(KeyboardInterrupt())
    return told, unit.unwritten, unit.undelivered


def test_a_unit_of_work_that_a_child_inherits_takes_nothing_there_and_says_that_nothing_is_its(open_app):
    app = open_app(workers=2)
    with using(app, seed="parent"):
        author = UserFactory()
        with app.unit_of_work() as unit:
            app.posts.create_post(author_id=author.id, caption="sent")
            unit.flush()  # its delivery is due
            user = UserFactory()
            with unit._answers.lock:  # as a worker may hold it
                child = in_child(lambda: _takes_nothing(app, unit, author, Change()))
            assert unit.undelivered == 1
        assert child == ([ForkedError] * 3, 0, 0)
        assert (unit.committed, unit.undelivered) == (2, 0)
        assert app.profiles.get(user.id) == user


# Other ways to a process: each connects for itself, except where the app is inherited


def connected(endpoint_url, table, part):
    """Make people in a process that takes nothing over, from a seed of its own."""
    with connect(endpoint_url, table=table) as app, using(app, seed=f"part-{part}"):
        return [user.id for user in UserFactory.create_batch(MADE)]


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_pools_of_processes_make_what_they_say(app, endpoint_url, method):
    table = app.session.store.name
    with multiprocessing.get_context(method).Pool(2) as pool:
        made = pool.starmap(connected, [(endpoint_url, table, part) for part in range(4)])
    users = [user for users in made for user in users]
    assert len(set(users)) == len(users) == 4 * MADE
    if is_shared(endpoint_url):
        assert set(users) <= ids_of(app, "USER")


INHERITED = {}


def of_inherited(_number):
    """Make people through the app that the worker was forked with, and read each again."""
    app, binding = INHERITED["app"]
    with using(binding):
        users = UserFactory.create_batch(5)
    return os.getpid(), [user.id for user in users if app.profiles.get(user.id) == user]


def test_a_prefork_pool_goes_on_with_the_app_that_it_inherits(app, endpoint_url):
    with using(app, seed=str(uuid4())) as binding:
        UserFactory()
        INHERITED["app"] = app, binding
        with multiprocessing.get_context("fork").Pool(2) as pool:
            answers = pool.map(of_inherited, range(12), chunksize=1)
        INHERITED.clear()
    users = [user for _, users in answers for user in users]
    assert len(set(users)) == len(users) == 60
    if is_shared(endpoint_url):
        assert set(users) < ids_of(app, "USER")


def post_alone(world, author):
    return world.post(author).id


def post_in_a_unit(world, author):
    with world.app.unit_of_work():
        return world.post(author).id


@pytest.mark.parametrize("post", [post_alone, post_in_a_unit])
def test_what_a_parent_may_call_again_no_child_takes_for_a_call_of_its_own(world, post):
    call = partial(post, world, world.user())
    with broken(world.app, writes(LOST_BEFORE)), pytest.raises((UnknownOutcomeError, StoppedError)):
        call()
    assert len({*in_children([call] * 2), call()}) == 3
