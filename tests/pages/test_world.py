"""The page World: the figures of the last run or look, and when they were taken; no page takes them by itself."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from factories import PostFactory, UserFactory
from factories.errors import NoPlotsError
from factories.pages import World, pages
from factories.reporting import look
from services.entities import Run

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)


def test_without_figures_it_tells_how_to_take_them(app, read_by, words):
    before = app.usage
    page = words(read_by(app, world=World("the table social", "seed report world.html")).look("/world"))
    assert "no figures of the table social yet" in page
    assert "seed report world.html" in page
    assert "Scan" not in app.usage.since(before).calls


def test_figures_are_kept_and_say_when_they_were_taken(app, read_by, words):
    PostFactory(likes=3)
    figures, world = look(app, place="table social"), World()
    world.keep(figures)
    before = app.usage
    reader = read_by(app, world=world)
    page = reader.look("/world")
    assert figures.at in page
    assert figures.audit.digest in page
    assert "every number is right" in words(page)
    assert "<style" not in page
    assert "style=" not in page
    assert "<svg" in page
    assert app.usage.since(before).total_calls == 0


def test_they_are_taken_by_a_button_in_a_thread_and_one_look_is_enough(app, read_by, words, monkeypatch):
    PostFactory(likes=3)
    threads = []

    class Noted(threading.Thread):
        def __init__(self, **settings):
            super().__init__(**settings)
            threads.append(self)

        def start(self):
            """Wait until it is told to."""

    monkeypatch.setattr("factories.pages.world.threading.Thread", Noted)
    reader = read_by(app, world=World("the table social"))
    UserFactory()
    for _ in range(2):
        page = reader.send("/world")
    assert "Looking at the whole table: 0 rows so far" in words(page)
    (taking,) = threads
    taking.run()
    assert "every number is right" in words(reader.look("/world"))
    assert "Take them again" in words(reader.look("/world"))


def test_a_look_that_fails_says_why(app, read_by, words, monkeypatch):
    monkeypatch.setattr("factories.pages.world.threading.Thread", _AtOnce)
    reader = read_by(app, world=World())
    app.engine.client.delete_table(TableName="social")
    monkeypatch.setattr(type(app.runs), "all", lambda _runs: [])
    assert "Take them now" in words(reader.send("/world"))
    assert 'role="alert"' in reader.look("/world")


class _AtOnce:
    def __init__(self, *, target, args, **_settings):
        self._do = lambda: target(*args)

    def start(self):
        self._do()


def test_without_matplotlib_it_says_what_to_install(app, read_by, words, monkeypatch):
    def missing():
        raise NoPlotsError("matplotlib")

    world = World()
    monkeypatch.setattr("factories.reporting.plots.check_plots", missing)
    world.keep(look(app))
    assert "matplotlib" in words(read_by(app, world=world).look("/world"))


def test_a_table_that_is_gone_says_so_on_every_page(app, read_by, words):
    post = PostFactory(likes=1)
    reader = read_by(app)
    app.engine.client.delete_table(TableName="social")
    for path in ("/", f"/posts/{post.id}", f"/recounts/posts/{post.id}", "/?handle=ada", "/world"):
        said = words(reader.look(path, 503))
        assert "Traceback" not in said
        assert "table" in said.lower()


@pytest.mark.parametrize("size", [2, 60])
def test_what_a_page_asks_for_does_not_grow_with_the_table_and_is_no_scan(app, read_by, size):
    with app.runs.recording(_run(app)):
        post = PostFactory(likes=2, comments=2)
    author = app.profiles.get(post.author_id)
    PostFactory.create_batch(size, likes=1)
    reader = read_by(app)
    asked = {}
    for path in ("/", f"/people/{author.handle}", f"/posts/{post.id}", f"/people/{author.handle}/feed"):
        before = app.usage
        reader.look(path)
        asked[path] = app.usage.since(before).calls
    assert all("Scan" not in calls for calls in asked.values())
    assert [sum(calls.values()) for calls in asked.values()] == [3, 4, 6, 5]


def _run(app):
    small = Run(
        name="7/small", seed="7", preset="small", as_of=AS_OF, code_version="1", worlds="w", phase="users"
    )  # fmt: skip
    return app.runs.begin(small).name


def test_people_of_each_run_are_shown_by_pages(app, read_by, words):
    with app.runs.recording(_run(app)):
        posts = PostFactory.create_batch(30)
    reader = read_by(app)
    first = reader.look("/")
    assert "Made by the run small, seed 7, as of 2026-11-01" in words(first)
    assert "More people" in words(first)
    second = reader.look(first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&"))
    handles = [user.handle for user in app.profiles.get_many([post.author_id for post in posts]).values()]
    assert all((f"@{handle}" in first) != (f"@{handle}" in second) for handle in handles)
    assert pages(app)


def test_what_a_run_kept_for_nobody_is_shown_where_there_are_no_figures(app, read_by, words):
    app.runs.keep_report(_run(app), '{"audit": {"findings": []}, "note": "<b>"}')
    page = read_by(app).look("/world")
    assert "small, seed 7, as of 2026-11-01: users" in words(page)
    assert '"note": "<b>"' in words(page)
    assert "<b>&#34;" not in page


def test_of_several_runs_a_preset_comes_first_and_the_others_are_a_link_away(app, read_by, words):
    told = Run(
        name="1/story", seed="1", scenario="story", as_of=AS_OF, code_version="1", worlds="w", phase="story"
    )  # fmt: skip
    with app.runs.recording(app.runs.begin(told).name):
        ada = UserFactory()
    with app.runs.recording(_run(app)):
        bob = UserFactory()
    reader = read_by(app)
    first = reader.look("/")
    assert (f"@{bob.handle}" in first, f"@{ada.handle}" in first) == (True, False)
    assert 'href="/?run=1/story"' in first
    assert f"@{ada.handle}" in words(reader.look("/?run=1/story"))
    assert f"@{bob.handle}" in words(reader.look("/?run=no-such-run"))
