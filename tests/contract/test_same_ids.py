"""Two sources of ids that draw the same: what is there already is ours only where it is the same; else it is taken."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from services import errors
from tests.contract.world import World, drift

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
PROFILE = {
    "email": "ada@example.org",
    "username": "ada_1",
    "handle": "ada",
    "full_name": "Ada",
    "bio": None,
    "profile_picture_url": None,
    "email_verified": False,
}
POST = {"caption": "one", "image_url": None, "tags": ("a",), "is_public": True}


@pytest.fixture
def twins(open_app):
    """Two apps on one table, with the same seed and a clock that stands still."""
    one = open_app(clock=lambda: NOON, seed=5)
    return World(one), World(open_app(clock=lambda: NOON, seed=5, table=one.session.store.name))


def alone(app, call):
    return call()


def together(app, call):
    """In a unit of work, whose end tells."""
    try:
        with app.unit_of_work() as unit:
            value = call()
    except errors.RefusedChangesError as refused:
        raise refused.exceptions[0] from refused
    return unit.stored(value)


WAYS = pytest.mark.parametrize("way", [alone, together])

OTHER_PEOPLE = {
    "somebody": {"email": "bob@example.org", "username": "bob_1", "handle": "bob", "full_name": "Bob"},
    "email": {"email": "other@example.org"},
    "handle": {"handle": "other"},
    "username": {"username": "other"},
    "case": {"handle": "Ada"},
    "name": {"full_name": "Ada L."},
    "bio": {"bio": "hi"},
    "picture": {"profile_picture_url": "https://example.org/a.png"},
    "verified": {"email_verified": True},
}


@WAYS
@pytest.mark.parametrize("other", OTHER_PEOPLE.values(), ids=OTHER_PEOPLE)
def test_another_person_under_the_same_id_is_refused(twins, other, way):
    one, two = twins
    first = one.app.profiles.create_profile(**PROFILE)
    before = one.rows()
    with pytest.raises(errors.IdTakenError) as taken:
        way(two.app, lambda: two.app.profiles.create_profile(**PROFILE | other))
    assert (taken.value.entity_type, taken.value.entity_id) == ("user", first.id)
    assert one.rows() == before


OTHER_POSTS = {
    "caption": {"caption": "two"},
    "image": {"image_url": "https://example.org/a.png"},
    "tags": {"tags": ("b",)},
    "no tags": {"tags": ()},
    "hidden": {"is_public": False},
}


@WAYS
@pytest.mark.parametrize("other", OTHER_POSTS.values(), ids=OTHER_POSTS)
def test_another_post_under_the_same_id_is_refused(twins, other, way):
    one, two = twins
    author = one.user()
    post = one.app.posts.create_post(author_id=author.id, **POST)
    two.app.ids.new(NOON)
    with pytest.raises(errors.IdTakenError) as taken:
        way(two.app, lambda: two.app.posts.create_post(author_id=author.id, **POST | other))
    assert (taken.value.entity_type, taken.value.entity_id) == ("post", post.id)
    assert one.app.posts.get(post.id) == post
    assert drift(one.rows()) == []


@WAYS
@pytest.mark.parametrize("other", ["content", "parent", "author"])
def test_another_comment_under_the_same_id_is_refused(twins, other, way):
    one, two = twins
    ann, bob = one.user("ann"), one.user("bob")
    post = one.post(ann)
    root = one.comment(ann, post, content="root")
    comment = one.comment(ann, post, content="one")
    for _ in range(4):
        two.app.ids.new(NOON)
    values = {"user_id": ann.id, "post_id": post.id, "content": "one", "parent_comment_id": None}
    values |= {"content": {"content": "two"}, "parent": {"parent_comment_id": root.id}, "author": {"user_id": bob.id}}[
        other
    ]
    with pytest.raises(errors.IdTakenError) as taken:
        way(two.app, lambda: two.app.comments.create_comment(**values))
    assert (taken.value.entity_type, taken.value.entity_id) == ("comment", comment.id)
    assert drift(one.rows()) == []


@WAYS
def test_the_same_calls_again_are_done_already(twins, way):
    def make(world):
        user = way(world.app, lambda: world.app.profiles.create_profile(**PROFILE))
        post = way(world.app, lambda: world.app.posts.create_post(author_id=user.id, **POST))
        comment = way(world.app, lambda: world.app.comments.create_comment(user.id, post.id, " yes "))
        reply = way(world.app, lambda: world.app.comments.create_comment(user.id, post.id, "no", comment.id))
        return [user.id, post.id, comment.id, reply.id]

    one, two = twins
    made, before = make(one), one.rows()
    assert make(two) == made
    assert two.rows() == before


def test_what_was_changed_since_is_still_what_the_same_call_made(open_app):
    now = [NOON]
    one = World(open_app(clock=lambda: now[0], seed=5))
    app = one.app

    def make():
        with app.at(NOON, "ada"):
            user = app.profiles.create_profile(**PROFILE)
            return user, app.posts.create_post(author_id=user.id, **POST)

    user, post = make()
    now[0] += timedelta(hours=1)
    app.profiles.update_profile(user.id, handle="countess", bio="hi")
    app.posts.update_post(post.id, user_id=user.id, caption="new", tags=())
    before = one.rows()
    again = make()
    assert [value.id for value in again] == [user.id, post.id]
    assert (again[0].handle, again[1].caption) == ("countess", "new")
    assert one.rows() == before


def test_somebody_who_was_changed_since_is_not_another_one(open_app):
    now = [NOON]
    one = World(open_app(clock=lambda: now[0], seed=5))
    two = World(open_app(clock=lambda: NOON, seed=5, table=one.app.session.store.name))
    user = one.app.profiles.create_profile(**PROFILE)
    now[0] += timedelta(hours=1)
    one.app.profiles.update_profile(user.id, bio="hi")
    with pytest.raises(errors.IdTakenError):
        two.app.profiles.create_profile(**PROFILE | OTHER_PEOPLE["somebody"])


# What stands in two rows, of which one is missing


@pytest.fixture
def halves(world):
    ann, bob = world.user("ann"), world.user("bob")
    world.app.follows.follow_user(bob.id, ann.id)
    with world.app.at(NOON, "a post"):
        post = world.post(ann)
    return world, ann, bob, post


def drop(world, *keys):
    world.app.session.store.write_batch([], keys)


def test_a_follow_of_which_one_end_is_missing_is_told_as_damaged(halves):
    world, ann, bob, _ = halves
    drop(world, (f"USER#{bob.id}", f"FOLLOW#{ann.id}"))
    before = world.rows()
    with pytest.raises(errors.HalfStoredError, match="repair"):
        world.app.follows.follow_user(bob.id, ann.id)
    assert world.rows() == before


def test_an_unfollow_of_which_one_end_is_missing_is_told_as_damaged(halves):
    world, ann, bob, _ = halves
    drop(world, (f"USER#{ann.id}", f"FOLLOWER#{bob.id}"))
    before = world.rows()
    with pytest.raises(errors.HalfStoredError, match="repair"):
        world.app.follows.unfollow_user(bob.id, ann.id)
    assert world.rows() == before


def test_a_post_of_which_only_the_listing_is_there_is_told_as_damaged(halves):
    world, ann, _, post = halves
    drop(world, (f"POST#{post.id}", "POST"))
    with pytest.raises(errors.HalfStoredError, match="repair"), world.app.at(NOON, "a post"):
        world.post(ann)


def test_a_post_whose_listing_is_missing_is_not_told_as_deleted(halves):
    world, ann, _, post = halves
    drop(world, (f"USER#{ann.id}", f"POST#{post.id}"))
    with pytest.raises(errors.HalfStoredError, match="repair"):
        world.app.posts.delete_post(post.id, user_id=ann.id)
    assert world.app.posts.get(post.id).id == post.id


def test_a_user_of_whom_only_the_claims_are_there_is_told_as_damaged(world):
    with world.app.at(NOON, "ann"):
        ann = world.user("ann")
    drop(world, (f"USER#{ann.id}", "PROFILE"))
    with pytest.raises(errors.HalfStoredError, match="repair"), world.app.at(NOON, "ann"):
        world.user("ann")


# Whom a run made


def test_who_signs_up_beside_a_run_is_not_the_run_s(world):
    def sign_up(name):
        thread = threading.Thread(target=world.user, args=[name])
        thread.start()
        thread.join()

    with world.app.runs.recording("r"):
        world.user("made")
        sign_up("beside")
        with world.app.unit_of_work():
            world.user("too")
            sign_up("beside_too")
    world.user("after")
    notes = [key for key in world.rows() if key[0].startswith("RUN#")]
    handles = {world.app.profiles.get(key[1].removeprefix("USER#")).handle for key in notes}
    assert handles == {"made", "too"}


def test_of_two_apps_a_run_notes_its_own_only(world, open_app):
    other = World(open_app())
    with world.app.runs.recording("r"):
        other.user("theirs")
    assert [key for key in other.rows() if key[0].startswith("RUN#")] == []


def test_a_run_s_user_who_left_is_said_to_be_gone_when_made_again(world):
    def make():
        with world.app.runs.recording("r"), world.app.at(NOON, "ann"):
            return world.user("ann")

    world.app.profiles.delete_profile(make().id)
    with pytest.raises(errors.GoneError):
        make()
