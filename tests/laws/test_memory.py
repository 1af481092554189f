"""What a batch leaves in memory on the embedded engine: the objects that it returns, their rows, and little besides."""

from __future__ import annotations

import gc
import tracemalloc

from factories import UserFactory, using
from services import connect

BATCH = 2_000
GOAL_BYTES = 2_000
"""A user and the four rows of it. With what a call that is at work holds, 200,000 of them take half a gigabyte."""


def test_a_user_of_a_batch_takes_two_kilobytes_with_its_rows():
    with connect() as app, using(app, seed=7):
        UserFactory.create_batch(10)  # what is read once and remembered
        gc.collect()
        tracemalloc.start()
        try:
            users = UserFactory.create_batch(BATCH)
            gc.collect()
            used = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()

    assert len(users) == BATCH
    assert used / BATCH < GOAL_BYTES
