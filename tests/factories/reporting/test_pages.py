"""The page of a world: its figures, what it escapes, and that it needs nothing from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser

import attrs
import pytest

from factories import CommentFactory, PostFactory, UserFactory, recycle
from factories.reporting import Cost, Figures, look
from factories.reporting.plots import plots
from factories.statistics.distributions import Distributions
from services.audit import Audit, Finding, Kind

VOID = {"meta", "link", "use", "path"}
DIRT = "<script>alert(1)</script>"


class Reader(HTMLParser):
    """Reads a page as a browser does: its tags, whether they are closed in order, and its text."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.words = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, text):
        self.words.append(text)


@pytest.fixture
def figures(app) -> Figures:
    users = UserFactory.create_batch(4, followers=0, posts=0)
    with recycle(users):
        posts = PostFactory.create_batch(3, likes=2)
        CommentFactory(post=posts[0], replies=1)
    return look(app, place="table social")


def test_what_making_it_took_is_told_where_it_is_known(figures):
    assert "What making it took" not in figures.page()
    assert figures.as_json()["cost"] is None
    cost = Cost(calls=1200, rows=34, write_units=56, usd=0.000035, seconds=7.8912)
    known = attrs.evolve(figures, cost=cost)
    assert "<td>API calls</td><td>1,200</td>" in known.page()
    assert "<td>seconds</td><td>7.89</td>" in known.page()
    assert known.as_json()["cost"] == {"calls": 1200, "rows": 34, "write_units": 56, "usd": 3.5e-05, "seconds": 7.891}


def test_the_figures_are_those_of_the_table(figures):
    assert figures.counts == {"users": 4, "posts": 3, "likes": 6, "comments": 2, "follows": 0}
    assert figures.audit.is_clean
    assert figures.distributions.followers == ((0, 4),)
    assert figures.distributions.likes == ((2, 3),)
    assert figures.distributions.depths == ((1, 1), (2, 1))
    assert sum(total for _, total in figures.distributions.hours) == 3 + 6 + 2


def test_the_page_says_what_the_json_says(figures):
    told, text = figures.as_json(), figures.page()
    for name, count in {**told["counts"], "rows": told["audit"]["rows"]}.items():
        assert f"<dt>{name}</dt><dd>{count:,}</dd>" in text
    for name, figure in told["world"].items():
        shown = "none" if figure["value"] is None else f"{figure['value']:g}"
        assert f"<td>{name.replace('_', ' ')}</td><td>{shown}</td>" in text
    assert told["digest"] in text
    assert "<tr><td>2</td><td>3</td></tr>" in text


def test_the_page_is_well_formed_and_needs_nothing_from_elsewhere(figures):
    text = figures.page()
    page = Reader(text)
    assert page.open == []
    assert {"script", "img", "iframe", "object"}.isdisjoint(page.tags)
    assert page.tags.count("figure") == page.tags.count("svg") == page.tags.count("details") == 4
    assert set(re.findall(r"(?:https?:)?//[\w.]+[\w/]*", text)) <= {"http://www.w3.org/1999/xlink"}
    assert not re.findall(r"url\((?!#)|@import|\bon\w+=", text)
    assert len(re.findall(r'id="([^"]+)"', text)) == len(set(re.findall(r'id="([^"]+)"', text)))


def test_its_colours_are_the_pages_own(figures):
    svg = figures.page().partition("<svg")[2]
    assert "var(--accent)" in svg
    assert "#070809" not in svg


def test_names_and_findings_are_escaped(figures):
    found = Finding(Kind.COUNTER, ("POST#1", "POST"), DIRT)
    dirty = attrs.evolve(figures, place=DIRT, audit=Audit(1, 1, (found,), "0f"))
    text = dirty.page()
    assert "<script" not in text
    assert text.count("&lt;script&gt;") == 3  # title, heading, finding
    assert "1 finding<" in text


def test_the_same_figures_make_the_same_page(figures):
    assert figures.page() == figures.page()


def test_an_empty_table_has_a_page_without_plots(app):
    figures = look(app)
    assert figures.distributions == Distributions()
    assert "<figure" not in figures.page()


def test_a_notebook_shows_the_same_as_a_part(figures):
    assert figures._repr_html_() in figures.page()


@pytest.mark.parametrize(("fitted", "is_shown"), [(2.31, True), (None, False)])
def test_a_fitted_exponent_is_drawn_where_there_is_one(fitted, is_shown):
    drawn = plots(Distributions(followers=((1, 700), (10, 200), (900, 100))), fitted)
    assert ("fitted here: 2.31" in drawn["followers"]) is is_shown
    assert all(label in drawn["followers"] for label in (">1<", ">10<", ">100<", ">10 %<"))


def test_axes_of_a_small_world_have_numbers_between_the_powers_of_ten():
    drawn = plots(Distributions(likes=((1, 9), (2, 4), (4, 1))), None)
    assert all(label in drawn["likes"] for label in (">1<", ">2<", ">50 %<", ">10 %<"))


def test_a_world_too_small_for_a_fit_is_not_drawn_one(figures):
    assert not figures.world["followers_tail_exponent"].is_held
    page = attrs.evolve(figures, distributions=Distributions(followers=((1, 3), (2, 1)))).page()
    assert "Twitter: exponent" in page
    assert "fitted here" not in page


DRAWING = """
import sys
from factories.reporting.plots import load_plots, plots
from factories.statistics.distributions import Distributions

if sys.argv[1] == "command":
    load_plots()
some = [(1, 5), (2, 3), (40, 1)]
print(plots(Distributions(some, some, some, some), 2.2))
if sys.argv[1] == "command":
    from matplotlib import artist, lines
    lines.Line2D([], []).set(color="red", lw=2)
    artist.Artist._update_set_signature_and_docstring()
    assert "alpha" in artist.Artist.set.__doc__, artist.Artist.set.__doc__
"""


def test_a_command_s_plots_are_those_of_a_notebook_and_matplotlib_is_left_as_it_was():
    found = [
        subprocess.run([sys.executable, "-c", DRAWING, who], capture_output=True, text=True, check=False)
        for who in ("command", "notebook")
    ]
    assert [one.stderr for one in found] == ["", ""]
    assert found[0].stdout == found[1].stdout
    assert "<svg" in found[0].stdout
