"""What a caller gives is kept as Python's own plain values: in the rows, and in what services return."""

from __future__ import annotations

import enum
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import attrs
import numpy as np
import pytest
from markupsafe import Markup

from services import errors
from services.entities import Page
from services.errors import GoneError
from tests.contract.world import START, World

PLAIN = {str, int, bool, type(None), datetime}


class Text(str):
    """A text that does not say what it holds, as a member of (str, Enum) does not."""

    __slots__ = ()

    def __str__(self) -> str:
        return "Text"

    def __format__(self, spec: str) -> str:
        return "Text"

    def __radd__(self, other: str) -> Text:
        return Text(str.__add__(other, self))


def member_of_str_enum(text: str) -> str:
    return enum.StrEnum("Told", {"IT": text}).IT


def member_of_mixed_enum(text: str) -> str:
    return enum.Enum("Told", {"IT": text}, type=str).IT


KINDS = [Text, Markup, member_of_str_enum, member_of_mixed_enum]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def foreign(value: Any) -> list[Any]:
    """Find whatever is of a type that is not Python's own."""
    if attrs.has(type(value)):
        return [found for field in attrs.fields(type(value)) for found in foreign(getattr(value, field.name))]
    if type(value) in {tuple, list}:
        return [found for part in value for found in foreign(part)]
    if type(value) is dict:
        return [found for pair in value.items() for part in pair for found in foreign(part)]
    return [] if type(value) in PLAIN else [value]


def stored(unit: Any, value: Any) -> Any:
    """A value as it is stored, None where it was deleted since."""
    try:
        return unit.stored(value)
    except GoneError:
        return None


def told(world: World, kind: Any) -> list[Any]:
    """Call every service method that takes a text, with texts of a kind; return what they return."""
    app = world.app
    ann, bob = (world.user(name) for name in ("ann", "bob"))
    a, b = kind(ann.id), kind(bob.id)
    cleo = app.profiles.create_profile(
        email=kind("cleo@example.org"),
        username=kind("cleo_name"),
        handle=kind("cleo"),
        full_name=kind("Cleo"),
        bio=kind("Hello & so on"),
        profile_picture_url=kind("https://example.org/cleo.png"),
    )
    post = app.posts.create_post(
        author_id=a,
        caption=kind("<b>sun</b>"),
        image_url=kind("https://example.org/a.png"),
        tags=[kind("sun"), kind("sea")],
    )
    p = kind(post.id)
    comment = app.comments.create_comment(b, p, kind(" well & good "))
    reply = app.comments.create_comment(a, p, kind("so true"), kind(comment.id))
    found = [
        cleo,
        post,
        comment,
        reply,
        app.likes.like_post(b, p),
        app.follows.follow_user(b, a),
        app.feeds.deliver(b, p, a),
        app.feeds.mark_read(b, p),
        app.feeds.read(b),
        app.profiles.update_profile(kind(cleo.id), handle=kind("cleo2"), bio=kind("New")),
        app.posts.update_post(p, user_id=a, caption=kind("moon"), tags=(kind("moon"),)),
        app.profiles.get(a),
        app.profiles.get_many([a, b]),
        app.profiles.find_by_handle(kind("cleo2")),
        app.profiles.is_handle_available(kind("nobody")),
        app.posts.get(p),
        app.posts.get_many([p]),
        app.posts.by_author(a, limit=1),
        app.likes.has_liked(b, p),
        app.likes.statuses(b, [p]),
        app.likes.likers(p),
        app.likes.liked_posts(b),
        app.follows.is_following(b, a),
        app.follows.followers(a),
        app.follows.following(b),
        app.comments.get(p, kind(comment.id)),
        app.comments.of_post(p, limit=1),
        app.comments.replies(p, kind(comment.id)),
    ]
    app.likes.unlike_post(b, p)
    app.follows.unfollow_user(b, a)
    app.comments.delete_comment(p, kind(reply.id), user_id=a)
    return found


@every_kind
def test_texts_of_any_kind_are_kept_and_returned_as_plain_ones(open_app, kind):
    wanted, world = World(open_app()), World(open_app())
    assert told(world, kind) == told(wanted, str)
    assert world.rows() == wanted.rows()


@every_kind
def test_nothing_of_the_callers_types_is_in_a_row_or_in_what_is_returned(world, kind):
    assert foreign([told(world, kind), world.rows()]) == []


@every_kind
def test_nothing_of_the_callers_types_is_in_what_a_unit_of_work_returns(world, kind):
    with world.app.unit_of_work() as unit:
        values = [value for value in told(world, kind) if attrs.has(type(value)) and type(value) is not Page]
        found = [stored(unit, value) for value in values]
    assert len([value for value in found if value is not None]) > len(values) / 2
    assert foreign(found) == []


def test_a_list_of_tags_is_the_callers_to_change(world):
    ann, tags = world.user(), ["sun"]
    post = world.post(ann, tags=tags)
    changed = world.app.posts.update_post(post.id, user_id=ann.id, tags=tags)
    tags.append("sea")
    assert (post.tags, changed.tags, world.app.posts.get(post.id).tags) == (("sun",), ("sun",), ("sun",))


def test_a_cursor_that_was_asked_for_with_another_kind_of_text_goes_on(world):
    ann = world.user()
    for _ in range(2):
        world.post(ann)
    first = world.app.posts.by_author(Text(ann.id), limit=1)
    assert len(world.app.posts.by_author(ann.id, limit=1, cursor=first.cursor)) == 1


class Moment(datetime):
    """A datetime of another library."""


def test_a_moment_of_any_kind_is_kept_as_a_plain_one_in_utc(open_app):
    east = timezone(timedelta(hours=2))
    told = Moment(2026, 3, 1, 14, 0, 0, 123_999, tzinfo=east)
    world = World(open_app(clock=lambda: told))
    ann = world.user()
    with world.app.at(told + timedelta(days=1)):
        post = world.post(ann)
    assert [ann.created_at, post.created_at] == [
        START + timedelta(milliseconds=123),
        START + timedelta(days=1, milliseconds=123),
    ]
    assert foreign([ann, post]) == []
    assert ann.created_at.tzinfo is UTC


NUMBERS = [np.int64(2), np.uint8(2)]


@pytest.mark.parametrize("two", NUMBERS, ids=lambda number: type(number).__name__)
def test_numpys_whole_numbers_are_as_good_as_ours(open_app, two):
    world = World(open_app(workers=two, fan_out_limit=two, seed=two))
    assert (type(world.app.workers), type(world.app.fan_out_limit)) == (int, int)
    with world.app.unit_of_work(workers=two):
        people = [world.user(name) for name in ("ann", "bob", "cleo")]
    for other in people[1:]:
        world.app.follows.follow_user(other.id, people[0].id)
    assert len(world.app.follows.followers(people[0].id, limit=two)) == 2
    assert people[0].id == World(open_app(seed=2)).user("ann").id


@pytest.mark.parametrize("value", [True, np.True_, 2.0, np.float64(2), "2", None], ids=repr)
def test_what_is_no_whole_number_is_refused_as_a_limit(world, value):
    with pytest.raises(errors.InvalidLimitError) as refusal:
        world.app.posts.by_author(world.user().id, limit=value)
    assert refusal.value.limit is value


@pytest.mark.parametrize("setting", ["workers", "fan_out_limit", "seed"])
@pytest.mark.parametrize("value", [True, np.True_, 2.5, [1]], ids=repr)
def test_what_is_no_whole_number_is_refused_as_a_setting(open_app, setting, value):
    with pytest.raises(errors.InvalidSettingError) as refusal:
        open_app(**{setting: value})
    assert (refusal.value.setting, refusal.value.value) == (setting, value)
