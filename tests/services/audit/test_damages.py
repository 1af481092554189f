"""Each damage is named; what others prove is restored, nothing is made worse, and no content is lost."""

from __future__ import annotations

import copy

import pytest

from seedbed.dynamo.memory import DryTable
from services import connect
from services.audit import Kind, Remedy, audit, repair
from services.entities import Run
from services.rows import keys
from services.rows.schema import SCHEMA
from tests.services.audit.damages import COPIED, LEFT, RESTORED, STRAYED, Place
from tests.services.audit.worlds import START, World, row, ticking

RUN = Run(name="8/y", seed="8", scenario="y", as_of=START, code_version="1", worlds="w", phase="done")
CONTENT = {"USER", "POST", "COMMENT"}
TEXTS = {"full_name", "bio", "caption", "content", "tags", "image_url", "is_read", "email_verified"}


@pytest.fixture(scope="module")
def healthy():
    with connect(seed=11, clock=ticking()) as app:
        world = World(app)
        app.follows.follow_user(world.bob, world.cat)
        app.likes.like_post(world.cat, world.other)
        world.put(row(keys.run_user_key("7/x", world.ann), "RUN_USER", user_id=world.ann))
        app.runs.begin(RUN)
        world.set(keys.user_key(world.bob), run={"S": RUN.name})
        joined = world.row(keys.user_key(world.bob))["created_at"]["S"]
        noted = row(keys.run_user_key(RUN.name, world.bob), "RUN_USER", user_id=world.bob, created_at=joined)
        world.put(noted)
        assert world.audit().findings == ()
        yield world.rows(), world


def store_of(rows):
    store = DryTable(None, "damaged", SCHEMA)
    store.fan_out_limit = 1_000
    store.write_batch(copy.deepcopy(list(rows.values())), ())
    return store


def rows_of(store):
    return {(one["PK"]["S"], one["SK"]["S"]): one for page in store.scan() for one in page}


def distance(rows, healthy):
    """Count attributes that are not what they were, in rows that are there or were."""
    names = {(key, name) for one in (rows, healthy) for key, row in one.items() for name in row}
    return sum(rows.get(key, {}).get(name) != healthy.get(key, {}).get(name) for key, name in names)


def damaged(healthy, damage):
    before, world = healthy
    place = Place(copy.deepcopy(before), world)
    damage(place)
    assert place.rows != before
    return place.rows


@pytest.mark.parametrize("damage", (RESTORED | COPIED).values(), ids=RESTORED | COPIED)
def test_what_other_rows_prove_is_restored_to_the_byte(healthy, damage):
    rows = damaged(healthy, damage)
    store = store_of(rows)
    found = audit(store)
    assert not found.is_clean

    done = repair(store, found)

    after = rows_of(store)
    assert {key: one for key, one in after.items() if one != healthy[0].get(key)} == {}
    assert after == healthy[0]
    assert done.left == ()
    assert repair(store, audit(store)).mended == ()


@pytest.mark.parametrize("damage", LEFT.values(), ids=LEFT)
def test_what_only_a_person_knows_is_named_and_made_no_worse(healthy, damage):
    rows = damaged(healthy, damage)
    store = store_of(rows)
    found = audit(store)
    assert not found.is_clean

    done = repair(store, found)

    after = rows_of(store)
    assert done.left != ()
    assert distance(after, healthy[0]) <= distance(rows, healthy[0])
    for key, one in rows.items():
        if one.get("entity_type", {}).get("S") in CONTENT:
            assert {name: one.get(name) for name in TEXTS} == {name: after[key].get(name) for name in TEXTS}
    again = repair(store, audit(store))
    assert (again.mended, rows_of(store)) == ((), after)


@pytest.mark.parametrize("damage", STRAYED.values(), ids=STRAYED)
def test_a_row_whose_witnesses_agree_against_its_key_is_a_persons_and_nothing_is_written(healthy, damage):
    rows = damaged(healthy, damage)
    store = store_of(rows)
    found = audit(store)

    done = repair(store, found)

    strayed = next(key for key in rows if key not in healthy[0])
    assert [(one.kind, one.key, one.remedy) for one in found.findings] == [(Kind.CONTRADICTION, strayed, Remedy.PERSON)]
    assert (done.mended, done.left) == ((), found.findings)
    assert rows_of(store) == rows
    store.write_batch(copy.deepcopy([one for key, one in healthy[0].items() if key not in rows]), [strayed])
    assert audit(store).findings == ()


def test_there_are_damages_enough():
    assert len(RESTORED) >= 35
    assert len(RESTORED) + len(LEFT) >= 50


@pytest.mark.parametrize("damage", LEFT.values(), ids=LEFT)
def test_what_is_left_to_a_person_is_right_once_that_person_has_put_the_row(healthy, damage):
    rows = damaged(healthy, damage)
    store = store_of(rows)
    repair(store, audit(store))

    # The remedy of docs/audit.md: the lines of --show, made right, are put; a repair sets what follows.
    lost = [one for key, one in healthy[0].items() if rows_of(store).get(key) != one]
    content = [one for one in lost if one["entity_type"]["S"] != "CLAIM"]
    store.write_batch(copy.deepcopy(content), ())
    done = repair(store, audit(store))

    assert done.left == ()
    assert rows_of(store) == healthy[0]


def test_every_kind_of_finding_has_a_remedy_that_is_tried_here(healthy):
    kinds = {
        finding.kind
        for damage in (*RESTORED.values(), *LEFT.values())
        for finding in audit(store_of(damaged(healthy, damage))).findings
    }
    assert kinds == set(Kind) - {Kind.FOREIGN}
