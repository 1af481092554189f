"""A plain `create` that would need something to be awaited is refused before anything is made.

What it will need for certain is looked at: its own service and hooks, and those of its sub-factories that nothing
stands in for. What only turns out on the way is refused there.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from factory.declarations import PostGeneration, RelatedFactory, SubFactory
from factory.enums import SPLITTER

from seedbed.strategy.lookup import find_by_path
from seedbed.strategy.pool import find_pool
from seedbed.strategy.roles import One
from seedbed.strategy.service_errors import AsyncServiceError
from seedbed.strategy.waiting import can_wait, is_async

if TYPE_CHECKING:
    from seedbed.strategy.binding import Binding

_Given = Mapping[str, Any]


def check_plain(binding: Binding, factory: Any, given: _Given) -> None:
    """Refuse to create by a plain call what has to wait. `given`: the keywords of the call.

    Raises:
        AsyncServiceError: The factory, or one that it needs, is async.
    """
    if binding.plain.get(factory) or can_wait():
        return
    if factory not in binding.plain:
        binding.plain[factory] = not any(map(functools.partial(find_async, binding.app), _all_below(factory)))
    if binding.plain[factory]:
        return
    for needed in _factories_for(factory, given):
        what = find_async(binding.app, needed)
        if what is not None:
            raise AsyncServiceError(needed.__name__, what, factory.__name__)


def find_async(app: Any, factory: Any) -> str | None:
    """Return what of a factory is async, as far as it can be known before it is called; or None."""
    meta = factory._meta  # noqa: SLF001 - where factory_boy keeps a factory's options
    service = getattr(meta, "service", None)
    if service is not None and is_async(find_by_path(app, service) if isinstance(service, str) else service):
        return service_name(service)
    hooks = {hook.__name__: hook for hook in (*getattr(meta, "before_hooks", ()), *getattr(meta, "after_hooks", ()))}
    for name, declared in meta.post_declarations.declarations.items():
        if isinstance(declared, PostGeneration):
            hooks[name] = declared.function
    return next((f"hook {name}" for name, hook in hooks.items() if is_async(hook)), None)


def service_name(service: Any) -> str:
    """Say which service it is."""
    return f"service {service if isinstance(service, str) else getattr(service, '__qualname__', repr(service))}"


def _all_below(factory: Any) -> Iterator[Any]:
    """Return a factory and all that it may need, whatever is given."""
    found, open_ones = {factory}, [factory]
    while open_ones:
        one = open_ones.pop()
        yield one
        below = {declared.get_factory() for _, declared in _parts_of(one)} - found
        found |= below
        open_ones.extend(below)


def _factories_for(factory: Any, given: _Given, depth: int = 0) -> Iterator[Any]:
    """Return a factory and those that it needs where no more is given, as they come."""
    yield factory
    if depth > _DEEPEST:  # factories that need each other: what is passed along ends it
        return
    for name, declared in _parts_of(factory):
        extra = _extra(factory, name, declared, given)
        if not _has(factory, name, declared, given, extra):
            yield from _factories_for(declared.get_factory(), extra, depth + 1)


_DEEPEST = 8


def _parts_of(factory: Any) -> list[tuple[str, Any]]:
    meta = factory._meta  # noqa: SLF001 - as above
    pairs = [*meta.pre_declarations.declarations.items(), *meta.post_declarations.declarations.items()]
    return [(name, one) for name, one in pairs if isinstance(one, (SubFactory, RelatedFactory))]


def _extra(factory: Any, name: str, declared: Any, given: _Given) -> dict[str, Any]:
    meta = factory._meta  # noqa: SLF001 - as above
    known = meta.pre_declarations if name in meta.pre_declarations else meta.post_declarations
    extra = {**getattr(declared, "_defaults", {}), **getattr(declared, "defaults", {}), **known.contexts.get(name, {})}
    prefix = name + SPLITTER
    extra |= {key.removeprefix(prefix): value for key, value in given.items() if key.startswith(prefix)}
    return extra


def _has(factory: Any, name: str, declared: Any, given: _Given, extra: _Given) -> bool:
    """Tell whether nothing is to be made for a field."""
    if name in given:
        return True
    if not isinstance(declared, One):
        return False
    meta = factory._meta  # noqa: SLF001 - as above
    is_named = f"{name}_id" in given or (f"{name}_id" in meta.pre_declarations and meta.roles.get(f"{name}_id"))
    pool = find_pool()
    return bool(is_named) or (pool is not None and not extra and pool.shelf(declared.model) is not None)
