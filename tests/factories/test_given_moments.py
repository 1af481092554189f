"""Only a moment that we draw is moved up to its causes; one that a user gives, in whatever form, stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import factory
import pytest
from factory import fuzzy

from factories import (
    CommentFactory,
    Draw,
    FeedItemFactory,
    FollowFactory,
    LikeFactory,
    Many,
    One,
    PostFactory,
    Trait,
    UserFactory,
    recycle,
)
from factories.errors import InvalidMomentError

JAN, FEB, MAR = (datetime(2020, month, 1, tzinfo=UTC) for month in (1, 2, 3))
EARLIER = datetime(2019, 1, 1, tzinfo=UTC)
WITHIN = (JAN, FEB, MAR)

# Each makes a declaration anew: an Iterator keeps its place.
FORMS = {
    "datetime": lambda: JAN,
    "Iterator": lambda: factory.Iterator([JAN, FEB, MAR]),
    "Sequence": lambda: factory.Sequence(lambda number: JAN + timedelta(days=number % 30)),
    "LazyFunction": lambda: factory.LazyFunction(lambda: FEB),
    "LazyAttribute": lambda: factory.LazyAttribute(lambda _made: FEB),
    "LazyAttributeSequence": lambda: factory.LazyAttributeSequence(lambda _made, number: FEB + timedelta(number % 20)),
    "SelfAttribute": lambda: factory.SelfAttribute("__class__.MONTH", default=MAR),
    "FuzzyDateTime": lambda: fuzzy.FuzzyDateTime(JAN, MAR),
    "Draw": lambda: Draw(lambda random, _made: random.choice(WITHIN)),
    "Maybe": lambda: factory.Maybe(factory.LazyFunction(lambda: True), JAN, FEB),
    "Transformer": lambda: factory.Transformer(JAN, transform=lambda at: at + timedelta(days=1)),
}


def subclass(base, declared, where):
    """Declare `at` in a subclass: in its body, its Params, a trait that is on, or a stock trait that is on."""
    match where:
        case "body":
            return type("Own", (base,), {"at": declared})
        case "Params":
            return type("Own", (base,), {"Params": type("Params", (), {"at": declared})})
        case "Trait" | "factory.Trait":
            kind = Trait if where == "Trait" else factory.Trait
            return type("Own", (base,), {"Params": type("Params", (), {"old": kind(at=declared)}), "old": True})
    return None


def is_given(moment):
    return JAN <= moment <= MAR


@pytest.fixture(params=FORMS)
def form(request):
    return FORMS[request.param]


MADE = {
    PostFactory: lambda: {"author": UserFactory()},
    LikeFactory: lambda: {"user": UserFactory(), "post": PostFactory()},
    CommentFactory: lambda: {"user": UserFactory(), "post": PostFactory()},
    FollowFactory: lambda: {"follower": UserFactory(), "followee": UserFactory()},
    # When a post is in a feed follows from the post and the follow: the service lets none be there sooner.
    FeedItemFactory: lambda: {"reader": UserFactory(at=EARLIER), "post": PostFactory(at=EARLIER)},
}


@pytest.mark.parametrize("made", MADE, ids=lambda each: each.__name__)
def test_an_argument_of_the_call_stands_before_its_causes_too(app, form, made):
    assert is_given(made(at=form(), **MADE[made]()).created_at)
    assert is_given(made.build(at=form(), **MADE[made]()).created_at)


def test_each_of_a_batch_has_the_next_of_an_iterator(app):
    posts = PostFactory.create_batch(3, author=UserFactory(), at=factory.Iterator([JAN, FEB, MAR]))
    assert [post.created_at for post in posts] == [JAN, FEB, MAR]


def test_overrides_of_each_stand(app, form):
    at, author = form(), UserFactory()
    assert all(is_given(post.created_at) for post in PostFactory.create_each([{"author": author, "at": at}] * 3))


@pytest.mark.parametrize("where", ["body", "Params", "Trait", "factory.Trait"])
def test_what_a_subclass_declares_stands_alone_and_nested(app, form, where):
    own = subclass(PostFactory, form(), where)
    assert is_given(own(author=UserFactory()).created_at)

    class Author(UserFactory):
        posts = Many(own, "author")

    author = Author(at=JAN - timedelta(days=9), posts=3)
    assert all(is_given(post.created_at) for post in app.posts.by_author(author.id).items)


@pytest.mark.parametrize("where", ["body", "Params", "Trait", "factory.Trait"])
def test_what_a_sub_factory_declares_stands(app, form, where):
    own = subclass(UserFactory, form(), where)

    class Post(PostFactory):
        author = One(own)

    assert is_given(app.profiles.get(Post(at=MAR).author_id).created_at)


def test_arguments_of_a_sub_factory_stand(app, form):
    class Post(PostFactory):
        class Params:
            author = One("factories.users.UserFactory", at=form())

    assert is_given(app.profiles.get(Post(at=MAR).author_id).created_at)
    assert is_given(app.profiles.get(PostFactory(at=MAR, author__at=form()).author_id).created_at)
    assert is_given(app.posts.get(LikeFactory(at=MAR, post__at=form(), post__author=UserFactory()).post_id).created_at)


def test_arguments_of_a_hook_stand(app, form):
    user = UserFactory(posts=3, posts__at=form(), followers=2, followers__at=form())
    assert all(is_given(post.created_at) for post in app.posts.by_author(user.id).items)
    post = PostFactory(comments=3, comments__at=form(), comments__replies=1, comments__replies__at=form())
    assert all(is_given(comment.created_at) for comment in app.comments.of_post(post.id).items)


def test_a_moment_in_a_hooks_list_stands(app, form):
    post = PostFactory(comments=[{"at": form()}, {"at": form(), "content": "Late"}])
    assert [is_given(comment.created_at) for comment in app.comments.of_post(post.id).items] == [True, True]


def test_a_given_moment_stands_under_recycle(app, form):
    with recycle(UserFactory.create_batch(3), PostFactory()):
        assert is_given(LikeFactory(at=form()).created_at)


def test_a_parents_drawn_moment_that_a_user_hands_on_stands(app):
    class Post(PostFactory):
        class Params:
            author = One("factories.users.UserFactory", at=factory.SelfAttribute("..at"))

    post = Post(trending=True)
    assert app.profiles.get(post.author_id).created_at == post.created_at


def test_a_moment_that_is_declared_as_none_is_the_clocks(app):
    post = PostFactory(author=UserFactory(at=JAN), at=factory.LazyFunction(lambda: None))
    assert post.created_at > MAR


IMPOSSIBLE = {
    "text": "2020-01-01",
    "naive": datetime(2020, 1, 1),  # noqa: DTZ001
    "a number": 3,
    "a date": JAN.date(),
    "before 1970": datetime(1969, 12, 31, tzinfo=UTC),
    "the year 1": datetime(1, 1, 1, tzinfo=UTC),
    "beyond 9999": datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=2))),
}


@pytest.mark.parametrize("what", IMPOSSIBLE)
@pytest.mark.parametrize("is_declared", [False, True], ids=["given", "declared"])
def test_what_can_be_no_moment_is_refused_by_the_name_of_its_factory(app, what, is_declared):
    at, before = IMPOSSIBLE[what], app.usage
    form = factory.LazyFunction(lambda: at) if is_declared else at
    for call, name in (
        (lambda: UserFactory(at=form), "UserFactory"),
        (lambda: PostFactory(at=form), "PostFactory"),
        (lambda: PostFactory(author__at=form), "UserFactory"),
        (lambda: LikeFactory.build(at=form), "LikeFactory"),
        (subclass(CommentFactory, form, "body"), "Own"),
    ):
        with pytest.raises(InvalidMomentError, match=f"{name}'s at must be .*, not ") as caught:
            call()
        assert caught.value.value is at
    assert app.usage == before
    for call in (lambda: UserFactory(posts=1, posts__at=form), lambda: LikeFactory(post__at=form)):
        with pytest.raises(InvalidMomentError, match="PostFactory's at"):
            call()
    assert is_declared or app.usage == before  # what is declared for the post is known when that is begun


@pytest.mark.parametrize("made", [PostFactory, LikeFactory, CommentFactory, FollowFactory])
@pytest.mark.parametrize("at", [datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, 0, 30, tzinfo=UTC)], ids=str)
def test_what_happens_at_the_very_beginning_has_causes_there_too(app, made, at):
    assert made(at=at).created_at == made.build(at=at).created_at == at


# What we draw is moved


def test_a_trait_of_ours_waits_for_what_it_needs_in_a_subclass_with_a_moment_of_its_own_too(app):
    author = UserFactory()
    for made in (PostFactory, subclass(PostFactory, JAN, "body"), subclass(PostFactory, JAN, "Params")):
        assert made(author=author, trending=True, likes=0, comments=0).created_at >= author.created_at


def test_a_trait_of_ours_is_kept_by_what_a_hook_makes(app):
    user = UserFactory(at=JAN, posts=3, posts__trending=True, posts__likes=0, posts__comments=0)
    now = app.clock.now()
    moments = [post.created_at for post in app.posts.by_author(user.id).items]
    assert [now - timedelta(days=1, seconds=1) < moment <= now for moment in moments] == [True] * 3


def test_what_a_hook_draws_waits_for_who_does_it(app):
    late = UserFactory()
    post = PostFactory(at=JAN, author=UserFactory(at=JAN), likes=[late], comments=[late])
    comment = app.comments.of_post(post.id).items[0]
    assert comment.created_at >= late.created_at
