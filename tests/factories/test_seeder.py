"""The seeder: a world is what its preset says, nothing is before its cause, and the same seed makes it again."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import attrs
import pytest

from factories import using
from factories.presets import PRESETS
from factories.seeding.seeder import Seeder
from factories.texts.topics import topic_of
from seedbed.strategy.ranges import Range
from services import connect
from services.audit import audit

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
PRESET = attrs.evolve(
    PRESETS["minimal"],
    name="tested",
    users=30,
    verified=0.3,
    influencers=2,
    influencer_followers=Range(40, 50),
    likes_per_post=Range(5, 40),
    comments_per_post=Range(0, 4),
    follows_per_user=6,
)
FULL = attrs.evolve(PRESET, influencers=5, influencer_followers=Range(1, 2))
"""Influencers who would get more followers from the other users than the preset allows."""

LIVELY = attrs.evolve(
    PRESET,
    users=100,
    influencers=4,
    posts_per_user=Range(2, 4),
    likes_per_post=Range(0, 50),
    comments_per_post=Range(0, 12),
    follows_per_user=10,
)


def _made(preset, seed):
    with connect(clock=lambda: AS_OF, seed=seed, validate=True) as app, using(app, seed=seed):
        world = Seeder(app, preset).run()
        rows = [row for page in app.session.store.scan() for row in page]
        return world, {(row["PK"]["S"], row["SK"]["S"]): row for row in rows}, audit(app.session.store)


@pytest.fixture(scope="module")
def made():
    return _made(PRESET, 1)


@pytest.fixture(scope="module")
def world(made):
    return made[0]


@pytest.fixture(scope="module")
def rows(made):
    return made[1]


def _of(rows, kind):
    return [row for row in rows.values() if row["entity_type"]["S"] == kind]


def _times(rows, kind):
    return {row["id"]["S"]: row["created_at"]["S"] for row in _of(rows, kind)}


def _all_moments(rows, kind):
    return [datetime.fromisoformat(row["created_at"]["S"]) for row in _of(rows, kind)]


def _moments(rows, kind):
    return {key: datetime.fromisoformat(at) for key, at in _times(rows, kind).items()}


def _reactions(rows, kind):
    return [(row["post_id"]["S"], datetime.fromisoformat(row["created_at"]["S"])) for row in _of(rows, kind)]


def test_every_number_is_right(made):
    found = made[2]

    assert found.findings == ()
    assert found.rows == len(made[1])


def test_there_are_as_many_users_as_the_preset_says_and_the_audience_is_apart(world, rows):
    assert len(world.users) == 30
    assert world.influencers == world.users[:2]
    assert len(_of(rows, "USER")) == 30 + world.audience
    assert world.audience > 0


def test_the_verified_share_is_exact(world):
    assert sum(user.email_verified for user in world.users) == 9


@pytest.mark.parametrize("preset", [PRESET, FULL], ids=["wanting", "full"])
def test_influencers_have_followers_in_the_range_and_all_users_follow_as_many_as_they_should(preset):
    world, rows, found = _made(preset, 5)

    following = Counter(row["follower_id"]["S"] for row in _of(rows, "FOLLOW"))
    followers = Counter(row["followee_id"]["S"] for row in _of(rows, "FOLLOW"))
    assert {following[user.id] for user in world.users} == {6}
    assert all(followers[user.id] in preset.influencer_followers for user in world.influencers)
    assert found.findings == ()


def test_the_audience_follows_influencers_alone(world, rows):
    users, influencers = ({user.id for user in group} for group in (world.users, world.influencers))
    strangers = [row for row in _of(rows, "FOLLOW") if row["follower_id"]["S"] not in users]

    assert strangers
    assert {row["followee_id"]["S"] for row in strangers} <= influencers
    assert not {row["author_id"]["S"] for row in _of(rows, "POST")} - users


def test_posts_likes_and_comments_are_within_their_ranges(world, rows):
    posts = Counter(row["author_id"]["S"] for row in _of(rows, "POST"))
    likes = Counter(row["post_id"]["S"] for row in _of(rows, "LIKE"))
    comments = Counter(row["post_id"]["S"] for row in _of(rows, "COMMENT"))

    assert {posts[user.id] for user in world.users} == {1, 2, 3}
    assert all(5 <= likes[post] <= 30 for post in _times(rows, "POST"))  # 40, had there been so many users
    assert max(likes.values()) == 30
    assert {comments[post] for post in _times(rows, "POST")} == {0, 1, 2, 3, 4}


def test_every_like_of_a_post_is_somebody_elses(world, rows):
    pairs = [(row["post_id"]["S"], row["user_id"]["S"]) for row in _of(rows, "LIKE")]

    assert len(pairs) == len(set(pairs))
    assert {user for _, user in pairs} <= {user.id for user in world.users}


def test_nothing_is_before_its_cause_or_after_the_date(rows):
    users, posts, comments = (_times(rows, kind) for kind in ("USER", "POST", "COMMENT"))
    causes = [(row["created_at"]["S"], users[row["author_id"]["S"]]) for row in _of(rows, "POST")]
    for row in [*_of(rows, "LIKE"), *_of(rows, "COMMENT")]:
        parent = comments[row["parent_comment_id"]["S"]] if "parent_comment_id" in row else ""
        causes.append((row["created_at"]["S"], max(users[row["user_id"]["S"]], posts[row["post_id"]["S"]], parent)))
    causes += [
        (row["created_at"]["S"], max(users[row["follower_id"]["S"]], users[row["followee_id"]["S"]]))
        for row in _of(rows, "FOLLOW")
    ]

    assert any("parent_comment_id" in row for row in _of(rows, "COMMENT"))
    assert [pair for pair in causes if pair[0] < pair[1]] == []
    assert max(at for at, _ in causes) <= "2026-11-01T00:00:00.000Z"
    assert min(users.values()) >= "2025-11-01T00:00:00.000Z"


@pytest.fixture(scope="module")
def lively():
    """A world with more to count."""
    return _made(LIVELY, 3)


def test_few_posts_have_most_of_the_likes(lively):
    likes = Counter(row["post_id"]["S"] for row in _of(lively[1], "LIKE"))
    counts = sorted((likes[post] for post in _times(lively[1], "POST")), reverse=True)

    assert sum(counts[: len(counts) // 5]) > 0.5 * sum(counts)
    assert max(counts) > 4 * sorted(counts)[len(counts) // 2]


def test_posts_with_many_likes_have_many_comments(lively):
    likes, comments = (Counter(row["post_id"]["S"] for row in _of(lively[1], kind)) for kind in ("LIKE", "COMMENT"))
    by_likes = sorted(_times(lively[1], "POST"), key=lambda post: (likes[post], post))
    half = len(by_likes) // 2

    assert sum(comments[post] for post in by_likes[half:]) > 2 * sum(comments[post] for post in by_likes[:half])


def test_followers_and_people_of_the_authors_topic_like_most(lively):
    rows = lively[1]
    authors = {row["id"]["S"]: row["author_id"]["S"] for row in _of(rows, "POST")}
    follows = {(row["follower_id"]["S"], row["followee_id"]["S"]) for row in _of(rows, "FOLLOW")}
    pairs = [(row["user_id"]["S"], authors[row["post_id"]["S"]]) for row in _of(rows, "LIKE")]
    likers = Counter(liker for liker, _ in pairs)

    near = sum(pair in follows or topic_of(pair[0]) == topic_of(pair[1]) for pair in pairs)
    chance = sum(
        (liker, author) in follows or topic_of(liker) == topic_of(author) for liker in likers for _, author in pairs
    )
    assert near / len(pairs) > 1.5 * chance / len(likers) / len(pairs)
    assert near < len(pairs)  # and some strangers
    assert sum(liker == author for liker, author in pairs) < 0.02 * len(pairs)


def test_likes_and_comments_fall_off_after_the_post(lively):
    rows = lively[1]
    posts = _moments(rows, "POST")
    for kind in ("LIKE", "COMMENT"):
        ages = [at - posts[post] for post, at in _reactions(rows, kind)]
        assert sum(age < timedelta(days=1) for age in ages) > 0.5 * len(ages)
        assert sum(age < timedelta(days=8) for age in ages) > 0.95 * len(ages)  # but who joined later


def test_the_world_sleeps_at_night(lively):
    hours = Counter(at.hour for kind in ("POST", "LIKE", "COMMENT") for at in _all_moments(lively[1], kind))

    night, evening = (sum(hours[hour] for hour in group) for group in (range(1, 6), range(17, 22)))
    assert evening > 3 * night


def test_authors_answer_under_their_own_posts(lively):
    rows = lively[1]
    authors = {row["id"]["S"]: row["author_id"]["S"] for row in _of(rows, "POST")}
    replies = [row for row in _of(rows, "COMMENT") if "parent_comment_id" in row]
    own = [row for row in replies if authors[row["post_id"]["S"]] == row["user_id"]["S"]]

    assert 0.2 < len(own) / len(replies) < 0.5


def test_the_same_seed_makes_the_same_rows_and_another_seed_others(made):
    again, other = _made(PRESET, 1), _made(PRESET, 2)

    assert again == made
    assert other[1].keys().isdisjoint(made[1])


def test_progress_ends_where_it_said_it_would(app):
    told = []
    Seeder(app, PRESETS["minimal"], lambda what, done, total: told.append((what, done, total))).run()

    last = {what: (done, total) for what, done, total in told}
    assert list(last) == [
        "users",
        "audience",
        "follows",
        "posts",
        "feeds of posts",
        "likes of posts",
        "comments on posts",
    ]
    assert all(done == total > 0 for done, total in last.values())
    assert last["users"] == (10, 10)


def test_a_world_of_one_who_does_nothing_can_be_made(app):
    preset = attrs.evolve(PRESETS["minimal"], users=1, influencers=0, follows_per_user=0, posts_per_user=Range(0, 0))

    world = Seeder(app, preset).run()

    assert (len(world.users), world.influencers, world.audience) == (1, (), 0)
    assert audit(app.session.store).rows == 4


def test_nobody_answers_themselves_and_authors_do_not_open_the_talk(app):
    Seeder(app, PRESETS["realistic"]).run()
    rows = [row for page in app.session.store.scan() for row in page]
    authors = {row["id"]["S"]: row["author_id"]["S"] for row in rows if row["entity_type"]["S"] == "POST"}
    comments = {row["id"]["S"]: row for row in rows if row["entity_type"]["S"] == "COMMENT"}
    replies = [row for row in comments.values() if "parent_comment_id" in row]

    assert len(replies) > 20
    assert not [row for row in replies if comments[row["parent_comment_id"]["S"]]["user_id"] == row["user_id"]]
    tops = [row for row in comments.values() if "parent_comment_id" not in row]
    assert not [row for row in tops if authors[row["post_id"]["S"]] == row["user_id"]["S"]]
