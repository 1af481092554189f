"""The factories over models of every kind: factory_boy's recipes work, and nobody is made twice."""

from __future__ import annotations

import dataclasses
import inspect
from datetime import UTC, datetime
from typing import NamedTuple, TypedDict

import attrs
import factory
import pydantic
import pytest

from factories import (
    CommentFactory,
    FeedItemFactory,
    FollowFactory,
    LikeFactory,
    Many,
    PostFactory,
    SocialFactory,
    UserFactory,
)
from factories.errors import InvalidCountError, InvalidOptionError
from services.entities import User

ALL = [UserFactory, PostFactory, LikeFactory, CommentFactory, FollowFactory, FeedItemFactory]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@attrs.define
class Attrs:
    id: str
    created_at: datetime
    title: str


@dataclasses.dataclass
class Data:
    id: str
    created_at: datetime
    title: str


class Tuple(NamedTuple):
    id: str
    created_at: datetime
    title: str


class Validated:
    """As pydantic's models are: they take anything, and their signature tells what is meant."""

    __signature__ = inspect.signature(Data)

    def __init__(self, **fields):
        self.__dict__.update(fields)


class Plain:
    def __init__(self, id, created_at, title):  # noqa: A002 - the field's name
        self.id, self.created_at, self.title = id, created_at, title


class Typed(TypedDict):
    title: str


class Open:
    def __init__(self, **fields):
        self.__dict__.update(fields)


WITH_NAMES = [Attrs, Data, Tuple, Validated, Plain]
WITHOUT = [dict, Typed, Open, dict[str, str]]


def note_factory(of):
    class NoteFactory(SocialFactory):
        class Meta:
            model = of

        class Params:
            word = "hidden"

        title = factory.LazyAttribute(lambda note: note.word)

    return NoteFactory


@pytest.mark.parametrize("model", WITH_NAMES)
@pytest.mark.parametrize("make", ["build", "create"])
def test_a_model_that_names_its_fields_gets_those_that_a_service_would_decide(model, make):
    note = getattr(note_factory(model), make)(at=NOON)
    assert (type(note), note.title, note.created_at) == (model, "hidden", NOON)
    assert int(note.id.replace("-", "")[:12], 16) == NOON.timestamp() * 1000


@attrs.define
class PrivateAttrs:
    id: str = attrs.field(alias="key")
    _title: str
    created_at: datetime = attrs.field(alias="at_")

    @property
    def title(self):
        return self._title


class Aliased(pydantic.BaseModel):
    id: str = pydantic.Field(alias="_id")
    created_at: datetime = pydantic.Field(validation_alias="createdAt")
    title: str


class Choices(pydantic.BaseModel):
    id: str = pydantic.Field(validation_alias=pydantic.AliasChoices("uid", "_id"))
    created_at: datetime = pydantic.Field(validation_alias=pydantic.AliasChoices(pydantic.AliasPath("at", 0), "at_"))
    title: str


class ByName(Aliased):
    model_config = pydantic.ConfigDict(populate_by_name=True)


class Generated(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(alias_generator=str.upper)
    id: str
    created_at: datetime
    title: str = pydantic.Field(alias="title")


ALIASED = [PrivateAttrs, Aliased, Choices, ByName, Generated]


@pytest.mark.parametrize("model", ALIASED)
@pytest.mark.parametrize("make", ["build", "create"])
def test_a_field_that_has_an_alias_gets_what_a_service_would_decide_by_it(model, make):
    note = getattr(note_factory(model), make)(at=NOON)
    assert (type(note), note.title, note.created_at) == (model, "hidden", NOON)
    assert int(note.id.replace("-", "")[:12], 16) == NOON.timestamp() * 1000


@pytest.mark.parametrize(
    ("model", "argument"),
    [(PrivateAttrs, "key"), (Aliased, "_id"), (ByName, "_id"), (ByName, "id"), (Choices, "uid"), (Generated, "ID")],
)
def test_an_aliased_field_that_is_given_stands(model, argument):
    assert note_factory(model).build(**{argument: "mine"}).id == "mine"


@pytest.mark.parametrize("model", WITHOUT, ids=str)
@pytest.mark.parametrize("make", ["build", "create"])
def test_a_model_that_takes_anything_gets_what_the_factory_declares(model, make):
    note = getattr(note_factory(model), make)()
    assert (note if isinstance(note, dict) else vars(note)) == {"title": "hidden"}


def test_a_model_that_is_exchanged_later_is_the_one_that_counts():
    made = note_factory(dict)
    assert made.build() == {"title": "hidden"}
    made._meta.model = Data
    assert made.build(at=NOON).created_at == NOON


def test_a_declared_id_is_the_one_whose_texts_are_drawn():
    class Known(UserFactory):
        id = factory.Sequence("01900000-0000-7000-8000-{:012d}".format)

    given_ = factory.LazyFunction(lambda: "01900000-0000-7000-8000-000000000007")
    one, other = (UserFactory.build(id=given_, __sequence=3) for _ in range(2))
    assert (one.id, one.full_name, one.bio) == (other.id, other.full_name, other.bio)
    known = Known.build(__sequence=7)
    assert known.id == one.id
    assert known == Known.build(id=one.id, __sequence=7, at=known.created_at)


@pytest.mark.parametrize("made", ALL, ids=lambda each: each.__name__)
def test_factory_boys_recipe_gives_a_dict_of_the_fields(made):
    fields = factory.build(dict, FACTORY_CLASS=made)
    declared = set(made._meta.pre_declarations) - set(made._meta.parameters)
    assert set(fields) == declared
    assert factory.make_factory(dict, FACTORY_CLASS=made).build().keys() == declared
    assert all(each.keys() == declared for each in factory.build_batch(dict, 2, FACTORY_CLASS=made))
    assert set(vars(factory.stub(dict, FACTORY_CLASS=made))) == declared
    assert factory.simple_generate(dict, False, FACTORY_CLASS=made).keys() == declared


def test_what_the_recipe_gives_is_what_the_service_takes_and_is_nobody_twice(app):
    users = [UserFactory()]
    users += [app.profiles.create_profile(**factory.build(dict, FACTORY_CLASS=UserFactory)) for _ in range(3)]
    users += UserFactory.create_batch(2)
    assert len({user.email for user in users}) == 6
    fields = factory.build(dict, FACTORY_CLASS=PostFactory, author_id=users[0].id, caption="Said")
    assert app.posts.create_post(**fields).caption == "Said"


def test_a_subclass_over_a_dict_builds_dicts_and_creates_through_the_service(app):
    class PayloadFactory(UserFactory):
        class Meta:
            model = dict

        full_name = "Ada Lovelace"

    assert PayloadFactory.build()["full_name"] == "Ada Lovelace"
    user = PayloadFactory(followers=2, verified=True)
    assert (type(user), user.full_name, user.followers_count) == (User, "Ada Lovelace", 2)
    assert app.profiles.get(user.id) == user


def test_what_a_service_returns_may_be_a_dict(app):
    class LogFactory(SocialFactory):
        class Meta:
            model = dict

            def service(app, *, line):  # noqa: N805
                return {"line": line}

        line = factory.Sequence("line {}".format)
        more = Many("tests.factories.test_models.NOTHING", "line")

    assert LogFactory.create_batch(2) == [{"line": "line 0"}, {"line": "line 1"}]
    assert LogFactory(at=NOON) == {"line": "line 2"}


@pytest.mark.parametrize("where", ["body", "Params", "make_factory"])
@pytest.mark.parametrize("size", [3, [{}] * 3, factory.LazyFunction(lambda: 3)], ids=["number", "list", "declaration"])
def test_a_hooks_size_may_stand_in_a_subclass(app, where, size):
    made = {
        "body": lambda: type("Own", (PostFactory,), {"likes": size}),
        "Params": lambda: type("Own", (PostFactory,), {"Params": type("Params", (), {"likes": size})}),
        "make_factory": lambda: factory.make_factory(PostFactory._meta.model, FACTORY_CLASS=PostFactory, likes=size),
    }[where]()
    below = type("Below", (made,), {})
    assert [each.likes_count for each in (made(), made(likes=1), below(), below(viral=False, trending=False))] == [
        3,
        1,
        3,
        3,
    ]
    assert 100 <= below(viral=True).likes_count <= 500
    assert PostFactory().likes_count == 0


def test_a_bad_size_in_a_subclass_is_refused_before_anything_is_made(app):
    before = app.usage
    with pytest.raises(InvalidCountError, match="likes must be"):
        type("Own", (PostFactory,), {"likes": -1})()
    assert app.usage == before


@pytest.mark.parametrize("pairs", [("post",), ("post", "nothing"), "post", 3, ("post", "user", "at")])
def test_pairs_that_are_no_two_fields_are_refused_when_the_class_is_made(pairs):
    with pytest.raises(InvalidOptionError, match=r"Meta\.pairs must be two fields of the factory"):
        type("Own", (LikeFactory,), {"Meta": type("Meta", (), {"pairs": pairs})})
