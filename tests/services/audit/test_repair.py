from __future__ import annotations

import json

import pytest

from services import connect
from services.audit import MENDABLE, Finding, Kind, audit, repair
from services.errors import InvalidSettingError, ThrottledError
from services.rows import keys
from tests.services.audit.worlds import GHOST, World, like_row, ticking


class Meddled:
    """A store under which somebody else writes right before the first transaction."""

    def __init__(self, store, meddle) -> None:
        self._store = store
        self._meddle = [meddle]

    def __getattr__(self, name):
        return getattr(self._store, name)

    def transact(self, actions):
        if self._meddle:
            self._meddle.pop()()
        self._store.transact(actions)


def test_a_clean_table_is_repaired_without_a_write_or_a_scan(world):
    found = world.audit()
    before = world.app.usage

    done = repair(world.store, found)

    assert (done.mended, done.left) == ((), ())
    assert world.app.usage == before


def test_a_counter_that_moved_meanwhile_is_looked_at_again(world):
    world.set(keys.post_key(world.post), likes_count={"N": "9"})
    found = world.audit()
    meddled = Meddled(world.store, lambda: world.app.likes.like_post(world.cat, world.post))

    done = repair(meddled, found)

    assert done.left == ()
    assert world.app.posts.get(world.post).likes_count == 2


def test_a_counter_that_is_refused_does_not_stop_the_others(world):
    wrong = [keys.post_key(post) for post in (world.post, world.private, world.other)]
    for key in wrong:
        world.set(key, likes_count={"N": "9"})
    found = world.audit()
    sent = []

    def meddle():
        world.app.likes.like_post(world.cat, world.private)

    class Watched(Meddled):
        def transact(self, actions):
            super().transact(actions)
            sent.append({action.key for action in actions})

    done = repair(Watched(world.store, meddle), found)

    assert sent == [{wrong[0], wrong[2]}, {wrong[1]}]
    assert done.left == ()


def test_an_orphan_whose_owner_is_there_after_all_is_not_deleted(world):
    dan = world.app.profiles.create_profile(email="d@example.org", username="dan", handle="dan", full_name="Dan")
    world.app.likes.like_post(dan.id, world.post)
    claims = keys.email_key(dan.email), keys.username_key(dan.username), keys.handle_key(dan.handle)
    gone = [world.row(key) for key in (keys.user_key(dan.id), *claims)]
    before = world.rows()
    world.remove(keys.user_key(dan.id), *claims)
    found = world.audit()
    assert {Kind.ORPHAN} <= {finding.kind for finding in found.findings}
    world.put(*gone)

    done = repair(world.store, found)

    assert (done.mended, done.left) == ((), ())
    assert world.rows() == before


@pytest.mark.parametrize("gone", ["top", "reply"])
def test_a_thread_that_hangs_together_after_all_is_not_deleted(world, gone):
    key = keys.comment_key(world.post, getattr(world, gone))
    comment = world.row(key)
    before = world.rows()
    world.remove(key)
    found = world.audit()
    world.put(comment)

    done = repair(world.store, found)

    assert done.left == ()
    assert world.rows() == before


def test_a_left_over_item_that_belongs_after_all_is_not_deleted(world):
    world.app.feeds.mark_read(world.bob, world.post)
    ends = keys.follow_key(world.bob, world.ann), keys.follower_key(world.ann, world.bob)
    edge = [world.row(key) for key in ends]
    before = world.rows()
    world.remove(*ends)
    found = world.audit()
    assert {Kind.LEFT_OVER_ITEM} <= {finding.kind for finding in found.findings}
    world.put(*edge)

    done = repair(world.store, found)

    assert (done.mended, done.left) == ((), ())
    assert world.rows() == before


def test_a_stale_claim_that_matches_after_all_is_not_deleted(world):
    key = keys.user_key(world.ann)
    ann = world.row(key)
    before = world.rows()
    world.set(key, handle={"S": "Anna"})
    found = world.audit()
    world.put(ann)

    done = repair(world.store, found)

    assert (done.mended, done.left) == ((), ())
    assert world.rows() == before


def test_a_listing_that_is_right_after_all_is_not_deleted(world):
    key = keys.post_key(world.private)
    post = world.row(key)
    before = world.rows()
    world.remove(key)
    found = world.audit()
    world.put(post)

    done = repair(world.store, found)

    assert (done.mended, done.left) == ((), ())
    assert world.rows() == before


def test_a_row_that_somebody_put_meanwhile_is_left_as_it_is(world):
    key = keys.feed_key(world.bob, world.post)
    item = world.row(key)
    world.remove(key)
    found = world.audit()

    done = repair(Meddled(world.store, lambda: world.put({**item, "is_read": {"BOOL": True}})), found)

    assert done.left == ()
    assert world.row(key)["is_read"] == {"BOOL": True}


def test_a_twin_is_not_put_for_a_follow_that_ended_meanwhile(world):
    world.remove(keys.follower_key(world.ann, world.bob))
    found = world.audit()

    done = repair(Meddled(world.store, lambda: world.remove(keys.follow_key(world.bob, world.ann))), found)

    assert done.left == ()
    assert world.row(keys.follower_key(world.ann, world.bob)) is None


def test_an_item_is_not_put_for_a_follow_that_ended_meanwhile(world):
    world.remove(keys.feed_key(world.bob, world.post))
    found = world.audit()

    done = repair(Meddled(world.store, lambda: world.app.follows.unfollow_user(world.bob, world.ann)), found)

    assert (done.mended, done.left) == ((), ())


def test_a_missing_counter_that_is_there_meanwhile_is_not_written_over(world):
    key = keys.post_key(world.post)
    world.set(key, likes_count=None)
    found = world.audit()
    sent = []

    class Watched(Meddled):
        def transact(self, actions):
            super().transact(actions)
            sent.append(actions)

    done = repair(Watched(world.store, lambda: world.set(key, likes_count={"N": "1"})), found)

    assert (sent, done.left) == ([], ())
    assert world.row(key)["likes_count"] == {"N": "1"}


def test_a_recount_that_only_one_audit_saw_is_not_written(world):
    key = keys.post_key(world.post)
    world.set(key, likes_count={"N": "9"})
    found = world.audit()
    world.set(key, likes_count={"N": "1"})

    done = repair(world.store, found)

    assert (done.mended, done.left) == ((), ())


def test_what_cannot_be_put_is_left_and_the_rest_is_mended(world):
    # Neither end of the follow tells when it was, so nobody knows since when the item would be there.
    for key in (keys.follow_key(world.bob, world.ann), keys.follower_key(world.ann, world.bob)):
        world.set(key, created_at={"S": "once"})
    world.set(keys.post_key(world.post), likes_count={"N": "9"})
    world.remove(keys.feed_key(world.bob, world.post))

    done = world.repair()

    assert [mended.finding.kind for mended in done.mended] == [Kind.COUNTER]
    assert [finding.kind for finding in done.left] == [Kind.MISSING_ITEM, Kind.SHAPE, Kind.SHAPE]


def test_many_repairs_go_a_hundred_actions_a_transaction(world):
    orphans = [like_row(world.post, f"ghost-{number}") for number in range(250)]
    world.put(*orphans)
    found = world.audit()
    before = world.app.usage

    done = repair(world.store, found)

    # 250 deletes in three; the counter, which never counted them, is right once they are gone.
    assert world.app.usage.since(before).calls["TransactWriteItems"] == 3
    assert (len(done.mended), done.left) == (250, ())


def test_a_repair_says_what_it_did(world):
    world.set(keys.post_key(world.post), likes_count={"N": "9"})
    world.put(like_row(GHOST, world.bob))
    world.remove(keys.handle_key("TheAnn"))

    done = world.repair()

    assert [(mended.finding.kind, mended.did) for mended in done.mended] == [
        (Kind.MISSING_CLAIM, "put"),
        (Kind.ORPHAN, "deleted"),
        (Kind.COUNTER, "set to 1"),
    ]
    key = keys.post_key(world.post)
    assert str(done.mended[2]) == f"{key[0]} {key[1]}: likes_count is 9, must be 1: set to 1"


def test_a_missing_counter_is_told_once_with_the_number_that_it_got(world):
    world.set(keys.post_key(world.post), comments_count=None)

    (mended,) = world.repair().mended

    assert (mended.finding.stored, mended.did) == (None, "set to 3")


def test_what_an_engine_stops_is_completed_by_the_next_repair(world):
    for post in (world.post, world.other):
        world.set(keys.post_key(post), likes_count={"N": "9"})
    world.put(like_row(GHOST, world.bob))

    def stop():
        raise ThrottledError("TransactWriteItems", 1)

    with pytest.raises(ThrottledError):
        repair(Meddled(world.store, stop), world.audit())

    assert world.repair().left == ()


def test_findings_and_repairs_are_json(world):
    world.set(keys.post_key(world.post), likes_count={"S": "many"})
    world.set(keys.user_key(world.cat), email_verified={"B": b"\x00"})
    world.remove(keys.feed_key(world.bob, world.post))

    found = world.audit()
    done = repair(world.store, found)

    read = json.loads(json.dumps(found.to_json()))
    assert [finding["kind"] for finding in read["findings"]] == ["counter", "missing_item", "shape"]
    assert read["findings"][0]["key"] == list(keys.post_key(world.post))
    written = json.loads(json.dumps(done.to_json()))
    assert [len(written[name]) for name in ("mended", "left")] == [2, 1]


def test_of_every_kind_but_two_some_are_mended():
    assert frozenset(Kind) - MENDABLE == {Kind.LOST, Kind.FOREIGN}
    assert all(Finding(kind, ("a", "b"), "why").to_json()["kind"] == kind for kind in Kind)


@pytest.mark.parametrize("segments", [0, 65, True, "2"])
def test_segments_out_of_bounds_are_refused(world, segments):
    with pytest.raises(InvalidSettingError, match="segments"):
        audit(world.store, segments=segments)


@pytest.mark.parametrize("segments", [1, 2, 5])
def test_several_scans_find_what_one_does(world, segments):
    world.set(keys.post_key(world.post), likes_count={"N": "9"})
    rows = []

    found = audit(world.store, segments=segments, progress=rows.append)

    assert found == world.audit()
    assert rows[-1] == found.rows == len(world.rows())
    assert rows == sorted(rows)


def test_what_stops_one_of_several_scans_stops_the_audit(world):
    class Broken(Meddled):
        def scan(self, segment=0, segments=1):
            if segment == 1:
                raise ThrottledError("Scan", 8)
            return self._store.scan(segment, segments)

    with pytest.raises(ThrottledError):
        audit(Broken(world.store, None), segments=3)


def test_who_stops_listening_stops_the_scans(world):
    def stop(_rows):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        audit(world.store, segments=4, progress=stop)


def test_a_dry_runs_table_is_audited_and_repaired_without_a_write():
    with connect(validate=True, seed=7, clock=ticking()) as app:
        world = World(app)
        before = world.rows()
        with app.unit_of_work(is_dry=True):
            dan = app.profiles.create_profile(email="d@example.org", username="dan", handle="dan", full_name="Dan").id
            app.likes.like_post(dan, world.post)
            app.profiles.get(dan)  # a read commits what is queued
            found = audit(app.session.store)

        assert (found.rows, found.findings) == (len(before) + 5, ())
        assert world.rows() == before


def test_what_is_kept_puts_back_each_row_that_was_changed_or_deleted(world):
    comment, user = keys.comment_key(world.post, world.top), keys.user_key(world.ann)
    world.set(comment, user_id=None, replies_count={"N": "7"})
    world.set(user, id={"S": GHOST}, posts_count=None)
    world.put(like_row(world.post, GHOST))
    before = world.rows()
    kept = []

    done = repair(world.store, world.audit(), keep=kept.extend)

    assert done.left == ()
    assert world.rows() != before
    world.put(*kept)
    assert {key: one for key, one in world.rows().items() if key in before} == before
    assert len(kept) == len({(one["PK"]["S"], one["SK"]["S"]) for one in kept})
