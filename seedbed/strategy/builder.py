"""The step builder of ServiceFactories: factory_boy's, with a check of the keywords first, and a short cut.

factory_boy parses a factory's declarations anew for every object, which is most of what a plain object costs.
A `Plan` is that parse, kept while the declarations are the same. It serves a call whose keywords replace whole fields;
others (`sub__field=`, an argument for a hook) are parsed by factory_boy, for a plan of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter, is_
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from weakref import ref

from attrs import frozen
from factory.builder import BuildStep, DeclarationWithContext, Resolver, StepBuilder, parse_declarations
from factory.declarations import _UNSPECIFIED, SKIP, BaseDeclaration, SelfAttribute
from factory.enums import CREATE_STRATEGY, SPLITTER, get_builder_phase

from seedbed.strategy.acting import let_act
from seedbed.strategy.agreement import check_arguments, check_related, check_switched, check_values
from seedbed.strategy.binding import Binding, find_binding
from seedbed.strategy.hooks import ArgumentHook
from seedbed.strategy.keywords import check_keywords
from seedbed.strategy.steps import Then
from seedbed.strategy.traits import Switch, captures, is_hook, unwrap, with_context
from seedbed.strategy.waiting import settle_hook

if TYPE_CHECKING:
    from factory.builder import DeclarationSet


Evaluate: TypeAlias = Callable[[Any, BuildStep], Any]
"""Computes a field, given the stub and the step."""


class Stub(Resolver):
    """factory_boy's resolver over a plan: each value is computed once, and is a plain attribute from then on.

    It holds its step weakly: factory_boy's own and its step hold each other, so that each object made leaves work to
    the garbage collector.
    """

    def __init__(self, fields: Fields, step: BuildStep) -> None:
        own = self.__dict__  # factory_boy's __setattr__ lets nothing in, and costs a call an attribute
        own.update(fields.constants)
        own["_Stub__step"] = ref(step)
        own["_Stub__parent"] = step.parent_step.stub if step.parent_step is not None else None
        own["_Resolver__declarations"] = fields.declared
        own["_Resolver__values"] = fields.constants
        own["_Resolver__pending"] = []
        own["_Resolver__initialized"] = True
        own["_Stub__evaluators"] = fields.evaluators

    def __getattr__(self, name: str) -> Any:
        """Compute a field. Called for what is no attribute yet only."""
        own = self.__dict__
        evaluate, pending = own["_Stub__evaluators"].get(name), own["_Resolver__pending"]
        if evaluate is None or name in pending:
            own["_Resolver__values"] = {known: own[known] for known in own["_Resolver__declarations"] if known in own}
            return super().__getattr__(name)  # type: ignore[no-untyped-call] # raises: it is unknown, or needs itself
        pending.append(name)
        try:
            value = own[name] = evaluate(self, own["_Stub__step"]())
        finally:
            pending.pop()
        return value

    @property
    def _Resolver__step(self) -> Any:  # noqa: N802 - where factory_boy has it, and users look
        return self.__dict__["_Stub__step"]()

    @property
    def factory_parent(self) -> Any:
        """The stub of the object that this one is made for, or None."""
        return self.__dict__["_Stub__parent"]

    def __repr__(self) -> str:
        """Show the step."""
        return f"<Stub for {self.__dict__['_Stub__step']()!r}>"


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

    def replaced(self, extras: dict[str, Any]) -> Fields:
        """Return the fields of a call that gives some of them itself."""
        given = Fields.of({name: with_context(name, value, self._context(name)) for name, value in extras.items()})
        return Fields(
            self.declared | given.declared,
            _without(self.constants, extras) | given.constants,
            _without(self.evaluators, extras) | given.evaluators,
            _without(self.optional, extras),
        )

    def _context(self, name: str) -> dict[str, Any]:
        known = self.declared.get(name)
        return {} if known is None else known.context

    def resolve(self, step: BuildStep) -> None:
        """Fill the step's attributes, as `BuildStep.resolve` does, but for fields whose trait is off."""
        stub, off = step.stub, {name for name, switch in self.optional.items() if not switch.is_there(step)}
        step.attributes = {name: getattr(stub, name) for name in self.declared if name not in off}


def _without(known: dict[str, Any], names: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in known.items() if name not in names}


class Plan:
    """A factory's declarations, parsed: its fields, the hooks that follow, and what a call may replace."""

    def __init__(self, pre: DeclarationSet, post: DeclarationSet) -> None:
        self.fields = Fields.of({name: pre[name] for name in pre})
        self.hooks = [post[name] for name in post.sorted()]
        self._own_way = {name for name, field in self.fields.declared.items() if captures(field.declaration)}
        self._own_way.update(hook.name for hook in self.hooks)
        self._pre, self._post = _Snapshot(pre), _Snapshot(post)

    def is_of(self, pre: DeclarationSet, post: DeclarationSet) -> bool:
        """Tell whether these are the declarations that were parsed: others may be put in a factory's `_meta`."""
        return self._pre.is_of(pre) and self._post.is_of(post)

    def replaces_fields(self, extras: dict[str, Any]) -> bool:
        """Tell whether the keywords only replace whole fields."""
        return not any(name in self._own_way or SPLITTER in name or is_hook(value) for name, value in extras.items())


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


class Draft(NamedTuple):
    """An object that is about to be made: its step, the hooks that follow, and the arguments."""

    step: BuildStep
    hooks: Sequence[DeclarationWithContext]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


class ServiceStepBuilder(StepBuilder):
    """Builds one object, and hands itself on to nested factories.

    Attributes:
        fixtures: Objects that stand in for roles, by field; see `standing`.
    """

    fixtures: Mapping[str, Any] = MappingProxyType({})

    def build(self, parent_step: BuildStep | None = None, force_sequence: int | None = None) -> Any:
        """Build it, as factory_boy does, once its keywords are known to be right."""
        meta = self.factory_meta
        if not hasattr(meta, "current_plan"):  # a plain factory's
            return super().build(parent_step, force_sequence)  # type: ignore[no-untyped-call]
        draft = self.begin(parent_step, force_sequence)
        return self.finish(draft, meta.instantiate(step=draft.step, args=draft.args, kwargs=draft.kwargs))

    def begin(self, parent_step: BuildStep | None = None, force_sequence: int | None = None) -> Draft:
        """Compute all that an object is made of."""
        meta = self.factory_meta
        fields, declared_hooks = self._parse(meta)
        binding = find_binding()
        step: Any = BuildStep(self, self._sequence(force_sequence, binding), parent_step)
        step.binding = binding
        step.stub = Stub(fields, step)
        if self.extras and meta.service is not None:
            check_switched(meta, step)
        hooks = list(read_hooks(step, declared_hooks)) if declared_hooks else ()
        fields.resolve(step)
        if self.extras and meta.service is not None:
            check_values(meta, step)
        return Draft(step, hooks, *meta.prepare_arguments(step.attributes))

    def finish(self, draft: Draft, instance: Any) -> Any:
        """Run the hooks of an object that was made; return what became of it."""
        meta, (step, hooks, _, _) = self.factory_meta, draft
        results = {}
        for name, hook, overrides in hooks:
            if isinstance(hook, Then):
                instance = results[name] = hook.take(instance, step, name, overrides)
            else:
                results[name] = settle_hook(hook.evaluate_post(instance, step, overrides), name, meta.factory)
        if self.strategy == CREATE_STRATEGY:
            check_related((hook, results[name]) for name, hook, _ in hooks)
        meta.use_postgeneration_results(instance=instance, step=step, results=results)
        return instance

    def _parse(self, meta: Any) -> tuple[Fields, list[DeclarationWithContext]]:
        plan: Plan = meta.current_plan()
        if meta.actors and self.strategy == CREATE_STRATEGY and meta.service is not None:
            self.extras = let_act(meta, self.extras)
        extras = self.extras
        if extras and self.strategy == CREATE_STRATEGY and meta.service is not None:
            check_keywords(meta, extras)
        elif extras and meta.service is not None:
            check_arguments(meta, extras, self.strategy)
        if plan.replaces_fields(extras):
            return plan.fields.replaced(extras) if extras else plan.fields, plan.hooks
        plan = Plan(*parse_declarations(extras, meta.pre_declarations, meta.post_declarations))
        return plan.fields, plan.hooks

    def _sequence(self, forced: int | None, binding: Binding) -> int:
        if forced is not None:
            return forced
        if self.force_init_sequence is not None:
            return int(self.force_init_sequence)
        return int(self.factory_meta.next_in(binding))


def read_hooks(step: BuildStep, hooks: Iterable[DeclarationWithContext]) -> Iterator[DeclarationWithContext]:
    """Find the hooks that will run; where the object is to be created, read the arguments of those that can be sized.

    So what is wrong with them is told before anything is made.
    """
    arguments: dict[Any, Any] = {}
    made: Any = step
    made.arguments = arguments
    for name, declared, context in hooks:
        hook, overrides = unwrap(step, declared, dict(context))
        if hook is SKIP:
            continue
        if isinstance(hook, ArgumentHook) and step.builder.strategy == CREATE_STRATEGY:
            arguments[hook] = hook.read_argument(step, name, overrides)
        elif isinstance(hook, Then) and step.builder.strategy == CREATE_STRATEGY:
            hook.check(step, name, overrides)
        yield DeclarationWithContext(name, hook, overrides)
