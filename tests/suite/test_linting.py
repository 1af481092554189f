"""Linting a suite by one line of a test."""

from __future__ import annotations

import pytest

import seedbed
from seedbed.suite import load_suite


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
