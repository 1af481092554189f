"""factory_boy's own random declarations, `factory.Faker` and the fuzzy ones, keyed as `Fake` and `Draw` are.

They draw from random sources that a process shares, so a seed would decide nothing of them. As a field of a
ServiceFactory, or in a list or plain sub-factory that is one, each draws from a source of its own instead, of seed,
factory, ordinal and field; elsewhere they are as factory_boy left them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import factory
import factory.fuzzy
import factory.random

from seedbed import forks
from seedbed.strategy.providers import generator_of
from seedbed.strategy.randomness import KeyedRandom, field_of, key_of, step_key

Evaluate = Callable[[Any, Any, Any, dict[str, Any]], Any]
_TURN = forks.new_lock()
"""Who holds it draws: factory_boy's fuzzy declarations read their source of a module."""


def key_evaluation() -> None:
    """See to it that they are keyed, from now on in this process."""
    kinds: Any = factory.Faker, factory.fuzzy.BaseFuzzyAttribute
    for kind, keyed in zip(kinds, (_fake, _fuzz), strict=True):
        kind.evaluate = _evaluating(kind.evaluate, keyed)


def _evaluating(original: Evaluate, keyed: Evaluate) -> Evaluate:
    def evaluate(declared: Any, instance: Any, step: Any, extra: dict[str, Any]) -> Any:
        key = _find_key(instance, step)
        if key is None:
            return original(declared, instance, step, extra)
        return keyed(declared, KeyedRandom(key), lambda: original(declared, instance, step, extra), extra)

    return evaluate


def _find_key(instance: Any, step: Any) -> int | None:
    """Return the key of the field that is computed; None where that is of no ServiceFactory, nor of what is in one."""
    if instance is None or not instance._Resolver__pending:  # noqa: SLF001 - pinned by the contract test
        return None
    if hasattr(step, "binding"):
        return step_key(step, field_of(instance))
    above = step.parent_step  # a plain factory's ordinals go on from one binding to the next
    key = None if above is None else _find_key(above.stub, above)
    return None if key is None else key_of(key, field_of(instance))


def _fake(declared: Any, source: KeyedRandom, _evaluate: Callable[[], Any], extra: dict[str, Any]) -> Any:
    generator = generator_of(extra.pop("locale") or declared._DEFAULT_LOCALE)  # noqa: SLF001 - pinned by the contract test
    generator.random = source
    return generator.format(declared.provider, **extra)


def _fuzz(_declared: Any, source: KeyedRandom, evaluate: Callable[[], Any], _extra: dict[str, Any]) -> Any:
    shared: Any = factory.random
    with _TURN:
        before, shared.randgen = shared.randgen, source
        try:
            return evaluate()
        finally:
            shared.randgen = before
