"""When a thing happens: cause before effect.

`at=` says when; without it, the app's clock does. What a thing needs is made earlier (its author joined one
hour to one year before), what follows from it later (a like between the post and now). A drawn moment is
never before that of an object which it needs; a moment given by the caller is taken as it is.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from factory.declarations import BaseDeclaration

from factories.binding import find_binding
from factories.errors import InvalidMomentError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from factory.builder import BuildStep

_JOINED_AT_LEAST = timedelta(hours=1)
_JOINED_AT_MOST = timedelta(days=365)


def now() -> datetime:
    """Return what the bound app's clock says; without an app, the machine's."""
    binding = find_binding()
    return datetime.now(UTC) if binding is None else binding.now()


def between(earliest: datetime, latest: datetime, part: float) -> datetime:
    """Return the moment a part of the way along; `earliest`, where that is not before `latest`."""
    return earliest + (latest - earliest) * part if earliest < latest else earliest


def before(at: datetime, part: float) -> datetime:
    """Return when somebody joined who acts at `at`: a part of the way along the year before it."""
    return between(at - _JOINED_AT_MOST, at - _JOINED_AT_LEAST, part)


class Moment(BaseDeclaration):
    """A drawn moment, given to a nested factory as its `at`; it waits for what that one needs."""

    def __init__(self, at: datetime) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.at = at

    def evaluate(self, instance: Any, step: BuildStep, extra: dict[str, Any]) -> datetime:
        """Return the moment."""
        del instance, step, extra
        return self.at


def moment_of(step: BuildStep, needs: Iterable[str]) -> datetime:
    """Return when the object of this step is made: its `at`; a drawn one waits for what it `needs`.

    Raises:
        InvalidMomentError: `at` is no datetime with a time zone.
    """
    stub: Any = step.stub
    at: object = stub.at
    if not isinstance(at, datetime) or at.tzinfo is None:
        raise InvalidMomentError(step.builder.factory_meta.factory.__name__, at)
    is_given: bool = step.builder.extras.get("at") is at
    if is_given:
        return at
    causes = (getattr(getattr(stub, name), "created_at", at) for name in needs)
    return max([at, *causes])
