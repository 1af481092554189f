"""What factory_boy's own ways of telling Faker and of looking on reach: our declarations as well as its."""

from __future__ import annotations

import io
import logging

import attrs
import factory
import pytest
from faker.providers import BaseProvider, DynamicProvider

from factories import LikeFactory, PostFactory, ServiceFactory, UserFactory, recycle
from factories.texts.fakes import Fake
from seedbed.strategy.randomness import Draw


class Weather(BaseProvider):
    """A provider of a test's own; one of its methods has the name of one of ours."""

    def weather(self):
        return self.random_element(["sun", "rain", "snow", "wind"]) + str(self.generator.random.random())

    def caption(self, **_):
        return "their caption"


@attrs.frozen
class Thing:
    value: str


@pytest.fixture
def registry(monkeypatch):
    monkeypatch.setattr(factory.Faker, "_FAKER_REGISTRY", {})


def made(method, **options):
    class ThingFactory(ServiceFactory[Thing]):
        class Meta:
            model = Thing

        value = Fake(method, **options)

    return [thing.value for thing in ThingFactory.build_batch(3)]


@pytest.mark.usefixtures("registry")
@pytest.mark.parametrize("locale", [None, "de_DE"])
def test_a_provider_that_factory_boy_is_given_reaches_fake(locale):
    with pytest.raises(AttributeError):
        made("weather", locale=locale)

    factory.Faker.add_provider(Weather, locale=locale)

    first, again = made("weather", locale=locale), made("weather", locale=locale)
    assert first == again  # drawn from our keys, not from Faker's shared randomness
    assert len({*first}) == 3


@pytest.mark.usefixtures("registry")
def test_a_provider_of_ones_own_comes_before_ours():
    before = made("caption")

    factory.Faker.add_provider(Weather)

    assert made("caption") == ["their caption"] * 3 != before


@pytest.mark.usefixtures("registry")
def test_providers_added_later_are_found_too():
    factory.Faker.add_provider(Weather)
    made("weather")

    factory.Faker.add_provider(DynamicProvider("pet", ["cat", "dog", "fish", "bird", "newt", "toad"]))

    first = made("pet")
    assert first == made("pet")
    assert {*first} <= {"cat", "dog", "fish", "bird", "newt", "toad"}


@pytest.mark.usefixtures("registry")
def test_factory_boys_own_use_of_faker_changes_none_of_ours():
    before = made("caption"), made("name")

    factory.Faker("name").evaluate(None, None, {"locale": None})

    assert (made("caption"), made("name")) == before


def test_debug_shows_our_steps(app):
    class DrawnFactory(ServiceFactory[Thing]):
        class Meta:
            model = Thing

        value = Draw(lambda random, _: str(random.random()))

    shown = io.StringIO()
    with factory.debug(stream=shown):
        DrawnFactory.build()
        with recycle(UserFactory.create_batch(2)):
            PostFactory(likes=1)

    for step in ("Draw: Evaluating", "Fake: Calling portrait_url", "Many: Generating 1 likes", "One: Taking user="):
        assert step in shown.getvalue()
    assert "ServiceFactory: Calling likes.like_post for LikeFactory" in shown.getvalue()
    assert app.usage.rows["LIKE"] == 1


def test_nothing_is_shown_unasked(app, caplog):
    with caplog.at_level(logging.INFO):
        LikeFactory()

    assert caplog.text == ""
    assert app.usage.rows["LIKE"] == 1
