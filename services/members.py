"""Who belongs to a seeding run: one row a user, put in the same transaction as the user.

So no crash leaves a user of whom nobody knows where they came from, and a run can be taken away by any version of
the code. See `runs.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from services import items, keys
from services.changes import Put
from services.entities import User


class Members:
    """Tells what is put beside a new user: nothing, or, while a run is at work in this app, that it made the user."""

    def __init__(self) -> None:
        self._run: str | None = None

    @contextmanager
    def of(self, run_name: str) -> Iterator[None]:
        """Note every user who is created in the block, in any thread of this app, as the run's."""
        before, self._run = self._run, run_name
        try:
            yield
        finally:
            self._run = before

    def puts(self, user: User) -> tuple[Put, ...]:
        """Return what to put beside a user."""
        if self._run is None:
            return ()
        return (Put(keys.run_user_key(self._run, user.id), items.run_user_row(self._run, user)),)
