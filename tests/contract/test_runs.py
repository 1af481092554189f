"""Runs in the table: how far each has come, whom it made, and taking away just that."""

from __future__ import annotations

import attrs
import pytest

from services import errors, runs
from services.app import App
from services.audit import audit
from services.entities import DONE, RESETTING, Run
from tests.contract.world import START, Stop, Watched, World, drift

RUN = Run(name="7/minimal/2026", seed="7", preset="minimal", as_of=START, code_version="1", worlds="w", phase="users")
OTHER = attrs.evolve(RUN, name="7/popular-post/2026", preset=None, scenario="popular-post", locale="de_DE")


def test_a_run_is_begun_once_and_found_with_all_others(app):
    begun = app.runs.begin(RUN)
    app.runs.advance(RUN.name, "users", "posts")
    again = app.runs.begin(attrs.evolve(RUN, code_version="2"))
    app.runs.begin(OTHER)
    assert (begun, again) == (RUN, attrs.evolve(RUN, phase="posts"))
    assert app.runs.all() == [again, OTHER]
    assert app.runs.find("nobody's") is None
    assert audit(app.session.store).findings == ()


def test_a_phase_only_moves_forward(app):
    app.runs.begin(RUN)
    app.runs.advance(RUN.name, "users", "posts")
    app.runs.advance(RUN.name, "posts", DONE)
    app.runs.advance(RUN.name, "users", "posts")
    assert app.runs.find(RUN.name).phase == DONE


def test_who_was_reset_meanwhile_hears_it(app):
    app.runs.begin(attrs.evolve(RUN, phase=RESETTING))
    with pytest.raises(errors.RunResettingError):
        app.runs.advance(RUN.name, "users", "posts")
    app.runs.reset(RUN.name)
    with pytest.raises(errors.RunNotFoundError):
        app.runs.advance(RUN.name, "users", "posts")


def test_a_user_is_noted_as_the_runs_in_the_same_transaction(world, watched):
    app = world.app
    world.user("outsider")
    watched.sent.clear()
    with app.runs.recording(RUN.name):
        ann = world.user("ann")
    assert [len(actions) for actions in watched.sent] == [5]
    row = world.rows()[f"RUN#{RUN.name}", f"USER#{ann.id}"]
    assert (row["entity_type"]["S"], row["user_id"]["S"]) == ("RUN_USER", ann.id)
    assert app.runs.count_users(RUN.name) == 1
    assert audit(app.session.store).findings == ()


def _mingle(world: World, ours: list, theirs: list) -> None:
    """Let two groups do everything to each other."""
    app = world.app
    for one, other in ((ours, theirs), (theirs, ours)):
        for user in one:
            mine, hers = world.post(user), world.post(other[0])
            app.likes.like_post(other[0].id, mine.id)
            app.likes.like_post(user.id, hers.id)
            top = world.comment(user, hers)
            world.comment(other[0], hers, world.comment(other[0], hers, top))
            app.follows.follow_user(user.id, other[0].id)
            app.follows.follow_user(other[0].id, user.id)


def test_a_reset_takes_what_the_run_made_and_leaves_others_as_if_it_had_never_been(small_world):
    world, app = small_world, small_world.app
    theirs = world.users(2, "them")
    app.follows.follow_user(theirs[0].id, theirs[1].id)
    app.runs.begin(OTHER)
    app.runs.begin(RUN)
    kept = world.post(theirs[0])
    with app.runs.recording(RUN.name):
        ours = world.users(6, "us")
    _mingle(world, ours, theirs)

    told = []
    count = app.runs.reset(RUN.name, lambda *what: told.append(what))

    rows = world.rows()
    assert (count, told) == (6, [("posts", 6), ("users", 6)])
    assert app.runs.all() == [OTHER]
    assert drift(rows) == []
    assert audit(app.session.store).findings == ()
    gone = {user.id for user in ours}
    assert not [key for key, row in rows.items() if gone & {value.get("S") for value in row.values()}]
    assert app.posts.get(kept.id).likes_count == 0
    assert [app.profiles.get(user.id).followers_count for user in theirs] == [0, 1]


def test_a_reset_takes_all_posts_before_the_first_user(world, monkeypatch):
    # What others put on a post goes with it: taken away one by one it would be counted down first.
    monkeypatch.setattr(runs, "TOGETHER", 1)
    app = world.app
    app.runs.begin(RUN)
    with app.runs.recording(RUN.name):
        ours = world.users(3, "us")
    _mingle(world, ours[:1], ours[1:])
    left = []
    with Watched(app) as watched:
        watched.after = lambda: left.append({kind for key in world.rows() if (kind := key[1]) in {"POST", "PROFILE"}})
        app.runs.reset(RUN.name)
    assert left.index({"PROFILE"}) < left.index(set())
    assert {"POST"} not in left


def _begun(app: App) -> tuple[World, dict]:
    """A run whose users met an outsider, and the rows as they were before it."""
    world = World(app)
    outsider = world.user("outsider")
    before = world.rows()
    app.runs.begin(RUN)
    with app.runs.recording(RUN.name):
        ours = world.users(2, "us")
    _mingle(world, ours, [outsider])
    for post in app.posts.by_author(outsider.id):
        app.posts.delete_post(post.id, user_id=outsider.id)
    return world, before


def test_a_reset_may_be_stopped_at_any_write_and_is_completed_by_another(open_app):
    stops = 0
    for stop_at in range(0, 30, 2):
        world, before = _begun(open_app())
        app = world.app
        with Watched(app) as watched:
            watched.stop_at = stop_at
            try:
                app.runs.reset(RUN.name)
            except Stop:
                stops += 1
                assert drift(world.rows()) == []
        app.runs.reset(RUN.name)
        assert world.rows() == before
    assert stops > 3


def test_inside_a_rehearsal_values_are_returned_and_nothing_is_sent(world, watched):
    with world.app.rehearsal():
        ann = world.user("ann")
        post = world.post(ann)
    assert watched.sent == []
    assert world.rows() == {}
    assert post.author_id == ann.id


NOTE_DAMAGES = {
    "no phase": {"phase": None},
    "no name": {"name": None},
    "another name": {"name": {"S": "7/other/2026"}},
    "no seed": {"seed": {"N": "7"}},
    "no date": {"as_of": {"S": "yesterday"}},
    "an empty phase": {"phase": {"S": ""}},
    "an empty version": {"code_version": {"S": ""}},
    "another seed than its name has": {"seed": {"S": "8"}},
    "another date than it was made with": {"as_of": {"S": "2025-01-01T00:00:00.000Z"}},
    "a preset and a scenario": {"scenario": {"S": "popular-post"}},
    "neither of them": {"preset": None},
    "another scenario than its name has": {"preset": None, "scenario": {"S": "conversation"}},
    "nothing": dict.fromkeys(("name", "seed", "as_of", "code_version", "worlds", "phase")),
}


def put(app, row):
    kept = {name: value for name, value in row.items() if value is not None}
    app.table.engine.client.put_item(TableName=app.table.name, Item=kept)


@pytest.mark.parametrize("damage", NOTE_DAMAGES.values(), ids=NOTE_DAMAGES)
def test_a_damaged_note_stops_no_other_run_and_is_written_anew_by_its_own(world, damage):
    app = world.app
    app.runs.begin(attrs.evolve(RUN, phase="likes"))
    app.runs.begin(OTHER)
    note = world.rows()["RUNS", f"RUN#{RUN.name}"]

    put(app, note | damage)

    assert (app.runs.all(), app.runs.damaged()) == ([OTHER], [RUN.name])
    assert app.runs.find(RUN.name) is None
    app.runs.advance(OTHER.name, "users", DONE)
    assert audit(app.session.store).findings != ()
    assert app.runs.begin(RUN) == RUN
    assert (app.runs.damaged(), audit(app.session.store).findings) == ([], ())


def test_a_run_in_a_phase_that_it_does_not_have_begins_again_where_its_phases_are_known(world):
    app = world.app
    app.runs.begin(attrs.evolve(RUN, phase="likez"))
    assert app.runs.begin(RUN).phase == "likez"
    assert app.runs.begin(RUN, ["users", "likes"]).phase == "users"


@pytest.mark.parametrize(("phase", "worlds"), [("likes", "w"), (DONE, "w"), (RESETTING, "w"), ("tags", "others")])
def test_a_run_in_a_phase_of_its_own_or_of_other_worlds_stands(world, phase, worlds):
    run = attrs.evolve(RUN, phase=phase, worlds=worlds)
    world.app.runs.begin(run)
    assert world.app.runs.begin(RUN, ["users", "likes"]) == run


def test_users_are_counted_that_the_run_made_and_that_are_there(world):
    app = world.app
    app.runs.begin(RUN)
    outsider = world.user("outsider")
    with app.runs.recording(RUN.name):
        ann, _ = world.user("ann"), world.user("ben")
    note = world.rows()[f"RUN#{RUN.name}", f"USER#{ann.id}"]
    put(app, note | {"SK": {"S": f"USER#{outsider.id}"}, "user_id": {"S": outsider.id}})
    assert app.runs.count_users(RUN.name) == 2
    app.profiles.delete_profile(ann.id)
    assert app.runs.count_users(RUN.name) == 1


@pytest.mark.parametrize("damage", NOTE_DAMAGES.values(), ids=NOTE_DAMAGES)
def test_a_run_whose_note_is_damaged_can_be_taken_away(world, damage):
    app = world.app
    ann = world.user("ann")
    before = world.rows()
    app.runs.begin(RUN)
    with app.runs.recording(RUN.name):
        world.users(2, "us")
    put(app, world.rows()["RUNS", f"RUN#{RUN.name}"] | damage)

    assert app.runs.reset(RUN.name) == 2
    assert world.rows() == before
    assert app.profiles.get(ann.id) == ann


def forged(app, user, **other):
    """A note that says that the run made a user, as the run would have written it."""
    row = {
        "PK": {"S": f"RUN#{RUN.name}"},
        "SK": {"S": f"USER#{user.id}"},
        "entity_type": {"S": "RUN_USER"},
        "user_id": {"S": user.id},
        "created_at": app.session.get(("USER#" + user.id, "PROFILE"))["created_at"],
    }
    put(app, row | other)


def test_a_note_alone_never_takes_a_real_user_away(world):
    app = world.app
    ann = world.user("ann")
    post = world.post(ann)
    app.runs.begin(RUN)
    with app.runs.recording(RUN.name):
        world.users(2, "us")
    forged(app, ann)
    told = []

    app.runs.reset(RUN.name, lambda *what: told.append(what))

    assert told[-1] == ("left", 1)
    assert (app.profiles.get(ann.id).posts_count, app.posts.get(post.id)) == (1, post)
    assert audit(app.session.store).findings == ()
    assert app.runs.all() == []


def test_a_note_whose_attribute_names_a_real_user_takes_nobody_away_until_it_is_mended(world):
    app = world.app
    ann = world.user("ann")
    app.runs.begin(RUN)
    with app.runs.recording(RUN.name):
        us = world.users(2, "us")
    forged(app, us[0], user_id={"S": ann.id})

    with pytest.raises(errors.RunNotesError, match=us[0].id):
        app.runs.reset(RUN.name)
    assert app.profiles.get_many([ann.id, us[0].id, us[1].id]).keys() == {ann.id, us[0].id}

    app.repair(app.audit())
    assert app.runs.reset(RUN.name) == 1
    assert app.profiles.get_many([ann.id, us[0].id]).keys() == {ann.id}


def test_a_user_whose_note_is_lost_is_named_by_a_reset_which_goes_on_once_the_note_is_put(world):
    app = world.app
    app.runs.begin(RUN)
    with app.runs.recording(RUN.name):
        us = world.users(3, "us")
    app.session.write_batch((), [("RUN#" + RUN.name, "USER#" + us[0].id)])

    with pytest.raises(errors.RunNotesError, match=r"^1 notes of the run .* are damaged or lost") as caught:
        app.runs.reset(RUN.name)
    assert caught.value.notes == (us[0].id,)
    assert app.profiles.get_many(user.id for user in us).keys() == {us[0].id}

    app.repair(app.audit())
    assert app.runs.reset(RUN.name) == 1
    assert world.rows().keys() <= {("SCHEMA", "SCHEMA")}


def test_a_note_of_another_run_takes_nobody_away(world):
    app = world.app
    app.runs.begin(OTHER)
    with app.runs.recording(OTHER.name):
        us = world.user("them")
    app.runs.begin(RUN)
    forged(app, us)

    app.runs.reset(RUN.name)

    assert app.profiles.get(us.id) == us
    assert app.runs.reset(OTHER.name) == 1


def test_a_run_from_before_users_bore_a_mark_is_taken_away_as_it_was(world):
    app = world.app
    app.runs.begin(RUN)
    ours, real = world.user("ours"), world.user("real")
    put(app, world.rows()["RUNS", f"RUN#{RUN.name}"] | {"marks_users": None})
    forged(app, ours)
    forged(app, real, created_at={"S": "2020-01-01T00:00:00.000Z"})

    app.runs.reset(RUN.name)

    assert app.profiles.get_many([ours.id, real.id]).keys() == {real.id}


def test_a_users_own_mark_changes_no_digest(open_app):
    first, second = World(open_app()), World(open_app())
    with first.app.runs.recording(RUN.name):
        first.user("ann")
    second.user("ann")
    assert "run" in first.rows()["USER#" + first.app.profiles.find_by_handle("ann").id, "PROFILE"]
    assert str(first.app.digest()) == str(second.app.digest())


def test_slices_are_noted_once_and_found_by_phase(app):
    app.runs.begin(RUN)
    app.runs.note_slice(RUN.name, "users:0-9", "a")
    app.runs.note_slice(RUN.name, "users:0-9", "b")
    app.runs.note_slice(RUN.name, "posts:0-9", "c")

    assert app.runs.slices(RUN.name) == {"posts:0-9": "c", "users:0-9": "a"}
    assert app.runs.slices(RUN.name, "users") == {"users:0-9": "a"}
    assert audit(app.session.store).findings == ()
    assert set(str(app.digest())) == {"0"}


def test_notes_of_slices_go_when_they_are_forgotten_and_with_the_run(app):
    app.runs.begin(RUN)
    for piece in ("users:0-9", "users:10-19"):
        app.runs.note_slice(RUN.name, piece, "made")
    app.runs.forget_slices(RUN.name)
    forgotten = app.runs.slices(RUN.name)
    app.runs.note_slice(RUN.name, "users:0-9", "made")

    app.runs.reset(RUN.name)

    assert (forgotten, World(app).rows()) == ({}, {})


def test_no_slice_is_noted_of_a_run_that_is_taken_away(app):
    with pytest.raises(errors.RunNotFoundError):
        app.runs.note_slice(RUN.name, "users:0-9", "made")
    app.runs.begin(attrs.evolve(RUN, phase=RESETTING))
    with pytest.raises(errors.RunResettingError):
        app.runs.note_slice(RUN.name, "users:0-9", "made")

    assert app.runs.slices(RUN.name) == {}


@pytest.mark.parametrize("made", ["", "x" * 300_001, None])
def test_a_note_of_a_slice_that_no_row_holds_is_refused(app, made):
    app.runs.begin(RUN)

    with pytest.raises(errors.ValidationError, match="made"):
        app.runs.note_slice(RUN.name, "users:0-9", made)


NAMELESS = {
    "people": lambda app: app.runs.people(""),
    "count_users": lambda app: app.runs.count_users(""),
    "recording": lambda app: app.runs.recording(""),
    "reset": lambda app: app.runs.reset(""),
    "note_slice": lambda app: app.runs.note_slice("", "users:0-9", "made"),
    "note_slice, its slice": lambda app: app.runs.note_slice(RUN.name, "", "made"),
    "slices": lambda app: app.runs.slices(""),
    "advance, its name": lambda app: app.runs.advance("", "users", "posts"),
    "advance, from": lambda app: app.runs.advance(RUN.name, "", "posts"),
    "advance, to": lambda app: app.runs.advance(RUN.name, "users", ""),
    "keep_report, its name": lambda app: app.runs.keep_report("", "{}"),
    "keep_report, nothing": lambda app: app.runs.keep_report(RUN.name, ""),
    "keep_report, too much": lambda app: app.runs.keep_report(RUN.name, "x" * 300_001),
}


@pytest.mark.parametrize("call", NAMELESS.values(), ids=NAMELESS)
def test_what_is_empty_or_too_long_is_refused_wherever_a_run_is_named(world, call):
    world.app.runs.begin(RUN)
    before = world.rows()
    with pytest.raises(errors.ValidationError):
        call(world.app)
    assert world.rows() == before


def test_a_report_is_kept_with_its_run(world):
    world.app.runs.begin(RUN)
    world.app.runs.keep_report(RUN.name, "x" * 300_000)
    assert world.app.runs.find(RUN.name).report == "x" * 300_000
    with pytest.raises(errors.RunNotFoundError):
        world.app.runs.keep_report(OTHER.name, "{}")
