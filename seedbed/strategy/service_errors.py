"""What is wrong between a factory and the service that it creates through, before anything is made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from factory import errors

from seedbed.plain import show, show_error
from seedbed.strategy.errors import FactoryError, near

_PLACES = 8


def name_of(service: object) -> str:
    """Return what to call a service."""
    while hasattr(service, "func"):
        service = service.func
    return str(getattr(service, "__qualname__", service)).rpartition("<locals>.")[2]


def _where(app: object, path: str) -> str:
    """Say at which step a path of attributes ends, and what there is instead."""
    thing = app
    for step in path.split("."):
        if not hasattr(thing, step):
            return f": {type(thing).__name__}.{step}? {near(step, (one for one in dir(thing) if one[:1] != '_'))}"
        thing = getattr(thing, step)
    return f": {show(thing)} cannot be called"


class NoServiceError(FactoryError):
    """The bound app has not what a factory's `Meta.service` names."""

    def __init__(self, factory: str, service: str, app: object) -> None:
        self.factory = factory
        self.service = service
        self.app = app
        super().__init__(
            f"{factory} creates through {service!r}, and {type(app).__name__} has no such thing{_where(app, service)}"
        )


class NoInstanceError(FactoryError):
    """The bound app has no object of the class whose method a factory creates through."""

    def __init__(self, factory: str, service: object, kind: str, app: object, looked_at: Sequence[str]) -> None:
        self.factory = factory
        self.service = service
        self.kind = kind
        self.app = app
        self.looked_at = tuple(looked_at)
        seen = ", ".join(self.looked_at[:_PLACES]) + (", ..." if len(self.looked_at) > _PLACES else "")
        super().__init__(
            f"{factory} creates through {name_of(service)}, and {type(app).__name__} has no {kind} (it has "
            f"{seen or 'nothing'}): let the app hold one, or name the way to it, as in Meta.service = 'orders.place'"
        )


class ContainerError(FactoryError):
    """A container of the app, or a property, is to give what a factory creates through, and failed."""

    def __init__(self, factory: str, service: object, path: str, why: Exception) -> None:
        self.factory = factory
        self.service = service
        self.path = path
        self.why = why
        super().__init__(f"{factory} creates through {name_of(service)}, and {path} failed: {show_error(why)}")


class AmbiguousServiceError(FactoryError):
    """The bound app has several objects of the class whose method a factory creates through."""

    def __init__(self, kind: str, app: str, paths: Sequence[str]) -> None:
        self.kind = kind
        self.app = app
        self.paths = tuple(paths)
        super().__init__(
            f"{app} has several {kind}s, {' and '.join(self.paths)}: name the way to one, as in Meta.service = "
            f"'{self.paths[0].removeprefix('app.')}.…'"
        )


class UnknownFieldError(FactoryError):
    """A factory declares a field that its service does not take."""

    def __init__(self, factory: str, name: str, service: object, known: Iterable[str]) -> None:
        self.factory = factory
        self.name = name
        self.service = service
        self.known = tuple(sorted(known))
        super().__init__(
            f"{factory} declares {name!r}, which {name_of(service)} does not take: {near(name, self.known)} (What "
            "serves other fields alone belongs in Params, another name in Meta.arguments, what only build needs in "
            "Meta.build_only)"
        )


class MissingFieldError(FactoryError):
    """A service needs an argument that a factory neither declares nor is given."""

    def __init__(self, factory: str, name: str, service: object, known: Iterable[str]) -> None:
        self.factory = factory
        self.name = name
        self.service = service
        self.known = tuple(sorted(known))
        super().__init__(
            f"{name_of(service)} needs {name!r}, which {factory} neither declares nor is given: declare it, or name "
            f"the field that it is by Meta.arguments (it declares {', '.join(self.known) or 'nothing'})"
        )


class MissingBuiltFieldError(FactoryError, TypeError):
    """A model needs a field that a factory does not declare: its service decides it, and build calls none."""

    def __init__(self, factory: str, name: str, model: Any) -> None:
        self.factory = factory
        self.name = name
        self.model = model
        super().__init__(
            f"{factory}.build needs {name!r}, which {getattr(model, '__name__', model)} takes: give it, or declare it "
            "and name it in Meta.build_only, where the service decides it"
        )


class NoEntityError(FactoryError):
    """A service did not return the object that it made."""

    def __init__(self, factory: str, service: object, value: object, model: object) -> None:
        self.factory = factory
        self.service = service
        self.value = value
        self.model = model
        wanted = f"the {'object' if model is None else getattr(model, '__name__', model)} that it made"
        super().__init__(
            f"{name_of(service)} returned {show(value)}, not {wanted}, which {factory} is to return: let it return "
            "that, or say by Meta.load how to read it back: a path or method that takes what was returned, or a "
            "callable (app, returned, values)"
        )


class WrongModelError(FactoryError):
    """A factory and its service say that they make different things."""

    def __init__(self, factory: str, service: object, why: str) -> None:
        self.factory = factory
        self.service = service
        self.why = why
        super().__init__(
            f"{factory} does not fit {name_of(service)}: {why}; let Meta.service name what creates it, or say by "
            "Meta.load how to read it back"
        )


class NoModelError(FactoryError):
    """What a factory makes is not known."""

    def __init__(self, factory: str, service: object, why: str) -> None:
        self.factory = factory
        self.service = service
        self.why = why
        super().__init__(f"what {factory} makes is not known: {why}; say it by Meta.model")


class NoUnitOfWorkError(FactoryError):
    """The bound app has not the method that a factory's `Meta.unit_of_work` names."""

    def __init__(self, factory: str, name: str, app: object) -> None:
        self.factory = factory
        self.name = name
        self.app = app
        methods = [one for one in dir(app) if not one.startswith("_")]
        super().__init__(
            f"{factory}'s Meta.unit_of_work is {name!r}, and {type(app).__name__} has no such method: "
            f"{near(name, methods)}"
        )


class InvalidUnitError(FactoryError):
    """What was to be a unit of work is none."""

    def __init__(self, where: str, rule: str, value: object) -> None:
        self.where = where
        self.rule = rule
        self.value = value
        super().__init__(f"{where} must {rule}; it gave {show(value)}")


class AsyncServiceError(FactoryError):
    """A plain `create` needs something that is to be awaited."""

    def __init__(self, factory: str, what: str, outer: str | None = None) -> None:
        self.factory = factory
        self.what = what
        self.outer = outer or factory
        super().__init__(
            f"{factory}'s {what} is async, and this call is not: use `await {self.outer}.create_async(...)`, "
            "create_batch_async or create_each_async"
        )


class NoGreenletError(FactoryError):
    """`create_async` was called where greenlet is not installed."""

    def __init__(self) -> None:
        super().__init__("create_async needs greenlet: pip install 'seedbed[async]'")


class InvalidSilenceError(FactoryError):
    """What was to be silenced cannot be."""

    def __init__(self, sender: object, why: str) -> None:
        self.sender = sender
        self.why = why
        super().__init__(f"{show(sender)} cannot be silenced: {why}")


class MissingActorError(FactoryError):
    """A service is called for somebody, and nobody acts."""

    def __init__(self, factory: str, argument: str, name: str) -> None:
        self.factory = factory
        self.argument = argument
        self.name = name
        said = "acting(...)" if name == "actor" else f"acting({name}=...)"
        super().__init__(f"{factory}'s service needs {argument}: create inside `with {said}:`, or pass {argument}=")


class NoWayRoundError(FactoryError):
    """A factory writes past the services, and nothing says how."""

    def __init__(self, factory: str, app: object) -> None:
        self.factory = factory
        self.app = app
        super().__init__(
            f"{factory}'s Meta.around needs a unit of work with `add(entity)`, and that of {type(app).__name__} has "
            "none: give a callable that writes as Meta.service beside it"
        )


class InvalidBulkError(FactoryError):
    """A bulk path did not return one entity for each object: which belongs to which is not known."""

    def __init__(self, factory: str, asked: int, given: object) -> None:
        self.factory = factory
        self.asked = asked
        self.given = given
        super().__init__(
            f"{factory}'s bulk_service was called for {asked} and returned {show(given)}: it must return the entities "
            "in order, with an exception in the place of each that it refused"
        )


class NoFactoryError(FactoryError):
    """A field names the factory of its objects by a path that leads to none."""

    def __init__(self, path: str, field: str | None, why: str) -> None:
        self.path = path
        self.field = field
        self.why = why
        super().__init__(f"{f'{field}: ' if field else ''}{path} is no factory: {why}")


class UnknownOptionError(FactoryError, TypeError):
    """`class Meta` of a factory says something that is no option. A TypeError, as factory_boy's own is."""

    def __init__(self, factory: str, name: str, known: Iterable[str]) -> None:
        self.factory = factory
        self.name = name
        self.known = tuple(known)
        super().__init__(f"class Meta of {factory} has no option {name}: {near(name, self.known)}")


class MisplacedTraitError(FactoryError):
    """A class body declares a trait, where it would be a field's value."""

    def __init__(self, factory: str, name: str) -> None:
        self.factory = factory
        self.name = name
        super().__init__(f"{factory}.{name} is a Trait: write it in class Params of {factory}, where it is a switch")


class AbstractFactoryError(FactoryError, errors.FactoryError):
    """A factory that is abstract was asked for an object. factory_boy's FactoryError too, which it raises itself."""

    def __init__(self, factory: str, *, is_said: bool) -> None:
        self.factory = factory
        self.is_said = is_said
        remedy = (
            "its class Meta says abstract = True: make a subclass of it, and use that"
            if is_said
            else "its class Meta names no service: say what creates, as in service = OrderService.place_order"
        )
        super().__init__(f"{factory} makes nothing: {remedy}")
