"""Whether a register's history could have come of calls that took effect one at a time: Wing and Gong's search.

A call took effect at some instant between its start and its end. One whose outcome is unknown took effect at some
instant after its start, or never; one that was refused never did. States that were met before, with the same calls
behind them, are not looked at again (Lowe, "Testing for linearizability", 2017). Registers are checked apart from each
other, since linearizability is a property of each for itself; so they stay small.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any, Final, TypeAlias

from attrs import frozen

State: TypeAlias = Hashable


@frozen
class Op:
    """A call at a register: what it did or read, and when."""

    start: int
    end: int | None
    """None: its outcome is unknown."""
    name: str
    values: tuple[Any, ...] = ()


Step: TypeAlias = Callable[[Any, Op], State]
"""Gives the state after a call at a state, or `IMPOSSIBLE`."""

IMPOSSIBLE: Final = "impossible"


def is_linearizable(ops: Sequence[Op], initial: State, step: Step) -> bool:
    """Tell whether some order of the calls explains all that they did and read."""
    ordered = sorted(ops, key=lambda op: op.start)
    needed = sum(1 << place for place, op in enumerate(ordered) if op.end is not None)
    seen: set[tuple[int, State]] = {(0, initial)}
    todo = [(0, initial)]
    while todo:
        behind, state = todo.pop()
        if behind & needed == needed:
            return True
        for place in _next(ordered, behind):
            after = step(state, ordered[place])
            met = behind | 1 << place, after
            if after != IMPOSSIBLE and met not in seen:
                seen.add(met)
                todo.append(met)
    return False


def _next(ordered: Sequence[Op], behind: int) -> list[int]:
    """Find the calls that may take effect next: those that began before any other ended. The likeliest comes last."""
    open_ones = list(_open(ordered, behind))
    deadline = min((end for place in open_ones if (end := ordered[place].end) is not None), default=0)
    found = [place for place in open_ones if ordered[place].start <= deadline]
    return sorted(found, key=lambda place: -(ordered[place].end or _LATEST))


_LATEST: Final = 1 << 62


def _open(ordered: Sequence[Op], behind: int) -> Iterator[int]:
    deadline = _LATEST
    for place, op in enumerate(ordered):
        if op.start > deadline:
            return
        if not behind >> place & 1:
            deadline = min(deadline, op.end or _LATEST)
            yield place


# Models


def flag(state: bool, op: Op) -> State:
    """A register that is true or false: `set` a value, `get` one."""
    (value,) = op.values
    return value if op.name == "set" or state == value else IMPOSSIBLE


def names(state: frozenset[tuple[str, str]], op: Op) -> State:
    """Who has which name, one each, and each name one owner: `take`, `taken`, `find`."""
    owners = {name: owner for owner, name in state}
    who, name = op.values
    if op.name == "find":
        return state if owners.get(name) == who else IMPOSSIBLE
    if op.name == "taken":
        return state if owners.get(name, who) != who else IMPOSSIBLE
    if owners.get(name, who) != who:
        return IMPOSSIBLE
    return frozenset({*(pair for pair in state if pair[0] != who), (who, name)})
