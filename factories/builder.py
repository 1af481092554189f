"""The step builder of ServiceFactories: factory_boy's, with a check of the keywords first, and a short cut.

factory_boy parses a factory's declarations anew for every object, which is most of what a plain object costs.
A `Plan` is that parse, made once a factory. It serves a call whose keywords replace whole fields; others
(`sub__field=`, an argument for a hook) go factory_boy's own way.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias
from weakref import ref

from attrs import frozen
from factory.builder import BuildStep, DeclarationWithContext, Resolver, StepBuilder
from factory.declarations import _UNSPECIFIED, BaseDeclaration, Maybe, SelfAttribute
from factory.enums import CREATE_STRATEGY, SPLITTER, BuilderPhase, get_builder_phase

from factories import session
from factories.errors import UnknownArgumentError

if TYPE_CHECKING:
    from factory.base import FactoryOptions
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

    @classmethod
    def of(cls, declared: dict[str, DeclarationWithContext]) -> Fields:
        """Sort fields into constants and what is computed."""
        values = {name: field.declaration for name, field in declared.items()}
        phases = {name: get_builder_phase(value) for name, value in values.items()}
        return cls(
            declared,
            {name: value for name, value in values.items() if phases[name] is None},
            {name: _evaluator(value) for name, value in values.items() if phases[name] is not None},
        )

    def replaced(self, extras: dict[str, Any]) -> Fields:
        """Return the fields of a call that gives some of them itself."""
        given = Fields.of({name: DeclarationWithContext(name, value, {}) for name, value in extras.items()})
        return Fields(
            self.declared | given.declared,
            {name: value for name, value in self.constants.items() if name not in extras} | given.constants,
            {name: value for name, value in self.evaluators.items() if name not in extras} | given.evaluators,
        )

    def resolve(self, step: BuildStep) -> None:
        """Fill the step's attributes, as `BuildStep.resolve` does."""
        stub = step.stub = Stub(self, step)
        step.attributes = {name: getattr(stub, name) for name in self.declared}


class Plan:
    """A factory's declarations, parsed: its fields, the hooks that follow, and what a call may replace."""

    def __init__(self, pre: DeclarationSet, post: DeclarationSet) -> None:
        declared: dict[str, DeclarationWithContext] = {name: pre[name] for name in pre}
        self.fields = Fields.of(declared)
        self.hooks = [post[name] for name in post.sorted()]
        self.is_short = not any(field.context for field in [*declared.values(), *self.hooks])
        self._own_way = {name for name, field in declared.items() if _captures(field.declaration)}
        self._own_way.update(hook.name for hook in self.hooks)

    def replaces_fields(self, extras: dict[str, Any]) -> bool:
        """Tell whether the keywords only replace whole fields."""
        return self.is_short and not any(
            name in self._own_way or SPLITTER in name or get_builder_phase(value) == BuilderPhase.POST_INSTANTIATION
            for name, value in extras.items()
        )


def _evaluator(declared: Any) -> Evaluate:
    """Say how a declaration is computed, past factory_boy's unrolling of arguments where that would do nothing."""
    kind = type(declared)
    if kind is SelfAttribute and declared.depth <= 1 and declared.default is _UNSPECIFIED:
        read = attrgetter(declared.attribute_name)
        return lambda stub, _step: read(stub)
    defaults = declared._defaults  # noqa: SLF001 - pinned by the contract test
    is_plain = (
        kind.evaluate_pre is BaseDeclaration.evaluate_pre
        and kind.unroll_context is BaseDeclaration.unroll_context
        and not any(map(get_builder_phase, defaults.values()))
    )
    if is_plain:
        evaluate = declared.evaluate
        return lambda stub, step: evaluate(stub, step, defaults.copy())
    return lambda stub, step: declared.evaluate_pre(instance=stub, step=step, overrides={})


def _captures(declared: Any) -> bool:
    return bool(getattr(declared, "CAPTURE_OVERRIDES", False))


class ServiceStepBuilder(StepBuilder):
    """Builds one object, and hands itself on to nested factories."""

    def build(self, parent_step: BuildStep | None = None, force_sequence: int | None = None) -> Any:
        """Build it, as factory_boy does, once its keywords are known to be right."""
        meta, extras = self.factory_meta, self.extras
        plan: Plan | None = getattr(meta, "plan", None)
        if extras and plan is not None and self.strategy == CREATE_STRATEGY and meta.service is not None:
            self._check_keywords()
        if plan is None or not plan.replaces_fields(extras):
            return super().build(parent_step, force_sequence)  # type: ignore[no-untyped-call]
        step = BuildStep(self, self._sequence(force_sequence), parent_step)
        fields = plan.fields.replaced(extras) if extras else plan.fields
        fields.resolve(step)
        args, kwargs = meta.prepare_arguments(step.attributes)
        instance = meta.instantiate(step=step, args=args, kwargs=kwargs)
        results = {
            hook.name: hook.declaration.evaluate_post(instance=instance, step=step, overrides={}) for hook in plan.hooks
        }
        meta.use_postgeneration_results(instance=instance, step=step, results=results)
        return instance

    def _sequence(self, forced: int | None) -> int:
        if forced is not None:
            return forced
        if self.force_init_sequence is not None:
            return int(self.force_init_sequence)
        return int(self.factory_meta.next_sequence())

    def _check_keywords(self) -> None:
        meta = self.factory_meta
        for keyword, value in self.extras.items():
            if keyword in meta.plan.fields.declared:
                continue
            root = keyword.split(SPLITTER, 1)[0]
            if root in meta.post_declarations:
                if root == keyword:
                    _check_argument(meta.post_declarations[root].declaration, value)
            elif root not in meta.pre_declarations and root not in meta.parameters:
                _check_with_service(meta, root)


def _check_with_service(meta: FactoryOptions, name: str) -> None:
    running: Any = session.find_session()
    accepted = None if running is None else running.target(meta.factory).accepted
    if accepted is not None and name not in accepted:
        known = {*meta.pre_declarations, *meta.post_declarations, *meta.parameters, *accepted}
        raise UnknownArgumentError(getattr(meta.factory, "__name__", ""), name, known)


def _check_argument(declared: Any, value: Any) -> None:
    while isinstance(declared, Maybe):
        declared = declared.no
    check = getattr(declared, "check", None)
    if check is not None and not isinstance(value, BaseDeclaration):
        check(value)
