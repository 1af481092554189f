"""`Trait`: factory_boy's, made safe for hooks with a size."""

from __future__ import annotations

from typing import Any

import factory
from factory.declarations import BaseDeclaration

from factories.many import Many


class Trait(factory.Trait):
    """A trait that may also size hooks: `Trait(likes=Range(100, 500))`. Arguments of the call beat it.

    With a plain value, factory_boy's own would not run the hook at all; and it would run it last. This one keeps it
    in its place.
    """

    def __init__(self, **overrides: Any) -> None:
        super().__init__(**overrides)  # type: ignore[no-untyped-call]

    def as_declarations(self, field_name: str, declarations: dict[str, Any]) -> dict[str, Any]:
        """Compute what the trait declares."""
        overrides = {name: _sized(declarations.get(name), value) for name, value in self.overrides.items()}
        plain = factory.Trait(**overrides)
        found: dict[str, Any] = plain.as_declarations(field_name, declarations)
        for name, maybe in found.items():
            before = declarations.get(name)
            if isinstance(before, BaseDeclaration):
                maybe._creation_counter = before._creation_counter  # type: ignore[attr-defined] # noqa: SLF001 - the order of hooks
        # Off unless it is switched on: else factory_boy raises and catches an error for each field of each object.
        return found if field_name in declarations else found | {field_name: False}


def _sized(declared: Any, value: Any) -> Any:
    while isinstance(declared, factory.Maybe):
        declared = declared.no
    if isinstance(declared, Many) and not isinstance(value, BaseDeclaration):
        return declared.sized(value)
    return value
