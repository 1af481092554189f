"""What a forked child takes over, and what it makes anew."""

from __future__ import annotations

import gc
import re
import threading
import weakref
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import pytest

from seedbed import forks
from seedbed.clock import Clock, Ids
from seedbed.dynamo.scanning import pages
from seedbed.unbound import Source, drawing_from
from services.app import connect
from services.errors import DryElsewhereError, ForkedError
from tests.contract.world import World, drift
from tests.forked import HAS_THREADS, Child, in_child, in_children

pytestmark = pytest.mark.filterwarnings(HAS_THREADS)
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def app():
    with connect(clock=lambda: NOON, seed=1, validate=True) as app:
        yield app


@pytest.mark.parametrize("seed", [7, "seven", None])
def test_no_child_draws_an_id_that_its_parent_or_another_draws(seed):
    ids = Ids(seed)
    ids.new(NOON)

    def draw():
        return [ids.new(NOON) for _ in range(50)]

    def draw_with_a_child():
        return [*draw(), *in_child(draw)]

    drawn = [*draw(), *chain(*in_children([draw_with_a_child, draw_with_a_child])), *in_child(draw), *draw()]
    assert len(set(drawn)) == len(drawn) == 350


def test_ids_that_are_collected_are_every_workers_and_others_nobodys():
    source = Source("run", clock=lambda: NOON, is_collecting=True)
    with drawing_from(Source("run", is_collecting=True)):
        workers = Ids()
        collected = [workers.new(NOON) for _ in range(3)]
    with drawing_from(source):
        clock, ids = Clock(), Ids()
        assert [ids.new(clock.now()) for _ in range(3)] == collected
        later, child = Ids().new(NOON), in_child(lambda: Ids().new(NOON))
        assert len({*collected, later, child}) == 5
        source.is_collecting = False
        assert clock.now() > NOON
        assert ids.new(NOON) not in {*collected, later, child, workers.new(NOON)}


def test_a_seeded_childs_ids_follow_from_its_place_among_its_kin():
    ids = Ids(7)
    place, drawn = in_child(lambda: (forks.lineage(), ids.new(NOON)))
    assert place.rpartition(".")[2].isdecimal()
    assert drawn == Ids(f"7/fork-{place}").new(NOON)


def test_a_keyed_id_is_the_same_in_a_child():
    ids = Ids(7)

    def draw():
        with ids.keyed("k"):
            return ids.new(NOON)

    assert in_child(draw) == draw()


def test_what_stands_around_a_fork_stands_in_the_child(app):
    then = datetime(2025, 1, 1, tzinfo=UTC)
    with app.at(then):
        assert in_child(app.clock.now) == then
    assert in_child(app.clock.now) == NOON


def test_a_childs_embedded_engine_is_a_copy_from_that_moment_on(app):
    world = World(app)
    ann, bob = world.users(2)
    post = world.post(ann)

    def like():
        app.likes.like_post(bob.id, post.id)
        return app.posts.get(post.id).likes_count

    assert in_children([like, like]) == [1, 1]
    assert app.posts.get(post.id).likes_count == 0


def test_a_fork_waits_for_a_transaction_that_is_half_done(app):
    world = World(app)
    users = world.users(5)
    post = world.post(users[0])
    stop = threading.Event()

    def write():
        while not stop.is_set():
            for user in users:
                app.likes.like_post(user.id, post.id)
                app.likes.unlike_post(user.id, post.id)

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    found = [
        in_child(lambda: (drift(world.rows()), app.likes.like_post(users[1].id, post.id).post_id)) for _ in range(9)
    ]
    stop.set()
    for thread in threads:
        thread.join()
    assert found == [([], post.id)] * 9


# Units of work


def test_a_unit_of_work_stays_its_parents(app):
    world = World(app)
    users = world.users(3)
    post = world.post(users[0])

    def go_on(block, mine):
        app.likes.like_post(users[2].id, post.id)
        count = app.posts.get(post.id).likes_count  # the child's own like: it was committed at once
        block.__exit__(None, None, None)
        with pytest.raises(ForkedError):
            unit.stored(mine)
        with pytest.raises(ForkedError):
            unit.commit()
        return count, app.posts.get(post.id).likes_count

    block = app.unit_of_work()
    unit = block.__enter__()
    mine = app.likes.like_post(users[1].id, post.id)
    assert in_child(lambda: go_on(block, mine)) == (1, 1)
    assert unit.committed == 0
    block.__exit__(None, None, None)
    assert unit.committed == 1
    assert app.posts.get(post.id).likes_count == 1


def test_a_unit_of_work_in_a_child_is_left_as_it_was_entered_by_an_error_too(app):
    world = World(app)
    ann, bob = world.users(2)
    post = world.post(ann)

    def leave_by(error):
        with pytest.raises(type(error)), block:
            raise error
        return app.posts.get(post.id).likes_count

    class Block:
        def __enter__(self):
            return None

        def __exit__(self, *error):
            return unit_of_work.__exit__(*error)

    block = Block()
    unit_of_work = app.unit_of_work()
    unit_of_work.__enter__()
    app.likes.like_post(bob.id, post.id)
    assert in_child(lambda: leave_by(KeyError())) == 0
    assert in_child(lambda: leave_by(KeyboardInterrupt())) == 0
    unit_of_work.__exit__(None, None, None)
    assert app.posts.get(post.id).likes_count == 1


def test_a_child_of_a_dry_run_writes_nothing(app):
    world = World(app)
    ann = world.user("ann")
    with app.unit_of_work(is_dry=True), pytest.raises(DryElsewhereError):
        in_child(lambda: app.posts.create_post(author_id=ann.id, caption="Hello", image_url="https://example.org/1"))


def test_a_scan_that_a_parent_began_is_refused(app):
    World(app).users(3)
    rows = pages(app.session.store, 2)
    first = next(rows)

    def go_on():
        try:
            list(rows)
        finally:
            rows.close()

    with pytest.raises(ForkedError, match="scan was begun before"):
        in_child(go_on)
    assert sum(len(page) for page in (first, *rows)) == 12


def test_a_child_can_begin_what_its_parent_began(app):
    World(app).users(3)
    with app.unit_of_work():
        assert in_child(lambda: sum(len(rows) for rows in pages(app.session.store, 2))) == 12


# Locks, and what lives for them


def test_no_lock_of_ours_is_inherited_held(app):
    lock = forks.new_lock()
    held, release = threading.Event(), threading.Event()

    def hold():
        with lock:
            held.set()
            release.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    letting_go = threading.Thread(target=release.set)
    letting_go.start()  # while the fork waits
    assert in_child(lambda: lock.acquire(timeout=10))
    thread.join()
    letting_go.join()


OTHER_LOCKS = {
    "seedbed/forks.py": "makes them",
    "seedbed/dynamo/answers.py": "lives for a unit of work, whose child lets go of it",
    "seedbed/dynamo/sending.py": "lives for a unit of work, which its child leaves to the parent",
    "seedbed/dynamo/engines/faults.py": "lives for the block of a test",
    "seedbed/serve/pages.py": "of a server, which forks nothing",
    "factories/pages/world.py": "as above",
}


def test_locks_are_made_where_a_fork_hears_of_them():
    root = Path(__file__).parents[2]
    files = [path for name in ("seedbed", "services", "factories") for path in (root / name).rglob("*.py")]
    stock = re.compile(r"\bthreading\.(R?Lock|Condition)\(|from threading import .*(Lock|Condition)")
    found = {path.relative_to(root).as_posix() for path in files if stock.search(path.read_text(encoding="utf-8"))}
    assert found == OTHER_LOCKS.keys()


def test_a_thread_may_fork_while_it_holds_a_lock():
    lock = forks.new_lock()
    with lock:
        assert in_child(lambda: lock.acquire(blocking=False))


def test_children_of_several_threads_know_their_places():
    places = []

    def fork():
        places.extend(in_child(forks.lineage) for _ in range(10))

    threads = [threading.Thread(target=fork) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(places)) == 30


def test_nothing_lives_longer_for_a_fork():
    app = connect()
    World(app).users(2)
    parts = [weakref.ref(part) for part in (app, app.ids, app.session, app.session.store.meter, app.engine.client)]
    app.close()
    del app
    gc.collect()
    assert [part() for part in parts] == [None] * len(parts)
    assert Child(forks.lineage).result()


class Half:
    """A thing that was never made whole."""

    def renew(self):
        raise AttributeError


def test_a_thing_that_cannot_be_renewed_keeps_no_other_from_it():
    ids, halves = Ids(7), [Half(), Half()]
    for half in halves:
        forks.in_child(half, Half.renew)
    others = Ids(7)
    assert in_child(lambda: ids.new(NOON) == others.new(NOON) != Ids(7).new(NOON))
