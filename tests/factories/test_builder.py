"""The short way through a factory's declarations gives what factory_boy's own way gives, and leaves nothing behind."""

from __future__ import annotations

import gc
import itertools

import factory
import pytest
from factory.errors import CyclicDefinitionError

from factories import ServiceFactory
from factories.builder import Stub


class Box:
    def __init__(self, **values):
        self.__dict__.update(values)

    def __eq__(self, other):
        return type(self) is type(other) and vars(self) == vars(other)

    __hash__ = None


def family(base):
    """Make the same factories over another base: one of each kind of declaration."""

    class Part(base):
        class Meta:
            model = Box

        size = 3
        owner = factory.SelfAttribute("..name")
        double = factory.LazyAttribute(lambda part: part.size * 2)

    class Whole(base):
        class Meta:
            model = Box
            exclude = ("hidden",)

        class Params:
            hidden = 7
            is_large = factory.Trait(size=100, tail=factory.LazyAttribute(lambda one: one.name[-1]))

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
        listed = factory.List([factory.LazyAttribute(lambda one: one.factory_parent.name), 2])
        told = factory.Dict({"size": factory.SelfAttribute("..size")})
        part = factory.SubFactory(Part)

    return Whole


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
]


@pytest.mark.parametrize("number", range(len(CALLS)))
def test_what_is_built_is_what_factory_boy_builds(number):
    call = CALLS[number]
    ours, theirs = family(ServiceFactory), family(factory.Factory)
    assert [ours.build(**call) for _ in range(3)] == [theirs.build(**call) for _ in range(3)]


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
    gc.disable()
    try:
        assert Whole.build_batch(10)[9].same == "n9"
        assert not [one for one in gc.get_objects() if type(one) is Stub]
    finally:
        gc.enable()
