"""Random damage to a small world, against a plain-Python model of what must be there afterwards."""

from __future__ import annotations

import copy
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services import connect, keys
from services.audit import MENDABLE, audit, repair
from services.dry_table import DryTable
from services.errors import ConflictError, NotFoundError
from tests.services.audit.worlds import (
    GHOST,
    World,
    claim_row,
    comment_row,
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
UNTOUCHED = {"PK", "SK", "GSI1PK", "GSI1SK"}
"""A dry table keeps its index by rows whose index keys never change."""
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
    store = DryTable(None, "damaged")
    store.write_batch(copy.deepcopy(list(rows.values())), ())
    return store


def rows_of(store):
    return {key(one): one for page in store.scan() for one in page}


def key(one):
    return one["PK"]["S"], one["SK"]["S"]


def text(one, name):
    return one[name]["S"] if name in one else None


def strays(rows):
    """Rows that belong to nobody, by the ids of a healthy world."""
    user = next(text(one, "id") for one in rows.values() if text(one, "entity_type") == "USER")
    post = next(text(one, "id") for one in rows.values() if text(one, "entity_type") == "POST")
    follow, follower = edge_rows(user, GHOST)
    return [
        like_row(post, GHOST),
        like_row(GHOST, user),
        comment_row(post, "c1", GHOST),
        comment_row(post, "c2", user, "c1"),
        comment_row(post, "c3", user, "c3"),
        follow,
        follower,
        item_row(GHOST, post, user),
        item_row(user, GHOST, GHOST),
        item_row(user, post, user),
        claim_row(keys.handle_key("stray")[0], GHOST, "2025-03-01T00:00:00.000Z"),
        row(keys.authored_key(user, GHOST), "AUTHORED", post_id=GHOST),
    ]


# The model: what survives, told by the rows that are there


class Model:
    """Which rows stand in a table whose primary rows are these, and what its counters are."""

    def __init__(self, rows) -> None:
        of = {kind: [one for one in rows.values() if text(one, "entity_type") == kind] for kind in KINDS}
        self.users = {text(one, "id"): one for one in of["USER"]}
        self.posts = {text(one, "id"): one for one in of["POST"] if text(one, "author_id") in self.users}
        ends = {(text(one, "follower_id"), text(one, "followee_id")) for one in of["FOLLOW"] + of["FOLLOWER"]}
        self.edges = {pair for pair in ends if set(pair) <= self.users.keys() and pair[0] != pair[1]}
        hung = [one for one in of["COMMENT"] if self._hangs(one)]
        by_id = {text(one, "id"): one for one in hung}
        self.comments = [one for one in hung if self._is_reached(one, by_id)]
        self.likes = [one for one in of["LIKE"] if self._hangs(one)]

    def _hangs(self, one):
        return text(one, "user_id") in self.users and text(one, "post_id") in self.posts

    def _is_reached(self, one, by_id):
        for _ in range(len(by_id) + 1):
            parent = text(one, "parent_comment_id")
            if parent is None:
                return True
            if parent not in by_id or text(by_id[parent], "post_id") != text(one, "post_id"):
                return False
            one = by_id[parent]
        return False

    def keys(self):
        found = {key(one) for one in (*self.users.values(), *self.posts.values(), *self.comments, *self.likes)}
        for user in self.users.values():
            found |= {keys.email_key(text(user, "email")), keys.username_key(text(user, "username"))}
            found.add(keys.handle_key(text(user, "handle")))
        for post_id, post in self.posts.items():
            author_id = text(post, "author_id")
            found.add(keys.authored_key(author_id, post_id))
            if post["is_public"]["BOOL"]:
                found |= {keys.feed_key(reader, post_id) for reader, author in self.edges if author == author_id}
        for reader, author in self.edges:
            found |= {keys.follow_key(reader, author), keys.follower_key(author, reader)}
        return found

    def counts(self, one):
        kind, own = text(one, "entity_type"), text(one, "id")
        if kind == "USER":
            posts = sum(text(post, "author_id") == own for post in self.posts.values())
            followers = sum(author == own for _, author in self.edges)
            following = sum(reader == own for reader, _ in self.edges)
            return {"posts_count": posts, "followers_count": followers, "following_count": following}
        if kind == "POST":
            likes = sum(text(like, "post_id") == own for like in self.likes)
            comments = sum(text(comment, "post_id") == own for comment in self.comments)
            return {"likes_count": likes, "comments_count": comments}
        if kind == "COMMENT":
            return {"replies_count": sum(text(reply, "parent_comment_id") == own for reply in self.comments)}
        return {}


KINDS = ("USER", "POST", "COMMENT", "LIKE", "FOLLOW", "FOLLOWER")


def without_counters(one):
    return {name: value for name, value in one.items() if name not in ALL_COUNTERS}


@settings(deadline=None, max_examples=120)
@given(data=st.data())
def test_after_a_repair_stands_exactly_what_the_rows_that_were_left_call_for(healthy, data):
    dropped = data.draw(st.sets(st.sampled_from(sorted(healthy)), max_size=6), label="dropped")
    counted = [(place, name) for place, one in healthy.items() for name in COUNTERS.get(text(one, "entity_type"), ())]
    changes = st.lists(st.tuples(st.sampled_from(counted), st.sampled_from(BAD_COUNTS)), max_size=6)
    changed = data.draw(changes, label="counters")
    added = data.draw(st.lists(st.sampled_from(strays(healthy)), max_size=4), label="strays")
    rows = {place: dict(one) for place, one in healthy.items() if place not in dropped}
    for (place, name), value in changed:
        if place in rows:
            rows[place] = {other: kept for other, kept in rows[place].items() if other != name}
            rows[place] |= {} if value is None else {name: value}
    rows = {key(one): one for one in added} | rows
    store, model = store_of(rows), Model(rows)

    done = repair(store, audit(store))

    after = rows_of(store)
    assert done.left == ()
    assert audit(store).is_clean
    assert after.keys() == model.keys()
    for place, one in after.items():
        if place in healthy:
            assert without_counters(one) == without_counters(healthy[place])
        assert {name: int(one[name]["N"]) for name in ALL_COUNTERS & one.keys()} == model.counts(one)


@settings(deadline=None, max_examples=120)
@given(data=st.data())
def test_whatever_is_damaged_only_the_unmendable_is_left_and_a_second_repair_finds_nothing_to_do(healthy, data):
    attributes = sorted({(place, name) for place, one in healthy.items() for name in one if name not in UNTOUCHED})
    damage = st.tuples(st.sampled_from(attributes), st.sampled_from(BAD_VALUES))
    rows = {place: dict(one) for place, one in healthy.items()}
    for (place, name), value in data.draw(st.lists(damage, min_size=1, max_size=5), label="damage"):
        rows[place].pop(name, None)
        if value is not None:
            rows[place][name] = value
    store = store_of(rows)
    found = audit(store)

    done = repair(store, found)

    assert all(finding.message for finding in found.findings)
    after = rows_of(store)
    again = repair(store, done.audit)
    assert again.mended == ()
    assert rows_of(store) == after
    assert {finding.kind for finding in done.left} & MENDABLE <= set(WAIT_FOR_A_PERSON)


WAIT_FOR_A_PERSON = {"missing_claim", "missing_item", "missing_authored", "missing_twin"}
"""Not put while the row that tells their time, or one that stands in their place, is malformed."""


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
