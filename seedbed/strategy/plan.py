"""A factory's declarations as they are parsed, kept for all of its objects, and what a call's keywords replace in them.

factory_boy parses them anew for every object, which is most of what a plain object costs. A `Plan` is that parse, kept
while the declarations are the same. It serves a call whose keywords replace whole fields; others (`sub__field=`, an
argument for a hook) are parsed by factory_boy, for a plan of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter, is_
from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import frozen
from factory.builder import BuildStep, DeclarationWithContext
from factory.declarations import _UNSPECIFIED, BaseDeclaration, SelfAttribute
from factory.enums import SPLITTER, BuilderPhase, get_builder_phase

from seedbed.strategy.traits import Switch, captures, with_context

if TYPE_CHECKING:
    from factory.builder import DeclarationSet


Evaluate: TypeAlias = Callable[[Any, BuildStep], Any]
"""Computes a field, given the stub and the step."""


@frozen
class Fields:
    """The fields of one object: as they are declared, and how each comes by its value."""

    declared: dict[str, DeclarationWithContext]
    constants: dict[str, Any]
    evaluators: dict[str, Evaluate]
    optional: dict[str, Switch]
    """Those that only a trait adds."""

    @classmethod
    def of(cls, declared: dict[str, DeclarationWithContext]) -> Fields:
        """Sort fields into constants and what is computed."""
        constants, evaluators, optional = {}, {}, {}
        for name, field in declared.items():
            value = field.declaration
            if get_builder_phase(value) is None:
                constants[name] = value
                continue
            evaluators[name] = _evaluator(value, field.context)
            if isinstance(value, Switch) and value.is_addition:
                optional[name] = value
                evaluators[name] = _unless_off(value, evaluators[name])
        return cls(declared, constants, evaluators, optional)

    def without(self, names: tuple[str, ...]) -> Rest:
        """Return what is left of them where a call gives some."""
        left = Fields(
            self.declared, *(_without(one, names) for one in (self.constants, self.evaluators, self.optional))
        )
        known = self.declared
        contexts = {name: known[name].context if name in known else {} for name in names}
        return Rest(left, contexts)

    def resolve(self, step: BuildStep) -> None:
        """Fill the step's attributes as `BuildStep.resolve` does, but for needless roles and traits that are off."""
        stub, off = step.stub, {name for name, switch in self.optional.items() if not switch.is_there(step)}
        off.update(step.builder.needless)
        step.attributes = {name: getattr(stub, name) for name in self.declared if name not in off}


def _without(known: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in known.items() if name not in names}


@frozen
class Rest:
    """A factory's fields without those that a call gives: the same for all calls that give the same ones."""

    fields: Fields
    contexts: dict[str, dict[str, Any]]

    def beside(self, extras: Mapping[str, Any]) -> Fields | None:
        """Return the fields of a call; None where it gives a hook."""
        left = self.fields
        declared, constants, evaluators = left.declared.copy(), left.constants.copy(), left.evaluators
        for name, value in extras.items():
            phase = get_builder_phase(value)
            if phase is None:
                constants[name] = value
                declared[name] = DeclarationWithContext(name, value, self.contexts[name])
            elif phase == BuilderPhase.POST_INSTANTIATION:
                return None
            else:
                field = declared[name] = with_context(name, value, self.contexts[name])
                evaluators = evaluators | {name: _evaluator(field.declaration, field.context)}
        return Fields(declared, constants, evaluators, left.optional)


class Plan:
    """A factory's declarations, parsed: its fields, the hooks that follow, and what a call may replace."""

    def __init__(self, pre: DeclarationSet, post: DeclarationSet) -> None:
        self.fields = Fields.of({name: pre[name] for name in pre})
        self.hooks = [post[name] for name in post.sorted()]
        self._own_way = {name for name, field in self.fields.declared.items() if captures(field.declaration)}
        self._own_way.update(hook.name for hook in self.hooks)
        self._pre, self._post = _Snapshot(pre), _Snapshot(post)
        self._rests: dict[tuple[str, ...], Rest | None] = {}

    def is_of(self, pre: DeclarationSet, post: DeclarationSet) -> bool:
        """Tell whether these are the declarations that were parsed: others may be put in a factory's `_meta`."""
        return self._pre.is_of(pre) and self._post.is_of(post)

    def fields_of(self, extras: Mapping[str, Any]) -> Fields | None:
        """Return the fields of a call; None where its keywords do more than replace whole fields."""
        if not extras:
            return self.fields
        names = (*extras,)
        if names not in self._rests:
            is_plain = not any(name in self._own_way or SPLITTER in name for name in names)
            self._rests[names] = self.fields.without(names) if is_plain else None
        rest = self._rests[names]
        return None if rest is None else rest.beside(extras)


class _Snapshot:
    """What a set of declarations held, to be compared by identity: values may have a strange equality."""

    def __init__(self, declared: DeclarationSet) -> None:
        self._names, self._values = [*declared.declarations], [*declared.declarations.values()]
        self._contexts = {name: dict(context) for name, context in declared.contexts.items() if context}

    def is_of(self, declared: DeclarationSet) -> bool:
        """Tell whether the set holds the same now. Asked for every object, so it must cost next to nothing."""
        now = declared.declarations
        if [*now] != self._names or not all(map(is_, now.values(), self._values)):
            return False
        return (not self._contexts and not any(declared.contexts.values())) or self._has_contexts(declared)

    def _has_contexts(self, declared: DeclarationSet) -> bool:
        now = {name: context for name, context in declared.contexts.items() if context}
        return now.keys() == self._contexts.keys() and all(
            now[name].keys() == known.keys() and all(now[name][key] is value for key, value in known.items())
            for name, known in self._contexts.items()
        )


def _evaluator(declared: Any, context: dict[str, Any]) -> Evaluate:
    """Say how a declaration is computed, past factory_boy's unrolling of arguments where that would do nothing."""
    kind = type(declared)
    if kind is SelfAttribute and declared.depth <= 1 and declared.default is _UNSPECIFIED:
        read = attrgetter(declared.attribute_name)
        return lambda stub, _step: read(stub)
    defaults = declared._defaults  # noqa: SLF001 - pinned by the contract test
    is_plain = (
        not context
        and kind.evaluate_pre is BaseDeclaration.evaluate_pre
        and kind.unroll_context is BaseDeclaration.unroll_context
        and not any(map(get_builder_phase, defaults.values()))
    )
    if is_plain:
        evaluate = declared.evaluate
        return lambda stub, step: evaluate(stub, step, defaults.copy())
    return lambda stub, step: declared.evaluate_pre(instance=stub, step=step, overrides=dict(context))


def _unless_off(switch: Switch, evaluate: Evaluate) -> Evaluate:
    def evaluate_if_there(stub: Any, step: BuildStep) -> Any:
        if not switch.is_there(step):
            message = f"{switch.flag} is off, and nothing else declares this"
            raise AttributeError(message)
        return evaluate(stub, step)

    return evaluate_if_there
