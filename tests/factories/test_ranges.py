"""Range, and how a hook's argument is read."""

from __future__ import annotations

import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories.errors import InfeasibleTotalError, InvalidCountError, InvalidRangeError
from seedbed.strategy.ranges import Range, how_many

ranges = st.tuples(st.integers(0, 50), st.integers(0, 50)).map(lambda pair: Range(*sorted(pair)))


@pytest.mark.parametrize(("low", "high"), [(-1, 3), (0, 1.5), ("1", 3), (True, 3), (1, False), (None, 3)])
def test_bounds_are_whole_numbers_from_0_on(low, high):
    with pytest.raises(InvalidRangeError, match="both bounds must be whole numbers from 0 on"):
        Range(low, high)


def test_reversed_bounds_are_refused():
    with pytest.raises(InvalidRangeError, match=r"Range\(3, 1\): the first bound must not be above the second"):
        Range(3, 1)


@given(ranges, st.integers())
def test_a_random_number_is_within_the_range_and_keyed_by_the_rng(span, seed):
    number = span.random(random.Random(seed))
    assert number in span
    assert number == span.random(random.Random(seed))


def test_without_an_rng_the_global_random_is_left_alone():
    state = random.getstate()
    assert Range(1, 6).random() in Range(1, 6)
    assert Range(1, 6).distribute(30) == Range(1, 6).distribute(30)
    assert random.getstate() == state


@given(ranges, st.integers(0, 40), st.data())
def test_parts_add_up_and_lie_within_the_range(span, count, data):
    total = data.draw(st.integers(count * span.min, count * span.max))
    parts = span.distribute(total, count)
    assert (sum(parts), len(parts)) == (total, count)
    assert all(part in span for part in parts)


def test_no_part_is_larger_than_the_others_because_of_its_place():
    splits = [Range(0, 100).distribute(100, 5, rng=random.Random(seed)) for seed in range(1_000)]
    assert [statistics.mean(parts) for parts in zip(*splits, strict=True)] == pytest.approx([20] * 5, abs=4)


@given(ranges, st.integers(0, 2_000))
def test_without_a_count_the_parts_fit_or_cannot(span, total):
    possible = any(count * span.min <= total <= count * span.max for count in range(total + 2))
    if not possible:
        with pytest.raises(InfeasibleTotalError):
            span.distribute(total)
        return
    parts = span.distribute(total)
    assert sum(parts) == total
    assert all(part in span for part in parts)


@pytest.mark.parametrize(("total", "count"), [(9, 10), (31, 10), (1, 0)])
def test_an_impossible_total_says_why(total, count):
    with pytest.raises(InfeasibleTotalError, match=f"{total} cannot be the sum of {count} parts of 1 to 3 each"):
        Range(1, 3).distribute(total, count)


@pytest.mark.parametrize(("total", "count"), [(-1, None), (2.0, None), (True, None), (3, -1), (3, "2"), (3, True)])
def test_totals_and_counts_are_whole_numbers(total, count):
    with pytest.raises(InvalidCountError):
        Range(1, 3).distribute(total, count)


def test_an_argument_is_a_number_a_range_or_a_list():
    assert how_many("likes", 5, random.Random(0)) == 5
    assert how_many("likes", Range(2, 2), random.Random(0)) == 2
    assert how_many("likes", ("a", "b"), random.Random(0)) == ["a", "b"]


@pytest.mark.parametrize("value", [True, False, -1, 1.0, "3", None, {"a": 1}])
def test_any_other_argument_is_refused(value):
    with pytest.raises(InvalidCountError, match="likes must be a whole number from 0 on, a Range or a list"):
        how_many("likes", value, random.Random(0))
