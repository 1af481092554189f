"""SocialFactory: what the factories of this app share, which is keyed ids and times.

In `seedbed.strategy` see `moments` for `at=`, `roles` for sub-factories, `related` for hooks with a size and `traits`
for traits.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from factory.base import OptionDefault
from factory.declarations import Parameter, SimpleParameter
from factory.enums import CREATE_STRATEGY

from factories.errors import InvalidOptionError
from seedbed.clock import uuid7_text
from seedbed.strategy.agreement import check_made, check_pairs
from seedbed.strategy.base import ServiceFactory
from seedbed.strategy.binding import Binding, current_binding, find_binding
from seedbed.strategy.moments import check_moment, moment_of, now
from seedbed.strategy.options import ServiceOptions
from seedbed.strategy.pool import Fits, Role
from seedbed.strategy.randomness import KeyedRandom, step_key
from seedbed.strategy.ranges import find_count
from seedbed.strategy.roles import pair_off, paired_roles
from seedbed.strategy.signatures import parameters_of
from seedbed.strategy.traits import declares

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from factory.builder import BuildStep

T = TypeVar("T")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FEED_ITEM_LIFE_SECONDS = 30 * 86_400  # of a built one; the feed service decides that of a stored one


def _built_id(moment: datetime, step: BuildStep) -> str:
    source = KeyedRandom(step_key(step, "built id"))
    return uuid7_text(round(moment.timestamp() * 1000), source.getrandbits(74))


def _id_key(binding: Binding, step: BuildStep) -> str:
    return f"{binding.seed}/{step.builder.factory_meta.factory.__name__}/{step.sequence}"


def foreseen_id(step: BuildStep) -> str:
    """Return the id that this step's object will have, but for the time in it, which is not known yet."""
    stub: Any = step.stub
    if declares(step, "id"):
        return str(stub.id)
    binding = find_binding()
    if step.builder.strategy != CREATE_STRATEGY or binding.app is None:
        return _built_id(_EPOCH, step)
    with binding.app.at(_EPOCH, _id_key(binding, step)).briefly():
        return str(binding.app.ids.new(_EPOCH))


# What a service decides, and a built object needs all the same.
_DECIDED: dict[str, Callable[[datetime, BuildStep], Any]] = {
    "id": _built_id,
    "created_at": lambda moment, _step: moment,
    "updated_at": lambda moment, _step: moment,
    "expires_at": lambda moment, _step: int(moment.timestamp()) + _FEED_ITEM_LIFE_SECONDS,
}


class SocialOptions(ServiceOptions):
    """Options of this app's factories.

    Meta options:
        pairs: Two roles, such as `("post", "user")`, that the same two objects fill only once under
        `recycle`.
        fits: Told the objects of both, tells whether the service would take them: others are not picked. None
        stands for the one that is not known yet.
    """

    pairs: tuple[str, str] | None
    fits: Fits | None
    paired: dict[str, Role]
    needs: tuple[str, ...] = ()

    def _build_default_options(self) -> list[OptionDefault]:
        return [
            *super()._build_default_options(),
            OptionDefault("pairs", None, inherit=True),
            OptionDefault("fits", None, inherit=True),
        ]

    def contribute_to_class(self, factory: type, *args: Any, **kwargs: Any) -> None:
        """Let a class body say what `Params` may say."""
        kwargs["params"] = _with_body(factory, kwargs.get("params"))
        super().contribute_to_class(factory, *args, **kwargs)

    def read_declarations(self) -> None:
        """Work out once which objects the factory may need.

        Raises:
            InvalidOptionError: `pairs` does not name two fields.
        """
        super().read_declarations()
        pairs: object = self.pairs
        is_pair = isinstance(pairs, (tuple, list)) and len(pairs) == 2 and all(map(self._has, pairs))  # noqa: PLR2004 - a pair
        if not (is_pair or pairs is None or self.abstract):
            raise InvalidOptionError("pairs", pairs, "two fields of the factory")
        self.paired = paired_roles(self)
        self.needs = tuple(
            name for name in self.parameters if name in self.pre_declarations and _is_plain(name, self.parameters[name])
        )

    def _has(self, name: object) -> bool:
        return name in self.pre_declarations

    def _get_counter_reference(self) -> Any:
        """Share the base's numbers whatever the model is: what is built of them is no person twice."""
        base: Any = self.base_factory
        if self.model is None or base is None or base._meta.model is None:  # noqa: SLF001 - factory_boy's
            return self
        return base._meta.counter_reference  # noqa: SLF001 - as above

    def check_field(self, name: str, value: object) -> None:
        """Refuse an `at` that cannot be one.

        Raises:
            InvalidMomentError: It is none.
        """
        if name == "at" and value is not None:
            check_moment(getattr(self.factory, "__name__", ""), value)

    def instantiate(self, step: BuildStep, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Make the object; one that goes through no service gets the id and times that it would have given."""
        if step.builder.strategy != CREATE_STRATEGY or self.service is None:
            moment = moment_of(step, self.needs) or now()
            given = {name: _DECIDED[name](moment, step) for name in _decided(self.model) if name not in kwargs}
            kwargs = given | kwargs
        return super().instantiate(step, args, kwargs)


@lru_cache(maxsize=256)  # a cache: a model keeps its fields, and asking costs 30 us
def _decided(model: Any) -> tuple[str, ...]:
    """Return what a service decides of a model's fields.

    An attrs or data class, a named tuple or a class with arguments of its own tells them; dict and its kin do not.
    """
    return tuple(parameter.name for parameter in parameters_of(model) or () if parameter.name in _DECIDED)


def _with_body(factory: type, params: type | None) -> type:
    """Return what is in `Params`, and what a class body says in place of an inherited one, such as `at`.

    factory_boy lets the inherited one win, without a word.
    """
    own = {} if params is None else dict(vars(params))
    inherited = [base._meta.parameters for base in factory.__mro__[1:] if hasattr(base, "_meta")]  # noqa: SLF001 - as above
    plain = {name for known in inherited for name, one in known.items() if isinstance(one, SimpleParameter)}
    return type("Params", (), {name: value for name, value in vars(factory).items() if name in plain} | own)


def _is_plain(name: str, parameter: Parameter) -> bool:
    return isinstance(parameter, SimpleParameter) and name != "at"


class _WithOptions(ServiceFactory[T]):
    _options_class = SocialOptions

    class Meta:
        abstract = True


class SocialFactory(_WithOptions[T]):
    """A ServiceFactory of this app. Every one takes `at=`, a datetime with a time zone: when it happened."""

    if TYPE_CHECKING:
        _meta: SocialOptions

    class Meta:
        abstract = True

    class Params:
        at = None

    @classmethod
    def create_batch(cls, size: int, **kwargs: Any) -> list[T]:
        """Create `size` objects in one unit of work, as ServiceFactory does, of which no two are of the same pair.

        Raises:
            RepeatedPairError: They would be; it is told before anything is made, unless declarations say so.
            FactoryError: As ServiceFactory's.
        """
        meta, count = cls._meta, find_count(size)
        if meta.pairs is None or meta.service is None or count is None:
            return super().create_batch(size, **kwargs)
        check_pairs(meta, [kwargs] * min(count, 2))
        made = super().create_batch(count, **kwargs)
        check_made(meta, made)
        return made

    @classmethod
    def create_each(cls, overrides: Iterable[Mapping[str, Any]]) -> list[T]:
        """Create one object for each of the overrides, as ServiceFactory does, of which no two are of the same pair.

        Raises:
            RepeatedPairError: They would be; it is told before anything is made, unless declarations say so.
            FactoryError: As ServiceFactory's.
        """
        meta, each = cls._meta, list(overrides)
        if meta.pairs is None or meta.service is None:
            return super().create_each(each)
        check_pairs(meta, each)
        made = super().create_each(each)
        check_made(meta, made)
        return made

    @classmethod
    def _perform(cls, step: BuildStep, args: tuple[Any, ...], values: dict[str, Any]) -> Any:
        meta = cls._meta
        if meta.pairs is not None:
            pair_off(meta, values)
        moment = moment_of(step, meta.needs)
        if moment is None and "id" not in _decided(meta.model):
            return super()._perform(step, args, values)
        binding = current_binding()
        with binding.app.at(moment, _id_key(binding, step)).briefly():
            return super()._perform(step, args, values)
