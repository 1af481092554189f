"""`--images`: what a run stores for pictures, and what the run is called."""

from __future__ import annotations

import pytest

from factories.command.orders import kind_of, order_of
from factories.command.run import report_of
from factories.command.target import Target
from factories.errors import UnknownImagesError
from factories.pictures import KINDS
from seedbed.command.console import Console
from seedbed.dynamo.engines import embedded_engine
from services import Post, User, connect


def order(**options):
    return order_of(Target(seed=7, as_of="2026-11-01", env="minimal", **options))


@pytest.mark.parametrize(
    ("kind", "beginning"), [(None, "/images/"), ("data", "data:image/svg+xml;base64,"), ("none", "None")]
)
def test_a_run_stores_pictures_as_asked(kind, beginning):
    with embedded_engine() as engine:
        report = report_of(order(images=kind), Console(is_quiet=True), is_dry=False, engine=engine)
        with connect(engine=engine) as app:
            stored = [post.image_url for post in app.rows(Post)] + [user.profile_picture_url for user in app.rows(User)]
    assert report.audit.is_clean
    assert len(stored) > 20
    assert all(str(one).startswith(beginning) for one in stored)


def test_url_is_the_world_without_the_option_and_the_others_are_their_own():
    names = [order(images=kind).parts[0].name for kind in (None, *KINDS)]
    assert names[0] == names[1]
    assert len(set(names)) == len(KINDS)
    assert [kind_of(name) for name in names[1:]] == list(KINDS)


def test_the_command_that_makes_the_world_again_says_so():
    assert order(images="data").world.endswith(" --images data")
    assert "--images" not in order(images="url").world


def test_an_unknown_kind_is_refused():
    with pytest.raises(UnknownImagesError, match="url, data, none"):
        order(images="svg")
