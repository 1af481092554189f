"""Who stands in a block: threads, tasks and executors; a clock, keyed ids and a unit of work are found by one rule."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from seedbed import context
from seedbed.context import Scope
from services.app import connect
from services.errors import DryElsewhereError
from tests.contract.world import World

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)


@pytest.fixture
def app():
    with connect(clock=lambda: NOON, seed=1) as app:
        yield app


class _Scopes:
    """One of the app's blocks, and what of it is found here."""

    def __init__(self, app):
        self.app = app
        self.scope = Scope("tested")

    @contextmanager
    def block(self, value):
        block = self.scope.open(value)
        try:
            yield
        finally:
            self.scope.close(block)

    def found(self):
        block = self.scope.find()
        return None if block is None else block.value


class _Moments(_Scopes):
    def block(self, value):
        return self.app.at(NOON + value * AN_HOUR)

    def found(self):
        return (self.app.clock.now() - NOON) // AN_HOUR or None


class _Keys(_Scopes):
    def block(self, value):
        return self.app.at(key=f"key {value}")

    def found(self):
        drawn = self.app.ids.new(NOON)
        for value in (1, 2, 3):
            with self.app.ids.keyed(f"key {value}"):
                if drawn in {self.app.ids.new(NOON) for _ in range(9)}:
                    return value
        return None


@pytest.fixture(params=[_Scopes, _Moments, _Keys], ids=["any", "clock", "ids"])
def scopes(app, request):
    return request.param(app)


def in_thread(call):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result()


class OldTask:
    """A loop with one task that lives as long as it, as anyio's pytest runner has: calls are handed to it."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.calls = asyncio.Queue()
        self.task = self.loop.create_task(self._serve())
        self.run(self._nothing)

    async def _nothing(self):
        return None

    async def _serve(self):
        while True:
            call, answer = await self.calls.get()
            answer.set_result(await call())

    def run(self, call):
        answer = self.loop.create_future()
        self.calls.put_nowait((call, answer))
        return self.loop.run_until_complete(answer)

    def close(self):
        self.task.cancel()
        self.loop.run_until_complete(asyncio.gather(self.task, return_exceptions=True))
        self.loop.close()


@pytest.fixture
def old_task():
    task = OldTask()
    yield task
    task.close()


def test_the_last_block_is_found_and_the_one_around_it_again_at_its_end(scopes):
    with scopes.block(1):
        with scopes.block(2):
            assert scopes.found() == 2
        assert scopes.found() == 1
    assert scopes.found() is None


def test_a_block_ends_also_by_an_error(scopes):
    with pytest.raises(KeyError), scopes.block(1):
        raise KeyError
    assert scopes.found() is None


def test_a_thread_begins_with_nothing_and_one_with_a_copy_of_the_context_with_what_stood_there(scopes):
    with scopes.block(1):
        copied = contextvars.copy_context()
        assert in_thread(scopes.found) is None
        assert in_thread(lambda: copied.run(scopes.found)) == 1
        assert asyncio.run(asyncio.to_thread(scopes.found)) == 1


def test_what_a_thread_opens_is_its_own(scopes):
    def opened():
        with scopes.block(2):
            barrier.wait()
            barrier.wait()
            return scopes.found()

    barrier = threading.Barrier(2)
    with scopes.block(1), ThreadPoolExecutor(1) as pool:
        there = pool.submit(opened)
        barrier.wait()
        assert scopes.found() == 1
        barrier.wait()
        assert there.result() == 2


def test_a_task_begins_with_what_stood_around_its_making(scopes):
    async def found():
        return scopes.found()

    async def main():
        with scopes.block(2):
            task = asyncio.create_task(found())
            return scopes.found(), await task

    with scopes.block(1):
        assert asyncio.run(main()) == (2, 2)


def test_tasks_that_take_turns_keep_their_own_and_leave_nothing(scopes):
    async def one(value, first, second):
        with scopes.block(value):
            first.set()
            await second.wait()
            return scopes.found()

    async def main():
        a, b = asyncio.Event(), asyncio.Event()
        found = await asyncio.gather(one(1, a, b), one(2, b, a))  # neither ends before the other has begun
        return found, scopes.found()

    assert asyncio.run(main()) == ([1, 2], None)
    assert scopes.found() is None


def test_a_task_that_is_older_than_the_block_finds_it_and_then_no_longer(scopes, old_task):
    async def found():
        return scopes.found()

    with scopes.block(1):
        assert old_task.run(found) == 1
        with scopes.block(2):
            assert old_task.run(found) == 2
        assert old_task.run(found) == 1
    assert old_task.run(found) is None


def test_a_thread_that_an_old_task_begins_finds_what_the_task_has_found(scopes, old_task):
    async def found_in_thread():
        return scopes.found(), await asyncio.to_thread(scopes.found)

    async def carried_to_thread():
        context.carry()
        return await asyncio.to_thread(scopes.found)

    with scopes.block(1):
        assert old_task.run(found_in_thread) == (1, 1)
        with scopes.block(2):
            assert old_task.run(found_in_thread) == (2, 2)
        with scopes.block(3):
            assert old_task.run(carried_to_thread) == 3
        assert old_task.run(carried_to_thread) == 1
    assert old_task.run(found_in_thread) == (None, None)
    assert old_task.run(carried_to_thread) is None


def test_an_old_task_that_opened_one_itself_finds_the_one_that_was_opened_last(scopes, old_task):
    opened = []

    async def open_one():
        opened.append(scopes.block(1))
        opened[0].__enter__()

    async def close_it():
        opened[0].__exit__(None, None, None)

    async def found():
        return scopes.found()

    async def found_in(value):
        with scopes.block(value):
            return scopes.found()

    old_task.run(open_one)
    assert scopes.found() is None
    with scopes.block(2):
        assert old_task.run(found) == 2
        assert old_task.run(lambda: found_in(3)) == 3
    assert old_task.run(found) == 1
    old_task.run(close_it)
    assert old_task.run(found) is None


def test_a_task_that_outlives_the_block_is_no_longer_in_it(scopes, old_task):
    async def begin():
        with scopes.block(1):
            return asyncio.create_task(late())

    async def late():
        await asyncio.sleep(0)
        return scopes.found()

    async def main():
        return await (await begin())

    assert old_task.run(main) is None


def test_a_context_that_is_older_than_the_block_finds_it_in_the_same_thread(scopes):
    before = contextvars.copy_context()
    with scopes.block(1):
        stale = contextvars.copy_context()
    with scopes.block(2):
        assert before.run(scopes.found) == 2
        assert stale.run(scopes.found) == 2
    assert stale.run(scopes.found) is None


def test_a_block_that_another_context_ends_has_ended(scopes):
    block = scopes.block(1)
    contextvars.copy_context().run(block.__enter__)
    assert scopes.found() == 1
    contextvars.copy_context().run(block.__exit__, None, None, None)
    assert scopes.found() is None


def test_who_shares_a_key_draws_no_id_twice(app):
    async def draw():
        return app.ids.new(NOON)

    async def main():
        return await asyncio.gather(
            *(asyncio.to_thread(app.ids.new, NOON) for _ in range(5)), *(draw() for _ in range(5))
        )

    with app.at(key="k"):
        drawn = [app.ids.new(NOON), *asyncio.run(main())]
    with app.at(key="k"):
        expected = [app.ids.new(NOON) for _ in range(11)]
    assert sorted(drawn) == sorted(expected)
    assert len(set(expected)) == 11


# Units of work


def test_a_unit_of_work_is_the_threads_that_opened_it_also_where_the_context_is_copied(app):
    world = World(app)
    ann, bob = world.users(2)
    post = world.post(bob)
    with app.unit_of_work() as unit:
        like = asyncio.run(asyncio.to_thread(app.likes.like_post, ann.id, post.id))
        assert unit.committed == 0
        assert in_thread(lambda: app.posts.get(post.id)).likes_count == 1
        app.likes.unlike_post(ann.id, post.id)
    assert like.user_id == ann.id
    assert unit.committed == 1
    assert app.posts.get(post.id).likes_count == 0


def test_tasks_do_not_mix_their_units_of_work(app):
    world = World(app)
    users = world.users(3)
    post = world.post(users[2])

    async def like(user, first, second):
        with app.unit_of_work() as unit:
            app.likes.like_post(user.id, post.id)
            first.set()
            await second.wait()
            return unit

    async def main():
        a, b = asyncio.Event(), asyncio.Event()
        return await asyncio.gather(like(users[0], a, b), like(users[1], b, a))

    assert [unit.committed for unit in asyncio.run(main())] == [1, 1]
    assert app.posts.get(post.id).likes_count == 2


def test_a_task_inside_anothers_unit_of_work_commits_at_once(app):
    world = World(app)
    users = world.users(3)
    post = world.post(users[2])

    async def like(user):
        app.likes.like_post(user.id, post.id)
        return app.session.store.get(("POST#" + post.id, "POST"))["likes_count"]["N"]

    async def main():
        with app.unit_of_work() as unit:
            app.likes.like_post(users[0].id, post.id)
            return await asyncio.create_task(like(users[1])), unit.committed

    assert asyncio.run(main()) == ("1", 0)
    assert app.posts.get(post.id).likes_count == 2


def test_an_old_task_works_in_the_unit_of_work_of_its_threads_plain_code(app, old_task):
    world = World(app)
    ann, bob = world.users(2)
    post = world.post(bob)

    async def like():
        app.likes.like_post(ann.id, post.id)

    with app.unit_of_work() as unit:
        old_task.run(like)
        assert unit.committed == 0
    assert unit.committed == 1


@pytest.mark.parametrize("opens", ["dry", "rehearsal"])
def test_nothing_is_written_from_elsewhere_inside_what_writes_nothing(app, opens):
    world = World(app)
    ann, bob = world.users(2)
    post = world.post(bob)

    def like():
        app.likes.like_post(ann.id, post.id)

    def like_dry():
        with app.unit_of_work(is_dry=True):
            like()

    calls = (like, app.unit_of_work().__enter__, lambda: app.posts.get(post.id), app.session.send)
    with app.unit_of_work(is_dry=True) if opens == "dry" else app.rehearsal():
        for call in calls:
            with pytest.raises(DryElsewhereError):
                asyncio.run(asyncio.to_thread(call))
        asyncio.run(asyncio.to_thread(like_dry))
    assert app.posts.get(post.id).likes_count == 0
