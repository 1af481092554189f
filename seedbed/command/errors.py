"""What a command refuses, and how its work can end."""

from __future__ import annotations

from seedbed.strategy.errors import FactoryError


class UsageError(FactoryError):
    """The command was told something that it cannot do."""


class FailedRunError(FactoryError):
    """A run was begun and did not end well. `is_undone`: nothing of it is left; else what it wrote before stays."""

    exit_code = 3

    def __init__(self, part: str, cause: Exception, *, is_undone: bool = False) -> None:
        self.part = part
        self.cause = cause
        self.is_undone = is_undone
        super().__init__(f"{part}: {cause}{'; nothing of the run is left' if is_undone else ''}")


class UncountedRunError(FactoryError):
    """All of a run is made, and what it counted could not be recounted."""

    exit_code = 3

    def __init__(self, part: str, cause: Exception) -> None:
        self.part = part
        self.cause = cause
        super().__init__(f"all of {part} is made, and was not recounted: {cause}")


class LostReportError(FactoryError):
    """What was to be done is done, and the report of it could not be written."""

    exit_code = 3

    def __init__(self, why: str, done: str, again: str = "") -> None:
        self.why, self.done, self.again = why, done, again
        rest = f". To have it again: {again}" if again else ""
        super().__init__(f"the report could not be written ({why}). {done}{rest}")


class InterruptedRunError(FactoryError):
    """Ctrl-C stopped a run. `is_undone`: nothing of it is left; else what it wrote before stays."""

    exit_code = 130

    def __init__(self, part: str, *, is_undone: bool = False) -> None:
        self.part = part
        self.is_undone = is_undone
        rest = "nothing of the run is left" if is_undone else "what was written before stays"
        super().__init__(f"stopped while {part} was made; {rest}")
