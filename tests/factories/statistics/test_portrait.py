"""The portrait of seeded worlds: every statistic that a world is large enough for meets its target."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from factories import FollowFactory, LikeFactory, PostFactory, UserFactory, using
from factories.presets import find_preset
from factories.seeding.seeder import Seeder
from factories.statistics import portrait_of
from factories.statistics.targets import TARGETS
from services import connect
from services.audit import audit

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
MID_SIZE = """
    users = 1100
    influencers = 3
    influencer_followers = [300, 500]
    posts_per_user = [1, 1]
    likes_per_post = [0, 12]
    comments_per_post = [0, 1]
    follows_per_user = 8
"""


def _portrait(app):
    taken = []
    audit(app.session.store, onlooker=lambda facts: taken.append(portrait_of(facts)))
    return taken[0]


@pytest.fixture(scope="module", params=["realistic", "mid-size"])
def portrait(request, tmp_path_factory):
    name = request.param
    if name == "mid-size":
        path = tmp_path_factory.mktemp("presets") / "mid-size.toml"
        path.write_text(MID_SIZE, encoding="utf-8")
        name = str(path)
    with connect(clock=lambda: AS_OF, seed=7) as app, using(app, seed=7):
        Seeder(app, find_preset(name)).run()
        return _portrait(app)


def test_a_seeded_world_meets_every_target_that_it_is_large_enough_for(portrait):
    assert [str(one) for one in portrait.missed] == []
    assert [one.name for one in portrait.statistics] == list(TARGETS)
    small = {"followers_tail_exponent", "followers_of_top_percent", "reciprocity", "clustering", "likes_daily_rhythm"}
    left = {one.name for one in portrait.statistics} - {one.name for one in portrait.held}
    assert left in (small, set())


def test_the_mid_size_world_holds_everything(portrait):
    is_large = portrait["reciprocity"].size > 1_000
    assert len(portrait.held) == (len(TARGETS) if is_large else len(TARGETS) - 5)
    assert portrait["reciprocity"].why_not_held == (None if is_large else "wants 500 members, and there are 50")


def test_a_table_without_rows_holds_nothing(app):
    portrait = _portrait(app)

    assert portrait.held == ()
    assert portrait.missed == ()
    assert set(portrait.as_json()) == set(TARGETS)


def test_figures_are_of_what_the_table_holds():
    with connect(clock=lambda: AS_OF, seed=1) as app, using(app, seed=1):
        joined = AS_OF - timedelta(days=30)
        ada, ben, eve = UserFactory.create_batch(3, at=joined)
        for follower, followee in ((ada, ben), (ben, ada), (ben, eve)):
            FollowFactory(follower=follower, followee=followee, at=joined)
        posts = [PostFactory(author=user, caption="The same", at=joined) for user in (ada, ben, eve)]
        LikeFactory(user=ben, post=posts[0], at=joined + timedelta(days=1))
        LikeFactory(user=eve, post=posts[0], at=joined + timedelta(days=8))
        figures = {one.name: one.value for one in _portrait(app).statistics}

    assert figures["reciprocity"] == 1 / 2
    assert figures["mean_distance"] == pytest.approx(8 / 6)
    assert figures["giant_component"] == 1
    assert figures["likes_within_week"] == 1 / 2
    assert figures["likes_of_top_tenth"] == 1
    assert figures["repeated_captions"] == 2
    assert figures["effects_before_causes"] == 0


def test_effects_before_their_causes_are_missed():
    with connect(clock=lambda: AS_OF, seed=1) as app, using(app, seed=1):
        user = UserFactory(at=AS_OF - timedelta(days=1))
        PostFactory(author=user, at=AS_OF - timedelta(days=2))
        portrait = _portrait(app)

    assert [one.name for one in portrait.missed] == ["effects_before_causes"]
    assert list(portrait.lines())[-1] == (
        "  effects before causes 1.00 (target from 0 to 0, missed: nothing happens before its cause)"
    )
