"""`Meta.bulk_service`: the app's own bulk path, which `create_batch` and `create_each` then go by.

    class OrderFactory(ServiceFactory[Order]):
        class Meta:
            service = "orders.place"
            bulk_service = Bulk("orders.import_many", size=500)

What an object needs is made before it, through its own services; then the bulk path is called with what the service
would be called with for each, and returns the entities in the same order; then come the hooks of each, in order.
"""

from __future__ import annotations

import itertools
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import attrs
from factory.enums import CREATE_STRATEGY

from seedbed.errors import NotLoadedError
from seedbed.plain import show_error
from seedbed.portable import Portable
from seedbed.strategy.acting import acting_of, inside
from seedbed.strategy.binding import current_binding
from seedbed.strategy.builder import Draft, ServiceStepBuilder
from seedbed.strategy.calls import Calls, Ready, Tries
from seedbed.strategy.errors import BuildFailureError, FactoryError, InvalidOptionError
from seedbed.strategy.moments import given_moment
from seedbed.strategy.ranges import find_count
from seedbed.strategy.repeats import advise
from seedbed.strategy.roles import pair_off
from seedbed.strategy.service_errors import AsyncServiceError, InvalidBulkError
from seedbed.strategy.services import find_service
from seedbed.strategy.signatures import takes
from seedbed.strategy.unawaited import service_name
from seedbed.strategy.units import call_in
from seedbed.strategy.waiting import can_wait, is_async, settle

_SIZE = 1_000
_OWN = {"seedbed", "factory", "contextlib"}


@attrs.frozen
class Bulk:
    """A bulk path.

    Attributes:
        service: What to call, as `Meta.service`. It is given one list, and returns the entities in its order; an
            exception in the place of one says why that was refused.
        size: How many objects a call makes at most.
        columns: It is given each argument as a list of its own, by name, instead of a list of dicts.
        row: What makes an element of the list from an object's arguments, such as a class; by default a dict.
        is_atomic: A call that raises has written nothing: then its objects are made one by one, so that who is refused
            is named and the others are there. None: where the unit of work makes each call a savepoint (`unit.call`).
    """

    service: Any
    size: int = _SIZE
    columns: bool = attrs.field(default=False, kw_only=True)
    row: Callable[..., Any] = attrs.field(default=dict, kw_only=True)
    is_atomic: bool | None = attrs.field(default=None, kw_only=True)


def bulk_of(meta: Any) -> Bulk | None:
    """Return a factory's bulk path.

    Raises:
        InvalidOptionError: `Meta.bulk_service` can be none, or there is no service beside it.
    """
    said = meta.bulk_service
    if said is None:
        return None
    bulk = said if isinstance(said, Bulk) else Bulk(said)
    rule = "a dotted path on the app, a method of a service, a callable, or a Bulk of one, with a size from 1 on"
    if not (callable(bulk.service) or (isinstance(bulk.service, str) and bulk.service.strip("."))):
        raise InvalidOptionError("bulk_service", said, rule)
    if not find_count(bulk.size):
        raise InvalidOptionError("bulk_service", said, rule)
    if meta.service is None:
        raise InvalidOptionError("bulk_service", said, "beside a service, which makes single objects")
    return bulk


@attrs.define
class _One:
    """One object on its way."""

    overrides: Mapping[str, Any]
    calls: Calls = attrs.field(factory=Calls)
    draft: Draft | None = None
    ready: Ready | None = None
    value: Any = None
    failure: BuildFailureError | None = None
    is_known: bool = True
    """Whether it is known what became of it."""


class BulkPathWarning(Portable, UserWarning):
    """A bulk path raised where the service makes the same objects, so a batch is as slow as without it."""

    def __init__(self, factory: str, service: Any, cause: Exception) -> None:
        self.factory = factory
        self.service = service
        self.cause = cause
        super().__init__(factory, service, cause)

    def __str__(self) -> str:
        """Return what failed, why, and what was done instead."""
        return (
            f"{self.factory}'s bulk {service_name(self.service)} raised {show_error(self.cause)}; its objects "
            "were made one by one through the service instead"
        )


def _are_alike(one: object, other: object) -> bool:
    return isinstance(one, type(other)) or isinstance(other, type(one))


def _depth_of_caller() -> int:
    """Return how many frames up, from who asks, the code stands that is neither ours nor factory_boy's."""
    frame, depth = sys._getframe(1), 1  # noqa: SLF001 - as `warnings` does
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in _OWN:
        frame, depth = frame.f_back, depth + 1
    return depth


class BulkRun:
    """The making of a batch by a bulk path.

    Raises:
        AsyncServiceError: The path is async, and nothing can wait here.
        InvalidOptionError: It does not take one list.
    """

    def __init__(self, factory: Any, each: Iterable[Mapping[str, Any]]) -> None:
        self._factory = factory
        self._meta = factory._meta  # noqa: SLF001 - where factory_boy keeps a factory's options
        self._bulk: Bulk = self._meta.bulk
        self._each = iter(each)
        self._faults: dict[type, Exception] = {}  # of the path alone, not of what it was given; one of a kind
        self._service = find_service(factory, self._bulk.service, current_binding())
        if not self._bulk.columns and not takes(self._service.function, 1):
            rule = "of what is called with one list, of what the service would be called with for each"
            raise InvalidOptionError("bulk_service", self._bulk.service, rule)
        if is_async(self._service.function) and not can_wait():
            raise AsyncServiceError(factory.__name__, "bulk_service")

    def try_each(self, session: Any, tries: Tries) -> Exception | None:
        """Make them, each tried; an error that is no refusal ends it, and is returned."""
        while chunk := [_One(overrides) for overrides in itertools.islice(self._each, self._bulk.size)]:
            error = self._make(session, chunk)
            for one in chunk:
                if one.is_known:
                    self._note(session, tries, one)
            if error is not None or session.is_stopped:
                return error
        return None

    @staticmethod
    def _note(session: Any, tries: Tries, one: _One) -> None:
        session.calls.extend(one.calls)
        if one.failure is not None:
            tries.failures[len(tries.values)] = one.failure
        tries.end(None if one.failure is not None else one.value, len(session.calls))

    def _make(self, session: Any, chunk: list[_One]) -> Exception | None:
        error = self._for_each(session, chunk, self._begin)
        waiting = [one for one in chunk if one.ready is not None and one.failure is None]
        for group in self._groups(waiting):
            error = self._call(session, group) or error
        there = [one for one in waiting if one.failure is None and one.is_known]
        return self._for_each(session, there, self._finish) or error

    def _for_each(self, session: Any, chunk: list[_One], function: Callable[[Any, _One], None]) -> Exception | None:
        """Do something for each; drop from where an error that is no refusal ends it, and return that."""
        for place, one in enumerate(chunk):
            calls, session.calls = session.calls, one.calls
            try:
                function(session, one)
            except BuildFailureError as failure:
                one.failure = failure
            except Exception as error:  # noqa: BLE001 - raised again when the unit of work is closed
                del chunk[place:]
                return error
            finally:
                session.calls = calls
        return None

    def _begin(self, session: Any, one: _One) -> None:
        builder = ServiceStepBuilder(self._meta, dict(one.overrides), CREATE_STRATEGY)  # type: ignore[no-untyped-call]
        one.draft = draft = builder.begin()
        if given_moment(draft.step) is not None or draft.args:  # a bulk path has no place for it
            one.value = builder.finish(draft, self._meta.instantiate(draft.step, draft.args, draft.kwargs))
            return
        one.ready = session.prepare(self._factory, draft.step, draft.kwargs)

    def _groups(self, waiting: list[_One]) -> Iterator[list[_One]]:
        if not self._bulk.columns:
            yield from [waiting] if waiting else []
            return
        for _, group in itertools.groupby(waiting, lambda one: list(one.ready.values) if one.ready else []):
            yield list(group)

    def _call(self, session: Any, group: list[_One]) -> Exception | None:
        rows = [dict(one.ready.values) for one in group if one.ready is not None]

        def perform() -> list[Any]:
            found = inside(self._meta, session.binding.app, lambda: self._call_service(rows))
            found = settle(found, "bulk_service", self._factory)
            made = list(found) if isinstance(found, Iterable) else None
            if made is None or len(made) != len(group):  # told in here, where a savepoint takes it back
                raise InvalidBulkError(self._factory.__name__, len(group), found if made is None else len(made))
            return [self._read(session, one, value) for one, value in zip(group, made, strict=True)]

        try:
            made = call_in(session.unit, perform, self._factory)
        except FactoryError as error:
            for one in group:
                one.is_known = False
            return error
        except Exception as cause:  # noqa: BLE001 - the refusal of all
            return self._refuse(session, group, cause)
        self._take(session, group, made)
        return None

    def _read(self, session: Any, one: _One, value: Any) -> Any:
        """Return the entity of what the path returned for an object, or why there is none."""
        if one.ready is None or isinstance(value, Exception):
            return value
        try:
            return session.service(self._factory).read(value, one.ready.values, self._factory)
        except NotLoadedError as error:  # all are there: none may be made again
            return error

    def _call_service(self, rows: list[dict[str, Any]]) -> Any:
        if self._bulk.columns:
            return self._service.function(**{name: [row[name] for row in rows] for name in rows[0]})
        return self._service.function([self._bulk.row(**row) for row in rows])

    def _take(self, session: Any, group: list[_One], made: Sequence[Any]) -> None:
        for one, value in zip(group, made, strict=True):
            if one.ready is None:
                continue
            if isinstance(value, Exception):
                one.failure = self._failure(session, one, value)
                continue
            one.value = value
            one.calls.add(self._factory, one.ready.values, one.value, said=(*one.overrides,))

    def _refuse(self, session: Any, group: list[_One], cause: Exception) -> Exception | None:
        """Make one by one what was refused together, where nothing of it is there; else say it of each."""
        is_atomic = self._bulk.is_atomic
        if is_atomic is None:
            is_atomic = hasattr(session.unit, "call")
        if is_atomic:
            return self._make_singly(session, group, cause)
        for one in group:
            if one.ready is not None:
                one.failure = self._failure(session, one, cause)
                one.failure.add_note(f"The bulk path was called for {len(group)} at once, and refused them all")
        return None

    def _make_singly(self, session: Any, group: list[_One], cause: Exception) -> Exception | None:
        made = [*group]
        error = self._for_each(session, made, self._single)
        for one in group[len(made) :]:
            one.is_known = False
        if not any(one.failure is not None and _are_alike(one.failure.cause, cause) for one in made):
            self._faults.setdefault(type(cause), cause)
        return error

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Tell, once the batch is made, that the path failed where the service did not: an error of the batch has it.

        Raises:
            BulkPathWarning: Warnings are errors.
        """
        try:
            yield
        except Exception as error:
            for cause in self._faults.values():
                error.add_note(str(BulkPathWarning(self._factory.__name__, self._bulk.service, cause)))
            raise
        for cause in self._faults.values():
            warning = BulkPathWarning(self._factory.__name__, self._bulk.service, cause)
            warnings.warn(warning, stacklevel=_depth_of_caller())

    def _single(self, session: Any, one: _One) -> None:
        if one.draft is not None and one.ready is not None:
            one.value = session.make(self._factory, one.draft.step, one.draft.args, one.ready)

    def _failure(self, session: Any, one: _One, cause: Exception) -> BuildFailureError:
        values = {} if one.ready is None else one.ready.values
        advice = advise(self._meta, one.overrides, values, cause, session.binding.seed)
        failure = BuildFailureError.of(self._factory, values, cause, acting=acting_of(self._meta), advice=advice)
        failure.__cause__ = cause
        return failure

    def _finish(self, _session: Any, one: _One) -> None:
        if one.draft is None or one.ready is None:
            return
        if self._meta.pairs is not None:
            pair_off(self._meta, one.draft.step, one.ready.values)
        builder: Any = one.draft.step.builder
        one.value = builder.finish(one.draft, one.value)
