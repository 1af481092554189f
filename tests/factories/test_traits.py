"""A trait that is off is as if it were not there, and one that is on does what its arguments would, at any depth."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import factory
import numpy as np
import pytest
from factory.errors import InvalidDeclarationError
from factory.random import reseed_random
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from factories import (
    CommentFactory,
    Draw,
    LikeFactory,
    One,
    PostFactory,
    Range,
    ServiceFactory,
    SocialFactory,
    Trait,
    UserFactory,
    using,
)
from factories.errors import FactoryError
from seedbed.dynamo.digest import digest_of
from services import connect
from services.entities import User

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

# What a trait of a post may say. Each makes its value anew: an Iterator keeps its place.
ARGUMENTS = {
    "caption": lambda: "Said by a trait #once",
    "is_public": lambda: factory.Iterator([False, True]),
    "image_url": lambda: None,
    "image_url__topic": lambda: "food",
    "topic": lambda: "food",
    "at": lambda: datetime(2026, 1, 1, tzinfo=UTC),
    "author": lambda: factory.SubFactory(UserFactory, full_name="Ada Lovelace"),
    "author__bio": lambda: "B",
    "author__verified": lambda: True,
    "author__followers": lambda: factory.Iterator([1, 2]),
    "author__new_user": lambda: True,
    "author__followers__follower__bio": lambda: "A follower",
    "likes": lambda: Draw(lambda random, _post: random.randint(1, 2)),
    "likes__user__bio": lambda: "A liker",
    "likes__at": lambda: datetime(2026, 2, 1, tzinfo=UTC),
    "comments": lambda: ["One", {"content": factory.LazyAttribute(lambda made: f"Two {made.post_id[:3]}")}],
    "comments__replies": lambda: Range(1, 2),
    "comments__user__verified": lambda: True,
    "viral_enough": lambda: True,
}


class Base(PostFactory):
    class Params:
        viral_enough = Trait(likes=3, likes__user__bio="Enough", author__bio="Known")


def post_factory(**params):
    """Make a post factory, always of the same name: draws are keyed by it."""
    return type("PostFactory", (Base,), {"Params": type("Params", (), params)})


def world(make):
    """Make a post in a fresh app: what is returned, and what is in the table."""
    with connect(seed=0, clock=lambda: NOON) as app, using(app, seed=1):
        return make(), app.profiles.find_by_handle("nobody"), str(digest_of(app.session.store))


def used(chosen):
    """Leave out what a call would be refused: arguments of what is given whole, and of what is not asked for."""
    vain = {"topic"} if "caption" in chosen else set()
    vain |= {"image_url__topic"} if "image_url" in chosen else set()
    vain |= {name for name in chosen if name.startswith("likes__") and not {"likes", "viral_enough"} & {*chosen}}
    vain |= {name for name in chosen if name.startswith("comments__") and "comments" not in chosen}
    vain |= {"author__followers__follower__bio"} if "author__followers" not in chosen else set()
    return [name for name in chosen if name not in vain]


names = st.lists(st.sampled_from(sorted(ARGUMENTS)), unique=True, min_size=1, max_size=5).map(used)
few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def values(chosen):
    return {name: ARGUMENTS[name]() for name in chosen}


@few
@given(names, names, st.sampled_from([Trait, factory.Trait]))
@example(["author__bio", "author__followers", "likes", "likes__user__bio"], ["comments"], factory.Trait)
def test_off_it_is_as_if_it_were_not_there(chosen, also, kind):
    with_trait = post_factory(one=kind(**values(chosen)), other=kind(**values(also), one=True))
    plain = post_factory()
    assert world(lambda: with_trait.create_batch(2)) == world(lambda: plain.create_batch(2))
    assert world(with_trait.build) == world(plain.build)


@few
@given(names, st.sampled_from([Trait, factory.Trait]))
@example(used(sorted(set(ARGUMENTS) - {"viral_enough"})), Trait)
@example(["author__bio", "likes", "likes__at", "image_url__topic"], factory.Trait)
def test_on_it_does_what_its_arguments_would(chosen, kind):
    with_trait, plain, given_ = post_factory(one=kind(**values(chosen))), post_factory(), values(chosen)
    assert world(lambda: with_trait.create_batch(2, one=True)) == world(lambda: plain.create_batch(2, **given_))


@few
@given(names, names)
@example(["author__bio"], ["author__bio", "likes"])
@example(["image_url"], ["image_url__topic", "likes"])
def test_arguments_of_the_call_beat_it(chosen, also):
    with_trait, plain = post_factory(one=Trait(**values(chosen))), post_factory()
    both = used([*chosen, *also])
    given_ = values(name for name in also if name in both)
    assert world(lambda: with_trait.create(one=True, **given_)) == world(lambda: plain.create(**values(both)))


@few
@given(names)
def test_one_that_is_switched_on_by_another_is_on(chosen):
    deep = post_factory(one=Trait(**values(chosen)), two=Trait(one=True), three=Trait(two=True))
    three = Trait(two=True)  # the other way round: of those that enable others first
    first = post_factory(three=three, two=Trait(one=True), one=Trait(**values(chosen)))
    plain, given_ = post_factory(), values(chosen)
    wanted = world(lambda: plain.create(**given_))
    assert world(lambda: deep.create(three=True)) == world(lambda: first.create(three=True)) == wanted
    assert world(deep.create) == world(first.create) == world(plain.create)


@pytest.mark.parametrize("kind", [Trait, factory.Trait], ids=["ours", "factory_boys"])
def test_of_two_that_are_on_the_later_one_wins_and_either_may_be_alone(app, kind):
    made = post_factory(one=kind(author__bio="One", likes=1), two=kind(author__bio="Two", likes=2))

    def told(**on):
        post = made(**on)
        return app.profiles.get(post.author_id).bio, post.likes_count

    assert [told(one=True), told(two=True), told(one=True, two=True)] == [("One", 1), ("Two", 2), ("Two", 2)]


def test_a_nested_factorys_trait_may_be_set_by_a_trait_of_a_factory_around_it(app):
    class Like(LikeFactory):
        class Params:
            loud = Trait(post__author__new_user=True, user__verified=True, post__comments=1)

    quiet, loud = Like(), Like(loud=True)
    assert app.posts.get(quiet.post_id).comments_count == 0
    post = app.posts.get(loud.post_id)
    assert (post.comments_count, app.profiles.get(post.author_id).bio) == (1, None)
    assert app.profiles.get(loud.user_id).email_verified


def test_a_trait_is_what_it_says_for_each_kind_of_flag(app):
    class Post(PostFactory):
        class Params:
            one = Trait(likes=1, author__bio="One")
            also = factory.LazyAttribute(lambda post: not post.is_public)

    def told(posts):
        return [(post.likes_count, app.profiles.get(post.author_id).bio == "One") for post in posts]

    flags = factory.Iterator([True, False])
    assert told(Post.create_batch(2, one=flags)) == [(1, True), (0, False)]
    private = Post.create_batch(2, one=factory.SelfAttribute("also"), is_public=factory.Iterator([False, True]))
    assert told(private) == [(1, True), (0, False)]


def test_a_trait_that_gives_an_id_makes_no_stranger(app):
    ada, post = UserFactory(), PostFactory()

    class Like(LikeFactory):
        class Params:
            known = Trait(user_id=ada.id, post_id=post.id)

    assert Like(known=True).user_id == ada.id
    assert UserFactory._meta.next_sequence() == 2  # after ada and the post's author


def test_a_trait_that_only_adds_an_id_leaves_the_object_while_it_is_off():
    class Card(SocialFactory):
        class Meta:
            model = dict

        class Params:
            editor = One(UserFactory)
            known = Trait(editor_id="an id")

        is_edited = factory.LazyAttribute(lambda card: card.editor is not None)

    assert [Card.build(), Card.build(known=True)] == [{"is_edited": True}, {"is_edited": False, "editor_id": "an id"}]


def test_a_trait_of_a_parent_beats_what_a_subclass_declares_in_params(app):
    class Base(PostFactory):
        class Params:
            food = Trait(topic="food")

    class Own(Base):
        class Params:
            topic = factory.LazyFunction(lambda: "music")
            shown = factory.LazyAttribute(lambda post: post.topic)

        image_url = factory.SelfAttribute("shown")

    assert [Own.stub().image_url, Own.stub(food=True).image_url] == ["music", "food"]


def test_below_a_factory_of_factory_boy_a_trait_is_the_same(app):
    class Card:
        def __init__(self, post):
            self.post = post

    class CardFactory(factory.Factory):
        class Meta:
            model = Card

        post = factory.SubFactory(post_factory(one=Trait(author__bio="B", likes=factory.Iterator([1, 2]))))

    off, on = CardFactory().post, CardFactory(post__one=True).post
    assert (off.likes_count, app.posts.get(on.id).likes_count) == (0, 1)
    assert app.profiles.get(off.author_id).bio not in {None, "B"}
    assert app.profiles.get(on.author_id).bio == "B"


# On a factory of any kind


class Thing:
    def __init__(self, **values):
        self.__dict__.update(values)

    def __eq__(self, other):
        return type(other) is Thing and vars(self) == vars(other)

    __hash__ = None


def thing_factory(**params):
    class Part(ServiceFactory):
        class Meta:
            model = Thing

        size = 1
        name = factory.Sequence("part {}".format)

    class Whole(ServiceFactory):
        class Meta:
            model = Thing

        part = factory.SubFactory(Part)
        quiet = factory.Transformer("quiet", transform=str.upper)
        fake = factory.Faker("pystr", min_chars=3, max_chars=3)
        seen = factory.LazyAttribute(lambda thing: getattr(thing, "extra", "nothing"))

        @factory.post_generation
        def hook(thing, _create, extracted, **more):
            thing.hooked = (extracted, more)

    return type("Whole", (Whole,), {"Params": type("Params", (), params)})


THINGS = {
    "part__size": 3,
    "quiet": "loud",
    "fake__max_chars": 9,
    "extra": "an attribute that nothing else declares",
    "hook": "an argument",
    "hook__more": 2,
}


@settings(deadline=None)
@given(st.lists(st.sampled_from(sorted(THINGS)), unique=True, min_size=1))
def test_any_declaration_of_factory_boy_can_be_under_a_trait(chosen):
    given_ = {name: THINGS[name] for name in chosen}
    made, plain = thing_factory(one=Trait(**given_)), thing_factory()
    reseed_random(1)
    wanted = [plain.build(), plain.build(**given_)]
    reseed_random(1)
    assert [made.build(), made.build(one=True)] == wanted


@pytest.mark.parametrize(
    "flags", [{}, {"one": True}, {"one": True, "part__size": 5}, {"one": False, "size": 3}], ids=str
)
def test_in_a_factory_that_is_none_of_ours_it_is_factory_boys_own(flags):
    def made(kind):
        class Part(factory.Factory):
            class Meta:
                model = Thing

            size = 1

        class Whole(factory.Factory):
            class Meta:
                model = Thing

            class Params:
                one = kind(size=2, part__size=7, two=True)
                two = kind(name="two", part__inner__size=9)

            size = 1
            part = factory.SubFactory(Part, inner=factory.SubFactory(Part))

        return Whole.build(**flags)

    assert made(Trait) == made(factory.Trait)


def test_a_call_reaches_a_transformer_under_a_trait():
    made = thing_factory(one=Trait(quiet="loud"))
    assert made.build(quiet="said").quiet == made.build(quiet="said", one=True).quiet == "SAID"
    assert made.build(one=True).quiet == "LOUD"
    assert made.build(one=True, quiet=factory.Transformer.Force("as it is")).quiet == "as it is"


def test_a_hook_that_only_a_trait_adds_runs_while_it_is_on_and_has_no_result_while_it_is_off():
    seen = []

    class Own(thing_factory(one=Trait(more=factory.PostGeneration(lambda thing, _create, _given: thing.quiet)))):
        @classmethod
        def _after_postgeneration(cls, _instance, *, results, **_create):
            seen.append(results)

    Own.build()
    Own.build(one=True)
    assert seen == [{"hook": None}, {"hook": None, "more": "QUIET"}]


def test_a_hook_in_the_place_of_a_field_is_refused_when_the_class_is_made():
    with pytest.raises(InvalidDeclarationError, match="the trait wrong puts a hook"):
        thing_factory(wrong=Trait(fake=factory.PostGeneration(print)))


def test_a_comments_trait_reaches_what_stands_behind_a_condition(app):
    class Comment(CommentFactory):
        class Params:
            known = Trait(post__caption="Known", replies=1)

    comment = Comment(known=True)
    assert (app.posts.get(comment.post_id).caption, comment.replies_count) == ("Known", 1)
    reply = Comment(parent=comment)
    assert (reply.post_id, reply.replies_count, type(app.profiles.get(reply.user_id))) == (comment.post_id, 0, User)


@pytest.mark.parametrize("one", [np.True_, 1, factory.LazyFunction(lambda: np.int64(2))], ids=["bool_", "int", "drawn"])
@pytest.mark.parametrize(
    "none", [np.False_, 0, None, factory.LazyFunction(bool)], ids=["bool_", "int", "None", "drawn"]
)
def test_a_trait_is_switched_by_what_is_as_good_as_a_bool(app, one, none):
    assert Base(viral_enough=one).likes_count == 3
    assert Base(viral_enough=none).likes_count == 0


@pytest.mark.parametrize("keyword", ["viral_enough", "trending"])
@pytest.mark.parametrize(
    "flag",
    ["no", "yes", "", b"0", bool, lambda: False, factory.LazyFunction(lambda: "false"), factory.Iterator(["off"])],
    ids=["no", "yes", "empty", "bytes", "class", "function", "drawn", "iterated"],
)
def test_a_trait_switched_by_a_text_or_a_function_is_refused_before_anything_is_made(app, keyword, flag):
    for call in (Base, Base.build, partial(Base.create_batch, 2)):
        with pytest.raises(FactoryError, match=f"Base: the trait {keyword} is on or off, True or False, not "):
            call(**{keyword: flag})
    assert not [row for rows in app.session.store.scan() for row in rows]


def test_a_trait_of_what_is_made_first_is_refused_by_its_own_factory(app):
    with pytest.raises(FactoryError, match="UserFactory: the trait influencer is on or off, True or False, not 'no'"):
        PostFactory(author__influencer="no")
    assert not [row for rows in app.session.store.scan() for row in rows]
