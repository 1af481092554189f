"""Faker's generators for keyed draws, with what `factory.Faker.add_provider` was given beside Faker's own providers."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator
from types import MethodType
from typing import Any

import attrs
import factory
import faker
from faker.generator import Generator
from faker.providers import BaseProvider

# A cache: Faker's generators take 30 ms to make, and are not safe to share between threads. What they draw
# depends on the key alone.
_GENERATORS = threading.local()


@attrs.define
class _Kept:
    """A generator of this thread, how many providers factory_boy's had when it was looked at, and what those add."""

    generator: Generator
    seen: int = 0
    added: frozenset[str] = frozenset()


def generator_of(locale: str | None) -> Generator:
    """Return this thread's generator for a locale."""
    return _provider_of(locale).generator


def is_added(method: str, locale: str | None) -> bool:
    """Tell whether a provider that factory_boy's Faker was given has a method of this name."""
    return _providers_shared(locale) is not None and method in _provider_of(locale).added


def _provider_of(locale: str | None) -> _Kept:
    kept: dict[str | None, _Kept] = _GENERATORS.__dict__.setdefault("by_locale", {})
    if locale not in kept:
        kept[locale] = _Kept(faker.Factory.create(locale))
    one, shared = kept[locale], _providers_shared(locale)
    if shared is not None and one.seen != len(shared):
        added = [_copy(provider, one.generator) for provider in reversed(shared) if _is_of_others(provider)]
        for provider in added:
            one.generator.add_provider(provider)
        one.seen, one.added = len(shared), frozenset(name for provider in added for name in _methods(provider))
    return one


def _providers_shared(locale: str | None) -> list[BaseProvider] | None:
    own: Any = factory.Faker  # its registry is private; pinned by the contract test
    found = own._FAKER_REGISTRY.get(own._DEFAULT_LOCALE if locale is None else locale)  # noqa: SLF001 - as above
    return None if found is None else found.factories[0].providers


def _is_of_others(provider: BaseProvider) -> bool:
    return "__provider__" not in vars(provider)  # which Faker writes on each provider of its own


def _copy(provider: BaseProvider, generator: Generator) -> BaseProvider:
    """Return the same provider with another generator; methods that it holds as values (DynamicProvider) go along."""
    other = copy.copy(provider)
    other.generator = generator
    for name, value in vars(other).items():
        if isinstance(value, MethodType) and value.__self__ is provider:
            setattr(other, name, MethodType(value.__func__, other))
    return other


def _methods(provider: BaseProvider) -> Iterator[str]:
    own = {*dir(provider)} - {*dir(BaseProvider)}
    yield from (name for name in own if not name.startswith("_") and callable(getattr(provider, name)))
