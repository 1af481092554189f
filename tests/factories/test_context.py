"""Bindings, pools and running calls in threads, tasks and other apps: who stands in what."""

from __future__ import annotations

import asyncio
import contextvars
import copy
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial

import pytest

from factories import LikeFactory, PostFactory, UserFactory, after_create, before_create, current_app, recycle, using
from factories.errors import NoAppError, UnpicklableBindingError
from seedbed.strategy.binding import Binding, current_binding, find_binding
from seedbed.strategy.pool import find_pool
from services.app import connect
from services.errors import DryElsewhereError, UnpicklableAppError

THEN = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def other():
    with connect() as other:
        yield other


def users_of(app):
    return [row for rows in app.session.store.scan() for row in rows if row["entity_type"]["S"] == "USER"]


def in_thread(call, *arguments):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call, *arguments).result()


# Threads


def test_a_thread_of_its_own_has_no_app(app):
    with pytest.raises(NoAppError, match=r"in a thread, .*: `with using\(app\) as binding:` there"):
        in_thread(UserFactory)


WRITE_NOTHING = {"dry": lambda app: app.unit_of_work(is_dry=True), "rehearsal": lambda app: app.rehearsal()}
AROUND = {
    "around the binding": lambda app, opens: [lambda _: opens(app), using],
    "inside the binding": lambda app, opens: [using, lambda _: opens(app)],
    "between two": lambda app, opens: [using, lambda _: opens(app), using],
    "around a unit of work": lambda app, opens: [using, lambda _: opens(app), lambda _: app.unit_of_work()],
}


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("opens", WRITE_NOTHING)
def test_a_thread_that_joins_a_binding_writes_nothing_where_that_is_used_for_nothing(app, opens, around):
    def join(call):
        with using(binding):
            return call()

    def join_dry():
        with app.unit_of_work(is_dry=True):
            return UserFactory()

    with ExitStack() as stack:
        for block in AROUND[around](app, WRITE_NOTHING[opens]):
            stack.enter_context(block(app))
        binding = find_binding()
        for call in (UserFactory, partial(UserFactory.create_batch, 2), app.unit_of_work().__enter__, app.session.send):
            with pytest.raises(DryElsewhereError):
                in_thread(join, call)
        assert in_thread(join, join_dry).handle
    assert users_of(app) == []


@pytest.mark.parametrize("opens", WRITE_NOTHING)
def test_a_thread_with_a_binding_of_its_own_or_one_that_joins_after_a_dry_run_writes(app, opens):
    def use(bound):
        with using(bound):
            return UserFactory().id

    with using(app) as binding:
        with WRITE_NOTHING[opens](app):
            made = [in_thread(use, app)]
        made.append(in_thread(use, binding))
    assert sorted(row["id"]["S"] for row in users_of(app)) == sorted(made)


def begin_by_thread(binding, until):
    """Join a binding in a thread of one's own, and create there when `until` is set."""

    def work():
        with using(binding):
            joined.set()
            until.wait(10)
            return UserFactory()

    joined, executor = threading.Event(), ThreadPoolExecutor(1)
    future = executor.submit(work)
    executor.shutdown(wait=False)
    joined.wait(10)
    return future.result


def begin_by_copy(_binding, until):
    """Begin a thread with a copy of this context, as `asyncio.to_thread` does, and create there when `until` is set."""

    def work():
        until.wait(10)
        return UserFactory()

    executor = ThreadPoolExecutor(1)
    future = executor.submit(contextvars.copy_context().run, work)
    executor.shutdown(wait=False)
    return future.result


DEEPER = {
    "in the binding": lambda _: [],
    "in one of its own inside": lambda app: [using(app)],
    "in the same one again": lambda _: [using(find_binding())],
    "where others are dry too": lambda app: [app.unit_of_work(is_dry=True)],
}


@pytest.mark.parametrize("begin", [begin_by_thread, begin_by_copy])
@pytest.mark.parametrize("deeper", DEEPER)
@pytest.mark.parametrize("opens", WRITE_NOTHING)
def test_who_was_in_a_binding_before_a_dry_run_was_opened_in_it_writes_nothing(app, opens, deeper, begin):
    until = threading.Event()
    with using(app) as binding:
        result = begin(binding, until)
        with ExitStack() as stack:
            for block in [*DEEPER[deeper](app), WRITE_NOTHING[opens](app)]:
                stack.enter_context(block)
            until.set()
            with pytest.raises(DryElsewhereError):
                result()
        assert users_of(app) == []
        assert begin(binding, until)().handle  # the dry run is over


@pytest.mark.parametrize("opens", WRITE_NOTHING)
def test_a_task_that_is_older_than_a_dry_run_of_another_writes_nothing_meanwhile(app, opens):
    async def older(until):
        await until.wait()
        return UserFactory()

    async def run():
        until = asyncio.Event()
        with using(app):
            task = asyncio.create_task(older(until))
            await asyncio.sleep(0)
            with WRITE_NOTHING[opens](app):
                until.set()
                with pytest.raises(DryElsewhereError):
                    await task
            assert users_of(app) == []
            assert (await asyncio.create_task(older(until))).handle

    asyncio.run(run())


@pytest.mark.parametrize("opens", WRITE_NOTHING)
def test_what_a_thread_that_joins_a_binding_runs_dry_is_its_own(app, opens):
    def work():
        with using(binding), WRITE_NOTHING[opens](app):
            opened.set()
            until.wait(10)

    opened, until = threading.Event(), threading.Event()
    with using(app) as binding, ThreadPoolExecutor(1) as executor:
        executor.submit(work)
        opened.wait(10)
        user = UserFactory()
        until.set()
    assert app.profiles.get(user.id) == user


def test_a_task_that_is_older_than_the_block_does_as_the_error_says(app):
    """Also in the threads that it starts."""

    async def older(begin, bound):
        await begin.wait()
        with pytest.raises(
            NoAppError, match=r"a task that began before that block, join it: .* `with using\(binding\):`"
        ):
            await asyncio.to_thread(UserFactory)
        with using(bound[0]):
            return await asyncio.to_thread(UserFactory), UserFactory()

    async def run():
        begin, bound = asyncio.Event(), []
        task = asyncio.create_task(older(begin, bound))
        await asyncio.sleep(0)
        with using(app) as binding:
            bound.append(binding)
            begin.set()
            return await task

    assert len(users_of(app)) == 0
    one, other = in_thread(lambda: asyncio.run(run()))
    assert {row["id"]["S"] for row in users_of(app)} == {one.id, other.id}


def test_a_thread_that_joins_a_binding_takes_what_is_recycled_at_the_time_that_stands(app):
    users, posts = UserFactory.create_batch(3), PostFactory.create_batch(3)

    def like():
        with using(binding):
            return LikeFactory(), current_app()

    with using(app) as binding, recycle(users, posts), app.at(THEN):
        one, bound = in_thread(like)
        assert bound is app
        assert one.user_id in {user.id for user in users}
        assert one.post_id in {post.id for post in posts}
        assert one.created_at == THEN


def test_what_stood_around_the_binding_is_joined_too(app):
    users, posts = UserFactory.create_batch(3), PostFactory.create_batch(3)

    def like():
        with using(binding):
            return LikeFactory()

    with recycle(users, posts), app.at(THEN), using(app) as binding:
        one = in_thread(like)
    assert one.user_id in {user.id for user in users}
    assert one.created_at == THEN


def test_a_joined_block_leaves_nothing_in_its_thread(app):
    def joined():
        with using(binding), recycle(UserFactory()):
            pass
        return find_pool(), find_binding().app, app.clock.now()

    with using(app) as binding, recycle(UserFactory()), app.at(THEN):
        pool, bound, now = in_thread(joined)
    assert (pool, bound) == (None, None)
    assert now != THEN


def test_what_a_joined_thread_recycles_is_nobody_elses(app):
    yours = UserFactory()
    opened, looked = threading.Event(), threading.Event()

    def keep():
        with using(binding), recycle(yours), app.at(THEN):
            opened.set()
            looked.wait(10)

    def look():
        with using(binding):
            return find_pool(), app.clock.now()

    with using(app) as binding, ThreadPoolExecutor(1) as pool:
        kept = pool.submit(keep)
        opened.wait(10)
        assert in_thread(look)[0] is None
        assert in_thread(look)[1] != THEN
        assert find_pool() is None
        looked.set()
        kept.result()


def test_of_several_tasks_that_recycle_a_thread_joins_what_stands_around_all(app):
    users = UserFactory.create_batch(3)

    def shelf():
        with using(binding):
            return find_pool().shelf(type(users[0])).items

    async def one(user):
        with recycle(user):
            await asyncio.sleep(0)
            return await asyncio.get_running_loop().run_in_executor(None, shelf), await asyncio.to_thread(shelf)

    async def main():
        return await asyncio.gather(one(users[1]), one(users[2]))

    with using(app) as binding, recycle(users[0]):
        assert asyncio.run(main()) == [([users[0]], [users[1]]), ([users[0]], [users[2]])]


def test_threads_that_share_a_pool_pick_no_pair_twice(app):
    users, posts = UserFactory.create_batch(10), PostFactory.create_batch(10)

    def like(number):
        with using(binding):
            barrier.wait(10)
            return LikeFactory.create_batch(20)

    barrier = threading.Barrier(4)
    with using(app) as binding, recycle(users, posts), ThreadPoolExecutor(4) as pool:
        likes = [like for likes in pool.map(like, range(4)) for like in likes]
    assert len({(like.user_id, like.post_id) for like in likes}) == 80
    assert sum(app.posts.get(post.id).likes_count for post in posts) == 80


def test_a_call_in_another_thread_is_no_part_of_the_call_that_runs(app):
    stored = []

    class Hooked(UserFactory):
        @before_create
        def elsewhere(self, values):
            user = asyncio.run(asyncio.to_thread(UserFactory))
            stored.append(app.session._store.get(("USER#" + user.id, "PROFILE")))
            return values

    user, another = Hooked.create_batch(2)
    assert all(row is not None for row in stored)
    assert len(stored) == 2
    assert len(users_of(app)) == 4
    assert user != another


# Tasks


def test_tasks_bind_and_recycle_for_themselves(app, other):
    async def one(bound, first, second):
        with using(bound), recycle(UserFactory()):
            first.set()
            await second.wait()
            post = PostFactory()
            return bound.posts.get(post.id) == post, post.author_id in {row["id"]["S"] for row in users_of(bound)}

    async def main():
        a, b = asyncio.Event(), asyncio.Event()
        return await asyncio.gather(one(app, a, b), one(other, b, a))

    assert asyncio.run(main()) == [(True, True), (True, True)]
    assert current_app() is app
    assert find_pool() is None
    assert len(users_of(app)) == len(users_of(other)) == 1


def test_a_fixtures_app_is_found_by_a_task_that_is_older(other):
    loop, queue = asyncio.new_event_loop(), asyncio.Queue()

    async def serve():
        while True:
            call, answer = await queue.get()
            answer.set_result(call())

    def run(call):
        answer = loop.create_future()
        queue.put_nowait((call, answer))
        return loop.run_until_complete(answer)

    task = loop.create_task(serve())
    assert run(lambda: find_binding().app) is None
    with using(other), recycle(UserFactory()) as pool:
        assert run(UserFactory).id in {row["id"]["S"] for row in users_of(other)}
        assert run(find_pool) is pool
    assert run(lambda: find_binding().app) is None
    task.cancel()
    loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
    loop.close()


def test_a_binding_can_be_ended_from_another_context(other):
    block = using(other)
    contextvars.copy_context().run(block.__enter__)
    assert current_app() is other
    contextvars.copy_context().run(block.__exit__, None, None, None)
    assert find_binding().app is None


# Another app inside


@pytest.mark.parametrize("hook", [before_create, after_create], ids=lambda hook: hook.__name__)
@pytest.mark.parametrize("count", [1, 3])
def test_another_app_that_a_hook_binds_is_the_one_that_it_creates_in(app, other, hook, count):
    made = []

    class Hooked(UserFactory):
        @hook
        def elsewhere(self, value):
            with using(other):
                made.append(PostFactory(likes=2))
                made.extend(UserFactory.create_batch(2))
            return value

    with recycle(UserFactory()):
        Hooked.create_batch(count)
    assert len(users_of(app)) == count + 1
    assert len(users_of(other)) == count * (3 + 2)
    assert other.posts.get(made[0].id).likes_count == 2


def test_another_app_that_a_declaration_binds_is_the_one_that_it_creates_in(app, other):
    import factory

    def elsewhere():
        with using(other):
            return UserFactory().full_name

    class Named(UserFactory):
        full_name = factory.LazyFunction(elsewhere)

    names = {user.full_name for user in Named.create_batch(2)}
    assert names == {row["full_name"]["S"] for row in users_of(other)}
    assert len(users_of(app)) == 2


def test_what_is_recycled_belongs_to_the_app_that_is_bound(app, other):
    user = UserFactory()
    with recycle(user):
        with using(other):
            assert PostFactory().author_id != user.id
        with using(app):
            assert PostFactory().author_id == user.id


def test_what_is_recycled_before_any_app_is_bound_serves_the_app_that_is(other):
    with connect() as app:
        with using(app):
            user = UserFactory()
        with recycle(user), using(app):
            assert PostFactory().author_id == user.id


# Processes


@pytest.mark.parametrize("copies", [pickle.dumps, copy.copy, copy.deepcopy])
def test_neither_an_app_nor_a_binding_goes_elsewhere(app, copies):
    with pytest.raises(UnpicklableAppError, match="connect anew"):
        copies(app)
    with pytest.raises(UnpicklableBindingError, match="connect there"):
        copies(current_binding())


def test_a_binding_that_has_ended_can_be_opened_again(app):
    with using(app) as binding:
        first = UserFactory()
    with using(binding), recycle(first):
        assert in_thread(lambda: _author(binding)) == first.id
    assert isinstance(binding, Binding)


def _author(binding):
    with using(binding):
        return PostFactory().author_id
