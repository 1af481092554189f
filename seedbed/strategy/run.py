"""One outermost factory call: its unit of work, the service calls made in it, and what became of them.

`create` and `create_batch` open one session; factories nested in them (sub-factories, hooks, a `create`
inside a hook) join it. What was queued before an error is committed all the same, as factory_boy leaves the
earlier objects: so a batch leaves what its singles would.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from factory.enums import SPLITTER

from seedbed.context import Scope
from seedbed.prohibition import check_allowed
from seedbed.strategy.acting import acting_of, add_actors, available, check_actor, inside
from seedbed.strategy.binding import Binding, binding_of, current_binding
from seedbed.strategy.calls import Call, Calls, Maker, Ready, Tries
from seedbed.strategy.collecting import rarer_collections
from seedbed.strategy.errors import BuildFailureError, FactoryError, InvalidHookError, NoAppError
from seedbed.strategy.filling import fill
from seedbed.strategy.models import check_model
from seedbed.strategy.moments import block_of
from seedbed.strategy.pool import find_pool
from seedbed.strategy.repeats import advise
from seedbed.strategy.roles import pair_off, role_factories
from seedbed.strategy.services import Service, resolve
from seedbed.strategy.unawaited import check_plain
from seedbed.strategy.units import PlainUnit, call_in, listening_in, open_unit, read_ahead_in, stored_in
from seedbed.strategy.waiting import settle_hook

if TYPE_CHECKING:
    from factory.builder import BuildStep

_LOG = logging.getLogger("factory.generate")  # what `factory.debug()` shows
_SESSIONS: Scope[Session] = Scope("session")


class Session:
    """The calls of one outermost `create` or `create_batch`."""

    def __init__(self, binding: Binding) -> None:
        self.binding = binding
        self.unit: Any = PlainUnit()
        self.calls = Calls()
        self._services: dict[object, Service] = {}

    def service(self, factory: Any) -> Service:
        """Return what `factory` creates through, on this session's app.

        Raises:
            NoServiceError: The app has no such service.
            NoInstanceError: The app holds no object of its class.
            ContainerError: A container of the app failed to make one.
            AmbiguousServiceError: The app holds several.
        """
        service = self._services.get(factory)
        if service is None:
            service = self._services[factory] = resolve(factory, self.binding.app, self.binding.places)
        return service

    def check(self, factory: Any, given: Iterable[str], above: frozenset[Any] = frozenset()) -> None:
        """Refuse fields that services do not take: of a factory, and of those that make what it needs.

        `given` are the keywords of the call.

        Raises:
            UnknownFieldError: One is declared and not taken.
            MissingFieldError: One is needed and not declared, nor given.
            MissingActorError: The service is called for somebody, and nobody acts.
            NoServiceError: The app has no such service.
            WrongModelError: It says that it makes something else.
        """
        meta, names = factory._meta, frozenset(given)  # noqa: SLF001 - where factory_boy keeps a factory's options
        if meta.actors:
            names |= available(meta)
        if (factory, meta.edition, names) in self.binding.checked:
            return
        check_model(meta)
        check_actor(meta, names, self.service(factory).takes)
        meta.check_fields(self.service(factory), names)
        if find_pool() is not None:  # then it is not known what is made
            return
        self.binding.checked.add((factory, meta.edition, names))
        for role, nested in role_factories(meta):
            is_given = not names.isdisjoint({role, f"{role}_id", meta.arguments.get(role)})
            if not is_given and nested not in above:
                inner = {*meta.roles[role].keywords, *_inside(role, names)}
                self.check(nested, inner, above | {factory})

    @property
    def is_stopped(self) -> bool:
        """Tell whether the unit of work takes no more calls: then neither another try nor another object helps."""
        return bool(getattr(self.unit, "is_stopped", False))

    def prepare(self, factory: Any, step: BuildStep, values: dict[str, Any]) -> Ready:
        """Return what a factory's service is called with, and the block round that call."""
        meta, service = factory._meta, self.service(factory)  # noqa: SLF001 - as above
        values = meta.arguments_for(service).of(step, values)
        block = block_of(self.binding, step, values, service.takes.accepted)
        if meta.actors or meta.before_hooks:
            values = _prepare(factory, values, service)
        return Ready(values, block)

    def make(self, factory: Any, step: BuildStep, args: tuple[Any, ...], ready: Ready) -> Any:
        """Call a factory's service, once, with what is ready for it; note what it returned.

        Another try is the service's business: it knows what is worth one, and waits no longer than it should.

        Raises:
            BuildFailureError: The service refused it.
            FactoryError: It was asked wrongly.
        """
        meta, (values, block) = factory._meta, ready  # noqa: SLF001 - as above
        _LOG.debug("ServiceFactory: Calling %s for %s with %r", meta.service, factory.__name__, values)
        try:
            if meta.pairs is not None:
                pair_off(meta, step, values)
            perform = partial(factory._create, meta.get_model_class(), *args, **values)  # noqa: SLF001 - factory_boy's
            if meta.within is not None:
                perform = partial(inside, meta, self.binding.app, perform)
            with block:
                value = call_in(self.unit, perform, factory)
        except Exception as cause:
            if isinstance(cause, FactoryError):
                raise
            advice = advise(meta, step.builder.extras, values, cause, self.binding.seed)
            failure = BuildFailureError.of(factory, values, cause, acting=acting_of(meta), advice=advice)
            raise failure from cause
        self.calls.add(factory, values, value, said=(*step.builder.extras,))
        return value

    def try_each(self, tries: Tries, make: Callable[[], Any] | Maker, count: int) -> Exception | None:
        """Make `count` objects, each tried; an error that is no refusal ends it, and is returned.

        A unit of work that is stopped ends it as well: the error that closes it tells why.
        """
        if not callable(make):  # a bulk path
            return make.try_each(self, tries)
        for place in range(count):
            value = None
            try:
                value = make()
            except BuildFailureError as failure:
                tries.failures[place] = failure
            except Exception as error:  # noqa: BLE001 - raised again when the unit of work is closed
                return error
            tries.end(value, len(self.calls))
            if self.is_stopped:
                break
        return None

    def settle(self, unit: Any, tries: Tries, place: int, *, is_refused: bool) -> Any:
        """Return an object as it is stored, or None with the failure of its try noted."""
        failure = tries.failures.get(place)
        if failure is None and is_refused:
            failure = self._first_refused(unit, [self.calls[call] for call in tries.calls(place)])
        if failure is None:
            try:
                return stored_in(unit, tries.values[place], tries.factory)
            except Exception as cause:  # noqa: BLE001 - becomes the try's failure, which is raised
                failure = self._failure(tries, place, cause)
        tries.failures[place] = failure
        return None

    def _first_refused(self, unit: Any, calls: list[Call]) -> BuildFailureError | None:
        for made in calls:
            try:
                stored_in(unit, made.value, made.factory)
            except Exception as cause:  # noqa: BLE001 - as above
                if not getattr(
                    cause, "is_gone", False
                ):  # made, and deleted again: only for the object itself a failure
                    return made.failure(cause, self.binding.seed)
        return None

    def _failure(self, tries: Tries, place: int, cause: Exception) -> BuildFailureError:
        value = tries.values[place]
        calls = (self.calls[call] for call in reversed(tries.calls(place)))
        made = next((call for call in calls if call.value is value), Call(tries.factory, (), (), value))
        return made.failure(cause, self.binding.seed)

    def run_after_hooks(self, unit: Any, factory: Any) -> None:
        """Run the after_create hooks of every stored object, in the order of creation.

        The unit of work, where it can, listens to what they change: so it is in what is returned.
        """
        hooks = {one: one._meta.after_hooks for one in self.calls.factories()}  # noqa: SLF001 - as above
        if any(hooks.values()):
            with listening_in(unit, factory):
                self._run_after_hooks(unit, hooks)

    def _run_after_hooks(self, unit: Any, hooks: dict[Any, Sequence[Callable[[Any], object]]]) -> None:
        for place in range(len(self.calls)):
            made = self.calls[place]
            if made.step is not None or not hooks[made.factory]:
                continue
            try:
                stored = stored_in(unit, made.value, made.factory)
            except Exception:  # noqa: BLE001, S112 - refused, or gone: settle reports it
                continue
            for hook in hooks[made.factory]:
                settle_hook(hook(stored), hook.__name__, made.factory)


def find_session(step: BuildStep | None = None) -> Session | None:
    """Return the session in force for the binding in force, or None. In another thread or task there is none.

    Raises:
        NoAppError: No app is bound.
    """
    block = _SESSIONS.find()
    if block is None or not block.is_here:
        return None
    binding = binding_of(step)
    if binding.app is None:
        raise NoAppError
    return block.value if block.value.binding is binding else None


def call(factory: Any, step: BuildStep, arguments: tuple[tuple[Any, ...], dict[str, Any]]) -> Any:
    """Call a factory's service, with its hooks: in the session in force, or below a plain factory in one of its own.

    Raises:
        FactoryError: The service refused it (BuildFailureError), or it was asked wrongly.
    """
    session = find_session(step)
    if session is None:
        return produce(factory, lambda: call(factory, step, arguments), 1, arguments[1])[0]
    args, values = arguments
    return session.make(factory, step, args, session.prepare(factory, step, values))


def complete(factory: Any, value: Any) -> None:
    """Bring an object that was made below a plain factory, or by a fixture, up to date once its hooks have run.

    Whoever has it has the very object that was made first; that is given the stored values.

    Raises:
        BuildFailureError: A hook has deleted it.
    """
    try:
        with open_unit(current_binding(), factory) as unit:
            stored = stored_in(unit, value, factory)
    except Exception as cause:
        failure = BuildFailureError.of(factory, {}, cause)
        raise failure from cause
    if stored is not value and type(stored) is type(value):
        fill(value, stored)


def produce(factory: Any, make: Callable[[], Any] | Maker, count: int, given: Mapping[str, Any]) -> list[Any]:
    """Make `count` objects, each tried, in one unit of work; return them as they are stored.

    `given` are the keywords of the call.

    Raises:
        ProhibitedError: Seeding is forbidden here.
        NoAppError: No app is bound.
        AsyncServiceError: Something is to be awaited, and nothing can here.
        FactoryError: The app has not the service, or that does not take what the factory declares.
        BuildFailureError: One or more were refused; everything else is stored.
        Exception: What a declaration or hook raised.
    """
    check_allowed()
    check_plain(current_binding(), factory, given)
    outer = find_session()
    session = outer or Session(current_binding())
    is_off = factory._meta.parameters.keys() & {name for name, value in given.items() if value is False}  # noqa: SLF001 - as above
    session.check(factory, given.keys() - is_off)
    if outer is not None:
        return _Production(outer, factory).run(make, count)
    production = _Production(session, factory)
    block = _SESSIONS.open(session)
    try:
        with rarer_collections():
            production.work(make, count)
    finally:
        _SESSIONS.close(block)
    session.run_after_hooks(production.unit, factory)
    return production.conclude(production.settle())


class _Production:
    """One `create` or `create_batch`: what it tried in its unit of work, and how that ended."""

    def __init__(self, session: Session, factory: Any) -> None:
        self.unit: Any = None
        self._session = session
        self._factory = factory
        self._tries = Tries(factory, len(session.calls))
        self._asked = 1
        self._broken: Exception | None = None
        self._refusal: Exception | None = None

    def run(self, make: Callable[[], Any] | Maker, count: int) -> list[Any]:
        """Work as a part of an outer call, whose hooks run when that one is done."""
        self.work(make, count)
        return self.conclude(self.settle())

    def work(self, make: Callable[[], Any] | Maker, count: int) -> None:
        """Make the objects and leave the unit of work, which commits them unless an outer one will."""
        outer, self._asked = self._session.unit, count
        try:
            with open_unit(self._session.binding, self._factory) as self.unit:
                self._session.unit = self.unit
                self._broken = self._session.try_each(self._tries, make, count)
        except Exception as error:
            if self.unit is None:
                raise
            self._refusal = error  # told by object below, or raised again
        finally:
            self._session.unit = outer

    def settle(self) -> list[Any]:
        """Return the objects as they are stored; None in the place of each that was refused."""
        is_refused, tries = self._refusal is not None, self._tries
        places = range(len(tries.values))
        try:
            read_ahead_in(self.unit, tries.values, self._factory)
        except Exception as error:  # noqa: BLE001 - raised when it is known what was created
            self._refusal = self._refusal or error
        return [self._session.settle(self.unit, tries, place, is_refused=is_refused) for place in places]

    def conclude(self, created: list[Any]) -> list[Any]:
        """Return what was created, or raise what is to be raised."""
        failures = [failure for _, failure in sorted(self._tries.failures.items())]
        if self._broken is not None:
            for failure in failures:
                self._broken.add_note(f"Before it: {failure}")
            raise self._count(self._broken, created)
        if failures:
            raise self._error(failures, created) from failures[0].cause
        if self._refusal is not None:
            raise self._count(self._refusal, created)
        return created

    def _count(self, error: Exception, created: list[Any]) -> Exception:
        """Let the error that ended a batch say how much of it stays."""
        if self._asked > 1:
            count = len(created) - len(self._tries.failures)
            error.add_note(f"Of this batch of {self._asked} {self._factory.__name__}, {count} were created")
        return error

    def _error(self, failures: list[BuildFailureError], created: list[Any]) -> BuildFailureError:
        error = failures[0]
        if len(created) > 1:
            whole = [value for place, value in enumerate(created) if place not in self._tries.failures]
            error = error.of_batch(failures, whole)
        if self._refusal is not None:
            error.add_note(f"The unit of work ended with: {self._refusal}")
        return error


def _inside(role: str, names: Iterable[str]) -> Iterator[str]:
    return (name.removeprefix(role + SPLITTER) for name in names if name.startswith(role + SPLITTER))


def _prepare(factory: Any, values: dict[str, Any], service: Service) -> dict[str, Any]:
    meta = factory._meta  # noqa: SLF001 - as above
    values = add_actors(meta, values, service.takes)
    for hook in meta.before_hooks:
        values = _run_hook(factory, hook, values)
    return values


def _run_hook(factory: Any, hook: Callable[..., Any], values: dict[str, Any]) -> dict[str, Any]:
    result = settle_hook(hook(values), hook.__name__, factory)
    if not isinstance(result, dict):
        raise InvalidHookError(factory.__name__, hook.__name__, result)
    return result
