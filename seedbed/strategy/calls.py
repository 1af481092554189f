"""The service calls of one outermost factory call, and which of them belong to which object."""

from __future__ import annotations

from array import array
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol, TypeAlias

from seedbed.strategy.errors import BuildFailureError
from seedbed.strategy.repeats import advise


class Call(NamedTuple):
    """A service call that went through (or was queued): by which factory, with what, and its value."""

    factory: Any
    names: tuple[str, ...]
    given: tuple[Any, ...]
    value: Any
    step: str | None = None
    """The hook that made it on an object of the factory, where it followed the object's creation."""
    said: tuple[str, ...] | None = None
    """The arguments that the factory was given for the object; None where that is not known, as of a hook's call."""

    def failure(self, cause: Exception, seed: object) -> BuildFailureError:
        """Return the error that says that this call failed; by `seed` the factory draws."""
        given = dict(zip(self.names, self.given, strict=True))
        advice = "" if self.said is None else advise(self.factory._meta, self.said, given, cause, seed)  # noqa: SLF001 - where factory_boy keeps a factory's options
        return BuildFailureError.of(self.factory, given, cause, step=self.step, advice=advice)


class Ready(NamedTuple):
    """What a service is to be called with, and the block round that call."""

    values: dict[str, Any]
    block: AbstractContextManager[Any]


_Said: TypeAlias = tuple[str, ...] | None
_Kind: TypeAlias = tuple[Any, tuple[str, ...], str | None, _Said]
"""What calls have in common: by which factory, what was given by name, the step that it was, and what the factory
was given."""


class Calls:
    """The calls of a session, one behind another in one list: a batch has as many as it has objects, and more."""

    def __init__(self) -> None:
        self._parts: list[Any] = []  # of each call its kind, its value, and what was given
        self._starts = array("q")
        self._kinds: dict[_Kind, _Kind] = {}

    def add(self, factory: Any, given: dict[str, Any], value: Any, step: str | None = None, said: _Said = None) -> None:
        """Note a call."""
        kind = factory, tuple(given), step, said
        self._starts.append(len(self._parts))
        self._parts += (self._kinds.setdefault(kind, kind), value, *given.values())

    def extend(self, others: Calls) -> None:
        """Note those of others behind these."""
        for place in range(len(others)):
            one = others[place]
            self.add(one.factory, dict(zip(one.names, one.given, strict=True)), one.value, one.step, one.said)

    def __len__(self) -> int:
        """Count them."""
        return len(self._starts)

    def __getitem__(self, place: int) -> Call:
        """Return one of them."""
        start = self._starts[place]
        factory, names, step, said = self._parts[start]
        given = tuple(self._parts[start + 2 : start + 2 + len(names)])
        return Call(factory, names, given, self._parts[start + 1], step, said)

    def replace(self, instance: Any, value: Any) -> None:
        """Put what became of an object in its place: so hooks that run at the end are given that."""
        for place in range(len(self) - 1, -1, -1):
            made = self[place]
            if made.value is instance and made.step is None:
                self._parts[self._starts[place] + 1] = value
                return

    def factories(self) -> set[Any]:
        """Return the factories that made them."""
        return {factory for factory, *_ in self._kinds}


class Tries:
    """The objects of one `create` or `create_batch`: what was made, or why not, and which calls belong to each."""

    def __init__(self, factory: Any, first_call: int) -> None:
        self.factory = factory
        self.values: list[Any] = []
        self.failures: dict[int, BuildFailureError] = {}
        self._ends = array("q", [first_call])

    def end(self, value: Any, last_call: int) -> None:
        """Note an object, None where it failed, and how many calls the session has made by now."""
        self.values.append(value)
        self._ends.append(last_call)

    def calls(self, place: int) -> range:
        """Return which of the session's calls belong to an object."""
        return range(self._ends[place], self._ends[place + 1])


class Maker(Protocol):
    """Makes the objects of a batch in a way of its own."""

    def try_each(self, session: Any, tries: Tries) -> Exception | None:
        """Make them, each tried; an error that is no refusal ends it, and is returned."""
