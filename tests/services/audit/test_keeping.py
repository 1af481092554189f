"""A repair never takes away what came, or turned out to be somebody's, between an audit and the write."""

from __future__ import annotations

import pytest

from seedbed.dynamo.actions import CheckRow, DeleteRow, UpdateRow
from services.audit import Kind, repair
from services.errors import TooManyRepairsError
from services.rows import keys
from tests.services.audit.test_repair import Meddled
from tests.services.audit.worlds import BEFORE, GHOST, claim_row, edge_rows, item_row, like_row, row

NEW = {"colour": {"S": "red"}}
"""What a newer version, or a person, wrote beside what this version knows."""
LATEST = "2025-05-01T00:00:00.000Z"


def strays(world):
    """One row of each kind that a repair deletes."""
    return {
        "like": like_row(world.post, GHOST),
        "claim of nobody": claim_row(keys.handle_key("stray")[0], GHOST, BEFORE),
        "claim too many": claim_row(keys.handle_key("old_ann")[0], world.ann, BEFORE),
        "listing": row(keys.authored_key(world.bob, world.post), "AUTHORED", post_id=world.post),
        "follow": edge_rows(GHOST, world.ann)[1],
        "item": item_row(world.cat, world.other, world.bob),
    }


each_stray = pytest.mark.parametrize("name", ["like", "claim of nobody", "claim too many", "listing", "follow", "item"])


@each_stray
def test_a_stray_row_with_attributes_that_nobody_knows_is_never_deleted(world, name):
    stray = {**strays(world)[name], **NEW}
    world.put(stray)

    world.repair()

    assert world.row((stray["PK"]["S"], stray["SK"]["S"])) == stray


@each_stray
def test_a_stray_row_that_somebody_wrote_to_meanwhile_is_never_deleted(world, name):
    stray = strays(world)[name]
    world.put(stray)
    found = world.audit()
    assert not found.is_clean

    repair(Meddled(world.store, lambda: world.put({**stray, "created_at": {"S": LATEST}, **NEW})), found)

    assert world.row((stray["PK"]["S"], stray["SK"]["S"]))["colour"] == NEW["colour"]


def test_an_item_of_a_post_that_is_public_meanwhile_is_kept_as_it_was_read(world):
    item = {**item_row(world.bob, world.private, world.ann), "is_read": {"BOOL": True}}
    world.put(item)
    found = world.audit()
    assert [finding.kind for finding in found.findings] == [Kind.LEFT_OVER_ITEM]

    repair(Meddled(world.store, lambda: world.set(keys.post_key(world.private), is_public={"BOOL": True})), found)

    assert world.row(keys.feed_key(world.bob, world.private))["is_read"] == {"BOOL": True}


class Arriving(Meddled):
    """A store under which somebody writes between the look of a plan and its second reading of the rows."""

    def get_many(self, wanted):
        if self._meddle:
            self._meddle.pop()()
        return self._store.get_many(wanted)


def test_an_orphan_whose_owner_comes_between_the_look_and_the_plan_is_not_deleted(world):
    dan = world.app.profiles.create_profile(email="d@example.org", username="dan", handle="dan", full_name="Dan")
    world.app.likes.like_post(dan.id, world.post)
    claims = keys.email_key(dan.email), keys.username_key(dan.username), keys.handle_key(dan.handle)
    gone = [world.row(key) for key in (keys.user_key(dan.id), *claims)]
    before = world.rows()
    world.remove(keys.user_key(dan.id), *claims)
    found = world.audit()
    assert Kind.ORPHAN in {finding.kind for finding in found.findings}

    done = repair(Arriving(world.store, lambda: world.put(*gone)), found)

    assert (done.mended, done.left) == ((), ())
    assert world.rows() == before


def test_the_bound_counts_all_that_one_repair_writes(world):
    key = keys.like_key(world.other, GHOST)
    world.set(keys.post_key(world.post), likes_count={"N": "9"})
    found = world.audit()

    with pytest.raises(TooManyRepairsError):
        repair(Meddled(world.store, lambda: world.put(like_row(world.other, GHOST))), found, at_most=1)

    assert world.row(key) == like_row(world.other, GHOST)


def test_what_only_the_plan_saw_is_told_and_not_acted_on(world):
    right = world.row(keys.post_key(world.post))
    world.set(keys.post_key(world.post), likes_count={"N": "9"})
    found = world.audit()
    world.put(right, strays(world)["claim too many"])
    before = world.rows()

    done = repair(world.store, found)

    assert (done.mended, [finding.kind for finding in done.left]) == ((), [Kind.STALE_CLAIM])
    assert world.rows() == before


class Sent(Meddled):
    """A store that says what it was sent, and under which somebody acts in the middle of each pass."""

    def __init__(self, store, *acts) -> None:
        super().__init__(store, lambda: None)
        self._acts = list(acts)
        self.sent = []

    def scan(self, segment=0, segments=1):
        yield [one for page in self._store.scan(segment, segments) for one in page if one["SK"]["S"] != keys.POST]
        if self._acts:
            self._acts.pop(0)()
        yield [one for page in self._store.scan(segment, segments) for one in page if one["SK"]["S"] == keys.POST]

    def transact(self, actions):
        self.sent.append({action.key: type(action) for action in actions})
        super().transact(actions)


def test_a_counter_that_only_one_look_of_the_plan_saw_wrong_is_not_written(world):
    stray = strays(world)["claim too many"]
    world.put(stray)
    found = world.audit()
    store = Sent(world.store, lambda: None, lambda: world.app.likes.like_post(world.cat, world.post))

    done = repair(store, found)

    assert [set(actions) for actions in store.sent] == [{(stray["PK"]["S"], keys.CLAIM), keys.user_key(world.ann)}]
    assert done.left == ()
    assert world.row(keys.post_key(world.post))["likes_count"] == {"N": "2"}


def test_a_row_that_is_mended_and_that_a_deletion_rests_on_is_written_and_checked_one_after_the_other(world):
    stray, owner = strays(world)["claim too many"], keys.user_key(world.ann)
    world.put(stray)
    world.set(owner, id={"S": GHOST})
    store = Sent(world.store)

    assert repair(store, world.audit()).left == ()

    claim = stray["PK"]["S"], keys.CLAIM
    assert store.sent == [{owner: UpdateRow}, {claim: DeleteRow, owner: CheckRow}]


def test_a_claim_is_not_put_for_a_value_that_changed_between_the_look_and_the_plan(world):
    key, owner = keys.handle_key("TheAnn"), keys.user_key(world.ann)
    world.remove(key)
    found = world.audit()

    def rename():
        world.set(owner, handle={"S": "Susan"})
        world.put(claim_row(keys.handle_key("Susan")[0], world.ann, world.row(owner)["created_at"]["S"]))

    done = repair(Arriving(world.store, rename), found)

    assert (done.mended, done.left) == ((), ())
    assert (world.row(key), world.row(owner)["handle"]) == (None, {"S": "Susan"})
