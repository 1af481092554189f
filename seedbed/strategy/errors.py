"""What a factory refuses, and what it could not create."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from seedbed.plain import show
from seedbed.portable import Portable
from seedbed.strategy.shortening import shorten, show_actors, show_values


def near(name: str, known: Iterable[str]) -> str:
    """Say which of the known names `name` may have meant, or else which there are."""
    names = sorted(known)
    close = difflib.get_close_matches(str(name), names, n=3, cutoff=0.5)
    if close:
        return "did you mean " + " or ".join(close) + "?"
    return "known are " + ", ".join(names) if names else "none is known"


class FactoryError(Portable, Exception):
    """Root of all errors of the factories. Each can be pickled and copied, whatever it holds."""


class NoAppError(FactoryError):
    """A factory was asked to create, and no app is bound."""

    def __init__(self) -> None:
        super().__init__(
            "no app is bound to create through: run this inside `with using(app):`, or ask for the pytest fixture "
            "`seedbed_app`; in a thread, or a task that began before that block, join it: `with using(app) as "
            "binding:` there, `with using(binding):` here"
        )


class OtherAppError(FactoryError):
    """The app in force is not of the class that was asked for."""

    def __init__(self, found: str, wanted: str) -> None:
        self.found = found
        self.wanted = wanted
        super().__init__(f"the app in force is a {found}, not a {wanted}: bind one by `with using(app):`")


class UnpicklableBindingError(FactoryError):
    """A binding was sent to another process."""

    def __init__(self) -> None:
        super().__init__(
            "a binding does not go to another process: connect there, and bind that app by `using(app, seed=...)` with "
            "a seed that no other process draws from"
        )


class InvalidOptionError(FactoryError):
    """An option of a factory's `class Meta` cannot be used."""

    def __init__(self, option: str, value: object, rule: str) -> None:
        self.option = option
        self.value = value
        self.rule = rule
        super().__init__(f"Meta.{option} must be {rule}, not {show(value)}")


class InvalidHookError(FactoryError):
    """A before_create hook did not return the keyword arguments."""

    def __init__(self, factory: str, hook: str, result: object) -> None:
        self.factory = factory
        self.hook = hook
        self.result = result
        super().__init__(f"{factory}.{hook} must return the keyword arguments as a dict, not {show(result)}")


class IdleHookError(FactoryError):
    """A hook or step has a `yield`, so that to call it runs nothing of it."""

    def __init__(self, factory: str, hook: str) -> None:
        self.factory = factory
        self.hook = hook
        super().__init__(f"{factory}.{hook} has a yield, so nothing of it would run: leave the yield out")


class UnknownArgumentError(FactoryError):
    """A keyword argument is neither declared by the factory nor taken by its service."""

    def __init__(self, factory: str, name: str, known: Iterable[str]) -> None:
        self.factory = factory
        self.name = name
        self.known = tuple(sorted(known))
        super().__init__(f"{factory} has no {name!r}: {near(name, self.known)}")


class InvalidOverridesError(FactoryError):
    """`create_each` was given something else than the keywords of each object."""

    def __init__(self, factory: str, value: object) -> None:
        self.factory = factory
        self.value = value
        super().__init__(
            f"{factory}.create_each takes a list of mappings, the keywords of each object, such as "
            f'[{{"name": "Ada"}}], not {show(value)}'
        )


class InvalidFlagError(FactoryError):
    """A trait was switched by what says neither on nor off."""

    def __init__(self, factory: str, trait: str, value: object) -> None:
        self.factory = factory
        self.trait = trait
        self.value = value
        super().__init__(
            f"{factory}: the trait {trait} is on or off, True or False, not {shorten(value)}, "
            "which would be on whatever it says"
        )


class InvalidStepError(FactoryError):
    """A step was asked for by what says neither whether it is done nor with what."""

    def __init__(self, factory: str, step: str, value: object) -> None:
        self.factory = factory
        self.step = step
        self.value = value
        super().__init__(
            f"{factory}: the step {step} is done or not, True or False, or has its arguments in a dict, "
            f"not {shorten(value)}"
        )


class InvalidCountError(FactoryError):
    """A number of objects is no whole number from 0 on."""

    def __init__(self, what: str, value: object, rule: str = "a whole number from 0 on") -> None:
        self.what = what
        self.value = value
        super().__init__(f"{what} must be {rule}, not {show(value)}")


class InvalidElementError(FactoryError):
    """A list given to a hook holds something that the hook can make nothing of."""

    def __init__(self, hook: str, element: object, allowed: str) -> None:
        self.hook = hook
        self.element = element
        self.allowed = allowed
        super().__init__(f"{hook} can make nothing of {show(element)}: its list may hold {allowed}")


class ContradictionError(FactoryError):
    """Two arguments of one call say different things of the same.

    Attributes:
        field: What they say.
        given: What each of them says, by argument.
    """

    def __init__(self, factory: str, field: str, given: Mapping[str, object]) -> None:
        self.factory = factory
        self.field = field
        self.given = dict(given)
        told = " and ".join(f"by {name} {show(value)}" for name, value in self.given.items())
        super().__init__(f"{factory}'s {field} is {told}: leave one of them out")


class UnusedArgumentError(FactoryError):
    """Nothing would use an argument."""

    def __init__(self, factory: str, name: str, why: str) -> None:
        self.factory = factory
        self.name = name
        self.why = why
        super().__init__(f"{factory} would not use {name}: {why}")


class MissingArgumentError(FactoryError):
    """An argument says nothing without another one."""

    def __init__(self, factory: str, name: str, others: Sequence[str]) -> None:
        self.factory = factory
        self.name = name
        self.others = tuple(others)
        super().__init__(f"{factory} needs {' or '.join(self.others)} beside {name}")


class WrongObjectError(FactoryError):
    """What is given for an object is none."""

    def __init__(
        self, factory: str, name: str, value: object, model: type | None = None, *, wanted: str = "a stored object"
    ) -> None:
        self.factory = factory
        self.name = name
        self.value = value
        self.model = model
        wanted = wanted if model is None else f"of {getattr(model, '__name__', model)}"
        super().__init__(f"{factory}'s {name} must be {wanted}, not {show(value)}")


class FactoryGivenError(FactoryError):
    """A factory was given where an object is wanted: its attributes would be taken for the object's."""

    def __init__(self, factory: str, name: str, given: str) -> None:
        self.factory = factory
        self.name = name
        self.given = given
        super().__init__(f"{factory}'s {name} is given the factory {given} itself: give what it makes, {given}()")


class InvalidHookNameError(FactoryError):
    """A hook whose name ends in an underscore was given a value, which factory_boy cannot tell from an argument."""

    def __init__(self, factory: str, name: str) -> None:
        self.factory = factory
        self.name = name
        super().__init__(f"{factory}'s {name} can be given no value, since its name ends in an underscore: rename it")


class NotCreatedError(FactoryError):
    """What belongs to an object was asked for, and the object is only built."""

    def __init__(self, factory: str, name: str) -> None:
        self.factory = factory
        self.name = name
        super().__init__(
            f"{factory} makes {name} only where it creates: use create, or leave {name} out of build and stub"
        )


class RepeatedPairError(FactoryError):
    """The same two objects were asked for several times, where the service keeps one of each pair."""

    def __init__(self, factory: str, roles: Sequence[str], times: int) -> None:
        self.factory = factory
        self.roles = tuple(roles)
        self.times = times
        super().__init__(
            f"{factory} was asked for the same {' and '.join(self.roles)} {times} times, and there can be one: "
            "give different ones, or ask for one"
        )


class InvalidMomentError(FactoryError):
    """`at` is no datetime with a time zone, or not of the years 1970 to 9999."""

    def __init__(self, factory: str, value: object, rule: str = "a datetime with a time zone") -> None:
        self.factory = factory
        self.value = value
        self.rule = rule
        super().__init__(f"{factory}'s at must be {rule}, not {show(value)}")


class NoMomentError(FactoryError):
    """`at` was given, and nothing can use it."""

    def __init__(self, factory: str, service: object, app: object) -> None:
        self.factory = factory
        self.service = service
        self.app = app
        name = getattr(service, "__qualname__", service)
        super().__init__(
            f"{factory} would not use at: {name} takes no `at`, and {type(app).__name__} has no `at(moment, key)`, a "
            "context manager in which its clock stands still; leave it out, or let one of the two take it"
        )


class InvalidSeedError(FactoryError):
    """A seed is neither a whole number nor a text."""

    def __init__(self, seed: object) -> None:
        self.seed = seed
        super().__init__(f"seed must be a whole number of at most 4,000 digits, or a text, not {show(seed)}")


class InvalidRangeError(FactoryError):
    """A range's bounds are no whole numbers from 0 on, or the wrong way round."""

    def __init__(self, minimum: object, maximum: object, rule: str) -> None:
        self.minimum = minimum
        self.maximum = maximum
        super().__init__(f"Range({show(minimum)}, {show(maximum)}): {rule}")


class InfeasibleTotalError(FactoryError):
    """A total cannot be made of parts that all lie within the range."""

    def __init__(self, total: int, count: int | None, span: tuple[int, int]) -> None:
        self.total = total
        self.count = count
        self.span = span
        parts = "any number of" if count is None else str(count)
        super().__init__(f"{total} cannot be the sum of {parts} parts of {span[0]} to {span[1]} each")


class BuildFailureError(FactoryError):
    """A factory's service call failed. The service's own error is the cause.

    Attributes:
        factory: The factory whose service call failed; the nested one, where it was nested.
        values: The keyword arguments of that call.
        cause: What the service raised, at the call or when it was committed.
        step: The hook whose later service call it was (`Then`), or None.
        acting: Who acted for the call, and for what, where `Meta.actor` or `Meta.within` say how it is told.
        advice: What the factory knows of the refusal and the service does not, such as that its own seed drew a value
            that is taken; or "".
        failures: Every failure of a batch, in the batch's order; of a single object only this one.
        created: What a batch did create, as it is stored.
    """

    def __init__(
        self,
        factory: type,
        values: Mapping[str, Any],
        cause: BaseException,
        *,
        step: str | None = None,
        acting: Mapping[str, Any] = MappingProxyType({}),
        advice: str = "",
        failures: Sequence[BuildFailureError] = (),
        created: Sequence[Any] = (),
    ) -> None:
        self.factory = factory
        self.values = dict(values)
        self.cause = cause
        self.step = step
        self.acting = dict(acting)
        self.advice = advice
        self.failures: tuple[BuildFailureError, ...] = tuple(failures) or (self,)
        self.created = tuple(created)
        super().__init__(self._text(in_batch=bool(failures)))

    def _text(self, *, in_batch: bool) -> str:
        cause = str(self.cause)
        where = self.factory.__name__ + (f".{self.step}" if self.step else "")
        text = (
            f"{type(self.cause).__name__}: {cause} ({where}{show_values(self.values, cause)}{show_actors(self.acting)})"
        )
        if _forbids(self.cause):
            text += ": let somebody act who may, by `with acting(...)`"
        text += self.advice
        if not in_batch:
            return text
        unknown = sum(failure.is_unknown for failure in self.failures)
        maybe = f"{unknown} of them may be there all the same, " if unknown else ""
        return f"{text} ({len(self.failures)} of the batch failed, {maybe}{len(self.created)} were created)"

    @property
    def is_unknown(self) -> bool:
        """Whether it may be there all the same: the answer was lost, and nothing tells."""
        return bool(getattr(self.cause, "is_unknown", False))

    @classmethod
    def of(cls, factory: type, values: Mapping[str, Any], cause: BaseException, **more: Any) -> BuildFailureError:
        """Make the error that fits the cause: one with the wrong fields, where the cause names them."""
        kind = ValidationFailureError if hasattr(cause, "fields") else BuildFailureError
        return kind(factory, values, cause, **more)

    def of_batch(self, failures: Sequence[BuildFailureError], created: Sequence[Any]) -> BuildFailureError:
        """Make the one error of a batch from this, its first failure."""
        more: dict[str, Any] = {"step": self.step, "acting": self.acting, "advice": self.advice}
        more |= {"failures": failures, "created": created}
        return type(self)(self.factory, self.values, self.cause, **more)


_FORBIDDEN = re.compile(r"Forbidden|Permission|Unauthori[sz]ed|NotAllowed|AccessDenied")


def _forbids(cause: BaseException) -> bool:
    """Tell whether an error says that somebody may not do this; each library has its own."""
    return any(_FORBIDDEN.search(kind.__name__) for kind in type(cause).__mro__)


class ValidationFailureError(BuildFailureError):
    """The service found fields wrong."""

    @property
    def fields(self) -> tuple[Any, ...]:
        """All the wrong fields, as the service names them: each with `field`, `message` and `value`."""
        return tuple(getattr(self.cause, "fields", ()))
