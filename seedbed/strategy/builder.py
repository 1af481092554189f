"""The step builder of ServiceFactories: factory_boy's, with a check of the keywords first, and by a kept plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple
from weakref import ref

from factory.builder import BuildStep, DeclarationWithContext, Resolver, StepBuilder, parse_declarations
from factory.declarations import SKIP
from factory.enums import CREATE_STRATEGY

from seedbed.strategy.acting import let_act
from seedbed.strategy.agreement import check_arguments, check_stored, check_switched, check_values
from seedbed.strategy.binding import Binding, find_binding
from seedbed.strategy.hooks import ArgumentHook
from seedbed.strategy.keywords import check_keywords, may_spare_roles, needless_roles
from seedbed.strategy.pairs import check_related
from seedbed.strategy.plan import Fields, Plan
from seedbed.strategy.steps import Then
from seedbed.strategy.traits import unwrap
from seedbed.strategy.waiting import settle_hook


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
        needless: Roles whose objects are made only where another field asks, each with the argument that is its key.
    """

    fixtures: Mapping[str, Any] = MappingProxyType({})
    needless: Mapping[str, str | None] = MappingProxyType({})

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
        if meta.has_switches and self.extras and meta.service is not None:
            check_switched(meta, step)
        if self.strategy == CREATE_STRATEGY and meta.service is not None and may_spare_roles(meta, self.extras):
            self.needless = needless_roles(meta, step)
        hooks = list(read_hooks(step, declared_hooks)) if declared_hooks else ()
        fields.resolve(step)
        if self.extras and meta.service is not None:
            check_values(meta, step)
        if self.strategy == CREATE_STRATEGY and meta.service is not None:
            check_stored(meta, step)
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
        fields = plan.fields_of(extras)
        if fields is None:
            plan = Plan(*parse_declarations(extras, meta.pre_declarations, meta.post_declarations))
            fields = plan.fields
        return fields, plan.hooks

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
