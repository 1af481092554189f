"""`Then`: a service call that follows an object's creation, so that a trait brings it into a state by several steps.

class OrderFactory(ServiceFactory[Order]):
class Meta:
service = "orders.place"

class Params:
paid = Trait(payment=Then("orders.pay", method="card"))
shipped = Trait(paid=True, shipping=Then("orders.ship"))

OrderFactory(shipped=True, payment__method="cash")
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Mapping
from types import UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

from factory.declarations import BaseDeclaration, LazyAttribute, PostGenerationDeclaration, SelfAttribute
from factory.enums import CREATE_STRATEGY

from seedbed.strategy import run
from seedbed.strategy.acting import acting_of, add_actors, declared_actors, inside
from seedbed.strategy.binding import current_binding
from seedbed.strategy.errors import (
    BuildFailureError,
    FactoryError,
    IdleHookError,
    InvalidStepError,
    MissingArgumentError,
    NoMomentError,
    UnknownArgumentError,
)
from seedbed.strategy.keys import NO_KEY, key_of
from seedbed.strategy.moments import block_of_step, can_stand
from seedbed.strategy.randomness import compute
from seedbed.strategy.service_errors import AsyncServiceError
from seedbed.strategy.services import Service, find_service
from seedbed.strategy.signatures import Takes, evaluate, is_plain_class, text_of
from seedbed.strategy.units import call_in
from seedbed.strategy.waiting import can_wait, is_async, is_idle, settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from factory.builder import BuildStep
    from factory.declarations import PostGenerationContext


_LOG = logging.getLogger("factory.generate")  # what `factory.debug()` shows


class Then(PostGenerationDeclaration):
    """A later service call on the object that was made; what it returns of the same type takes the object's place.

    What the service needs and is not said comes from the object: itself, for an argument of its model's name or type;
    its id, for `id` or `<model>_id`; its attribute of that name, or of what follows `<model>_` (`order_code`). Where
    none of these is the object or its id, itself, for the first of others, unless that is said to be a number, a text
    or of another class. Who acts (`Meta.actor`) is who acted when it was made, where nobody does now.

    Args:
        service: What to call: as `Meta.service`.
        read: What to call for the object as it is then, in the same way, where the service does not return it.
        arguments: Values for the service, or declarations: `LazyAttribute` and `SelfAttribute` see the made object.
            Where the service takes no `at`, that is when the app's clock stands for it: by default, as for the object.
    """

    is_of_created = True  # of one that is built it says nothing

    def __init__(
        self, service: str | Callable[..., Any], *, read: str | Callable[..., Any] | None = None, **arguments: Any
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.service = service
        self.read = read
        self.arguments = arguments

    def check(self, step: BuildStep, name: str, overrides: dict[str, Any]) -> None:
        """Evaluate, before the object is made, whether it is on; refuse an argument that the service does not take.

        Raises:
            InvalidStepError: It is said to be neither on nor off, nor given arguments.
            UnknownArgumentError: There is one.
            NoMomentError: It is `at`, and the app's clock cannot stand.
            AsyncServiceError: The service is async, and nothing can wait here.
            IdleHookError: The service has a `yield`.
            NoServiceError: The app has no such service, or nothing that reads the object again.
        """
        said = _settle(step, name, overrides)
        if _is_off(said):
            return
        factory = step.builder.factory_meta.factory
        service = find_service(factory, self.service, current_binding())
        accepted = service.takes.accepted
        given = {*self.arguments, *(said if isinstance(said, Mapping) else ()), *(one for one in overrides if one)}
        if accepted is not None and given - accepted:
            _check_rest(factory, name, (self.service, accepted), given - accepted)
        reads = [] if self.read is None else [find_service(factory, self.read, current_binding())]
        for one in (service, *reads):
            if is_idle(one.function):
                raise IdleHookError(factory.__name__, name)
            if is_async(one.function) and not can_wait():
                raise AsyncServiceError(factory.__name__, f"step {name}")

    def take(self, instance: Any, step: BuildStep, name: str, overrides: Mapping[str, Any]) -> Any:
        """Do it, under the name of the hook that it is; return the object as it is then.

        Raises:
            BuildFailureError: The service refused it.
            MissingArgumentError: The service needs what neither the call says nor the object has.
        """
        if step.builder.strategy != CREATE_STRATEGY or _is_off(overrides.get("", True)):
            return instance
        said = overrides.get("")
        given = {**self.arguments, **(said if isinstance(said, Mapping) else {}), **overrides}
        given.pop("", None)
        values = {key: _evaluate(step, f"{name}.{key}", one, instance) for key, one in given.items()}
        result = self._make(instance, step, name, (self.service, values))
        if self.read is not None:
            result = self._make(instance, step, name, (self.read, {}))
        return result if isinstance(result, type(instance)) else instance

    def call(self, instance: Any, step: BuildStep, context: PostGenerationContext) -> Any:
        """Do it as a hook whose name is not known, and return the object as it is then."""
        overrides = {**context.extra, **({"": context.value} if context.value_provided else {})}
        return self.take(instance, step, "step", overrides)

    def _make(self, instance: Any, step: BuildStep, name: str, call: tuple[Any, dict[str, Any]]) -> Any:
        path, values = call
        factory = step.builder.factory_meta.factory
        service = find_service(factory, path, current_binding())
        block = self._block(step, service, values)
        meta = factory._meta  # noqa: SLF001 - where factory_boy keeps a factory's options
        values = add_actors(meta, declared_actors(meta, step, service.takes) | values, service.takes)
        filled = _fill(service, instance, values, meta.actors)
        missing = next((one for one in _in_order(service.takes, service.takes.required) if one not in filled), None)
        if missing is not None:
            raise MissingArgumentError(factory.__name__, name, (f"{name}__{missing}",))
        with block:
            return _follow(step, name, (service, filled), instance)

    def _block(self, step: BuildStep, service: Service, values: dict[str, Any]) -> Any:
        """Return the block in which the app's clock stands; take `at` out of the values, unless it takes that."""
        meta, session = step.builder.factory_meta, run.find_session()
        accepted = service.takes.accepted
        said = None if accepted is None or "at" in accepted else values.pop("at", None)
        if meta.service is None:  # a way round: `at` is what the model makes of it
            return block_of_step(current_binding().app, step, (self.service, None), said)
        binding = current_binding()
        own = find_service(meta.factory, meta.service, binding) if session is None else session.service(meta.factory)
        return block_of_step(binding.app, step, (self.service, own.takes.accepted), said)


def _follow(step: BuildStep, name: str, call: tuple[Service, dict[str, Any]], instance: Any) -> Any:
    """Call a later service on an object: in the session in force, or below a plain factory in one of its own.

    Raises:
        BuildFailureError: The service refused it.
    """
    factory, session = step.builder.factory_meta.factory, run.find_session()
    if session is not None:
        return _call(session, factory, name, call, instance)
    return run.produce(factory, lambda: _follow(step, name, call, instance), 1, {})[0]


def _call(session: run.Session, factory: Any, name: str, call: tuple[Service, dict[str, Any]], instance: Any) -> Any:
    """Call a later service on an object, under the name of the hook; note what it returned in the object's place.

    Raises:
        BuildFailureError: The service refused it.
    """
    meta, (service, values) = factory._meta, call  # noqa: SLF001 - as above
    _LOG.debug("ServiceFactory: Calling %s of %s with %r", name, factory.__name__, values)

    def perform() -> Any:
        return settle(inside(meta, session.binding.app, lambda: service(**values)), f"step {name}", factory)

    try:
        value = call_in(session.unit, perform, factory)
    except Exception as cause:
        if isinstance(cause, FactoryError):
            raise
        failure = BuildFailureError.of(factory, values, cause, step=name, acting=acting_of(meta))
        raise failure from cause
    is_entity = hasattr(value, "__dict__") or hasattr(value, "__slots__")
    session.calls.add(factory, values, value if is_entity else instance, name)
    if isinstance(value, type(instance)):
        session.calls.replace(instance, value)
    return value


def _check_rest(factory: Any, name: str, service: tuple[Any, frozenset[str]], rest: set[str]) -> None:
    """Refuse arguments that a service does not take, but for `at`, where the app's clock can stand.

    Raises:
        UnknownArgumentError: There is one.
        NoMomentError: It is `at`, and the app's clock cannot stand.
    """
    if rest - {"at"}:
        raise UnknownArgumentError(f"{factory.__name__}.{name}", min(rest - {"at"}), service[1])
    if not can_stand(current_binding().app):
        raise NoMomentError(factory.__name__, service[0], current_binding().app)


def _settle(step: BuildStep, name: str, overrides: dict[str, Any]) -> bool | Mapping[str, Any] | None:
    """Evaluate once what is said of a step, and return it.

    Raises:
        InvalidStepError: It says neither on nor off, nor with which arguments.
    """
    said = overrides.get("", True)
    if isinstance(said, BaseDeclaration):
        said = overrides[""] = compute(step, name, said)
    if isinstance(said, (bool, Mapping)) or said is None:
        return said
    raise InvalidStepError(step.builder.factory_meta.factory.__name__, name, said)


def _is_off(value: Any) -> bool:
    return value is False or value is None


def _evaluate(step: BuildStep, name: str, value: Any, instance: Any) -> Any:
    if isinstance(value, (LazyAttribute, SelfAttribute)):
        return value.evaluate_pre(instance=instance, step=step, overrides={})  # type: ignore[no-untyped-call]
    return compute(step, name, value) if isinstance(value, BaseDeclaration) else value


def _in_order(takes: Takes, names: frozenset[str]) -> list[str]:
    order = dict.fromkeys((*takes.positional, *takes.ordered, *takes.annotations, *sorted(takes.names)))
    return [name for name in order if name in names]


def _fill(
    service: Service, instance: Any, values: dict[str, Any], actors: Collection[str] = frozenset()
) -> dict[str, Any]:
    """Return the values, with what the object says of what else the service needs.

    Of a service that is decorated, what the object does not say may be the decorator's to give; so the object itself
    is for an argument that neither name nor type tells only where there is no other. Nor is it for who acts, for what
    is said to be of another class, or where another argument has it already.
    """
    takes = service.takes
    bare = _in_order(takes, takes.bare - values.keys())
    said = {name: _say(name, takes.annotations.get(name), instance) for name in bare}
    filled = {**values, **{name: found for name, found in said.items() if found is not _UNSAID}}
    if any(found is instance for found in filled.values()) or any(name in filled for name in _keys_of(instance)):
        return filled
    first = next((name for name in bare if name not in filled and name not in actors), None)
    is_its = first is not None and (first in takes.required or len(bare) == 1)
    if first is not None and is_its and _can_be(takes.annotations.get(first), service.function, instance):
        filled[first] = instance
    return filled


_UNSAID = object()
_PLAIN = {"None", "bool", "bytes", "date", "datetime", "Decimal", "float", "int", "str", "UUID"}


def _can_be(annotation: Any, function: Any, instance: Any) -> bool:
    """Tell whether an argument may be the object: not where it is said to be a number, a text, or of another class."""
    if annotation is None:
        return True
    if all(text_of(one.strip()) in _PLAIN for one in text_of(annotation).split("|")):
        return False
    try:
        found = evaluate(annotation, function)
    except Exception:  # noqa: BLE001 - a name that is there for a type checker only
        return True
    kinds = get_args(found) if get_origin(found) in {Union, UnionType} else (found,)
    return any(not is_plain_class(kind) or kind is Any or isinstance(instance, kind) for kind in kinds)


def _names_of(instance: Any) -> set[str]:
    """Return what an argument is called that is the object: its class's name, or that of a class above."""
    return {re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind.__name__).lower() for kind in _kinds_of(instance)}


def _kinds_of(instance: Any) -> list[type]:
    return [kind for kind in type(instance).__mro__ if kind is not object]


def _keys_of(instance: Any) -> set[str]:
    """Return what an argument is called that is the object's key."""
    return {"id", "pk", *(f"{one}_{key}" for one in _names_of(instance) for key in ("id", "pk", "uuid"))}


def _say(name: str, annotation: Any, instance: Any) -> Any:
    names = _names_of(instance)
    if name in names or text_of(annotation) in {kind.__name__ for kind in _kinds_of(instance)}:
        return instance
    if hasattr(instance, name):
        return getattr(instance, name)
    if name in _keys_of(instance):
        key = key_of(instance)
        return _UNSAID if key is NO_KEY else key
    own = (name.removeprefix(f"{one}_") for one in names if name.startswith(f"{one}_"))
    return next((getattr(instance, key) for key in own if hasattr(instance, key)), _UNSAID)
