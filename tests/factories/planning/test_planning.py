"""A world on paper is near to the one that is made, and says which way in is cheaper, and what it meets first."""

from __future__ import annotations

import json

import attrs
import pytest

from factories.command import plans
from factories.command.orders import order_of
from factories.command.run import report_of
from factories.command.target import Target
from factories.planning import cheaper, limits_of, simulate, sizes_of, ways_in
from factories.planning.sizes import Sizes
from factories.planning.ways import Way, as_time, as_usd, ramp_seconds
from factories.presets import PRESETS, Range
from seedbed.command.console import Console
from seedbed.command.errors import UsageError
from tests.digests import SMALL_STRESS

WORLD = {"seed": 7, "as_of": "2026-11-01"}


@pytest.fixture(scope="module", params=["realistic", "small stress"])
def made(request):
    """A preset, and what a dry run counts of it."""
    order = order_of(Target(env="realistic", **WORLD))
    if request.param == "small stress":
        order = attrs.evolve(order, env="small", preset=SMALL_STRESS)
    return order.preset, report_of(order, Console(is_quiet=True), is_dry=True)


def test_an_estimate_of_rows_is_near_to_what_is_made(made):
    preset, report = made
    sizes = sizes_of(preset)
    assert sizes.total == pytest.approx(report.rows, rel=0.3)
    for kind in ("USER", "FOLLOW"):
        assert sizes.count(kind) == pytest.approx(report.usage.rows[kind], rel=0.3)


def test_of_the_same_rows_units_and_calls_are_near_to_what_a_dry_run_counts(made):
    _, report = made
    transactions, imported = ways_in(Sizes(report.usage.rows))
    assert transactions.write_units == pytest.approx(report.usage.write_units, rel=0.08)
    assert transactions.calls == pytest.approx(report.usage.total_calls, rel=0.25)
    assert imported.write_units == 0


def test_a_dry_run_says_which_way_is_cheaper_by_what_it_counted(made):
    _, report = made
    (line,) = (line for line in report.lines() if line.startswith("on AWS, "))
    assert f"for {as_usd(report.usage.usd)})" in line
    assert report.as_json()["ways_in"]["transactions"]["calls"] == report.usage.total_calls
    wet = attrs.evolve(report, is_dry_run=False)
    assert not any(line.startswith("on AWS, ") for line in wet.lines())
    assert "ways_in" not in wet.as_json()


def way(name, usd, seconds):
    return Way(name, 0, 0, usd, 0.0, seconds)


@pytest.mark.parametrize(
    ("ways", "told"),
    [
        (
            (way("a", 5, 7_200), way("b", 0.25, 60)),
            "the way by b is cheaper by 4.75 USD (0.2500 USD for 5.00 USD), and faster by 119.0 min with 8 processes",
        ),
        (
            (way("a", 5, 60), way("b", 1, 62)),
            "the way by b is cheaper by 4.00 USD (1.00 USD for 5.00 USD), the one by a faster by 2.0 s with 1 process",
        ),
    ],
)
def test_which_way_is_cheaper_and_which_is_faster_is_told_apart(ways, told):
    assert cheaper(ways, 8 if "8" in told else 1) == told


def test_more_processes_help_as_far_as_the_table_goes():
    transactions = Way("transactions", 0, 0, 0.0, client_seconds=800.0, table_seconds=100.0)
    imported = attrs.evolve(transactions, is_one_after_other=True)
    assert [transactions.seconds(number) for number in (1, 4, 100)] == [800, 200, 100]
    assert [imported.seconds(number) for number in (1, 4, 100)] == [900, 300, 108]


def test_a_new_table_takes_4000_units_a_second_and_twice_as_many_each_half_hour_up_to_its_quota():
    half = 1_800
    assert ramp_seconds(4_000) == 1
    assert ramp_seconds(4_000 * half) == half
    assert ramp_seconds(4_000 * half + 8_000) == half + 1
    first_two_hours = (4_000 + 8_000 + 16_000 + 32_000) * half
    assert ramp_seconds(first_two_hours + 40_000 * 7) == 4 * half + 7


# The hottest partition


def test_likes_that_a_partition_takes_are_not_throttled():
    course = simulate(10_000, 100)
    assert (course.seconds, course.is_calm, course.parts) == (100, True, 1)


def test_more_likes_than_a_partition_takes_wait_for_it_once_its_burst_is_used_up():
    course = simulate(1_000_000, 100_000, is_split=False)
    # Each is 2 units and a 99th of the post's own 2: 1,000 units a second, and 300 seconds of them saved.
    assert course.seconds == pytest.approx((1_000_000 * (2 + 2 / 99) - 300_000) / 1_000, abs=2)
    assert course.throttled_seconds > 1_000


def test_a_partition_that_is_split_takes_more_up_to_what_the_post_s_own_row_takes():
    whole, split = (simulate(5_000_000, 100_000, is_split=is_split) for is_split in (False, True))
    assert split.seconds < whole.seconds / 2
    assert split.parts > 1
    single = simulate(5_000_000, 100_000, pack=1)
    assert single.likes_a_second <= 500  # a counter's row takes 500 transactions a second, and is never split


def test_no_likes_take_no_time():
    assert simulate(0, 100).seconds == 0


# Limits


def test_what_a_world_meets_first_depends_on_its_size():
    small, large = (limits_of(sizes_of(preset)) for preset in (PRESETS["minimal"], huge()))
    assert max(limit.share for limit in small) < 0.01
    passed = {limit.name for limit in large if limit.share > 1}
    assert "the embedded engine's rows in 4 GB of memory" in passed
    assert "a day of 40,000 write units a second, a table's quota" in passed
    assert [limit.share for limit in large] == sorted((limit.share for limit in large), reverse=True)


def huge():
    return attrs.evolve(PRESETS["stress"], name="huge", users=2_000_000, likes_per_post=Range(10, 300))


# The command


def printed(capsys, *, is_json=False, processes=None):
    target = Target(env="stress", json=is_json)
    assert plans.plan(target, order_of(target), processes) == 0
    return capsys.readouterr().out


def test_a_plan_is_a_table_for_people_and_one_object_for_programs(capsys):
    text, found = printed(capsys), json.loads(printed(capsys, is_json=True))
    assert text.startswith(f"stress: about {found['rows']:,} rows")
    assert f"{found['transactions']['write_units']:,}" in text
    assert found["verdict"] in text
    assert (found["cheaper"], list(found["import"]["hours"])) == ("import", ["1", "8", "64"])


def test_a_plan_for_so_many_processes_is_for_these_alone(capsys):
    found = json.loads(printed(capsys, is_json=True, processes=3))
    assert list(found["import"]["hours"]) == ["3"]


def test_of_a_scenario_there_is_no_plan():
    with pytest.raises(UsageError, match="--dry-run"):
        plans.plan(Target(), order_of(Target(scenario=["popular-post"])), None)


@pytest.mark.parametrize(("seconds", "text"), [(4, "4.0 s"), (119, "119.0 s"), (7_199, "120.0 min"), (3e5, "3.5 days")])
def test_times_are_written_in_the_unit_that_fits(seconds, text):
    assert as_time(seconds) == text
