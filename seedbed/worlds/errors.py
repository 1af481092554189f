"""What is wrong with a world for tests."""

from __future__ import annotations

from collections.abc import Iterable

from seedbed.strategy.errors import FactoryError, near


class WorldError(FactoryError):
    """A world cannot be made or kept as it is asked for."""

    def __init__(self, world: str, why: str) -> None:
        self.world = world
        self.why = why
        super().__init__(f"world {world!r}: {why}")


class UnknownRecordError(FactoryError, KeyError):
    """A world has no record of this name."""

    def __init__(self, name: object, known: Iterable[str]) -> None:
        self.name = name
        self.known = tuple(known)
        super().__init__(f"the world has no record {name!r}: {near(str(name), self.known)}")

    def __str__(self) -> str:
        """Return the message; a KeyError would put it in quotes."""
        return str(self.args[0])
