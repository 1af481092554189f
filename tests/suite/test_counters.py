"""Declared counters, recounted in the store's own way."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import attrs
import pytest

from seedbed import Counter, Suite, assert_counters_exact, using
from seedbed.suite import Finding, SuiteAudit
from seedbed.suite.errors import CounterError, MissingPartError, SuiteDeclarationError


@dataclass
class Team:
    id: int
    size: int
    points: int = 0


@attrs.frozen
class Player:
    team_id: int
    points: int = 1


class Row(NamedTuple):
    team: Team


class Loose:
    def __init__(self, **fields):
        vars(self).update(fields)


SIZE = Counter("size", of=Team, counts=Player, by="team_id")


def suite_of(*counters, **more):
    return Suite("league", open=dict, factories=[], counters=counters, listing=lambda app, model: app[model], **more)


def test_a_counter_that_is_right_is_exact_and_one_that_is_not_is_found():
    app = {Team: [Team(1, 2), Team(2, 2), Team(3, 0)], Player: [Player(1), Player(1), Player(2)]}

    assert suite_of(SIZE).audit(app) == SuiteAudit(3, 3, (Finding("Team.size", "2", 2, 1),))


def test_rows_whose_owner_is_not_there_are_found_and_rows_of_nobody_are_not():
    app = {Team: [], Player: [Player(7), Player(7), Player(None)]}

    found = suite_of(SIZE).audit(app)

    assert found.findings == (Finding("Team.size", "7", None, 2),)
    assert str(found.findings[0]) == "Team 7: it is not there, and 2 that size counts name it"


def test_a_row_may_name_its_owner_by_the_owner_itself():
    team = Team(1, 1)

    assert suite_of(Counter("size", of=Team, counts=Row, by="team")).audit({Team: [team], Row: [Row(team)]}).is_exact


def test_a_function_recounts_what_is_no_number_of_rows():
    total = Counter(
        "points", of=Team, recount=lambda app, team: sum(p.points for p in app[Player] if p.team_id == team.id)
    )
    app = {Team: [Team(1, 0, points=5)], Player: [Player(1, 2), Player(1, 3), Player(2, 9)]}

    assert suite_of(total).audit(app).is_exact
    app[Player].pop()
    app[Player].pop()
    assert [str(one) for one in suite_of(total).audit(app).findings] == ["Team 1: points is 5, and should be 2"]


def test_rows_may_be_mappings_as_an_api_returns_them():
    counter = Counter("size", of="tests.suite.test_counters:Loose", counts=Loose, by="team")
    suite = Suite("api", open=dict, factories=[], counters=[counter], listing=lambda app, _model: app)

    assert suite.audit([{"id": 1, "size": 1, "team": 1}]).is_exact


@pytest.mark.parametrize(
    ("counter", "message"),
    [
        (
            lambda: Counter("sise", of=Team, counts=Player, by="team_id"),
            "counter Team.sise: Team has no field 'sise': did",
        ),
        (
            lambda: Counter("size", of=Team, counts=Player, by="team"),
            "Player has no field 'team': did you mean team_id?",
        ),
        (
            lambda: Counter("size", of=Team, counts=Player, by="team_id", key="idd"),
            "Team has no field 'idd': did you mean",
        ),
        (lambda: Counter("size", of=Team, counts=Player), "counter Team.size: it lacks by=, the field that says whose"),
        (lambda: Counter("size", of=Team, by="team_id"), "counter Team.size: it lacks counts=, the model of the rows"),
        (lambda: Counter("size", of=Team), "counter Team.size: say what it counts: counts="),
        (lambda: Counter("size", of=Team, counts=Player, by="team_id", recount=max), "or recount=, and not both"),
        (
            lambda: Counter("size", of=Team, recount=lambda: 1),
            "recount= is called with the app and the owner, and does",
        ),
        (lambda: Counter("size", of=Team, recount=lambda _app, *, _owner: 1), "and does not take these two"),
    ],
)
def test_a_counter_that_cannot_be_right_is_refused_in_one_line_before_anything_is_read(counter, message):
    with pytest.raises(CounterError) as caught:
        suite_of(counter()).audit({})

    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_field_that_only_a_row_can_tell_is_looked_for_in_the_row():
    loose = Counter("size", of=Loose, counts=Player, by="team_id")

    assert suite_of(loose).audit({Loose: [Loose(id=1, size=1)], Player: [Player(1)]}).is_exact
    with pytest.raises(CounterError, match=r"counter Loose\.size: a row has no such field"):
        suite_of(loose).audit({Loose: [Loose(id=1)], Player: []})


def test_two_counters_of_one_name_and_none_at_all_are_refused():
    with pytest.raises(SuiteDeclarationError, match=r"suite league: counters: two are called Team\.size"):
        suite_of(SIZE, SIZE)
    with pytest.raises(MissingPartError, match="suite league cannot audit: it declares no counters"):
        suite_of().audit({})


def test_a_store_that_cannot_be_listed_says_what_is_missing():
    with pytest.raises(MissingPartError) as caught:
        Suite("league", open=dict, factories=[], counters=[SIZE]).audit({})

    assert str(caught.value) == (
        "suite league cannot list rows: nothing tells how all of Team are listed; say Suite(listing=...), which takes "
        "the app and a model"
    )


def test_what_a_recount_raises_is_told_with_the_counter_and_the_owner():
    broken = Counter("size", of=Team, recount=lambda _app, owner: owner.id // (owner.id - 2))

    with pytest.raises(CounterError, match=r"Team\.size: its recount failed for 2: ZeroDivisionError") as caught:
        suite_of(broken).audit({Team: [Team(1, -1), Team(2, 0)]})

    assert isinstance(caught.value.__cause__, ZeroDivisionError)


@pytest.mark.parametrize(
    "given", [None, "2", True, (one for one in "ab"), [1, 2]], ids=["None", "str", "bool", "generator", "list"]
)
def test_what_a_recount_gives_that_is_no_number_is_no_drift(given):
    odd = Counter("size", of=Team, recount=lambda _app, _owner: given)

    with pytest.raises(CounterError, match=r"Team\.size: its recount gave .* for 7, and should give a number"):
        suite_of(odd).audit({Team: [Team(7, 2)]})


def test_an_auditor_stands_in_the_place_of_the_counters():
    own = SuiteAudit(1, 1, (Finding("Team.size", "1", 2, 3),))

    assert suite_of(auditor=lambda _app: own).audit({}) is own


@pytest.mark.parametrize("given", [None, True, []])
def test_an_auditor_that_gives_no_audit_is_no_suite_without_counters(given):
    with pytest.raises(SuiteDeclarationError, match="suite league: auditor: it must return a SuiteAudit, not "):
        suite_of(auditor=lambda _app: given).audit({})


def test_a_test_fails_with_every_counter_that_is_wrong():
    app = {Team: [Team(1, 2), Team(2, 5)], Player: [Player(1)]}

    with pytest.raises(AssertionError) as caught, using(app, suite=suite_of(SIZE)):
        assert_counters_exact()

    assert str(caught.value).splitlines() == [
        "audit: 2 counters recounted, 2 owners: 2 wrong",
        "  Team 1: size is 2, and should be 1",
        "  Team 2: size is 5, and should be 0",
    ]
    assert assert_counters_exact({Team: [Team(1, 1)], Player: [Player(1)]}, suite_of(SIZE)).counters == 1


@pytest.mark.parametrize(
    ("declared", "rule"),
    [
        (
            {"of": None, "counts": Player, "by": "team_id"},
            "of= must be a model, or .*, not None",
        ),
        ({"of": 5, "counts": Player, "by": "team_id"}, "of= must be a model"),
        ({"of": "Team", "counts": Player, "by": "team_id"}, "of= must be a model, .* not 'Team'"),
        ({"of": [Team], "recount": max}, "of= must be a model"),
        ({"of": Team, "counts": "Player", "by": "team_id"}, "counts= must be a model, .* not 'Player'"),
        ({"of": Team, "counts": 0, "by": "team_id"}, "counts= must be a model, .* not 0"),
    ],
)
def test_models_of_a_counter_are_checked_when_it_is_declared(declared, rule):
    with pytest.raises(CounterError, match=rule):
        Counter("size", **declared)


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        (None, "None"),
        ("2", "'2'"),
        (True, "True"),
        (-1, "-1"),
        (Decimal("1.5"), "Decimal('1.5')"),
        (Decimal("sNaN"), "Decimal('sNaN')"),
        (float("nan"), "nan"),
        ([2], "[2]"),
        (Loose(), "<tests.suite.test_counters.Loose object"),
    ],
)
@pytest.mark.parametrize("is_by_function", [False, True])
def test_what_stands_in_a_counter_is_told_as_it_is(stored, shown, is_by_function):
    recounted = Counter(
        "size", of=Team, recount=lambda app, team: len([p for p in app[Player] if p.team_id == team.id])
    )
    app = {Team: [Team(1, stored)], Player: [Player(1)]}

    found = suite_of(recounted if is_by_function else SIZE).audit(app)
    (line,) = map(str, found.findings)

    assert (line.startswith(f"Team 1: size is {shown}"), line.endswith(", and should be 1")) == (True, True), line
    assert json.loads(json.dumps(found.to_json(), allow_nan=False))["findings"][0]["is_missing"] is False
    with pytest.raises(AssertionError, match="Team 1: size is "):
        assert_counters_exact(app, suite_of(SIZE))


def test_a_number_of_another_type_is_as_good():
    for stored in (1, 1.0, Decimal(1), Fraction(1)):
        assert suite_of(SIZE).audit({Team: [Team(1, stored)], Player: [Player(1)]}).is_exact


def test_an_owner_that_is_not_there_is_told_apart_in_json():
    found = suite_of(SIZE).audit({Team: [], Player: [Player(7)]})

    assert [(one["owner"], one["stored"], one["is_missing"]) for one in found.to_json()["findings"]] == [
        ("7", None, True)
    ]


@pytest.mark.parametrize("rows", [[{"id": 1, "size": 1}], [Loose(id=1, size=1)]])
def test_a_function_recounts_rows_of_any_shape(rows):
    counter = Counter("size", of=Loose, recount=lambda _app, _owner: 2)
    suite = Suite("api", open=dict, factories=[], counters=[counter], listing=lambda app, _model: app)

    assert [str(one) for one in suite.audit(rows).findings] == ["Loose 1: size is 1, and should be 2"]


BY_TEAM = Counter("size", of=Loose, counts=Loose, by="team")
BY_FUNCTION = Counter("size", of=Loose, recount=lambda _app, _owner: 2)


@pytest.mark.parametrize(
    ("counter", "rows"),
    [
        (BY_FUNCTION, [{"id": 1}]),
        (BY_FUNCTION, [Loose(size=1)]),
        (BY_TEAM, [{"id": 1}]),
        (BY_TEAM, [{"id": 1, "size": 1, "team": []}]),
        (BY_TEAM, [{"id": [], "size": 1, "team": 1}]),
    ],
)
def test_rows_that_cannot_be_recounted_are_a_clear_error(rows, counter):
    suite = Suite("api", open=dict, factories=[], counters=[counter], listing=lambda app, _model: app)
    with pytest.raises(CounterError, match=r"counter Loose\.\w+: a row('s key is| has no| holds)"):
        suite.audit(rows)
