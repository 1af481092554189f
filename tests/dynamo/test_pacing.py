"""Pacing by partition, on a clock and a sleep of the test's own."""

from __future__ import annotations

import pytest

from seedbed.dynamo import pacing
from seedbed.dynamo.pacing import AWS_UNITS_A_SECOND, SLOWEST_UNITS_A_SECOND, Pacer


class Time:
    """A clock that only sleep moves."""

    def __init__(self) -> None:
        self.seconds = 100.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


@pytest.fixture
def time():
    return Time()


def pacer(time, rate):
    return Pacer(rate, now=time.now, sleep=time.sleep)


def test_without_a_rate_nothing_waits_until_a_partition_is_throttled(time):
    paced = pacer(time, None)
    assert not paced.is_needed

    paced.wait({"POST#1": 100_000})
    paced.slow_down(["POST#1"])
    paced.wait({"POST#1": 500})
    paced.wait({"POST#1": 500})

    assert paced.is_needed
    assert len(time.slept) == 1
    assert time.slept[0] > 0


def test_a_hot_partition_gets_its_units_a_second_and_no_more(time):
    paced = pacer(time, AWS_UNITS_A_SECOND)

    for _ in range(50):
        paced.wait({"POST#hot": 200})

    # 10,000 units at 1,000 a second; the second that it was left alone before is its burst.
    assert time.seconds - 100 == pytest.approx(9, abs=1)


def test_another_partition_does_not_wait_for_the_hot_one(time):
    paced = pacer(time, AWS_UNITS_A_SECOND)
    for _ in range(20):
        paced.wait({"POST#hot": 200})
    before = len(time.slept)

    paced.wait({"POST#cool": 200})

    assert len(time.slept) == before


def test_a_transaction_waits_for_the_slowest_of_its_partitions(time):
    paced = pacer(time, AWS_UNITS_A_SECOND)
    paced.wait({"POST#hot": 5_000})
    before = time.seconds

    paced.wait({"POST#cool": 2, "POST#hot": 2})

    assert time.seconds - before == pytest.approx(4, abs=0.1)


def test_a_throttled_partition_goes_at_half_its_pace_and_picks_up_again(time):
    paced = pacer(time, 1_000.0)
    paced.slow_down(["POST#hot"])

    waits = []
    for _ in range(200):
        before = time.seconds
        paced.wait({"POST#hot": 100})
        waits.append(time.seconds - before)

    assert max(waits) == pytest.approx(0.2, rel=0.1)
    assert waits[-1] == pytest.approx(0.1, rel=0.1)


def test_a_partition_never_stops_however_often_it_is_throttled(time):
    paced = pacer(time, 1_000.0)
    for _ in range(100):
        paced.slow_down(["POST#hot"])
    paced.wait({"POST#hot": 1})
    before = time.seconds

    paced.wait({"POST#hot": 1})

    assert time.seconds - before <= 1 / SLOWEST_UNITS_A_SECOND + 1e-9


def test_who_writes_beside_others_takes_its_part_of_a_partition(time):
    paced = pacer(time, 1_000.0)
    paced.wait({"RUN#hot": 1})
    paced.share(4)
    for name in ("RUN#hot", "RUN#fresh"):
        paced.wait({name: 250})
        before = time.seconds
        paced.wait({name: 250})
        paced.wait({name: 250})
        assert time.seconds - before == pytest.approx(2, abs=1.1)

    paced.share(1)
    before = time.seconds
    for _ in range(200):
        paced.wait({"RUN#fresh": 100})
    assert time.seconds - before < 40


def test_idle_partitions_are_forgotten_and_one_that_is_waited_for_is_not(time, monkeypatch):
    monkeypatch.setattr(pacing, "REMEMBERED", 3)
    paced = pacer(time, 1_000.0)
    paced.wait({"POST#hot": 5_000})
    for number in range(5):
        paced.wait({f"USER#{number}": 1})
    before = time.seconds
    paced.wait({"POST#hot": 2})
    assert time.seconds - before == pytest.approx(4, abs=0.1)

    time.seconds += 10
    paced.wait({"POST#cool": 1})

    assert paced._lanes.keys() == {"POST#cool"}
