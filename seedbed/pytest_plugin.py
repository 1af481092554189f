"""The pytest plugin: the fixture `seedbed_app`, and the seed and the time of a test run, also for what is only built.

Every pytest run where seedbed is installed imports this. It imports no suite, nor anything else of the user's, until a
test asks for one; docs/pytest.md tells what it offers.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from seedbed.fixtures import databases, registered, tasks, worlds
from seedbed.fixtures.apps import SCOPES, app_scope, open_app, suite_of, ticking
from seedbed.unbound import Source, current_source, drawing_from

if TYPE_CHECKING:
    from seedbed.suite import Suite, SuiteAudit

_TIME: pytest.StashKey[datetime] = pytest.StashKey()
_COLLECTING: pytest.StashKey[ExitStack] = pytest.StashKey()
_WORLD: pytest.StashKey[Any] = pytest.StashKey()
_SUITE_OPTION = {"dest": "seedbed_suite", "metavar": "MODULE:NAME", "help": "the suite that `seedbed_app` opens"}


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
        help="the language of texts: de_DE, or what else the suite takes (default: SEEDBED_LOCALE)",
    )
    group.addoption("--seedbed-suite", **_SUITE_OPTION)
    parser.addini("seedbed_suite", "the suite that `seedbed_app` opens: module:name", default="")
    parser.addini("seedbed_app_scope", f"the scope of `seedbed_app`: {', '.join(SCOPES)}", default="function")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, parser: pytest.Parser) -> Iterator[None]:
    """Begin to draw before the first conftest is imported, which may draw too."""
    option = early_config.known_args_namespace
    text = option.seedbed_as_of
    moment = _now() if text is None else _moment(text)
    early_config.stash[_TIME] = moment
    early_config.stash[_COLLECTING] = _begin(option, moment)
    yield
    if not any("--suite" in one.names() for group in (*parser._groups, parser._anonymous) for one in group.options):  # noqa: SLF001
        parser.getgroup("seedbed").addoption("--suite", **_SUITE_OPTION)  # where no conftest has one of its own


def pytest_configure(config: pytest.Config) -> None:
    """Settle the run's time, once, and hand it to xdist's workers.

    Raises:
        UsageError: The time is none, or has no time zone; or there is no such scope.
    """
    config.addinivalue_line("markers", worlds.MARKER_HELP)
    scope = config.getini("seedbed_app_scope")
    if scope not in SCOPES:
        message = f"seedbed_app_scope: {scope!r} is none of {', '.join(SCOPES)}"
        raise pytest.UsageError(message)
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


def _begin(option: argparse.Namespace, moment: datetime) -> ExitStack:
    """Draw, where nothing is bound, from what all workers of the run have in common, and no test."""
    source = Source(f"{option.seedbed_seed}/collection", option.seedbed_locale, ticking(moment), is_collecting=True)
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


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say what makes the run's worlds again, byte for byte; nothing to those who make none."""
    if not _is_used(config):
        return None
    option = config.option
    locale = "" if option.seedbed_locale is None else f" --seedbed-locale {option.seedbed_locale}"
    return f"seedbed: --seedbed-seed {option.seedbed_seed} --seedbed-as-of {option.seedbed_as_of}{locale}"


def _is_used(config: pytest.Config) -> bool:
    project = config.rootpath / "pyproject.toml"
    return bool(
        "seedbed.strategy.base" in sys.modules  # by a conftest
        or any(name.startswith("SEEDBED_") for name in os.environ)
        or any(argument.startswith(("--seedbed", "--suite")) for argument in config.invocation_params.args)
        or config.getini("seedbed_suite")
        or (project.is_file() and "[tool.seedbed]" in project.read_text(encoding="utf-8", errors="replace"))
    )


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Refuse a marker that nothing would look at, and a test of transactions that would commit nothing."""
    databases.check_transactions(item)
    worlds.check_reach(item, item.config.getini("seedbed_app_scope"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Let threads that an async test begins find what it finds."""
    databases.check_transactions(item)  # again: a fixture may have opened the wider world by now
    with tasks.carrying(item):
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, Any, Any]:
    """Let an async fixture's threads find what it finds, and what pytest-factoryboy makes be as it is stored."""
    with tasks.carrying_fixture(fixturedef):
        return (yield from registered.set_up(fixturedef, request))


@pytest.hookimpl(optionalhook=True)
def pytest_factoryboy_done(request: pytest.FixtureRequest) -> None:
    """Let all that pytest-factoryboy has made for a test be as it is stored now."""
    registered.bring_up_to_date(request.node)


@pytest.fixture(autouse=True)
def _seedbed_draws(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let what a test only builds be drawn from the run's seed and time, and counted from the start in each test."""
    option = request.config.option
    clock = ticking(datetime.fromisoformat(option.seedbed_as_of))
    with drawing_from(Source(f"{option.seedbed_seed}/unbound", option.seedbed_locale, clock)):
        if worlds.wanted_world(request) is not None:
            request.getfixturevalue("seedbed_app")
        yield


@pytest.fixture(scope="session")
def seedbed_suite(pytestconfig: pytest.Config) -> Suite:
    """The suite of this run. A conftest may override it, for the tests in its folder."""
    return suite_of(pytestconfig)


@pytest.fixture(scope=app_scope)
def seedbed_app(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The suite's app, in a world of its own that is thrown away, with the factories bound to it.

    Where the app takes a clock, that starts at the run's time and moves on a millisecond a reading: what is made later
    is later. Its scope is the ini `seedbed_app_scope`; `seedbed.fixtures.app_fixture` makes one of another scope.
    """
    asked = worlds.wanted_world(request)
    if asked is None:
        with open_app(request) as app:
            yield app
    else:
        with worlds.open_copy(request, *asked) as world:
            request.node.stash[_WORLD] = world
            yield world.app


@pytest.fixture
def seedbed_world(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Copies of worlds: `seedbed_world("popular-post", PostFactory, {"likes": 500})`; of a marked test, its world.

    A world is made once, for all tests, workers and later runs, until its recipe, the program, the seed or the day is
    another. docs/worlds.md tells more.
    """
    if worlds.wanted_world(request) is not None:
        request.getfixturevalue("seedbed_app")
        yield next(node.stash[_WORLD] for node in reversed(request.node.listchain()) if _WORLD in node.stash)
        return
    with ExitStack() as stack:
        yield worlds.Worlds(request, stack)


@pytest.fixture
def assert_counters_exact(request: pytest.FixtureRequest) -> Callable[..., SuiteAudit]:
    """Recount every counter that the suite declares, and fail where one is wrong: `assert_counters_exact()`."""
    from seedbed.strategy.binding import find_binding  # noqa: PLC0415 - see the module's docstring
    from seedbed.suite import checking  # noqa: PLC0415 - as above

    def check_counters(app: object = None) -> SuiteAudit:
        return checking.assert_counters_exact(app, find_binding().suite or request.getfixturevalue("seedbed_suite"))

    return check_counters
