"""Pictures of people and posts: what is drawn, and what is stored for it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import PostFactory, UserFactory
from factories.errors import UnknownImagesError
from factories.pictures import draw, images, person_svg, post_svg
from factories.pictures.posts import SCENES
from factories.texts.phrasebook import book_of
from services.validation import URL_MAX

parse = ET.fromstring  # noqa: S314 - of what we drew ourselves
SVG = "{http://www.w3.org/2000/svg}"
KEYS = [*(f"{topic}-{number:012x}" for topic in SCENES for number in range(100)), *map(str, range(200))]
OUTSIDE = re.compile(r"script|href|url\((?!#)|\bon\w+=|https?:(?!//www\.w3\.org/2000/svg)")


@pytest.mark.parametrize("svg", [person_svg, post_svg])
def test_a_picture_is_small_named_and_refers_to_nothing_outside(svg):
    for text in map(svg, KEYS):
        root = parse(text)
        assert root.tag == f"{SVG}svg"
        assert root.findtext(f"{SVG}title")
        assert 400 < len(text) < 1_517  # as base64 within the longest address
        assert not OUTSIDE.search(text)


@pytest.mark.parametrize("svg", [person_svg, post_svg])
def test_every_key_has_a_picture_of_its_own_and_always_the_same(svg):
    first = list(map(svg, KEYS))
    svg.cache_clear()
    assert list(map(svg, KEYS)) == first
    assert len(set(first)) == len(KEYS)


@given(st.text(max_size=80))
def test_any_text_as_a_key_is_drawn_and_never_shown(key):
    for text in (person_svg(key), post_svg(key)):
        parse(text)


@given(st.text(alphabet="<>&\"'/", min_size=1, max_size=20))
def test_a_key_is_not_part_of_the_picture(key):
    assert post_svg(f"food-{key}").startswith(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 120" role="img">'
    )
    assert parse(post_svg(f"food-{key}")).findtext(f"{SVG}title") == SCENES["food"][0]


def test_there_is_a_scene_for_everything_that_people_post_about():
    assert set(SCENES) == set(book_of("en_US").topics)


def test_what_is_stored_is_a_path_of_the_topic_unless_asked_otherwise(app):
    post = PostFactory(topic="garden")
    assert re.fullmatch(r"/images/posts/garden-[0-9a-f]{12}\.svg", post.image_url)
    assert re.fullmatch(r"/images/people/[0-9a-f]{12}\.svg", UserFactory().profile_picture_url)
    assert draw(post.image_url) == post_svg(post.image_url.removeprefix("/images/posts/").removesuffix(".svg"))
    assert app.posts.get(post.id).image_url == post.image_url


def test_the_caption_decides_what_the_image_shows():
    assert "/posts/books-" in PostFactory.build(caption=f"Look! #{book_of('en_US').topics['books'].tags[0]}").image_url
    assert "/posts/pets-" in PostFactory.build(caption="Look!", image_url__topic="pets").image_url


def test_as_data_the_row_holds_the_picture_itself(app):
    with images("data"):
        stored = app.posts.get(PostFactory(topic="films").id).image_url
        person = UserFactory().profile_picture_url
    head, _, body = stored.partition(",")
    assert head == "data:image/svg+xml;base64"
    assert parse(b64decode(body)).findtext(f"{SVG}title") == SCENES["films"][0]
    assert person.startswith(head)
    assert max(len(stored), len(person)) <= URL_MAX
    assert app.audit().is_clean


def test_without_pictures_nothing_is_stored(app):
    with images("none"):
        post = PostFactory()
    assert (post.image_url, app.profiles.get(post.author_id).profile_picture_url) == (None, None)


def test_an_unknown_way_is_refused_with_those_that_there_are():
    with pytest.raises(UnknownImagesError, match="as url, data, none, and not as 'inline'"), images("inline"):
        pass


@pytest.mark.parametrize("path", ["/images/posts/../x.svg", "/images/cats/1.svg", "/images/people/1.png", "/", ""])
def test_no_other_path_has_a_picture(path):
    assert draw(path) is None
