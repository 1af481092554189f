"""Keyed randomness: a value is a function of (seed, factory, ordinal, field), and of nothing else.

So adding a field changes no other value, and neither the global `random` nor factory_boy's or Faker's shared
state is read or moved. The seed is the binding's, the factory's name that of its class, the
ordinal factory_boy's sequence number, and the field the name under which the value is asked for.

An object that a sub-factory or hook makes has its own factory's ordinal in the binding: objects are *drawn*
one after another in one thread, in call order, and workers share the work of *writing* them, which is where
the time goes. So the number of workers changes no value. Work that is to be drawn in parts side by side takes
a part each with a seed of its own, `using(app, seed=f"{seed}/part-{n}")`, where the plan numbers the parts,
not the worker.
"""

from __future__ import annotations

import hashlib
import logging
import random
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from factory.builder import Resolver
from factory.declarations import BaseDeclaration
from faker.generator import Generator

from seedbed.strategy.binding import binding_of, find_binding
from seedbed.strategy.providers import generator_of, is_added

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import SupportsLenAndGetItem
    from factory.builder import BuildStep
    from faker.providers import BaseProvider

T = TypeVar("T")

_MASK_64 = (1 << 64) - 1
_CODE_BITS = 36
_CODE_MASK = (1 << _CODE_BITS) - 1
_CODE_LENGTH = 7  # 36 ** 7 > 2 ** 36
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_LOG = logging.getLogger("factory.generate")  # what `factory.debug()` shows


class KeyedRandom(random.Random):
    """A random source that costs next to nothing to make: splitmix64 (Steele, Lea and Flood, 2014)."""

    def __init__(self, key: int = 0) -> None:
        self._state = key
        self.gauss_next = None

    def seed(self, a: Any = None, version: int = 2) -> None:
        """Start again from `a`, a whole number. Does nothing while Python makes the object."""
        del version
        self._state = a or 0

    def _next(self) -> int:
        self._state = state = (self._state + 0x9E3779B97F4A7C15) & _MASK_64
        state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9 & _MASK_64
        state = (state ^ (state >> 27)) * 0x94D049BB133111EB & _MASK_64
        return state ^ (state >> 31)

    def random(self) -> float:
        """Return the next float in [0, 1)."""
        return (self._next() >> 11) * 2.0**-53

    def getrandbits(self, k: int, /) -> int:
        """Return the next whole number of `k` bits."""
        if k <= 64:  # noqa: PLR2004 - one step's worth
            return self._next() >> (64 - k)
        value = 0
        for _ in range((k + 63) // 64):
            value = value << 64 | self._next()
        return value >> -k % 64

    def choice(self, seq: SupportsLenAndGetItem[T]) -> T:
        """Return one of a sequence that is not empty: one step, where Python's own may take more."""
        return seq[self._next() * len(seq) >> 64]

    def getstate(self) -> tuple[Any, ...]:
        """Return what `setstate` takes."""
        return (self._state, self.gauss_next)

    def setstate(self, state: tuple[Any, ...]) -> None:
        """Go on from where `getstate` was called."""
        self._state, self.gauss_next = state


def key_of(*path: object) -> int:
    """Return 64 bits that stand for a path, such as (factory, ordinal, field), under the seed in force."""
    return _key("\x1f".join(map(str, (find_binding().seed, *path))))


def _key(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def step_key(step: BuildStep, field: str) -> int:
    """Return the key of one field of the object that is being made."""
    # As key_of(factory, ordinal, field), which many fields of every object ask for.
    seed, factory = binding_of(step).seed, step.builder.factory_meta.factory.__name__
    return _key(f"{seed}\x1f{factory}\x1f{step.sequence}\x1f{field}")


def object_key(step: BuildStep) -> str:
    """Return what tells the object that is being made from all others of its binding, in words."""
    return f"{binding_of(step).seed}/{step.builder.factory_meta.factory.__name__}/{step.sequence}"


def fraction(key: int) -> float:
    """Turn a key into one number in [0, 1), where a random source would be too much."""
    return key / 2.0**64


def unique_code(*path: object, ordinal: int) -> str:
    """Return 7 letters and digits, others for every ordinal of a path: a permutation keyed by it."""
    key = key_of(*path)
    value = (ordinal + key) & _CODE_MASK
    for multiplier in (0x9E3779B97, 0xBF58476D1):  # odd, so each round can be undone
        value = ((value ^ (value >> 17)) * multiplier) & _CODE_MASK
        value ^= key >> 28
    return base36(value)


def base36(value: int) -> str:
    """Write a whole number of up to 36 bits in 7 letters and digits."""
    text = ""
    for _ in range(_CODE_LENGTH):
        value, digit = divmod(value, 36)
        text = _DIGITS[digit] + text
    return text


def field_of(resolver: Any) -> str:
    """Return the name of the field that factory_boy is computing."""
    return str(resolver._Resolver__pending[-1])  # noqa: SLF001 - pinned by the contract test


def compute(step: BuildStep, name: str, value: Any) -> Any:
    """Evaluate what may be a declaration, as a field of this name would be."""
    if not isinstance(value, BaseDeclaration):
        return value
    stub: Any = step.stub or Resolver({}, step, step.sequence)  # pytest-factoryboy's steps have none
    pending = stub._Resolver__pending  # noqa: SLF001 - as above
    pending.append(name)
    try:
        return value.evaluate_pre(instance=stub, step=step, overrides={})
    finally:
        pending.pop()


class Draw(BaseDeclaration):
    """A field drawn by a function of (random, stub): `Draw(lambda random, post: random.randint(1, 6))`.

    The random source is keyed by seed, factory, ordinal and field; the stub gives the object's other fields.
    """

    takes_arguments = False
    is_keyed = True
    """A function of seed, factory and ordinal: the same three give the same again."""

    def __init__(self, function: Callable[[random.Random, Any], Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.function = function

    def evaluate(self, instance: Any, step: BuildStep, extra: dict[str, Any]) -> Any:
        """Draw the value."""
        del extra
        _LOG.debug("Draw: Evaluating %r on %r", self.function, instance)
        return self.function(KeyedRandom(step_key(step, field_of(instance))), instance)


class Fake(BaseDeclaration):
    """A field made by a Faker method: `Fake("bio")`, `Fake("city", locale="de_DE")`.

    Methods of providers that `factory.Faker.add_provider` was given come first, then those of the
    `provider` that a subclass names, then those of Faker in the given locale. The random source is keyed as in `Draw`.
    """

    is_keyed = True
    provider: ClassVar[type[BaseProvider] | None] = None

    def __init__(self, method: str, *, locale: str | None = None, **arguments: Any) -> None:
        super().__init__(**arguments)  # type: ignore[no-untyped-call]
        self.method = method
        self.locale = locale

    def evaluate(self, instance: Any, step: BuildStep, extra: dict[str, Any]) -> Any:
        """Make the value."""
        _LOG.debug("%s: Calling %s(%s)", type(self).__name__, self.method, extra)
        source = KeyedRandom(step_key(step, field_of(instance)))
        return self._method(source, extra.pop("locale", self.locale))(
            **extra
        )  # as factory_boy's Faker: `name__locale=`

    def _method(self, source: random.Random, locale: str | None) -> Callable[..., Any]:
        own = self.provider if locale is None else None
        if own is not None and hasattr(own, self.method) and not is_added(self.method, locale):
            generator = Generator()
            generator.random = source
            method: Callable[..., Any] = getattr(own(generator), self.method)
            return method
        generator = generator_of(locale)
        generator.random = source
        return generator.get_formatter(self.method)


class Unique(Fake):
    """A field made by a Faker method that takes a `code`, which no other object of the factory has."""

    def evaluate(self, instance: Any, step: BuildStep, extra: dict[str, Any]) -> Any:
        """Make the value."""
        owner = step.builder.factory_meta.counter_reference.factory.__name__
        extra["code"] = unique_code(owner, "code", ordinal=int(step.sequence))
        return super().evaluate(instance, step, extra)
