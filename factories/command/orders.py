"""What a run is asked to make and how it can end: the command's options, checked, and the errors that it tells."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import attrs

from factories.command.crew import ALONE, Crew
from factories.command.target import Target
from factories.errors import FactoryError
from factories.pictures.kinds import KINDS, check_images
from factories.presets import DEFAULT, PRESETS, ROWS_MAX, Preset, UnknownPresetError, find_preset
from factories.texts.locales import DEFAULT_LOCALE, locales_of
from seedbed.command.errors import UsageError
from services.errors import ForeignRowsError, NotFoundError, RunResettingError, TakenError, UnavailableError

if TYPE_CHECKING:
    from services import App

YEARS = range(1972, 9999)
"""Ids count from 1970, a world reaches back a year, and its feed items expire a year on."""


class ForeignTableError(UsageError):
    """The table is not ours alone, and nobody said that this is meant."""

    def __init__(self, cause: ForeignRowsError) -> None:
        self.cause = cause
        super().__init__(
            f"{cause}. Rows of others are never touched: --beside-others goes on beside them. If all rows are ours, "
            "from before there were marks: `seed audit --mark` looks at each and leaves the mark"
        )


class UnknownCommandError(UsageError):
    """There is no subcommand of this name; the word may be that of something else."""

    def __init__(self, word: str, commands: Iterable[str]) -> None:
        self.word = word
        self.commands = tuple(commands)
        known = {name: name for name in self.commands} | _options() | {"help": "--help"}
        close = get_close_matches(word.lower(), known, n=3, cutoff=0.6)
        option = [f"-e {word}"] if word.endswith(".toml") else [f"-s {word}"] if ":" in word else []
        meant = " or ".join([*option, *(known[name] for name in close)])
        super().__init__(f"No such command {word!r}" + (f": did you mean {meant}?" if meant else "."))


class FailedCommandError(FactoryError):
    """A command's work was begun and did not end well."""

    exit_code = 3

    def __init__(self, cause: Exception) -> None:
        self.cause = cause
        super().__init__(str(cause))


class InterruptedCommandError(FactoryError):
    """Ctrl-C stopped a command; `rest` is what is there by then, and how to go on."""

    exit_code = 130

    def __init__(self, rest: str) -> None:
        self.rest = rest
        super().__init__(f"stopped; {rest}")


class FailedOrderError(FactoryError):
    """A run was begun and did not end well; what it wrote stays."""

    exit_code = 3

    def __init__(self, cause: Exception, order: Order, *, is_dry: bool) -> None:
        self.cause = cause
        if isinstance(cause, RunResettingError):
            self.exit_code = 2
        self.exit_code = getattr(cause, "exit_code", self.exit_code)
        told = "; ".join([str(cause), *getattr(cause, "__notes__", ())])
        inner = getattr(cause, "cause", cause)
        is_there = order.endpoint_url is not None and not is_dry
        if is_there and isinstance(inner, UnavailableError):
            told = f"{told}. Go on with: {order.command}"
        elif is_there and (isinstance(inner, (NotFoundError, TakenError)) or getattr(inner, "is_gone", False)):
            told = (
                f"{told}. Others took away what the run made, or took a name of it, and it cannot go on without. Take "
                f"away what is left, and begin again: {order.reset_command}; or make another world by another --seed"
            )
        super().__init__(told)


class InterruptedOrderError(FactoryError):
    """Ctrl-C stopped a run."""

    exit_code = 130

    def __init__(self, order: Order, *, is_dry: bool) -> None:
        self.order = order
        if is_dry:
            message = "stopped; nothing was written"
        elif order.endpoint_url is None:
            message = f"stopped; the embedded engine's data ended with it. Begin again with: {order.command}"
        else:
            message = f"stopped; every count is exact, feeds are filled at the end. Go on with: {order.command}"
        super().__init__(message)


@attrs.frozen
class Part:
    """A preset or a scenario of an order. `name` is what all of it is drawn from, and what its run is called."""

    name: str
    preset: Preset | None = None
    scenario: str | None = None


@attrs.frozen
class Order:
    """What a run is asked to make, checked."""

    env: str | None
    preset: Preset | None
    scenarios: tuple[str, ...]
    seed: int
    as_of: datetime
    endpoint_url: str | None
    table: str
    workers: int | None
    is_dated: bool = True
    is_seeded: bool = True
    locale: str = DEFAULT_LOCALE
    is_beside_others: bool = False
    is_large: bool = False
    images: str = KINDS[0]
    crew: Crew = ALONE

    @property
    def as_of_text(self) -> str:
        """The as-of date as it is reported."""
        return self.as_of.isoformat().replace("+00:00", "Z").removesuffix("T00:00:00Z")

    @property
    def parts(self) -> tuple[Part, ...]:
        """The preset and the scenarios, each by itself, in the order in which they are made."""
        preset = [] if self.preset is None else [Part(self._name(self.preset.identity), self.preset)]
        return (*preset, *(Part(self._name(name), scenario=name) for name in dict.fromkeys(self.scenarios)))

    def _name(self, what: str) -> str:
        locale = "" if self.locale == DEFAULT_LOCALE else f"/{self.locale}"
        return f"{self.seed}/{what}/{self.as_of_text}{locale}{run_suffix(self.images)}"

    @property
    def world(self) -> str:
        """The options that ask for the same world again, on any day."""
        preset = [] if self.env is None else ["-e", self.env]
        scenarios = [part for name in self.scenarios for part in ("-s", name)]
        locale = [] if self.locale == DEFAULT_LOCALE else ["--locale", self.locale]
        images = [] if self.images == KINDS[0] else ["--images", self.images]
        return shlex.join([*preset, *scenarios, "--seed", str(self.seed), "--as-of", self.as_of_text, *locale, *images])

    @property
    def place(self) -> str:
        """The options that name an endpoint's table."""
        beside = ["--beside-others"] if self.is_beside_others else []
        return shlex.join(["--endpoint-url", str(self.endpoint_url), "--table", self.table, *beside])

    @property
    def reset_command(self) -> str:
        """The command that takes the same world away."""
        return f"{program()} reset {self.world}" + (f" {self.place}" if self.endpoint_url else "")

    @property
    def command(self) -> str:
        """The command that makes the same world in the same place."""
        return self._command(self.crew)

    @property
    def whole_command(self) -> str:
        """The command that makes all of it, in one process."""
        return self._command(ALONE)

    def slice_command(self, piece: str) -> str:
        """The command that makes one slice of it, in one process."""
        return self._command(Crew(piece=piece))

    def _command(self, crew: Crew) -> str:
        large = ["--allow-large"] if self.is_large else []
        place = [self.place] if self.endpoint_url else []
        return " ".join(filter(None, [program(), self.world, *large, crew.options, *place]))

    def check_size(self) -> None:
        """Refuse a world that is larger than anybody means, unless somebody does.

        Raises:
            UsageError: it would have too many rows.
        """
        rows = 0 if self.preset is None else self.preset.rows
        if rows > ROWS_MAX and not self.is_large:
            message = (
                f"{self.env} would make some {rows:,} rows, and {ROWS_MAX:,} is the limit: make it smaller, or add "
                "--allow-large"
            )
            raise UsageError(message)


def locale_of(target: Target) -> str:
    """Return the people's language, or several with commas between them.

    Raises:
        UnknownLocaleError: there are no texts for one of them.
    """
    return DEFAULT_LOCALE if target.locale is None else ",".join(locales_of(target.locale))


def images_of(target: Target) -> str:
    """Return how pictures are stored.

    Raises:
        UnknownImagesError: there is no such way.
    """
    return KINDS[0] if target.images is None else check_images(target.images)


def run_suffix(images: str) -> str:
    """Return how a run's name ends whose pictures are stored in this way: apart from "url" it is a world of its own."""
    return "" if images == KINDS[0] else f"/images={images}"


def kind_of(name: str) -> str:
    """Return how a run of this name stores pictures."""
    return next((kind for kind in KINDS[1:] if name.endswith(run_suffix(kind))), KINDS[0])


def order_of(target: Target, *, is_default_env: bool = True, crew: Crew = ALONE) -> Order:
    """Check what the options say.

    Raises:
        UsageError: the date is none, or there is no row to write before it.
        FactoryError: no preset, scenario or locale goes by the name, or the preset's file is wrong.
    """
    from factories.scenarios import find_scenario  # noqa: PLC0415 - scenarios load the factories

    env = DEFAULT if target.env is None and is_default_env and not target.scenario else target.env
    preset = None if env is None else _find(find_preset, env)
    for name in target.scenario:
        _find(find_scenario, name)
        if target.scenario.count(name) > 1:
            message = f"the scenario {name} is given {target.scenario.count(name)} times: give it once"
            raise UsageError(message)
    return Order(
        env,
        preset,
        tuple(target.scenario),
        target.seed or 0,
        moment_of(target.as_of),
        target.endpoint_url,
        target.table,
        target.workers,
        is_dated=target.as_of is not None,
        is_seeded=target.seed is not None,
        locale=locale_of(target),
        is_beside_others=target.beside_others,
        is_large=target.allow_large,
        images=images_of(target),
        crew=crew,
    )


T = TypeVar("T")


def _find(find: Callable[[str], T], name: str) -> T:
    """Find a preset or scenario.

    Raises:
        UsageError: it is none, but one of the other kind.
        UnknownPresetError: no preset goes by the name, nor a scenario.
        UnknownScenarioError: no scenario goes by the name, nor a preset.
    """
    from factories.scenarios.errors import UnknownScenarioError  # noqa: PLC0415 - as in order_of

    try:
        return find(name)
    except (UnknownPresetError, UnknownScenarioError) as error:
        meant = _options().get(name.lower())
        if meant is None:
            raise
        message = f"{str(error).partition(':')[0]}: did you mean {meant}?"
        raise UsageError(message) from error


def _options() -> dict[str, str]:
    """Return the options that name presets and scenarios, by the names."""
    from factories.scenarios import scenarios  # noqa: PLC0415 - scenarios load the factories

    return {name: f"-s {name}" for name in scenarios()} | {name: f"-e {name}" for name in PRESETS}


def program() -> str:
    """Return what to type for this command: its name where that is found, else the path that it was started by."""
    path = Path(sys.argv[0])
    found = shutil.which("seed")
    if path.stem != "seed" or (found is not None and path.exists() and path.samefile(found)):
        return "seed"
    is_elsewhere = "w" in os.environ.get("MAKEFLAGS", "").partition(" ")[0]  # `make -C`: typed in another directory
    return shlex.quote(str(path.resolve() if is_elsewhere else path))


@contextmanager
def working() -> Iterator[None]:
    """Tell what stops a command that has found its table.

    Raises:
        FailedCommandError: the table cannot be used any more.
    """
    try:
        yield
    except UnavailableError as error:
        raise FailedCommandError(error) from error


@contextmanager
def interruptible(rest: Callable[[], str]) -> Iterator[None]:
    """Tell, where Ctrl-C stops a command, what is there by then.

    Raises:
        InterruptedCommandError: it did.
    """
    try:
        yield
    except KeyboardInterrupt as error:
        raise InterruptedCommandError(rest()) from error


def moment_of(text: str | None) -> datetime:
    """Read an as-of date; None is today.

    Raises:
        UsageError: it is no date, or there is no row to write before it.
    """
    if text is None:
        return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        moment = datetime.fromisoformat(text)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        message = f"--as-of must be a date such as 2026-11-01, not {text!r}"
        raise UsageError(message) from error
    if moment.year not in YEARS:
        message = f"--as-of must be a date of the years {YEARS[0]} to {YEARS[-1]}, not {text!r}"
        raise UsageError(message)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def check_foreign(app: App, *, is_beside_others: bool) -> None:
    """Refuse to write much, or to take away, in a table that is not ours alone, unless that is meant.

    Raises:
        ForeignTableError: it holds rows of others, or does not say whose its rows are.
        ServiceError: it is of a newer version of the schema, or cannot be used.
    """
    from services.rows.ownership import check_ours  # noqa: PLC0415 - loaded by the app that is connected

    try:
        check_ours(app, is_beside_others=is_beside_others)
    except ForeignRowsError as error:
        raise ForeignTableError(error) from error
