"""What `recycle` refuses: objects that nobody could take from it, and more of them than there are."""

from __future__ import annotations

from collections.abc import Iterable

from seedbed.plain import show
from seedbed.strategy.errors import FactoryError


class EmptyPoolError(FactoryError):
    """`recycle` was given nothing to take from."""

    def __init__(self) -> None:
        super().__init__("recycle was given no objects: pass at least one, or leave recycle out to make new ones")


class InvalidPoolError(FactoryError):
    """`recycle` was given something that is no stored object."""

    def __init__(self, thing: object) -> None:
        self.thing = thing
        super().__init__(
            f"recycle takes stored objects, such as users and posts, or anything that holds them, not {show(thing)}"
        )


class UnusedPoolError(FactoryError):
    """`recycle` was given objects that no factory takes from it."""

    def __init__(self, kind: str, known: Iterable[str]) -> None:
        self.kind = kind
        self.known = tuple(sorted(known))
        super().__init__(
            f"no factory takes {kind} objects from recycle (they take {', '.join(self.known) or 'nothing'}): "
            "give the object itself, as an argument"
        )


class NotEnoughError(FactoryError):
    """More different objects were asked for than there are to take from."""

    def __init__(self, what: str, asked: int, available: int) -> None:
        self.what = what
        self.asked = asked
        self.available = available
        super().__init__(f"{asked} {what} were asked for, and there are {available}: recycle more, or ask for fewer")
