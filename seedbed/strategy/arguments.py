"""How a factory's values become the arguments of its service, and the fields of what is only built.

A role (`customer = One(CustomerFactory)`) is given as whatever is taken: the object as `customer`, or its id as
`customer_id`. Where names differ, `Meta.arguments` says so: `{"customer": "buyer_id", "customer.email": "send_to"}`.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial, reduce
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import attrs
from factory.declarations import SKIP, BaseDeclaration
from factory.enums import SPLITTER

from seedbed.strategy.errors import ContradictionError, InvalidOptionError, UnusedArgumentError, WrongObjectError, near
from seedbed.strategy.keys import NO_KEY, key_of, mapped_key
from seedbed.strategy.models import factories_below
from seedbed.strategy.service_errors import MissingFieldError, NoFactoryError, UnknownFieldError
from seedbed.strategy.signatures import Takes, evaluate, is_plain_class
from seedbed.strategy.traits import Switch, is_left_out

if TYPE_CHECKING:
    from factory.builder import BuildStep

    from seedbed.strategy.services import Service

_ID_ENDINGS = ("_id", "_key", "_pk", "_uuid")
_SCALARS = (int, str, bytes, UUID)
_MAPPED = ("__mapper__", "_meta")  # of SQLAlchemy's models, and of Django's
_NOTHING = object()
_NONE = type(None)


@attrs.frozen
class Move:
    """A value that goes by another name: of a field (or of an attribute of what is in it), to an argument."""

    field: str
    path: tuple[str, ...]
    argument: str
    is_id: bool
    is_needed: bool = False

    def value(self, factory: Any, thing: Any) -> Any:
        """Return what is given for the argument: of no object none, where the service can do without.

        Raises:
            WrongObjectError: The object has no id, or not what the path names.
        """
        if not self.path:
            return id_of(factory, self, thing) if self.is_id else thing
        if thing is None and not self.is_needed:
            return None
        try:
            return reduce(getattr, self.path, thing)
        except AttributeError as error:
            path = ".".join((self.field, *self.path))
            raise WrongObjectError(factory.__name__, self.field, thing, wanted=f"what has {path} ({error})") from error


class Parts(NamedTuple):
    """What a role's object becomes, where the service gets no more of it."""

    names: frozenset[str]
    """Arguments."""
    key: str | None
    """The one that is its key."""


@attrs.frozen
class Arguments:
    """What becomes of a factory's values where they are given to something that takes certain names."""

    moves: tuple[Move, ...]
    dropped: frozenset[str]
    """Values that go by another name only, or are for build alone."""
    parts: Mapping[str, Parts] = attrs.field(factory=dict)
    """By role."""
    right: set[tuple[Any, ...]] = attrs.field(factory=set, eq=False, init=False)
    """The names and types of the values of calls that were found right: `keywords` keeps it."""

    def of(self, step: BuildStep, values: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments."""
        if not self.moves and not self.dropped:
            return values
        found = {name: value for name, value in values.items() if name not in self.dropped}
        factory = step.builder.factory_meta.factory
        for move in self.moves:
            if move.argument in found:  # a role whose object nobody asked for is not made for it
                continue
            value = values[move.field] if move.field in values else getattr(step.stub, move.field, _NOTHING)
            if value is not _NOTHING and value is not SKIP and not (value is None and move.field == "at"):
                found[move.argument] = move.value(factory, value)
        return found


def arguments_of(meta: Any, takes: Takes, function: Any) -> Arguments:
    """Plan what becomes of a factory's values where they are given to its service.

    Raises:
        UnknownFieldError: `Meta.arguments` names an argument that the service does not take.
    """
    moves = [*_explicit(meta, takes, function)]
    said = {move.field for move in moves}
    moves += [move for role in meta.roles if role not in said for move in _of_role(meta, takes, role, function)]
    dropped = {move.field for move in moves if move.field not in takes.names or move.argument == move.field}
    keys = {role: {f"{role}_id", _key_argument(meta, role)} & takes.names for role in meta.roles}
    left = (role for role, known in keys.items() if known and role not in takes.names)
    hidden = {*meta.parameters, *meta.exclude}  # never among the values
    gone = frozenset({*dropped, *left, *meta.build_only} - hidden)
    apart = ({*gone, *hidden} & meta.roles.keys()) - {*meta.inline_args}
    parts = {role: _parts_of(role, moves) for role in meta.roles if role in apart}
    known = {role: one for role, one in parts.items() if one.names and not one.names & {role, *hidden}}
    return Arguments(tuple(moves), gone, known)


def _parts_of(role: str, moves: Iterable[Move]) -> Parts:
    own = [move for move in moves if move.field == role]
    key = next((move.argument for move in own if move.is_id and not move.path), None)
    return Parts(frozenset(move.argument for move in own), key)


def _explicit(meta: Any, takes: Takes, function: Any) -> Iterator[Move]:
    for source, argument in meta.arguments.items():
        if argument not in takes.names and not takes.is_open:
            raise UnknownFieldError(meta.factory.__name__, argument, meta.service, takes.names)
        field, *path = source.split(".")
        is_id = field in meta.roles and _is_id(takes, argument, function)
        yield Move(field, tuple(path), argument, is_id, _is_needed(takes, argument, function))


def _of_role(meta: Any, takes: Takes, role: str, function: Any) -> Iterator[Move]:
    """Plan how a role is given that `Meta.arguments` does not name."""
    name = meta.rename.get(role, role)
    if name in takes.names:
        if role in meta.parameters or role in meta.exclude or _is_id(takes, name, function):
            is_id = _is_id(takes, name, function)
            yield Move(name if name != role else role, (), name, is_id, _is_needed(takes, name, function))
        return
    key = next((one for one in (f"{role}_id", _key_argument(meta, role)) if one in takes.names), None)
    if key is not None and not _is_always_there(meta, key):
        yield Move(role, (), key, is_id=True, is_needed=_is_needed(takes, key, function))


def _key_argument(meta: Any, role: str) -> str | None:
    """Return what a service may call the key of a role's object, where that is not its `id`: `customer_code`."""
    with suppress(NoFactoryError):  # a path that leads nowhere is told when it is used
        key = mapped_key(meta.roles[role].model)
        return None if key is None else f"{role}_{key}"
    return None


def _is_always_there(meta: Any, name: str) -> bool:
    declared = meta.pre_declarations.declarations.get(name)
    return declared is not None and not getattr(declared, "is_addition", False) and name not in meta.parameters


def _is_id(takes: Takes, argument: str, function: Any) -> bool:
    """Tell whether an argument is an id, rather than the object itself: by its name or annotation."""
    if argument.endswith(_ID_ENDINGS):
        return True
    kinds = [getattr(one, "__supertype__", one) for one in _options(takes, argument, function) if one is not _NONE]
    return bool(kinds) and all(isinstance(kind, type) and issubclass(kind, _SCALARS) for kind in kinds)


def _is_needed(takes: Takes, argument: str, function: Any) -> bool:
    """Tell whether an argument cannot be None."""
    return argument in takes.required and _NONE not in _options(takes, argument, function)


def _options(takes: Takes, argument: str, function: Any) -> tuple[Any, ...]:
    """Return what an argument may be, by its annotation."""
    said = takes.annotations.get(argument, inspect.Parameter.empty)
    if said is inspect.Parameter.empty:
        return ()
    try:
        found = evaluate(said, function)
    except Exception:  # noqa: BLE001 - a name that is there for a type checker only: then its own name decides
        return ()
    return typing.get_args(found) if typing.get_origin(found) in {typing.Union, types.UnionType} else (found,)


def may_say_parts(meta: Any) -> bool:
    """Tell whether a class, or a trait of it, may say what a role's object is given as."""
    parts, starts = {*meta.arguments.values()}, tuple(f"{role}_" for role in meta.roles)
    return any(
        name in parts or (isinstance(one, Switch) and one.is_addition and name.startswith(starts))
        for name, one in meta.pre_declarations.declarations.items()
    )


def id_of(factory: Any, move: Move, thing: Any) -> Any:
    """Return an object's id: its key, or what it calls as the argument is called.

    Raises:
        WrongObjectError: It has none, since it is not stored, say.
    """
    if thing is None and not move.is_needed:
        return None
    found = key_of(thing)
    if found is NO_KEY or found is None:
        own = thing.get if isinstance(thing, Mapping) else partial(getattr, thing)
        found = own(move.argument, found)
    if found is not NO_KEY and found is not None:
        return found
    if isinstance(thing, _SCALARS) and (move.argument == move.field or _is_made(factory, move.field, thing)):
        return thing
    raise WrongObjectError(factory.__name__, move.field, thing)


def _check_kind(meta: Any, role: str, thing: Any) -> None:
    """Refuse what another factory makes, whose id would be taken for one of the role's; strangers go by their ids.

    Raises:
        WrongObjectError: It is that.
    """
    one = meta.roles.get(role)
    model = None if one is None else one.model
    if not is_plain_class(model) or isinstance(thing, (model, *_SCALARS)):
        return
    root = next(kind for kind in meta.factory.__mro__ if kind.__module__ == "seedbed.strategy.base")
    models = (below._meta.model for below in factories_below(root))  # noqa: SLF001 - factory_boy's
    if any(is_plain_class(other) and issubclass(type(thing), other) for other in models):
        raise WrongObjectError(meta.factory.__name__, role, thing, model)


def _is_made(factory: Any, role: str, thing: Any) -> bool:
    """Tell whether a role's own factory makes plain ids."""
    one = factory._meta.roles.get(role)  # noqa: SLF001 - factory_boy's
    return one is not None and is_plain_class(one.model) and isinstance(thing, one.model)


def build_fields(meta: Any, takes: Takes, step: BuildStep, values: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of an object that is only built: a role as whatever its model takes.

    What is declared for the service alone (`password`) is left out. What only the call says is not: it may be misspelt.
    """
    model = meta.model
    declared = {meta.rename.get(name, name) for name in meta.pre_declarations}
    found = {name: value for name, value in values.items() if name not in declared or _may_take(model, takes, name)}
    for role in meta.roles:
        names = (f"{role}_id", _key_argument(meta, role))
        field = next((name for name in names if name is not None and _has(model, takes, name)), None)
        if field is None or _has(model, takes, role):
            continue
        thing = found.pop(role, None) if role in found else getattr(step.stub, role, None)
        if field not in found:
            key = key_of(thing)
            found[field] = getattr(thing, field, None) if key is NO_KEY else key
    return found


def _has(model: Any, takes: Takes, name: str) -> bool:
    """Tell whether a model takes a field; one that takes any name (SQLAlchemy's), whether its class has it."""
    return hasattr(model, name) if takes.is_open else name in takes.names


def _may_take(model: Any, takes: Takes, name: str) -> bool:
    """Tell whether a model may take a field: one that takes any name, unless its class has all that it takes."""
    has_all = not takes.is_open or any(hasattr(model, mark) for mark in _MAPPED)
    return not has_all or _has(model, takes, name)


# What is checked before anything is made


def check_option(meta: Any) -> None:
    """Refuse a `Meta.arguments` or `Meta.build_only` that names no field.

    Raises:
        InvalidOptionError: It does, or maps to no name.
    """
    known = {*meta.pre_declarations, *meta.post_declarations, "at"}
    for source, argument in meta.arguments.items():
        root = source.partition(".")[0]
        if not argument.isidentifier():
            raise InvalidOptionError("arguments", meta.arguments, 'fields and arguments, as {"customer": "buyer_id"}')
        if root not in known:
            raise InvalidOptionError("arguments", root, f"of fields that are declared ({near(root, known)})")
    for name in meta.build_only:
        if name not in known:
            raise InvalidOptionError("build_only", name, f"of fields that are declared ({near(name, known)})")


def check_fields(factory: Any, service: Service, arguments: Arguments, given: Iterable[str]) -> None:
    """Refuse fields that the service does not take, and arguments that nobody gives it.

    Raises:
        UnknownFieldError: One is declared and not taken.
        MissingFieldError: One is needed and not declared, nor among those that the call gives.
    """
    meta, takes = factory._meta, service.takes  # noqa: SLF001 - as above
    declared = _names_declared(meta, arguments, frozenset())
    own = declared - set(meta.inline_args)
    if not takes.is_open and not own <= takes.names:
        raise UnknownFieldError(factory.__name__, min(own - takes.names), meta.service, takes.names)
    given = frozenset(given)
    absent = frozenset(name for name in meta.pre_declarations if meta.has_switches and is_left_out(meta, name, given))
    there = _names_declared(meta, arguments, absent) | given | ({"at"} & {*meta.pre_declarations})
    missing = takes.required - there
    if missing and not meta.inline_args:
        raise MissingFieldError(factory.__name__, min(missing), meta.service, declared)


def _names_declared(meta: Any, arguments: Arguments, absent: frozenset[str]) -> set[str]:
    """Return the names by which what is declared, and not absent, goes to the service."""
    hidden = {*meta.parameters, *meta.exclude, "at", *absent}
    plain = {meta.rename.get(name, name) for name in meta.pre_declarations if name not in hidden}
    return (plain - arguments.dropped) | {move.argument for move in arguments.moves if move.field not in absent}


def check_needed(meta: Any, needless: Mapping[str, Parts], extras: Mapping[str, Any]) -> None:
    """Refuse what is said of an object that is not made, since all that the service gets of it is given.

    Raises:
        UnusedArgumentError: It is.
    """
    for role in needless:
        vain = next((name for name in extras if name.startswith(role + SPLITTER)), None)
        if vain is not None:
            parts = sorted(needless[role].names)
            raise UnusedArgumentError(
                meta.factory.__name__, vain, f"{' and '.join(parts)} {'is' if len(parts) == 1 else 'are'} given"
            )


def check_given(meta: Any, arguments: Arguments, extras: Mapping[str, Any]) -> None:
    """Refuse what a call says twice and differently, of a role and of the argument that it becomes.

    Raises:
        ContradictionError: It does.
        UnusedArgumentError: It says what only build can use, or what an object would be that is not made.
        WrongObjectError: What is given for a role has no id, or is another model's, and that is what the service takes.
    """
    for name in meta.build_only:
        if name in extras:
            raise UnusedArgumentError(meta.factory.__name__, name, "its service decides that (Meta.build_only)")
    check_needed(meta, {role: one for role, one in arguments.parts.items() if one.names <= extras.keys()}, extras)
    for move in arguments.moves:
        thing = extras.get(move.field, _NOTHING)
        if thing is _NOTHING or isinstance(thing, BaseDeclaration):
            continue
        _check_kind(meta, move.field, thing)
        own, said = move.value(meta.factory, thing), extras.get(move.argument, _NOTHING)
        if (
            said is not _NOTHING
            and not isinstance(said, BaseDeclaration)
            and move.argument != move.field
            and own != said
        ):
            raise ContradictionError(meta.factory.__name__, move.argument, {move.argument: said, move.field: thing})
