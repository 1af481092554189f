"""Where an app has an object of some kind: an attribute, also of what it holds, or in a container that gives by type.

Looked at level by level, the app itself first, so that what is nearer is found. On one level an attribute goes before
what a container gives.
"""

from __future__ import annotations

import inspect
import re
import sysconfig
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, reduce
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, NamedTuple

from seedbed.strategy.service_errors import AmbiguousServiceError, ContainerError, NoInstanceError
from seedbed.strategy.signatures import annotations_of, evaluate, is_plain_class, parameters_of, returns_of, text_of

_DEEPEST = 3
_MOST = 2_000
"""Objects that are looked at: whoever holds more holds data."""

_GIVERS = ("get", "resolve", "provide", "__getitem__")
_KEYS = {"cls", "dependency_type", "dep_type", "interface", "key_type", "kind", "klass", "service", "service_key"}
_KEYS |= {"service_type", "svc_type", "svc_types", "type_"}
_INSTALLED = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
_STANDARD = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib")}
_PLAIN = (str, bytes, int, float, complex, type(None), type, BaseException)


class Kind(NamedTuple):
    """What is looked for: its name, how it is known, and its class where that is known."""

    name: str
    matches: Callable[[Any], bool]
    owner: type | None


class Place(NamedTuple):
    """Where an object is: its path for people, and how it is read of the app."""

    path: str
    read: Callable[[Any], Any]
    value: Any
    is_given: bool = False
    """Whether a container gave it, by its type."""


def kind_of(owner: type) -> Kind:
    """Return a kind by its class, or by the members of a Protocol."""
    if getattr(owner, "_is_protocol", False):
        members = [name for name in dir(owner) if not name.startswith("_")]
        return Kind(owner.__name__, lambda one: all(hasattr(one, name) for name in members), owner)
    return Kind(owner.__name__, lambda one: isinstance(one, owner), owner)


def find_by_path(app: Any, path: str) -> Any:
    """Return what an app has by a path, or None; what the app says against it is told where it is called."""
    try:
        return reduce(getattr, path.split("."), app)
    except Exception:  # noqa: BLE001 - whatever the app says
        return None


class Failure(NamedTuple):
    """What a container raised that was asked for one, other than that it has none; or a property of the app's."""

    path: str
    error: Exception
    is_sure: bool = True
    """Whether it is of what is looked for: of a property that does not say what it is, nobody knows."""


def find(app: Any, kind: Kind, factory: str, service: object) -> Place | None:
    """Find the nearest of a kind, or nothing.

    Raises:
        AmbiguousServiceError: There are two as near.
        ContainerError: A container, or a property that is to be one, failed to make one, and there is no other.
    """
    return _find(app, kind, factory, service, [])


def _find(app: Any, kind: Kind, factory: str, service: object, failures: list[Failure]) -> Place | None:
    place = _nearest(app, kind, failures)
    sure = [failure for failure in failures if failure.is_sure]
    if place is None and sure:
        raise ContainerError(factory, service, sure[0].path, sure[0].error) from sure[0].error
    return place


def _nearest(app: Any, kind: Kind, failures: list[Failure]) -> Place | None:
    level, seen = [Place("app", lambda app: app, app)], {id(app)}
    for depth in range(_DEEPEST + 1):
        found = _distinct(place for place in level if kind.matches(place.value))
        nearest = [place for place in found if not place.is_given] or found[:1]
        if len(nearest) > 1:
            raise AmbiguousServiceError(kind.name, type(app).__name__, [place.path for place in nearest])
        if nearest:
            return nearest[0]
        level = list(_below(level, kind, seen, failures, is_near=depth < 2))  # noqa: PLR2004 - an app, and what it holds
    return None


def get(app: Any, kind: Kind, factory: str, service: object) -> Place:
    """Return the nearest of a kind.

    Raises:
        AmbiguousServiceError: There are two as near.
        NoInstanceError: There is none.
        ContainerError: A container, or a property that is to be one, failed to make one, and there is no other.
    """
    failures: list[Failure] = []
    place = _find(app, kind, factory, service, failures)
    if place is None:
        top = Place("app", lambda app: app, app)
        at = [f"{one.path} ({type(one.value).__name__})" for one in (*_find_held(top), *_find_computed(top, kind, []))]
        at += [f"{one.path}, which raised {_say(one.error)}" for one in failures]
        raise NoInstanceError(factory, service, kind.name, app, at)
    return place


def _say(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}".removesuffix(": ")


def _distinct(places: Iterable[Place]) -> list[Place]:
    return list({id(place.value): place for place in reversed(list(places))}.values())[::-1]


def _below(
    level: list[Place], kind: Kind, seen: set[int], failures: list[Failure], *, is_near: bool
) -> Iterator[Place]:
    for holder in level:
        found = _children(holder, kind, failures) if is_near else _find_held(holder)
        for place in found:
            if id(place.value) not in seen and len(seen) < _MOST:
                seen.add(id(place.value))
                yield place


def _children(holder: Place, kind: Kind, failures: list[Failure]) -> Iterator[Place]:
    yield from _find_held(holder)
    yield from _find_computed(holder, kind, failures)
    if kind.owner is not None:
        yield from _find_given(holder, kind.owner, failures)


def _find_held(holder: Place) -> Iterator[Place]:
    """Find what an object holds: its attributes, those of its class, and its elements."""
    thing = holder.value
    for key, value in _elements(thing):
        if _is_object(value):
            name = key.__name__ if isinstance(key, type) else repr(key)
            yield Place(f"{holder.path}[{name}]", _reader(holder, _element(key)), value)
    for name in _names(thing):
        value = inspect.getattr_static(thing, name, None)
        if hasattr(type(value), "__get__") and hasattr(type(value), "__set__"):  # a slot
            value = _read(thing, name)
        if _is_object(value):
            yield Place(f"{holder.path}.{name}", _reader(holder, _attribute(name)), value)


def _read(thing: Any, name: str) -> Any:
    """Read an attribute; None where it cannot be read just now, for whatever reason: then it is not the one."""
    try:
        return getattr(thing, name, None)
    except Exception:  # noqa: BLE001 - a property of somebody else's
        return None


def _elements(thing: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(thing, Mapping):
        return list(thing.items())
    return enumerate(thing) if isinstance(thing, (list, tuple, set, frozenset)) else ()


def _names(thing: Any) -> list[str]:
    if isinstance(thing, _PLAIN[:-2]):
        return []
    own = [*getattr(thing, "__dict__", ())]
    slots = [name for kind in type(thing).__mro__ for name in _slots(kind)]
    shared = [
        name
        for kind in type(thing).__mro__
        for name, value in vars(kind).items()
        if not name.startswith("_") and _is_object(value)
    ]
    return list(dict.fromkeys([*own, *slots, *shared]))


def _slots(kind: type) -> Iterable[str]:
    slots = vars(kind).get("__slots__", ())
    return (slots,) if isinstance(slots, str) else slots


def _is_object(value: Any) -> bool:
    """Tell whether a value may be what is looked for, or hold it."""
    try:
        is_code = inspect.isroutine(value) or isinstance(value, (ModuleType, property, cached_property))
        return not is_code and not isinstance(value, _PLAIN)
    except Exception:  # noqa: BLE001 - a proxy of what is not there just now, such as Flask's `g`
        return False


def _find_computed(holder: Place, kind: Kind, failures: list[Failure]) -> Iterator[Place]:
    """Find what an object computes: properties, and annotated names that its `__getattr__` knows.

    One that says by its annotation that it is something else is not asked. What they raise is added to `failures`.
    """
    for name, said, source in _computable(holder.value):
        if name.startswith("__") or not _may_be(said, source, kind):
            continue
        path = f"{holder.path}.{name}"
        try:
            value = getattr(holder.value, name)
        except Exception as error:  # noqa: BLE001 - somebody else's code: what it raises is told where nothing is found
            if not (
                isinstance(error, AttributeError) and isinstance(source, type)
            ):  # a `__getattr__` that knows no such
                failures.append(Failure(path, error, said is not None and kind.owner is not None))
            continue
        if _is_object(value):
            yield Place(path, _reader(holder, _attribute(name)), value)


def _computable(thing: Any) -> Iterator[tuple[str, Any, Any]]:
    for kind in type(thing).__mro__:
        for name, value in list(vars(kind).items()):
            function = getattr(value, "fget", None) or (value.func if isinstance(value, cached_property) else None)
            if function is not None:
                yield name, returns_of(function), function
        for name, said in annotations_of(kind).items() if hasattr(kind, "__getattr__") else ():
            yield name, said, kind


def _may_be(said: Any, source: Any, kind: Kind) -> bool:
    if said is None or kind.owner is None:
        return True
    try:
        found = evaluate(said, source)
    except Exception:  # noqa: BLE001 - a name that is there for a type checker only: compared as it is written
        return text_of(said) in {one.__name__ for one in kind.owner.__mro__}
    return not is_plain_class(found) or issubclass(found, kind.owner) or issubclass(kind.owner, found)


def _find_given(holder: Place, owner: type, failures: list[Failure]) -> Iterator[Place]:
    """Find what a container gives by type: svcs, punq, lagom, injector, one's own, or a dict by type.

    What it raises other than that it has none is added to `failures`.
    """
    thing = holder.value
    for name in () if isinstance(thing, Mapping) else _GIVERS:
        give = getattr(type(thing), name, None)
        if give is None or not _takes_type(give):
            continue
        path = (
            f"{holder.path}[{owner.__name__}]" if name == "__getitem__" else f"{holder.path}.{name}({owner.__name__})"
        )
        try:
            value = getattr(thing, name)(owner)
        except Exception as error:  # noqa: BLE001 - a container says in an error of its own that it has none
            if not _says_none(error, thing, owner):
                failures.append(Failure(path, error))
            continue
        yield Place(path, _reader(holder, _call(name, owner)), value, is_given=True)
        return


def _says_none(error: Exception, container: Any, owner: type) -> bool:
    """Tell whether a container says by an error that it has none, rather than that making one failed.

    The first is raised by its own code alone, about the class that it was asked for. The second comes by way of the
    program's code, or is about something else: a class that it needs, a connection, a call that does not fit.
    """
    ours, *frames = [frame for frame, _line in traceback.walk_tb(error.__traceback__)]
    if not frames:  # it takes no type alone, or is no Python code
        return ours.f_code.co_filename == __file__
    home = type(container).__module__.partition(".")[0]
    is_its_own = all(_is_of(frame, container, home) for frame in frames)
    asked = [value for value in frames[-1].f_locals.values() if isinstance(value, type) and value is not owner]
    is_about_another = owner not in frames[-1].f_locals.values() and bool(asked)
    return is_its_own and not is_about_another and not isinstance(error, TypeError) and _is_about(error, owner)


def _is_of(frame: FrameType, container: Any, home: str) -> bool:
    file = frame.f_code.co_filename
    is_standard = any(file.startswith(folder) for folder in _STANDARD) and not _is_installed(file, "")
    return frame.f_locals.get("self") is container or _is_installed(file, home) or is_standard


def _is_about(error: Exception, owner: type) -> bool:
    text = str(error)
    return not text or re.search(rf"\b{re.escape(owner.__name__)}\b", text, re.IGNORECASE) is not None


def _is_installed(file: str, package: str) -> bool:
    return any(file.startswith(str(Path(folder) / package)) for folder in _INSTALLED)


def _takes_type(give: Any) -> bool:
    """Tell whether a method asks for a type: by its annotation, or by the parameter's name."""
    parameters = parameters_of(give) or []
    if len(parameters) < 2:  # noqa: PLR2004 - itself and the type
        return False
    said = text_of(parameters[1].annotation).strip("_").lower()
    return said == "type" or parameters[1].name in _KEYS


def _reader(holder: Place, step: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda app: step(holder.read(app))


def _attribute(name: str) -> Callable[[Any], Any]:
    return lambda thing: getattr(thing, name)


def _element(key: Any) -> Callable[[Any], Any]:
    return lambda thing: thing[key] if hasattr(thing, "__getitem__") else list(thing)[key]


def _call(name: str, owner: type) -> Callable[[Any], Any]:
    return lambda thing: getattr(thing, name)(owner)
