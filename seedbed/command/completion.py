"""What Tab offers in a shell: names and attributes, and behind `UserFactory(` its fields, traits and hooks."""

from __future__ import annotations

import inspect
import re
import rlcompleter
from typing import Any

_CALL = re.compile(r"([A-Za-z_][\w.]*)\((?:[^()]|\([^()]*\))*$")
"""The call that the end of a line is in."""


def arguments_of(factory: Any) -> tuple[str, ...]:
    """Return what a factory may be given by name: its fields, its parameters and traits, its hooks; each once."""
    meta = factory._meta  # noqa: SLF001 - factory_boy's
    names = (*meta.base_declarations, *meta.parameters, *meta.pre_declarations, *meta.post_declarations)
    return tuple(dict.fromkeys(name for name in names if name.isidentifier() and not name.startswith("_")))


def sign(factory: Any) -> None:
    """Let a factory's signature say what it may be given, which editors and IPython read. For a shell's own process."""
    parameter = inspect.Parameter
    factory.__signature__ = inspect.Signature(
        [parameter(name, parameter.KEYWORD_ONLY) for name in arguments_of(factory)]
    )


class Completer(rlcompleter.Completer):
    """Python's own completer, which also offers a factory's arguments inside its call."""

    def __init__(self, known: dict[str, Any]) -> None:
        super().__init__(known)
        self._known = known

    def complete(self, text: str, state: int) -> str | None:
        """Return one of the matches; where nothing is written yet in a factory's call, of its arguments."""
        if text.strip():
            return super().complete(text, state)
        found = self._arguments("", _line())
        if found:
            return found[state] if state < len(found) else None
        return super().complete(text, state)

    def global_matches(self, text: str) -> list[str]:
        """Offer what begins with the text: arguments of the call that the line ends in, then names."""
        return [*self._arguments(text, _line()), *super().global_matches(text)]

    def _arguments(self, text: str, line: str) -> list[str]:
        call = _CALL.search(line)
        target: Any = self._known.get(call[1]) if call else None
        if not hasattr(target, "_meta"):
            return []
        return [f"{name}=" for name in arguments_of(target) if name.startswith(text)]


def _line() -> str:
    import readline  # noqa: PLC0415 - not on every platform, and asked by readline alone

    return readline.get_line_buffer()[: readline.get_endidx()]
