"""When a thing happens: cause before effect.

`at=` says when; without it, the app's clock does. What a thing needs is made earlier (its author joined one
hour to one year before), what follows from it later (a like between the post and now). A moment that we draw is never
before that of an object which it needs. One that the caller gives, or declares in whatever form and wherever, stands.
"""

from __future__ import annotations

import inspect
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from factory.declarations import BaseDeclaration
from factory.enums import CREATE_STRATEGY

from seedbed.clock import EARLIEST, to_milliseconds
from seedbed.errors import InvalidSettingError
from seedbed.strategy.binding import Binding, find_binding
from seedbed.strategy.errors import InvalidMomentError, NoMomentError
from seedbed.strategy.randomness import Draw, object_key
from seedbed.strategy.signatures import parameters_of, takes_id
from seedbed.strategy.traits import declares

if TYPE_CHECKING:
    from collections.abc import Iterable

    from factory.base import FactoryOptions
    from factory.builder import BuildStep

_JOINED_AT_LEAST = timedelta(hours=1)
_JOINED_AT_MOST = timedelta(days=365)
_NO_BLOCK: AbstractContextManager[Any] = nullcontext()


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
        known = step.builder.factory_meta.pre_declarations
        if "at" not in known:
            return _let_wait(step, self.at)
        declared = known["at"]
        own = declared.declaration
        if isinstance(own, BaseDeclaration):
            own = own.evaluate_pre(instance=instance, step=step, overrides=dict(declared.context))
        return _let_wait(step, self.at) if own is None else own


def _let_wait(step: Any, at: Any) -> Any:
    step.waits = True  # until `moment_of`; only that of this object, whatever others make of the value
    return at


def takes_moment(meta: FactoryOptions, step: BuildStep) -> bool:
    """Tell whether a factory that is nested in a step is told when: `at` is a parameter, or the app lets time stand.

    A field of this name is the model's own.
    """
    if "at" in meta.parameters:
        return True
    is_ours = getattr(meta, "service", None) is not None and step.builder.strategy == CREATE_STRATEGY
    return is_ours and "at" not in meta.pre_declarations and can_stand(find_binding().app)


def can_stand(app: Any) -> bool:
    """Tell whether an app has a block in which its clock stands still: `app.at(moment, key)`."""
    return callable(getattr(app, "at", None))


def block_of(
    binding: Binding, step: BuildStep, values: dict[str, Any], accepted: frozenset[str] | None
) -> AbstractContextManager[Any]:
    """Return the block for a service call in which the app's clock stands at the object's `at`, and ids are keyed.

    Takes `at` out of the values, unless it is an argument of the service's own.

    Raises:
        InvalidMomentError: `at` cannot be one.
        NoMomentError: There is one, the service takes no `at`, and the app's clock cannot stand.
    """
    moment = _moment_of_call(binding, step, values, accepted)
    if not can_stand(binding.app) or (moment is None and not takes_id(step.builder.factory_meta.model)):
        return _NO_BLOCK
    kind: Any = type(binding.app)
    if not _takes_key(kind):
        return _NO_BLOCK if moment is None else binding.app.at(moment)
    block: Any = binding.app.at(moment, object_key(step))
    briefly = getattr(block, "briefly", None)  # where it costs less if nobody can join it
    found: AbstractContextManager[Any] = block if briefly is None else briefly()
    return found


@lru_cache(maxsize=256)  # a cache: what a method takes never changes, and it is asked for each call
def _takes_key(kind: Any) -> bool:
    """Tell whether the apps of a class key ids in the block too: `at(moment, key)`, not `at(moment)`."""
    method = inspect.getattr_static(kind, "at", None)
    places = [one.kind for one in parameters_of(method) or ()] if inspect.isfunction(method) else []
    by_place = {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}
    return not inspect.isfunction(method) or len(places) != 2 or not by_place >= {*places}  # noqa: PLR2004 - self, moment


def _moment_of_call(
    binding: Binding, step: BuildStep, values: dict[str, Any], accepted: frozenset[str] | None
) -> datetime | None:
    meta = step.builder.factory_meta
    moment = moment_of(step, meta.needs)
    is_ours = "at" in meta.parameters
    if "at" in meta.arguments:  # by another name
        values.pop("at", None)
        return None
    if accepted is not None and "at" in accepted:  # the service's own
        if moment is not None:
            values["at"] = moment
        return None
    if "at" in values and values["at"] is not None and (accepted is not None or moment is not None):
        moment = check_use(binding.app, meta, values.pop("at"))
    elif is_ours and moment is not None:
        _check_stands(binding.app, meta)
    return moment


def block_of_step(app: Any, step: BuildStep, service: tuple[object, frozenset[str] | None], said: object) -> Any:
    """Return the block for a later call on an object: the clock stands where it is `said`, else at the object's `at`.

    `service` is that of the object, and what it takes: an `at` of its own is no moment of ours.

    Raises:
        InvalidMomentError: What is said cannot be one.
        NoMomentError: Something is said, and the app's clock cannot stand.
    """
    meta, (called, accepted) = step.builder.factory_meta, service
    if said is not None:
        if not can_stand(app):
            raise NoMomentError(meta.factory.__name__, called, app)
        return app.at(check_moment(meta.factory.__name__, said))
    is_its_own = "at" in meta.arguments or (accepted is not None and "at" in accepted)
    moment = None if is_its_own else moment_of(step, meta.needs)
    return _NO_BLOCK if moment is None or not can_stand(app) else app.at(moment)


def check_use(app: Any, meta: Any, at: object) -> datetime:
    """Return an `at` that is no argument of the service, as it is used.

    Raises:
        InvalidMomentError: It cannot be one.
        NoMomentError: The app's clock cannot stand.
    """
    _check_stands(app, meta)
    return check_moment(meta.factory.__name__, at)


def _check_stands(app: Any, meta: Any) -> None:
    if not can_stand(app):
        raise NoMomentError(meta.factory.__name__, meta.service, app)


def came_to_be(thing: Any) -> datetime | None:
    """Return when an object was made, where it says so by `created_at`, with a time zone."""
    moment = getattr(thing, "created_at", None)
    return moment if _is_moment(moment) else None


def _is_moment(value: object) -> bool:
    return isinstance(value, datetime) and value.utcoffset() is not None


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
    """Return a step's `at`, whoever says it; None where nobody does, or a field of this name says something else.

    Raises:
        InvalidMomentError: It cannot be one.
    """
    at: object = getattr(step.stub, "at", None) if declares(step, "at") else None
    meta = step.builder.factory_meta
    if at is None or not ("at" in meta.parameters or _is_moment(at)):
        return None
    return check_moment(meta.factory.__name__, at)


def moment_of(step: BuildStep, needs: Iterable[str]) -> datetime | None:
    """Return when the object of this step is made: its `at`; one that we drew waits for what it `needs`.

    Raises:
        InvalidMomentError: `at` cannot be one.
    """
    at = given_moment(step)
    if at is None or not getattr(step, "waits", False):
        return at
    causes = (came_to_be(getattr(step.stub, name)) for name in needs)
    return max([at, *(cause for cause in causes if cause is not None)])
