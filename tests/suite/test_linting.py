"""Linting a suite by one line of a test."""

from __future__ import annotations

import pytest

import seedbed
from seedbed.suite import load_suite
from seedbed.suite.errors import SuiteError


@pytest.mark.usefixtures("program")
def test_a_suite_that_works_is_clean():
    report = seedbed.lint(load_suite("shop_app:suite"), strategies=["create", "create_batch"])

    assert (report.is_clean, report.trials, report.to_json()["findings"]) == (True, 6, [])


def test_a_suite_that_does_not_fails_with_all_that_is_wrong(write):
    write("wrong", ("orders_count += 1", "orders_count += 2"))

    with pytest.raises(AssertionError) as caught:
        seedbed.lint(load_suite("wrong:suite"), factories=["OrderFactory"], strategies=["create", "create_batch"])

    assert str(caught.value).splitlines() == [
        "lint: 3 trials of shop: 4 wrong",
        "  OrderFactory.create(): Customer 1: orders_count is 2, and should be 1",
        "  OrderFactory.create_batch(2): Customer 1: orders_count is 2, and should be 1",
        "  OrderFactory.create_batch(2): Customer 2: orders_count is 2, and should be 1",
        "  OrderFactory.create(large=True): Customer 1: orders_count is 2, and should be 1",
    ]


def test_the_social_suite_is_clean():
    assert seedbed.lint(load_suite("factories.suite:suite")).trials == 38


def exclusive(declared):
    """Changes of the shop: a trait that switches another on, one of the other end, and what is said of them."""
    traits = "large = Trait(amount=1000)\n        huge = Trait(large=True)\n        small = Trait(amount=1)"
    service = 'service = "place_order"'
    return ("large = Trait(amount=1000)", traits), (service, f"{service}\n        exclusive = {declared}")


@pytest.mark.parametrize(
    ("declared", "pairs"),
    [("()", 3), ('("large", "small")', 1), ('[("large", "small"), ["huge", "large"]]', 0), ('(("huge", "small"),)', 2)],
)
def test_two_traits_that_exclude_each_other_are_no_pair_nor_what_switches_them_on(write, declared, pairs):
    name = write(f"exclusive{pairs}", *exclusive(declared))

    report = seedbed.lint(load_suite(f"{name}:suite"), factories=["OrderFactory"], strategies=["create"])

    assert report.trials == 1 + 3 + pairs


@pytest.mark.parametrize(
    ("declared", "complaint"),
    [
        ('("large", "smal")', "Meta.exclusive must be names of traits: did you mean small"),
        ('"large"', "Meta.exclusive must be traits, "),
        ("[5]", "Meta.exclusive must be traits, "),
    ],
)
def test_what_excludes_each_other_are_traits(write, declared, complaint):
    write("misspelt", *exclusive(declared))

    with pytest.raises(SuiteError, match=complaint):
        load_suite("misspelt:suite")
