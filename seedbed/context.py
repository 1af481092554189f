"""What stands around a call: the blocks that are open where it is made. One rule for threads, tasks and forks.

A block is found by what runs in it: the code of the thread or task that opened it, and whatever begins inside it with
a copy of its context (a task, `asyncio.to_thread`). One that the plain code of a thread opened, outside any task, is
found by every task too that this thread runs while it is open, also by an older one. Of several the one that was opened
last is found; one that has ended is found by nobody. docs/context.md tells it to users.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar, Token
from itertools import count
from typing import Any, Generic, TypeAlias, TypeVar

from seedbed import forks

T = TypeVar("T")

_NUMBERS = count(1)  # which of two blocks was opened later
_PROBE: ContextVar[None] = ContextVar("seedbed_probe", default=None)
"""Holds nothing: a token of it can be used only in the very context where it was made, and so tells that one."""


class _Process:
    """This process, told from its parent."""

    def __init__(self) -> None:
        self.mark = object()
        forks.in_child(self, _Process.renew)

    def renew(self) -> None:
        self.mark = object()


_PROCESS = _Process()


class Plain(threading.local):
    """What the plain code of this thread has opened last, in one scope."""

    top: Block[Any] | None = None


class Block(Generic[T]):
    """One open block: whose it is, its value, and the blocks around it.

    Those are the one that the same code was in, `outer`; where a task opened it, also the one that the plain code of
    its thread was in, `beside`; and where it joins others, the one that they are in, `target`.
    """

    __slots__ = (
        "_probe",
        "_process",
        "_thread",
        "below",
        "beside",
        "groups",
        "is_open",
        "number",
        "outer",
        "owner",
        "target",
        "value",
    )

    def __init__(self, owner: object, value: T, outer: Block[T] | None, beside: Block[T] | None) -> None:
        self.owner = owner
        self.value = value
        self.outer = outer
        self.beside = None if beside is outer else beside
        self.target: Block[T] | None = None
        self.below: Block[T] | None = None
        self.groups: tuple[Group, ...] = ()
        self.number = next(_NUMBERS)
        self.is_open = True
        self._process = _PROCESS.mark
        self._thread: int | None = None
        self._probe: Token[None] | None = None

    def belong(self, *, to_thread: bool) -> None:
        """Be the running thread's, or the running task's alone."""
        if to_thread:
            self._thread = threading.get_ident()
        else:
            self._probe = _PROBE.set(None)

    @property
    def is_here(self) -> bool:
        """Tell whether this very task opened it, or, outside any task, this thread; in this process."""
        if self._process is not _PROCESS.mark:
            return False
        if self._probe is None:
            return self._thread == threading.get_ident()
        try:
            _PROBE.reset(self._probe)
        except ValueError:  # another context's
            return False
        self._probe = _PROBE.set(None)
        return True


class Scope(Generic[T]):
    """All blocks of one kind, such as all that let a clock stand. What is shared is joined with the group around it.

    What is for all concerns a whole group while it is open: also those who joined or began before it was opened.
    """

    def __init__(self, name: str, *, is_shared: bool = False, is_for_all: bool = False) -> None:
        self._var: ContextVar[Block[T] | None] = ContextVar(f"seedbed_{name}", default=None)
        self._plain = Plain()
        self._is_shared = is_shared or is_for_all
        self.is_for_all = is_for_all
        _SCOPES.append(self)
        if self._is_shared:
            _SHARED.append(self)

    def find(self, owner: object = None) -> Block[T] | None:
        """Return the owner's block that is in force here, or None."""
        block: Block[T] | None = self._var.get()
        plain: Block[T] | None = self._plain.top
        if block is plain:
            if block is None or (block.is_open and block.owner is owner):
                return block
            return _latest(block, owner)[1]
        is_later = block is not None and (plain is None or plain.number < block.number)
        if block is not None and is_later and block.is_open and block.owner is owner:  # mostly: what was opened last
            return block
        self._carry(block, plain)
        return max(_latest(block, owner), _latest(plain, owner), key=_number)[1]

    def concerns(self, owner: object) -> bool:
        """Tell whether a block of the owner's, for all, is in force here, or anywhere in the group around this."""
        if self.find(owner) is not None:
            return True
        group = GROUPS.find()
        return group is not None and group.value.has(self, owner)

    def carry(self) -> None:
        """Let what begins here find what is found here, also what this is older than."""
        self._carry(self._var.get(), self._plain.top)

    def _carry(self, block: Block[T] | None, plain: Block[T] | None) -> None:
        if plain is not None and plain is not block and (block is None or plain.number > block.number):
            passage = Block(_NOBODY, plain.value, block, plain)
            passage.is_open = False
            self._var.set(passage)

    def every(self) -> list[Block[T]]:
        """Return all blocks that are in force here, from the inside."""
        found = _reach(self._var.get()) | _reach(self._plain.top)
        return sorted(found, key=lambda block: -block.number)

    def open(self, value: T, owner: object = None) -> Block[T]:
        """Open a block here; `close` is to follow."""
        block = self.open_briefly(value, owner)
        is_plain = _is_plain()
        block.belong(to_thread=is_plain)
        if is_plain:
            block.below, self._plain.top = _below(self._plain.top), block
        if self._is_shared:
            _take_in(self, block)
        return block

    def open_briefly(self, value: T, owner: object = None) -> Block[T]:
        """Open a block for one call that ends before anything else begins: nobody joins it, and no other task runs."""
        block = Block(owner, value, _outer(self._var.get()), _below(self._plain.top))
        self._var.set(block)
        return block

    def close(self, block: Block[T]) -> None:
        """End a block, for everybody who finds it, wherever this is called."""
        block.is_open = False
        if self._var.get() is block:
            self._var.set(block.outer)
        if self._plain.top is block:
            self._plain.top = block.below
        for group in block.groups:
            group.leave(block)

    def link(self, target: Block[T]) -> Block[T]:
        """Open a block in which is found what those find who are in `target`."""
        block = self.open(target.value, _NOBODY)
        block.target = target
        return block


_SCOPES: list[Scope[Any]] = []
_SHARED: list[Scope[Any]] = []
_NOBODY = object()


class Group:
    """Those who share what stands around them: whoever is in its first open block, and whoever joins that elsewhere."""

    def __init__(self) -> None:
        self.home: Block[Any] | None = None
        self._around: dict[Scope[Any], Block[Any] | None] = {}
        self._blocks: list[tuple[Scope[Any], Block[Any]]] = []

    @property
    def is_open(self) -> bool:
        """Tell whether there is anything to join."""
        return self.home is not None and self.home.is_open

    def begin(self) -> Block[Any]:
        """Open the block that others may join."""
        self._around = {scope: next(iter(scope.every()), None) for scope in _SHARED}
        self.home = GROUPS.open(self)
        return self.home

    def take_in(self, scope: Scope[T], block: Block[T]) -> None:
        """Let whoever joins stand in this block too."""
        block.groups += (self,)
        self._blocks.append((scope, block))

    def leave(self, block: Block[Any]) -> None:
        """Forget a block that has ended."""
        self._blocks = [known for known in list(self._blocks) if known[1] is not block]

    def has(self, scope: Scope[Any], owner: object) -> bool:
        """Tell whether any of those who did not only join it stands in a block of this kind and owner."""
        return any(of is scope and block.is_open and block.owner is owner for of, block in list(self._blocks))

    def innermost(self, scope: Scope[Any]) -> Block[Any] | None:
        """Return the innermost block in which all stand who opened any; where that is none, what stands around all."""
        nests = [_reach(block) for of, block in list(self._blocks) if of is scope and block.is_open]
        shared = set.intersection(*nests) if nests else set()
        return max(shared, key=lambda block: block.number, default=_outer(self._around.get(scope)))


GROUPS: Scope[Any] = Scope("group")
_JOINED: Scope[None] = Scope("joined")


@contextmanager
def standing_in(group: Group) -> Iterator[None]:
    """Open a group's block, or join it where it is open elsewhere: then nothing of this block is shared in turn."""
    current = GROUPS.find()
    with ExitStack() as stack:
        if not group.is_open:
            stack.callback(GROUPS.close, group.begin())
        elif current is not None and current.value is group:
            stack.callback(GROUPS.close, GROUPS.open(group))
        else:
            _join(group, stack)
        yield


def _join(group: Group, stack: ExitStack) -> None:
    stack.callback(GROUPS.close, GROUPS.open(group))
    stack.callback(_JOINED.close, _JOINED.open(None, group))
    for scope in _SHARED:
        target = group.innermost(scope)
        if target is not None:
            stack.callback(scope.close, scope.link(target))


def _take_in(scope: Scope[T], block: Block[T]) -> None:
    """Share a block with the group in force, unless this only joined it; one for all with those around that, too."""
    for current in GROUPS.every() if scope.is_for_all else [GROUPS.find()]:
        if current is not None and _JOINED.find(current.value) is None:
            current.value.take_in(scope, block)


# Looking for blocks. What is around a block was opened before it, so the first that fits on a way is the latest on it.

_Found: TypeAlias = tuple[int, "Block[T] | None"]
"""A block, and when what leads to it was opened; (0, None): there is none."""


def _number(found: _Found[Any]) -> int:
    return found[0]


def _latest(block: Block[T] | None, owner: object) -> _Found[T]:
    best: _Found[T] = (0, None)
    while block is not None:
        if block.is_open:
            found = block if block.owner is owner else _latest(block.target, owner)[1]
            if found is not None:
                return max(best, (block.number, found), key=_number)
        if block.beside is not None:
            best = max(best, _latest(block.beside, owner), key=_number)
        block = block.outer
    return best


def _reach(block: Block[T] | None) -> set[Block[T]]:
    found: set[Block[T]] = set()
    while block is not None:
        if block.is_open:
            found.add(block)
        if block.beside is not None:
            found |= _reach(block.beside)
        block = block.outer
    return found


def _outer(block: Block[T] | None) -> Block[T] | None:
    """Return the first block that something can be found by."""
    while block is not None and not (block.is_open or block.beside is not None):
        block = block.outer
    return block


def _below(block: Block[T] | None) -> Block[T] | None:
    while block is not None and not block.is_open:
        block = block.below
    return block


def carry() -> None:
    """Let what begins here find all that this finds: for a task that may be older than a block around it."""
    for scope in _SCOPES:
        scope.carry()


# Whether a task runs, as those say who run tasks: asked only where they are loaded.


def _is_in_trio(trio: Any) -> bool:  # noqa: ANN401 - a module
    if hasattr(trio.lowlevel, "in_trio_task"):  # since 0.29
        return bool(trio.lowlevel.in_trio_task())
    try:
        trio.lowlevel.current_task()
    except RuntimeError:  # there is none
        return False
    return True


_TASKS: tuple[tuple[str, Callable[[Any], bool]], ...] = (
    ("asyncio", lambda asyncio: asyncio._get_running_loop() is not None),  # noqa: SLF001 - asyncio's word for loops
    ("trio", _is_in_trio),
    ("greenlet", lambda greenlet: greenlet.getcurrent().parent is not None),
)


def _is_plain() -> bool:
    for name, is_task in _TASKS:  # noqa: SIM110 - a generator would cost more than all the rest of opening a block
        if name in sys.modules and is_task(sys.modules[name]):
            return False
    return True
