"""What became of calls of a unit of work that an engine stopped or refused: the errors that tell what is written.

They tell also what completes it: from where the same calls again are known for the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from seedbed.errors import ServiceError, UnavailableError

ANYWHERE = "again"
BY_KEY = "again by the same seed, key and moment (a factory's: in the same run, from its seed)"
OF_APP = "again, with the same values, of this app and within ten minutes,"
BEYOND = "of those alone that are not written"
"""Whence the same call again completes what was stopped. What draws no id says the same whenever it is called; what
draws one, where the id is a key's, or where the app still knows it (`seedbed.dynamo.unfinished`). Of a unit of work
that made too much to be known again, only what is not written may be called again."""


class UncommittedError(UnavailableError):
    """A unit of work stopped before this call's Change was written."""

    def __init__(self, cause: BaseException | None = None) -> None:
        self.cause = cause
        why = f"{cause}: " if cause is not None else ""
        super().__init__(f"{why}the unit of work stopped before this was written")


class UnknownOutcomeError(UnavailableError):
    """The answer to a write was lost, and nothing tells whether it took place: it may be there, or still come.

    The same call again completes it, and writes nothing twice. Of a call that draws an id the message tells its reach:
    this app knows it again for `seedbed.dynamo.unfinished.KNOWN_AGAIN`, a key (`app.at`) draws the same id anywhere.
    """

    is_unknown = True

    def __init__(self, cause: BaseException | None = None, reach: str = ANYWHERE) -> None:
        self.cause = cause
        why = f"{cause}: " if cause is not None else ""
        super().__init__(f"{why}nobody knows whether this is written; the same call {reach} completes it")


class UndeliveredError(UnavailableError):
    """A call is written, and what follows from it in feeds is not, or not wholly.

    Attributes:
        cause: Why not.
        value: What the call made, as it is stored.
    """

    def __init__(self, cause: ServiceError, value: object, reach: str = ANYWHERE) -> None:
        self.cause = cause
        self.value = value
        super().__init__(
            f"{cause}: the call is written, and feeds may lack what it brings; the same call {reach} completes them"
        )


class DeletionStoppedError(UnavailableError):
    """The engine stopped a deletion, which is written in several steps. The message tells what completes it.

    Attributes:
        cause: Why.
        what: What was to be deleted.
        state: What has become of it.
    """

    def __init__(self, cause: ServiceError, what: str, state: str, *, is_unknown: bool = False) -> None:
        self.cause, self.what, self.state, self.is_unknown = cause, what, state, is_unknown
        super().__init__(f"{cause}: {what} {state}")


class StoppedError(UnavailableError):
    """The engine stopped a unit of work; `cause` is why. What is written stays.

    The same calls again, all of them, complete it, and write nothing twice; the message tells whence. Of more than
    `seedbed.dynamo.unfinished.KEPT` users, posts and comments whose ids no key drew they would make what is written
    once more: there, call again only those whose `stored` raises UncommittedError. What feeds lack a repair adds too.

    Attributes:
        cause: Why.
        committed: How many calls are written.
        unwritten: How many are not.
        unknown: How many may be or not: their answers were lost, and their rows do not tell.
        refusals: What the table refused.
        undelivered: How many written calls have effects on feeds that are not known to be complete.
    """

    def __init__(
        self,
        cause: ServiceError,
        *,
        committed: int,
        unwritten: int,
        unknown: int = 0,
        refusals: Sequence[ServiceError] = (),
        undelivered: int = 0,
        reach: str = ANYWHERE,
    ) -> None:
        self.cause, self.refusals = cause, tuple(refusals)
        self.committed, self.unwritten, self.undelivered = committed, unwritten, undelivered
        self.unknown, self.is_unknown = unknown, unknown > 0
        maybe = f"{unknown} may be or not, " if unknown else ""
        text = f"{cause} ({committed} calls are written, {unwritten} are not, {maybe}{len(self.refusals)} were refused"
        if undelivered:
            text += f"; feeds may lack what {undelivered} of them bring, which an audit's repair adds"
        super().__init__(f"{text}; {_remedy(reach)})")


def _remedy(reach: str) -> str:
    if reach != BEYOND:
        return f"the same calls {reach} complete it"
    return "too many to be known again: call again only those whose `stored` raises UncommittedError"


class RefusedChangesError(ServiceError, ExceptionGroup[ServiceError]):
    """Some calls of a unit of work were refused; all the others were committed.

    `exceptions` holds the refusals in the order of the calls, so `except* HandleTakenError` works.
    """

    committed: int

    def __new__(cls, refusals: Sequence[ServiceError], committed: int) -> Self:
        """Make the group: `refusals` in the order of the calls, `committed` the number of calls that were written."""
        message = f"{refusals[0]} (the first refusal: {len(refusals)} calls were refused, {committed} were committed)"
        group = super().__new__(cls, message, list(refusals))
        group.committed = committed
        return group

    def __init__(self, refusals: Sequence[ServiceError], committed: int) -> None:
        """Do what `__new__` has not done yet: nothing."""

    def derive(self, excs: Sequence[ServiceError]) -> RefusedChangesError:  # type: ignore[override]
        """Keep type and count when the group is split by `except*`."""
        return RefusedChangesError(excs, self.committed)
