"""What the command does: connect, seed, audit, report. `cli.py` reads its options and tells its errors."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import attrs

from factories.binding import using
from factories.console import Console
from factories.errors import FactoryError
from factories.presets import DEFAULT, Preset, find_preset
from services.errors import ServiceError

if TYPE_CHECKING:
    from factories.cli import Target
    from factories.seeder import World
    from services import App
    from services.audit import Audit

HANDLES = 3
SEGMENTS_FROM = "stress"
MEMORY_WARNING = (
    "the stress preset makes about two million rows, and the embedded engine keeps them in memory (several GB): "
    "give it an engine of its own with --endpoint-url"
)


class UsageError(FactoryError):
    """What was asked of the command cannot be done."""


@attrs.frozen
class Order:
    """What a run is asked to make, checked."""

    preset: Preset | None
    scenarios: tuple[str, ...]
    seed: int
    as_of: datetime
    endpoint_url: str | None
    table: str
    workers: int
    is_dated: bool = True
    is_seeded: bool = True

    @property
    def as_of_text(self) -> str:
        """The as-of date as it is reported."""
        return self.as_of.isoformat().replace("+00:00", "Z").removesuffix("T00:00:00Z")

    @property
    def options(self) -> str:
        """The options that ask for the same world again."""
        preset = [] if self.preset is None else [f"-e {self.preset.name}"]
        return " ".join([*preset, *(f"-s {name}" for name in self.scenarios), f"--seed {self.seed}"])


def order_of(target: Target, *, is_default_env: bool = True) -> Order:
    """Check what the options say.

    Raises:
        UsageError: the date is none, or there is no row to write before it.
        FactoryError: no preset or scenario goes by the name, or the preset's file is wrong.
    """
    from factories.scenarios import find_scenario  # noqa: PLC0415 - scenarios load the factories

    for name in target.scenarios:
        find_scenario(name)
    env = target.env or (DEFAULT if is_default_env and not target.scenarios else None)
    return Order(
        None if env is None else find_preset(env),
        tuple(target.scenarios),
        target.seed or 0,
        _moment(target.as_of),
        target.endpoint_url,
        target.table,
        target.workers,
        is_dated=target.as_of is not None,
        is_seeded=target.seed is not None,
    )


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        message = f"--as-of must be a date such as 2026-11-01, not {text!r}"
        raise UsageError(message) from error
    moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    if moment.year < 1972:  # noqa: PLR2004 - ids count from 1970, and a world reaches back a year
        message = f"--as-of must not be before 1972, not {text!r}"
        raise UsageError(message)
    return moment


@contextmanager
def _connected(order: Order, *, is_dry: bool = False, is_clock_stopped: bool = True) -> Iterator[App]:
    from services import connect  # noqa: PLC0415 - boto3 takes a third of a second

    with connect(
        order.endpoint_url,
        order.table,
        workers=order.workers,
        clock=(lambda: order.as_of) if is_clock_stopped else None,
        seed=order.seed,
        is_dry=is_dry,
    ) as app:
        yield app


# Seeding


def seed(order: Order, *, is_dry: bool, is_json: bool) -> int:
    """Make what is ordered, audit the table, report; return the exit code.

    Raises:
        ServiceError: the table cannot be used at all.
    """
    console = Console(is_quiet=is_json)
    if order.preset and order.preset.name == SEGMENTS_FROM and order.endpoint_url is None and not is_dry:
        console.warn(MEMORY_WARNING)
    with _connected(order, is_dry=is_dry) as app:
        try:
            report = _reported(app, order, console, is_dry=is_dry)
        except (ServiceError, FactoryError) as error:
            console.close()
            console.fail(error)
            return 1
        finally:
            console.close()
    if is_json:
        console.print(json.dumps(report.as_json()))
        return 0 if report.audit.is_clean else 1
    for line in report.lines():
        console.print(line)
    console.print(_farewell(order, is_dry=is_dry))
    return 0 if report.audit.is_clean else 1


def _reported(app: App, order: Order, console: Console, *, is_dry: bool) -> Any:
    from factories.report import Report  # noqa: PLC0415 - the audit loads SQLite

    before, started = app.usage, time.perf_counter()
    world = _made(app, order, console)
    seconds, usage = time.perf_counter() - started, app.usage.since(before)
    return Report(
        preset=order.preset.name if order.preset else None,
        scenarios=order.scenarios,
        seed=order.seed,
        as_of=order.as_of_text,
        is_dry_run=is_dry,
        engine=order.endpoint_url or "the embedded engine",
        table=order.table,
        audience=world.audience if world else 0,
        usage=usage,
        seconds=seconds,
        audit=_audited(app),
        handles=_handles(app, world),
    )


def _made(app: App, order: Order, console: Console) -> World | None:
    from factories.scenarios import run_scenario  # noqa: PLC0415 - loads the factories
    from factories.seeder import Seeder  # noqa: PLC0415 - as above

    world = None
    if order.preset is not None:
        with using(app, seed=f"{order.seed}/{order.preset.name}/{order.as_of_text}"):
            world = Seeder(app, order.preset, console.advance).run()
    for name in order.scenarios:
        with using(app, seed=f"{order.seed}/{name}/{order.as_of_text}"):
            run_scenario(name, app)
        console.advance(f"scenario {name}", 1, 1)
    return world


def _handles(app: App, world: World | None) -> tuple[str, ...]:
    """Name a few people whom it is worth looking at: influencers first."""
    if world is None:
        return ()
    users = [*world.influencers[:1], *world.users[len(world.influencers) :]][:HANDLES]
    stored = app.profiles.get_many(user.id for user in users)
    return tuple(f"@{user.handle} ({user.followers_count:,} followers)" for user in stored.values())


def _farewell(order: Order, *, is_dry: bool) -> str:
    if is_dry:
        return "dry run: nothing was written"
    if order.endpoint_url is None:
        return (
            "the embedded engine's data ended with this command: keep them with --endpoint-url URL, "
            f"or enter them with: seed shell {order.options}"
        )
    return f"enter it with: seed shell --endpoint-url {order.endpoint_url} --table {order.table}"


# Audit and shell


def _audited(app: App) -> Audit:
    from services.audit import audit as audit_store  # noqa: PLC0415 - loads SQLite

    return audit_store(app.session.store)


def audit(target: Target, *, is_repair: bool, is_json: bool) -> int:
    """Recount a table; return 1 on drift that is left.

    Raises:
        ServiceError: there is no table of this name, or it cannot be used.
    """
    from factories.report import audit_json, audit_lines, finding_lines  # noqa: PLC0415 - loads SQLite
    from services import connect  # noqa: PLC0415 - boto3 takes a third of a second
    from services.audit import repair  # noqa: PLC0415 - as above

    console = Console()
    is_made = target.endpoint_url is None  # an embedded table is always new
    with connect(target.endpoint_url, target.table, workers=target.workers, is_made=is_made) as app:
        found = _audited(app)
        repaired = repair(app.session.store, found) if is_repair and found.findings else None
        left = found if repaired is None else _audited(app)
    if is_json:
        mended = [] if repaired is None else list(repaired.mended)
        console.print(json.dumps({**audit_json(left), "mended": mended}))
        return 0 if left.is_clean else 1
    for line in audit_lines(found):
        console.print(line)
    if repaired is not None:
        console.print(f"mended {len(repaired.mended):,}:")
        for line in (*finding_lines([str(done) for done in repaired.mended]), *audit_lines(left)):
            console.print(line)
    return 0 if left.is_clean else 1


def shell(order: Order, command: str | None) -> int:
    """Open a shell on the table, seeded first with what is ordered; return its exit code.

    In the shell the clock is the machine's, unless a world or a date was asked for; and without --seed every shell
    draws anew, so that what it makes does not meet what an earlier one made.

    Raises:
        ServiceError: the table cannot be used, or refused the seed.
    """
    from factories.shell import open_shell  # noqa: PLC0415 - loads the factories

    console = Console(is_quiet=command is not None)
    has_world = order.preset is not None or bool(order.scenarios)
    with _connected(order, is_clock_stopped=has_world or order.is_dated) as app:
        _made(app, order, console)
        console.close()
        with using(app, seed=f"shell/{order.seed if order.is_seeded else secrets.token_hex(8)}"):
            return open_shell(app, command=command)
