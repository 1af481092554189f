"""What others change while an audit reads is in motion, and no drift; what stands wrong is drift all the same."""

from __future__ import annotations

import threading

import pytest

from services import connect
from services.audit import Kind, audit, repair
from services.entities import Run
from services.rows import keys
from tests.services.audit.worlds import START, World, ticking


class Between:
    """A store under which somebody acts in the middle of each pass, as often as there are acts."""

    def __init__(self, store, *acts) -> None:
        self._store = store
        self._acts = list(acts)

    def __getattr__(self, name):
        return getattr(self._store, name)

    def scan(self, segment=0, segments=1):
        rows = sorted((row for page in self._store.scan(segment, segments) for row in page), key=repr)
        # The act falls between the pages: posts are read before it and users after it, so that they contradict.
        yield [row for row in rows if row["PK"]["S"].startswith("POST")]
        if self._acts:
            self._acts.pop(0)()
        rows = sorted((row for page in self._store.scan(segment, segments) for row in page), key=repr)
        yield [row for row in rows if not row["PK"]["S"].startswith("POST")]


def acts(world):
    app = world.app
    return {
        "a post": lambda: app.posts.create_post(author_id=world.ann),
        "a deletion": lambda: app.posts.delete_post(world.post, user_id=world.ann),
        "a user who leaves": lambda: app.profiles.delete_profile(world.cat),
        "a user who comes and likes": lambda: app.likes.like_post(
            app.profiles.create_profile(email="d@x.org", username="dan", handle="dan", full_name="D").id, world.post
        ),
    }


@pytest.mark.parametrize("name", ["a post", "a deletion", "a user who leaves"])
def test_what_one_pass_saw_half_is_in_motion(world, name):
    found = audit(Between(world.store, acts(world)[name]))

    assert found.findings == ()
    assert found.is_clean
    assert found.in_motion != ()
    assert [one["kind"] for one in found.to_json()["in_motion"]] == [one.kind for one in found.in_motion]
    assert audit(world.store).in_motion == ()


def test_what_stands_wrong_is_drift_while_others_write(world):
    key = keys.post_key(world.other)
    world.set(key, likes_count={"N": "9"})
    publish = acts(world)["a post"]

    found = audit(Between(world.store, publish, publish, publish, publish, publish))

    assert [(finding.kind, finding.key) for finding in found.findings] == [(Kind.COUNTER, key)]


def test_a_repair_writes_nothing_because_of_what_is_in_motion(world):
    publish = acts(world)["a post"]
    found = audit(Between(world.store, publish))
    before = world.rows()

    assert repair(world.store, found).mended == ()
    assert world.rows() == before


def test_live_writers_beside_an_audit_are_no_drift():
    with connect(seed=7, clock=ticking()) as app:
        world = World(app)
        stop, errors = threading.Event(), []

        def write():
            try:
                while not stop.is_set():
                    post = app.posts.create_post(author_id=world.ann).id
                    app.likes.like_post(world.bob, post)
                    app.comments.create_comment(world.cat, post, "hm")
                    app.posts.delete_post(post, user_id=world.ann)
            except Exception as error:  # noqa: BLE001 - told below
                errors.append(error)

        writers = [threading.Thread(target=write) for _ in range(2)]
        for writer in writers:
            writer.start()
        found = [audit(app) for _ in range(30)]
        stop.set()
        for writer in writers:
            writer.join()

        assert errors == []
        assert [one.findings for one in found] == [()] * len(found)
        assert audit(app).findings == audit(app).in_motion == ()


def test_items_that_a_run_at_work_delivers_at_its_end_are_in_motion(world):
    app = world.app
    run = Run(name="7/r", seed="7", preset="minimal", as_of=START, code_version="1", worlds="w", phase="posts")
    app.runs.begin(run)
    with app.runs.recording("7/r"):
        dan = app.profiles.create_profile(email="d@example.org", username="dan", handle="dan", full_name="Dan").id
    app.follows.follow_user(world.bob, dan)
    post = app.posts.create_post(author_id=dan).id
    world.remove(keys.feed_key(world.bob, post))

    found = world.audit()
    assert (found.findings, [one.kind for one in found.in_motion]) == ((), [Kind.MISSING_ITEM])
    assert world.repair().mended == ()

    app.runs.advance("7/r", "posts", "done")
    assert [finding.kind for finding in world.audit().findings] == [Kind.MISSING_ITEM]


def test_what_a_stopped_reset_left_is_in_motion_until_it_is_complete(world):
    app = world.app
    run = Run(name="7/r", seed="7", preset="minimal", as_of=START, code_version="1", worlds="w", phase="posts")
    app.runs.begin(run)
    with app.runs.recording("7/r"):
        dan = app.profiles.create_profile(email="d@example.org", username="dan", handle="dan", full_name="Dan").id
    app.follows.follow_user(world.bob, dan)
    post = app.posts.create_post(author_id=dan).id
    item = world.row(keys.feed_key(world.bob, post))
    app.likes.like_post(dan, world.post)
    like = world.row(keys.like_key(world.post, dan))
    note = world.row(keys.run_user_key("7/r", dan))
    app.profiles.delete_profile(dan)
    world.put(item, like, note)
    world.add(keys.post_key(world.post), "likes_count")

    kinds = {Kind.LEFT_OVER_ITEM, Kind.ORPHAN}
    assert {finding.kind for finding in world.audit().findings} == kinds
    app.runs.advance("7/r", "posts", "resetting")
    found = world.audit()

    assert (found.findings, {one.kind for one in found.in_motion}) == ((), kinds)


def _crowd(app, world, size=60):
    for number in range(size):
        texts = {"email": f"f{number}@example.org", "username": f"fan_{number}", "handle": f"fan_{number}"}
        fan = app.profiles.create_profile(full_name="Fan", **texts).id
        app.posts.create_post(author_id=fan)
        app.likes.like_post(fan, world.post)


def _scans(app, store):
    before = app.usage
    found = audit(store)
    return app.usage.since(before).calls["Scan"], found


def test_the_second_look_reads_only_what_the_findings_are_about(world):
    app = world.app
    _crowd(app, world)
    once, clean = _scans(app, world.store)
    world.add(keys.post_key(world.other), "likes_count")
    world.add(keys.user_key(world.bob), "posts_count")
    world.remove(keys.follower_key(world.ann, world.cat), keys.feed_key(world.bob, world.post))

    again, found = _scans(app, world.store)

    assert clean.is_clean
    assert sorted(finding.kind for finding in found.findings) == ["counter", "counter", "missing_item", "missing_twin"]
    assert again == once


def test_what_further_witnesses_prove_is_looked_at_by_a_whole_pass(world):
    app = world.app
    _crowd(app, world)
    once, _ = _scans(app, world.store)
    world.set(keys.authored_key(world.ann, world.post), created_at={"S": "2020-01-01T00:00:00.000Z"})

    again, found = _scans(app, world.store)

    assert [finding.kind for finding in found.findings] == [Kind.TIME]
    assert again == 2 * once


@pytest.mark.parametrize("name", ["a post", "a deletion", "a user who comes and likes"])
def test_what_one_pass_saw_half_is_in_motion_by_a_look_at_it_alone(world, name):
    _crowd(world.app, world)

    found = audit(Between(world.store, acts(world)[name]))

    assert (found.findings, world.app.audit().in_motion) == ((), ())


def test_a_wrong_count_of_posts_is_drift_by_a_look_at_the_listed_posts_alone(world):
    app = world.app
    _crowd(app, world)
    once, _ = _scans(app, world.store)
    world.add(keys.user_key(world.ann), "posts_count")

    again, found = _scans(app, world.store)

    assert [(finding.kind, finding.key) for finding in found.findings] == [(Kind.COUNTER, keys.user_key(world.ann))]
    assert again == once
