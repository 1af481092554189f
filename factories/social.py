"""SocialFactory: what the factories of this app share, which is keyed ids and times.

In `seedbed.strategy` see `moments` for `at=`, `roles` for sub-factories, `related` for hooks with a size and `traits`
for traits.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
from factory.enums import CREATE_STRATEGY

from seedbed.clock import uuid7_text
from seedbed.strategy.base import ServiceFactory
from seedbed.strategy.binding import current_binding, find_binding
from seedbed.strategy.moments import moment_of, now
from seedbed.strategy.options import ServiceOptions
from seedbed.strategy.randomness import KeyedRandom, object_key, step_key
from seedbed.strategy.signatures import parameters_of
from seedbed.strategy.traits import declares

if TYPE_CHECKING:
    from collections.abc import Callable

    from factory.builder import BuildStep

T = TypeVar("T")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FEED_ITEM_LIFE_SECONDS = 30 * 86_400  # of a built one; the feed service decides that of a stored one


def _id_for_build(moment: datetime, step: BuildStep) -> str:
    source = KeyedRandom(step_key(step, "built id"))
    return uuid7_text(round(moment.timestamp() * 1000), source.getrandbits(74))


def foreseen_id(step: BuildStep) -> str:
    """Return the id that this step's object will have, but for the time in it, which is not known yet."""
    stub: Any = step.stub
    if declares(step, "id"):
        return str(stub.id)
    binding = find_binding()
    if step.builder.strategy != CREATE_STRATEGY or binding.app is None:
        return _id_for_build(_EPOCH, step)
    with binding.app.at(_EPOCH, object_key(step)).briefly():
        return str(binding.app.ids.new(_EPOCH))


def keyed_id(factory: type[SocialFactory[Any]], ordinal: int, moment: datetime) -> str:
    """Return the id of the object that a factory makes as its `ordinal`-th at a moment, in the binding in force."""
    binding = current_binding()
    with binding.app.at(moment, f"{binding.seed}/{factory.__name__}/{ordinal}").briefly():
        return str(binding.app.ids.new(moment))


# What a service decides, and a built object needs all the same.
_DECIDED: dict[str, Callable[[datetime, BuildStep], Any]] = {
    "id": _id_for_build,
    "created_at": lambda moment, _step: moment,
    "updated_at": lambda moment, _step: moment,
    "expires_at": lambda moment, _step: int(moment.timestamp()) + _FEED_ITEM_LIFE_SECONDS,
}


class SocialOptions(ServiceOptions):
    """Options of this app's factories."""

    def decide(self, step: BuildStep, values: dict[str, Any]) -> dict[str, Any]:
        """Add the id and times that a service would have given."""
        moment = moment_of(step, self.needs) or now()
        given = {
            argument: _DECIDED[name](moment, step)
            for name, argument in _fields_of_service(self.model)
            if name not in values and argument not in values
        }
        return given | values


@lru_cache(maxsize=256)  # a cache: a model keeps its fields, and asking costs 30 us
def _fields_of_service(model: Any) -> tuple[tuple[str, str], ...]:
    """Return what a service decides of a model's fields, each with the argument that it is given by.

    An attrs or data class, a pydantic model, a named tuple or a class with arguments of its own tells them; dict and
    its kin do not.
    """
    aliases = _aliases(model)
    arguments = {parameter.name for parameter in parameters_of(model) or ()} - set(aliases.values())
    return tuple((name, aliases.get(name, name)) for name in _DECIDED if name in aliases or name in arguments)


def _aliases(model: Any) -> dict[str, str]:
    """Return the arguments of a model's fields that are not called as the field is: of attrs and pydantic."""
    if attrs.has(model):
        return {field.name: field.alias for field in attrs.fields(model) if field.init and field.alias != field.name}
    config = getattr(model, "model_config", None) or {}
    fields = getattr(model, "model_fields", None) if config.get("validate_by_alias", True) else None
    said = {name: getattr(field, "validation_alias", None) for name, field in (fields or {}).items()}
    choices = {name: getattr(alias, "choices", [alias]) for name, alias in said.items()}  # pydantic.AliasChoices
    found = {name: next((one for one in each if isinstance(one, str)), name) for name, each in choices.items()}
    return {name: argument for name, argument in found.items() if argument != name}


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
