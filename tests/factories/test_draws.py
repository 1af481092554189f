"""Every generated value is f(seed, factory, ordinal, field), and nothing else is read or moved."""

from __future__ import annotations

import pickle
import random

import attrs
import factory
import factory.random
import faker
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories.texts.fakes import Fake, Unique
from factories.texts.locales import using
from seedbed.strategy.base import ServiceFactory
from seedbed.strategy.randomness import Draw, KeyedRandom, base36, key_of, unique_code


@attrs.frozen
class Card:
    name: str
    city: str = ""
    dice: tuple = ()
    code: str = ""


class CardFactory(ServiceFactory[Card]):
    class Meta:
        model = Card

    name = Fake("full_name")
    city = Fake("city")
    dice = Draw(lambda random, card: tuple(random.randint(1, 6) for _ in card.name))
    code = Unique("username")


def _made(seed, factory_class=CardFactory, count=5):
    with using(None, seed=seed):
        return factory_class.create_batch(count)


def test_the_same_seed_gives_the_same_values_and_another_one_others():
    assert _made(7) == _made(7)
    assert _made(7)[0] != _made(8)[0]
    assert _made("a")[0] != _made("b")[0]


def test_a_value_depends_on_its_ordinal_not_on_what_was_made_before():
    with using(None, seed=7):
        alone = CardFactory(__sequence=3)
    assert alone == _made(7)[3]


@pytest.mark.parametrize("field", ["name", "city", "dice", "code"])
def test_each_field_depends_on_the_seed_and_on_the_ordinal(field):
    one, other = ([getattr(card, field) for card in _made(seed)] for seed in (7, 8))
    assert one[0] != other[0]
    assert len(set(one)) == len(one)


def test_adding_a_field_changes_no_other_value():
    class Longer(CardFactory):
        class Meta:
            model = dict

        early = Fake("caption")

    Longer.__name__ = "CardFactory"
    with using(None, seed=7):
        longer = Longer()
    assert longer.pop("early")
    assert longer == attrs.asdict(_made(7)[0])


def test_two_fields_and_two_factories_draw_different_values():
    class Other(CardFactory):
        class Meta:
            model = dict

        second = Fake("full_name")

    with using(None, seed=7):
        other = Other()
    assert other["name"] != other["second"]
    assert other["name"] != _made(7)[0].name


def test_neither_random_nor_factory_boy_nor_faker_is_read_or_moved():
    random.seed(1)
    factory.random.reseed_random(1)
    before = random.getstate(), factory.random.get_random_state(), faker.generator.random.getstate()
    first = _made(7)
    assert before == (random.getstate(), factory.random.get_random_state(), faker.generator.random.getstate())
    random.seed(2)
    factory.random.reseed_random(2)
    assert _made(7) == first


def test_a_fake_of_another_locale_and_with_arguments_comes_from_faker():
    class German(CardFactory):
        city = Fake("city", locale="de_DE")
        name = Fake("pystr", min_chars=4, max_chars=4)

    card = _made(7, German)[0]
    assert len(card.name) == 4
    assert card.city != _made(7)[0].city


def test_a_draw_works_as_an_argument_and_in_a_trait():
    class Traited(CardFactory):
        class Params:
            lucky = factory.Trait(city=Draw(lambda random, _card: random.choice(["Bonn", "Graz"])))

    with using(None):
        assert Traited(lucky=True).city in {"Bonn", "Graz"}
        assert CardFactory(city=Draw(lambda random, _card: random.random())).city < 1


def test_a_draw_is_undisturbed_by_the_draws_that_it_asks_for():
    class Nested(CardFactory):
        name = Draw(lambda random, card: (random.random(), card.city, random.random()))

    class Flat(CardFactory):
        name = Draw(lambda random, _card: (random.random(), "", random.random()))

    Flat.__name__ = "Nested"
    nested, flat = _made(7, Nested, 1)[0].name, _made(7, Flat, 1)[0].name
    assert (nested[0], nested[2]) == (flat[0], flat[2])


def test_a_stub_draws_the_same_as_a_build():
    with using(None, seed=7):
        stub = CardFactory.stub()
    with using(None, seed=7):
        assert CardFactory.build().name == stub.name


# Recorded: if these change, every seeded world does.
def test_the_recorded_values_stay():
    with using(None, seed=0):
        assert key_of("UserFactory", 0, "bio") == RECORDED_KEY
    assert [KeyedRandom(1).getrandbits(64), KeyedRandom(2).getrandbits(16)] == RECORDED_BITS


RECORDED_KEY = 5013560513994119109
RECORDED_BITS = [10451216379200822465, 38744]


@given(st.integers(0, 2**64 - 1), st.integers(1, 300))
def test_bits_stay_within_their_number(key, bits):
    assert 0 <= KeyedRandom(key).getrandbits(bits) < 1 << bits


@given(st.integers(0, 2**64 - 1))
def test_a_random_source_can_be_saved_and_pickled(key):
    source = KeyedRandom(key)
    state = source.getstate()
    drawn = [source.random(), source.gauss(0, 1), source.choice("abc")]
    again = KeyedRandom(0)
    again.setstate(state)
    assert [again.random(), again.gauss(0, 1), again.choice("abc")] == drawn
    assert pickle.loads(pickle.dumps(again)).random() == source.random()  # noqa: S301


def test_randoms_are_spread_evenly():
    tens = [0] * 10
    for key in range(10_000):
        tens[int(KeyedRandom(key_of("spread", key)).random() * 10)] += 1
    assert all(850 < count < 1_150 for count in tens)


def test_codes_never_repeat():
    assert len({unique_code("UserFactory", ordinal=ordinal) for ordinal in range(50_000)}) == 50_000


@given(st.integers(0, 2**36 - 1), st.integers(0, 2**36 - 1))
def test_codes_of_far_ordinals_differ_too(one, other):
    assert (unique_code("x", ordinal=one) == unique_code("x", ordinal=other)) == (one == other)


@pytest.mark.parametrize(("value", "text"), [(0, "0000000"), (35, "000000z"), (36, "0000010"), (2**36 - 1, "vkhsvlr")])
def test_base36_has_seven_places(value, text):
    assert base36(value) == text
