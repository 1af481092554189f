"""`at=` takes every instant from 1970 to 9999, at any depth; any other, and what is none, is refused by name."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import factory
import pytest

from factories import (
    CommentFactory,
    FeedItemFactory,
    FollowFactory,
    LikeFactory,
    PostFactory,
    UserFactory,
    using,
)
from factories.errors import InvalidMomentError
from services.app import connect
from services.audit import audit

FIRST = datetime(1970, 1, 1, tzinfo=UTC)
LAST = datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)
FITTING = [FIRST, FIRST + timedelta(minutes=1), FIRST + timedelta(days=200), LAST - timedelta(days=20), LAST]
NONE = [
    "2026-01-01",
    date(2026, 1, 1),
    datetime(2026, 1, 1),  # noqa: DTZ001 - that is the point
    1_767_225_600,
    1.5,
    FIRST - timedelta(milliseconds=1),
    datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
    datetime.max.replace(tzinfo=timezone(-timedelta(hours=12))),
]
ALL = [UserFactory, PostFactory, LikeFactory, CommentFactory, FollowFactory, FeedItemFactory]
every_factory = pytest.mark.parametrize("made", ALL, ids=lambda made: made.__name__)
every_other = pytest.mark.parametrize("at", NONE, ids=repr)


@every_factory
@every_other
@pytest.mark.parametrize("way", ["create", "build", "stub"])
def test_what_is_no_moment_is_refused_before_anything_is_made(app, made, at, way):
    with pytest.raises(InvalidMomentError, match=f"{made.__name__}'s at must be") as refusal:
        getattr(made, way)(at=at)
    assert refusal.value.value is at
    assert app.usage.rows_put == 0


@every_factory
@every_other
def test_what_turns_out_to_be_no_moment_is_blamed_on_the_factory_that_was_told_it(app, made, at):
    with pytest.raises(InvalidMomentError, match=f"{made.__name__}'s at must be") as refusal:
        made(at=factory.LazyFunction(lambda: at))
    assert refusal.value.value is at


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"author__at": "x"}, "UserFactory"),
        ({"likes": 1, "likes__at": "x"}, "LikeFactory"),
        ({"likes": [{"at": "x"}]}, "LikeFactory"),
        ({"comments": 1, "comments__user__at": "x"}, "UserFactory"),
    ],
    ids=str,
)
def test_a_nested_one_is_refused_before_anything_is_made(app, arguments, name):
    with pytest.raises(InvalidMomentError, match=f"{name}'s at must be a datetime with a time zone, not 'x'"):
        PostFactory(**arguments)
    assert app.usage.rows_put == 0


@pytest.mark.parametrize("at", FITTING, ids=str)
@pytest.mark.parametrize("clock", FITTING, ids=lambda moment: f"now {moment}")
def test_a_world_of_any_instant_at_any_other_is_whole(at, clock):
    with connect(clock=lambda: clock, seed=1) as app, using(app, seed=1):
        post = PostFactory(at=at, likes=2, comments=["One", "Two"])
        made = [factory_(at=at) for factory_ in ALL]
        user = UserFactory(followers=1, posts=2)
        PostFactory(trending=True, likes=1, comments=1)
        item = FeedItemFactory(post=post, reader=UserFactory(at=at), at=max(at, clock))
        built = FeedItemFactory.build(at=at)
        assert post.created_at == at
        assert made[0].created_at == at
        assert (user.posts_count, item.post_id) == (2, post.id)
        assert built.expires_at > int(at.timestamp())
        assert all(one.created_at >= FIRST for one in [app.profiles.get(post.author_id), *app.likes.likers(post.id)])
        assert audit(app.session.store).findings == ()


def test_a_drawn_cause_is_never_before_there_was_a_time(app):
    authors = {PostFactory(at=FIRST + timedelta(days=30)).author_id for _ in range(20)}
    joined = [app.profiles.get(author).created_at for author in authors]
    assert all(FIRST <= moment < FIRST + timedelta(days=30) for moment in joined)
    assert len(set(joined)) == 20
