"""What the verdict finds: done means there, refused means not, unknown means either; counters are their rows."""

from __future__ import annotations

import pytest

from services.entities import Like, Post
from services.rows import items, keys
from tests.contract.world import START
from tests.histories.histories import DONE, REFUSED, UNKNOWN, Event, read, write, wrong

USER, POST = "u", "p"
REGISTER = ("like", "place", USER, POST)
HANDLES = ("handles", "place", "ann")


def event(outcome, start=0, end=1, register=REGISTER, name="set", values=(True,)):
    return Event(0, 0, register, name, values, start, end, outcome)


def rows(*, liked, count):
    post = Post(id=POST, author_id=USER, caption="", created_at=START, updated_at=START, likes_count=count)
    like = Like(user_id=USER, post_id=POST, created_at=START)
    author = {"posts_count": {"N": "1"}, "entity_type": {"S": "USER"}, "handle": {"S": "ann"}, "id": {"S": USER}}
    found = {keys.user_key(USER): author, keys.post_key(POST): items.post_row(post)}
    return found | ({keys.like_key(POST, USER): items.like_row(like)} if liked else {})


@pytest.mark.parametrize(
    ("outcome", "liked", "is_right"),
    [
        (DONE, True, True),
        (DONE, False, False),
        (REFUSED, True, False),
        (REFUSED, False, True),
        (UNKNOWN, True, True),
        (UNKNOWN, False, True),
    ],
)
def test_what_is_there_is_held_to_what_was_said(outcome, liked, is_right):
    found = wrong([event(outcome)], rows(liked=liked, count=int(liked)), {})
    assert (found == []) is is_right
    assert all("no order that explains it" in told and outcome in told for told in found)


def test_a_counter_that_is_not_its_rows_is_named():
    (told,) = wrong([event(DONE)], rows(liked=True, count=2), {})
    assert told == "('POST#p', 'POST') likes_count: stored 2, counted 1"


@pytest.mark.parametrize(("owner", "is_right"), [(USER, True), ("v", False), (None, False)])
def test_who_is_found_by_a_handle_is_held_to_who_has_it(owner, is_right):
    found = event(DONE, register=HANDLES, name="find", values=(owner, "ann"))
    told = wrong([found], rows(liked=False, count=0), {HANDLES: frozenset({(USER, "ann")})})
    assert (told == []) is is_right


def test_what_was_not_found_where_it_always_was_is_a_lie():
    assert wrong([event(DONE, name="get", values=(None,))], rows(liked=False, count=0), {})


def test_events_are_read_as_they_were_written(tmp_path):
    events = [event(DONE), event(UNKNOWN, register=HANDLES, name="take", values=(USER, "ann"))]
    write(tmp_path / "events.jsonl", events)
    assert list(read(tmp_path / "events.jsonl")) == events
