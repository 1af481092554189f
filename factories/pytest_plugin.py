"""The pytest plugin: the fixture `seedbed_app`, and the seed and the time of a test run, also for what is only built.

Every pytest run where seedbed is installed imports this; it imports nothing of the suite until a test asks.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import os
import sys
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from seedbed.strategy.unbound import Source, current_source, drawing_from

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from services.app import App

_TIME: pytest.StashKey[datetime] = pytest.StashKey()
_COLLECTING: pytest.StashKey[ExitStack] = pytest.StashKey()
_TICK = timedelta(milliseconds=1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("seedbed", "seedbed: a seeded app")
    group.addoption(
        "--seedbed-seed",
        type=int,
        default=os.environ.get("SEEDBED_SEED", "0"),
        metavar="N",
        help="what ids and values are drawn from (default: SEEDBED_SEED, else 0)",
    )
    group.addoption(
        "--seedbed-as-of",
        default=os.environ.get("SEEDBED_AS_OF"),
        metavar="TIME",
        help="when tests take place: 2026-01-31T12:00Z (default: SEEDBED_AS_OF, else the run's start)",
    )
    group.addoption(
        "--seedbed-locale",
        default=os.environ.get("SEEDBED_LOCALE"),
        metavar="LOCALE",
        help="the people's language: de_DE, or several with commas (default: SEEDBED_LOCALE, else en_US)",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Begin to draw before the first conftest is imported, which may draw too."""
    option = early_config.known_args_namespace
    text = option.seedbed_as_of
    moment = _now() if text is None else _moment(text)
    early_config.stash[_TIME] = moment
    early_config.stash[_COLLECTING] = _begin(option, moment)


def pytest_configure(config: pytest.Config) -> None:
    """Settle the run's time, once, and hand it to xdist's workers.

    Raises:
        UsageError: the time is none, or has no time zone.
    """
    text = config.option.seedbed_as_of
    moment = config.stash.get(_TIME, None) or (_now() if text is None else _moment(text))
    config.option.seedbed_as_of = moment.isoformat()
    if _COLLECTING not in config.stash:
        config.stash[_COLLECTING] = _begin(config.option, moment)
    if getattr(config.option, "dist", "no") != "no":
        _hand_on(config)


def _hand_on(config: pytest.Config) -> None:
    # Workers parse the command line anew, and import conftests before they are told anything else.
    option, given = config.option, config.invocation_params
    settled = [f"--seedbed-seed={option.seedbed_seed}", f"--seedbed-as-of={option.seedbed_as_of}"]
    if option.seedbed_locale is not None:
        settled.append(f"--seedbed-locale={option.seedbed_locale}")
    config.invocation_params = pytest.Config.InvocationParams(
        args=(*given.args, *settled), plugins=given.plugins, dir=given.dir
    )


def _begin(option: Any, moment: datetime) -> ExitStack:
    """Draw, where nothing is bound, from what all workers of the run have in common, and no test."""
    source = Source(f"{option.seedbed_seed}/collection", option.seedbed_locale, _ticking(moment), is_collecting=True)
    stack = ExitStack()
    stack.enter_context(drawing_from(source))
    return stack


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Draw anew for each app that is bound from here on: tables may outlive a run, and workers may share one."""
    source = current_source()
    try:
        return (yield)
    finally:
        source.is_collecting = False


def pytest_unconfigure(config: pytest.Config) -> None:
    """Draw as before."""
    config.stash[_COLLECTING].close()


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        message = f"--seedbed-as-of: {error}"
        raise pytest.UsageError(message) from error
    if moment.tzinfo is None:
        message = f"--seedbed-as-of: {text!r} has no time zone; add Z for UTC"
        raise pytest.UsageError(message)
    if not 1970 < moment.year < 9999:  # noqa: PLR2004 - what ids can tell, and a year more on either side
        message = f"--seedbed-as-of: {text!r} is not of the years 1971 to 9998"
        raise pytest.UsageError(message)
    return moment


def pytest_report_header(config: pytest.Config) -> str:
    """Say what makes the run's worlds again, byte for byte."""
    option = config.option
    locale = "" if option.seedbed_locale is None else f" --seedbed-locale {option.seedbed_locale}"
    return f"seedbed: --seedbed-seed {option.seedbed_seed} --seedbed-as-of {option.seedbed_as_of}{locale}"


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[None]:
    """Let threads that an async test begins find what it finds, also where its task is older than its fixtures."""
    context: Any = sys.modules.get("seedbed.context")
    if context is None or not inspect.iscoroutinefunction(pyfuncitem.obj):
        return (yield)
    test = pyfuncitem.obj

    @functools.wraps(test)
    async def in_context(**arguments: Any) -> None:
        context.carry()
        await test(**arguments)

    pyfuncitem.obj = in_context
    try:
        return (yield)
    finally:
        pyfuncitem.obj = test


@pytest.fixture(autouse=True)
def _seedbed_draws(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let what a test only builds be drawn from the run's seed and time, and counted from the start in each test."""
    option = request.config.option
    clock = _ticking(datetime.fromisoformat(option.seedbed_as_of))
    with drawing_from(Source(f"{option.seedbed_seed}/unbound", option.seedbed_locale, clock)):
        yield


@pytest.fixture
def seedbed_app(request: pytest.FixtureRequest) -> Iterator[App]:
    """An empty app on an embedded engine of its own, with the factories bound to it.

    Its clock starts at the run's time and moves on a millisecond a reading: what is made later is later.
    """
    from factories.texts.locales import using  # noqa: PLC0415 - see the module's docstring
    from services.app import connect  # noqa: PLC0415 - as above

    option = request.config.option
    clock = _ticking(datetime.fromisoformat(option.seedbed_as_of))
    with (
        connect(clock=clock, seed=option.seedbed_seed, validate=True) as app,
        using(app, seed=option.seedbed_seed, locale=option.seedbed_locale),
    ):
        yield app


def _ticking(start: datetime) -> Callable[[], datetime]:
    ticks = itertools.count()
    return lambda: start + next(ticks) * _TICK
