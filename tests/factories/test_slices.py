"""Slices: a world made in parts, each in an app of its own, is the world that one run makes, however it is cut."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations

import attrs
import pytest

from factories import using
from factories.presets import PRESETS
from factories.seeding.phases import WORLD_PHASES
from factories.seeding.seeder import Seeder
from factories.seeding.slices import NoSliceError, Slice, SlicedWorld
from seedbed.dynamo.engines import embedded_engine
from seedbed.strategy.ranges import Range
from services import connect
from services.audit import audit
from tests.digests import SMALL_STRESS

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
LIVELY = attrs.evolve(
    PRESETS["minimal"],
    users=37,
    influencers=3,
    influencer_followers=Range(40, 90),
    posts_per_user=Range(0, 4),
    likes_per_post=Range(0, 20),
    comments_per_post=Range(0, 9),
    follows_per_user=7,
)
ALONE = attrs.evolve(PRESETS["minimal"], users=1, influencers=0, follows_per_user=0, posts_per_user=Range(0, 0))
QUIET = attrs.evolve(LIVELY, influencers=0, posts_per_user=Range(1, 1), comments_per_post=Range(0, 0))
SHOWN = {"lively": LIVELY, "minimal": PRESETS["minimal"], "alone": ALONE, "quiet": QUIET, "small stress": SMALL_STRESS}


@pytest.fixture
def engine():
    with embedded_engine() as engine:
        yield engine


def _opened(engine, locale=None):
    app = connect(engine=engine, clock=lambda: AS_OF, seed=7)
    return app, using(app, seed="a world", locale=locale)


def _whole(preset, locale=None):
    with embedded_engine() as engine:
        app, bound = _opened(engine, locale)
        with bound:
            Seeder(app, preset).run()
        return _looked_at(app)


def _looked_at(app):
    found = audit(app.session.store)
    return found.digest, found.rows, found.findings


def _make(engine, preset, piece, locale=None):
    app, bound = _opened(engine, locale)
    with app, bound:
        return SlicedWorld(app, preset).make(piece)


def _world(engine, preset):
    app, bound = _opened(engine)
    with bound:
        world = SlicedWorld(app, preset)
        return {phase: world.rounds(phase) for phase in WORLD_PHASES}, world


def _made_by(engine, preset, slices, locale=None):
    for piece in slices:
        assert _make(engine, preset, piece, locale) == []
    return _looked_at(_opened(engine)[0])


@pytest.mark.parametrize("number", [1, 2, 8, 13])
@pytest.mark.parametrize("name", ["lively", "minimal"])
def test_slices_that_each_an_app_of_its_own_makes_are_the_world_of_one_run(engine, name, number):
    app, bound = _opened(engine)
    with bound:
        world = SlicedWorld(app, SHOWN[name])
        slices = [piece for phase in WORLD_PHASES for piece in world.cut(phase, number)]

    assert _made_by(engine, SHOWN[name], slices) == _whole(SHOWN[name])


@pytest.mark.parametrize("name", ["alone", "quiet", "lively", "small stress"])
def test_the_slices_that_a_cluster_makes_are_the_world_of_one_run(engine, name):
    rounds, world = _world(engine, SHOWN[name])
    app, bound = _opened(engine)

    with bound:
        world = SlicedWorld(app, SHOWN[name])
        for turn in (turn for phase in WORLD_PHASES for turn in rounds[phase]):
            for piece in reversed(turn):
                world.make(piece)

    assert _looked_at(app) == _whole(SHOWN[name])


def test_people_of_several_languages_are_the_same_in_slices(engine):
    rounds, _ = _world(engine, LIVELY)
    slices = [piece for phase in WORLD_PHASES for turn in rounds[phase] for piece in turn]

    assert _made_by(engine, LIVELY, slices, "de_DE,ja_JP") == _whole(LIVELY, "de_DE,ja_JP")


def test_a_slice_that_was_made_may_be_made_again(engine):
    rounds, _ = _world(engine, LIVELY)
    slices = [piece for phase in WORLD_PHASES for turn in rounds[phase] for piece in turn]

    assert _made_by(engine, LIVELY, [piece for piece in slices for _ in range(2)]) == _whole(LIVELY)


@pytest.mark.parametrize("number", [1, 5])
def test_what_each_user_owns_is_the_world_of_one_run(engine, number):
    app, bound = _opened(engine)
    users = LIVELY.users
    owners = [range(users * part // number, users * (part + 1) // number) for part in range(number)]

    with bound:
        for phase in WORLD_PHASES:
            for some in owners:
                SlicedWorld(app, LIVELY).make_owned(phase, some)

    assert _looked_at(app) == _whole(LIVELY)


def test_slices_hold_every_ordinal_once(engine):
    rounds, world = _world(engine, LIVELY)

    for phase in WORLD_PHASES:
        ordinals = [ordinal for turn in rounds[phase] for piece in turn for ordinal in piece.ordinals]
        assert sorted(ordinals) == list(range(len(ordinals)))
        for number in (1, 2, 8, 13, 1_000):
            assert [ordinal for piece in world.cut(phase, number) for ordinal in piece.ordinals] == sorted(ordinals)


def _counted(engine, preset, piece):
    """Which rows a slice's transactions touch."""
    app, bound = _opened(engine)
    touched = set()
    store = app.session.store
    transact = store.transact

    def seen(actions):
        touched.update(action.key for action in actions)
        transact(actions)

    with app, bound:
        store.transact = seen
        SlicedWorld(app, preset).make(piece)
    return touched


def test_slices_that_are_made_side_by_side_touch_no_row_in_common(engine):
    rounds, _ = _world(engine, LIVELY)

    for phase in WORLD_PHASES:
        for turn in rounds[phase]:
            touched = [_counted(engine, LIVELY, piece) for piece in turn]
            assert all(touched)
            assert not [pair for pair in combinations(touched, 2) if not pair[0].isdisjoint(pair[1])]


def test_who_left_between_the_phases_is_left_out_with_all_that_is_theirs(engine):
    rounds, _ = _world(engine, LIVELY)
    app, _ = _opened(engine)
    left_out = []
    for phase in WORLD_PHASES:
        for piece in (piece for turn in rounds[phase] for piece in turn):
            left_out += _make(engine, LIVELY, piece)
        if phase == "posts":
            gone = max(app.profiles.get_many(_ids(app)).values(), key=lambda user: user.followers_count)
            app.profiles.delete_profile(gone.id)

    assert left_out
    assert audit(app.session.store).drift == ()


def _ids(app):
    return [row["id"]["S"] for page in app.session.store.scan() for row in page if row["SK"]["S"] == "PROFILE"]


@pytest.mark.parametrize("text", ["likes", "likes:2-1", "lkes:1-2", "likes:1-", "likes:-1-2", "posts:1-2-3", ""])
def test_what_is_no_slice_is_refused(text):
    with pytest.raises(NoSliceError, match="write PHASE:FIRST-LAST, such as likes:100-199"):
        Slice.read(text)


def test_a_slice_reads_as_it_is_written():
    assert Slice.read(str(Slice("likes", 3, 40))) == Slice("likes", 3, 40)
    assert len(Slice("likes", 3, 40)) == 38


@pytest.mark.parametrize(("preset", "why"), [(LIVELY, "this world's posts end at"), (ALONE, "it has none")])
def test_a_slice_beyond_the_world_is_refused(engine, preset, why):
    with pytest.raises(NoSliceError, match=why):
        _make(engine, preset, Slice("posts", 3, 4_000))
