"""What contradicts, and what nothing would use, is refused by name before anything is made; what agrees is taken."""

from __future__ import annotations

import factory
import factory.fuzzy
import pytest

from factories import (
    CommentFactory,
    FeedItemFactory,
    FollowFactory,
    LikeFactory,
    Many,
    PostFactory,
    Range,
    Trait,
    UserFactory,
    ValidationFailureError,
)
from factories.errors import (
    ContradictionError,
    InvalidCountError,
    MissingArgumentError,
    NotCreatedError,
    RepeatedPairError,
    UnknownArgumentError,
    UnusedArgumentError,
    WrongObjectError,
)
from seedbed import Then
from seedbed.strategy.errors import InvalidOverridesError

# Every factory with its roles, and what else says the same of each.
ROLES = [
    (PostFactory, "author"),
    (LikeFactory, "user"),
    (LikeFactory, "post"),
    (CommentFactory, "user"),
    (CommentFactory, "post"),
    (FollowFactory, "follower"),
    (FollowFactory, "followee"),
    (FeedItemFactory, "reader"),
    (FeedItemFactory, "post"),
]


def name_of(value):
    return getattr(value, "__name__", str(value))


every_role = pytest.mark.parametrize(("made", "role"), ROLES, ids=name_of)
every_way = pytest.mark.parametrize("way", ["create", "build", "stub", "create_batch"])


def make(maker, way, **arguments):
    return maker.create_batch(2, **arguments) if way == "create_batch" else getattr(maker, way)(**arguments)


def two(role):
    return (PostFactory if role == "post" else UserFactory).create_batch(2)


@pytest.fixture
def unchanged(app):
    """Fail, when called again, where anything was written since the first call."""
    seen = []

    def check():
        seen.append(app.usage.rows_put)
        assert seen[0] == seen[-1]

    return check


@every_role
@every_way
def test_an_object_and_another_ones_id_contradict(unchanged, made, role, way):
    one, other = two(role)
    unchanged()
    with pytest.raises(ContradictionError, match=f"{role}_id is") as refusal:
        make(made, way, **{role: one, f"{role}_id": other.id})
    assert refusal.value.given == {f"{role}_id": other.id, role: one.id}
    unchanged()


@every_role
def test_an_object_and_its_own_id_agree(app, made, role):
    one = two(role)[0]
    assert getattr(made(**{role: one, f"{role}_id": one.id}), f"{role}_id") == one.id


@every_role
def test_what_turns_out_to_contradict_is_refused_too(made, role, app):
    one, other = two(role)
    with pytest.raises(ContradictionError):
        made(**{role: one, f"{role}_id": factory.LazyFunction(lambda: other.id)})
    with pytest.raises(ContradictionError):
        made(**{role: factory.Iterator([one]), f"{role}_id": factory.LazyFunction(lambda: other.id)})


@every_role
@every_way
@pytest.mark.parametrize("given", ["object", "id"])
def test_what_is_said_of_an_object_that_is_given_is_refused(unchanged, made, role, way, given):
    one = two(role)[0]
    said = f"{role}__caption" if role == "post" else f"{role}__bio"
    unchanged()
    with pytest.raises(UnusedArgumentError, match=f"{said}: {role}(_id)? is given"):
        make(made, way, **({role: one} if given == "object" else {f"{role}_id": one.id}), **{said: "x"})
    unchanged()


@every_role
@every_way
@pytest.mark.parametrize(
    "declare",
    [
        lambda one: factory.Iterator([one]),
        lambda one: factory.LazyFunction(lambda: one),
        lambda one: factory.Sequence(lambda _: one),
        lambda one: factory.fuzzy.FuzzyChoice([one]),
        lambda one: factory.Maybe("nothing", factory.LazyFunction(lambda: one), factory.Iterator([one])),
    ],
    ids=["Iterator", "LazyFunction", "Sequence", "FuzzyChoice", "Maybe"],
)
def test_what_is_said_of_an_object_that_a_declaration_gives_is_refused(unchanged, made, role, way, declare):
    said = f"{role}__caption" if role == "post" else f"{role}__bio"
    declared = declare(two(role)[0])
    unchanged()
    with pytest.raises(UnusedArgumentError, match=f"{said}: {role} is given"):
        make(made, way, **{role: declared, said: "x"})
    unchanged()


@every_role
@every_way
@pytest.mark.parametrize("trait", [Trait, factory.Trait], ids=["ours", "stock"])
def test_what_is_said_of_an_object_that_a_trait_gives_is_refused(unchanged, made, role, way, trait):
    one, said = two(role)[0], f"{role}__caption" if role == "post" else f"{role}__bio"

    class WithTraits(made):
        class Params:
            given = trait(**{role: one})
            more = trait(given=True)

    unchanged()
    for flag in ("given", "more"):
        with pytest.raises(UnusedArgumentError, match=f"{said}: a trait gives {role}"):
            make(WithTraits, way, **{flag: True, said: "x"})
        unchanged()
    assert make(WithTraits, "build", **{said: "x"})


@every_role
def test_what_is_said_of_a_sub_factory_that_is_given_is_used(app, made, role):
    maker, field = (PostFactory, "caption") if role == "post" else (UserFactory, "bio")
    one = made(**{role: factory.SubFactory(maker), f"{role}__{field}": "x"})
    get = app.posts.get if role == "post" else app.profiles.get
    assert getattr(get(getattr(one, f"{role}_id")), field) == "x"


@every_way
def test_a_parent_that_is_no_comment_is_refused(unchanged, way):
    for other in (PostFactory(), UserFactory(), 7, "ada"):
        unchanged()
        with pytest.raises(WrongObjectError, match="parent must be a stored object"):
            make(CommentFactory, way, parent=other)
        unchanged()


@pytest.mark.parametrize("value", ["no", 0, 1, None], ids=repr)
def test_a_feed_item_is_read_or_not_and_nothing_else(unchanged, value):
    reader, post = UserFactory(), PostFactory()
    unchanged()
    with pytest.raises(ValidationFailureError, match="is_read"):
        FeedItemFactory(reader=reader, post=post, is_read=value)
    unchanged()


@every_role
@pytest.mark.parametrize("value", [None, 7, "ada"], ids=repr)
def test_what_is_no_object_is_refused(unchanged, made, role, value):
    unchanged()
    with pytest.raises(WrongObjectError, match=f"{role} must be a stored object"):
        made(**{role: value})
    unchanged()


@every_role
def test_no_object_is_fine_where_the_id_is_given(app, made, role):
    one = two(role)[0]
    assert getattr(made(**{role: None, f"{role}_id": one.id}), f"{role}_id") == one.id


def test_a_reply_is_on_its_parents_post(unchanged, app):
    parent, other = CommentFactory(), PostFactory()
    unchanged()
    for elsewhere in ({"post": other}, {"post_id": other.id}, {"parent_comment_id": "x"}):
        with pytest.raises(ContradictionError):
            CommentFactory(parent=parent, **elsewhere)
    with pytest.raises(UnusedArgumentError, match="post__caption: parent is given"):
        CommentFactory(parent=parent, post__caption="x")
    unchanged()
    post = app.posts.get(parent.post_id)
    assert CommentFactory(parent=parent, post=post, post_id=post.id).post_id == post.id


def test_a_parents_id_alone_does_not_say_where_the_reply_is(unchanged):
    parent = CommentFactory()
    unchanged()
    with pytest.raises(MissingArgumentError, match="parent or post or post_id beside parent_comment_id"):
        CommentFactory(parent_comment_id=parent.id)
    unchanged()
    assert CommentFactory(parent_comment_id=parent.id, post_id=parent.post_id).parent_comment_id == parent.id


def test_a_feed_item_has_the_posts_own_author(unchanged):
    post, other = PostFactory(), UserFactory()
    unchanged()
    with pytest.raises(ContradictionError, match="author_id"):
        FeedItemFactory(post=post, author_id=other.id)
    unchanged()
    assert FeedItemFactory(post_id=post.id).author_id == post.author_id


@pytest.mark.parametrize(
    ("made", "arguments"),
    [
        (PostFactory, {"caption__x": 1}),
        (PostFactory, {"is_public__x": 1}),
        (PostFactory, {"author_id__x": 1}),
        (PostFactory, {"viral__x": 1}),
        (PostFactory, {"topic__x": 1}),
        (PostFactory, {"caption": "x", "caption__y": 1}),
        (PostFactory, {"topic": "food", "caption": "x"}),
        (CommentFactory, {"parent__content": "x"}),
        (UserFactory, {"handle__x": 1}),
        (UserFactory, {"email_verified__x": 1}),
        (LikeFactory, {"post__caption__x": 1}),
        (LikeFactory, {"post__author__bio__x": 1}),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_what_nothing_takes_is_refused(unchanged, made, arguments):
    unchanged()
    with pytest.raises(UnusedArgumentError):
        made(**arguments)
    unchanged()


def test_what_is_nested_is_looked_at_before_anything_is_made(unchanged):
    one, other = UserFactory.create_batch(2)
    unchanged()
    for arguments in ({"post__author_id": other.id}, {"post__author__bio": "x"}):
        with pytest.raises((ContradictionError, UnusedArgumentError)):
            LikeFactory(post__author=one, **arguments)
    with pytest.raises((ContradictionError, UnusedArgumentError)):
        PostFactory(comments=2, comments__user=one, comments__user_id=other.id)
    unchanged()


# Hooks


def hooks():
    """Every hook with its host's factory, and the arguments that the host decides."""
    yield UserFactory, "followers", ["followee", "followee_id", "followee__bio"]
    yield UserFactory, "following", ["follower", "follower_id"]
    yield UserFactory, "posts", ["author", "author_id", "author__bio"]
    yield PostFactory, "likes", ["post", "post_id", "post__caption"]
    yield PostFactory, "comments", ["post", "post_id", "parent"]
    yield CommentFactory, "replies", ["parent", "parent_comment_id", "post", "post_id"]


DECIDED = [(made, hook, name) for made, hook, names in hooks() for name in names]


@pytest.mark.parametrize(("made", "hook", "name"), DECIDED, ids=name_of)
def test_what_the_object_itself_decides_cannot_be_said_of_what_it_has(unchanged, made, hook, name):
    other = PostFactory()
    unchanged()
    for arguments in ({hook: 1, f"{hook}__{name}": other}, {hook: [{name: other}]}):
        with pytest.raises(UnusedArgumentError, match=f"{hook} would not use {name}"):
            made(**arguments)
    unchanged()


PAIRED = [
    (PostFactory, "likes", "user"),
    (UserFactory, "followers", "follower"),
    (UserFactory, "following", "followee"),
]


@pytest.mark.parametrize(("made", "hook", "actor"), PAIRED, ids=name_of)
def test_the_same_pair_is_not_asked_for_twice(unchanged, made, hook, actor):
    one = UserFactory()
    unchanged()
    for arguments in (
        {hook: 3, f"{hook}__{actor}": one},
        {hook: 2, f"{hook}__{actor}_id": one.id},
        {hook: Range(2, 3), f"{hook}__{actor}": one},
        {hook: [one, one]},
        {hook: [one, {actor: one}]},
        {hook: [one, {f"{actor}_id": one.id}]},
        {hook: factory.LazyFunction(lambda: [one, one])},
    ):
        with pytest.raises(RepeatedPairError):
            made(**arguments)
    unchanged()
    assert getattr(made(**{hook: 1, f"{hook}__{actor}": one}), f"{hook}_count") == 1


@pytest.mark.parametrize(("made", "hook", "actor"), PAIRED, ids=name_of)
def test_a_pair_that_turns_out_to_be_the_same_is_not_called_two(app, made, hook, actor):
    one = UserFactory()
    with pytest.raises(RepeatedPairError):
        made(**{hook: 2, f"{hook}__{actor}": factory.LazyFunction(lambda: one)})


def test_one_may_comment_several_times(app):
    ada = UserFactory()
    assert PostFactory(comments=3, comments__user=ada).comments_count == 3
    assert PostFactory(comments=[ada, ada, "Hi"], comments__content="x").comments_count == 3


@pytest.mark.parametrize(("made", "hook", "actor"), [*PAIRED, (PostFactory, "comments", "user")], ids=name_of)
def test_what_is_said_of_all_where_each_says_its_own_is_refused(unchanged, made, hook, actor):
    one, other = UserFactory.create_batch(2)
    unchanged()
    for arguments in ({f"{hook}__{actor}": other}, {f"{hook}__{actor}__bio": "x"}, {f"{hook}__{actor}_id": other.id}):
        with pytest.raises(UnusedArgumentError, match="says its own"):
            made(**{hook: [one]}, **arguments)
    unchanged()


@pytest.mark.parametrize("argument", ["likes__user__bio", "comments__content", "comments__replies"])
def test_what_is_said_of_nothing_is_refused(unchanged, argument):
    unchanged()
    with pytest.raises(UnusedArgumentError, match="are asked for"):
        PostFactory(**{argument: 1 if argument == "comments__replies" else "x"})
    unchanged()
    assert PostFactory(likes=0, likes__user__bio="x").likes_count == 0


BATCHES = [(LikeFactory, "user", "post"), (FollowFactory, "follower", "followee"), (FeedItemFactory, "reader", "post")]


@pytest.mark.parametrize(("made", "one", "other"), BATCHES, ids=name_of)
def test_a_batch_of_one_and_the_same_pair_is_refused(unchanged, made, one, other):
    first = UserFactory()
    second = two(other)[0]
    objects, ids = {one: first, other: second}, {f"{one}_id": first.id, f"{other}_id": second.id}
    unchanged()
    for arguments in (objects, ids):
        with pytest.raises(RepeatedPairError, match=r"[23] times"):
            made.create_batch(3, **arguments)
    with pytest.raises(RepeatedPairError):
        made.create_each([objects, ids])
    unchanged()
    assert len(made.create_batch(1, **objects)) == 1
    with pytest.raises(RepeatedPairError):
        made.create_batch(2, **objects | {one: factory.LazyFunction(lambda: first)})


# Build and stub


@pytest.mark.parametrize("way", ["build", "stub", "build_batch", "stub_batch"])
@pytest.mark.parametrize(
    "arguments", [{"likes": 3}, {"likes": Range(0, 1)}, {"comments": ["Hi"]}, {"likes__at": 1}], ids=str
)
def test_what_belongs_to_a_post_is_not_asked_of_one_that_is_not_created(app, way, arguments):
    made = getattr(PostFactory, way)
    with pytest.raises(NotCreatedError, match=r"makes (likes|comments) only where it creates"):
        made(2, **arguments) if way.endswith("batch") else made(**arguments)


@pytest.mark.parametrize("way", ["build", "stub"])
def test_traits_and_nothing_may_be_asked_of_any(app, way):
    made = getattr(PostFactory, way)
    assert [made(viral=True).caption != "", made(likes=0, comments=[]).caption != ""] == [True, True]
    with pytest.raises(NotCreatedError):
        getattr(LikeFactory, way)(post__likes=3)


# Traits of factory_boy's own


def test_a_stock_trait_that_sizes_a_hook_works(app):
    class StarFactory(UserFactory):
        class Params:
            star = factory.Trait(followers=2)
            quiet = Trait(followers=0)

    assert [StarFactory(star=True).followers_count, StarFactory().followers_count] == [2, 0]
    assert StarFactory(star=True, followers=1).followers_count == 1


DECIDED = {
    "an id": lambda ada: ada.id,
    "an iterator": lambda ada: factory.Iterator([ada.id]),
    "a function": lambda ada: factory.LazyFunction(lambda: ada.id),
    "a sequence": lambda ada: factory.Sequence(lambda _n: ada.id),
}


@pytest.mark.parametrize("declared", DECIDED.values(), ids=DECIDED)
@pytest.mark.parametrize("given", ["author", "author__bio"])
def test_a_class_that_says_whose_it_is_itself_is_told_nothing_else(app, declared, given):
    ada, bob = UserFactory.create_batch(2)

    class AdasPostFactory(PostFactory):
        author_id = declared(ada)

    assert AdasPostFactory().author_id == ada.id
    assert AdasPostFactory(author_id=bob.id).author_id == bob.id
    with pytest.raises(UnusedArgumentError, match=f"would not use {given}: the class itself says author_id"):
        AdasPostFactory(**{given: bob if given == "author" else "Poet"})


def test_a_class_that_reads_the_id_of_the_object_in_a_way_of_its_own_takes_it(app):
    bob = UserFactory()

    class OwnPostFactory(PostFactory):
        author_id = factory.LazyAttribute(lambda post: post.author.id)

    assert OwnPostFactory(author=bob).author_id == bob.id


def test_stock_related_factories_that_ask_for_one_pair_twice_are_refused(app):
    bob = UserFactory()

    class ListedFactory(PostFactory):
        liked = factory.RelatedFactoryList(LikeFactory, "post", size=3, user=bob)

    class PairedFactory(PostFactory):
        first = factory.RelatedFactory(LikeFactory, "post", user=bob)
        second = factory.RelatedFactory(LikeFactory, "post", user=bob)

    class OtherFactory(PostFactory):
        first = factory.RelatedFactory(LikeFactory, "post", user=bob)
        liked = factory.RelatedFactoryList(LikeFactory, "post", size=3)

    with pytest.raises(RepeatedPairError, match="same post and user 3 times"):
        ListedFactory()
    with pytest.raises(RepeatedPairError, match="same post and user 2 times"):
        PairedFactory()
    assert OtherFactory().likes_count == 4
    assert ListedFactory.build().likes_count == 0


@pytest.mark.parametrize(
    "overrides", [{"bio": "x"}, ["bio"], [None], [1], "ab", None, 5, [{5: "x"}], [{}, "x"]], ids=repr
)
def test_create_each_refuses_what_is_no_list_of_keywords_before_anything_is_made(app, overrides):
    with pytest.raises(InvalidOverridesError, match=r"UserFactory.create_each takes a list of mappings"):
        UserFactory.create_each(overrides)
    assert app.audit().rows <= 1


@pytest.mark.parametrize("size", [10**9, -1, 1.5, "3", None], ids=repr)
@pytest.mark.parametrize("method", ["create_batch", "build_batch", "stub_batch"])
def test_a_batch_is_of_a_number_that_somebody_means(app, method, size):
    with pytest.raises(InvalidCountError, match=r"^the size of UserFactory's batch must be "):
        getattr(UserFactory, method)(size)


def wordless(factory_boys):
    """A factory of a trait that adds a hook of each kind and a nested field; with a second one that switches it on."""

    class WithTraits(PostFactory):
        class Params:
            loud = factory_boys(
                cheers=Many(LikeFactory, "post", user=factory.SubFactory(UserFactory)),
                more=factory.RelatedFactory(CommentFactory, "post"),
                shout=factory.PostGeneration(lambda *_, **__: None),
                edit=Then("posts.update_post", user_id=factory.SelfAttribute("author_id"), caption="edited"),
                editor=factory.SubFactory(UserFactory),
            )
            louder = factory_boys(loud=True)

        class Meta:
            exclude = ("editor",)

    return WithTraits


SAID = {
    "cheers": 2,
    "cheers__user__bio": "x",
    "more": CommentFactory,
    "more__content": "x",
    "shout": 1,
    "shout__word": "x",
    "edit": {"caption": "x"},
    "edit__caption": "x",
    "editor__bio": "x",
}


@every_way
@pytest.mark.parametrize("trait", [Trait, factory.Trait], ids=["ours", "stock"])
@pytest.mark.parametrize("said", SAID)
def test_what_is_said_of_a_hook_or_object_of_a_trait_that_is_off_is_refused(unchanged, said, way, trait):
    factory_class, root = wordless(trait), said.partition("__")[0]
    unchanged()
    for off in ({}, {"loud": False}, {"louder": False}):
        with pytest.raises((UnusedArgumentError, NotCreatedError), match=said.partition("__")[0]):
            make(factory_class, way, **{said: SAID[said]}, **off)
    unchanged()
    if way == "create":
        with pytest.raises(UnusedArgumentError, match=f"{root} is of the trait loud, which is off"):
            factory_class(**{said: SAID[said]})
        assert factory_class(louder=True, **({"cheers": 1} | {said: SAID[said]}))


@pytest.mark.parametrize("argument", ["cheers__nothing", "cheers__user__nothing", "editor__nothing"])
def test_what_is_said_of_what_a_trait_adds_is_looked_at_before_anything_is_made(unchanged, argument):
    factory_class = wordless(Trait)
    unchanged()
    with pytest.raises(UnknownArgumentError, match="nothing"):
        factory_class(loud=True, **{argument: 1})
    unchanged()


def test_all_traits_that_would_add_it_are_named(unchanged):
    unchanged()

    class Quiet(PostFactory):
        class Params:
            hushed = Trait(cheers=Many(LikeFactory, "post", actor="user", size=1))
            silent = Trait(cheers=Many(LikeFactory, "post", actor="user", size=2))

    with pytest.raises(UnusedArgumentError, match="cheers is of the traits silent, hushed, which are off"):
        Quiet(cheers=2)
    unchanged()


def test_where_a_trait_is_drawn_what_is_said_of_it_is_for_whom_it_is_on(app):
    factory_class = wordless(Trait)
    posts = factory_class.create_batch(2, loud=factory.Iterator([True, False]), edit__caption="x")
    assert [post.caption == "x" for post in posts] == [True, False]


@pytest.mark.parametrize("none", [{"cheers": 0}, {"cheers": []}, {"cheers": ()}, {"edit": False}, {"edit": None}])
def test_to_ask_for_none_of_what_a_trait_adds_is_right_when_it_is_off(app, none):
    assert wordless(Trait)(**none).likes_count == 0


def test_a_hook_that_is_given_takes_the_place_of_one_that_is_off(app):
    seen = []

    def see(_post, _create, _value, **words):
        seen.append(words)

    wordless(Trait)(shout=factory.PostGeneration(see), shout__word=1)
    assert seen == [{"word": 1}]
