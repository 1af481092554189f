"""A world is made once, and each who asks gets a copy; another recipe, program or seed makes another."""

from __future__ import annotations

import multiprocessing
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import factory
import pytest
from attrs import evolve

from factories import LikeFactory, PostFactory, UserFactory, current_app
from factories.scenarios.errors import UnknownScenarioError
from factories.suite import suite as social
from seedbed import ServiceFactory, Suite
from seedbed.strategy.errors import FactoryError
from seedbed.suite.errors import MissingPartError
from seedbed.worlds import Recipe, WorldStore, open_world
from seedbed.worlds import recipe as recipes
from seedbed.worlds.errors import UnknownRecordError, WorldError

AS_OF = datetime(2026, 1, 31, tzinfo=UTC)
POPULAR = Recipe("popular", PostFactory, {"likes": 5}, as_of=AS_OF)


@pytest.fixture
def store(tmp_path):
    return WorldStore(tmp_path / "worlds")


def made_in(store):
    return sorted(place.name for place in store.folder.iterdir() if place.is_dir())


def again(store):
    """Return the store as another process has it."""
    return WorldStore(store.folder)


def test_it_is_made_once_and_each_copy_is_private(store):
    digests = set()
    for number in range(3):
        with open_world(social, POPULAR, store if number else again(store)) as world:
            assert current_app() is world.app
            digests.add(str(world.app.digest()))
            post = world["popular"]
            assert (post.likes_count, post) == (5, world.app.posts.get(post.id))
            LikeFactory.create_batch(number + 1, post=post)
            UserFactory()
            assert world.app.posts.get(post.id).likes_count == 6 + number
            assert world.app.audit().is_clean
    assert len(digests) == 1
    assert len(made_in(store)) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"values": {"likes": 6}},
        {"values": {}},
        {"make": UserFactory, "values": {}},
        {"seed": 1},
        {"seed": "0"},
        {"as_of": datetime(2026, 2, 1, tzinfo=UTC)},
        {"locale": "de_DE"},
        {"name": "other"},
    ],
    ids=lambda other: " ".join(f"{name}={value}" for name, value in other.items()),
)
def test_what_is_asked_for_otherwise_is_another_world(other):
    assert evolve(POPULAR, **other).key(social) != POPULAR.key(social) == evolve(POPULAR).key(social)


def test_a_changed_program_makes_it_anew(monkeypatch, tmp_path):
    before = POPULAR.key(social)
    module = tmp_path / "stranger.py"
    module.write_text("LIKES = 3\n")
    monkeypatch.syspath_prepend(tmp_path)
    import stranger

    def likes(app, likes):
        del app
        return PostFactory(likes=likes)

    likes.__module__ = stranger.__name__
    keys = set()
    for text in ("LIKES = 3\n", "LIKES = 4\n"):
        module.write_text(text)
        monkeypatch.setattr(recipes, "_DIGESTS", {})
        keys.add(Recipe("popular", likes, {"likes": 3}, as_of=AS_OF).key(social))
    assert len(keys) == 2
    assert POPULAR.key(social) == before


def damage_nothing(_place):
    return None


def cut(place):
    file = place / "world.json.gz"
    file.write_bytes(file.read_bytes()[:-20])


def flip(place):
    file = place / "records.pickle"
    file.write_bytes(bytes([*file.read_bytes()[:-1], 0]))


def drop(place):
    (place / "world.json.gz").unlink()


def unsay(place):
    (place / "manifest.json").write_text("{")


@pytest.mark.parametrize("damage", [cut, flip, drop, unsay], ids=lambda damage: damage.__name__)
def test_a_damaged_one_is_made_anew(store, damage):
    with open_world(social, POPULAR, store) as world:
        before = str(world.app.digest())
    (name,) = made_in(store)
    damage(store.folder / name)
    with open_world(social, POPULAR, again(store)) as world:
        assert str(world.app.digest()) == before
        assert world["popular"].likes_count == 5


def test_one_that_fails_leaves_nothing(store):
    def fail(app):
        PostFactory()
        message = "no more paper"
        raise OSError(message)

    for _ in range(2):
        with pytest.raises(OSError, match="no more paper"), open_world(social, Recipe("x", fail, as_of=AS_OF), store):
            pass
    assert made_in(store) == []


def count_makers(folder, made, together):
    def make(place):
        with made.get_lock():
            made.value += 1
        (place / "file").write_text("whole")

    together.wait()
    assert (WorldStore(folder).find("key", make) / "file").read_text() == "whole"


def test_several_processes_that_ask_at_once_make_it_once(store):
    fork = multiprocessing.get_context("fork")
    made, together = fork.Value("i", 0), fork.Barrier(6)
    processes = [fork.Process(target=count_makers, args=(store.folder, made, together)) for _ in range(6)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 6
    assert made.value == 1


def test_a_preset_and_a_scenario_name_their_records(store):
    with open_world(social, Recipe("minimal", as_of=AS_OF), store) as world:
        assert set(world) == {"star", "post", "users", "influencers"}
        star = world["star"]
        assert star.followers_count == max(user.followers_count for user in world["users"])
        assert world["post"].author_id == star.id
        assert star == world.app.profiles.get(star.id)
    with open_world(social, Recipe("conversation", as_of=AS_OF), store) as world:
        assert "post" in world
        assert world.app.audit().is_clean


@pytest.mark.parametrize(
    ("name", "make", "values", "message"),
    [
        ("", None, {}, "its name must be a text"),
        (5, None, {}, "its name must be a text"),
        ("x", 5, {}, "not by 5"),
        ("x", None, {"likes": 5}, "a preset or scenario takes none"),
        ("x", PostFactory, 5, "values must be a mapping, not 5"),
    ],
)
def test_what_is_no_recipe_is_refused(name, make, values, message):
    with pytest.raises(WorldError, match=message):
        Recipe(name, make, values, as_of=AS_OF)


def test_a_value_that_has_no_text_of_its_own_is_refused(store):
    asked = Recipe("x", PostFactory, {"caption": SimpleNamespace(one=object())}, as_of=AS_OF)
    with (
        pytest.raises(WorldError, match="caption must be a value that is the same in each run"),
        open_world(social, asked, store),
    ):
        pass


@pytest.mark.parametrize(("name", "hint"), [("minmal", "did you mean minimal"), ("nowhere:Mine", "cannot be imported")])
def test_an_unknown_name_is_said_with_the_near_ones(store, name, hint):
    with pytest.raises(FactoryError, match=hint), open_world(social, Recipe(name, as_of=AS_OF), store):
        pass
    assert issubclass(UnknownScenarioError, FactoryError)


def test_records_can_be_neither_set_nor_missed(store):
    with open_world(social, POPULAR, store) as world:
        with pytest.raises(TypeError):
            world["popular"] = 5
        with pytest.raises(AttributeError):
            world["popular"].likes_count = 0
        with pytest.raises(
            UnknownRecordError, match=r"^the world has no record 'populer': did you mean popular"
        ) as caught:
            world["populer"]
    assert isinstance(caught.value, KeyError)


def test_a_record_that_cannot_be_kept_is_named(store):
    asked = Recipe("x", lambda app: {"lock": app.session}, as_of=AS_OF)
    with (
        pytest.raises(WorldError, match="world 'lock': as a record, it cannot be kept"),
        open_world(social, asked, store),
    ):
        pass


class Shop:
    def add(self, name: str) -> str:
        return name


class NameFactory(ServiceFactory[str]):
    class Meta:
        service = Shop.add

    name = factory.Sequence(str)


@pytest.mark.parametrize("keep", [None, print])
def test_a_suite_that_keeps_no_worlds_says_so(store, keep):
    suite = Suite("shop", open=Shop, factories=[NameFactory], keep=keep)
    with pytest.raises(MissingPartError, match=r"keep worlds for tests: say Suite\(keep=...\).* let open take `world`"):
        open_world(suite, Recipe("x", NameFactory, as_of=AS_OF), store).__enter__()


def test_worlds_that_nobody_asked_for_in_a_week_go(store, monkeypatch):
    def write(place):
        (place / "file").write_text("x")

    old, new = store.find("old", write), store.find("new", write)
    os.utime(old, (0, 0))
    store.find("another", write)
    assert (old.exists(), new.exists()) == (False, True)
    assert Path(again(store).find("old", write)).exists()


def _write(place):
    (place / "file").write_text("x")


def test_one_that_somebody_asked_for_within_the_week_stays(store):
    old = store.find("old", _write)
    os.utime(old, (0, 0))
    again(store).find("old", _write)
    store.find("another", _write)
    assert old.exists()


def test_one_that_another_process_took_away_is_made_anew(store):
    place = store.find("one", _write)
    shutil.rmtree(place)
    assert (store.find("one", _write) / "file").read_text() == "x"


def test_what_is_done_to_a_record_no_other_copy_sees(store):
    with open_world(social, POPULAR, store) as one, open_world(social, POPULAR, store) as other:
        assert one["popular"] is one["popular"]
        assert one["popular"] == other["popular"]
        assert one["popular"] is not other["popular"]
