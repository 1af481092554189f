"""What can be wrong with a scenario's name, or with a scenario."""

from __future__ import annotations

from collections.abc import Iterable

from seedbed.plain import show, show_error
from seedbed.strategy.errors import FactoryError, near


class ScenarioError(FactoryError):
    """Root of the errors about scenarios."""


class UnknownScenarioError(ScenarioError):
    """No scenario goes by this name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name = name
        self.known = tuple(sorted(known))
        super().__init__(
            f"no scenario is called {show(name)}: {near(name, self.known)} (your own: package.module:ClassName)"
        )


class ScenarioImportError(ScenarioError):
    """A scenario's module or class cannot be imported; what Python raised is the cause."""

    def __init__(self, path: str, why: str) -> None:
        self.path = path
        self.why = why
        super().__init__(f"the scenario {path!r} cannot be imported: {why}")


class InvalidScenarioError(ScenarioError):
    """What is given as a scenario is none."""

    def __init__(self, name: str, why: str) -> None:
        self.name = name
        self.why = why
        super().__init__(f"{show(name)} is no scenario: {why}")


class AsyncScenarioError(ScenarioError):
    """A scenario is async, and plain code runs it."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"the scenario {name} is async, and this call is not: use `await suite.run_async(...)`")


class ForgottenError(ScenarioError):
    """Root of what a scenario forgets to await."""

    exit_code = 3


class ForgottenAwaitError(ForgottenError):
    """Something that a scenario called is async, and was never awaited: nothing of it ran."""

    def __init__(self, name: str, calls: Iterable[str]) -> None:
        self.name = name
        self.calls = tuple(calls)
        more = f", and {len(self.calls) - 1} more" if self.calls[1:] else ""
        super().__init__(f"{name} never awaits {self.calls[0]}{more}, so nothing of it ran: write `await` before it")


class ForgottenTaskError(ForgottenError):
    """A scenario ends before a task that it began: the task is cancelled."""

    def __init__(self, name: str, tasks: Iterable[str]) -> None:
        self.name = name
        self.tasks = tuple(tasks)
        more = f", and {len(self.tasks) - 1} more" if self.tasks[1:] else ""
        super().__init__(
            f"{name} ends before its task {self.tasks[0]}{more}, which is cancelled: await it, or begin it in an "
            "asyncio.TaskGroup"
        )


class FailedTaskError(ForgottenError):
    """A task that a scenario began failed, and nobody waits for it; what it raised is the cause."""

    def __init__(self, name: str, task: str, cause: BaseException) -> None:
        self.name = name
        self.task = task
        super().__init__(
            f"{name} never awaits its task {task}, which failed ({show_error(cause)}): await it, or begin "
            "it in an asyncio.TaskGroup"
        )


class ScenarioNameError(ScenarioError):
    """A scenario cannot be registered under this name."""

    def __init__(self, name: object, why: str) -> None:
        self.name = name
        self.why = why
        super().__init__(f"no scenario can be registered as {show(name)}: {why}")
