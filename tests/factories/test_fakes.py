"""The social Faker provider."""

from __future__ import annotations

import re

import pytest
from faker import Faker

from factories.texts import words
from factories.texts.fakes import SocialProvider
from factories.texts.phrasebook import book_of
from factories.texts.topics import TOPICS


@pytest.fixture
def fake():
    fake = Faker()
    fake.add_provider(SocialProvider)
    fake.seed_instance(1)
    return fake


def test_usernames_are_unique_and_within_the_limits(fake):
    names = [fake.username() for _ in range(5_000)]
    assert len(set(names)) == 5_000
    assert all(re.fullmatch(r"[a-z0-9_]{3,30}", name) for name in names)


def test_a_username_ends_in_its_code(fake):
    assert fake.username(code="abc1234").endswith("_abc1234")
    assert len(fake.username(code="x" * 25)) <= 30


def test_every_possible_username_stem_fits(fake):
    longest = max(map(len, words.FIRST_NAMES)) + 1 + max(map(len, words.USERNAME_WORDS)) + 8
    assert longest <= 30


def test_a_caption_ends_in_one_to_four_different_hashtags(fake):
    for _ in range(500):
        caption = fake.caption()
        tags = re.findall(r"#(\w+)", caption)
        assert 1 <= len(set(tags)) == len(tags) <= 4
        assert caption.endswith("#" + tags[-1])
        assert "{" not in caption


def test_captions_and_their_tags_keep_to_their_topic(fake):
    for topic in TOPICS:
        tags = re.findall(r"#(\w+)", fake.caption(topic))
        assert set(tags) <= set(book_of("en_US").topics[topic].tags)


def test_hashtags_come_in_the_number_asked_for(fake):
    assert [len(fake.hashtags("food", count)) for count in (0, 3, 99)] == [
        0,
        3,
        len(book_of("en_US").topics["food"].tags),
    ]


@pytest.mark.parametrize("method", ["bio", "comment", "caption"])
def test_text_is_varied_filled_in_and_short_enough(fake, method):
    texts = [getattr(fake, method)() for _ in range(300)]
    assert len(set(texts)) > 100
    assert all(0 < len(text) <= 500 and not set("{}") & set(text) for text in texts)


def test_a_page_of_fifty_captions_hardly_repeats_itself(fake):
    assert len({fake.caption() for _ in range(50)}) >= 49


def test_addresses_are_at_domains_that_are_reserved_for_examples(fake):
    assert re.fullmatch(r"[a-z0-9_]+@example\.(com|net|org)", fake.email_address())


def test_the_generators_seed_decides(fake):
    first = [fake.caption(), fake.bio(), fake.full_name(), fake.comment(), fake.image_url()]
    fake.seed_instance(1)
    assert [fake.caption(), fake.bio(), fake.full_name(), fake.comment(), fake.image_url()] == first
