"""Our declarations answer every call that factory_boy's own answer: here those that pytest-factoryboy 2.8 makes."""

from __future__ import annotations

import factory
import pytest
from factory.builder import BuildStep, DeclarationSet, StepBuilder
from factory.declarations import PostGenerationContext, PostGenerationDeclaration, RelatedFactory

from factories import (
    CommentFactory,
    Draw,
    Fake,
    FeedItemFactory,
    FollowFactory,
    LikeFactory,
    PostFactory,
    Range,
    Trait,
    UserFactory,
)
from factories.errors import InvalidCountError
from factories.texts.voices import Voice

ALL = [UserFactory, PostFactory, LikeFactory, CommentFactory, FollowFactory, FeedItemFactory]


def as_a_fixture(made, **fixtures):
    """Make an object and run its hooks as pytest-factoryboy's model fixture does (`fixture.py`, model_fixture).

    A fixture stands for each declaration, and its value is the declaration itself, unless a test gives another.
    """
    values = dict(made._meta.declarations) | fixtures
    new = type("Factory", (made,), {})
    kept = {k: v for k, v in new._meta.base_declarations.items() if not isinstance(v, PostGenerationDeclaration)}
    new._meta.base_declarations, new._meta.post_declarations = kept, DeclarationSet()
    given = {name: values[name] for name in made._meta.pre_declarations}
    step = BuildStep(StepBuilder(new._meta, dict(given), "create"), new._meta.next_sequence())
    instance = new(**given)
    for name in made._meta.post_declarations.sorted():
        hook = made._meta.post_declarations.declarations[name]
        assert not isinstance(hook, RelatedFactory), "of that it would make one by itself"
        extra = {k: v for k, v in made._meta.post_declarations.contexts[name].items() if k}
        value = None if isinstance(values[name], factory.PostGeneration) else values[name]
        hook.call(instance, step, PostGenerationContext(value_provided=True, value=value, extra=extra))
    return instance


@pytest.mark.parametrize("made", ALL, ids=lambda each: each.__name__)
def test_what_stands_for_its_own_default_makes_what_is_made_without(app, made):
    one = as_a_fixture(made)
    assert isinstance(one, made._meta.model)
    assert UserFactory._meta.next_sequence() <= 3  # nobody was made who was not needed


SIZES = {
    "a number": lambda: 2,
    "a Range": lambda: Range(2, 2),
    "a list": lambda: [{}, {}],
    "an Iterator": lambda: factory.Iterator([2]),
    "a LazyFunction": lambda: factory.LazyFunction(lambda: 2),
}


@pytest.mark.parametrize("size", SIZES)
def test_a_hooks_fixture_sizes_it(app, size):
    user = as_a_fixture(UserFactory, followers=SIZES[size]())
    post = as_a_fixture(PostFactory, likes=SIZES[size]())
    comment = as_a_fixture(CommentFactory, replies=SIZES[size]())
    assert app.profiles.get(user.id).followers_count == 2
    assert app.posts.get(post.id).likes_count == 2
    assert app.comments.get(comment.post_id, comment.id).replies_count == 2


def test_a_hooks_bad_fixture_is_refused(app):
    with pytest.raises(InvalidCountError):
        as_a_fixture(PostFactory, likes=-1)


def test_a_traits_fixture_switches_it_on(app):
    class Loved(PostFactory):
        class Params:
            loved = Trait(likes=2, likes__user__bio="A liker", author__bio="The author", also=True)
            also = Trait(comments=["Hi"])

    on, off = as_a_fixture(Loved, loved=True), as_a_fixture(Loved)
    assert [(app.posts.get(one.id).likes_count, app.posts.get(one.id).comments_count) for one in (on, off)] == [
        (2, 1),
        (0, 0),
    ]
    assert app.profiles.get(on.author_id).bio == "The author" != app.profiles.get(off.author_id).bio
    assert {app.profiles.get(user.id).bio for user in app.likes.likers(on.id).items} == {"A liker"}


def test_hooks_of_ones_own_run_once_and_beside_a_trait(app):
    seen = []

    class Own(UserFactory):
        class Params:
            known = Trait(hook="by the trait")

        @factory.post_generation
        def hook(user, create, given, **more):
            seen.append((user.id, create, given, more))

    for fixtures in ({}, {"known": True}, {"hook": "given"}, {"known": True, "hook": "given"}):
        as_a_fixture(Own, **fixtures)
    assert [given for *_, given, _ in seen] == [None, "by the trait", "given", "given"]


def test_objects_that_are_given_for_all_that_is_nested_are_used(app):
    user, post = UserFactory(), PostFactory()
    like = as_a_fixture(LikeFactory, user=user, post=post)
    assert (like.user_id, like.post_id) == (user.id, post.id)
    assert UserFactory._meta.next_sequence() == 2


# Others' calls


def test_a_fakes_locale_is_an_argument_as_that_of_factory_boys_faker_is():
    class Card(factory.DictFactory):
        ours = Fake("country_code", locale="de_DE")
        city = Fake("city")

    assert Card.build(ours__locale="fr_FR", city__locale="de_DE").keys() == {"ours", "city"}


OURS = {"Draw": Draw(lambda random, _: random.random()), "Fake": Fake("word"), "Voice": Voice(lambda *_: "said")}


@pytest.mark.parametrize("kind", OURS)
def test_ours_may_stand_in_each_declaration_that_takes_another_and_in_factories_of_factory_boy(kind):
    declared = OURS[kind]

    class Card(factory.DictFactory):
        plain = declared
        changed = factory.Transformer(declared, transform=str)
        perhaps = factory.Maybe("plain", declared, None)
        listed = factory.List([declared])
        kept = factory.Dict({"plain": declared})
        nested = factory.SubFactory(factory.DictFactory, plain=declared)

    card = Card.build(more=declared)
    nested = [card["perhaps"], card["listed"][0], card["kept"]["plain"], card["nested"]["plain"], card["more"]]
    assert {type(value) for value in nested} == {type(card["plain"])}
    assert isinstance(card["changed"], str)
