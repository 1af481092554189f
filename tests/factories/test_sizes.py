"""More than a million of anything is refused by its name, before anything is made, without a list of it."""

from __future__ import annotations

import itertools
import tracemalloc
from functools import partial

import pytest

from factories import (
    CommentFactory,
    FeedItemFactory,
    FollowFactory,
    LikeFactory,
    PostFactory,
    Range,
    UserFactory,
    recycle,
)
from factories.errors import InvalidCountError, InvalidPoolError
from factories.scenarios import run_scenario
from factories.scenarios.active_community import ActiveCommunity
from factories.scenarios.popular_post import PopularPost
from seedbed.plain import read_most
from seedbed.strategy import ranges, recycling

HOOKS = [(UserFactory, name) for name in ("followers", "following", "posts")]
HOOKS += [(PostFactory, "likes"), (PostFactory, "comments"), (CommentFactory, "replies")]
ALL = [UserFactory, PostFactory, LikeFactory, CommentFactory, FollowFactory, FeedItemFactory]
MANY = [10**9, 1_000_001, 2**70, Range(0, 10**9)]


@pytest.fixture(autouse=True)
def small_memory():
    tracemalloc.start()
    yield
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60_000_000


@pytest.mark.parametrize("many", MANY, ids=str)
@pytest.mark.parametrize(("factory", "hook"), HOOKS)
@pytest.mark.parametrize("size", [None, 2])
def test_a_hook_of_too_many_is_refused(app, factory, hook, many, size):
    make = factory if size is None else lambda **given: factory.create_batch(size, **given)

    with pytest.raises(InvalidCountError, match=f"{hook} must be at most 1,000,000"):
        make(**{hook: many})

    assert app.usage.rows_put == 0


@pytest.mark.parametrize("factory", ALL)
def test_a_batch_of_too_many_is_refused(app, factory):
    with pytest.raises(InvalidCountError, match="batch must be at most 1,000,000"):
        factory.create_batch(10**9)

    assert app.usage.rows_put == 0


@pytest.mark.parametrize(
    "story", [partial(PopularPost, likes=Range(0, 10**9)), partial(ActiveCommunity, users=10**9)], ids=["one", "all"]
)
def test_a_scenario_of_too_many_is_refused(app, story):
    with pytest.raises(InvalidCountError, match="at most 1,000,000"):
        run_scenario(story(), app)


def test_a_total_of_too_many_is_refused():
    with pytest.raises(InvalidCountError, match="the total must be at most 1,000,000"):
        Range(1, 1).distribute(10**9)


@pytest.mark.parametrize("is_endless", [False, True])
def test_a_list_of_too_many_is_refused_and_one_of_as_many_as_may_be_is_not(app, monkeypatch, is_endless):
    monkeypatch.setattr(ranges, "COUNT_MAX", 3)
    assert len(UserFactory.create_each([{}] * 3)) == 3
    before = app.usage.rows_put
    with pytest.raises(InvalidCountError, match="create_each is given must be at most 3, not 4"):
        UserFactory.create_each(itertools.repeat({}) if is_endless else [{}] * 4)
    assert app.usage.rows_put == before


def test_too_many_to_recycle_are_refused_and_as_many_as_may_be_are_not(app, monkeypatch):
    monkeypatch.setattr(recycling, "read_most", partial(read_most, most=3))
    ada = UserFactory()
    with recycle([ada] * 3):
        assert PostFactory().author_id == ada.id
    with pytest.raises(InvalidPoolError):
        recycle(itertools.repeat(ada))
