"""Connecting on a bad day: the first calls are tried again as any others, and an endpoint that is not there is not."""

from __future__ import annotations

from collections import Counter

import pytest

from seedbed.dynamo.engines import embedded_engine
from services import connect, errors
from tests.faults import no_waiting
from tests.journeys.front import as_json, embedded, refusal, serving

TROUBLE = {
    "throttled": refusal("ThrottlingException", "slowly"),
    "of its own": as_json(500, {"__type": "x#InternalServerError", "message": "oh"}),
    "conflict": as_json(
        400,
        {
            "__type": "x#TransactionCanceledException",
            "message": "a conflict",
            "CancellationReasons": [{"Code": "TransactionConflict"}],
        },
    ),
}


def troubled(client, answer, times):
    """Answer as an embedded engine, but the first calls of each operation with trouble."""
    engine, asked = embedded(client), Counter()

    def answered(operation, parameters):
        asked[operation] += 1
        return answer if asked[operation] <= times else engine(operation, parameters)

    return answered


@pytest.mark.parametrize("trouble", TROUBLE)
def test_the_first_calls_are_tried_again(trouble):
    with (
        no_waiting(),
        embedded_engine() as engine,
        serving(troubled(engine.client, TROUBLE[trouble], 2)) as front,
        connect(front.url) as app,
    ):
        user = app.profiles.create_profile(email="a@b.org", username="ann_name", handle="ann", full_name="Ann")
        assert app.profiles.get(user.id) == user
    assert front.asked.count("DescribeTable") > 2


def test_an_engine_that_always_throttles_is_said_to():
    with (
        no_waiting(),
        embedded_engine() as engine,
        serving(troubled(engine.client, TROUBLE["throttled"], 1_000)) as front,
        pytest.raises(errors.ThrottledError, match="DescribeTable was throttled 8 times"),
    ):
        connect(front.url)
