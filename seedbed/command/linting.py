"""`seed lint`: tries all factories of a suite, and tells all that went wrong."""

from __future__ import annotations

import json

from seedbed.command.console import Console
from seedbed.suite import Suite
from seedbed.suite.linting import find_faults
from seedbed.suite.references import without_exit


def lint(suite: Suite, factories: tuple[str, ...], strategies: tuple[str, ...], *, is_json: bool) -> int:
    """Try them; return the exit code: 1 where something is wrong.

    Raises:
        SuiteError: The suite cannot be linted.
    """
    with without_exit(), Console(is_quiet=is_json) as console:
        found = find_faults(suite, factories=factories, strategies=strategies, progress=console.advance)
    with Console() as console:
        console.print(*([json.dumps(found.to_json())] if is_json else found.lines()))
    return 0 if found.is_clean else 1
