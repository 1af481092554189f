"""A dry run counts what the real run costs, shows what it would leave, and writes nothing."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
from hypothesis import given, note

from services import errors
from services.app import App
from tests.contract.world import Rows, World
from tests.laws.calls import calls
from tests.laws.effort import LAWS
from tests.laws.test_batches import Concrete, Told, made_concrete, play, sequences, told


def run(app: App, concrete: Concrete, *, is_dry: bool) -> tuple[Any, Rows, list[Any]]:
    """Play all in one unit of work; usage, the rows seen in the end, and what was refused."""
    immediate: Told = {}
    refusals: list[Any] = []
    rows: Rows = {}
    unit: Any = None
    try:
        with app.unit_of_work(is_dry=is_dry) as unit:
            play(app, concrete, immediate)
            unit.commit()
            usage = unit.usage
            rows = World(app).rows()
    except errors.RefusedChangesError as refused:
        refusals = [told(error) for error in refused.exceptions]
    return usage, rows, [immediate, refusals]


@LAWS
@given(before=st.lists(calls, max_size=15), drawn=sequences, limit=st.integers(0, 2))
def test_a_dry_run_is_the_real_run_without_a_write(open_app, before, drawn, limit):
    with open_app(fan_out_limit=limit) as real, open_app(fan_out_limit=limit) as dry:
        concrete = made_concrete(real, [*before, *drawn])
        for name, args in concrete:
            note(f"{name}{args}")
        for app in (real, dry):
            play(app, concrete[: len(before)], {})
        stood = World(dry).rows()
        assert run(dry, concrete[len(before) :], is_dry=True) == run(real, concrete[len(before) :], is_dry=False)
        assert World(dry).rows() == stood
