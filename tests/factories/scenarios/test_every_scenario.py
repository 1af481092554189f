"""What holds for each of the built-in scenarios."""

from __future__ import annotations

from datetime import datetime

import attrs
import pytest

from factories import Range, UserFactory, using
from factories.scenarios import registry, run_scenario
from factories.scenarios.active_community import ActiveCommunity
from factories.scenarios.celebrity_feed import CelebrityFeed
from factories.scenarios.conversation import Conversation
from factories.scenarios.edge_cases import EdgeCases
from factories.scenarios.popular_post import PopularPost
from seedbed.strategy.binding import current_app
from services.audit import audit
from services.entities import Comment, FeedEntry, Post, User

SMALL = {
    "active-community": ActiveCommunity(users=5, posts_each=2),
    "celebrity-feed": CelebrityFeed(authors=2, posts_each=3),
    "conversation": Conversation(),
    "edge-cases": EdgeCases(),
    "popular-post": PopularPost(followers=40, likes=Range(20, 30), comments=Range(3, 5)),
}
each = pytest.mark.parametrize("story", SMALL.values(), ids=SMALL)


def values_in(result):
    """Find every entity in a result, in nested tuples too."""
    for value in attrs.asdict(result, recurse=False).values():
        yield from value if isinstance(value, tuple) else (value,)


def stored(app, value):
    """Read an entity again."""
    if isinstance(value, User):
        return app.profiles.get(value.id)
    if isinstance(value, Post):
        return app.posts.get(value.id)
    if isinstance(value, Comment):
        return app.comments.get(value.post_id, value.id)
    if isinstance(value, FeedEntry):
        return attrs.evolve(value, post=app.posts.get(value.post_id))
    return value


def test_all_are_tested_here():
    assert sorted(name.replace("-", "_") for name in SMALL) == list(registry._BUILT_IN)


@each
def test_the_audit_finds_nothing(story, small):
    run_scenario(story, small)

    found = audit(small.session.store)
    assert found.rows > 0
    assert found.findings == ()


@each
def test_the_result_is_what_is_stored(story, small):
    result = run_scenario(story, small)

    found = list(values_in(result))
    assert [value for value in found if isinstance(value, User | Post | Comment)]
    assert found == [stored(small, value) for value in found]


@each
def test_the_result_is_frozen(story, small):
    result = run_scenario(story, small)
    name = attrs.fields(type(result))[0].name

    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(result, name, None)


@each
def test_the_same_seed_makes_the_same_rows(story, fresh, rows):
    first, second = fresh(), fresh()
    for app in (first, second):
        with using(app, seed=7):
            run_scenario(story, app)

    assert rows(first) == rows(second) != {}


@each
def test_another_seed_makes_other_rows(story, fresh, rows):
    first, second = fresh(), fresh()
    for app, seed in ((first, 7), (second, 8)):
        with using(app, seed=seed):
            run_scenario(story, app)

    assert not rows(first).keys() & rows(second).keys()


@each
def test_running_it_again_changes_nothing(story, fresh, rows):
    app = fresh()
    with using(app, seed=7):
        once = run_scenario(story, app)
    before = rows(app)
    with using(app, seed=7):
        again = run_scenario(story, app)

    assert rows(app) == before
    assert again == once


@each
def test_running_it_twice_in_one_binding_makes_two(story, small, rows):
    run_scenario(story, small)
    before = rows(small)
    run_scenario(story, small)

    assert len(rows(small)) > 1.5 * len(before)
    assert audit(small.session.store).findings == ()


@each
def test_a_unit_of_work_around_it_makes_no_difference(story, fresh, rows):
    plain, queued = fresh(), fresh()
    with using(plain, seed=7):
        result = run_scenario(story, plain)
    with using(queued, seed=7), queued.unit_of_work():
        assert run_scenario(story, queued) == result

    assert rows(queued) == rows(plain)


@each
def test_a_dry_run_tells_the_same_and_writes_nothing(story, fresh, rows):
    plain, dry = fresh(), fresh()
    with using(plain, seed=7):
        result = run_scenario(story, plain)
    with using(dry, seed=7), dry.unit_of_work(is_dry=True):
        assert run_scenario(story, dry) == result

    assert rows(dry) == {}


@each
def test_everything_happened_before_the_clocks_now(story, small, rows):
    run_scenario(story, small)

    times = [datetime.fromisoformat(row["created_at"]["S"]) for row in rows(small).values()]
    assert max(times) <= small.clock.now()
    assert min(times) < max(times)


@each
def test_the_clock_stands_still_meanwhile(story, fresh, rows):
    """Else what is made without `at` would have other times when a run takes longer."""
    moving, standing = fresh(clock=iter_clock()), fresh(clock=iter_clock(is_moving=False))
    for app in (moving, standing):
        with using(app, seed=7):
            run_scenario(story, app)

    assert rows(moving) == rows(standing)


def iter_clock(*, is_moving=True):
    seconds = iter(range(1_000_000))
    return lambda: datetime.fromtimestamp(1_769_860_800 + (next(seconds) if is_moving else 0)).astimezone()


def test_without_a_binding_the_app_is_bound_meanwhile(fresh):
    app = fresh()

    result = run_scenario(SMALL["conversation"], app)

    assert app.posts.get(result.post.id) == result.post


def test_another_apps_binding_is_left_alone(small, fresh, rows):
    other = fresh()

    run_scenario(SMALL["conversation"], other)

    assert rows(other)
    assert rows(small) == {}
    assert current_app() is small
    assert small.profiles.get(UserFactory().id)
