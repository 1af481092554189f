"""Which hashtags a caption has; and that whatever caption the service takes, a post can be made of it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from factories import PostFactory
from factories.texts.hashtags import hashtags_in
from factories.texts.locales import LOCALES
from factories.texts.phrasebook import book_of
from services.validation import CAPTION_MAX, TAG_MAX, TAGS_MAX

FOUND = [
    ("#sun and #sea", ("sun", "sea")),
    ("#हिन्दी #தமிழ் #ไทย", ("हिन्दी", "தமிழ்", "ไทย")),
    ("#cafe\u0301 #café", ("cafe\u0301", "café")),
    ("#日本語、#カフェ巡り。", ("日本語", "カフェ巡り")),
    ("#العربية #עברית", ("العربية", "עברית")),
    ("#می\u200cخواهم!", ("می\u200cخواهم",)),  # noqa: RUF001 - Persian
    ("\uff03全角 \ufe5fsmall", ("全角", "small")),
    ("#snake_case #2026 #no1", ("snake_case", "2026", "no1")),
    ("#love❤️ #👩🏽\u200d💻 #🇩🇪", ("love❤️", "👩🏽\u200d💻", "🇩🇪")),
    ("#foo-bar, #baz. (#qux) #o'neill", ("foo", "baz", "qux", "o")),
    ("#sun#sea ##sky", ("sun", "sea", "sky")),
    ("#Sun #sun #SUN", ("Sun",)),
    ("C#minor and a#b, no tags", ()),
    ("https://example.org/page#top http://example.org/#/home WWW.example.org/#x", ()),
    ("example.org/#top example.org#top", ()),
    ("ftp://example.org/#a #b", ("b",)),
    ("Tom &#39;n&#39; Jerry", ()),
    ("# #! #\u200d nothing", ()),
    ("", ()),
    (None, ()),
    (7, ()),
]


@pytest.mark.parametrize(("caption", "tags"), FOUND, ids=lambda value: repr(value)[:40])
def test_the_hashtags_of_a_text_are_found_whole_and_once(caption, tags):
    assert hashtags_in(caption) == tags


def test_a_tag_that_is_too_long_is_left_out_and_not_cut():
    assert hashtags_in(f"#{'a' * TAG_MAX} #{'b' * (TAG_MAX + 1)} #c") == ("a" * TAG_MAX, "c")


def test_what_comes_after_the_last_tag_that_a_post_may_have_is_left_out():
    assert hashtags_in(" ".join(f"#t{n}" for n in range(40))) == tuple(f"t{n}" for n in range(TAGS_MAX))


def test_tags_out_of_a_text_of_another_kind_are_plain():
    assert [type(tag) for tag in hashtags_in(Markup("#a #b"))] == [str, str]


@pytest.mark.parametrize("locale", LOCALES)
def test_the_tags_of_the_phrase_books_are_found_as_they_are_written(locale):
    for topic in book_of(locale).topics.values():
        for tag in topic.tags:
            assert hashtags_in(f"so #{tag}") == (tag,)


signs = st.sampled_from(["#", " #", "\uff03", "#a", "\u200d", "\u0301", "/", "&", "https://x.org/", "❤️", " "])
captions = st.lists(signs | st.text(st.characters(exclude_categories=["Cs"]), max_size=60), max_size=40).map("".join)


@given(captions.filter(lambda caption: len(caption) <= CAPTION_MAX))
@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_post_can_be_made_of_any_caption_that_the_service_takes(app, caption):
    post = PostFactory(caption=caption, comments=1)
    assert post.caption == caption
    assert post.tags == hashtags_in(caption)
    assert app.posts.get(post.id) == post


@pytest.mark.parametrize("caption", ["#" * CAPTION_MAX, "#a" * (CAPTION_MAX // 2), f"#{'x' * (CAPTION_MAX - 1)}"])
def test_a_post_can_be_made_of_the_longest_captions(app, caption):
    assert app.posts.get(PostFactory(caption=caption).id).caption == caption
