"""Runs: how far each seeding run has come and whom it made, kept in the table itself.

A run has one row, found with all others by one query, and one row a user whom it made (`members.py`). Its phase is
recorded when all rows of the phase before are committed, and only moves forward: so whoever finds a phase recorded need
not send what came before it, and of two processes that make the same world the slower one hears that it was so already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from services import items, keys
from services.changes import Change, Delete, Put, Set, already
from services.clock import Clock
from services.entities import RESETTING, Run
from services.errors import (
    RunNotEmptyError,
    RunNotFoundError,
    RunResettingError,
    ServiceError,
)
from services.items import Row
from services.leaving import leave, take_posts
from services.members import Members
from services.session import Session

TOGETHER = 100
"""Users that leave together: enough to fill packs, and few enough to keep what they have in memory."""


class RunService:
    """Begins, finds and advances runs, and takes away what a run made."""

    def __init__(self, session: Session, clock: Clock, members: Members) -> None:
        self._session = session
        self._clock = clock
        self._members = members

    def begin(self, run: Run) -> Run:
        """Put a run, unless it is there already; return it as it stands.

        Cost: 1 read, and for a new one 1 transaction of 1 action and 1 read more.
        """
        standing = self.find(run.name)
        if standing is not None:
            return standing
        self._session.apply(Change(puts=(Put(keys.run_key(run.name), items.run_row(run)),)), None)
        return self.find(run.name) or run

    def find(self, name: str) -> Run | None:
        """Return the run of a name. Cost: 1 read."""
        row = self._session.get(keys.run_key(name))
        return None if row is None else items.run_of(row)

    def all(self) -> list[Run]:
        """Return all runs of the table, by name. Cost: 1 query."""
        return [items.run_of(row) for rows in self._session.each(keys.RUNS, keys.RUN_PREFIX) for row in rows]

    def count_users(self, name: str) -> int:
        """Count the users whom a run made, also those who left since. Cost: 1 query per 1,000."""
        return sum(len(user_ids) for user_ids in self._user_ids(name, 1_000))

    def _user_ids(self, name: str, chunk: int) -> Iterator[list[str]]:
        for rows in self._session.each(keys.run_partition(name), keys.USER_PREFIX, chunk=chunk):
            yield [items.text_of(row, "user_id") for row in rows]

    def recording(self, name: str) -> AbstractContextManager[None]:
        """Note every user who is created in the block as the run's, in the user's own transaction."""
        return self._members.of(name)

    def advance(self, name: str, before: str, after: str) -> None:
        """Record that all of the phase `before` is in the table. Where the run has come further, nothing changes.

        Commit first what the phase made: outside a unit of work it is.

        Raises:
            RunNotFoundError: the run was taken away.
            RunResettingError: it is being taken away.

        Cost: 1 transaction of 1 action.
        """

        def refused(row: Row | None) -> ServiceError | None:
            if row is None:
                return RunNotFoundError(name)
            run = items.run_of(row)
            return RunResettingError(name, run.title) if run.is_resetting else None

        part = Set(keys.run_key(name), {"phase": {"S": after}}, refused, {"phase": {"S": before}})
        self._session.apply(Change(sets=(part,)), None)

    def reset(self, name: str, progress: Callable[[str, int], None] = lambda _what, _done: None) -> int:
        """Take away the users whom a run made, with all that is theirs, and the run; return how many users that were.

        As `ProfileService.delete_profile` does it, for many users together. Others' rows and counts stay right at every
        moment. Stopped half way, the same call again completes it; until then the run cannot be seeded.

        Args:
            name: the run's; its users are found also when its own row is gone.
            progress: told "posts" and "users" with the number of users whose are gone.

        Raises:
            ChangedMeanwhileError: others kept following, liking or commenting.
            RunNotEmptyError: somebody seeds the run just now.

        Cost: 4 to 6 queries a user, the deletion of each post, and 1 transaction per 99 rows.
        """
        closing = Set(keys.run_key(name), {"phase": {"S": RESETTING}}, already)
        self._session.apply(Change(sets=(closing,)), None)
        gone = self._take_posts(name, progress) and self._take_users(name, progress)
        if any(self._user_ids(name, 1)):
            raise RunNotEmptyError(name)
        self._session.apply(Change(deletes=(Delete(keys.run_key(name), already, {"phase": {"S": RESETTING}}),)), None)
        return gone

    def _take_posts(self, name: str, progress: Callable[[str, int], None]) -> int:
        """Take all posts first: who leaves then has nothing in anybody's feed any more."""
        done = 0
        for user_ids in self._user_ids(name, TOGETHER):
            take_posts(self._session, self._clock.now(), user_ids)
            done += len(user_ids)
            progress("posts", done)
        return done

    def _take_users(self, name: str, progress: Callable[[str, int], None]) -> int:
        done = 0
        for user_ids in self._user_ids(name, TOGETHER):
            leave(self._session, self._clock.now(), user_ids)
            self._session.write_batch((), [keys.run_user_key(name, user_id) for user_id in user_ids])
            done += len(user_ids)
            progress("users", done)
        return done
