"""A run beside live people: it goes on without what others took away, or took before it, and says what it left out."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime

import attrs
import pytest

from factories import using
from factories.errors import BuildFailureError
from factories.presets import PRESETS
from factories.scenarios import run_scenario
from factories.scenarios.errors import ScenarioGoneError
from factories.seeding.phases import SCENARIO_PHASES, WORLD_PHASES, Stages
from factories.seeding.seeder import Seeder
from seedbed.strategy.ranges import Range
from services import connect
from services.entities import DONE
from services.errors import HandleTakenError, NotFoundError, TakenError

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
PRESET = attrs.evolve(
    PRESETS["minimal"],
    users=40,
    influencers=1,
    influencer_followers=Range(20, 30),
    likes_per_post=Range(5, 20),
    comments_per_post=Range(1, 4),
    follows_per_user=6,
)


class HaltError(Exception):
    """The run stops behind a phase."""


@contextmanager
def opened():
    with connect(clock=lambda: AS_OF, seed=3) as app, using(app, seed="run"):
        yield app


def run(app, phase=WORLD_PHASES[0], halt=None):
    """Make the phases from one on, in a binding of their own as each command has it, maybe not to the end."""
    reached = []

    def record(_before, after):
        reached.append(after)
        if after == halt:
            raise HaltError

    stages = Stages(WORLD_PHASES, phase, record)
    with using(app, seed="run"):
        world = Seeder(app, PRESET, stages=stages).run()
    assert reached[-1] == DONE
    return world, stages.left_out


@pytest.fixture(scope="module")
def whole():
    with opened() as app:
        world, left_out = run(app)
        assert left_out == []
        return world


def real(app, handle, number=0):
    return app.profiles.create_profile(
        email=f"real{number}@example.org", username=f"real_{number}", handle=handle, full_name="Real"
    )


@pytest.mark.parametrize("place", [0, 1, 39])
def test_whose_handle_a_real_person_has_is_left_out_with_all_that_is_theirs(whole, place):
    with opened() as app:
        person = real(app, whole.users[place].handle)

        world, left_out = run(app)

        assert [type(error) for error in left_out if isinstance(error, TakenError)] == [HandleTakenError]
        assert all(isinstance(error, TakenError | NotFoundError) for error in left_out)
        assert app.profiles.get(person.id) == person
        assert whole.users[place].id not in app.profiles.get_many([user.id for user in world.users])
        assert len(app.profiles.get_many([user.id for user in world.users])) == len(whole.users) - 1
        assert app.audit().findings == ()


@pytest.mark.parametrize("phase", WORLD_PHASES[1:])
def test_a_run_goes_on_without_users_and_posts_that_were_taken_away(whole, phase):
    with opened() as app:
        with pytest.raises(HaltError):
            run(app, halt=phase)
        gone = [whole.users[0], whole.users[7]]
        for user in gone:
            app.profiles.delete_profile(user.id)
        for post in app.posts.by_author(whole.users[1].id, limit=1):
            app.posts.delete_post(post.id, user_id=whole.users[1].id)

        _, left_out = run(app, phase)

        assert left_out
        assert all(isinstance(error, NotFoundError) for error in left_out)
        assert app.profiles.get_many([user.id for user in gone]) == {}
        assert app.audit().findings == ()


def test_what_no_one_took_away_is_what_it_would_have_been(whole):
    with opened() as app:
        person = real(app, whole.users[5].handle)
        run(app)
        mine = {row["PK"]["S"] for rows in app.session.store.scan() for row in rows if "caption" in row}
        with opened() as other:
            run(other)
            all_of = {row["PK"]["S"] for rows in other.session.store.scan() for row in rows if "caption" in row}
            theirs = {f"POST#{post.id}" for post in other.posts.by_author(whole.users[5].id, limit=100)}
        assert mine == all_of - theirs
        assert person.posts_count == 0


@pytest.mark.parametrize("name", ["conversation", "edge-cases"])
@pytest.mark.parametrize("place", [0, 2, 5, -1])
def test_a_scenario_goes_on_or_says_what_it_cannot_go_on_without(name, place):
    with opened() as app:
        first = Stages(SCENARIO_PHASES, SCENARIO_PHASES[0])
        with using(app, seed="run"), first.making(app, "scenario"):
            run_scenario(name, app)
        users = [row["id"]["S"] for rows in app.session.store.scan() for row in rows if row["SK"]["S"] == "PROFILE"]
        app.profiles.delete_profile(sorted(users)[place])

        again = Stages(SCENARIO_PHASES, SCENARIO_PHASES[0])
        try:
            with using(app, seed="run"), again.making(app, "scenario"):
                run_scenario(name, app)
        except (NotFoundError, BuildFailureError, ScenarioGoneError):
            again.left_out = []
        assert all(isinstance(error, NotFoundError) for error in again.left_out)
        assert app.audit().findings == ()
