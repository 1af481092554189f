"""Meta.around: rows that no service writes, by a way round that says why; of a program of countries and cities."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import pytest

from seedbed import BuildFailureError, One, ServiceFactory, using, ways_round
from seedbed.strategy.errors import InvalidOptionError
from seedbed.strategy.service_errors import NoWayRoundError


@dataclass
class Country:
    code: str


@dataclass
class City:
    name: str
    country: str


class Rows:
    def __init__(self):
        self.added = []

    def stored(self, value):
        return value

    def add(self, entity):
        if entity in self.added:
            raise KeyError(entity)
        self.added.append(entity)


class Atlas:
    def __init__(self):
        self.rows = Rows()

    @contextmanager
    def unit_of_work(self):
        yield self.rows

    def found_city(self, name, country):
        return City(name, country)


class CountryFactory(ServiceFactory[Country]):
    class Meta:
        model = Country
        around = "countries come with a migration"

    code = "NL"


class BelgianFactory(CountryFactory):
    code = "BE"


class CityFactory(ServiceFactory[City]):
    class Meta:
        model = City
        service = "found_city"

    class Params:
        nation = One(CountryFactory)

    name = "Delft"
    country = "NL"


def test_it_is_added_to_the_unit_of_work():
    atlas = Atlas()
    with using(atlas):
        assert CountryFactory() == Country("NL")
        assert [one.code for one in BelgianFactory.create_batch(1)] == ["BE"]
        assert CityFactory(nation__code="DE").country == "NL"
    assert atlas.rows.added == [Country("NL"), Country("BE"), Country("DE")]


def test_what_the_store_refuses_is_a_failure_of_the_factory():
    with using(Atlas()), pytest.raises(BuildFailureError, match=r"KeyError.*CountryFactory with code='NL'"):
        CountryFactory.create_batch(2)


def test_the_ways_round_are_listed_with_their_reasons():
    found = ways_round([CountryFactory, CityFactory, BelgianFactory])
    assert [(one.factory, one.reason) for one in found] == [
        (CountryFactory, "countries come with a migration"),
        (BelgianFactory, "countries come with a migration"),
    ]


def test_a_callable_of_ones_own_may_write():
    def insert(app, *, code):
        app.rows.added.append(code)
        return Country(code)

    class InsertFactory(CountryFactory):
        class Meta:
            service = insert
            around = "no rule applies"

    atlas = Atlas()
    with using(atlas):
        assert InsertFactory() == Country("NL")
    assert atlas.rows.added == ["NL"]
    assert ways_round([InsertFactory])[0].reason == "no rule applies"


def test_a_subclass_of_another_model_makes_that_one():
    @dataclass
    class Province(Country):
        pass

    class ProvinceFactory(CountryFactory):
        class Meta:
            model = Province

    with using(Atlas()):
        assert type(ProvinceFactory()) is Province


def test_a_unit_of_work_may_be_async():
    class Awaited(Rows):
        async def add(self, entity):
            super().add(entity)

    class AsyncAtlas(Atlas):
        @asynccontextmanager
        async def unit_of_work(self):
            yield self.rows

    atlas = AsyncAtlas()
    atlas.rows = Awaited()

    async def work():
        with using(atlas):
            return await CountryFactory.create_async()

    assert asyncio.run(work()) == Country("NL") == atlas.rows.added[0]


def test_where_nothing_says_how_it_is_refused_with_the_remedy():
    class Bare:
        pass

    with using(Bare()), pytest.raises(NoWayRoundError, match=r"give a callable that writes as Meta\.service"):
        CountryFactory()


@pytest.mark.parametrize("reason", ["", "  ", True, 3], ids=repr)
def test_a_reason_is_asked_for(reason):
    with pytest.raises(InvalidOptionError, match=r"Meta\.around must be the reason"):
        type("F", (ServiceFactory,), {"Meta": type("Meta", (), {"model": Country, "around": reason})})
