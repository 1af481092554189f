"""Whose a table is: the mark that the first write leaves, tables of a newer schema, and rows of others."""

from __future__ import annotations

import pytest

from seedbed.dynamo.mark import mark_row
from seedbed.dynamo.rows import SCHEMA_MARK
from services import errors
from services.audit import audit, repair
from services.rows import keys
from services.rows.ownership import adopt, check_ours
from services.rows.schema import SCHEMA
from tests.contract.test_runs import RUN
from tests.contract.world import World

FOREIGN = [
    {"PK": {"S": "USER#1"}, "SK": {"S": "FOLLOW#2"}},
    {"PK": {"S": "POST#9"}, "SK": {"S": "LIKE#1"}, "at": {"S": "today"}},
    {"PK": {"S": "USER#1"}, "SK": {"S": "PROFILE"}, "entity_type": {"S": "Member"}},
    {"PK": {"S": "ORDER#1"}, "SK": {"S": "ORDER"}, "entity_type": {"S": "USER"}},
    {"PK": {"S": "RUN#x"}, "SK": {"S": "USER#1"}, "entity_type": {"N": "1"}},
]


def raw(app):
    """All rows, the mark with them, past our own reader."""
    answer = app.table.engine.client.scan(TableName=app.table.name, ConsistentRead=True)
    return {(row["PK"]["S"], row["SK"]["S"]): row for row in answer["Items"]}


def put(app, *rows):
    for row in rows:
        app.table.engine.client.put_item(TableName=app.table.name, Item=row)


def newer(version=SCHEMA.version + 1):
    return {**mark_row(SCHEMA), "version": {"N": str(version)}, "novelty": {"S": "kept"}}


def test_connecting_writes_nothing_and_the_first_write_leaves_the_mark(open_app):
    app = open_app()
    assert raw(app) == {}
    before = app.usage

    World(app).user("ann")

    assert raw(app)[SCHEMA_MARK] == mark_row(SCHEMA)
    assert app.session.store.version == SCHEMA.version
    assert app.usage.since(before).calls == {"TransactWriteItems": 1}  # the mark is the table's own call
    assert SCHEMA_MARK not in World(app).rows()
    assert open_app(table=app.table.name).session.store.version == SCHEMA.version


def test_a_plain_batch_leaves_the_mark_too(app):
    app.session.write_batch([FOREIGN[0]])
    assert SCHEMA_MARK in raw(app)


@pytest.mark.parametrize("row", FOREIGN, ids=str)
def test_a_table_with_rows_of_others_is_never_marked_by_a_write(open_app, row):
    app = open_app()
    put(app, row)
    again = open_app(table=app.table.name)
    World(again).user("ann")
    assert SCHEMA_MARK not in raw(again)
    assert raw(again)[row["PK"]["S"], row["SK"]["S"]] == row


@pytest.mark.parametrize("row", FOREIGN, ids=str)
@pytest.mark.parametrize("is_marked", [True, False])
def test_rows_of_others_are_refused_by_name_unless_they_are_meant(open_app, row, is_marked):
    app = open_app()
    if is_marked:
        World(app).user("ann")
    put(app, row)
    store = open_app(table=app.table.name).session.store
    with pytest.raises(errors.ForeignRowsError, match=row["PK"]["S"]):
        check_ours(store)
    with pytest.raises(errors.ForeignRowsError, match=row["SK"]["S"]):
        adopt(store)
    check_ours(store, is_beside_others=True)
    assert (SCHEMA_MARK in raw(app)) is is_marked


def test_a_table_of_ours_without_a_mark_is_used_as_before_and_adopted(open_app):
    app = open_app()
    World(app).user("ann")
    app.table.engine.client.delete_item(TableName=app.table.name, Key={"PK": {"S": "SCHEMA"}, "SK": {"S": "SCHEMA"}})
    again = open_app(table=app.table.name, seed="another")
    World(again).user("bob")
    with pytest.raises(errors.ForeignRowsError, match="no mark"):
        check_ours(again.session.store)

    assert adopt(again.session.store) == 8

    check_ours(again.session.store)
    check_ours(open_app(table=app.table.name).session.store)


@pytest.mark.parametrize("version", [None, {"S": "1"}, {"N": "1.5"}, {"N": "-1"}])
def test_a_mark_that_cannot_be_read_is_none_and_adopting_renews_it(open_app, version):
    app = open_app()
    World(app).user("ann")
    damaged = {**mark_row(SCHEMA), "version": version}
    put(app, {name: value for name, value in damaged.items() if value is not None})
    store = open_app(table=app.table.name).session.store
    assert store.version is None
    adopt(store)
    assert raw(app)[SCHEMA_MARK] == mark_row(SCHEMA)


WRITES = {
    "sign up": lambda app, _ann, _post: World(app).user("bob"),
    "change": lambda app, ann, _post: app.profiles.update_profile(ann, bio="x"),
    "post": lambda app, ann, _post: app.posts.create_post(author_id=ann),
    "like": lambda app, ann, post: app.likes.like_post(ann, post),
    "comment": lambda app, ann, post: app.comments.create_comment(ann, post, "x"),
    "delete": lambda app, ann, post: app.posts.delete_post(post, user_id=ann),
    "leave": lambda app, ann, _post: app.profiles.delete_profile(ann),
    "begin a run": lambda app, _ann, _post: app.runs.begin(RUN),
    "reset a run": lambda app, _ann, _post: app.runs.reset(RUN.name),
    "a batch": lambda app, _ann, _post: app.session.write_batch([FOREIGN[0]]),
    "nothing": lambda app, _ann, _post: app.unit_of_work().__enter__(),
    "a dry run": lambda app, _ann, _post: app.unit_of_work(is_dry=True).__enter__(),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_table_of_a_newer_schema_is_read_and_never_written(open_app, write):
    app = open_app()
    world = World(app)
    ann = world.user("ann")
    post = world.post(ann)
    put(app, newer(7))
    before = raw(app)
    old = open_app(table=app.table.name)

    with pytest.raises(errors.NewerSchemaError, match="schema version 7, and this program knows 1") as refused:
        write(old, ann.id, post.id)

    assert (refused.value.table, refused.value.version, refused.value.known) == (app.table.name, 7, SCHEMA.version)
    assert raw(app) == before
    assert old.posts.get(post.id).id == post.id
    with pytest.raises(errors.NewerSchemaError):
        adopt(old.session.store, is_beside_others=True)


def test_a_program_that_was_open_when_another_marked_the_table_newer_hears_it_at_its_first_write(open_app):
    app = open_app()
    put(app, newer())
    with pytest.raises(errors.NewerSchemaError):
        World(app).user("ann")


def test_whoever_leaves_takes_no_row_of_others_along(open_app):
    app = open_app()
    world = World(app)
    ann, bob = world.user("ann"), world.user("bob")
    post = world.post(ann)
    strangers = [
        {"PK": {"S": f"USER#{ann.id}"}, "SK": {"S": sort}, "note": {"S": "theirs"}}
        for sort in ("FEED#1", "FOLLOW#2", "FOLLOWER#3", f"POST#{bob.id}", "SETTINGS")
    ] + [{"PK": {"S": f"POST#{post.id}"}, "SK": {"S": sort}} for sort in ("LIKE#4", "COMMENT#5", "TAG#6")]
    put(app, *strangers)

    app.profiles.delete_profile(ann.id)

    left = world.rows()
    assert {key for key in left if ann.id in str(key) or post.id in str(key)} == {
        (row["PK"]["S"], row["SK"]["S"]) for row in strangers
    }
    assert ann.id not in str([row for row in left.values() if "entity_type" in row])


def test_without_a_mark_nothing_is_known_to_be_ours_and_no_repair_writes(open_app):
    app = open_app()
    world = World(app)
    post = world.post(world.user("ann"))
    stored = raw(app)[keys.post_key(post.id)]
    put(app, {**stored, "likes_count": {"N": "9"}})
    app.table.engine.client.delete_item(TableName=app.table.name, Key={"PK": {"S": "SCHEMA"}, "SK": {"S": "SCHEMA"}})
    again = open_app(table=app.table.name)
    before = raw(app)

    for is_beside_others in (False, True):
        with pytest.raises(errors.ForeignRowsError, match="no mark"):
            repair(again, audit(again), is_beside_others=is_beside_others)

    assert raw(app) == before
