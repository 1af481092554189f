"""A run beside a real person who has a handle of it, or after its people were taken away: it goes on, and says so."""

from __future__ import annotations

from services import connect
from tests.journeys.conftest import AS_OF

WORLD = ["-e", "minimal", "--seed", "7", "--as-of", AS_OF]


def test_a_handle_of_a_real_person_is_left_out_and_said_and_the_rest_is_whole(seed, place, first_world):
    with connect(place.endpoint_url, place.table) as app:
        person = app.profiles.create_profile(
            email="real@example.org", username="real_one", handle=first_world["handles"][0], full_name="Real"
        )

    said = seed(*WORLD, *place.options)
    again = seed.report(*WORLD, *place.options)

    assert (said.returncode, again["nothing_to_do"]) == (0, True)
    assert "left out: " in said.stdout
    assert f"the handle '{person.handle}' is taken" in said.stdout
    assert "every number is right" in said.stdout
    with place.app() as app:
        assert app.profiles.get(person.id) == person


def test_a_scenario_goes_on_without_whom_others_took_away_and_a_reset_makes_it_whole(seed, place):
    scenario = ["-s", "conversation", "--seed", "7", "--as-of", AS_OF]
    seed.report(*scenario, *place.options)
    with place.app() as app:
        note = next(row for rows in app.session.store.scan() for row in rows if row["entity_type"]["S"] == "RUN")
        app.table.engine.client.put_item(TableName=place.table, Item={**note, "phase": {"S": "scenario"}})
        users = [row["id"]["S"] for rows in app.session.store.scan() for row in rows if row["SK"]["S"] == "PROFILE"]
        app.profiles.delete_profile(users[0])

    said = seed(*scenario, *place.options)

    assert said.returncode == 0, said.stderr
    assert "left out: " in said.stdout
    assert seed("reset", *scenario, "-y", *place.options).returncode == 0
    assert seed(*scenario, *place.options).returncode == 0
