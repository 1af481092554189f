"""Languages: people write in theirs, each has one, and another language makes another world."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from factories import CommentFactory, PostFactory, UserFactory, using
from factories.command.orders import order_of
from factories.command.target import Target
from factories.errors import UnknownLocaleError
from factories.texts.locales import LOCALES
from factories.texts.phrasebook import book_of
from factories.texts.voices import locale_of


@pytest.mark.parametrize("locale", LOCALES)
def test_no_page_of_fifty_says_anything_twice_and_all_of_it_fits_the_app(app, locale):
    with using(app, seed=7, locale=locale):
        users = UserFactory.create_batch(50)
        posts = PostFactory.create_batch(50, author=users[0])
        comments = CommentFactory.create_batch(50, post=posts[0])

    for texts in ([user.bio for user in users], [post.caption for post in posts], [one.content for one in comments]):
        assert len(set(texts)) == 50
    assert all(re.fullmatch(r"[a-z0-9_]{3,30}", user.handle) for user in users)
    tags = {tag for topic in book_of(locale).topics.values() for tag in topic.tags}
    assert all(post.tags and set(post.tags) <= tags for post in posts)


def test_comments_name_what_the_caption_names_in_japanese_too(app):
    with using(app, seed=7, locale="ja_JP"):
        post = PostFactory(caption="京都の和菓子 #いただきます")
        texts = [comment.content for comment in CommentFactory.create_batch(40, post=post)]

    assert sum("和菓子" in text for text in texts) > 4
    assert any("京都" in text for text in texts)


def test_names_are_those_of_the_language_and_handles_are_romanized(app):
    with using(app, seed=7, locale="ja_JP"):
        user = UserFactory()

    names = book_of("ja_JP").first_names
    last, first = user.full_name.split()
    assert (first, user.handle.split("_")[0]) in names
    assert not last.isascii()


def test_in_a_mixed_world_everybody_has_one_language_which_the_id_tells(app):
    with using(app, seed=7, locale="en_US,de_DE"):
        users = UserFactory.create_batch(40)
        found = Counter(locale_of(user.id) for user in users)
        endings = {locale: book_of(locale).endings for locale in found}
        for user in users:
            for post in PostFactory.create_batch(2, author_id=user.id):
                assert any(ending in post.caption for ending in endings[locale_of(user.id)])

    assert found.keys() == {"en_US", "de_DE"}
    assert min(found.values()) > 10


def test_a_block_inside_speaks_as_the_one_around_it(app):
    with using(app, seed=7, locale="fr_FR") as outer, using(app) as inner:
        assert inner.locale == outer.locale == "fr_FR"


@pytest.mark.parametrize("locale", ["xx_XX", "en_US,tlh", ""])
def test_a_language_without_texts_is_refused_with_those_that_there_are(app, locale):
    with (
        pytest.raises(UnknownLocaleError, match="there are for en_US, de_DE, es_ES, fr_FR, ja_JP"),
        using(app, locale=locale),
    ):
        pass


def test_another_language_is_another_world_and_the_default_one_is_not_named():
    german, english, plain = (
        order_of(Target(seed=7, as_of="2026-11-01", locale=locale)) for locale in ("de-DE", "en_US", None)
    )

    assert german.world.endswith(" --locale de_DE")
    assert english.world == plain.world
    assert english.parts == plain.parts
    assert [part.name + "/de_DE" for part in plain.parts] == [part.name for part in german.parts]
