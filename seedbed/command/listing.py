"""What can be asked for in a suite: its presets and scenarios, a line each."""

from __future__ import annotations

from seedbed.suite import Suite


def lines(suite: Suite) -> list[str]:
    """Return a line for each preset and scenario, with the first line of what describes it.

    Raises:
        SuiteError: A module of them cannot be imported, or two are of one name.
    """
    presets = [(f"-e {name}", _first_line(make)) for name, make in suite.presets().items()]
    scenarios = [(name, text) for name, text in suite.registry().describe().items()]
    found = [f"{name:<18} {text}".rstrip() for name, text in [*presets, *scenarios]]
    return found or [f"{suite.name} has no scenarios; declare them by Suite(scenarios=...)"]


def meanings(suite: Suite | None, word: str) -> list[str]:
    """Return what a word may have meant that is no subcommand: an option with a preset or scenario of that name."""
    if suite is None:
        return []
    presets = [f"-e {word}" for name in suite.presets() if name == word]
    return presets + [f"-s {word}" for name in suite.registry().describe() if name == word]


def _first_line(function: object) -> str:
    return (function.__doc__ or "").strip().partition("\n")[0]
