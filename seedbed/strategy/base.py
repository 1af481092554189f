"""ServiceFactory: factory_boy's Factory, whose `create` goes through a service.

It knows neither this app nor any storage: it needs a callable to create through (`Meta.service`) and, where
the app has one, a unit of work to run in. Without `Meta.service` it is factory_boy's own Factory.
"""

from __future__ import annotations

import itertools
import operator
from typing import TYPE_CHECKING, Any, TypeVar

from factory.base import Factory, StubObject
from factory.enums import CREATE_STRATEGY

from seedbed.libraries import need
from seedbed.strategy import run, standing
from seedbed.strategy.builder import ServiceStepBuilder
from seedbed.strategy.bulk import BulkRun
from seedbed.strategy.errors import UnknownArgumentError
from seedbed.strategy.hooks import after_create, before_create
from seedbed.strategy.keywords import overrides_of
from seedbed.strategy.options import ServiceOptions
from seedbed.strategy.pairs import check_made, check_pairs
from seedbed.strategy.ranges import count_of
from seedbed.strategy.service_errors import AbstractFactoryError
from seedbed.strategy.stock import key_evaluation
from seedbed.strategy.unawaited import service_name
from seedbed.strategy.waiting import settle, spawn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

need("factory")  # what it keeps to itself differs between versions
key_evaluation()

T = TypeVar("T")

__all__ = ["ServiceFactory", "after_create", "before_create"]


class _WithOptions(Factory[T]):
    """Brings in our options; factory_boy applies them to the subclasses of the class that names them."""

    _options_class = ServiceOptions

    class Meta:
        abstract = True


if TYPE_CHECKING:

    class Stub(StubObject):
        """What `stub` returns, to a type checker: an object with attributes that only the factory knows."""

        def __getattr__(self, name: str) -> Any:
            """Return a field."""


class ServiceFactory(_WithOptions[T]):
    """A factory whose `create` calls a service on the bound app.

    `build` and `stub` touch nothing. `create` and `create_batch` run in one unit of work, nested factories
    and hooks included, and return what is stored. See `ServiceOptions` for `class Meta`, and
    `seedbed.strategy.hooks` for hooks.
    """

    if TYPE_CHECKING:
        _meta: ServiceOptions
        Meta: Any  # else each factory's own would be an override of another type

        # What factory_boy leaves untyped, or typed in part.
        def __new__(cls, **kwargs: Any) -> T:  # type: ignore[misc]
            """Create an object, by the factory's strategy."""

        @classmethod
        def build(cls, **kwargs: Any) -> T:
            """Make an object and store nothing."""

        @classmethod
        def stub(cls, **kwargs: Any) -> Stub:
            """Make an object that is of no model, and store nothing."""

        @classmethod
        def reset_sequence(cls, value: int | None = None, force: bool = False) -> None:  # noqa: FBT002
            """Count from `value` again."""
    else:

        class Meta:
            abstract = True

    @classmethod
    def _generate(cls, strategy: str, params: dict[str, Any]) -> T:
        if cls._meta.abstract:
            raise AbstractFactoryError(cls.__name__, is_said=cls._meta.service is not None)
        if cls._meta.is_derived:
            params, fixtures = standing.split(cls._meta, params)
            builder = ServiceStepBuilder(cls._meta, params, strategy)  # type: ignore[no-untyped-call]
            builder.fixtures = fixtures
            return builder.build()  # type: ignore[no-any-return]
        builder = ServiceStepBuilder(cls._meta, params, strategy)  # type: ignore[no-untyped-call]
        return builder.build()  # type: ignore[no-any-return]

    @classmethod
    def create(cls, **kwargs: Any) -> T:
        """Create an object through the service and return it as it is stored.

        Raises:
            NoAppError: No app is bound.
            UnknownArgumentError: A keyword is neither declared nor taken by the service.
            BuildFailureError: The service refused it, or something nested in it.
        """
        if cls._meta.service is None or cls._meta.abstract:
            return super().create(**kwargs)
        made: T = run.produce(cls, lambda: cls._generate(CREATE_STRATEGY, kwargs), 1, kwargs)[0]
        return made

    @classmethod
    def create_batch(cls, size: int, **kwargs: Any) -> list[T]:
        """Create `size` objects in one unit of work: each is tried, as that many `create` calls would.

        Raises:
            NoAppError: No app is bound.
            InvalidCountError: `size` is no whole number from 0 to a million.
            RepeatedPairError: Two would be of one pair (`Meta.pairs`); it is raised before anything is made, unless
                declarations say so.
            UnknownArgumentError: A keyword is neither declared nor taken by the service.
            BuildFailureError: Some were refused; the others are stored, and are in its `created`.
        """
        if cls._meta.service is None or cls._meta.abstract:
            return super().create_batch(size, **kwargs)
        count = count_of(f"the size of {cls.__name__}'s batch", size)
        return cls._produce(itertools.repeat(kwargs, count), [kwargs] * min(count, 2))

    @classmethod
    def build_batch(cls, size: int, **kwargs: Any) -> list[T]:
        """Make `size` objects and store nothing.

        Raises:
            InvalidCountError: `size` is no whole number from 0 to a million.
        """
        return super().build_batch(count_of(f"the size of {cls.__name__}'s batch", size), **kwargs)

    @classmethod
    def stub_batch(cls, size: int, **kwargs: Any) -> list[Stub]:
        """Make `size` objects that are of no model, and store nothing.

        Raises:
            InvalidCountError: `size` is no whole number from 0 to a million.
        """
        return [cls.stub(**kwargs) for _ in range(count_of(f"the size of {cls.__name__}'s batch", size))]

    @classmethod
    def create_each(cls, overrides: Iterable[Mapping[str, Any]]) -> list[T]:
        """Create one object for each of the overrides, in one unit of work; otherwise as `create_batch`.

        Raises:
            NoAppError: No app is bound.
            InvalidOverridesError: It is no list of mappings; it is raised before anything is made.
            InvalidCountError: There are more than a million; it is raised before anything is made.
            RepeatedPairError: Two would be of one pair (`Meta.pairs`); it is raised before anything is made, unless
                declarations say so.
            UnknownArgumentError: A keyword is neither declared nor taken by the service.
            BuildFailureError: Some were refused; the others are stored, and are in its `created`.
        """
        return cls._create_all(list(overrides_of(cls.__name__, overrides)))

    @classmethod
    def _create_all(cls, each: list[dict[str, Any]]) -> list[T]:
        if cls._meta.service is None or cls._meta.abstract:
            return [super(ServiceFactory, cls).create(**one) for one in each]
        return cls._produce(each, each)

    @classmethod
    async def create_async(cls, **kwargs: Any) -> T:
        """Create an object as `create` does, where services, hooks or units of work may be async, nested ones too.

        They run in the caller's task, one after another, in the order of `create`.

        Raises:
            NoGreenletError: greenlet is not installed (the extra `async`).
            FactoryError: As `create`.
        """
        return await spawn(lambda: cls.create(**kwargs))

    @classmethod
    async def create_batch_async(cls, size: int, **kwargs: Any) -> list[T]:
        """Create `size` objects in one unit of work as `create_batch` does, where services may be async.

        Raises:
            NoGreenletError: greenlet is not installed (the extra `async`).
            FactoryError: As `create_batch`.
        """
        return await spawn(lambda: cls.create_batch(size, **kwargs))

    @classmethod
    async def create_each_async(cls, overrides: Iterable[Mapping[str, Any]]) -> list[T]:
        """Create one object for each of the overrides as `create_each` does, where services may be async.

        Raises:
            NoGreenletError: greenlet is not installed (the extra `async`).
            FactoryError: As `create_each`.
        """
        return await spawn(lambda: cls.create_each(overrides))

    @classmethod
    def _produce(cls, each: Iterable[Mapping[str, Any]], named: list[Any]) -> list[T]:
        """Create one for each of the overrides, of which those in `named` may name a pair twice."""
        if cls._meta.pairs is not None:
            check_pairs(cls._meta, named)
        rest, count = iter(each), operator.length_hint(each)
        first = named[0] if named else {}
        if cls._meta.bulk is not None and count:
            bulk = BulkRun(cls, rest)
            with bulk.telling():
                made = run.produce(cls, bulk, count, first)
        else:
            made = run.produce(cls, lambda: cls._generate(CREATE_STRATEGY, dict(next(rest))), count, first)
        if cls._meta.pairs is not None:
            check_made(cls._meta, made)
        return made

    @classmethod
    def _create(cls, model_class: type[T], *args: Any, **kwargs: Any) -> T:
        """Call the service. It is factory_boy's own extension point: an override may call `super()._create`.

        Raises:
            UnknownArgumentError: The service does not take one of the values.
        """
        running = run.find_session()
        if cls._meta.service is None or running is None:
            return super()._create(model_class, *args, **kwargs)  # type: ignore[no-untyped-call,no-any-return]
        service = running.service(cls)
        accepted = service.takes.accepted
        if accepted is not None and not kwargs.keys() <= accepted:
            unknown = next(name for name in kwargs if name not in accepted)
            raise UnknownArgumentError(cls.__name__, unknown, accepted)
        made: Any = service.function(*args, **kwargs) if service.takes.is_by_name else service(*args, **kwargs)
        if type(made) is not model_class or service.load is not None:
            made = settle(made, service_name(cls._meta.service), cls)
            made = service.read(made, kwargs, cls, is_kept=not hasattr(running.unit, "call"))
        return made  # type: ignore[no-any-return]
