"""The short way through a factory's declarations gives what factory_boy's own way gives, and leaves nothing behind."""

from __future__ import annotations

import copy
import gc
import itertools

import factory
import pytest
from factory.builder import DeclarationSet, parse_declarations
from factory.errors import CyclicDefinitionError

from factories import One, ServiceFactory, Trait
from seedbed.strategy import builder
from seedbed.strategy.builder import Stub


class Box:
    def __init__(self, **values):
        self.__dict__.update(values)

    def keep(self, *args, **more):
        self.kept_with = args, more

    def __eq__(self, other):
        return type(self) is type(other) and self.shown() == other.shown()

    def shown(self):
        """Show the values; what leads back to a whole in short, or it would go round."""
        return {name: value.name if name == "whole" else value for name, value in vars(self).items()}

    __hash__ = None


def family(base):
    """Make the same factories over another base: one of each kind of declaration."""

    class Part(base):
        class Meta:
            model = Box

        size = 3
        owner = factory.SelfAttribute("..name", default="nobody")
        double = factory.LazyAttribute(lambda part: part.size * 2)
        around = factory.ContainerAttribute(lambda part, chain: (part.size, [one.name for one in chain]), strict=False)

    class Below(base):
        class Meta:
            model = Box

        whole = None
        number = factory.Sequence(int)

    class Whole(base):
        class Meta:
            model = Box
            exclude = ("hidden",)

        class Params:
            hidden = 7
            is_large = factory.Trait(size=100, tail=factory.LazyAttribute(lambda one: one.name[-1]))
            is_loud = factory.Trait(shouted="loud", part__size=50, loved="by a trait", is_large=True)
            is_alone = factory.Trait(below=None, belows=factory.RelatedFactoryList(Below, "whole", size=1))

        name = factory.Sequence("n{}".format)
        size = 1
        tail = None
        more = factory.LazyAttribute(lambda one: one.size + one.hidden + one.part.double)
        made = factory.LazyFunction(list)
        ticked = factory.Iterator(["a", "b"])
        deep = factory.SelfAttribute("part.size")
        shallow = factory.SelfAttribute("name")
        absent = factory.SelfAttribute("part.nothing", default="none")
        maybe = factory.Maybe("size", yes_declaration=factory.SelfAttribute("name"), no_declaration="small")
        shouted = factory.Transformer("quiet", transform=str.upper)
        whispered = factory.Transformer("LOUD", transform=str.lower)
        listed = factory.List([factory.LazyAttribute(lambda one: one.factory_parent.name), 2])
        told = factory.Dict({"size": factory.SelfAttribute("..size")})
        part = factory.SubFactory(Part)
        part__size = 4
        loaned = factory.SubFactory(factory.DictFactory, owner=factory.SelfAttribute("..name"))

        below = factory.RelatedFactory(Below, "whole", number=factory.SelfAttribute("whole.name"))
        belows = factory.RelatedFactoryList(Below, "whole", size=2)
        kept = factory.PostGenerationMethodCall("keep", "default", more=1)
        loved = factory.PostGeneration(lambda box, create, given, **more: (box.name, create, given, more))
        perhaps = factory.Maybe("size", factory.PostGeneration(lambda box, *_: vars(box).get("size")), None)

        @classmethod
        def _after_postgeneration(cls, instance, create, results=None):
            instance.results = dict(results)
            instance.is_created = create

    return Whole


class OtherFactory(factory.Factory):
    class Meta:
        model = Box

    other = factory.Sequence("other {}".format)


CALLS = [
    {},
    {"size": 0},
    {"is_large": True},
    {"name": factory.LazyAttribute(lambda one: f"size {one.size}")},
    {"part": factory.LazyAttribute(lambda one: Box(size=one.size, double=1))},
    {"shouted": "given"},
    {"part__size": 9},
    {"hidden": 1, "extra": "more"},
    {"size": factory.SelfAttribute("hidden")},
    {"__sequence": 40},
    {"whispered": factory.Transformer.Force("As It Is")},
    {"shouted": factory.LazyAttribute(lambda one: one.name), "is_large": True},
    {"is_loud": True},
    {"is_loud": True, "shouted": "given", "part__size": 1},
    {"is_loud": factory.Iterator([True, False])},
    {"is_alone": True},
    {"below__number": 7, "belows__number": factory.Sequence(lambda number: number * 10)},
    {"below": "given", "kept": "given", "kept__more": 2, "loved": "given", "loved__much": factory.LazyFunction(list)},
    {"size": 0, "perhaps": 3},
    {"told__size": 3, "listed__0": "first", "loaned__owner": "me"},
    {"part": factory.SubFactory(OtherFactory, double=2, size=1), "part__more": factory.SelfAttribute("..name")},
    {"added": factory.PostGeneration(lambda box, *_: box.name)},
    {"more": 1, "hidden": factory.Iterator([1, 2])},
]
MAKE = ["build", "create", "stub"]


def made_by(base, make, call):
    """Make three of a family, or tell how that fails; as new declarations, since some keep their place."""
    whole = family(base)
    try:
        made = [getattr(whole, make)(**copy.deepcopy(call)) for _ in range(3)]
    except Exception as error:  # noqa: BLE001 - to be the same one
        return type(error)
    OtherFactory.reset_sequence()
    return [one if isinstance(one, Box) else vars(one) for one in made]


@pytest.mark.parametrize("number", range(len(CALLS)))
@pytest.mark.parametrize("make", MAKE)
def test_what_is_made_is_what_factory_boy_makes(number, make):
    theirs = made_by(factory.Factory, make, CALLS[number])
    assert isinstance(theirs, list) or make == "stub"  # on which no method can be called
    assert made_by(ServiceFactory, make, CALLS[number]) == theirs


@pytest.mark.parametrize("make", ["build", "create"])
@pytest.mark.parametrize("is_inside", [True, False], ids=["inside", "around"])
def test_it_is_the_same_around_and_inside_a_factory_of_factory_boy(make, is_inside):
    def made(outer, inner):
        class Around(outer):
            class Meta:
                model = Box

            name = "around"
            inside = factory.SubFactory(family(inner), is_loud=True, part__size=2)

        return [getattr(Around, make)(inside__hidden=3, inside__name="given") for _ in range(2)]

    ours = made(factory.Factory, ServiceFactory) if is_inside else made(ServiceFactory, factory.Factory)
    assert ours == made(factory.Factory, factory.Factory)


@pytest.mark.parametrize("part_id", [3, factory.LazyFunction(lambda: 3)], ids=["value", "declaration"])
@pytest.mark.parametrize("make", ["build", "create"])
def test_without_a_service_what_is_said_twice_or_in_vain_is_left_to_the_model(make, part_id):
    class Part(ServiceFactory):
        class Meta:
            model = Box

        id = 1

    class Whole(ServiceFactory):
        class Meta:
            model = Box

        class Params:
            is_large = Trait(added=factory.SubFactory(Part))

        part = One(Part)
        part_id = factory.SelfAttribute("part.id")

    made = getattr(Whole, make)(part=Box(id=2), part_id=part_id, added__id=4)
    assert made == Box(part=Box(id=2), part_id=3)


# Declarations that are changed later


def _exchange(meta):
    meta.post_declarations = DeclarationSet()
    meta.pre_declarations = DeclarationSet({"name": "other", "size": 5})


CHANGES = {
    "no hooks": lambda meta: setattr(meta, "post_declarations", DeclarationSet()),
    "other sets": _exchange,
    "a field": lambda meta: meta.pre_declarations.declarations.update(size=5),
    "a field updated": lambda meta: meta.pre_declarations.update({"size": factory.SelfAttribute("hidden")}),
    "another field": lambda meta: meta.pre_declarations.update({"new": factory.LazyAttribute(lambda one: one.size)}),
    "a field less": lambda meta: meta.pre_declarations.declarations.pop("ticked"),
    "an argument": lambda meta: meta.pre_declarations.update({"part__size": 9}),
    "another argument": lambda meta: meta.pre_declarations.contexts["told"].update(size=9),
    "a hook": lambda meta: meta.post_declarations.update({"loved": factory.PostGeneration(lambda *_: "other")}),
    "a hook less": lambda meta: meta.post_declarations.declarations.pop("kept"),
    "a hook's argument": lambda meta: meta.post_declarations.update({"loved__": "argued"}),
    "exclude": lambda meta: setattr(meta, "exclude", ("hidden", "size")),
    "rename": lambda meta: setattr(meta, "rename", {"size": "length"}),
    "a parameter": lambda meta: meta.parameters.update(size=factory.declarations.SimpleParameter(1)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_declarations_that_are_changed_later_are_those_that_count(change):
    def made(base):
        whole = family(base)
        before = whole.build()
        CHANGES[change](whole._meta)
        return [before, whole.build(), whole.build(size=2), whole.build(is_large=True)]

    theirs = made(factory.Factory)
    assert theirs[0].shown() | {"name": ""} != theirs[1].shown() | {"name": ""}
    assert made(ServiceFactory) == theirs


def test_a_method_that_adjusts_arguments_may_come_later(monkeypatch):
    whole = family(ServiceFactory)
    adjust = classmethod(lambda _cls, **given: given | {"size": 77})
    assert whole.build().size == 1
    monkeypatch.setattr(whole, "_adjust_kwargs", adjust)
    assert whole.build().size == 77


def test_a_declaration_finds_its_step_where_factory_boy_keeps_it():
    class Asking(ServiceFactory):
        class Meta:
            model = Box

        strategy = factory.LazyAttribute(lambda one: one._Resolver__step.builder.strategy)

    assert (Asking.build().strategy, Asking.create().strategy) == ("build", "create")


def test_fields_that_need_each_other_are_an_error_that_names_them():
    class Round(ServiceFactory):
        class Meta:
            model = Box

        one = factory.SelfAttribute("other")
        other = factory.LazyAttribute(lambda stub: stub.one)

    with pytest.raises(CyclicDefinitionError, match="Cyclic lazy attribute definition for 'one'"):
        Round.build()


def test_a_field_that_there_is_not_is_an_error_that_names_it():
    class Lost(ServiceFactory):
        class Meta:
            model = Box

        size = factory.LazyFunction(lambda: 4)
        one = factory.LazyAttribute(lambda stub: stub.nowhere)

    with pytest.raises(AttributeError, match=r"'nowhere' is unknown. Evaluated attributes are {'size': 4}"):
        Lost.build()


@pytest.mark.parametrize("base", [factory.Factory, ServiceFactory])
def test_a_declaration_sets_no_other_field(base):
    class Setting(base):
        class Meta:
            model = Box

        size = 1
        one = factory.LazyAttribute(lambda stub: setattr(stub, "size", 2))

    with pytest.raises(AttributeError, match="Setting of object attributes is not allowed"):
        Setting.build()


def test_a_value_is_computed_once():
    numbers = itertools.count()

    class Once(ServiceFactory):
        class Meta:
            model = Box

        number = factory.LazyFunction(lambda: next(numbers))
        same = factory.SelfAttribute("number")
        again = factory.LazyAttribute(lambda stub: (stub.number, stub.number))

    assert Once.build() == Box(number=0, same=0, again=(0, 0))


def test_what_an_object_was_made_for_can_be_asked_later():
    class Part(ServiceFactory):
        class Meta:
            model = Box

        ask = factory.LazyAttribute(lambda one: lambda: one.factory_parent.name)

    class Whole(ServiceFactory):
        class Meta:
            model = Box

        name = "whole"
        part = factory.SubFactory(Part)

    assert Whole.build().part.ask() == "whole"


def test_an_object_that_was_made_leaves_nothing_to_the_garbage_collector():
    class Part(ServiceFactory):
        class Meta:
            model = Box

        owner = factory.SelfAttribute("..name")

    class Whole(ServiceFactory):
        class Meta:
            model = Box

        name = factory.Sequence("n{}".format)
        part = factory.SubFactory(Part)
        same = factory.LazyAttribute(lambda one: one.part.owner)

    gc.collect()
    others = {id(one) for one in gc.get_objects() if type(one) is Stub}  # held by an error that another test keeps
    gc.disable()
    try:
        assert Whole.build_batch(10)[9].same == "n9"
        assert not [one for one in gc.get_objects() if type(one) is Stub and id(one) not in others]
    finally:
        gc.enable()


def test_declarations_are_parsed_once_for_calls_that_replace_whole_fields(monkeypatch):
    parsed = []

    def parse(*declared):
        parsed.append(declared)
        return parse_declarations(*declared)

    class Plain(ServiceFactory):
        class Meta:
            model = Box

        name = "A"
        part = factory.SubFactory(factory.DictFactory, size=3)

    monkeypatch.setattr(builder, "parse_declarations", parse)
    assert [one.name for one in (Plain.build(), Plain.build(name="B"), Plain.build(name="C"))] == ["A", "B", "C"]
    assert parsed == []
    assert Plain.build(part__size=4).part == {"size": 4}
    assert len(parsed) == 1


@pytest.fixture
def whole():
    class Whole(ServiceFactory):
        class Meta:
            model = Box

        part = factory.SubFactory(factory.DictFactory, size=3)
        part__size = 4

    return Whole


@pytest.mark.parametrize("name", ["size", "weight"])
def test_what_is_declared_of_a_part_may_be_exchanged_or_come_later(whole, monkeypatch, name):
    assert whole.build().part == {"size": 4}
    monkeypatch.setitem(whole._meta.pre_declarations.contexts["part"], name, 9)
    assert whole.build().part == {"size": 4} | {name: 9}


def test_what_is_declared_of_another_part_may_come_later(monkeypatch):
    class Whole(ServiceFactory):
        class Meta:
            model = Box

        part = factory.SubFactory(factory.DictFactory, size=3)
        part__size = 4
        other = factory.SubFactory(factory.DictFactory, size=5)

    assert Whole.build().other == {"size": 5}
    monkeypatch.setitem(Whole._meta.pre_declarations.contexts, "other", {"size": 6})
    assert (Whole.build().part, Whole.build().other) == ({"size": 4}, {"size": 6})


def test_what_is_declared_of_a_part_may_go(whole, monkeypatch):
    assert whole.build().part == {"size": 4}
    monkeypatch.setitem(whole._meta.pre_declarations.contexts, "part", {})
    assert whole.build().part == {"size": 3}
