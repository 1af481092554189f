"""A hook's argument may be declared in any form: it is evaluated as a field is, and read before anything is made."""

from __future__ import annotations

import factory
import pytest
from factory import fuzzy

from factories import CommentFactory, Draw, LikeFactory, Many, PostFactory, Range, Trait, UserFactory, recycle, using
from factories.errors import FactoryError, InvalidCountError, InvalidElementError, NotEnoughError, UnknownArgumentError
from seedbed.strategy.randomness import KeyedRandom, key_of
from services import connect

# One or two, each declared anew: an Iterator keeps its place.
COUNTS = {
    "Iterator": lambda: factory.Iterator([1, 2]),
    "Sequence": lambda: factory.Sequence(lambda number: number % 2 + 1),
    "LazyFunction": lambda: factory.LazyFunction(lambda: 2),
    "LazyAttribute": lambda: factory.LazyAttribute(lambda made: len(str(made.at)) % 2 + 1),
    "LazyAttributeSequence": lambda: factory.LazyAttributeSequence(lambda _made, number: number % 2 + 1),
    "SelfAttribute": lambda: factory.SelfAttribute("nothing", default=2),
    "FuzzyInteger": lambda: fuzzy.FuzzyInteger(1, 2),
    "FuzzyChoice": lambda: fuzzy.FuzzyChoice([1, 2]),
    "Draw": lambda: Draw(lambda random, _made: random.randint(1, 2)),
    "Maybe": lambda: factory.Maybe("at", 1, 2),
    "Transformer": lambda: factory.Transformer(1, transform=lambda size: size + 1),
    "a Range": lambda: factory.LazyFunction(lambda: Range(1, 2)),
    "a List": lambda: factory.List([factory.Dict({})]),
    "a list": lambda: factory.LazyFunction(lambda: [{}, {}]),
}
HOOKS = [
    (PostFactory, "likes", "likes_count"),
    (PostFactory, "comments", "comments_count"),
    (UserFactory, "followers", "followers_count"),
    (UserFactory, "following", "following_count"),
    (UserFactory, "posts", "posts_count"),
    (CommentFactory, "replies", "replies_count"),
]


@pytest.fixture(params=COUNTS)
def count(request):
    return COUNTS[request.param]


@pytest.fixture(params=HOOKS, ids=lambda hook: hook[1])
def hook(request):
    return request.param


def test_a_declared_count_is_evaluated_for_each_object(app, count, hook):
    made, name, counter = hook
    assert {getattr(one, counter) for one in made.create_batch(2, **{name: count()})} <= {1, 2}


def test_a_declared_count_is_evaluated_in_a_trait_and_in_the_hook_itself(app, count, hook):
    made, name, counter = hook
    mine = getattr(made, name)
    sized = Many(mine.get_factory(), mine.host, actor=mine.actor, texts=mine.texts, size=count())
    own = type("Own", (made,), {"Params": type("Params", (), {"some": Trait(**{name: count()})})})
    assert {getattr(one, counter) for one in own.create_batch(2, some=True)} <= {1, 2}
    assert getattr(own.create(), counter) == 0
    assert getattr(type("Sized", (made,), {name: sized}).create(), counter) in {1, 2}


def test_each_object_has_the_next_of_an_iterator(app):
    assert [post.likes_count for post in PostFactory.create_batch(4, likes=factory.Iterator([1, 2, 0]))] == [1, 2, 0, 1]


def test_it_sees_the_objects_fields_and_draws_by_the_hooks_name(app):
    caption = factory.LazyAttribute(lambda post: len(post.caption))
    assert PostFactory(caption="four", likes=caption).likes_count == 4
    drawn = []
    PostFactory(likes=Draw(lambda random, _post: drawn.append(random.random()) or 0))
    assert drawn == [KeyedRandom(key_of("PostFactory", 1, "likes")).random()]


def test_what_is_declared_in_a_list_is_evaluated_and_each_draw_is_another(app):
    ada = UserFactory()
    post = PostFactory(
        comments=[
            factory.Faker("word"),
            factory.LazyFunction(lambda: ada),
            factory.SubFactory(UserFactory, full_name="Ben Bitdiddle"),
            {"content": factory.Iterator(["Iterated"]), "user": factory.LazyFunction(lambda: ada)},
            factory.Dict({"content": factory.SelfAttribute("..caption")}),
            Draw(lambda random, _post: str(random.random())),
            Draw(lambda random, _post: str(random.random())),
        ],
        caption="Captioned",
    )
    comments = app.comments.of_post(post.id).items
    assert {"Iterated", "Captioned"} <= {comment.content for comment in comments}
    assert len({comment.content for comment in comments}) == 7
    assert [comment.user_id for comment in comments].count(ada.id) == 2


def test_arguments_for_what_a_hook_makes_are_evaluated_for_each(app):
    post = PostFactory(
        comments=3, comments__content=factory.Iterator(["a", "b", "c"]), comments__replies=COUNTS["Draw"]()
    )
    own = [comment for comment in app.comments.of_post(post.id).items if comment.parent_comment_id is None]
    assert {comment.content for comment in own} == {"a", "b", "c"}
    assert all(comment.replies_count in {1, 2} for comment in own)


def test_below_a_factory_of_factory_boy_it_is_evaluated_too(app):
    class CardFactory(factory.DictFactory):
        post = factory.SubFactory(PostFactory, likes=factory.Iterator([1, 2]))

    assert [app.posts.get(card["post"].id).likes_count for card in CardFactory.create_batch(2)] == [1, 2]
    calls = app.usage
    with pytest.raises(InvalidCountError):
        CardFactory(post__likes=factory.LazyFunction(lambda: -1), post__author_id="nobody")
    assert app.usage == calls


# What is refused is refused before anything is made


BAD = {
    "a number": lambda: -1,
    "a float": lambda: 1.5,
    "a word": lambda: "3",
    "None": lambda: None,
    "an element": lambda: [object()],
    "an Iterator": lambda: factory.Iterator([-1]),
    "a LazyFunction": lambda: factory.LazyFunction(lambda: None),
    "a Draw": lambda: Draw(lambda _random, _made: "many"),
    "a declared element": lambda: [factory.LazyFunction(object)],
    "a declared list": lambda: factory.List([factory.LazyFunction(object)]),
}


@pytest.fixture(params=BAD)
def bad(request):
    return BAD[request.param]


def test_a_bad_argument_is_refused_before_anything_is_made(app, bad, hook):
    made, name, _ = hook
    before = app.usage
    own = type("Own", (made,), {"Params": type("Params", (), {"some": Trait(**{name: bad()})})})
    for call in (lambda: made(**{name: bad()}), lambda: own(some=True), lambda: made.create_batch(2, **{name: bad()})):
        with pytest.raises((InvalidCountError, InvalidElementError), match=f"{name}"):
            call()
    assert app.usage == before
    assert own()  # off, it harms nobody


@pytest.mark.parametrize(
    "element",
    [{"likes": -2}, {"nope": 1}, {"at": "x"}, {"comments": [{"at": "x"}]}, {"likes": 1, "likes__user__nope": 1}],
    ids=["number", "keyword", "moment", "below", "deep"],
)
def test_a_bad_element_is_refused_before_it_and_those_before_it_are_made(app, element):
    before = app.usage
    for call in (
        lambda: UserFactory(posts=["a", element]),
        lambda: UserFactory.create_batch(2, posts=(element,)),
        lambda: UserFactory.create_each([{"posts": [element]}]),
        lambda: LikeFactory(post__author__posts=["a", element]),
    ):
        with pytest.raises(FactoryError):
            call()
    assert app.usage == before


@pytest.mark.parametrize("value", [-1, "3", [object()]], ids=["number", "word", "element"])
def test_a_bad_argument_for_what_is_nested_is_refused_before_anything_is_made(app, value):
    before = app.usage
    for call in (
        lambda: LikeFactory(user__followers=value),
        lambda: LikeFactory(post__author__posts=value),
        lambda: CommentFactory(post__likes=value),
        lambda: PostFactory(comments=1, comments__replies=value),
        lambda: UserFactory(posts=1, posts__comments__replies=value),
    ):
        with pytest.raises((InvalidCountError, InvalidElementError)):
            call()
    assert app.usage == before


def test_an_unknown_argument_for_what_is_nested_is_refused_before_anything_is_made(app):
    before = app.usage
    for call in (
        lambda: LikeFactory(user__nothing=1),
        lambda: CommentFactory(post__author__nothing=1),
        lambda: PostFactory(likes=1, likes__nothing=1),
        lambda: UserFactory(posts=1, posts__likes__user__nothing=1),
    ):
        with pytest.raises(UnknownArgumentError, match="nothing"):
            call()
    assert app.usage == before


def test_an_argument_for_another_factory_than_the_declared_one_is_left_to_that(app):
    class Editor(UserFactory):
        class Params:
            rank = 1

        full_name = factory.LazyAttribute(lambda user: f"Editor {user.rank}")

    class Post(PostFactory):
        class Params:
            edited = Trait(author=factory.SubFactory(Editor))

    for post in (Post(edited=True, author__rank=3), PostFactory(author=factory.SubFactory(Editor), author__rank=3)):
        assert app.profiles.get(post.author_id).full_name == "Editor 3"


def test_more_than_the_pool_has_are_refused_before_anything_is_made(app):
    with recycle(UserFactory.create_batch(3)):
        before = app.usage
        for likes in (4, factory.LazyFunction(lambda: 4), [{}] * 4):
            with pytest.raises(NotEnoughError, match="4 different objects"):
                PostFactory(likes=likes)
        assert app.usage == before
        assert PostFactory(likes=3).likes_count == 3


def test_the_same_arguments_make_the_same_world(app):
    def told():
        with connect(seed=0) as one, using(one, seed=5):
            posts = PostFactory.create_batch(4, likes=COUNTS["Draw"](), comments=Range(0, 3))
            return [(post.id[14:], post.likes_count, post.comments_count) for post in posts]

    assert told() == told()
