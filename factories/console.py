"""What a run shows while it works: Rich's progress on a terminal, plain lines elsewhere, nothing for `--json`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Console:
    """Prints results on standard output; progress, warnings and errors on standard error."""

    def __init__(self, *, is_quiet: bool = False) -> None:
        self._is_quiet = is_quiet
        self._progress: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._told: set[str] = set()

    def print(self, line: str) -> None:
        """Print a line of the result."""
        print(line)  # noqa: T201 - this is the command's output

    def warn(self, message: str) -> None:
        """Print a warning."""
        print(f"seed: warning: {message}", file=sys.stderr)  # noqa: T201 - as above

    def fail(self, error: BaseException) -> None:
        """Print what stopped the run, in one line, and its notes."""
        notes = "; ".join(getattr(error, "__notes__", ()))
        text = " ".join(f"{error}{'; ' if notes else ''}{notes}".split())
        print(f"seed: {text}", file=sys.stderr)  # noqa: T201 - as above

    def advance(self, what: str, done: int, total: int) -> None:
        """Show how far a phase has come."""
        if self._is_quiet:
            return
        if sys.stderr.isatty():
            self._draw(what, done, total)
        elif done == total and what not in self._told:
            self._told.add(what)
            print(f"{what}: {total:,}", file=sys.stderr, flush=True)  # noqa: T201 - as above

    def _draw(self, what: str, done: int, total: int) -> None:
        if self._progress is None:
            from rich.console import Console as RichConsole  # noqa: PLC0415 - only on a terminal
            from rich.progress import Progress  # noqa: PLC0415 - as above

            self._progress = Progress(console=RichConsole(stderr=True), transient=True)
            self._progress.start()
        if what not in self._tasks:
            self._tasks[what] = self._progress.add_task(what, total=total)
        self._progress.update(self._tasks[what], completed=done, total=total)

    def close(self) -> None:
        """Take the progress away."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None
