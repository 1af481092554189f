"""Seeding that is forbidden: by the variable SEED_PROHIBIT, or by a program that must never be seeded."""

from __future__ import annotations

import os
from typing import Final

from seedbed.errors import ForbiddenError

VARIABLE: Final = "SEED_PROHIBIT"
_BY_VARIABLE: Final = f"the variable {VARIABLE} is set"
_NO: Final = {"", "0", "false", "no", "off"}

_here: list[str] = []  # state of this module: it is of the process, whoever asks


class ProhibitedError(ForbiddenError):
    """Seeding is forbidden here, whatever is typed."""

    exit_code = 2

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"seeding is forbidden here: {why}. Nothing was written")


def prohibit(reason: str = "this program said so, by seedbed.prohibit()") -> None:
    """Forbid factories and the command to write from here on, in this process. It cannot be taken back."""
    _here.append(reason)


def check_allowed() -> None:
    """Refuse to seed where it is forbidden.

    Raises:
        ProhibitedError: it is.
    """
    if _here:
        raise ProhibitedError(_here[0])
    if os.environ.get(VARIABLE, "").strip().lower() not in _NO:
        raise ProhibitedError(_BY_VARIABLE)
