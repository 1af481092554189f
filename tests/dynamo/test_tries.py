"""Tries of one call: one budget, waits that grow, and a log that is silent unless asked for."""

from __future__ import annotations

import logging
import random
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from seedbed.dynamo import tries
from seedbed.dynamo.engines import Engine
from seedbed.dynamo.engines.answers import ATTEMPTS
from seedbed.dynamo.table import Table
from seedbed.dynamo.tries import FEW, FIRST_WAIT_SECONDS, JITTER_SECONDS, LONGEST_WAIT_SECONDS, Tries
from services import errors
from services.rows.schema import SCHEMA


class TroubleError(Exception):
    pass


class OddError(Exception):
    pass


@pytest.fixture(autouse=True)
def waits(monkeypatch) -> list[float]:
    """How long each wait was to be; none takes any time."""
    waits: list[float] = []
    monkeypatch.setattr(tries, "sleep", waits.append)
    return waits


def made(*ends: Exception | None, **options: Any) -> int:
    """Make tries that end so, the last end for good; return how many were made."""
    number, last = 0, list(ends)
    for attempt in Tries("Query", (TroubleError,), **options):
        with attempt:
            number += 1
            end = last.pop(0) if len(last) > 1 else last[0]
            if end is not None:
                raise end
    return number


def count(error: Exception, **options: Any) -> int:
    """How many tries an error takes that never ends."""
    number = 0
    with pytest.raises(type(error)):  # noqa: PT012 - the tries are the act
        for attempt in Tries("Query", (TroubleError,), **options):
            with attempt:
                number += 1
                raise error
    return number


def test_a_call_that_goes_through_is_tried_once(waits):
    assert (made(None), waits) == (1, [])


def test_what_is_worth_another_try_gets_so_many_and_no_more(waits):
    assert made(TroubleError(), TroubleError(), None) == 3
    assert count(TroubleError()) == ATTEMPTS
    assert len(waits) == 2 + ATTEMPTS - 1  # none after the last


def test_what_is_not_is_raised_at_once(waits):
    assert (count(OddError()), waits) == (1, [])
    assert count(KeyboardInterrupt()) == 1


def test_what_is_worth_a_few_tries_gets_those(waits):
    assert count(OddError(), worth_few=(OddError,)) == FEW
    assert count(TroubleError(), worth_few=(OddError,)) == ATTEMPTS


def test_waits_grow_up_to_a_bound_and_differ(waits):
    state = random.getstate()
    for _ in range(20):
        count(TroubleError())
    for step in range(ATTEMPTS - 1):
        least = FIRST_WAIT_SECONDS * 2**step
        of_step = waits[step :: ATTEMPTS - 1]
        assert all(min(least, LONGEST_WAIT_SECONDS) <= one <= least + JITTER_SECONDS for one in of_step)
        assert max(of_step) <= LONGEST_WAIT_SECONDS
    assert len({*waits[:: ATTEMPTS - 1]}) > 1
    assert random.getstate() == state


def test_a_try_is_logged_with_what_it_was_and_how_long_the_wait_is(caplog, waits):
    caplog.set_level(logging.INFO, "seedbed")
    made(TroubleError("too much"), None)
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("seedbed.dynamo.tries", logging.INFO)
    assert record.getMessage() == f"Query: try 1 failed, the next one comes in {waits[0]:.2f} s: too much"
    assert (record.operation, record.tries, record.wait_seconds) == ("Query", 1, waits[0])


def test_a_program_that_asks_for_no_log_sees_none():
    program = (
        "from seedbed.dynamo.tries import Tries\n"
        "import seedbed.dynamo.tries\n"
        "seedbed.dynamo.tries.sleep = lambda seconds: print('waited')\n"
        "tries = iter((1, 0))\n"
        "for attempt in Tries('Query', (ZeroDivisionError,)):\n"
        "    with attempt:\n"
        "        1 / (1 - next(tries))\n"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (answer.stdout, answer.stderr) == ("waited\n", "")


# One budget, also of a batch that comes back in parts


class Client:
    """Throttles every other time, and leaves a key undone every other."""

    def __init__(self, left: dict[str, Any], throttled: Exception) -> None:
        self.asked = 0
        self._left = left
        self._throttled = throttled

    def _answer(self, **_: Any) -> Any:
        self.asked += 1
        if self.asked % 2:
            raise self._throttled
        return self._left

    batch_write_item = batch_get_item = _answer


KEY = {"PK": {"S": "P"}, "SK": {"S": "S"}}
BATCHES = {
    "a write": (
        {"UnprocessedItems": {"social": [{"DeleteRequest": {"Key": KEY}}]}},
        lambda table: table.write_batch([], [("P", "S")]),
    ),
    "a read": (
        {"Responses": {}, "UnprocessedKeys": {"social": {"Keys": [KEY]}}},
        lambda table: table.get_many([("P", "S")]),
    ),
}


@pytest.fixture
def throttled() -> Iterator[Exception]:
    from botocore.exceptions import ClientError

    answer = {"Error": {"Code": "ThrottlingException"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    return ClientError(answer, "AnyOperation")


@pytest.mark.parametrize(("left", "call"), BATCHES.values(), ids=BATCHES)
def test_a_batch_that_is_throttled_and_left_undone_in_turn_has_the_tries_of_one_call(throttled, left, call):
    client = Client(left, throttled)
    engine = Engine(kind="endpoint", client=client, close=lambda: None, is_checked=True)
    table = Table(engine, "social", SCHEMA, endpoint_url="http://there")
    table._mark.is_open = True
    with pytest.raises(errors.UnavailableError):
        call(table)
    assert client.asked == ATTEMPTS
