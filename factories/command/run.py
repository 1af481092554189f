"""What the command does: connect, seed, look at it, report. `cli.py` reads its options and tells its errors."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import attrs

from factories.command.crew import ALONE
from factories.command.crews import make_slice, spread
from factories.command.orders import FailedOrderError, InterruptedOrderError, Order, check_foreign, program
from factories.command.target import real_place
from factories.errors import FactoryError
from factories.pictures.kinds import images
from factories.texts.locales import using
from seedbed.command.console import Console
from seedbed.command.errors import LostReportError
from services.errors import ServiceError

if TYPE_CHECKING:
    from factories.cluster.spreading import Tally
    from factories.command.orders import Part
    from factories.command.report import Face, Report
    from factories.reporting import Figures
    from factories.seeding.phases import Stages
    from factories.statistics import Portrait
    from seedbed.dynamo.engines import Engine
    from seedbed.dynamo.usage import Usage
    from services import App, User
    from services.audit import Audit, Facts

FACES = 3
MANY_ROWS = 500_000
"""Rows for which the embedded engine wants more than a gigabyte: some 2.5 KB a row."""


@contextmanager
def _connect(
    order: Order, *, is_dry: bool = False, is_clock_stopped: bool = True, engine: Engine | None = None
) -> Iterator[App]:
    from services import connect  # noqa: PLC0415 - the AWS client takes a third of a second

    order.check_size()
    with connect(
        order.endpoint_url,
        order.table,
        engine=engine,
        workers=order.workers,
        clock=(lambda: order.as_of) if is_clock_stopped else None,
        seed=order.seed,
        is_dry=is_dry,
    ) as app:
        yield app


@contextmanager
def _running(order: Order, *, is_dry: bool = False) -> Iterator[None]:
    try:
        yield
    except (ServiceError, FactoryError) as error:
        raise FailedOrderError(error, order, is_dry=is_dry) from error
    except KeyboardInterrupt as error:
        raise InterruptedOrderError(order, is_dry=is_dry) from error


def warn_of_size(order: Order, console: Console, *, is_dry: bool) -> None:
    """Say so where what is ordered takes more memory than people expect."""
    rows = 0 if order.preset is None else order.preset.rows
    if rows > MANY_ROWS and (is_dry or order.endpoint_url is None):
        holder = "a dry run holds them" if is_dry else "the embedded engine holds them"
        remedy = "a real one does not" if is_dry else "give it an engine of its own, by --endpoint-url"
        console.warn(f"this makes some {rows / 1e6:.1f} million rows, and {holder} in memory: {remedy}")


# Seeding


def seed(order: Order, *, is_dry: bool, is_json: bool) -> int:
    """Make what is ordered, audit the table, report; return the exit code: 1 on drift.

    Raises:
        ServiceError: the table cannot be used at all.
        FailedOrderError: the run was begun and failed.
        InterruptedOrderError: Ctrl-C stopped it.
        LostReportError: all was done, and the report could not be written.
        BrokenPipeError: the reader of the report went away.
    """
    if order.crew.piece is not None:
        with _running(order):
            return make_slice(order, is_json=is_json)
    if order.crew.is_bystander:
        return _beside(order, is_json=is_json)
    with Console(is_quiet=is_json) as console:
        report = report_of(order, console, is_dry=is_dry)
    from factories.command.report import audit_lines  # noqa: PLC0415 - the audit loads SQLite

    lines = [json.dumps(report.as_json())] if is_json else [*report.lines(), *_farewell(order, is_dry=is_dry)]
    again = order.command if order.endpoint_url is None else f"{program()} status --json {order.place}"
    try:
        console.report(*lines, done=next(audit_lines(report.audit)), again=again)
    except (BrokenPipeError, LostReportError):
        _keep(report, order)
        raise
    return 0 if report.audit.is_clean else 1


def _beside(order: Order, *, is_json: bool) -> int:
    """Make this shard's part of what is ordered: another one audits and reports it."""
    from factories.cluster.spreading import Tally  # noqa: PLC0415 - loads the factories

    tally = Tally()
    with Console(is_quiet=is_json) as console, _connect(order) as app:
        check_foreign(app, is_beside_others=order.is_beside_others)
        with _running(order):
            _make(app, order, console, tally=tally)
    number, count = order.crew.shard or (0, 1)
    told = {"shard": f"{number}/{count}", "slices": tally.slices, "rows": tally.usage.rows_put}
    said = f"shard {number}/{count}: made {tally.slices:,} slices, {tally.usage.rows_put:,} rows; shard 0 reports"
    console.report(json.dumps(told) if is_json else said, done=said)
    return 0


def _keep(report: Report, order: Order) -> None:
    """Leave a report that nobody heard with the last of its runs, where `status --json` shows it."""
    if order.endpoint_url is None or report.is_dry_run or report.is_idle:
        return
    with suppress(ServiceError), _connect(order) as app:  # what is said next is why nobody heard it
        app.runs.keep_report(order.parts[-1].name, report.short_json(app.runs.REPORT_MAX))


def report_of(
    order: Order,
    console: Console,
    *,
    is_dry: bool,
    engine: Engine | None = None,
    keep: Callable[[Figures], None] | None = None,
) -> Report:
    """Make what is ordered, in an engine that is open where one is given, audit the table, and report.

    What a page of figures tells is given to `keep`, where something was made.

    Raises:
        ServiceError: the table cannot be used at all.
        FailedOrderError: the run was begun and failed.
        InterruptedOrderError: Ctrl-C stopped it.
    """
    with _connect(order, is_dry=is_dry, engine=engine) as app:
        endpoint = real_place(console, order.endpoint_url, app.endpoint_url)
        warn_of_size(order, console, is_dry=is_dry)
        check_foreign(app, is_beside_others=order.is_beside_others)
        with _running(order, is_dry=is_dry):
            report = _report(app, order, console, is_dry=is_dry, keep=keep)
    return attrs.evolve(report, endpoint=endpoint)


@contextmanager
def on_paper(order: Order, console: Console) -> Iterator[App]:
    """Make what is ordered in memory, without an engine, and lend the app that has it, not audited.

    Raises:
        ServiceError: a setting is wrong.
        FailedOrderError: the run was begun and failed, in the block too.
        InterruptedOrderError: Ctrl-C stopped it.
    """
    with _connect(attrs.evolve(order, endpoint_url=None), is_dry=True) as app, _running(order, is_dry=True):
        _make(app, order, console)
        yield app


def _report(
    app: App, order: Order, console: Console, *, is_dry: bool, keep: Callable[[Figures], None] | None = None
) -> Report:
    from factories.cluster.notes import total  # noqa: PLC0415 - loads the factories
    from factories.cluster.spreading import Tally  # noqa: PLC0415 - as above
    from factories.command.report import Report  # noqa: PLC0415 - the audit loads SQLite
    from factories.seeding.seeder import World  # noqa: PLC0415 - as above
    from services.audit import Audit  # noqa: PLC0415 - loads SQLite

    before, started = app.usage, time.perf_counter()
    left_out: list[ServiceError] = []
    tally = Tally()
    made = _make(app, order, console, left_out, tally)
    seconds, usage = time.perf_counter() - started, total([app.usage.since(before), tally.usage])
    is_idle = not any(made)
    keeper = None if keep is None else _with_cost(keep, usage, seconds)
    audit, world = (Audit(0, 0, (), ""), None) if is_idle else _look(app, console, order, keeper)
    return Report(
        preset=order.env,
        scenarios=order.scenarios,
        seed=order.seed,
        as_of=order.as_of_text,
        is_dry_run=is_dry,
        endpoint=order.endpoint_url,
        table=order.table,
        audience=sum(world.audience for world in made if isinstance(world, World)),
        usage=usage,
        seconds=seconds,
        audit=audit,
        is_idle=is_idle,
        world=world,
        faces=_faces(app, made),
        left_out=tuple(left_out),
        crew=tally if tally.writers else None,
    )


def _with_cost(keep: Callable[[Figures], None], usage: Usage, seconds: float) -> Callable[[Figures], None]:
    from factories.reporting import Cost  # noqa: PLC0415 - loads NumPy

    return lambda figures: keep(attrs.evolve(figures, cost=Cost.of(usage, seconds)))


def _make(
    app: App,
    order: Order,
    console: Console,
    left_out: list[ServiceError] | None = None,
    tally: Tally | None = None,
) -> list[Any]:
    """Make the preset's world, then the scenarios; return what each of them returned, None of one that was there.

    What they left out, because others took away what it rests on, is added to `left_out`, and what others made to
    `tally`.
    """
    from factories.seeding.phases import begin_run, stages_of  # noqa: PLC0415 - loads the AWS client

    made: list[Any] = []
    for part in order.parts:
        run = begin_run(app, order, part)
        stages = stages_of(app, part, run)
        if stages.is_complete or (part.scenario is not None and order.crew.is_bystander):
            made.append(None)
            continue
        drawn = using(app, seed=part.name, locale=order.locale)
        with drawn, images(order.images), app.runs.recording(part.name):
            if part.preset is not None and tally is not None and order.crew != ALONE:
                made.append(spread(app, order, part, stages, console=console, tally=tally))
            else:
                made.append(_part(app, part, console, stages))
        if left_out is not None:
            left_out += stages.left_out
    return made


def _part(app: App, part: Part, console: Console, stages: Stages) -> Any:
    from factories.scenarios import run_scenario  # noqa: PLC0415 - loads the factories
    from factories.seeding.seeder import Seeder  # noqa: PLC0415 - as above

    if part.preset is not None:
        return Seeder(app, part.preset, console.advance, stages).run()
    console.advance(f"scenario {part.scenario}", 0, 1)
    with stages.making(app, "scenario"):
        found = run_scenario(str(part.scenario), app)
    console.advance(f"scenario {part.scenario}", 1, 1)
    return found


def _faces(app: App, made: list[Any]) -> tuple[Face, ...]:
    """Name a few people whom it is worth looking at."""
    from factories.command.report import Face  # noqa: PLC0415 - the audit loads SQLite

    ids = list(dict.fromkeys(user.id for world in made for user in _people(world)))
    stored = app.profiles.get_many(ids[:FACES])
    return tuple(Face(user.handle, user.followers_count) for user in stored.values())


def _people(made: object) -> Iterator[User]:
    """Yield users from what a seeder or a scenario returned: one of each field first, then the others."""
    from services.entities import User  # noqa: PLC0415 - loaded by then

    kind = type(made)
    values = [getattr(made, field.name) for field in attrs.fields(kind)] if attrs.has(kind) else []
    groups = [value if isinstance(value, tuple) else (value,) for value in values]
    people = [[user for user in group if isinstance(user, User)] for group in groups]
    yield from (group[0] for group in people if group)
    yield from (user for group in people for user in group[1:])


def _farewell(order: Order, *, is_dry: bool) -> list[str]:
    if is_dry:
        return ["dry run: nothing was written"]
    if order.endpoint_url is not None:
        return [f"enter it: {program()} shell {order.place}", f"audit it: {program()} audit {order.place}"]
    return [
        "the embedded engine's data ended with this command; at a DynamoDB that --endpoint-url names, they stay",
        f"enter such a world: {program()} shell {order.world}",
    ]


# Looking at it, and the shell


def _look(app: App, console: Console, order: Order, keep: Callable[[Figures], None] | None) -> tuple[Audit, Portrait]:
    """Audit the table, and take its portrait, or all its figures, in the same pass."""
    from factories.statistics import portrait_of  # noqa: PLC0415 - loads NumPy

    if keep is not None:
        from factories.reporting import look  # noqa: PLC0415 - as above

        place = f"table {order.table} of {order.endpoint_url or 'the embedded engine'}"
        figures = look(app, place=place, progress=lambda rows: console.advance("audit", rows, None))
        keep(figures)
        return figures.audit, figures.world
    portraits: list[Portrait] = []
    found = audit_table(app, console, onlooker=lambda facts: portraits.append(portrait_of(facts)))
    return found, portraits[0]


def audit_table(app: App, console: Console, *, onlooker: Callable[[Facts], None] | None = None) -> Audit:
    """Recount a table, and show how far that has come.

    Raises:
        ServiceError: the table cannot be used.
    """
    return app.audit(progress=lambda rows: console.advance("audit", rows, None), onlooker=onlooker)


def shell(order: Order, command: str | None) -> int:
    """Open a shell on the table, seeded first with what is ordered; return its exit code.

    In the shell the clock is the machine's, unless a world or a date was asked for; and without --seed every shell
    draws anew, so that what it makes does not meet what an earlier one made.

    Raises:
        ServiceError: the table cannot be used.
        FailedOrderError: the world could not be made.
        InterruptedOrderError: Ctrl-C stopped it while the world was made.
    """
    from factories.command.shell import open_shell  # noqa: PLC0415 - loads the factories

    has_world = order.preset is not None or bool(order.scenarios)
    with _connect(order, is_clock_stopped=has_world or order.is_dated) as app:
        if has_world:
            check_foreign(app, is_beside_others=order.is_beside_others)
        with Console(is_quiet=command is not None) as console, _running(order):
            real_place(console, order.endpoint_url, app.endpoint_url)
            warn_of_size(order, console, is_dry=False)
            faces = _faces(app, _make(app, order, console))
        seed = f"shell/{order.seed if order.is_seeded else secrets.token_hex(8)}"
        with using(app, seed=seed, locale=order.locale), images(order.images):
            return open_shell(app, command=command, people=[str(face) for face in faces])
