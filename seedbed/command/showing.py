"""How a shell shows an entity: on one line, also one whose class says nothing of itself."""

from __future__ import annotations

import builtins
import importlib
import sys
from collections.abc import Iterator
from traceback import TracebackException
from typing import Any

from seedbed.command.streams import printable
from seedbed.errors import ServiceError
from seedbed.strategy.errors import FactoryError
from seedbed.suite.models import mapper_of

COMMAND = "<command>"
"""What a traceback calls the code that was given."""

_ITEMS = 1_000
"""Of a longer list, the rest is counted: a terminal is no place for it."""


def show(value: object) -> str:
    """Write a value as `repr` does, an entity on one line with its fields, and the entities in a list likewise."""
    if type(value) in {list, tuple}:
        return _list(value)
    if _is_silent(value):
        return f"{type(value).__name__}({', '.join(f'{name}={field!r}' for name, field in _fields(value))})"
    text = repr(value)
    return " ".join(text.split()) if "\n" in text and not isinstance(value, (str, bytes)) else text


def show_value(value: object) -> None:
    """Show what a line of Python gave; None is not shown. In the place of `sys.displayhook`."""
    if value is not None:
        builtins._ = value  # type: ignore[attr-defined]  # Python's own name for the last value
        sys.stdout.write(f"{printable(show(value))}\n")


def into_ipython() -> None:
    """Let the IPython that runs show entities so."""
    ipython: Any = importlib.import_module("IPython").get_ipython()
    kind: Any = importlib.import_module("IPython.core.formatters").PlainTextFormatter
    shown = ipython.display_formatter
    formatter = shown.formatters["text/plain"] = _guarded(kind)(parent=shown)
    ipython.set_custom_exc((ServiceError, FactoryError), lambda _, *raised, **__: tell_error(raised[1]))
    formatter.for_type(
        object, lambda value, printer, _cycle: printer.text(show(value))
    )  # asked last, of what has no repr


def _guarded(kind: Any) -> Any:
    """Return a formatter whose texts move no terminal, whatever a class says of itself."""

    class Guarded(kind):  # type: ignore[misc]  # IPython's, which may not be there
        def __call__(self, value: object) -> str | None:
            text: str | None = super().__call__(value)
            return None if text is None else printable(text, keep="\n")

    return Guarded


def tell_error(error: BaseException) -> None:
    """Tell an error with the lines that were given, without those of the libraries below."""
    sys.stderr.write(printable("".join(_traceback_lines(error)), keep="\n"))


def _traceback_lines(error: BaseException) -> list[str]:
    told = TracebackException.from_exception(error)
    own = [frame for frame in told.stack if frame.filename.startswith((COMMAND, "<console>", "<ipython-input"))]
    told.stack[:] = own
    lines = ["Traceback (most recent call last):\n", *told.stack.format()] if own else []
    what = [line[:-1].replace("\n", "\n    ") + "\n" for line in told.format_exception_only()]  # one line, one error
    return [*lines, *what]


def _list(value: Any) -> str:
    parts = [show(one) for one in value[:_ITEMS]]
    if len(value) > _ITEMS:
        parts.append(f"... and {len(value) - _ITEMS:,} more")
    inner = ", ".join(parts)
    if isinstance(value, list):
        return f"[{inner}]"
    return f"({inner},)" if len(value) == 1 else f"({inner})"


def _is_silent(value: object) -> bool:
    """Tell whether a value's class leaves `repr` to Python, which says where it is in memory."""
    kind = type(value)
    return kind.__repr__ is object.__repr__ and not isinstance(value, type) and bool(list(_fields(value)))


def _fields(value: object) -> Iterator[tuple[str, object]]:
    mapper = mapper_of(type(value))
    if mapper is not None:  # what an expired instance would ask the database for is left there
        here = [(name, field) for name, field in vars(value).items() if name in mapper.column_attrs]
        yield from here or _key(value, mapper)
        return
    slots = [name for base in type(value).__mro__ for name in getattr(base, "__slots__", ())]
    for name in [*getattr(value, "__dict__", {}), *slots]:
        if not name.startswith("_") and hasattr(value, name):
            yield name, getattr(value, name)


def _key(value: Any, mapper: Any) -> Iterator[tuple[str, object]]:
    """Return the key of a mapped instance, which it knows without asking the database; nothing of a new one."""
    identity: tuple[Any, ...] = sys.modules["sqlalchemy"].inspect(value).identity or ()
    for column, part in zip(mapper.primary_key, identity, strict=False):
        yield mapper.get_property_by_column(column).key, part
