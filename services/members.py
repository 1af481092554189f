"""Who belongs to a seeding run: one row a user, put in the same transaction as the user.

So no crash leaves a user of whom nobody knows where they came from, and a run can be taken away by any version of
the code. See `runs.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from seedbed.context import Scope
from seedbed.dynamo.changes import Put, unless
from services.entities import User
from services.errors import GoneError
from services.rows import items, keys

_RUNS: Scope[str] = Scope("run")


class Members:
    """Tells what is put beside a new user: nothing, or, inside a run of this app, that the run made the user."""

    @contextmanager
    def of(self, run_name: str) -> Iterator[None]:
        """Note every user who is created in the block as the run's: by the code of the block, and what it begins.

        Who signs up meanwhile, in another thread or task, is nobody's.
        """
        block = _RUNS.open(run_name, self)
        try:
            yield
        finally:
            _RUNS.close(block)

    @property
    def run(self) -> str | None:
        """The run that makes the users who sign up now; None: nobody's."""
        run = _RUNS.find(self)
        return None if run is None else run.value

    def puts(self, user: User) -> tuple[Put, ...]:
        """Return what to put beside a user. Where only this is there already, the run made the user, who left since."""
        run = self.run
        if run is None:
            return ()
        note = items.run_user_row(run, user)
        return (Put(keys.run_user_key(run, user.id), note, unless(GoneError, user)),)
