"""`Trait`: factory_boy's, made safe for hooks with a size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import factory
from factory.declarations import BaseDeclaration
from factory.enums import SPLITTER, BuilderPhase, get_builder_phase
from factory.utils import OrderedBase

from factories.many import Many

if TYPE_CHECKING:
    from factory.builder import BuildStep


class Trait(factory.Trait):
    """A trait that may also size hooks: `Trait(likes=Range(100, 500))`. Arguments of the call beat it.

    With a plain value, factory_boy's own would not run the hook at all; and it would run it last. This one
    keeps it in its place.
    """

    def __init__(self, **overrides: Any) -> None:
        super().__init__(**overrides)  # type: ignore[no-untyped-call]

    def as_declarations(self, field_name: str, declarations: dict[str, Any]) -> dict[str, Any]:
        """Compute what the trait declares."""
        overrides = {name: _sized(declarations.get(name), value) for name, value in self.overrides.items()}
        plain = factory.Trait(**overrides)
        found: dict[str, Any] = plain.as_declarations(field_name, declarations)
        for name, maybe in found.items():
            if SPLITTER not in name:
                found[name] = _Switch(field_name, maybe)
            before: Any = declarations.get(name)
            if isinstance(before, BaseDeclaration):
                place = OrderedBase.CREATION_COUNTER_FIELD
                setattr(found[name], place, getattr(before, place))
        # Off unless it is switched on: else factory_boy raises and catches an error for each field.
        return found if field_name in declarations else found | {field_name: False}


class _Switch(factory.Maybe):
    """factory_boy's Maybe by a trait's flag, which it reads from the stub instead of searching for it."""

    def __init__(self, flag: str, maybe: factory.Maybe) -> None:
        super().__init__(maybe.decider, maybe.yes, maybe.no)  # type: ignore[no-untyped-call]
        self.flag = flag

    def evaluate_pre(self, instance: Any, step: BuildStep, overrides: dict[str, Any]) -> Any:
        """Evaluate the one or the other."""
        target = self.yes if getattr(instance, self.flag) else self.no
        wrapped: Any = self._unwrap_evaluate_pre
        return wrapped(target, instance=instance, step=step, overrides=overrides)

    def evaluate_post(self, instance: Any, step: BuildStep, overrides: dict[str, Any]) -> Any:
        """Run the one hook or the other."""
        target = self.yes if getattr(step.stub, self.flag) else self.no
        if get_builder_phase(target) != BuilderPhase.POST_INSTANTIATION:
            return target
        return target.evaluate_post(instance=instance, step=step, overrides=overrides)


def _sized(declared: Any, value: Any) -> Any:
    while isinstance(declared, factory.Maybe):
        declared = declared.no
    if isinstance(declared, Many) and not isinstance(value, BaseDeclaration):
        return declared.sized(value)
    return value
