"""What a run shows while it works: Rich's progress on a terminal, plain lines elsewhere, nothing for `--json`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from seedbed.command.streams import printable

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE_SECONDS = 10.0
"""Without a terminal, a long phase says so often how far it has come."""


class Console:
    """Prints results on standard output; progress and warnings on standard error. Use it in a `with`."""

    def __init__(self, *, is_quiet: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self._is_quiet = is_quiet
        self._clock = clock
        self._told_at = clock()
        self._told: set[str] = set()
        self._progress: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def print(self, *lines: str) -> None:
        """Print the lines of the result.

        Raises:
            OSError: standard output does not take them.
        """
        for line in lines:
            print(printable(line))  # noqa: T201 - this is the command's output
        sys.stdout.flush()

    def report(self, *lines: str, done: str, again: str = "") -> None:
        """Print the lines of what was done, of which `done` is a sentence and `again` the command that tells it again.

        Raises:
            LostReportError: standard output does not take them.
            BrokenPipeError: their reader went away.
        """
        try:
            self.print(*lines)
        except BrokenPipeError:
            raise
        except OSError as error:
            from seedbed.command.errors import LostReportError  # noqa: PLC0415 - seldom wanted

            raise LostReportError(str(error.strerror), done, again) from error

    def warn(self, message: str) -> None:
        """Print a warning."""
        if not self._is_quiet:
            self._tell(f"seed: warning: {message}")

    def note(self, message: str) -> None:
        """Say something that is no result."""
        if not self._is_quiet:
            self._tell(message)

    def advance(self, what: str, done: int, total: int | None) -> None:
        """Show how far a phase has come; without a `total`, only a terminal shows it."""
        if self._is_quiet:
            return
        if sys.stderr.isatty():
            self._draw(what, done, total)
        elif total is not None and what not in self._told:
            self._say(what, done, total)

    def _say(self, what: str, done: int, total: int) -> None:
        if done == total:
            self._told.add(what)
            self._tell(f"{what}: {total:,}")
        elif self._clock() - self._told_at >= PATIENCE_SECONDS:
            self._tell(f"{what}: {done:,} of {total:,}")

    def _tell(self, line: str) -> None:
        self._told_at = self._clock()
        print(printable(line), file=sys.stderr, flush=True)  # noqa: T201 - as above

    def _draw(self, what: str, done: int, total: int | None) -> None:
        from rich.markup import escape  # noqa: PLC0415 - only on a terminal

        if self._progress is None:
            from rich.console import Console as RichConsole  # noqa: PLC0415 - as above
            from rich.progress import Progress  # noqa: PLC0415 - as above

            self._progress = Progress(console=RichConsole(stderr=True), transient=True)
            self._progress.start()
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(escape(printable(what)), total=total)
        self._progress.update(self._tasks[what], completed=done, total=total)

    def close(self) -> None:
        """Take the progress away."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None
            self._tasks.clear()

    def __enter__(self) -> Self:
        """Return the console itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the progress away, also when the run failed: a terminal would stay without its cursor."""
        self.close()
