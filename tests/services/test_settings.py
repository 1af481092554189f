"""What a caller sets is checked where it is set, by name: nothing is taken for what it is not."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from factories import CommentFactory, FollowFactory, PostFactory, UserFactory, recycle, using
from factories.errors import InvalidUsersError
from seedbed import Counter, Range, Suite
from seedbed.errors import InvalidSettingError
from seedbed.plain import show
from seedbed.sqlalchemy import unit_of_work
from seedbed.strategy.errors import FactoryError, InvalidCountError, InvalidRangeError
from seedbed.suite.errors import SuiteError
from services import connect
from services.audit import plan_repair
from services.errors import InvalidLimitError, ValidationError

HUGE = 10**5_000


class Mute:
    """Cannot be shown."""

    def __repr__(self) -> str:
        message = "there is no text of this"
        raise RuntimeError(message)


def refused(setting, call, *args, **settings):
    with pytest.raises(InvalidSettingError) as caught:
        call(*args, **settings)
    assert caught.value.setting == setting
    assert str(caught.value).startswith(f"{setting} must be ")


@pytest.mark.parametrize("value", ["no", "false", "", 0, 1, None, b"x", [], HUGE, Mute()], ids=show)
@pytest.mark.parametrize("flag", ["is_dry", "validate", "is_made"])
def test_a_flag_of_connect_is_true_or_false(flag, value):
    refused(flag, connect, **{flag: value})


@pytest.mark.parametrize("value", [5, b"x", [], HUGE, Mute()], ids=show)
@pytest.mark.parametrize("setting", ["region", "endpoint_url", "engine", "services", "clock", "workers"])
def test_a_setting_of_connect_is_of_its_kind(setting, value):
    if (setting, value) == ("workers", 5):
        value = "5"
    refused(setting, connect, **{setting: value})


@pytest.mark.parametrize(
    ("setting", "value"), [("region", ""), ("fan_out_limit", HUGE), ("seed", HUGE), ("seed", "\ud800")], ids=show
)
def test_a_setting_of_connect_that_nothing_can_keep_is_refused(setting, value):
    refused(setting, connect, **{setting: value})


@pytest.mark.parametrize("value", ["no", 5, HUGE, Mute()], ids=show)
def test_what_an_app_is_told_is_checked_by_name(app, value):
    found = app.audit()
    refused("is_dry", app.unit_of_work(is_dry=value).__enter__)
    refused("skipping", app.unit_of_work(skipping=value).__enter__)
    refused("progress", app.audit, progress=value)
    refused("onlooker", app.audit, onlooker=value)
    refused("keep", app.repair, found, keep=value)
    refused("plan", app.repair, found, plan=value)
    refused("is_beside_others", app.repair, found, is_beside_others=value)
    refused("is_beside_others", plan_repair, app, found, is_beside_others=value)
    refused("to", app.dump, Path("unwritten"), to=value)
    refused("progress", app.load, Path("unwritten"), progress=value)
    refused("suite", using(app, suite=value).__enter__)
    refused("is_expiring", unit_of_work, is_expiring=value)


def test_a_repair_of_less_than_no_rows_is_refused(app):
    refused("at_most", app.repair, app.audit(), at_most=-1)


@pytest.mark.parametrize("key", [5, ["k"], b"x", HUGE, Mute()], ids=show)
def test_a_key_that_is_no_text_is_refused_where_it_is_given(app, key):
    refused("key", app.at, key=key)


@pytest.mark.parametrize("value", [5, None, "", HUGE, Mute()], ids=show)
@pytest.mark.parametrize("field", ["open", "factories", "scenarios", "counters", "planner", "listing", "auditor"])
def test_a_field_of_a_suite_is_of_its_kind(field, value):
    if value is None and field in {"planner", "listing", "auditor"}:
        value = 5
    declared = {"open": connect, "factories": "factories", field: value}
    with pytest.raises(SuiteError, match=f"^suite shop: {field}: it must be "):
        Suite("shop", **declared)


@pytest.mark.parametrize("setting", ["field", "by", "key", "recount"])
def test_a_field_of_a_counter_is_of_its_kind(setting):
    way = {"recount": HUGE} if setting == "recount" else {"counts": int, "by": "id"}
    with pytest.raises(SuiteError, match=rf"{setting}= must be "):
        Counter(**{"field": "count", "of": int, **way, setting: HUGE})


@pytest.mark.parametrize("value", [HUGE, -HUGE, [HUGE], Mute()], ids=["huge", "below", "in a list", "mute"])
def test_what_cannot_be_shown_is_refused_all_the_same(app, value):
    with pytest.raises(InvalidLimitError, match="not "):
        app.follows.followers("a", limit=value)
    with pytest.raises(InvalidSettingError, match="not "):
        app.runs.begin(value)
    with pytest.raises(InvalidRangeError):
        Range(value, 0)
    with using(app):
        for call in (lambda: UserFactory(full_name=value), lambda: PostFactory(user=value)):
            with pytest.raises(FactoryError):
                call()
        for batch in (UserFactory.create_batch, UserFactory.build_batch, UserFactory.stub_batch):
            with pytest.raises(InvalidCountError, match="batch"):
                batch(value)
        assert CommentFactory.build(user_id=value).user_id is value
        with pytest.raises(FactoryError, match="followers"):
            UserFactory(followers=-HUGE)
    with pytest.raises(FactoryError, match=r"^seed must be "), using(app, seed=value):
        pass


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (HUGE, "a whole number of thousands of digits"),
        ([HUGE], "<list that cannot be shown>"),
        (Mute(), "<Mute that cannot be shown>"),
        ("a", "'a'"),
    ],
    ids=show,
)
def test_anything_can_be_shown(value, text):
    assert show(value) == text


@pytest.mark.parametrize("value", [None, 42, [], b"ada"], ids=show)
@pytest.mark.parametrize("name", ["find_by_handle", "find_by_email", "find_by_username", "is_handle_available"])
def test_who_is_looked_for_is_named_by_a_text(app, name, value):
    with pytest.raises(ValidationError, match="must be text"):
        getattr(app.profiles, name)(value)


def test_a_text_that_nobody_can_have_finds_nobody(app):
    assert app.profiles.find_by_handle("x" * 1_000) is None
    assert app.profiles.is_handle_available("not one") is False


ENDLESS = {
    "long": lambda: range(10**12),
    "longer than a length can be": lambda: range(10**40),
    "numbers": itertools.count,
    "ids": lambda: map(str, itertools.count()),
    "one id": lambda: itertools.repeat("a"),
    "objects": lambda: itertools.repeat({}),
}
"""Collections that cannot be read to their end."""


@pytest.mark.parametrize("endless", ENDLESS.values(), ids=ENDLESS)
def test_a_collection_without_an_end_is_refused_wherever_one_is_taken(app, endless):
    with using(app):
        post = PostFactory()
    calls = [
        lambda: app.profiles.get_many(endless()),
        lambda: app.posts.get_many(endless()),
        lambda: app.likes.statuses(post.author_id, endless()),
        lambda: app.posts.create_post(author_id=post.author_id, caption="x", tags=endless()),
        lambda: app.posts.update_post(post.id, user_id=post.author_id, tags=endless()),
        lambda: UserFactory.create_each(endless()),
        lambda: UserFactory(posts=endless()),
        lambda: PostFactory(likes=endless(), author=UserFactory.build()),
        lambda: FollowFactory.create_graph(endless()),
        lambda: recycle(endless()),
    ]
    before = str(app.digest())
    with using(app):
        for call in calls:
            with pytest.raises((ValidationError, FactoryError)):
                call()
    assert str(app.digest()) == before


def test_of_a_list_of_wrong_ids_the_first_are_named(app):
    with pytest.raises(ValidationError) as caught:
        app.profiles.get_many(["ada", *range(1_000)])
    assert [field.field for field in caught.value.fields] == [f"user_ids[{place}]" for place in range(1, 11)]


def test_as_many_ids_are_read_as_a_list_may_have(app):
    with using(app):
        ada = UserFactory()
    assert app.profiles.get_many(itertools.repeat(ada.id, 1_000)) == {ada.id: ada}


@pytest.mark.parametrize("users", [None, 5, "ab", [None, None], ["a", "b"], [{}, {}]], ids=show)
def test_a_graph_is_made_of_users(app, users):
    with using(app), pytest.raises(InvalidUsersError, match="a follow graph takes stored users"):
        FollowFactory.create_graph(users)


def test_a_graph_is_made_of_whatever_holds_users(app):
    with using(app):
        users = UserFactory.create_batch(3)
        assert len(FollowFactory.create_graph(iter(users), "complete")) == 6
