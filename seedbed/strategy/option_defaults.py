"""What `class Meta` of a ServiceFactory may say beside factory_boy's own, and what holds where it says nothing.

Meta options:
    service: What creates: a dotted path on the bound app (`"likes.like_post"`), called with the keyword
        arguments; or a callable, called with the app first. None: create as factory_boy does.
    unit_of_work: What opens a unit of work: the name of a method of the app, or a callable that takes the app and
        returns a context manager. None: the suite's, else `app.unit_of_work()`, else plain calls. See `units`.
    echoes: Fields that objects say too, beside the id of each role: `{"post_id": ["parent.post_id"]}`. Arguments
        that say different things of one field are refused.
    requires: Arguments that say nothing without one of others: `{"parent_comment_id": ["parent", "post"]}`.
    arguments: Fields, or attributes of what is in them, that go to the service by another name: `{"customer":
        "buyer_id", "customer.email": "send_to"}`. What `rename` says holds for `build` too.
    build_only: Fields that a built object needs and the service decides itself: `("id", "created_at")`.
    load: What reads the object back where the service does not return it: a path or method that takes what was
        returned, or a callable (app, returned, values).
    serves: Arguments that are used for a field alone, and refused beside it: `{"topic": "caption"}`.
    pairs: Two roles, such as `("post", "user")`, that the same two objects fill only once: of a pair there is one
        like, so `recycle` picks others, and nobody asks for two.
    actor: The argument of the service that gets who acts, or a mapping of arguments to what they get. See `acting`.
    within: What stands round each call for who acts: a method of the app, or a callable that takes the app first.
    bulk_service: The app's own bulk path, for `create_batch` and `create_each`. See `bulk`.
    around: Why no service writes the table: its rows then go past all of them. See `around`.
    fits: Given the objects of both, tells whether the service would take them; None stands for one not known yet.
    exclusive: Traits of which an object has one at most, such as two ends of one thing: `("shipped", "cancelled")`, or
        several such groups. `seed lint` tries no two of a group together.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from factory.base import FactoryMetaClass, FactoryOptions, OptionDefault
from factory.declarations import Trait

from seedbed.strategy.acting import check_within
from seedbed.strategy.around import check_around
from seedbed.strategy.errors import InvalidOptionError
from seedbed.strategy.service_errors import MisplacedTraitError, UnknownOptionError
from seedbed.strategy.signatures import takes
from seedbed.strategy.units import check_unit_of_work
from seedbed.strategy.waiting import is_idle


def own_defaults() -> list[OptionDefault]:
    """Return our options, each with its default and its check; some are factory_boy's, checked too."""
    return [
        _ModelDefault("model", None, inherit=True, checker=_check_model),  # type: ignore[no-untyped-call]
        OptionDefault("service", None, inherit=True, checker=_check_service),
        OptionDefault("unit_of_work", None, inherit=True, checker=check_unit_of_work),
        _form("echoes", {}, _is_lists, 'fields and what says them, as {"post_id": ["parent.post_id"]}'),
        _form("requires", {}, _is_lists, 'arguments and those that they need, as {"parent_id": ["parent"]}'),
        _form("serves", {}, _is_texts, 'arguments and fields, as {"topic": "caption"}'),
        _form("arguments", {}, _is_texts, 'fields and arguments, as {"customer": "buyer_id"}'),
        _form("build_only", (), _is_names, 'a list of fields, as ("id", "created_at")'),
        OptionDefault("load", None, inherit=True, checker=_check_load),
        OptionDefault("pairs", None, inherit=True),
        OptionDefault("fits", None, inherit=True, checker=_check_fits),
        OptionDefault("actor", None, inherit=True),
        OptionDefault("bulk_service", None, inherit=True),
        OptionDefault("around", None, inherit=True, checker=check_around),
        OptionDefault("within", None, inherit=True, checker=check_within),
        _GroupsDefault("exclusive", (), inherit=True),  # type: ignore[no-untyped-call]
        _form("exclude", (), _is_names, 'a list of fields, as ("id", "created_at")'),
        _form("inline_args", (), _is_names, 'a list of fields, as ("id", "created_at")'),
        _form("rename", {}, _is_texts, 'fields and arguments, as {"customer": "buyer"}'),
    ]


def _form(name: str, default: object, is_right: Callable[[Any], bool], rule: str) -> OptionDefault:
    """Return an option whose value has a form: a list of names, or a mapping of them."""

    def check(_meta: object, value: object) -> None:
        if not is_right(value):
            raise InvalidOptionError(name, value, rule)

    return OptionDefault(name, default, inherit=True, checker=check)


def _is_names(value: object) -> bool:
    return isinstance(value, (tuple, list, set, frozenset)) and all(isinstance(one, str) for one in value)


def _is_texts(value: object) -> bool:
    return isinstance(value, Mapping) and all(isinstance(one, str) for pair in value.items() for one in pair)


def _is_lists(value: object) -> bool:
    return isinstance(value, Mapping) and _is_names([*value]) and all(map(_is_names, value.values()))


def check_names(options: FactoryOptions, factory: type, meta: type | None) -> None:
    """Refuse what a `class Meta` says that is no option.

    Raises:
        UnknownOptionError: There is such a name.
    """
    known = {option.name for option in options._build_default_options()}  # noqa: SLF001 - factory_boy's
    for name in () if meta is None else vars(meta):
        if not name.startswith("_") and name not in known:
            raise UnknownOptionError(factory.__name__, name, known)


def check_body(factory: type) -> None:
    """Refuse a trait that a class body declares as a field: it would be handed on as the field's value.

    Raises:
        MisplacedTraitError: There is one.
    """
    for name, value in vars(factory).items():
        if isinstance(value, Trait):
            raise MisplacedTraitError(factory.__name__, name)


def _check_service(_meta: object, value: object) -> None:
    if value is None or callable(value) or (isinstance(value, str) and value.strip(".")):
        return
    raise InvalidOptionError("service", value, "a dotted path on the app, or a callable that takes the app first")


def _check_load(_meta: object, value: object) -> None:
    if is_idle(value) or not (value is None or callable(value) or (isinstance(value, str) and value.strip("."))):
        raise InvalidOptionError("load", value, "a dotted path on the app, a method of a service, or a callable")


def _check_fits(_meta: object, value: Any) -> None:
    is_late = inspect.iscoroutinefunction(value) or is_idle(value)
    if value is not None and (is_late or not takes(value, 2)):
        raise InvalidOptionError("fits", value, "a plain function that takes the objects of both roles")


def _check_model(_meta: object, value: object) -> None:
    if isinstance(value, FactoryMetaClass):
        message = f"{value!r} is already a Factory"
        raise TypeError(message)
    if not (value is None or callable(value)):
        raise InvalidOptionError("model", value, "a class, or what makes one of its objects")


class _ModelDefault(OptionDefault):
    """Inherits the model that a base names, not one that followed from its service."""

    def apply(self, meta: Any, base_meta: Any) -> Any:
        inherited = getattr(base_meta, "said_model", None) if hasattr(base_meta, "said_model") else base_meta.model
        value = getattr(meta, "model", inherited)
        self.checker(meta, value)
        return value


class _GroupsDefault(OptionDefault):
    """Takes one group of names for a list of one."""

    def apply(self, meta: Any, base_meta: Any) -> Any:
        value: Any = super().apply(meta, base_meta)  # type: ignore[no-untyped-call]
        groups = (value,) if _is_group(value) and value else value
        if not isinstance(groups, (tuple, list)) or not all(map(_is_group, groups)):
            raise InvalidOptionError(self.name, value, 'traits, ("shipped", "cancelled"), or several such groups')
        return tuple(map(tuple, groups))


def _is_group(value: object) -> bool:
    return isinstance(value, (tuple, list)) and all(isinstance(one, str) for one in value)
