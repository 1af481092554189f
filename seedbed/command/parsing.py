"""What options say: read, or refused."""

from __future__ import annotations

from typing import NoReturn

import typer


def whole_number(text: str | int) -> int:
    """Read a whole number.

    Raises:
        BadParameter: it is none.
    """
    try:
        return int(text)
    except ValueError as error:
        message = f"must be a whole number, not {text!r}"
        raise typer.BadParameter(message) from error


def positive(text: str | int) -> int:
    """Read a whole number from 1 on.

    Raises:
        BadParameter: it is none.
    """
    return _from(1, text)


def count(text: str | int) -> int:
    """Read a whole number from 0 on.

    Raises:
        BadParameter: it is none.
    """
    return _from(0, text)


def _from(least: int, text: str | int) -> int:
    number = whole_number(text)
    if number < least:
        message = f"must be {least} or more, not {number}"
        raise typer.BadParameter(message)
    return number


def refuse(message: str) -> NoReturn:
    """Refuse what the command was told.

    Raises:
        UsageError: Always.
    """
    from seedbed.command.errors import UsageError  # noqa: PLC0415 - `seed --help` is to be quick

    raise UsageError(message)
