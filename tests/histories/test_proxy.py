"""What goes wrong is a function of seed and call."""

from __future__ import annotations

import pytest

from tests.histories.proxy import KINDS, MIXED, NAMES, Plan, refusals_of

CALLS = [f"{worker}/{number}/{request}" for worker in range(2) for number in range(200) for request in range(3)]


def drawn(plan, calls=CALLS):
    return {name: (fault[0], fault[1].random()) for name in calls if (fault := plan(name)) is not None}


@pytest.mark.parametrize("kind", NAMES)
def test_a_seed_brings_the_same_faults_to_the_same_calls_in_whatever_order_they_come(kind):
    assert drawn(Plan(7, kind)) == drawn(Plan(7, kind), reversed(CALLS))
    assert bool(drawn(Plan(7, kind))) == (kind != "no faults")


def test_another_seed_brings_others():
    assert drawn(Plan(7, MIXED)) != drawn(Plan(8, MIXED))


def test_mixed_is_of_every_kind():
    made = {fault for fault, _ in drawn(Plan(7, MIXED)).values()}
    assert made == {fault for faults in KINDS.values() for fault in faults}


@pytest.mark.parametrize("operation", ["TransactWriteItems", "BatchWriteItem", "GetItem", "Query"])
def test_refusals_are_all_that_the_api_has_but_no_lie_about_what_is_written(operation):
    codes = refusals_of(operation)
    assert {"AccessDeniedException", "ResourceNotFoundException", "ProvisionedThroughputExceededException"} <= {*codes}
    assert not any(lie in code for code in codes for lie in ("Conditional", "Canceled", "Idempotent"))
