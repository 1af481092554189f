"""A copy of an embedded engine shares rows with its source, and nothing that either changes."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError
from hypothesis import given
from hypothesis import strategies as st

from factories import LikeFactory, PostFactory, UserFactory, using
from seedbed.dynamo.engines import embedded_engine, open_engine
from seedbed.dynamo.engines.embedded.rows import IndexRows, KeySchema, Row, TableRows
from seedbed.dynamo.ordered import Shelves
from seedbed.errors import InvalidSettingError
from services import connect

PLACES = st.tuples(st.sampled_from("abc"), st.sampled_from("123"))
STEPS = st.lists(
    st.tuples(st.sampled_from(["put", "take", "copy", "order"]), st.integers(0, 3), PLACES, st.binary(max_size=2)),
    max_size=40,
)


def content(shelves: Shelves) -> dict[tuple[Any, Any], bytes]:
    found = {(partition, position): value for partition, position, value in shelves}
    assert list(found) == sorted(found)
    assert len(found) == shelves.count
    return found


@given(STEPS)
def test_shelves_and_their_copies_are_as_independent_mappings(steps):
    shelves, models = [Shelves()], [{}]
    for step, which, place, value in steps:
        one = which % len(shelves)
        if step == "put":
            shelves[one].put(*place, value)
            models[one][place] = value
        elif step == "take":
            assert shelves[one].take(*place) == models[one].pop(place, None)
        elif step == "copy":
            shelves.append(shelves[one].copy())
            models.append(dict(models[one]))
        else:
            assert shelves[one].positions(place[0]) == sorted(sort for first, sort in models[one] if first == place[0])
    assert [content(one) for one in shelves] == models


@pytest.fixture
def source():
    with embedded_engine() as engine, connect(engine=engine, seed=1) as app, using(app, seed=1):
        users = UserFactory.create_batch(3, followers=2)
        PostFactory(author=users[0], likes=4)
        yield engine, app, users


def test_a_copy_holds_what_its_source_holds(source):
    engine, app, users = source
    with engine.copy() as copied, connect(engine=copied) as other:
        assert str(other.digest()) == str(app.digest())
        assert other.audit().is_clean
        assert other.posts.by_author(users[0].id).items == app.posts.by_author(users[0].id).items


def test_neither_sees_what_the_other_writes_also_by_an_index(source):
    engine, app, users = source
    before = str(app.digest())
    (post,) = app.posts.by_author(users[0].id).items
    with engine.copy() as copied, connect(engine=copied) as other:
        with using(other, seed=2):
            LikeFactory(user=users[1], post=post)
        other.posts.delete_post(app.posts.get(post.id).id, user_id=users[0].id)
        assert other.audit().is_clean
        assert str(app.digest()) == before
        assert app.posts.by_author(users[0].id).items == (post,)
        assert app.likes.liked_posts(users[1].id).items == ()
        changed = str(other.digest())
        with using(app, seed=3):
            LikeFactory(user=users[2], post=post)
        assert app.audit().is_clean
        assert str(other.digest()) == changed


def test_what_a_copy_deletes_stands_in_the_index_of_the_source(source):
    engine, app, users = source
    (post,) = app.posts.by_author(users[0].id).items
    LikeFactory(user=users[1], post=post)
    liked = app.likes.liked_posts(users[1].id).items
    assert len(liked) == 1
    with engine.copy() as copied, connect(engine=copied) as other:
        other.likes.unlike_post(users[1].id, post.id)
        assert app.likes.liked_posts(users[1].id).items == liked
        other.likes.like_post(users[1].id, post.id)
        app.likes.unlike_post(users[1].id, post.id)
        assert len(other.likes.liked_posts(users[1].id).items) == 1


def test_a_copy_has_its_indexes_from_the_start(source, monkeypatch):
    engine, _, users = source
    with engine.copy() as copied, connect(engine=copied) as other:
        moved = []
        monkeypatch.setattr(IndexRows, "move", lambda *moves: moved.append(moves))
        assert other.likes.liked_posts(users[1].id).items == ()
        assert moved == []


def test_what_kinds_of_rows_a_copy_learns_of_its_source_does_not():
    """The two may be written by two threads, each behind a lock of its own."""
    rows = TableRows(KeySchema("PK", "S", "SK", "S"))
    rows.replace(("a", "1"), Row({"PK": {"S": "a"}, "SK": {"S": "1"}, "name": {"S": "x"}}, 10))
    copied = rows.copy()
    copied.replace(("a", "2"), Row({"PK": {"S": "a"}, "SK": {"S": "2"}, "count": {"N": "1"}}, 10))
    assert [len(one._packing._shapes) for one in (rows, copied)] == [1, 2]
    assert copied[("a", "1")].attributes["name"] == {"S": "x"}


def test_copies_of_one_source_and_copies_of_copies_are_apart(source):
    engine, app, users = source
    before = str(app.digest())
    with engine.copy() as first, first.copy() as second, engine.copy() as third:
        for number, copied in enumerate((first, second, third)):
            with connect(engine=copied) as other, using(other, seed=f"other {number}"):
                assert str(other.digest()) == before
                UserFactory(followers=[users[0]])
                assert other.audit().is_clean
    assert str(app.digest()) == before


def test_a_table_that_is_changed_or_deleted_in_a_copy_stands_in_the_source(source):
    engine, app, _users = source
    with engine.copy() as copied:
        settings = {"Enabled": True, "AttributeName": "gone_at"}
        copied.client.update_time_to_live(TableName="social", TimeToLiveSpecification=settings)
        copied.client.update_table(TableName="social", DeletionProtectionEnabled=True)
        kept = engine.client.describe_time_to_live(TableName="social")["TimeToLiveDescription"]
        assert kept["TimeToLiveStatus"] == "DISABLED"
        copied.client.update_table(TableName="social", DeletionProtectionEnabled=False)
        copied.client.delete_table(TableName="social")
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            copied.client.describe_table(TableName="social")
    assert app.audit().is_clean


def test_a_copy_stands_when_its_source_is_closed():
    with embedded_engine() as engine:
        connect(engine=engine).close()
        copied = engine.copy()
    with copied, connect(engine=copied, is_made=False) as app:
        assert app.audit().is_clean
    with pytest.raises(ConnectionClosedError):
        engine.copy()


def test_only_an_embedded_engine_is_copied():

    with (
        open_engine("http://127.0.0.1:9") as engine,
        pytest.raises(InvalidSettingError, match="engine must be embedded"),
    ):
        engine.copy()
