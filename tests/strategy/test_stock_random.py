"""factory_boy's own random declarations draw by the seed, wherever below a ServiceFactory they stand."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import factory
import factory.fuzzy
import factory.random
import pytest

from seedbed import Many, ServiceFactory, Trait, using


@dataclass
class Thing:
    value: Any = None
    parts: list[Any] = field(default_factory=list)


class Shop:
    def make(self, value: Any = None, of: Any = None) -> Thing:
        made = Thing(value)
        if of is not None:
            of.parts.append(value)
        return made


class PlainFactory(factory.Factory):
    class Meta:
        model = Thing

    value = factory.Faker("name")


class PartFactory(ServiceFactory[Thing]):
    class Meta:
        service = Shop.make

    value = factory.Faker("name")
    of = None


DECLARED = {
    "Faker": lambda: factory.Faker("name"),
    "Faker of a locale": lambda: factory.Faker("name", locale="de_DE"),
    "Faker with arguments": lambda: factory.Faker("pyint", min_value=0, max_value=10**9),
    "fuzzy number": lambda: factory.fuzzy.FuzzyInteger(10**9),
    "fuzzy text": lambda: factory.fuzzy.FuzzyText(length=12),
    "fuzzy choice": lambda: factory.fuzzy.FuzzyChoice(range(10**6)),
    "fuzzy date": lambda: factory.fuzzy.FuzzyDate(dt.date(1, 1, 1), dt.date(2000, 1, 1)),
    "a list": lambda: factory.List([factory.Faker("name"), factory.Faker("name")]),
    "a dict": lambda: factory.Dict({"a": factory.Faker("name"), "b": factory.fuzzy.FuzzyInteger(10**9)}),
    "Maybe": lambda: factory.Maybe("flag", yes_declaration=factory.Faker("name")),
    "a plain sub-factory": lambda: factory.SubFactory(PlainFactory),
}


class BaseFactory(ServiceFactory[Thing]):
    class Meta:
        service = Shop.make

    class Params:
        flag = True


def made_by(value):
    return type(ServiceFactory)("ThingFactory", (BaseFactory,), {"value": value})


def draw(kind, seed, way="create_batch"):
    made = made_by(DECLARED[kind]())
    with using(Shop(), seed=seed):
        found = getattr(made, way)(4)
    return [one.value for one in found]


@pytest.mark.parametrize("way", ["create_batch", "build_batch"])
@pytest.mark.parametrize("kind", DECLARED)
def test_the_same_seed_draws_the_same_and_each_object_its_own(kind, way):
    first = draw(kind, 7, way)

    assert draw(kind, 7, way) == first
    assert draw(kind, 8, way) != first
    assert len({repr(one) for one in first}) == 4


def test_no_draw_rests_on_what_was_drawn_before():
    plain = made_by(factory.Faker("name"))
    with using(Shop(), seed=7):
        expected = plain.create_batch(3)
    with using(Shop(), seed=7):
        first = plain()
        PlainFactory.build_batch(5)
        factory.random.randgen.random()
        assert [first, *plain.create_batch(2)] == expected


def test_what_a_call_gives_a_trait_and_a_list_of_a_hook_are_drawn_too():
    class WholeFactory(ServiceFactory[Thing]):
        class Meta:
            service = Shop.make

        class Params:
            named = Trait(value=factory.Faker("name"))

        parts = Many(PartFactory, "of", texts=("value",))

    def make():
        with using(Shop(), seed=1):
            return [
                WholeFactory(value=factory.Faker("city")).value,
                WholeFactory(named=True).value,
                WholeFactory(parts=3).parts,
                WholeFactory(parts=[factory.Faker("city"), factory.Faker("city")]).parts,
            ]

    first = make()
    assert make() == first
    assert len(set(first[2])) == 3
    assert len(set(first[3])) == 2


def test_plain_factories_draw_as_factory_boy_has_it():
    def draw_plain():
        factory.random.reseed_random("a seed of theirs")
        return [PlainFactory().value, factory.fuzzy.FuzzyInteger(10**9).fuzz()]

    first = draw_plain()
    with using(Shop(), seed=3):
        PartFactory()
        assert draw_plain() == first
