"""What is returned is what is stored: whatever comes after, each value is told as a read of its row tells it."""

from __future__ import annotations

from typing import Any

import factory
import hypothesis.strategies as st
import pytest
from hypothesis import given, note

from factories import CommentFactory, FollowFactory, LikeFactory, PostFactory, UserFactory, after_create, using
from factories.errors import BuildFailureError
from services import errors
from services.app import App
from tests.laws.calls import STEMS, Names, calls, places
from tests.laws.effort import LAWS
from tests.laws.model import Model, Text, perform
from tests.laws.reading import GONE, as_stored

deliveries = st.tuples(st.just("deliver"), places, places)
sequences = st.lists(st.one_of(calls, calls, deliveries), min_size=1, max_size=30)


class Player:
    """Plays drawn calls on an app, keeps what they return, and looks now and then at what it has."""

    def __init__(self, app: App) -> None:
        self.app, self.names, self.values = app, Names(), []

    def begin(self) -> None:
        for stem in STEMS[:4]:
            self.call(("create_profile", stem))

    def call(self, drawn: tuple[Any, ...]) -> None:
        name, args = self.resolve(drawn)
        note(f"{name}{args}")
        try:
            value = perform(self.app, name, args)
        except errors.ServiceError:
            return
        self.names.note(name, args, getattr(value, "id", ""))
        self.values.append(value)

    def resolve(self, drawn: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
        if drawn[0] == "deliver":
            post = self.names.post(drawn[2])
            return "deliver", (self.names.person(drawn[1]), post, self.author_of(post))
        return self.names.resolve(drawn, self.model())

    def author_of(self, post: str) -> str:
        return next((v.author_id for v in self.values if getattr(v, "id", None) == post), self.names.person(0))

    def model(self) -> Model:
        """Only whose post is whose matters for what is drawn."""
        return Model(posts={post: Text(self.author_of(post)) for post in self.names.posts})


def check(unit: Any, app: App, values: list[Any]) -> None:
    for value in values:
        wanted = as_stored(app, value)
        try:
            found = unit.stored(value)
        except errors.GoneError:
            assert wanted is GONE, value
        except errors.ServiceError as error:
            note(f"refused: {error}")
        else:
            assert found == wanted


@LAWS
@given(drawn=sequences, limit=st.integers(0, 2), workers=st.sampled_from([1, 3]), looks=st.sets(st.integers(0, 30)))
def test_every_value_of_a_unit_of_work_is_told_as_it_is_stored(open_app, drawn, limit, workers, looks):
    with open_app(fan_out_limit=limit, workers=workers) as app:
        player = Player(app)
        try:
            with app.unit_of_work() as unit:
                player.begin()
                for place, one in enumerate(drawn):
                    player.call(one)
                    if place in looks:
                        told = [told_or_none(unit, value) for value in player.values]
                        player.values += [value for value in told if value is not None]
        except errors.RefusedChangesError as refused:
            note(str(refused))
        check(unit, app, player.values)


def told_or_none(unit: Any, value: Any) -> Any:
    try:
        return unit.stored(value)
    except errors.ServiceError:
        return None


@LAWS
@given(before=sequences, drawn=sequences)
def test_values_that_were_made_before_the_unit_of_work_are_told_as_they_are_stored(open_app, before, drawn):
    with open_app() as app:
        player = Player(app)
        player.begin()
        for one in before:
            player.call(one)
        early = list(player.values)
        try:
            with app.unit_of_work() as unit:
                for one in drawn:
                    player.call(one)
        except errors.RefusedChangesError as refused:
            note(str(refused))
        check(unit, app, early)


@LAWS
@given(
    drawn=sequences,
    hook=st.sampled_from(["post_generation", "after_create"]),
    batch=st.integers(1, 3),
    apart=st.booleans(),
)
def test_what_a_factory_returns_is_stored_whatever_its_hooks_call(open_app, drawn, hook, batch, apart):
    with open_app() as app, using(app, seed=7):
        player = Player(app)

        def play(post):
            player.names.people.append(post.author_id)
            player.names.posts.append(post.id)
            player.values.append(post)
            for one in drawn:
                player.call(one)

        try:
            made = made_by(hooked(PostFactory, hook, play), batch, apart=apart)
        except BuildFailureError as failure:
            causes = [one.cause for one in failure.failures if isinstance(one.cause, errors.GoneError)]
            assert [as_stored(app, cause.value) for cause in causes] == [GONE] * len(causes)
            made = failure.created
        except errors.RefusedChangesError as refused:
            note(str(refused))
            return
        assert list(made) == [as_stored(app, one) for one in made]


def made_by(kind: Any, count: int, *, apart: bool) -> list[Any]:
    if not apart:
        return kind.create_batch(count)

    class Plain(factory.DictFactory):
        one = factory.SubFactory(kind)

    return [Plain()["one"]]


# One by one: each call that changes a row, and each kind of row


class Changes:
    """What a hook may do with a user and a post of theirs."""

    def __init__(self, app):
        self.app = app

    def update_post(self, user, post):
        self.app.posts.update_post(post.id, user_id=user.id, caption="new", tags=("a",))

    def hide(self, user, post):
        self.app.posts.update_post(post.id, user_id=user.id, is_public=False)

    def update_profile(self, user, _post):
        self.app.profiles.update_profile(user.id, bio="new", handle="renamed")

    def like(self, user, post):
        self.app.likes.like_post(user.id, post.id)

    def comment(self, user, post):
        self.app.comments.create_comment(user.id, post.id, "hm")

    def use_factories(self, user, post):
        LikeFactory(post=post)
        FollowFactory(followee=user)

    def delete_post(self, user, post):
        self.app.posts.delete_post(post.id, user_id=user.id)

    def delete_profile(self, user, _post):
        self.app.profiles.delete_profile(user.id)


CHANGES = [name for name in vars(Changes) if not name.startswith("_")]
HOOKS = {"post_generation": factory.post_generation, "after_create": after_create}


@pytest.fixture
def app(open_app):
    with open_app() as app, using(app, seed=3):
        yield app


def hooked(base, hook, act):
    """A factory with a hook of either kind that calls `act(made object)`."""
    if hook == "after_create":
        return type("Hooked", (base,), {"hook": after_create(lambda _cls, made: act(made))})
    return type("Hooked", (base,), {"hook": factory.post_generation(lambda made, _create, _value, **_: act(made))})


def ways(kind, app):
    """Each way to a created object: alone, in a batch, below a plain factory, in the user's own unit of work."""

    class Plain(factory.DictFactory):
        one = factory.SubFactory(kind)

    def inside():
        with app.unit_of_work():
            return kind()

    def strategy():
        return kind.generate(factory.CREATE_STRATEGY)

    return {
        "create": kind.create,
        "batch": lambda: kind.create_batch(1)[0],
        "plain": lambda: Plain()["one"],
        "plain create": lambda: Plain.create()["one"],
        "unit": inside,
        "generate": strategy,
    }


WAYS = ("create", "batch", "plain", "plain create", "unit", "generate")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("change", CHANGES)
def test_a_user_s_hook_may_change_what_is_made_and_the_change_is_returned(app, change, hook, way):
    def act(user):
        getattr(Changes(app), change)(user, PostFactory(author=user))

    made = ways(hooked(UserFactory, hook, act), app)[way]
    check_made(app, made, is_gone=change == "delete_profile")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("change", CHANGES)
def test_a_post_s_hook_may_change_what_is_made_and_the_change_is_returned(app, change, hook, way):
    def act(post):
        getattr(Changes(app), change)(app.profiles.get(post.author_id), post)

    made = ways(hooked(PostFactory, hook, act), app)[way]
    check_made(app, made, is_gone=change.startswith("delete"))


def check_made(app, make, *, is_gone):
    if is_gone:
        with pytest.raises(BuildFailureError, match=r"^GoneError: .* is gone") as caught:
            make()
        assert isinstance(caught.value.cause, errors.GoneError)
        return
    made = make()
    assert made == as_stored(app, made)


SMALL = {
    "like": (LikeFactory, lambda app, one: app.likes.unlike_post(one.user_id, one.post_id)),
    "follow": (FollowFactory, lambda app, one: app.follows.unfollow_user(one.follower_id, one.followee_id)),
    "comment": (CommentFactory, lambda app, one: app.comments.delete_comment(one.post_id, one.id, user_id=one.user_id)),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("kind", SMALL)
def test_what_a_hook_takes_back_is_said_to_be_gone(app, kind, hook, way):
    base, act = SMALL[kind]
    check_made(app, ways(hooked(base, hook, lambda one: act(app, one)), app)[way], is_gone=True)


def test_a_nested_object_that_is_taken_back_is_no_failure_of_the_outer_one(app):
    def act(post):
        one = LikeFactory(post=post)
        app.likes.unlike_post(one.user_id, one.post_id)

    made = hooked(PostFactory, "post_generation", act).create_batch(2)
    assert [post.likes_count for post in made] == [0, 0]


def test_of_a_batch_one_that_is_gone_fails_alone(app):
    def act(post):
        if app.posts.get(post.id).id == firsts.setdefault("id", post.id):
            app.posts.delete_post(post.id, user_id=post.author_id)

    firsts = {}
    with pytest.raises(BuildFailureError) as caught:
        hooked(PostFactory, "after_create", act).create_batch(3)
    assert [type(one.cause) for one in caught.value.failures] == [errors.GoneError]
    assert [app.posts.get(post.id) for post in caught.value.created] == list(caught.value.created)
    assert len(caught.value.created) == 2


def test_a_row_that_came_again_is_told_as_it_is_now(app):
    user, post = UserFactory(), PostFactory()
    with app.unit_of_work() as unit:
        first = app.likes.like_post(user.id, post.id)
        app.likes.unlike_post(user.id, post.id)
        with pytest.raises(errors.GoneError):
            unit.stored(first)
        second = app.likes.like_post(user.id, post.id)
        assert unit.stored(first) == unit.stored(second) == as_stored(app, second)


def test_a_feed_item_that_an_unfollow_takes_is_gone_and_one_that_is_read_is_told_as_read(app):
    post, other = PostFactory(), PostFactory()
    reader = UserFactory()
    for one in (post, other):
        app.follows.follow_user(reader.id, one.author_id)
    with app.unit_of_work() as unit:
        item = app.feeds.deliver(reader.id, post.id, post.author_id)
        kept = app.feeds.deliver(reader.id, other.id, other.author_id)
        app.feeds.mark_read(reader.id, other.id)
        app.follows.unfollow_user(reader.id, post.author_id)
    assert unit.stored(kept) == as_stored(app, kept)
    assert unit.stored(kept).is_read
    with pytest.raises(errors.GoneError):
        unit.stored(item)


def test_a_rehearsal_tells_its_values_without_a_read(app):
    with app.rehearsal() as unit:
        made = UserFactory(posts=2, followers=1)
        before = app.usage
        assert unit.stored(made) == made
        assert made.posts_count == 2
        assert app.usage == before
