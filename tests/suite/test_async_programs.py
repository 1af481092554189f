"""Suites of async programs: what the command does with them, what is awaited by hand, and what is refused."""

from __future__ import annotations

import asyncio
import pathlib
import warnings

import pytest

from seedbed.scenarios import AsyncScenarioError, ForgottenAwaitError, InvalidScenarioError, Registry, scenario
from seedbed.suite.errors import AsyncPartError

PROGRAM = '''
from contextlib import asynccontextmanager

import factory
from sqlalchemy import ForeignKey
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from seedbed import Counter, Many, One, ServiceFactory, Suite, scenario
from seedbed.sqlalchemy import unit_of_work


class Base(DeclarativeBase):
    pass


class Guest(Base):
    __tablename__ = "guests"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    stays_count: Mapped[int] = mapped_column(default=0)


class Stay(Base):
    __tablename__ = "stays"
    id: Mapped[int] = mapped_column(primary_key=True)
    guest_id: Mapped[int] = mapped_column(ForeignKey("guests.id"))


class Inn:
    def __init__(self, session):
        self.session = session

    async def welcome(self, name: str) -> Guest:
        guest = Guest(name=name)
        self.session.add(guest)
        await self.session.commit()
        return guest

    async def stay(self, guest_id: int) -> Stay:
        guest = await self.session.get_one(Guest, guest_id)
        guest.stays_count += 1
        stay = Stay(guest_id=guest_id)
        self.session.add(stay)
        await self.session.commit()
        return stay


class GuestFactory(ServiceFactory[Guest]):
    class Meta:
        service = SERVICE_GUEST

    name = factory.Sequence("guest {}".format)
    stays = Many("inn.StayFactory", "guest")


class StayFactory(ServiceFactory[Stay]):
    class Meta:
        service = SERVICE_STAY

    class Params:
        guest = One(GuestFactory)


@scenario("plain")
class Plain:
    def run(self, app):
        return GuestFactory.create_batch(2, stays=3)


@scenario("async")
class Async:
    async def run(self, app):
        return await StayFactory.create_batch_async(3, guest=await GuestFactory.create_async())


@scenario("broken")
class Broken:
    async def run(self, app):
        await GuestFactory.create_async()
        await GuestFactory.create_batch_async(2, name="twice")


async def make_small(app):
    return await StayFactory.create_batch_async(2)


def engine_of(target):
    return create_async_engine(target or "sqlite+aiosqlite://")


async def make_tables(engine):
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)


@asynccontextmanager
async def as_block(target: str | None = None):
    engine = engine_of(target)
    await make_tables(engine)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        yield Inn(session)
    await engine.dispose()


async def as_generator(target: str | None = None):
    async with as_block(target) as inn:
        yield inn


async def as_function(target: str | None = None):
    engine = engine_of(target)
    await make_tables(engine)
    inn = Inn(AsyncSession(engine, expire_on_commit=False))

    async def close():
        await inn.session.close()
        await engine.dispose()
        print("closed")

    inn.close = close
    return inn


class Lazy(Inn):
    """Opened by plain code; its services make the tables."""

    def __init__(self, engine):
        super().__init__(AsyncSession(engine, expire_on_commit=False))
        self.engine = engine

    async def welcome(self, name: str) -> Guest:
        await make_tables(self.engine)
        return await super().welcome(name)


def plain(target: str | None = None):
    return Lazy(engine_of(target))


def suite_of(opens, **options):
    known = {"unit_of_work": unit_of_work("session"), **options}
    return Suite(
        "inn", open=opens, factories=[GuestFactory, StayFactory], scenarios=[Plain, Async, Broken],
        planner={"small": make_small}, **known,
        **({} if "counters" in options else
           {"counters": [Counter("stays_count", of=Guest, counts=Stay, by="guest_id")]}),
    )


async def list_rows(app, model):
    from sqlalchemy import select
    return (await app.session.scalars(select(model))).all()


async def list_one_by_one(app, model):
    for row in await list_rows(app, model):
        yield row


async def recount(app, guest):
    return sum(stay.guest_id == guest.id for stay in await list_rows(app, Stay))


block, generator, function = suite_of(as_block), suite_of(as_generator), suite_of(as_function)
listed = suite_of(as_block, listing=list_rows, unit_of_work=None)
iterated = suite_of(as_block, listing=list_one_by_one)
recounted = suite_of(as_block, counters=[Counter("stays_count", of=Guest, recount=recount)])
'''


@pytest.fixture
def inn(program):
    """Write the program, its services named as classes have them, or by a path."""

    def write(guest="Inn.welcome", stay="Inn.stay"):
        text = PROGRAM.replace("SERVICE_GUEST", guest).replace("SERVICE_STAY", stay)
        (program / "inn.py").write_text(text)

    write()
    return write


@pytest.fixture
def suite(inn, program):
    """Return a suite of the program by its name."""
    import importlib

    return lambda name: getattr(importlib.import_module("inn"), name)


SUITES = ["block", "generator", "function", "listed", "iterated", "recounted"]
PLACE = ("--target", "sqlite+aiosqlite:///inn.db")


@pytest.mark.parametrize("name", SUITES)
@pytest.mark.parametrize(
    ("asked", "rows", "owners"),
    [(("-s", "plain"), "2 Guest, 6 Stay", 2), (("-s", "async"), "1 Guest, 3 Stay", 1), ((), "2 Guest, 2 Stay", 2)],
)
def test_the_command_waits_for_an_async_program(seed, inn, name, asked, rows, owners):
    code, text, errors = seed(*asked, *PLACE, suite=f"inn:{name}")
    assert (code, f"rows: {rows}" in text) == (0, True), text + errors
    exact = f"audit: {owners} counters recounted, {owners} owners: every one is exact"
    assert exact in text
    code, text, errors = seed("audit", *PLACE, suite=f"inn:{name}")
    assert (code, exact in text) == (0, True), text + errors


def test_async_services_that_only_the_app_tells_are_waited_for(seed, inn):
    inn('"welcome"', '"stay"')
    with pathlib.Path("inn.py").open("a") as file:
        file.write("\nlazy = suite_of(plain)\n")
    code, text, errors = seed("-s", "plain", *PLACE, suite="inn:lazy")
    assert (code, "rows: 2 Guest, 6 Stay" in text) == (0, True), text + errors


def test_an_async_app_is_closed(seed, inn):
    assert seed("-s", "async", suite="inn:function")[1].count("closed") == 1


def test_an_async_scenario_that_fails_leaves_nothing(seed, inn):
    code, _, errors = seed("-s", "broken", *PLACE, suite="inn:block")
    assert (code, errors.endswith("; nothing of the run is left\n")) == (3, True), errors
    assert "nothing is stored" in seed("audit", *PLACE, suite="inn:block")[1]


def test_an_async_dry_run_leaves_nothing(seed, inn):
    code, text, errors = seed("--dry-run", "-s", "async", *PLACE, suite="inn:block")
    assert (code, "rows: 1 Guest, 3 Stay" in text) == (0, True), text + errors
    assert "nothing is stored" in seed("audit", *PLACE, suite="inn:block")[1]


@pytest.mark.parametrize("name", SUITES)
def test_lint_waits_for_an_async_program(seed, inn, name):
    code, text, errors = seed("lint", suite=f"inn:{name}")
    assert (code, "8 trials of inn: nothing wrong" in text) == (0, True), text + errors


def test_the_shell_creates_by_plain_calls(seed, inn):
    code, text, errors = seed(
        "shell", "-c", "print(len(GuestFactory(stays=2).name), audit().is_exact)", suite="inn:block"
    )
    assert (code, text) == (0, "7 True\n"), errors


def test_what_is_async_is_awaited_in_async_code(suite):
    inn = suite("block")
    guest_model = inn.factory_classes()[0]._meta.model

    async def work():
        async with inn.scratch_app_async() as app, inn.app_async() as other:
            with inn.using(app):
                await inn.run_async("async", app)
            found = await inn.audit_async(app)
            totals = [await inn.totals_async(one) for one in (app, other)]
            guests = await inn.rows_async(app, guest_model)
            return found.is_exact, totals, [guest.stays_count for guest in guests]

    assert asyncio.run(work()) == (True, [{"Guest": 1, "Stay": 3}, {"Guest": 0, "Stay": 0}], [3])


def test_a_block_that_fails_closes_the_app(suite, capsys):
    inn = suite("function")

    async def fail():
        async with inn.app_async():
            raise LookupError

    with pytest.raises(LookupError):
        asyncio.run(fail())
    assert capsys.readouterr().out == "closed\n"


@pytest.mark.parametrize("name", ["block", "generator", "function"])
def test_plain_code_does_not_open_an_async_app(suite, name):
    with pytest.raises(AsyncPartError, match=r"its open is async, and this call is not: use `await"):
        suite(name).app().__enter__()


@pytest.mark.parametrize("name", ["block", "listed", "iterated", "recounted"])
def test_plain_code_does_not_audit_an_async_app(suite, name):
    inn = suite(name)

    async def work():
        async with inn.app_async() as app:
            await inn.run_async("async", app)
            with pytest.raises(AsyncPartError, match=r"is async, and this call is not: use `await suite\.audit_async"):
                inn.audit(app)

    asyncio.run(work())


def test_plain_code_runs_no_async_scenario(suite):
    inn = suite("block")

    async def work():
        async with inn.app_async() as app:
            for name in ("async", "small"):
                with pytest.raises((AsyncScenarioError, AsyncPartError), match="is async, and this call is not"):
                    inn.run(name, app)
            assert await inn.totals_async(app) == {"Guest": 0, "Stay": 0}

    asyncio.run(work())


def yields(self, app):
    yield app


async def yields_async(self, app):
    yield app


@pytest.mark.parametrize("run", [yields, yields_async])
def test_a_scenario_that_yields_is_refused_when_it_is_declared(run):
    with pytest.raises(InvalidScenarioError, match="its run yields, so nothing of it would run"):
        scenario("yields")(type("Yields", (), {"run": run}))


def test_ctrl_c_is_told_as_in_a_plain_program(seed, inn):
    with pathlib.Path("inn.py").open("a") as file:
        file.write("""
@scenario("stopped")
class Stopped:
    async def run(self, app):
        import asyncio, os, signal
        await GuestFactory.create_async()
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.Event().wait()


stopped = Suite(
    "inn", open=as_block, factories=[GuestFactory], scenarios=[Stopped], unit_of_work=unit_of_work("session")
)
""")
    code, _, errors = seed("-s", "stopped", *PLACE, suite="inn:stopped")
    assert (code, errors.splitlines()[-1].startswith("seed: ")) == (130, True), errors
    assert (
        "0 Guest" in seed("shell", *PLACE, "-c", "print(suite.totals(app)['Guest'], 'Guest')", suite="inn:stopped")[1]
    )


FORGETFUL = """
import asyncio, factory


async def fill(seconds):
    await asyncio.sleep(seconds)


def story(run):
    return scenario(run.__name__.replace("_", "-"))(type(run.__name__, (), {"run": run}))


@story
async def dropped(self, app):
    GuestFactory.create_batch_async(4)


@story
async def named(self, app):
    await GuestFactory.create_async()
    guests = GuestFactory.create_batch_async(4)


@story
def of_a_plain_one(self, app):
    GuestFactory.create_async()


@story
def of_the_app(self, app):
    app.welcome("Ada")


@story
async def returned(self, app):
    return [GuestFactory.create_async() for _ in range(2)]


@story
def returned_by_a_plain_one(self, app):
    return {"guest": GuestFactory.create_async()}


@story
async def left(self, app):
    self.task = asyncio.create_task(GuestFactory.create_batch_async(4))


@story
async def begun(self, app):
    self.task = asyncio.create_task(fill(3600))
    await asyncio.sleep(0)


async def fail():
    await asyncio.sleep(0)
    raise ValueError("no beds")


@story
async def failed(self, app):
    self.task = asyncio.create_task(fail())
    await GuestFactory.create_batch_async(2)
    await asyncio.wait([self.task])


@story
async def failed_and_dropped(self, app):
    asyncio.ensure_future(fail())
    await asyncio.sleep(0.2)


@story
async def failed_and_heard(self, app):
    task = asyncio.create_task(fail())
    await asyncio.wait([task])
    await GuestFactory.create_batch_async(2 if task.exception() else 0)
    await asyncio.gather(fail(), asyncio.create_task(fail()), return_exceptions=True)


async def preset(app):
    GuestFactory.create_batch_async(4)


@story
async def grouped(self, app):
    async with asyncio.TaskGroup() as group:
        group.create_task(fill(0))
    await asyncio.gather(asyncio.create_task(fill(0)))
    await GuestFactory.create_batch_async(2)


STORIES = [one for one in [*globals().values()] if hasattr(one, "_seedbed_scenario")]
forgetful = Suite(
    "inn", open=as_block, factories=[GuestFactory], scenarios=STORIES, planner={"forgotten": preset},
    unit_of_work=unit_of_work("session"),
)
"""
NEVER_RUN = ["dropped", "named", "of-a-plain-one", "of-the-app", "returned", "returned-by-a-plain-one"]


@pytest.fixture
def forgetful(inn):
    with pathlib.Path("inn.py").open("a") as file:
        file.write(FORGETFUL)


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        *[(("-s", name), "never awaits ") for name in NEVER_RUN],
        (("-e", "forgotten"), "never awaits ServiceFactory.create_batch_async(...) ("),
        (("-s", "left"), "ends before its task ServiceFactory.create_batch_async(...) ("),
        (("-s", "begun"), "ends before its task fill(...) ("),
        (("-s", "failed"), "never awaits its task fail(...) ("),
        (("-s", "failed-and-dropped"), "which failed (ValueError: no beds): await it, or begin it in an asyncio."),
    ],
)
@pytest.mark.usefixtures("forgetful")
def test_what_a_scenario_forgets_to_await_fails_the_run_and_leaves_nothing(seed, asked, what):
    code, _, errors = seed(*asked, *PLACE, suite="inn:forgetful")
    last = errors.splitlines()[-1]
    assert (code, last.startswith(f"seed: {asked[1]}: "), what in last) == (3, True, True), errors
    assert ("inn.py:" in last, last.endswith("; nothing of the run is left")) == (True, True), errors
    assert ("RuntimeWarning" in errors, "Traceback" in errors) == (False, False), errors
    left = seed("shell", *PLACE, "-c", "print(suite.totals(app)['Guest'], 'Guest')", suite="inn:forgetful")
    assert "0 Guest" in left[1], left


@pytest.mark.usefixtures("forgetful")
def test_tasks_that_a_scenario_waits_for_are_its_own_way(seed):
    code, text, errors = seed("-s", "grouped", *PLACE, suite="inn:forgetful")
    assert (code, "rows: 2 Guest" in text) == (0, True), text + errors


@pytest.mark.usefixtures("forgetful")
def test_a_task_whose_failure_a_scenario_hears_of_is_its_own_business(seed):
    code, text, errors = seed("-s", "failed-and-heard", *PLACE, suite="inn:forgetful")
    assert (code, "rows: 2 Guest" in text) == (0, True), text + errors


@pytest.mark.parametrize("name", NEVER_RUN)
@pytest.mark.usefixtures("forgetful")
def test_what_a_scenario_forgets_to_await_is_an_error_in_a_test_too(suite, name):
    inn = suite("forgetful")

    async def work():
        async with inn.scratch_app_async() as app:
            with pytest.raises(ForgottenAwaitError, match=r"never awaits .+inn\.py:\d+\).*: write `await` before it"):
                await inn.run_async(name, app)
            assert await inn.totals_async(app) == {"Guest": 0}

    asyncio.run(work())


@pytest.mark.parametrize("code", ["GuestFactory.create_batch_async(4)", "x = 1; GuestFactory.create_async()"])
def test_a_shell_tells_what_its_code_forgets_to_await(seed, inn, code):
    left, text, errors = seed("shell", "-c", code, suite="inn:block")
    assert (left, text) == (1, ""), text
    assert "the code never awaits ServiceFactory.create_" in errors.splitlines()[-1], errors


def test_other_warnings_of_a_scenario_go_where_they_went():
    class Warns:
        def run(self, app):
            warnings.warn("old", DeprecationWarning, stacklevel=1)
            return app

    with pytest.warns(DeprecationWarning, match="old"):
        Registry().run(Warns, object())
