"""SocialFactory: what the factories of this app share, which is keyed ids and times.

See `factories.moments` for `at=`, `factories.roles` for sub-factories, `factories.many` for hooks with a size
and `factories.traits` for traits.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
from factory.base import OptionDefault
from factory.declarations import Parameter, SimpleParameter
from factory.enums import CREATE_STRATEGY

from factories.base import ServiceFactory
from factories.binding import Binding, current_binding, find_binding
from factories.draws import KeyedRandom, step_key
from factories.moments import moment_of, now
from factories.options import ServiceOptions
from factories.pools import Fits, Role
from factories.roles import One, pair_off, paired_roles, roles_of
from services.clock import uuid7_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from factory.builder import BuildStep

T = TypeVar("T")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FEED_ITEM_LIFE = timedelta(days=30)  # of a built one; the feed service decides that of a stored one


def _built_id(moment: datetime, step: BuildStep) -> str:
    source = KeyedRandom(step_key(step, "built id"))
    return uuid7_text(round(moment.timestamp() * 1000), source.getrandbits(74))


def _id_key(binding: Binding, step: BuildStep) -> str:
    return f"{binding.seed}/{step.builder.factory_meta.factory.__name__}/{step.sequence}"


def foreseen_id(step: BuildStep) -> str:
    """Return the id that this step's object will have, but for the time in it, which is not known yet."""
    if "id" in step.builder.extras:
        return str(step.builder.extras["id"])
    binding = find_binding()
    if step.builder.strategy != CREATE_STRATEGY or binding is None or binding.app is None:
        return _built_id(_EPOCH, step)
    with binding.app.at(_EPOCH, _id_key(binding, step)):
        return str(binding.app.ids.new(_EPOCH))


# What a service decides, and a built object needs all the same.
_DECIDED: dict[str, Callable[[datetime, BuildStep], Any]] = {
    "id": _built_id,
    "created_at": lambda moment, _step: moment,
    "updated_at": lambda moment, _step: moment,
    "expires_at": lambda moment, _step: int((moment + _FEED_ITEM_LIFE).timestamp()),
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
    roles: dict[str, One]
    paired: dict[str, Role]
    needs: tuple[str, ...] = ()
    decided: tuple[str, ...] = ()
    draws_ids: bool = False

    def _build_default_options(self) -> list[OptionDefault]:
        return [
            *super()._build_default_options(),
            OptionDefault("pairs", None, inherit=True),
            OptionDefault("fits", None, inherit=True),
        ]

    def contribute_to_class(self, factory: type, *args: Any, **kwargs: Any) -> None:
        """Find out once which objects the factory may need and what its service decides."""
        super().contribute_to_class(factory, *args, **kwargs)
        self.roles = roles_of(self)
        self.paired = paired_roles(self)
        self.needs = tuple(name for name, param in self.parameters.items() if _is_plain(name, param))
        model: Any = self.model
        names = [field.name for field in attrs.fields(model)] if model else []
        self.draws_ids = "id" in names
        self.decided = tuple(name for name in names if name in _DECIDED)

    def instantiate(self, step: BuildStep, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Make the object; a built one or a stub gets the id and times that a service would have given it."""
        if step.builder.strategy != CREATE_STRATEGY:
            stub: Any = step.stub
            moment = now() if stub.at is None else moment_of(step, self.needs)
            given = {name: _DECIDED[name](moment, step) for name in self.decided if name not in kwargs}
            kwargs = given | kwargs
        return super().instantiate(step, args, kwargs)


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
    def _perform(cls, step: BuildStep, args: tuple[Any, ...], values: dict[str, Any]) -> Any:
        meta = cls._meta
        if meta.pairs is not None:
            pair_off(meta, values)
        stub: Any = step.stub
        if stub.at is None and not meta.draws_ids:
            return super()._perform(step, args, values)
        binding = current_binding()
        moment = None if stub.at is None else moment_of(step, meta.needs)
        with binding.app.at(moment, _id_key(binding, step)):
            return super()._perform(step, args, values)
