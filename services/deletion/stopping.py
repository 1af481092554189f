"""Deletions that the engine stops: what their caller hears, and what the same call again finds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import attrs

from seedbed.dynamo.session import Session
from services.errors import DeletionStoppedError, NotFoundError, PermissionDeniedError, StoppedError, UnavailableError

_AGAIN = "the same call again completes it"


@attrs.frozen
class Step:
    """What has become of something when a step of its deletion is stopped: nothing of it written, unknown, or all."""

    stopped: str
    unknown: str
    written: str


_HIDDEN = f"is not deleted yet, and hidden already; {_AGAIN}"
HIDING = Step(f"is not deleted; {_AGAIN}", f"is not deleted yet, and may be hidden; {_AGAIN}", _HIDDEN)
TAKING = Step(
    _HIDDEN,
    f"is hidden already, and may be deleted; {_AGAIN}",
    "is deleted; should a feed hold it yet, readers pass it over and an audit's repair takes it away",
)
_WITHDRAWN = f"is not deleted yet, though replies to it may be; {_AGAIN}"
WITHDRAWING = Step(_WITHDRAWN, f"may be deleted, or replies to it; {_AGAIN}", _WITHDRAWN)
_LEFT = f"is not gone yet, though some of what hangs on it is; {_AGAIN}"
LEAVING = Step(_LEFT, f"may be gone, or some of what hangs on it; {_AGAIN}", _LEFT)


@contextmanager
def deleting(session: Session, what: str, caller: str, step: Step) -> Iterator[None]:
    """Tell what stops a deletion by the call and not by its Changes, and note for the same call that it was begun.

    Raises:
        DeletionStoppedError: the engine stopped it.
    """
    try:
        yield
    except (UnavailableError, PermissionDeniedError) as error:
        session.unfinished.note_removal((what, caller))
        stopped = _deletion_error(error, what, step)
        raise stopped from error


def _deletion_error(error: UnavailableError | PermissionDeniedError, what: str, step: Step) -> DeletionStoppedError:
    if not isinstance(error, StoppedError):
        return DeletionStoppedError(error, what, step.stopped)
    is_written = error.committed and not error.unwritten and not error.unknown and not error.refusals
    state = step.unknown if error.is_unknown else step.written if is_written else step.stopped
    return DeletionStoppedError(error.cause, what, state, is_unknown=error.is_unknown)


@contextmanager
def completing(session: Session, what: str, caller: str) -> Iterator[None]:
    """Pass over that what a deletion is about is not there, where this very call was stopped before, and took it away.

    The app knows it for `seedbed.dynamo.unfinished.KNOWN_AGAIN`; elsewhere the call says that it is not there.

    Raises:
        NotFoundError: it is not there, and no such call was stopped.
    """
    try:
        yield
    except NotFoundError:
        if not session.unfinished.was_removing((what, caller)):
            raise
    else:
        session.unfinished.was_removing((what, caller))
