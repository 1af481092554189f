"""A role that only a trait adds is one like those of the class: the service gets its id, and it takes from recycle."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

import factory
import pytest

from seedbed import One, ServiceFactory, Trait, recycle, using
from seedbed.strategy.errors import UnusedArgumentError
from seedbed.strategy.service_errors import MissingFieldError


@dataclass
class Coach:
    id: int
    name: str


@dataclass
class Team:
    id: int
    name: str
    coach_id: int | None = None


class Club:
    def __init__(self):
        self.ids = count(1)
        self.coaches = []

    def hire(self, name: str) -> Coach:
        self.coaches.append(Coach(next(self.ids), name))
        return self.coaches[-1]

    def found(self, name: str, coach_id: int | None = None) -> Team:
        return Team(next(self.ids), name, coach_id)

    def found_led(self, name: str, coach_id: int) -> Team:
        return Team(next(self.ids), name, coach_id)

    def found_by(self, name: str, coach: Coach | None = None) -> Team:
        return Team(next(self.ids), name, None if coach is None else coach.id)


class CoachFactory(ServiceFactory[Coach]):
    class Meta:
        service = Club.hire
        build_only = ("id",)

    id = 100
    name = "Ada"


def one(**said):
    return Trait(coach=One(CoachFactory, **said))


def sub_factory(**said):
    return Trait(coach=factory.SubFactory(CoachFactory, **said))


def plain_trait(**said):
    return factory.Trait(coach=factory.SubFactory(CoachFactory, **said))


def maybe(**said):
    return Trait(coach=factory.Maybe("is_there", factory.SubFactory(CoachFactory, **said)), is_there=True)


@pytest.fixture(params=[one, sub_factory, plain_trait, maybe], ids=lambda trait: trait.__name__)
def trait(request):
    return request.param


@pytest.fixture(params=[Club.found, Club.found_by], ids=["id", "object"])
def team_factory(request, trait):
    class TeamFactory(ServiceFactory[Team]):
        class Meta:
            service = request.param

        class Params:
            is_there = False
            led = trait()
            famous = trait(name="Grace")

        name = "Reds"

    return TeamFactory


@pytest.fixture
def club():
    with using(Club()) as binding:
        yield binding.app


def test_off_nobody_is_made_and_nothing_is_given(club, team_factory):
    assert team_factory().coach_id is None
    assert team_factory.create_batch(2)[1].coach_id is None
    assert club.coaches == []


@pytest.mark.parametrize(("said", "name"), [({}, "Ada"), ({"coach__name": "Zed"}, "Zed")])
def test_on_its_object_is_made_and_given(club, team_factory, said, name):
    team = team_factory(led=True, **said)
    assert [(coach.id, coach.name) for coach in club.coaches] == [(team.coach_id, name)]


def test_of_two_traits_each_makes_its_own(club, team_factory):
    assert team_factory(famous=True).coach_id == club.coaches[0].id
    assert team_factory(led=True).coach_id == club.coaches[1].id
    assert [coach.name for coach in club.coaches] == ["Grace", "Ada"]


def test_it_takes_from_what_is_recycled(club, team_factory):
    coach = CoachFactory()
    with recycle([coach]):
        assert team_factory(led=True).coach_id == coach.id
        assert team_factory().coach_id is None
    assert club.coaches == [coach]


def test_an_object_or_an_id_that_is_given_makes_nobody(club, team_factory):
    coach = CoachFactory()
    for is_led in ({}, {"led": True}):
        assert team_factory(coach=coach, **is_led).coach_id == coach.id
    assert club.coaches == [coach]


def test_a_nested_factory_and_a_subclass_have_it_too(club, team_factory):
    class LedFactory(team_factory):
        led = True

    assert LedFactory().coach_id == club.coaches[0].id
    assert LedFactory(led=False).coach_id is None
    assert len(club.coaches) == 1


def test_what_is_built_has_what_is_built(club, team_factory):
    assert team_factory.build(id=1) == Team(1, "Reds", None)
    assert team_factory.build(id=1, led=True) == Team(1, "Reds", 100)
    assert club.coaches == []


def test_by_its_id_too(club, trait):
    class TeamFactory(ServiceFactory[Team]):
        class Meta:
            service = Club.found

        class Params:
            is_there = False
            led = trait()

        name = "Reds"

    assert TeamFactory(coach_id=7).coach_id == TeamFactory(coach_id=7, led=True).coach_id == 7
    assert club.coaches == []
    with pytest.raises(UnusedArgumentError, match="coach"):
        TeamFactory(coach__name="Zed")


def test_where_the_service_needs_it_that_is_said_before_anything_is_made(club, trait):
    class TeamFactory(ServiceFactory[Team]):
        class Meta:
            service = Club.found_led

        class Params:
            is_there = False
            led = trait()
            famous = Trait(led=True)
            is_proven = False

        name = factory.LazyFunction(lambda: club.hire("in vain").name)

    class FamousFactory(TeamFactory):
        famous = True

    class LedAtTimesFactory(TeamFactory):
        led = factory.SelfAttribute("is_proven")

    for off in ({}, {"led": False}, {"famous": False}):
        with pytest.raises(
            MissingFieldError, match="needs 'coach_id', which TeamFactory neither declares nor is given"
        ):
            TeamFactory(**off)
    with pytest.raises(MissingFieldError):
        TeamFactory.create_batch(2)
    assert club.coaches == []

    assert TeamFactory(coach_id=7).coach_id == 7
    led = [TeamFactory(led=True), TeamFactory(famous=True), FamousFactory(), LedAtTimesFactory(is_proven=True)]
    assert [team.coach_id for team in led] == [coach.id for coach in club.coaches if coach.name == "Ada"]


def test_a_plain_argument_that_a_trait_alone_gives_is_missed_as_well(club):
    class CaptainFactory(ServiceFactory[Coach]):
        class Meta:
            service = Club.hire

        class Params:
            named = Trait(name="Ada")

    with pytest.raises(MissingFieldError, match="needs 'name'"):
        CaptainFactory()
    assert CaptainFactory(named=True).name == CaptainFactory(name="Ada").name == "Ada"
