"""What is wrong with a suite, said in one line: what and where."""

from __future__ import annotations

from collections.abc import Mapping

from seedbed.strategy.errors import FactoryError


class SuiteError(FactoryError):
    """A suite cannot be used as it is declared."""


class SuiteNotFoundError(SuiteError):
    """No suite is declared where one was looked for."""

    def __init__(self, place: str) -> None:
        self.place = place
        super().__init__(
            f'no suite found: {place}. Write `[tool.seedbed]` and `suite = "module:name"` into the pyproject.toml of '
            "the program, where name is its Suite(...); or give --suite module:name, or set SEEDBED_SUITE"
        )


class SuiteImportError(SuiteError):
    """What a suite, or a place in it, names cannot be imported."""

    def __init__(self, what: str, path: str, why: str) -> None:
        self.what = what
        self.path = path
        self.why = why
        super().__init__(f"{what} {path!r} cannot be used: {why}")


class SuiteDeclarationError(SuiteError):
    """A field of a Suite says something that it cannot mean."""

    def __init__(self, suite: str, field: str, problem: str) -> None:
        self.suite = suite
        self.field = field
        self.problem = problem
        super().__init__(f"suite {suite}: {field}: {problem}")


class SuiteOpenError(SuiteError):
    """The program of a suite does not open."""

    def __init__(self, suite: str, why: str) -> None:
        self.suite = suite
        self.why = why
        super().__init__(f"suite {suite}: its app does not open: {why}")


class SuiteCloseError(SuiteError):
    """The program of a suite does not close."""

    exit_code = 3

    def __init__(self, suite: str, why: str) -> None:
        self.suite = suite
        self.why = why
        super().__init__(f"suite {suite}: its app does not close: {why}")


class SuitePartError(SuiteError):
    """A function of a suite failed when it was called."""

    exit_code = 3

    def __init__(self, suite: str, what: str, why: str) -> None:
        self.suite = suite
        self.what = what
        self.why = why
        super().__init__(f"suite {suite}: {what} failed: {why}")


class AsyncPartError(SuiteError):
    """Something of a program is async, and plain code asked for it."""

    def __init__(self, suite: str, what: str) -> None:
        self.suite = suite
        self.what = what
        super().__init__(
            f"suite {suite}: {what} is async, and this call is not: use `await suite.audit_async(app)`, rows_async, "
            "totals_async or run_async, and `async with suite.app_async()` or scratch_app_async; the command `seed` "
            "waits by itself"
        )


class ProgramExitError(SuiteError):
    """The program's own code called sys.exit() in the middle of something."""

    exit_code = 3

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"stopped in the middle: {why}")


class MissingPartError(SuiteError):
    """A suite was asked for what it does not say how to do."""

    def __init__(self, suite: str, what: str, remedy: str) -> None:
        self.suite = suite
        self.what = what
        self.remedy = remedy
        super().__init__(f"suite {suite} cannot {what}: {remedy}")


class CommitError(SuiteError):
    """All that a run made went well, and the unit of work round it could not be committed.

    `is_undone`: nothing of it is left; else what other tasks or threads committed is.
    """

    exit_code = 3

    def __init__(self, why: str, *, is_undone: bool = True) -> None:
        self.why = why
        self.is_undone = is_undone
        super().__init__(f"it could not be committed: {why}")


class UndoError(SuiteError):
    """A dry run could not be undone."""

    exit_code = 3

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"its unit of work could not undo the dry run, and may have written it: {why}")


class LostRowsError(SuiteError):
    """What a run made is not stored, now that the app is closed."""

    exit_code = 3

    def __init__(self, suite: str, lost: Mapping[str, int]) -> None:
        self.suite = suite
        self.lost = dict(lost)
        rows = ", ".join(f"{count} {model}" for model, count in self.lost.items())
        super().__init__(
            f"suite {suite}: {rows} were made and are not stored, now that its app is closed: nothing committed them; "
            'say Suite(unit_of_work=seedbed.sqlalchemy.unit_of_work("session")), or let the services commit'
        )


class CounterError(SuiteError):
    """A declared counter cannot be recounted."""

    def __init__(self, counter: str, problem: str) -> None:
        self.counter = counter
        self.problem = problem
        super().__init__(f"counter {counter}: {problem}")


class InexactCountersError(SuiteError, AssertionError):
    """Stored counters differ from what they count."""

    exit_code = 1

    def __init__(self, lines: tuple[str, ...]) -> None:
        self.lines = lines
        super().__init__("\n".join(lines))


class LintError(SuiteError, AssertionError):
    """A factory of a suite does not work in some way."""

    exit_code = 1

    def __init__(self, lines: tuple[str, ...]) -> None:
        self.lines = lines
        super().__init__("\n".join(lines))
