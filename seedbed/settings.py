"""Checks of what a caller sets, by name: flags, texts and functions. Numbers have bounds of their own, elsewhere."""

from __future__ import annotations

from seedbed.errors import InvalidSettingError
from seedbed.plain import plain_text


def check_flags(**flags: object) -> None:
    """Refuse what is no truth value: "no" would be taken for yes.

    Raises:
        InvalidSettingError: one is neither True nor False.
    """
    for name, value in flags.items():
        if not isinstance(value, bool):
            raise InvalidSettingError(name, value, "True or False")


def check_text(name: str, value: object, rule: str = "a text, or None") -> str | None:
    """Return a text, plain; None stands for none.

    Raises:
        InvalidSettingError: it is something else.
    """
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidSettingError(name, value, rule)
    return plain_text(value)


def check_functions(**functions: object) -> None:
    """Refuse what cannot be called before it is; None stands for none.

    Raises:
        InvalidSettingError: one cannot be called.
    """
    for name, value in functions.items():
        if value is not None and not callable(value):
            raise InvalidSettingError(name, value, "a function, or None")
