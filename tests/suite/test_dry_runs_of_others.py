"""Dry runs over units of work of somebody's own: an async `roll_back` is awaited, and one that fails is told."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager

import pytest

from seedbed import ServiceFactory, Suite
from seedbed.errors import DryElsewhereError
from seedbed.strategy.waiting import spawn
from seedbed.suite.errors import UndoError
from seedbed.suite.whole import as_dry_run


class Unit:
    """Commits what was written, unless it is told not to."""

    def __init__(self):
        self.is_undone = False

    def stored(self, value):
        return value

    def roll_back(self):
        self.is_undone = True


class AsyncUnit(Unit):
    async def roll_back(self):
        await asyncio.sleep(0)
        self.is_undone = True


class FailingUnit(Unit):
    def roll_back(self):
        raise TimeoutError


class Notes:
    def __init__(self):
        self.rows, self.written = [], []

    def write(self, text: str) -> dict[str, str]:
        self.written.append(text)
        return {"id": text}


class NoteFactory(ServiceFactory[dict]):
    class Meta:
        service = Notes.write

    text = "x"


def units_of(kind):
    @contextmanager
    def open_unit(app):
        unit = kind()
        yield unit
        if not unit.is_undone:
            app.rows += app.written

    return open_unit


def async_units_of(kind):
    @asynccontextmanager
    async def open_unit(app):
        unit = kind()
        yield unit
        if not unit.is_undone:
            app.rows += app.written

    return open_unit


def dry(opens, app):
    with as_dry_run(Suite("notes", open=Notes, factories=[NoteFactory], unit_of_work=opens), app):
        app.written.append("x")


@pytest.mark.parametrize(
    "opens",
    [units_of(AsyncUnit), async_units_of(AsyncUnit), async_units_of(Unit)],
    ids=["roll_back", "both", "opening"],
)
def test_one_whose_roll_back_is_async_writes_nothing(opens):
    app = Notes()
    asyncio.run(spawn(lambda: dry(opens, app)))
    assert (app.written, app.rows) == (["x"], [])


def test_one_that_cannot_undo_says_so():
    app = Notes()
    with pytest.raises(UndoError, match="could not undo the dry run, and may have written it: TimeoutError"):
        dry(units_of(FailingUnit), app)
    assert app.rows == []


def test_a_thread_that_joins_nothing_is_of_it_too_and_of_another_app_not():
    app, other = Notes(), Notes()
    suite = Suite("notes", open=Notes, factories=[NoteFactory], unit_of_work=units_of(Unit))

    def write(app):
        with suite.using(app):
            return NoteFactory()

    with ThreadPoolExecutor(1) as executor:
        with as_dry_run(suite, app):
            with pytest.raises(DryElsewhereError):
                executor.submit(write, app).result()
            executor.submit(write, other).result()
        assert (app.written, app.rows, other.rows) == ([], [], ["x"])
        executor.submit(write, app).result()
    assert app.rows == ["x"]
