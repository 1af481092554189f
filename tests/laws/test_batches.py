"""Laws 3 and 5: a batch is many singles, and what was stopped is completed by the same calls again."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import attrs
import hypothesis.strategies as st
import pytest
from hypothesis import given, note

from seedbed.dynamo.unit_of_work import UnitOfWork
from services import errors
from services.app import App
from tests.contract.world import START, Rows, Stop, Watched, World, drift
from tests.laws.calls import STEMS, Names, calls
from tests.laws.effort import LAWS
from tests.laws.model import Model, perform
from tests.laws.reading import GONE, as_stored

Concrete = list[tuple[str, tuple[Any, ...]]]
Told = dict[int, tuple[type, str]]

sequences = st.lists(calls, min_size=1, max_size=40)


def told(error: Exception) -> tuple[type, str]:
    return type(error), str(error)


def made_concrete(app: App, drawn: list[tuple[Any, ...]], *, is_valid: bool = False) -> Concrete:
    """Name the ids that these calls will make and refer to; with `is_valid` leave out what would be refused."""
    model, names, found = Model(), Names(), []
    people = [("create_profile", stem) for stem in STEMS[:4]]
    for one in [*people, *drawn]:
        name, args = names.resolve(one, model)
        with app.at(START + timedelta(seconds=len(found)), f"call {len(found)}"):
            made = app.ids.new(app.clock.now())
        before = attrs.evolve(model, people=dict(model.people), posts=dict(model.posts), comments=dict(model.comments))
        refused = model.call(name, args, made if name.startswith("create") else None)
        if refused is not None and is_valid:
            model = before
            continue
        names.note(name, args, made)
        found.append((name, args))
    return found


def play(app: App, concrete: Concrete, immediate: Told) -> list[Any]:
    values = []
    for place, (name, args) in enumerate(concrete):
        with app.at(START + timedelta(seconds=place), f"call {place}"):
            try:
                values.append(perform(app, name, args))
            except errors.UnavailableError:
                raise
            except errors.ServiceError as error:
                values.append(None)
                immediate[place] = told(error)
    return values


@LAWS
@given(drawn=sequences, limit=st.integers(0, 2), workers=st.sampled_from([1, 3]))
def test_a_batch_is_many_singles(open_app, drawn, limit, workers):
    with open_app(fan_out_limit=limit) as single, open_app(fan_out_limit=limit, workers=workers) as packed:
        concrete = made_concrete(single, drawn)
        for name, args in concrete:
            note(f"{name}{args}")
        one_by_one: Told = {}
        values = play(single, concrete, one_by_one)
        immediate: Told = {}
        refusals: list[tuple[type, str]] = []
        try:
            with packed.unit_of_work() as unit:
                queued = play(packed, concrete, immediate)
        except errors.RefusedChangesError as refused:
            refusals = [told(error) for error in refused.exceptions]
        assert World(packed).rows() == World(single).rows()
        assert {place: one_by_one.get(place) for place in immediate} == immediate
        assert refusals == [error for place, error in one_by_one.items() if place not in immediate]
        for place, (value, later) in enumerate(zip(values, queued, strict=True)):
            check_told(unit, later, as_stored(single, value), one_by_one.get(place))


def check_told(unit: UnitOfWork, value: Any, expected: Any, error: tuple[type, str] | None) -> None:
    if error is not None and value is not None:
        with pytest.raises(error[0]):
            unit.stored(value)
    elif expected is not GONE:
        assert unit.stored(value) == expected
    else:
        with pytest.raises(errors.GoneError):
            unit.stored(value)


@LAWS
@given(
    drawn=sequences.map(lambda drawn: [one for one in drawn if one[0] != "update_profile"]),
    limit=st.integers(0, 2),
    is_packed=st.booleans(),
    stop=st.integers(0, 10_000),
)
def test_what_was_stopped_is_completed_by_the_same_calls_again(open_app, drawn, limit, is_packed, stop):
    def run(app: App) -> None:
        refused: Told = {}
        with app.unit_of_work() if is_packed else nullcontext():
            play(app, concrete, refused)
        assert refused == {}

    with open_app(fan_out_limit=limit) as never, open_app(fan_out_limit=limit) as stopped:
        concrete = made_concrete(never, drawn, is_valid=True)
        for name, args in concrete:
            note(f"{name}{args}")
        with Watched(never) as watched:
            run(never)
        wanted: Rows = World(never).rows()
        note(f"stopped at write {stop % watched.written} of {watched.written}")
        with Watched(stopped) as watching:
            watching.stop_at = stop % watched.written
            with pytest.raises(Stop):
                run(stopped)
        assert drift(World(stopped).rows()) == []
        run(stopped)
        assert World(stopped).rows() == wanted
