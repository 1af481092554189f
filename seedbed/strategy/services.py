"""What a factory creates through: `Meta.service`, found in the app and ready to be called.

It is a path of attributes on the app (`"orders.place"`); a method of a service class (`OrderService.place`), whose
object is found in the app (`lookup`); or any other callable. That one is given the app first where its first parameter
is called `app`, or is no field of the factory and has neither default nor annotation. Where that has an annotation
which names a class, it is given what there is of it: the app, or something that the app holds (`session: Session`).
Else it is called as it is.
"""

from __future__ import annotations

import functools
import inspect
import sys
import typing
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncContextDecorator, ContextDecorator
from decimal import Decimal
from types import MethodType
from typing import Any, NamedTuple
from uuid import UUID

import attrs

from seedbed.errors import NotLoadedError
from seedbed.strategy import lookup
from seedbed.strategy.errors import FactoryError
from seedbed.strategy.lookup import Kind, Place, kind_of
from seedbed.strategy.service_errors import ContainerError, NoEntityError, NoServiceError
from seedbed.strategy.signatures import Takes, evaluate, parameters_of, plain_module, takes_of, text_of
from seedbed.strategy.waiting import settle

_NO_ENTITIES = frozenset(
    {type(None), bool, int, float, complex, str, bytes, tuple, list, set, frozenset, dict, UUID, Decimal}
)
_UNRUN = (Iterator, AsyncIterator, ContextDecorator, AsyncContextDecorator)
"""What a function with a `yield` returns: nothing of it has run."""
_SCALAR_HOMES = {"builtins", "datetime", "decimal", "enum", "pathlib", "uuid"}
_ANYTHING = {"", "_empty", "Any", "object"}


class Method(NamedTuple):
    """A method of a class, without an object: the class where it is found, and its name there."""

    owner: type | None
    name: str
    function: Any
    keywords: Mapping[str, Any]

    def kind(self) -> Kind:
        """Return what objects have it."""
        if self.owner is not None:
            return kind_of(self.owner)
        name = self.function.__qualname__.split(".")[-2]
        return Kind(name, lambda one: any(self.function in vars(kind).values() for kind in type(one).__mro__), None)

    def bind(self, thing: Any) -> Callable[..., Any]:
        """Return it for an object of the class; what overrides it there is called."""
        found = inspect.getattr_static(self.owner, self.name, None) if self.owner is not None else None
        is_its_own = found is None or found is self.function or not inspect.isfunction(self.function)
        bound = getattr(thing, self.name) if is_its_own else self.function.__get__(thing)
        return functools.partial(bound, **self.keywords) if self.keywords else bound


@attrs.frozen(eq=False)
class Service:
    """The service of one factory on one app."""

    function: Callable[..., Any]
    takes: Takes
    load: Callable[[Any, Mapping[str, Any]], Any] | None

    def __call__(self, *args: Any, **values: Any) -> Any:
        """Call it; what it takes by position only is given so."""
        takes = self.takes
        if (takes.positional or takes.spread in values) and not args:
            args = self._take_positional(values)
        return self.function(*args, **values)

    def _take_positional(self, values: dict[str, Any]) -> tuple[Any, ...]:
        names = (*self.takes.positional, *self.takes.ordered) if self.takes.spread in values else self.takes.positional
        args = []
        for name in names:
            if name not in values:
                break
            args.append(values.pop(name))
        return (*args, *values.pop(self.takes.spread or "", ()))

    def read(self, result: Any, values: Mapping[str, Any], factory: Any, *, is_kept: bool = True) -> Any:
        """Return the object that a call made, given what it returned; `is_kept`: an error does not undo the call.

        Raises:
            NotLoadedError: `Meta.load` failed.
            FactoryError: So, and it was asked wrongly.
            NoEntityError: It returned none, and `Meta.load` does not say how to read it.
        """
        if self.load is not None:
            try:
                result = settle(self.load(result, values), "load", factory)
            except FactoryError:
                raise
            except Exception as error:
                raise NotLoadedError(result, error, is_there=is_kept) from error
        model = None if creates_itself(factory) else factory._meta.model  # noqa: SLF001 - where factory_boy keeps options
        if type(result) is not model and not is_of(result, model):
            raise NoEntityError(factory.__name__, factory._meta.service, result, model)  # noqa: SLF001 - as above
        return result


def creates_itself(factory: Any) -> bool:
    """Tell whether a factory has a `_create` of its own, which may change what the service is given, and returns."""
    owner = next(kind for kind in factory.__mro__ if "_create" in vars(kind))
    return bool(owner.__module__ != "seedbed.strategy.base")


def is_of(result: Any, model: Any) -> bool:
    """Tell whether an object is one that a factory makes; of a model that nobody knows, whether it can be one."""
    kind = typing.get_origin(model) or model
    if typing.is_typeddict(kind):
        return isinstance(result, dict)
    if not isinstance(kind, type) or kind is dict:  # dict: what is built is one, what is created what the service makes
        is_entity = type(result) not in _NO_ENTITIES and not isinstance(result, _UNRUN)
        return is_entity or (kind in {None, dict} and isinstance(result, dict))
    try:
        return isinstance(result, kind)
    except TypeError:  # a Protocol that says nothing of objects
        return not isinstance(result, _UNRUN)


def resolve(factory: Any, app: Any, places: dict[str, Place]) -> Service:
    """Find a factory's service in an app. `places` are those that were found in it before.

    Raises:
        NoServiceError: The app has nothing by the path.
        NoInstanceError: The app holds no object of the method's class.
        ContainerError: A container of the app failed to make one.
        AmbiguousServiceError: The app holds several.
    """
    meta = factory._meta  # noqa: SLF001 - as above
    finder = _Finder(factory, app, places)
    function, takes = finder.function(meta.service)
    return Service(function, takes, None if meta.load is None else finder.loader(meta.load))


def find_service(factory: Any, service: Any, binding: Any) -> Service:
    """Find what a factory's hook calls, of what `Meta.service` may be, in the app of a binding.

    Raises:
        NoServiceError: The app has nothing by the path.
        NoInstanceError: The app holds no object of the method's class.
        ContainerError: A container of the app failed to make one.
        AmbiguousServiceError: The app holds several.
    """
    return Service(*_Finder(factory, binding.app, binding.places).function(service), None)


class _Finder:
    """Looks for what a factory's options name."""

    def __init__(self, factory: Any, app: Any, places: dict[str, Place]) -> None:
        self._factory = factory
        self._app = app
        self._places = places

    def function(self, service: Any) -> tuple[Callable[..., Any], Takes]:
        if isinstance(service, str):
            found = self._by_path(service)
            return found, _takes(found)
        method = method_of(service)
        if method is not None:
            bound = method.bind(self._get(method, service))
            return bound, _takes(bound)
        given = self._first_argument(service)
        if given is _AS_IT_IS:
            return service, _takes(service)
        return functools.partial(service, given), _takes(service, 1)

    def loader(self, load: Any) -> Callable[[Any, Mapping[str, Any]], Any]:
        """Return what reads an object, given what the service returned and what it was called with."""
        if isinstance(load, str) or method_of(load) is not None:
            found, _ = self.function(load)
            return lambda result, _values: found(result)
        parameters = [one for one in parameters_of(load) or () if one.kind is not one.KEYWORD_ONLY]
        app, count = self._app, len(parameters)
        if count <= 1:
            return lambda result, _values: load(result)
        return lambda result, values: load(*(app, result, dict(values))[:count])

    def _by_path(self, path: str) -> Callable[..., Any]:
        found, way = self._app, "app"
        for step in path.split("."):
            way = f"{way}.{step}"
            found = self._step(path, way, found, step)
        if not callable(found):
            raise NoServiceError(self._factory.__name__, path, self._app)
        checked: Callable[..., Any] = found
        return checked

    def _step(self, path: str, way: str, holder: Any, name: str) -> Any:
        try:
            return getattr(holder, name)
        except Exception as error:
            is_computed = isinstance(inspect.getattr_static(holder, name, None), (property, functools.cached_property))
            if isinstance(error, AttributeError) and not is_computed:
                raise NoServiceError(self._factory.__name__, path, self._app) from error
            raise ContainerError(self._factory.__name__, path, way, error) from error

    def _get(self, method: Method, service: object) -> Any:
        kind = method.kind()
        key = f"{plain_module(method.function)}.{kind.name}"
        place = self._places.get(key)
        if place is not None:
            value = _read(place, self._app)
            if kind.matches(value):
                return value
        place = self._places[key] = lookup.get(self._app, kind, self._factory.__name__, service)
        return place.value

    def _first_argument(self, function: Any) -> Any:
        """Return what a callable is given first, or that it is called as it is."""
        parameters = parameters_of(function)
        first = parameters[0] if parameters else None
        if first is None or first.kind in {first.KEYWORD_ONLY, first.VAR_KEYWORD}:
            return _AS_IT_IS
        if first.name == "app" or first.kind is first.VAR_POSITIONAL:
            return self._app
        if first.default is not first.empty or first.name in names_of(self._factory._meta):  # noqa: SLF001 - as above
            return _AS_IT_IS
        if first.annotation is first.empty or text_of(first.annotation) in _ANYTHING:
            return self._app
        return self._of_kind(first.annotation, function)

    def _of_kind(self, annotation: Any, function: Any) -> Any:
        try:
            owner = evaluate(annotation, function)
        except Exception:  # noqa: BLE001 - a name that is there for a type checker only: known by that
            name = text_of(annotation)
            kind = Kind(name, lambda one: name in {base.__name__ for base in type(one).__mro__}, None)
        else:
            if not isinstance(owner, type) or owner.__module__ in _SCALAR_HOMES:
                return _AS_IT_IS
            kind = kind_of(owner)
        place = lookup.find(self._app, kind, self._factory.__name__, function)
        return _AS_IT_IS if place is None else place.value


_AS_IT_IS = object()
_NO_OWNERS = {"<locals>", "Meta"}  # a function in another one, or in a factory's `class Meta`


def _read(place: Place, app: Any) -> Any:
    try:
        return place.read(app)
    except Exception:  # noqa: BLE001 - it is no longer there: looked for anew
        return None


def names_of(meta: Any) -> set[str]:
    """Return the names by which a factory's values may go to a service."""
    roles = {f"{role}_id" for role in meta.roles}
    return {*meta.pre_declarations, *roles, *meta.arguments.values(), *meta.rename.values()}


def _takes(function: Any, first: int = 0) -> Takes:
    if isinstance(function, MethodType):
        return _takes_once(function.__func__, first + 1)
    try:
        return _takes_once(function, first)
    except TypeError:  # it cannot be hashed
        return takes_of(function, first)


@functools.lru_cache(maxsize=512)  # a cache: what a function takes never changes, and asking costs 30 us
def _takes_once(function: Callable[..., Any], first: int) -> Takes:
    return takes_of(function, first)


@functools.lru_cache(maxsize=512)  # a cache: so is what it is a method of
def _method_once(service: Any) -> Method | None:
    keywords: dict[str, Any] = {}
    function: Any = service
    while isinstance(function, functools.partial):
        if function.args:
            return None
        function, keywords = function.func, {**function.keywords, **keywords}
    names = str(getattr(function, "__qualname__", "")).split(".")
    is_unbound = not isinstance(function, type) and getattr(function, "__self__", None) is None
    if len(names) < 2 or names[-2] in _NO_OWNERS or not is_unbound:  # noqa: PLR2004 - a class and a name
        return None
    owner = _owner(function, names)
    return None if owner is _NOBODY else Method(owner, _name_in(owner, function, names[-1]), function, keywords)


def _name_in(owner: Any, function: Any, name: str) -> str:
    """Return the name by which a class has a function: a lambda, or one that was put there, has another of its own."""
    if owner is None or inspect.getattr_static(owner, name, None) is not None:
        return name
    own = (key for kind in owner.__mro__ for key, one in vars(kind).items() if one is function)
    return next(own, name)


def method_of(service: Any) -> Method | None:
    """Return the method that a service is, or None: it is another callable."""
    try:
        return _method_once(service)
    except TypeError:  # it cannot be hashed
        return None


_NOBODY: Any = object()


def _owner(function: Any, names: list[str]) -> Any:
    """Return the class that a function is a method of; None where it is not known, or nobody's."""
    known = _by_name(function, names[:-1]) or _by_search(function, names)
    if known is None:
        first = next(iter(parameters_of(function) or ()), None)
        return None if first is not None and first.name == "self" else _NOBODY
    return _NOBODY if isinstance(inspect.getattr_static(known, names[-1], None), staticmethod) else known


def _by_name(function: Any, names: list[str]) -> type | None:
    found: Any = sys.modules.get(plain_module(function))
    for name in names:
        found = getattr(found, name, None)
    return found if isinstance(found, type) else None


def _by_search(function: Any, names: list[str]) -> type | None:
    """Find a class that was made inside a function, which no name leads to."""
    if "<locals>" not in names:
        return None
    name, path = names[-1], ".".join(names[:-1])
    waiting: list[type] = [object]
    seen = {id(object)}  # not the classes: a metaclass may compare them its own way, and one of typing's warns
    kind: type
    while waiting:
        for kind in type.__subclasses__(waiting.pop()):
            if id(kind) not in seen:
                seen.add(id(kind))
                waiting.append(kind)
                own = vars(kind).get(name)
                if own is not None and kind.__qualname__ == path and getattr(own, "__func__", own) is function:
                    return kind
    return None
