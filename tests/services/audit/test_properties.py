"""Random damage to a small world: what others say too comes back, and content stays."""

from __future__ import annotations

import copy
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.dynamo.memory import DryTable
from services import connect
from services.audit import audit, repair
from services.errors import ConflictError, NotFoundError
from services.rows import keys
from services.rows.schema import SCHEMA
from tests.services.audit.worlds import (
    GHOST,
    World,
    claim_row,
    edge_rows,
    item_row,
    like_row,
    row,
    ticking,
)

COUNTERS = {
    "USER": ("posts_count", "followers_count", "following_count"),
    "POST": ("likes_count", "comments_count"),
    "COMMENT": ("replies_count",),
}
UNTOUCHED = {"PK", "SK"}
ALL_COUNTERS = {name for names in COUNTERS.values() for name in names}
BAD_COUNTS = [None, {"N": "0"}, {"N": "-1"}, {"N": "99"}, {"N": "0.5"}, {"S": "2"}, {"BOOL": True}]
BAD_VALUES = [None, {"S": ""}, {"S": GHOST}, {"N": "7"}, {"S": "2020-01-01T00:00:00.000Z"}, {"BOOL": False}]


@pytest.fixture(scope="module")
def healthy():
    with connect(seed=11, clock=ticking()) as app:
        world = World(app)
        app.follows.follow_user(world.bob, world.cat)
        app.posts.create_post(author_id=world.cat)
        app.comments.create_comment(world.cat, world.post, "me too", world.top)
        for user in (world.ann, world.cat):
            app.likes.like_post(user, world.other)
        assert world.audit().is_clean
        yield world.rows()


def store_of(rows):
    store = DryTable(None, "damaged", SCHEMA)
    store.write_batch(copy.deepcopy(list(rows.values())), ())
    return store


def rows_of(store):
    return {key(one): one for page in store.scan() for one in page}


def key(one):
    return one["PK"]["S"], one["SK"]["S"]


def text(one, name):
    return one[name]["S"] if name in one else None


def strays(rows):
    """Rows that hold no content and belong to nobody, by the ids of a healthy world."""
    user = next(text(one, "id") for one in rows.values() if text(one, "entity_type") == "USER")
    post = next(text(one, "id") for one in rows.values() if text(one, "entity_type") == "POST")
    follow, follower = edge_rows(user, GHOST)
    return [
        like_row(post, GHOST),
        like_row(GHOST, user),
        follow,
        follower,
        item_row(GHOST, post, user),
        item_row(user, GHOST, GHOST),
        item_row(user, post, user),
        claim_row(keys.handle_key("stray")[0], GHOST, "2025-03-01T00:00:00.000Z"),
        row(keys.authored_key(GHOST, post), "AUTHORED", post_id=post),
    ]


def is_derived(place):
    """Whether a row says only what others say too."""
    return place[1] == keys.CLAIM or place[1].startswith((keys.POST_PREFIX, keys.FOLLOW_PREFIX, keys.FEED_PREFIX))


@settings(deadline=None, max_examples=120)
@given(data=st.data())
def test_what_others_say_too_is_restored_whatever_of_it_is_lost_miscounted_or_too_much(healthy, data):
    derived = sorted(place for place in healthy if is_derived(place))
    dropped = data.draw(st.sets(st.sampled_from(derived), max_size=6), label="dropped")
    counted = [(place, name) for place, one in healthy.items() for name in COUNTERS.get(text(one, "entity_type"), ())]
    counted = [(place, name) for place, name in counted if name != "replies_count"]
    changes = st.lists(st.tuples(st.sampled_from(counted), st.sampled_from(BAD_COUNTS)), max_size=6)
    changed = data.draw(changes, label="counters")
    added = data.draw(st.lists(st.sampled_from(strays(healthy)), max_size=4), label="strays")
    rows = {place: dict(one) for place, one in healthy.items() if place not in dropped}
    for (place, name), value in changed:
        rows[place] = {other: kept for other, kept in rows[place].items() if other != name}
        rows[place] |= {} if value is None else {name: value}
    store = store_of({key(one): one for one in added} | rows)

    done = repair(store, audit(store))

    assert done.left == ()
    assert rows_of(store) == healthy
    assert audit(store).is_clean


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_whatever_is_damaged_or_lost_no_content_goes_and_a_second_repair_finds_nothing_to_do(healthy, data):
    attributes = sorted({(place, name) for place, one in healthy.items() for name in one if name not in UNTOUCHED})
    damage = st.tuples(st.sampled_from(attributes), st.sampled_from(BAD_VALUES))
    dropped = data.draw(st.sets(st.sampled_from(sorted(healthy)), max_size=3), label="dropped")
    rows = {place: dict(one) for place, one in healthy.items() if place not in dropped}
    for (place, name), value in data.draw(st.lists(damage, max_size=5), label="damage"):
        if place in rows:
            rows[place].pop(name, None)
            rows[place] |= {} if value is None else {name: value}
    store = store_of(rows)
    found = audit(store)

    done = repair(store, found, is_beside_others=True)

    assert all(finding.message for finding in found.findings)
    after = rows_of(store)
    again = repair(store, done.audit, is_beside_others=True)
    assert again.mended == ()
    assert rows_of(store) == after
    for place, one in rows.items():
        if text(healthy[place], "entity_type") in CONTENT:
            assert {name: one.get(name) for name in TEXTS} == {name: after[place].get(name) for name in TEXTS}


CONTENT = {"USER", "POST", "COMMENT"}
TEXTS = ("full_name", "bio", "caption", "content", "tags", "image_url", "email_verified", "updated_at")


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("limit", [2, 1_000])
def test_whatever_the_services_do_leaves_a_clean_table(seed, limit):
    draw = random.Random(seed)
    with connect(seed=seed, clock=ticking(), fan_out_limit=limit) as app:
        world = World(app)
        users, posts = [world.ann, world.bob, world.cat], [world.post, world.private, world.other]
        for step in range(150):
            try:
                act(draw, app, users, posts)
            except (NotFoundError, ConflictError):
                continue
            if step % 10 == 0:
                assert world.audit().findings == ()
        assert world.audit().findings == ()


def act(draw, app, users, posts):
    acts = (sign_up, publish, like, comment, follow, read, rename, hide, delete_post, delete_comment)
    draw.choice(acts)(draw, app, users, posts)


def sign_up(_draw, app, users, _posts):
    number = len(users)
    texts = {"email": f"u{number}@example.org", "username": f"user{number}", "handle": f"user{number}"}
    if number < 7:
        users.append(app.profiles.create_profile(full_name="U", **texts).id)


def publish(draw, app, users, posts):
    posts.append(app.posts.create_post(author_id=draw.choice(users), is_public=draw.random() < 0.8).id)


def like(draw, app, users, posts):
    draw.choice([app.likes.like_post, app.likes.unlike_post])(draw.choice(users), draw.choice(posts))


def comment(draw, app, users, posts):
    post_id = draw.choice(posts)
    parents = [None, *(parent.id for parent in app.comments.of_post(post_id))]
    app.comments.create_comment(draw.choice(users), post_id, "well", draw.choice(parents))


def follow(draw, app, users, _posts):
    choice = draw.choice([app.follows.follow_user, app.follows.follow_user, app.follows.unfollow_user])
    choice(*draw.sample(users, 2))


def read(draw, app, users, posts):
    app.feeds.mark_read(draw.choice(users), draw.choice(posts))


def rename(draw, app, users, _posts):
    app.profiles.update_profile(draw.choice(users), handle=f"New{draw.randrange(9)}")


def hide(draw, app, _users, posts):
    post = app.posts.get(draw.choice(posts))
    app.posts.update_post(post.id, user_id=post.author_id, is_public=not post.is_public)


def delete_post(draw, app, _users, posts):
    post = app.posts.get(draw.choice(posts))
    if draw.random() < 0.3:
        app.posts.delete_post(post.id, user_id=post.author_id)


def delete_comment(draw, app, _users, posts):
    for one in app.comments.of_post(draw.choice(posts), limit=1):
        app.comments.delete_comment(one.post_id, one.id, user_id=one.user_id)
