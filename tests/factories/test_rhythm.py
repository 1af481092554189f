"""Rhythm: quiet nights, reactions that fall off, and no moment before its cause or after the end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories.rhythm import Reactions, active, awake, moment_of_active

NOW = datetime(2026, 11, 1, tzinfo=UTC)
A_MONTH_AGO = NOW - timedelta(days=30)

moments = st.datetimes(datetime(1972, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001 - the zone is set here
    lambda moment: moment.replace(tzinfo=UTC, microsecond=moment.microsecond // 1000 * 1000)
)
parts = st.floats(0, 1, exclude_max=True)


@given(moments)
def test_a_moment_is_that_of_its_active_seconds(moment):
    assert abs(moment_of_active(active(moment)) - moment) <= timedelta(milliseconds=1)


@given(moments, moments)
def test_active_time_keeps_the_order(one, other):
    assert (one < other) == (active(one) < active(other))


@given(moments, moments, parts)
def test_awake_keeps_within_its_bounds(one, other, part):
    earliest, latest = sorted([one, other])

    assert earliest <= awake(earliest, latest, part) <= latest


@given(moments, st.timedeltas(timedelta(0), timedelta(days=60)), parts)
def test_a_reaction_is_after_its_cause_within_a_week_and_before_the_end(cause, room, part):
    latest = cause + room // timedelta(milliseconds=1) * timedelta(milliseconds=1)

    at = Reactions(cause, latest).at(part)

    assert cause <= at <= latest
    assert at - cause < timedelta(days=8)
    assert at.microsecond % 1000 == 0


def test_few_are_up_at_night_and_many_in_the_evening():
    drawn = [awake(A_MONTH_AGO, NOW, step / 20_000).hour for step in range(20_000)]
    share = {hour: drawn.count(hour) / 20_000 for hour in range(24)}

    assert sum(share[hour] for hour in range(1, 6)) < 0.08  # 0.21, were it even
    assert sum(share[hour] for hour in (11, 12, 13, 18, 19, 20, 21)) > 0.38  # 0.29, were it even


def test_a_sunday_is_livelier_than_a_monday():
    drawn = [awake(A_MONTH_AGO, A_MONTH_AGO + timedelta(weeks=4), step / 20_000).weekday() for step in range(20_000)]

    assert drawn.count(6) > 1.1 * drawn.count(0)


def test_most_reactions_come_in_the_first_days():
    reactions = Reactions(A_MONTH_AGO, NOW)
    ages = [reactions.at(step / 1_000) - A_MONTH_AGO for step in range(1_000)]
    days = [sum(timedelta(days=day) <= age < timedelta(days=day + 1) for age in ages) for day in range(8)]

    assert ages == sorted(ages)
    assert days[0] > 550
    assert days[0] > 2 * days[1] > 2 * days[2] > 2 * days[3] > 2 * days[5]
    assert sum(days) == 1_000


@pytest.mark.parametrize("minutes", [1, 60, 600])
def test_reactions_to_something_young_fill_the_time_that_there_is(minutes):
    reactions = Reactions(NOW - timedelta(minutes=minutes), NOW)

    assert reactions.at(0.0) < NOW - timedelta(minutes=minutes) * 0.7
    assert reactions.at(0.999) > NOW - timedelta(minutes=minutes) * 0.2


def test_without_time_left_a_reaction_is_at_its_cause():
    assert Reactions(NOW, NOW).at(0.5) == NOW
