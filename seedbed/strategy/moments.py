"""When a thing happens: cause before effect.

`at=` says when; without it, the app's clock does. What a thing needs is made earlier (its author joined one
hour to one year before), what follows from it later (a like between the post and now). A moment that we draw is never
before that of an object which it needs. One that the caller gives, or declares in whatever form and wherever, stands.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from factory.declarations import BaseDeclaration

from seedbed.clock import EARLIEST, to_milliseconds
from seedbed.errors import InvalidSettingError
from seedbed.strategy.binding import find_binding
from seedbed.strategy.errors import InvalidMomentError
from seedbed.strategy.randomness import Draw

if TYPE_CHECKING:
    from collections.abc import Iterable

    from factory.base import FactoryOptions
    from factory.builder import BuildStep

_JOINED_AT_LEAST = timedelta(hours=1)
_JOINED_AT_MOST = timedelta(days=365)


def now() -> datetime:
    """Return what the bound app's clock says; without an app, that of what is drawn unbound."""
    return find_binding().now()


def between(earliest: datetime, latest: datetime, part: float) -> datetime:
    """Return the moment a part of the way along; `earliest`, where that is not before `latest`."""
    return earliest + (latest - earliest) * part if earliest < latest else earliest


def before(at: datetime, part: float) -> datetime:
    """Return when somebody joined who acts at `at`: a part of the way along the year before it."""
    since = at - EARLIEST  # before which nothing was
    return between(at - min(_JOINED_AT_MOST, since), at - min(_JOINED_AT_LEAST, since), part)


class Moment(Draw):
    """An `at` that we draw ourselves, which waits for what the object needs. What a caller declares does not."""

    def evaluate(self, instance: Any, step: BuildStep, extra: dict[str, Any]) -> Any:
        """Draw it."""
        return _let_wait(step, max(super().evaluate(instance, step, extra), EARLIEST))


class NestedMoment(BaseDeclaration):
    """A moment of ours for a nested object, where the object's factory says none itself."""

    def __init__(self, at: datetime) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.at = at

    def evaluate(self, instance: Any, step: BuildStep, extra: dict[str, Any]) -> Any:
        """Ask the factory first."""
        del extra
        declared = step.builder.factory_meta.pre_declarations["at"]
        own = declared.declaration
        if isinstance(own, BaseDeclaration):
            own = own.evaluate_pre(instance=instance, step=step, overrides=dict(declared.context))
        return _let_wait(step, self.at) if own is None else own


def _let_wait(step: Any, at: Any) -> Any:
    step.waits = True  # until `moment_of`; only that of this object, whatever others make of the value
    return at


def takes_moment(meta: FactoryOptions) -> bool:
    """Tell whether a factory knows `at`."""
    return "at" in meta.pre_declarations


def check_moment(factory: str, at: object) -> datetime:
    """Return what a factory was given as `at`, as it can be stored.

    Raises:
        InvalidMomentError: It is no datetime with a time zone, or not of the years 1970 to 9999.
    """
    try:
        return to_milliseconds(at)
    except InvalidSettingError as error:
        raise InvalidMomentError(factory, at, error.rule) from None


def given_moment(step: BuildStep) -> datetime | None:
    """Return a step's `at`, whoever says it; None where nobody does.

    Raises:
        InvalidMomentError: It cannot be one.
    """
    at: object = getattr(step.stub, "at", None)
    return None if at is None else check_moment(step.builder.factory_meta.factory.__name__, at)


def moment_of(step: BuildStep, needs: Iterable[str]) -> datetime | None:
    """Return when the object of this step is made: its `at`; one that we drew waits for what it `needs`.

    Raises:
        InvalidMomentError: `at` cannot be one.
    """
    at = given_moment(step)
    if at is None or not getattr(step, "waits", False):
        return at
    causes = (getattr(getattr(step.stub, name), "created_at", at) for name in needs)
    return max([at, *causes])
