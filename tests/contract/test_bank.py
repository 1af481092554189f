"""At every instant, on every engine, with faults: a counter is the number of its rows."""

from __future__ import annotations

import attrs
import pytest

from seedbed.dynamo.engines.faults import HOSTILE, Fault, Faults, Schedule
from services.rows.schema import SCHEMA
from tests.contract.bank import COUNTERS, VAULTS, Bank, differences, in_two_calls, snapshot
from tests.contract.world import START, World, drift
from tests.faults import no_waiting

SNAPSHOTS = 300


@pytest.fixture
def world(open_app) -> World:
    return World(open_app(clock=lambda: START))


@pytest.mark.parametrize("kind", VAULTS)
def test_at_no_instant_does_a_counter_differ_from_its_rows(world, kind):
    app = world.app
    vault = VAULTS[kind](world)
    with no_waiting(app), Faults(app.engine, Schedule(kind, HOSTILE), sleep=lambda _: None) as faults:
        found = Bank(app, app.engine.client, vault, SNAPSHOTS).run(7)
    assert found.wrong == []
    assert found.snapshots >= SNAPSHOTS
    assert found.counts.keys() == vault.counters
    assert all(
        len(counts) > 2 for counts in found.counts.values()
    )  # they moved while they were read; how often is the machine's affair
    assert faults.made[Fault.CONFLICT] > 0
    assert drift(world.rows()) == []


def test_every_counter_of_the_table_is_in_a_vault():
    counters = {field.name for kind in SCHEMA.entities for field in attrs.fields(kind) if field.name.endswith("_count")}
    assert counters == set(COUNTERS)
    assert set(COUNTERS.values()) == set(VAULTS)


@pytest.mark.parametrize("name", COUNTERS)
def test_a_counter_that_is_moved_in_a_call_of_its_own_is_caught(world, name):
    app, client = world.app, world.app.engine.client
    vault = VAULTS[COUNTERS[name]](world)
    with in_two_calls(app, name):
        found = Bank(app, client, vault, 100 * SNAPSHOTS, is_control=True).run(7)
    assert found.wrong
    assert {wrong.split(": ")[0].split()[-1] for wrong in found.wrong} == {name}


@pytest.mark.parametrize("kind", VAULTS)
def test_a_counter_that_is_one_off_is_named(world, kind):
    vault = VAULTS[kind](world)
    client, table = world.app.engine.client, world.app.table.name
    assert differences(vault, snapshot(client, table, vault.keys)) == []
    owner, name = vault.keys[0], min(vault.counters)
    client.update_item(
        TableName=table,
        Key={"PK": {"S": owner[0]}, "SK": {"S": owner[1]}},
        UpdateExpression="ADD #n :n",
        ExpressionAttributeNames={"#n": name},
        ExpressionAttributeValues={":n": {"N": "1"}},
    )
    assert differences(vault, snapshot(client, table, vault.keys)) == [f"{owner} {name}: 1 stored, 0 rows"]


@pytest.mark.parametrize("kind", VAULTS)
def test_a_row_whose_owner_is_not_there_is_named(world, kind):
    vault = VAULTS[kind](world)
    with world.app.unit_of_work():
        vault.write(_Always())
    rows = dict(snapshot(world.app.engine.client, world.app.table.name, vault.keys))
    assert differences(vault, rows) == []
    assert len(rows) > 1
    del rows[vault.keys[0]]
    assert any("no row stored, 1 rows" in wrong for wrong in differences(vault, rows))


class _Always:
    """Draws what adds a row."""

    def random(self) -> float:
        return 0.99

    def choice(self, values):
        return next(iter(values))
