"""What a command refuses, and how its work can end."""

from __future__ import annotations

from seedbed.strategy.errors import FactoryError


class UsageError(FactoryError):
    """The command was told something that it cannot do."""


class FailedRunError(FactoryError):
    """A run was begun and did not end well; what it wrote before stays."""

    exit_code = 3

    def __init__(self, part: str, cause: Exception) -> None:
        self.part = part
        self.cause = cause
        super().__init__(f"{part}: {cause}")


class InterruptedRunError(FactoryError):
    """Ctrl-C stopped a run."""

    exit_code = 130

    def __init__(self, part: str) -> None:
        self.part = part
        super().__init__(f"stopped while {part} was made; what was written before stays")
