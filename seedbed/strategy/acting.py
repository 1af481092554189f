"""`acting`: for whom services are called: an actor, a tenant, or whatever else a program asks each call for.

    with acting(ada, tenant=acme):
        OrderFactory()

`Meta.actor` says how a factory's service is told. A text is the argument that gets the actor; a mapping says which
argument gets what: `{"current_user": "actor", "tenant_id": "tenant.id"}`. `Meta.within` names what stands round each
call instead, or beside it: a method of the app that returns a context manager (`"as_user"`), or a callable that takes
the app first; both get what is acting, as `acting` was given it. What a call gives itself comes first; then `acting`,
also before what the factory declares.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from factory.enums import SPLITTER

from seedbed.context import Scope
from seedbed.strategy.errors import InvalidOptionError
from seedbed.strategy.keys import NO_KEY, key_of
from seedbed.strategy.service_errors import MissingActorError, NoServiceError
from seedbed.strategy.signatures import Takes
from seedbed.strategy.waiting import entering, settle

if TYPE_CHECKING:
    from factory.builder import BuildStep

Acting: TypeAlias = dict[str, Any]

_ACTING: Scope[Acting] = Scope("acting", is_shared=True)
_NOBODY = object()


@contextmanager
def acting(actor: Any = _NOBODY, /, **named: Any) -> Iterator[None]:
    """Let services be called for an actor, and for what else is named, for the block; blocks add to those around them.

    None is an actor too: nobody who is signed in.
    """
    given = named if actor is _NOBODY else {"actor": actor, **named}
    block = _ACTING.open(in_force() | given)
    try:
        yield
    finally:
        _ACTING.close(block)


def in_force() -> Acting:
    """Return who and what is acting here, by name."""
    block = _ACTING.find()
    return {} if block is None else block.value


def actors_of(actor: object) -> dict[str, str]:
    """Return by argument what it gets, of what `Meta.actor` says.

    Raises:
        InvalidOptionError: It says nothing that can be used.
    """
    if actor is None:
        return {}
    found = {actor: "actor"} if isinstance(actor, str) else actor
    if isinstance(found, Mapping) and all(isinstance(one, str) and one for pair in found.items() for one in pair):
        return {str(name): str(path) for name, path in found.items()}
    raise InvalidOptionError("actor", actor, "an argument of the service, or a mapping of arguments to what they get")


def check_within(_meta: object, value: object) -> None:
    """Refuse a `Meta.within` that opens nothing.

    Raises:
        InvalidOptionError: It is neither a path on the app nor a callable.
    """
    if not (value is None or callable(value) or (isinstance(value, str) and value.strip("."))):
        raise InvalidOptionError("within", value, "a method of the app, or a callable that takes the app first")


def let_act(meta: Any, extras: Mapping[str, Any]) -> dict[str, Any]:
    """Return a call's keywords, with what is acting in the place of declarations for it."""
    added = {
        name: value
        for name, value in _values(meta).items()
        if name in meta.pre_declarations and not any(one.partition(SPLITTER)[0] == name for one in extras)
    }
    return {**extras, **added}


def add_actors(meta: Any, values: dict[str, Any], takes: Takes) -> dict[str, Any]:
    """Return a service's arguments, with what is acting, where the service takes it and nothing else says it.

    Raises:
        MissingActorError: Nobody acts, and the service needs somebody.
    """
    check_actor(meta, values.keys() | available(meta), takes)
    given = {name: value for name, value in _values(meta).items() if takes.is_open or name in takes.names}
    return given | values


def declared_actors(meta: Any, step: BuildStep, takes: Takes) -> dict[str, Any]:
    """Return who and what an object was made for, of what a later service takes, where nobody acts now."""
    asked = (name for name in meta.actors if name in takes.names and name not in available(meta))
    found = {name: _made_for(meta, step, name) for name in asked}
    return {name: value for name, value in found.items() if value is not _NOBODY}


def _made_for(meta: Any, step: BuildStep, name: str) -> Any:
    if step.stub is None:  # pytest-factoryboy runs hooks on a step that resolved nothing
        return _NOBODY
    if name in meta.pre_declarations or name in step.builder.extras:
        return getattr(step.stub, name)
    role = name.removesuffix("_id")
    key = key_of(getattr(step.stub, role)) if role != name and role in meta.roles else NO_KEY
    return _NOBODY if key is NO_KEY else key


def available(meta: Any) -> frozenset[str]:
    """Return the arguments that what is acting says."""
    return frozenset(_values(meta))


def check_actor(meta: Any, given: Collection[str], takes: Takes) -> None:
    """Refuse, before anything is made, where nobody acts and the service needs somebody.

    Raises:
        MissingActorError: It does.
    """
    for name, path in meta.actors.items():
        if name in takes.required and not (name in given or name in meta.pre_declarations):
            raise MissingActorError(meta.factory.__name__, name, path.partition(".")[0])


def _values(meta: Any) -> dict[str, Any]:
    acts = in_force()
    found = {name: path.split(".") for name, path in meta.actors.items()}
    return {name: functools.reduce(getattr, path[1:], acts[path[0]]) for name, path in found.items() if path[0] in acts}


def acting_of(meta: Any) -> Acting:
    """Return what a factory's service was told of who acts, for its errors."""
    acts = in_force()
    if meta.within is not None:
        return acts
    roots = {path.partition(".")[0] for path in meta.actors.values()}
    return {name: value for name, value in acts.items() if name in roots}


def inside(meta: Any, app: Any, function: Callable[[], Any]) -> Any:
    """Call a function in the block that `Meta.within` names; where nobody acts, without one.

    Raises:
        NoServiceError: The app has no such method.
    """
    acts = in_force()
    if meta.within is None or not acts:
        return function()
    with entering(_open(meta, app, dict(acts)), "Meta.within", meta.factory):
        return function()


def _open(meta: Any, app: Any, acts: Acting) -> Any:
    opens: Callable[..., Any]
    if callable(meta.within):
        opens = functools.partial(meta.within, app)
    else:
        try:
            opens = functools.reduce(getattr, meta.within.split("."), app)
        except AttributeError as error:
            raise NoServiceError(meta.factory.__name__, meta.within, app) from error
    first = (acts.pop("actor"),) if "actor" in acts else ()
    return settle(opens(*first, **acts), "Meta.within", meta.factory)
